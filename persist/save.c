/* save.c -- what a churn changed becomes one batch.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The walk starts at the objects that the undo log names and the store has, and
   goes on to near objects in their portraits that the store has not: saving costs
   what changed.  An object counts as stored when the store has taken the batch, not
   before: so after a save that failed, what it would have brought is still new and
   comes with the next one (W4, rule 4).  */

#include <config.h>

#include "keeper.h"

/* Ids are written down ahead, so that a batch seldom needs to: after a restart
   counting goes on from there, and no id is given out twice (W3).  */
enum { IDS_AHEAD = 4096 };

static int push_item(hob_keeper *keeper, const hobi_save_item *item) {
    hobi_save *save = &keeper->save;
    if (hobi_has(item->refr, HOBI_SAVING))
        return HOB_OK;
    if (save->count == save->capacity) {
        hobi_save_item *grown =
            hobi_grow(save->items, &save->capacity, save->count + 1, sizeof *grown);
        if (grown == NULL)
            return HOB_ENOMEM;
        save->items = grown;
    }
    item->refr->bits |= HOBI_SAVING;
    save->items[save->count++] = *item;
    return HOB_OK;
}

int hobi_save_reach(hob_keeper *keeper, hobi_refr *refr) {
    if (hobi_has(refr, HOBI_PERSISTENT) && !keeper->save.everything)
        return HOB_OK;
    return push_item(keeper, &(hobi_save_item){.refr = refr});
}

/* As what the store counts an object, by the oldest entry of the log.  */
static void count_as_before(const hob_keeper *keeper, hobi_save_item *item,
                            const hobi_undo *entry) {
    if ((entry->bits & HOBI_TYPE_MASK) == HOB_REFR_HOST)
        item->other_kind = entry->c != item->refr->c;
    if ((entry->bits & HOBI_TYPE_MASK) != HOB_REFR_OBJECT)
        return;
    const hob_kind *kind = entry->a;
    const hobi_entry *known = hobi_environment_find_kind(keeper->environment, kind);
    if (known == NULL || kind == item->refr->a)
        return;
    item->counted_name = known->name;
    item->counted_version = hob_integer(kind->version);
}

static bool is_object(const hobi_refr *refr) {
    return hobi_type(refr) == HOB_REFR_OBJECT || hobi_type(refr) == HOB_REFR_HOST;
}

static int gather_changed(hob_keeper *keeper) {
    const hob_turn *turn = &keeper->vat->turn;
    int code = HOB_OK;
    for (size_t i = 0; i < turn->undo_count && code == HOB_OK; i++) {
        hobi_save_item item = {.refr = turn->undo[i].refr};
        if (!hobi_has(item.refr, HOBI_PERSISTENT) || !is_object(item.refr) ||
            hobi_has(item.refr, HOBI_SAVING))
            continue;
        count_as_before(keeper, &item, &turn->undo[i]);
        code = push_item(keeper, &item);
    }
    return code;
}

static int gather_upgraded(hob_keeper *keeper) {
    int code = HOB_OK;
    for (size_t i = 0; i < keeper->upgraded_count && code == HOB_OK; i++)
        code = push_item(keeper, &keeper->upgraded[i]);
    return code;
}

static int gather_roots(hob_keeper *keeper) {
    int code = HOB_OK;
    for (size_t i = 0; i < keeper->root_count && code == HOB_OK; i++)
        code = hobi_save_reach(keeper, keeper->roots[i]);
    return code;
}

static void begin(hobi_save *save, bool everything) {
    save->active = true;
    save->everything = everything;
    save->count = save->next = save->records = 0;
    save->nesting = 0;
    save->bytes.size = 0;
    save->delta.count = 0;
}

int hob_keeper_save_begin(hob_keeper *keeper, bool everything, hob_error *error) {
    int code = hobi_keeper_check_open(keeper, error);
    if (code != HOB_OK)
        return code;
    begin(&keeper->save, everything);
    /* A new number, so that a change that a portrait makes is logged.  */
    keeper->vat->turn.stamp++;
    code = gather_upgraded(keeper);
    if (code == HOB_OK)
        code = gather_changed(keeper);
    if (code == HOB_OK && (everything || keeper->roots_changed))
        code = gather_roots(keeper);
    if (code == HOB_OK)
        return code;
    hob_keeper_save_abort(keeper);
    return hobi_error(error, code, "saving vat %s", keeper->key);
}

