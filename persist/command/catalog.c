/* catalog.c -- the vats of a store, without their objects.
   SPDX-License-Identifier: LGPL-3.0-or-later

   keeper.h has the keys and what stands under them.  The keeper refuses a vat with a
   record that is wrong; here the others of it are read all the same, and each wrong
   one is told (rule 9).  */

#include <config.h>

#include "catalog.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct reading {
    hob_store *store;
    struct catalog *catalog;
    tell_problem *tell;
    void *data;
};

struct entry *find_entry(const struct catalog *catalog, int64_t number) {
    for (size_t i = 0; i < catalog->count; i++)
        if (catalog->entries[i].number == number)
            return &catalog->entries[i];
    return NULL;
}

/* ----------------------------------------------------------------- the keys */

/* A number without leading zeros at *AT, before END; 0: there is none.  */
static uint64_t read_number(const char **at, const char *end) {
    uint64_t number = 0;
    if (*at < end && **at == '0')
        return 0;
    for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
        if (number > (INT64_MAX - 9) / 10)
            return 0;
        number = number * 10 + (uint64_t)(**at - '0');
    }
    return number;
}

static bool rest_is(const char *at, const char *end, const char *what) {
    return (size_t)(end - at) == strlen(what) && memcmp(at, what, strlen(what)) == 0;
}

struct place read_key(hobi_bytes key) {
    const char *at = key.data, *end = at + key.size;
    struct place place = {0};
    if (rest_is(at, end, "vats"))
        return (struct place){.known = true};
    place.number = (int64_t)read_number(&at, end);
    if (place.number == 0)
        return place;
    if (end - at > 3 && memcmp(at, "/o/", 3) == 0) {
        at += 3;
        place.id = read_number(&at, end);
        place.known = place.id > 0 && at == end;
        return place;
    }
    place.known = rest_is(at, end, "/vat") || rest_is(at, end, "/ids") ||
                  rest_is(at, end, "/kinds");
    return place;
}

/* ----------------------------------------------------------- a vat's records */

/* Gives OK with VALUE NULL when it is not there or cannot be read, which was told.  */
static int read_part(const struct reading *r, const struct entry *entry,
                     const char *what, bool needed, hob_value *value) {
    char key[HOBI_KEY_SIZE];
    hob_error error = {0};
    hobi_key(key, entry->number, what);
    *value = NULL;
    int code = hobi_read_value(r->store, key, value, &error);
    if (code == HOB_ENOMEM)
        return code;
    if (code == HOB_ENOTFOUND && needed)
        r->tell(r->data, key, "there is no such record, and the vat has been saved");
    else if (code != HOB_OK && code != HOB_ENOTFOUND)
        r->tell(r->data, key, error.message);
    if (code != HOB_OK)
        *value = NULL;
    return HOB_OK;
}

static void tell_part(const struct reading *r, const struct entry *entry,
                      const char *what, const char *problem) {
    char key[HOBI_KEY_SIZE];
    hobi_key(key, entry->number, what);
    r->tell(r->data, key, problem);
}

static bool is_list_of_ids(hob_value list) {
    if (hob_type_of(list) != HOB_LIST || hob_tail(list) != NULL)
        return false;
    for (size_t i = 0; i < hob_count(list); i++) {
        int64_t id = 0;
        if (!hob_get_int64(hob_item(list, i), &id) || id <= 0)
            return false;
    }
    return true;
}

static int read_roots(const struct reading *r, struct entry *entry) {
    hob_value vat = NULL;
    int code = read_part(r, entry, "vat", false, &vat);
    if (vat == NULL)
        return code;
    entry->saved = true;
    if (hob_type_of(vat) != HOB_LIST || hob_count(vat) != 2 ||
        !is_list_of_ids(hob_item(vat, 1))) {
        tell_part(r, entry, "vat", "it is not a version and a list of roots");
        return HOB_OK;
    }
    entry->roots_version = hob_item(vat, 0);
    entry->roots = hob_item(vat, 1);
    return HOB_OK;
}

static int read_ids(const struct reading *r, struct entry *entry) {
    hob_value ids = NULL;
    int code = read_part(r, entry, "ids", entry->saved, &ids);
    if (ids != NULL && (!hob_get_int64(ids, &entry->ceiling) || entry->ceiling <= 0)) {
        entry->ceiling = 0;
        tell_part(r, entry, "ids", "it is not the number of an object to come");
    }
    return code;
}

static int read_kinds(const struct reading *r, struct entry *entry) {
    hob_value kinds = NULL;
    int code = read_part(r, entry, "kinds", entry->saved, &kinds);
    if (kinds == NULL)
        return code;
    code = hobi_kinds_from_value(&entry->kinds, kinds);
    if (code == HOB_EDAMAGED)
        tell_part(r, entry, "kinds", "it is not a table of kinds, versions and counts");
    return code == HOB_ENOMEM ? code : HOB_OK;
}

static int read_entry(const struct reading *r, struct entry *entry) {
    int code = read_roots(r, entry);
    code = code != HOB_OK ? code : read_ids(r, entry);
    return code != HOB_OK ? code : read_kinds(r, entry);
}

/* -------------------------------------------------------------- all of them */

static bool is_entry(hob_value item, struct entry *entry) {
    size_t size = 0;
    if (hob_type_of(item) != HOB_LIST || hob_count(item) != 3 ||
        hob_type_of(hob_item(item, 0)) != HOB_STRING ||
        hob_type_of(hob_item(item, 2)) != HOB_BYTES)
        return false;
    hob_text(hob_item(item, 2), &size);
    entry->key = hob_text(hob_item(item, 0), NULL);
    entry->id = hob_item(item, 2);
    return size == HOBI_VAT_ID_SIZE &&
           hob_get_int64(hob_item(item, 1), &entry->number) && entry->number > 0;
}

static int add_entry(const struct reading *r, hob_value item) {
    struct entry entry = {0};
    if (!is_entry(item, &entry)) {
        r->tell(r->data, "vats",
                hobi_format("%s is not the entry of a vat", hob_print(item, 100)));
        return HOB_OK;
    }
    if (find_entry(r->catalog, entry.number) != NULL) {
        r->tell(r->data, "vats",
                hobi_format("two vats have the number %" PRId64, entry.number));
        return HOB_OK;
    }
    int code = read_entry(r, &entry);
    r->catalog->entries[r->catalog->count++] = entry;
    return code;
}

int read_catalog(hob_store *store, struct catalog *catalog, tell_problem *tell,
                 void *data) {
    const struct reading r = {store, catalog, tell, data};
    hob_value vats = NULL;
    hob_error error = {0};
    *catalog = (struct catalog){0};
    int code = hobi_read_value(store, "vats", &vats, &error);
    if (code == HOB_ENOTFOUND)
        return HOB_OK;
    if (code != HOB_OK || hob_type_of(vats) != HOB_LIST) {
        tell(data, "vats", code != HOB_OK ? error.message : "it is no list");
        return code == HOB_ENOMEM ? code : HOB_OK;
    }
    catalog->entries = hobi_alloc((hob_count(vats) + 1) * sizeof *catalog->entries);
    if (catalog->entries == NULL)
        return HOB_ENOMEM;
    for (size_t i = 0; i < hob_count(vats) && code == HOB_OK; i++)
        code = add_entry(&r, hob_item(vats, i));
    return code;
}
