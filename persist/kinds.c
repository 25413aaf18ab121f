/* kinds.c -- how many objects of which kind and version a vat has stored.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Kept beside the objects, so that what a program lacks is known before anything of
   it runs, without a look at a single object (rule 5).  */

#include <config.h>

#include "kinds.h"
#include "memory.h"

static hobi_kind_count *find(const hobi_kinds *kinds, hob_value name,
                             hob_value version) {
    for (size_t i = 0; i < kinds->count; i++)
        if (hob_equal(kinds->items[i].name, name) &&
            hob_equal(kinds->items[i].version, version))
            return &kinds->items[i];
    return NULL;
}

int hobi_kinds_add(hobi_kinds *kinds, hob_value name, hob_value version,
                   int64_t delta) {
    hobi_kind_count *item = find(kinds, name, version);
    if (item != NULL) {
        item->count += delta;
        return HOB_OK;
    }
    if (kinds->count == kinds->capacity) {
        hobi_kind_count *grown =
            hobi_grow(kinds->items, &kinds->capacity, kinds->count + 1, sizeof *grown);
        if (grown == NULL)
            return HOB_ENOMEM;
        kinds->items = grown;
    }
    kinds->items[kinds->count++] = (hobi_kind_count){name, version, delta};
    return HOB_OK;
}

int hobi_kinds_merge(hobi_kinds *kinds, const hobi_kinds *more) {
    for (size_t i = 0; i < more->count; i++) {
        const hobi_kind_count *item = &more->items[i];
        int code = hobi_kinds_add(kinds, item->name, item->version, item->count);
        if (code != HOB_OK)
            return code;
    }
    return HOB_OK;
}

static hob_value item_to_value(const hobi_kind_count *item) {
    const hob_value fields[] = {item->name, item->version, hob_integer(item->count)};
    return hob_list(3, fields);
}

hob_value hobi_kinds_to_value(const hobi_kinds *kinds) {
    hob_value *items = hobi_alloc((kinds->count + 1) * sizeof *items);
    size_t count = 0;
    for (size_t i = 0; items != NULL && i < kinds->count; i++) {
        if (kinds->items[i].count == 0)
            continue;
        items[count] = item_to_value(&kinds->items[i]);
        if (items[count++] == NULL)
            return NULL;
    }
    return items == NULL ? NULL : hob_list(count, items);
}

int hobi_kinds_from_value(hobi_kinds *kinds, hob_value value) {
    if (hob_type_of(value) != HOB_LIST)
        return HOB_EDAMAGED;
    for (size_t i = 0; i < hob_count(value); i++) {
        hob_value item = hob_item(value, i);
        int64_t count = 0;
        if (hob_type_of(item) != HOB_LIST || hob_count(item) != 3 ||
            !hob_get_int64(hob_item(item, 2), &count) || count < 0)
            return HOB_EDAMAGED;
        if (hobi_kinds_add(kinds, hob_item(item, 0), hob_item(item, 1), count) !=
            HOB_OK)
            return HOB_ENOMEM;
    }
    return HOB_OK;
}

/* A kind of C that has no restore function reads its own version only.  */
static const char *fault(const hobi_kind_count *item,
                         const hob_environment *environment) {
    const hobi_entry *entry = hobi_environment_find(environment, item->name);
    int64_t version = 0;
    if (entry == NULL)
        return "not in the environment";
    if (entry->kind == NULL || entry->kind->restore != NULL)
        return NULL;
    if (hob_get_int64(item->version, &version) && version == entry->kind->version)
        return NULL;
    return "has no restore function for this version";
}

int hobi_kinds_check(const hobi_kinds *kinds, const hob_environment *environment,
                     const char *where, hob_error *error) {
    hobi_kinds missing = {0};
    const char *list = "";
    int code = HOB_OK;
    for (size_t i = 0; i < kinds->count && list != NULL; i++) {
        const hobi_kind_count *item = &kinds->items[i];
        const char *why = item->count > 0 ? fault(item, environment) : NULL;
        if (why == NULL)
            continue;
        code = hobi_environment_find(environment, item->name) == NULL ? HOB_ENOTFOUND
               : code == HOB_OK                                       ? HOB_EVERSION
                                                                      : code;
        list = hobi_format("%s\n  %s, version %s, %lld object%s: %s", list,
                           hob_print(item->name, 100), hob_print(item->version, 40),
                           (long long)item->count, item->count == 1 ? "" : "s", why);
        if (hobi_kinds_add(&missing, item->name, item->version, item->count) != HOB_OK)
            return hobi_error(error, HOB_ENOMEM, "checking the kinds of %s", where);
    }
    if (code == HOB_OK)
        return code;
    hobi_error(error, code,
               "%s has objects of kinds that this program does not know:%s\n"
               "Nothing was run or changed. Add the kinds to the environment.",
               where, list != NULL ? list : "");
    if (error != NULL)
        error->problem = hobi_kinds_to_value(&missing);
    return code;
}