hob_value hob_keeper_save_next(hob_keeper *keeper) {
    hobi_save *save = &keeper->save;
    return save->next == save->count ? NULL
                                     : hobi_from_refr(save->items[save->next++].refr);
}

static int note_record(hobi_save *save, uint64_t id) {
    if (save->records == save->records_capacity) {
        size_t *ends = hobi_grow(save->ends, &save->records_capacity, save->records + 1,
                                 sizeof *ends);
        uint64_t *ids =
            hobi_grow(save->ids, &save->ids_capacity, save->records + 1, sizeof *ids);
        if (ends != NULL)
            save->ends = ends;
        if (ids != NULL)
            save->ids = ids;
        if (ends == NULL || ids == NULL)
            return HOB_ENOMEM;
    }
    save->ends[save->records] = save->bytes.size;
    save->ids[save->records++] = id;
    return HOB_OK;
}

/* Saving everything costs a look at each record anyway, and then finds what a save of
   changes cannot know.  */
static int find_counted(hob_keeper *keeper, hobi_save_item *item, hob_error *error) {
    bool stored = hobi_has(item->refr, HOBI_PERSISTENT);
    if (!stored || item->counted_name != NULL ||
        !(item->other_kind || keeper->save.everything))
        return HOB_OK;
    return hobi_stored_kind(keeper, item->refr->id, &item->counted_name,
                            &item->counted_version, error);
}

static int count_object(hob_keeper *keeper, hob_value name, hob_value version,
                        hob_error *error) {
    hobi_save *save = &keeper->save;
    hobi_save_item *item = &save->items[save->next - 1];
    int code = find_counted(keeper, item, error);
    if (code != HOB_OK)
        return code;
    bool counted = item->counted_name != NULL;
    if (counted && hob_equal(item->counted_name, name) &&
        hob_equal(item->counted_version, version))
        return HOB_OK;
    if (counted)
        code =
            hobi_kinds_add(&save->delta, item->counted_name, item->counted_version, -1);
    if (code == HOB_OK && (counted || !hobi_has(item->refr, HOBI_PERSISTENT)))
        code = hobi_kinds_add(&save->delta, name, version, 1);
    return code == HOB_OK ? code : hobi_error(error, code, "saving an object");
}

int hob_keeper_save_object(hob_keeper *keeper, hob_value value, hob_value name,
                           hob_value version, hob_value portrait, hob_error *error) {
    hobi_refr *refr = hobi_to_refr(value);
    const hob_record record = {.name = name, .version = version, .portrait = portrait};
    if (hobi_environment_find(keeper->environment, name) == NULL)
        return hobi_error(error, HOB_ENOTFOUND,
                          "cannot save %s: its kind %s is not in the environment",
                          hob_print(value, 80), hob_print(name, 100));
    int code = hobi_encode_object(keeper, refr, &record, error);
    if (code != HOB_OK)
        return code;
    code = note_record(&keeper->save, refr->id);
    return code == HOB_OK ? count_object(keeper, name, version, error)
                          : hobi_error(error, code, "saving an object");
}

/* What a portrait changed would be in the memory and not in the batch: it only
   looks.  */
static int run_portrait(hob_turn *turn, const hob_kind *kind, hob_value state,
                        hob_value *portrait) {
    size_t undo = turn->undo_count, near = turn->near.count, out = turn->outbox_count;
    turn->error = (hob_error){0};
    int code = kind->portrait(turn, state, portrait);
    if (code != HOB_OK)
        return code;
    if (*portrait == NULL)
        return hobi_error(&turn->error, HOB_EINVAL, "none was given");
    if (turn->undo_count != undo || turn->near.count != near ||
        turn->outbox_count != out)
        return hobi_error(&turn->error, HOB_EINVAL,
                          "it spawned, sent or changed something, and may only look");
    return HOB_OK;
}

