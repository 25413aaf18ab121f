/* environment.c -- which kind a name in a store means.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A name stands for one kind.  A second kind under a name that is taken is refused
   (W34): objects would come back as something they never were.  The same kind under
   the same name twice is no conflict, so environments that share a library can be
   composed.  */

#include <config.h>

#include <string.h>

#include "environment.h"
#include "memory.h"

hob_environment *hob_environment_new(void) {
    return hobi_alloc(sizeof(hob_environment));
}

/* Where NAME is, or would be put.  */
static size_t place(const hob_environment *environment, hob_value name) {
    size_t low = 0, high = environment->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (hob_compare(environment->entries[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const hobi_entry *hobi_environment_find(const hob_environment *environment,
                                        hob_value name) {
    size_t index = place(environment, name);
    if (index == environment->count ||
        !hob_equal(environment->entries[index].name, name))
        return NULL;
    return &environment->entries[index];
}

const hobi_entry *hobi_environment_find_kind(const hob_environment *environment,
                                             const hob_kind *kind) {
    for (size_t i = 0; i < environment->count; i++)
        if (environment->entries[i].kind == kind)
            return &environment->entries[i];
    return NULL;
}

static int insert(hob_environment *environment, const hobi_entry *entry,
                  hob_error *error) {
    if (environment->count == environment->capacity) {
        hobi_entry *grown = hobi_grow(environment->entries, &environment->capacity,
                                      environment->count + 1, sizeof *grown);
        if (grown == NULL)
            return hobi_error(error, HOB_ENOMEM, "adding a kind to an environment");
        environment->entries = grown;
    }
    size_t index = place(environment, entry->name);
    memmove(environment->entries + index + 1, environment->entries + index,
            (environment->count - index) * sizeof *environment->entries);
    environment->entries[index] = *entry;
    environment->count++;
    return HOB_OK;
}

static int add(hob_environment *environment, const hobi_entry *entry,
               hob_error *error) {
    const hobi_entry *old = hobi_environment_find(environment, entry->name);
    if (old == NULL)
        return insert(environment, entry, error);
    if (old->kind == entry->kind && old->spec == entry->spec)
        return HOB_OK;
    return hobi_error(error, HOB_EEXISTS,
                      "the environment has another kind under the name %s: give one of "
                      "them another name, or a namespace",
                      hob_print(entry->name, 100));
}

/* Found out here, and not when the first object of the kind cannot be saved.  */
static int add_named(hob_environment *environment, const hobi_entry *entry,
                     hob_error *error) {
    hob_buffer scratch = {0};
    hob_error why = {0};
    int code = hob_syrup_encode(entry->name, NULL, &scratch, &why);
    if (code == HOB_OK)
        return add(environment, entry, error);
    return hobi_error(error, code, "a kind cannot have the name %s: %s",
                      hob_print(entry->name, 100), why.message);
}

int hob_environment_add(hob_environment *environment, hob_value name,
                        const hob_kind *kind, hob_error *error) {
    if (kind == NULL)
        return hobi_error(error, HOB_EINVAL, "no kind to add to the environment");
    if (name == NULL)
        name = hob_symbol_from(kind->name);
    if (name == NULL)
        return hobi_error(error, HOB_ENOMEM, "adding a kind to an environment");
    return add_named(environment, &(hobi_entry){name, kind, NULL}, error);
}

int hob_environment_add_host(hob_environment *environment, hob_value name,
                             const void *spec, hob_error *error) {
    return add_named(environment, &(hobi_entry){name, NULL, spec}, error);
}

int hob_environment_compose(hob_environment *environment, const hob_environment *other,
                            hob_error *error) {
    for (size_t i = 0; i < other->count; i++) {
        int code = add(environment, &other->entries[i], error);
        if (code != HOB_OK)
            return code;
    }
    return HOB_OK;
}

hob_value hob_namespaced(const char *space, const char *name) {
    const hob_value names[] = {hob_symbol_from(space), hob_symbol_from(name)};
    return names[0] == NULL || names[1] == NULL ? NULL : hob_list(2, names);
}
