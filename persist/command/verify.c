/* verify.c -- hob verify: is all of a store as it must be?
   SPDX-License-Identifier: LGPL-3.0-or-later

   Three layers, each of which the one above cannot see: the bytes (the checksum of each
   record, and what the GDBM file says of itself), the records (each decodes), and what
   they say of each other: each reference has its record, each id is below the ceiling
   (else it would be given out again), the tables of kinds count what is there, the
   roots exist.

   First a pass over the keys, then one over the values: what refers to what cannot be
   told before all ids are known.  Ids are kept in sorted arrays, 8 bytes an object.  */

#include <config.h>

#include "command.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "catalog.h"
#include "object.h"
#include "progress.h"

/* The ids of one vat's objects.  */
struct ids {
    uint64_t *items;
    size_t count, capacity;
};

struct verification {
    hob_store *store;
    struct catalog catalog;
    struct ids *ids;   /* of each vat of the catalog */
    hobi_kinds *found; /* the same */
    struct progress progress;
    uint64_t problems;
    bool scan_failed;
    /* The record that is being looked at.  */
    const struct entry *entry;
    const char *key;
};

static void tell(void *data, const char *key, const char *what) {
    struct verification *v = data;
    progress_clear(&v->progress);
    printf("%s: %s\n", key, what);
    v->problems++;
}

static const char *key_text(hobi_bytes key) {
    hob_value text = hob_string(key.data, key.size);
    if (text == NULL)
        text = hob_bytes(key.data, key.size);
    const char *printed = text == NULL ? NULL : hob_print(text, 200);
    return printed == NULL ? "?" : printed;
}

/* ------------------------------------------------------------------- the keys */

static int add_id(struct ids *ids, uint64_t id) {
    if (ids->count == ids->capacity) {
        size_t capacity = ids->capacity > 0 ? ids->capacity * 2 : 64;
        uint64_t *grown = realloc(ids->items, capacity * sizeof *grown);
        if (grown == NULL)
            return HOB_ENOMEM;
        ids->items = grown;
        ids->capacity = capacity;
    }
    ids->items[ids->count++] = id;
    return HOB_OK;
}