static int portrait_of(hob_keeper *keeper, const hobi_refr *refr, hob_value name,
                       hob_value *portrait, hob_error *error) {
    const hob_kind *kind = refr->a;
    hob_turn *turn = &keeper->vat->turn;
    *portrait = (hob_value)refr->b;
    if (kind->portrait == NULL)
        return HOB_OK;
    int code = run_portrait(turn, kind, (hob_value)refr->b, portrait);
    if (code == HOB_OK)
        return code;
    const char *why = turn->error.code == code ? turn->error.message : NULL;
    return hobi_error(error, code, "cannot save %s of kind %s: its portrait: %s",
                      hob_print(hobi_from_refr(refr), 80), hob_print(name, 100),
                      why != NULL ? why : hob_strerror(code));
}

int hob_keeper_save_c(hob_keeper *keeper, hob_value value, hob_error *error) {
    const hobi_refr *refr = hobi_to_refr(value);
    const hob_kind *kind = refr->a;
    const hobi_entry *entry = hobi_environment_find_kind(keeper->environment, kind);
    hob_value portrait = NULL;
    if (entry == NULL)
        return hobi_error(error, HOB_ENOTFOUND,
                          "cannot save %s: its kind %s is not in the environment",
                          hob_print(value, 80), kind->name);
    int code = portrait_of(keeper, refr, entry->name, &portrait, error);
    return code != HOB_OK
               ? code
               : hob_keeper_save_object(keeper, value, entry->name,
                                        hob_integer(kind->version), portrait, error);
}

/* --------------------------------------------------------------- the batch */

/* Everything that one batch is made of, in the collector's memory.  */
struct batch {
    hobi_change *changes;
    char (*keys)[HOBI_KEY_SIZE];
    size_t count;
};

static int put_value(struct batch *batch, hob_value value) {
    hob_buffer buffer = {0};
    if (value == NULL || hob_syrup_encode(value, NULL, &buffer, NULL) != HOB_OK)
        return HOB_ENOMEM;
    hobi_change *change = &batch->changes[batch->count];
    change->key = hobi_text_bytes(batch->keys[batch->count]);
    change->value = (hobi_bytes){buffer.data, buffer.size};
    batch->count++;
    return HOB_OK;
}

static hob_value roots_value(const hob_keeper *keeper) {
    hob_value *ids = hobi_alloc((keeper->root_count + 1) * sizeof *ids);
    if (ids == NULL)
        return NULL;
    for (size_t i = 0; i < keeper->root_count; i++)
        ids[i] = hob_integer((int64_t)keeper->roots[i]->id);
    const hob_value fields[] = {keeper->roots_version,
                                hob_list(keeper->root_count, ids)};
    return fields[1] == NULL ? NULL : hob_list(2, fields);
}

static int put_meta(hob_keeper *keeper, struct batch *batch, const hobi_kinds *kinds,
                    uint64_t ceiling) {
    int code = HOB_OK;
    if (keeper->save.delta.count > 0) {
        hobi_key(batch->keys[batch->count], keeper->number, "kinds");
        code = put_value(batch, hobi_kinds_to_value(kinds));
    }
    if (code == HOB_OK && keeper->roots_changed) {
        hobi_key(batch->keys[batch->count], keeper->number, "vat");
        code = put_value(batch, roots_value(keeper));
    }
    if (code == HOB_OK && ceiling != keeper->id_ceiling) {
        hobi_key(batch->keys[batch->count], keeper->number, "ids");
        code = put_value(batch, hob_integer((int64_t)ceiling));
    }
    return code;
}

static void put_objects(hob_keeper *keeper, struct batch *batch) {
    const hobi_save *save = &keeper->save;
    size_t start = 0;
    for (size_t i = 0; i < save->records; i++) {
        char *key = batch->keys[batch->count];
        hobi_object_key(key, keeper->number, save->ids[i]);
        batch->changes[batch->count++] =
            (hobi_change){.key = hobi_text_bytes(key),
                          .value = {save->bytes.data + start, save->ends[i] - start}};
        start = save->ends[i];
    }
}

static int make_batch(hob_keeper *keeper, struct batch *batch, const hobi_kinds *kinds,
                      uint64_t ceiling) {
    size_t room = keeper->save.records + 3;
    batch->changes = hobi_alloc(room * sizeof *batch->changes);
    batch->keys = hobi_alloc_atomic(room * sizeof *batch->keys);
    if (batch->changes == NULL || batch->keys == NULL)
        return HOB_ENOMEM;
    put_objects(keeper, batch);
    return put_meta(keeper, batch, kinds, ceiling);
}

