/* keeper.c -- a vat joins its part of a store.
   SPDX-License-Identifier: LGPL-3.0-or-later

   One running vat for each part: a second one would write over the first (W36).  A
   vat that was halted may be replaced by one that starts from the store; it cannot
   save any more then.  */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define GC_THREADS
#include <gc/gc.h>

#include "keeper.h"

/* The vats that are open in a store; uncollectable, freed with the store.  */
struct hobi_open_vat {
    struct hobi_open_vat *next;
    hob_keeper *keeper;
};

hobi_bytes hobi_text_bytes(const char *text) {
    return (hobi_bytes){text, strlen(text)};
}

void hobi_key(char *buffer, int64_t number, const char *what) {
    snprintf(buffer, HOBI_KEY_SIZE, "%" PRId64 "/%s", number, what);
}

void hobi_object_key(char *buffer, int64_t number, uint64_t id) {
    snprintf(buffer, HOBI_KEY_SIZE, "%" PRId64 "/o/%" PRIu64, number, id);
}

hob_keeper *hob_vat_keeper(const hob_vat *vat) {
    return vat->saver.data;
}

bool hob_keeper_fresh(const hob_keeper *keeper) {
    return keeper->fresh;
}

size_t hob_keeper_root_count(const hob_keeper *keeper) {
    return keeper->root_count;
}

hob_value hob_keeper_root(const hob_keeper *keeper, size_t index) {
    return index < keeper->root_count ? hobi_from_refr(keeper->roots[index]) : NULL;
}

hob_value hob_keeper_roots_version(const hob_keeper *keeper) {
    return keeper->roots_version;
}

const unsigned char *hob_keeper_vat_id(const hob_keeper *keeper) {
    return keeper->vat_id;
}

bool hob_keeper_grouped(const hob_keeper *keeper) {
    return keeper->vat->saver.grouped;
}

int hobi_keeper_check_open(const hob_keeper *keeper, hob_error *error) {
    if (!keeper->closed)
        return HOB_OK;
    return hobi_error(
        error, HOB_ECLOSED,
        "vat %s is out of use: its store was closed, or the vat was opened "
        "again from it",
        keeper->key);
}

/* ------------------------------------------------- which vat of the store  */

static bool is_ours(hob_value entry, const char *key) {
    if (hob_type_of(entry) != HOB_LIST || hob_count(entry) != 3 ||
        hob_type_of(hob_item(entry, 0)) != HOB_STRING)
        return false;
    return strcmp(hob_text(hob_item(entry, 0), NULL), key) == 0;
}

static int adopt_entry(hob_keeper *keeper, hob_value entry, hob_error *error) {
    size_t size = 0;
    const char *id = hob_text(hob_item(entry, 2), &size);
    if (id == NULL || size != HOBI_VAT_ID_SIZE ||
        !hob_get_int64(hob_item(entry, 1), &keeper->number) || keeper->number <= 0)
        return hobi_error(error, HOB_EDAMAGED, "the entry of vat %s in the record vats",
                          keeper->key);
    memcpy(keeper->vat_id, id, size);
    return HOB_OK;
}

static hob_value entry_value(const hob_keeper *keeper) {
    const hob_value fields[] = {hob_string_from(keeper->key),
                                hob_integer(keeper->number),
                                hob_bytes(keeper->vat_id, HOBI_VAT_ID_SIZE)};
    return fields[0] == NULL || fields[2] == NULL ? NULL : hob_list(3, fields);
}