static int order(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static bool has_id(const struct ids *ids, uint64_t id) {
    return ids->count > 0 &&
           bsearch(&id, ids->items, ids->count, sizeof id, order) != NULL;
}

static struct ids *ids_of(const struct verification *v, const struct entry *entry) {
    return &v->ids[entry - v->catalog.entries];
}

static int check_object_key(struct verification *v, struct place place,
                            const struct entry *entry, const char *key) {
    if (!entry->saved)
        tell(v, key, "an object of a vat that was never saved");
    if (entry->ceiling > 0 && place.id >= (uint64_t)entry->ceiling)
        tell(v, key,
             hobi_format("the number is not below %" PRId64
                         ", from where on new ones are given out",
                         entry->ceiling));
    return add_id(ids_of(v, entry), place.id);
}

static int see_key(void *data, hobi_bytes key, hobi_bytes value) {
    struct verification *v = data;
    const struct place place = read_key(key);
    (void)value;
    progress_step(&v->progress);
    if (!place.known) {
        tell(v, key_text(key), "a key that means nothing to this version of hob");
        return HOB_OK;
    }
    if (place.number == 0)
        return HOB_OK;
    const struct entry *entry = find_entry(&v->catalog, place.number);
    const char *text = hobi_copy_text(key.data, key.size);
    if (text == NULL)
        return HOB_ENOMEM;
    if (entry == NULL) {
        tell(v, text, "it belongs to no vat of the store");
        return HOB_OK;
    }
    return place.id == 0 ? HOB_OK : check_object_key(v, place, entry, text);
}

/* ----------------------------------------------------------------- the values */

static void see_reference(void *data, uint64_t id) {
    struct verification *v = data;
    if (!has_id(ids_of(v, v->entry), id))
        tell(v, v->key,
             hobi_format("it refers to object %" PRIu64 ", of which there is no record",
                         id));
}

static int see_value(void *data, hobi_bytes key, hobi_bytes value) {
    struct verification *v = data;
    const struct place place = read_key(key);
    hob_record object;
    hob_error error = {0};
    progress_step(&v->progress);
    v->entry = find_entry(&v->catalog, place.number);
    if (!place.known || place.id == 0 || v->entry == NULL)
        return HOB_OK;
    v->key = hobi_copy_text(key.data, key.size);
    if (v->key == NULL)
        return HOB_ENOMEM;
    int code = read_object(value, see_reference, v, 0, &object, &error);
    if (code == HOB_ENOMEM)
        return code;
    if (code != HOB_OK) {
        tell(v, v->key, error.message);
        return HOB_OK;
    }
    return hobi_kinds_add(&v->found[v->entry - v->catalog.entries], object.name,
                          object.version, 1);
}

/* ------------------------------------------------------------------ the tables */

static int check_counts(struct verification *v, const struct entry *entry) {
    char key[HOBI_KEY_SIZE];
    hobi_kinds difference = v->found[entry - v->catalog.entries];
    hobi_key(key, entry->number, "kinds");
    for (size_t i = 0; i < entry->kinds.count; i++) {
        const hobi_kind_count *item = &entry->kinds.items[i];
        if (hobi_kinds_add(&difference, item->name, item->version, -item->count) !=
            HOB_OK)
            return HOB_ENOMEM;
    }
    for (size_t i = 0; i < difference.count; i++) {
        const hobi_kind_count *item = &difference.items[i];
        if (item->count != 0)
            tell(v, key,
                 hobi_format("of kind %s, version %s, there are %" PRId64
                             " objects %s than the table counts",
                             hob_print(item->name, 100), hob_print(item->version, 100),
                             item->count < 0 ? -item->count : item->count,
                             item->count < 0 ? "less" : "more"));
    }
    return HOB_OK;
}

static void check_roots(struct verification *v, const struct entry *entry) {
    char key[HOBI_KEY_SIZE];
    hobi_key(key, entry->number, "vat");
    if (entry->saved && entry->roots != NULL && hob_count(entry->roots) == 0)
        tell(v, key, "the vat has no root");
    for (size_t i = 0; entry->roots != NULL && i < hob_count(entry->roots); i++) {
        int64_t id = 0;
        hob_get_int64(hob_item(entry->roots, i), &id);
        if (!has_id(ids_of(v, entry), (uint64_t)id))
            tell(v, key,
                 hobi_format(
                     "object %" PRId64 " is a root, and there is no record of it", id));
    }
}

/* ------------------------------------------------------------------ all of it */

static uint64_t count_records(hob_store *store) {
    hob_store_information about;
    hob_store_get_information(store, &about);
    return about.records;
}

static int pass(struct verification *v, const char *what, hobi_visit *visit,
                hob_error *error) {
    progress_begin(&v->progress, what, count_records(v->store));
    int code = hobi_store_iterate(v->store, visit, v, error);
    progress_clear(&v->progress);
    return code;
}

/* A scan stops at the first record with a wrong checksum and does not say which it is:
   so each object is asked for.  Those that cannot be read are told.  */
static int find_damaged(struct verification *v, const struct entry *entry) {
    char key[HOBI_KEY_SIZE];
    progress_begin(&v->progress, "looking for the damage", (uint64_t)entry->ceiling);
    for (int64_t id = 1; id < entry->ceiling; id++) {
        hobi_bytes value;
        hob_error error = {0};
        hobi_object_key(key, entry->number, (uint64_t)id);
        int code = hobi_store_read(v->store, hobi_text_bytes(key), &value, &error);
        if (code == HOB_ENOMEM)
            return code;
        if (code != HOB_OK && code != HOB_ENOTFOUND)
            tell(v, key, error.message);
        progress_step(&v->progress);
    }
    progress_clear(&v->progress);
    return HOB_OK;
}

static int find_all_damaged(struct verification *v, const hob_error *error) {
    uint64_t before = v->problems;
    int code = HOB_OK;
    for (size_t i = 0; i < v->catalog.count && code == HOB_OK; i++)
        code = find_damaged(v, &v->catalog.entries[i]);
    if (v->problems == before)
        tell(v, "the store", error->message);
    return code;
}

static int prepare(struct verification *v) {
    int code = read_catalog(v->store, &v->catalog, tell, v);
    if (code != HOB_OK)
        return code;
    v->ids = hobi_alloc((v->catalog.count + 1) * sizeof *v->ids);
    v->found = hobi_alloc((v->catalog.count + 1) * sizeof *v->found);
    return v->ids == NULL || v->found == NULL ? HOB_ENOMEM : HOB_OK;
}

static int check_records(struct verification *v, hob_error *error) {
    for (size_t i = 0; i < v->catalog.count; i++)
        if (v->ids[i].count > 0)
            qsort(v->ids[i].items, v->ids[i].count, sizeof *v->ids[i].items, order);
    int code = pass(v, "values", see_value, error);
    for (size_t i = 0; i < v->catalog.count && code == HOB_OK; i++) {
        check_roots(v, &v->catalog.entries[i]);
        code = check_counts(v, &v->catalog.entries[i]);
    }
    return code;
}

static int check_all(struct verification *v, hob_error *error) {
    int code = prepare(v);
    if (code != HOB_OK)
        return code;
    code = pass(v, "keys", see_key, error);
    if (code == HOB_EDAMAGED) {
        v->scan_failed = true;
        return find_all_damaged(v, error);
    }
    return code == HOB_OK ? check_records(v, error) : code;
}

static void free_ids(struct verification *v) {
    for (size_t i = 0; v->ids != NULL && i < v->catalog.count; i++)
        free(v->ids[i].items);
}

/* What only a check at open finds: GDBM's index, and the file's own counts.  When the
   file is bad and the other one is whole, it opens with that one.  */
static int check_file(struct verification *v, const char *path) {
    hob_store *store = NULL;
    hob_error error = {0};
    int status = open_store(&verify_command, path, true, &store, &error);
    if (status == FAILED)
        return FAILED;
    if (status == DAMAGED && !v->scan_failed)
        tell(v, "the store", error.message);
    if (status != GOOD)
        return GOOD;
    hob_store_close(store, NULL);
    if (v->scan_failed)
        puts(
            "The other GDBM file of the store is whole: a program that opens the store "
            "with the\noption to verify goes on from that one.");
    return GOOD;
}

static int verify(const char *path) {
    struct verification v = {0};
    hob_error error = {0};
    int status = open_store(&verify_command, path, false, &v.store, &error);
    if (status == DAMAGED)
        printf("the store: %s\n", error.message);
    if (status != GOOD)
        return status;
    int code = check_all(&v, &error);
    free_ids(&v);
    hob_store_close(v.store, NULL);
    if (code != HOB_OK)
        return complain(&verify_command, "%s: %s", path,
                        error.message != NULL ? error.message : hob_strerror(code));
    if (check_file(&v, path) != GOOD)
        return FAILED;
    return v.problems == 0 ? GOOD : DAMAGED;
}

static int run(int argc, char **argv) {
    static const struct option options[] = {{"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option != 'h')
            return complain_of_use(&verify_command, "no such option: %s",
                                   argv[optind - 1]);
        print_help(&verify_command);
        return GOOD;
    }
    if (argc - optind != 1)
        return complain_of_use(&verify_command, "give the folder of one store");
    return verify(argv[optind]);
}

const struct subcommand verify_command = {
    .name = "verify",
    .arguments = "STORE",
    .summary = "Check all of a store, and tell each problem on a line",
    .help =
        "The checksum of each record; that each record can be decoded; that each\n"
        "object that is referred to is there; that the tables of kinds count what\n"
        "is there; that roots exist.  A problem is a line that begins with the key\n"
        "of the record.  Nothing is printed when all is well.\n\n"
        "Exit status: 0 all is well; 1 problems were found; 2 it could not be\n"
        "checked.\n",
    .run = run,
};