static void end_save(hob_keeper *keeper, bool stored) {
    hobi_save *save = &keeper->save;
    for (size_t i = 0; i < save->count; i++) {
        hobi_refr *refr = save->items[i].refr;
        refr->bits &= ~(uint64_t)HOBI_SAVING;
        if (stored)
            refr->bits |= HOBI_PERSISTENT;
        save->items[i] = (hobi_save_item){0};
    }
    save->count = save->next = 0;
    save->active = false;
}

/* One large save must not keep its memory for ever.  */
static void trim(hobi_save *save) {
    enum { KEEP_BYTES = 1 << 20, KEEP_ITEMS = 1 << 14 };
    if (save->bytes.capacity > KEEP_BYTES || save->capacity > KEEP_ITEMS)
        *save = (hobi_save){0};
}

void hob_keeper_save_abort(hob_keeper *keeper) {
    if (!keeper->save.active)
        return;
    end_save(keeper, false);
    trim(&keeper->save);
}

static uint64_t new_ceiling(const hob_keeper *keeper) {
    uint64_t next = keeper->vat->turn.next_id;
    return next > keeper->id_ceiling ? next + IDS_AHEAD : keeper->id_ceiling;
}

static int new_kinds(const hob_keeper *keeper, hobi_kinds *kinds) {
    int code = keeper->save.delta.count == 0 ? HOB_OK
                                             : hobi_kinds_merge(kinds, &keeper->kinds);
    return code != HOB_OK ? code : hobi_kinds_merge(kinds, &keeper->save.delta);
}

static void adopt(hob_keeper *keeper, const hobi_kinds *kinds, uint64_t ceiling) {
    if (keeper->save.delta.count > 0)
        keeper->kinds = *kinds;
    keeper->id_ceiling = ceiling;
    keeper->roots_changed = false;
    keeper->upgraded_count = 0;
    keeper->fresh = false;
}

/* Ids of objects that were never saved may be known elsewhere: a message took them
   to another vat, which stored them.  A vat that has nothing stored yet waits.  */
static bool is_needed(const hob_keeper *keeper, uint64_t ceiling) {
    return keeper->save.records > 0 || keeper->roots_changed ||
           (!keeper->fresh && ceiling != keeper->id_ceiling);
}

/* Whoever takes this vat's place reads the store after that, under the same lock: it
   sees the batch, or there is none.  */
static int submit(const hob_keeper *keeper, const struct batch *batch, uint64_t *ticket,
                  hob_error *error) {
    hob_store *store = keeper->store;
    pthread_mutex_lock(&store->lock);
    int code = hobi_keeper_check_open(keeper, error);
    if (code == HOB_OK)
        code = hobi_store_submit(store, batch->count, batch->changes, ticket, error);
    pthread_mutex_unlock(&store->lock);
    return code;
}

int hob_keeper_save_finish(hob_keeper *keeper, uint64_t *ticket, hob_error *error) {
    struct batch batch = {0};
    hobi_kinds kinds = {0};
    uint64_t ceiling = new_ceiling(keeper);
    *ticket = 0;
    if (!is_needed(keeper, ceiling)) {
        hob_keeper_save_abort(keeper);
        return HOB_OK;
    }
    int code = new_kinds(keeper, &kinds);
    if (code == HOB_OK)
        code = make_batch(keeper, &batch, &kinds, ceiling);
    if (code != HOB_OK)
        hobi_error(error, code, "saving vat %s", keeper->key);
    else
        code = submit(keeper, &batch, ticket, error);
    if (code != HOB_OK) {
        hob_keeper_save_abort(keeper);
        return code;
    }
    end_save(keeper, true);
    adopt(keeper, &kinds, ceiling);
    trim(&keeper->save);
    return HOB_OK;
}

int hob_keeper_wait(hob_keeper *keeper, uint64_t ticket, hob_error *error) {
    return ticket == 0 ? HOB_OK : hobi_store_wait(keeper->store, ticket, error);
}