static hob_value list_with(hob_value vats, hob_value entry) {
    size_t count = vats == NULL ? 0 : hob_count(vats);
    hob_value *items = entry == NULL ? NULL : hobi_alloc((count + 1) * sizeof *items);
    if (items == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        items[i] = hob_item(vats, i);
    items[count] = entry;
    return hob_list(count + 1, items);
}

static int store_vats(hob_keeper *keeper, hob_value vats, hob_error *error) {
    hob_buffer buffer = {0};
    uint64_t lsn = 0;
    if (vats == NULL || hob_syrup_encode(vats, NULL, &buffer, NULL) != HOB_OK)
        return hobi_error(error, HOB_ENOMEM, "opening vat %s", keeper->key);
    const hobi_change change = {.key = hobi_text_bytes("vats"),
                                .value = {buffer.data, buffer.size}};
    int code = hobi_store_submit(keeper->store, 1, &change, &lsn, error);
    return code == HOB_OK ? hobi_store_wait(keeper->store, lsn, error) : code;
}

static int register_vat(hob_keeper *keeper, hob_value vats, hob_error *error) {
    keeper->number = vats == NULL ? 1 : (int64_t)hob_count(vats) + 1;
    int code = hobi_random_bytes(keeper->vat_id, HOBI_VAT_ID_SIZE, error);
    if (code != HOB_OK)
        return code;
    return store_vats(keeper, list_with(vats, entry_value(keeper)), error);
}

static int find_vat(hob_keeper *keeper, hob_error *error) {
    hob_value vats = NULL;
    int code = hobi_read_value(keeper->store, "vats", &vats, error);
    if (code != HOB_OK && code != HOB_ENOTFOUND)
        return code;
    if (vats != NULL && hob_type_of(vats) != HOB_LIST)
        return hobi_error(error, HOB_EDAMAGED, "the record vats is no list");
    for (size_t i = 0; vats != NULL && i < hob_count(vats); i++)
        if (is_ours(hob_item(vats, i), keeper->key))
            return adopt_entry(keeper, hob_item(vats, i), error);
    return register_vat(keeper, vats, error);
}

/* ------------------------------------------------- one vat for each part   */

static void forget_vats(hob_store *store) {
    while (store->vats != NULL) {
        struct hobi_open_vat *open = store->vats;
        store->vats = open->next;
        open->keeper->closed = true;
        GC_FREE(open);
    }
}

static int take_place(struct hobi_open_vat *open, hob_keeper *keeper,
                      hob_error *error) {
    if (hob_vat_running(open->keeper->vat) && open->keeper->vat != keeper->vat)
        return hobi_error(error, HOB_EBUSY,
                          "vat %s of this store is open already, as %s: halt it first",
                          keeper->key, hob_vat_name(open->keeper->vat));
    open->keeper->closed = true;
    open->keeper = keeper;
    return HOB_OK;
}

static int add_open(hob_keeper *keeper, hob_error *error) {
    struct hobi_open_vat *open = GC_MALLOC_UNCOLLECTABLE(sizeof *open);
    if (open == NULL)
        return hobi_error(error, HOB_ENOMEM, "opening vat %s", keeper->key);
    open->keeper = keeper;
    open->next = keeper->store->vats;
    keeper->store->vats = open;
    keeper->store->forget_vats = forget_vats;
    return HOB_OK;
}

static int claim(hob_keeper *keeper, hob_error *error) {
    for (struct hobi_open_vat *open = keeper->store->vats; open; open = open->next)
        if (open->keeper->number == keeper->number)
            return take_place(open, keeper, error);
    return add_open(keeper, error);
}

/* ------------------------------------------------------ what the store has */

static int read_part(hob_keeper *keeper, const char *what, hob_value *value,
                     hob_error *error) {
    char key[HOBI_KEY_SIZE];
    hobi_key(key, keeper->number, what);
    return hobi_read_value(keeper->store, key, value, error);
}

static int bad_part(const hob_keeper *keeper, const char *what, hob_error *error) {
    return hobi_error(error, HOB_EDAMAGED,
                      "the record %" PRId64 "/%s is not what it "
                      "should be",
                      keeper->number, what);
}

static int read_ids(hob_keeper *keeper, hob_error *error) {
    hob_value value = NULL;
    int64_t ceiling = 0;
    int code = read_part(keeper, "ids", &value, error);
    if (code == HOB_ENOTFOUND ||
        (code == HOB_OK && (!hob_get_int64(value, &ceiling) || ceiling <= 0)))
        return bad_part(keeper, "ids", error);
    keeper->id_ceiling = (uint64_t)ceiling;
    if (keeper->vat->turn.next_id < keeper->id_ceiling)
        keeper->vat->turn.next_id = keeper->id_ceiling;
    return code;
}

static int read_kinds(hob_keeper *keeper, hob_error *error) {
    hob_value value = NULL;
    int code = read_part(keeper, "kinds", &value, error);
    if (code == HOB_OK)
        code = hobi_kinds_from_value(&keeper->kinds, value);
    return code == HOB_EDAMAGED || code == HOB_ENOTFOUND
               ? bad_part(keeper, "kinds", error)
               : code;
}

static int make_roots(hob_keeper *keeper, hob_value ids, hob_error *error) {
    keeper->root_count = hob_count(ids);
    keeper->roots = hobi_alloc((keeper->root_count + 1) * sizeof *keeper->roots);
    if (keeper->roots == NULL)
        return hobi_error(error, HOB_ENOMEM, "opening vat %s", keeper->key);
    for (size_t i = 0; i < keeper->root_count; i++) {
        int64_t id = 0;
        if (!hob_get_int64(hob_item(ids, i), &id) || id <= 0)
            return bad_part(keeper, "vat", error);
        keeper->roots[i] = hobi_keeper_refr(keeper, (uint64_t)id);
        if (keeper->roots[i] == NULL)
            return hobi_error(error, HOB_ENOMEM, "opening vat %s", keeper->key);
    }
    return HOB_OK;
}

static int read_roots(hob_keeper *keeper, hob_value vat, hob_error *error) {
    if (hob_type_of(vat) != HOB_LIST || hob_count(vat) != 2 ||
        hob_type_of(hob_item(vat, 1)) != HOB_LIST)
        return bad_part(keeper, "vat", error);
    keeper->roots_version = hob_item(vat, 0);
    return make_roots(keeper, hob_item(vat, 1), error);
}

/* Kinds before refrs before anything runs (rule 5).  */
static int read_vat(hob_keeper *keeper, hob_error *error) {
    hob_value vat = NULL;
    int code = read_part(keeper, "vat", &vat, error);
    keeper->fresh = code == HOB_ENOTFOUND;
    if (code != HOB_OK)
        return keeper->fresh ? HOB_OK : code;
    code = read_kinds(keeper, error);
    if (code == HOB_OK)
        code = hobi_kinds_check(&keeper->kinds, keeper->environment,
                                hobi_format("vat %s", keeper->key), error);
    if (code == HOB_OK)
        code = read_ids(keeper, error);
    return code == HOB_OK ? read_roots(keeper, vat, error) : code;
}

/* ------------------------------------------------------------------ joining */

static int save_c_objects(hob_vat *vat, void *data, uint64_t *ticket,
                          hob_error *error) {
    hob_keeper *keeper = data;
    (void)vat;
    int code = hob_keeper_save_begin(keeper, false, error);
    if (code != HOB_OK)
        return code;
    for (hob_value refr; (refr = hob_keeper_save_next(keeper)) != NULL;) {
        code = hob_keeper_save_c(keeper, refr, error);
        if (code != HOB_OK) {
            hob_keeper_save_abort(keeper);
            return code;
        }
    }
    return hob_keeper_save_finish(keeper, ticket, error);
}

static int wait_for(hob_vat *vat, void *data, uint64_t ticket, hob_error *error) {
    (void)vat;
    return hob_keeper_wait(data, ticket, error);
}

static int wake_c_object(hob_vat *vat, void *data, hob_value refr, hob_error *error) {
    hob_record record;
    (void)vat;
    int code = hob_keeper_record(data, refr, &record, error);
    return code == HOB_OK ? hob_keeper_wake(data, refr, &record, error) : code;
}

static void attach(hob_keeper *keeper) {
    keeper->vat->saver = (hobi_saver){.data = keeper,
                                      .save = save_c_objects,
                                      .wait = wait_for,
                                      .wake = wake_c_object,
                                      .grouped = hobi_store_grouped(keeper->store)};
}

/* Two threads may open vats of one store at the same time.  */
static int join(hob_keeper *keeper, hob_error *error) {
    pthread_mutex_lock(&keeper->store->lock);
    int code = find_vat(keeper, error);
    if (code == HOB_OK)
        code = read_vat(keeper, error);
    if (code == HOB_OK)
        code = claim(keeper, error);
    pthread_mutex_unlock(&keeper->store->lock);
    return code;
}

/* A copy: errors name the vat for as long as it lives.  */
static int set_key(hob_keeper *keeper, const char *key, hob_error *error) {
    key = key != NULL ? key : "main";
    keeper->key = hobi_copy_text(key, strlen(key));
    if (keeper->key == NULL)
        return hobi_error(error, HOB_ENOMEM, "opening a vat in a store");
    if (hob_string_from(key) == NULL)
        return hobi_error(error, HOB_EINVAL, "the key of a vat is not UTF-8: %s", key);
    return HOB_OK;
}

int hob_keeper_open(hob_vat *vat, hob_store *store, const hob_environment *environment,
                    const char *key, hob_keeper **result, hob_error *error) {
    hob_keeper *keeper = hobi_alloc(sizeof *keeper);
    if (keeper == NULL)
        return hobi_error(error, HOB_ENOMEM, "opening a vat in a store");
    keeper->vat = vat;
    keeper->store = store;
    keeper->environment = environment;
    keeper->roots_version = hob_integer(0);
    int code = set_key(keeper, key, error);
    if (code == HOB_OK)
        code = join(keeper, error);
    if (code != HOB_OK)
        return code;
    attach(keeper);
    *result = keeper;
    return HOB_OK;
}

static int check_root(const hob_keeper *keeper, size_t index, hob_value root,
                      hob_error *error) {
    hob_value target = root == NULL ? hob_void() : hobi_follow(keeper->vat, root);
    if (hobi_is_refr(target) && !hobi_refr_is_promise(target) &&
        hobi_to_refr(target)->vat == keeper->vat)
        return HOB_OK;
    return hobi_error(error, HOB_ETYPE,
                      "root %zu of vat %s is %s: a root is an object of this vat",
                      index + 1, keeper->key, hob_print(target, 100));
}

int hob_keeper_set_roots(hob_keeper *keeper, hob_value version, size_t count,
                         const hob_value *roots, hob_error *error) {
    hobi_refr **refrs = hobi_alloc((count + 1) * sizeof *refrs);
    if (refrs == NULL)
        return hobi_error(error, HOB_ENOMEM, "setting the roots of a vat");
    if (count == 0)
        return hobi_error(error, HOB_EINVAL,
                          "vat %s has no root: nothing of it could be saved",
                          keeper->key);
    for (size_t i = 0; i < count; i++) {
        int code = check_root(keeper, i, roots[i], error);
        if (code != HOB_OK)
            return code;
        refrs[i] = hobi_to_refr(hobi_follow(keeper->vat, roots[i]));
    }
    keeper->roots = refrs;
    keeper->root_count = count;
    keeper->roots_version = version;
    keeper->roots_changed = true;
    return HOB_OK;
}
