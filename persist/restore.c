/* restore.c -- objects come back.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A reference that is read becomes a refr whose object is asleep; there is one refr
   for an id, so identity and cycles come back as they were.  An object wakes when
   its turn in the walk comes, or before, when a constructor calls it (W19).  Only a
   constructor that needs, in the end, itself cannot be served.  */

#include <config.h>

#include "keeper.h"

static size_t slot_of(const hobi_refr_table *table, uint64_t id) {
    size_t mask = table->capacity - 1;
    size_t slot = (size_t)(id * 0x9E3779B97F4A7C15u >> 20) & mask;
    while (table->slots[slot] != NULL && table->slots[slot]->id != id)
        slot = (slot + 1) & mask;
    return slot;
}

static bool table_grow(hobi_refr_table *table) {
    hobi_refr_table bigger = {.capacity =
                                  table->capacity > 0 ? table->capacity * 2 : 64};
    bigger.slots = hobi_alloc(bigger.capacity * sizeof *bigger.slots);
    if (bigger.slots == NULL)
        return false;
    for (size_t i = 0; i < table->capacity; i++)
        if (table->slots[i] != NULL)
            bigger.slots[slot_of(&bigger, table->slots[i]->id)] = table->slots[i];
    bigger.count = table->count;
    *table = bigger;
    return true;
}

static int push_asleep(hob_keeper *keeper, hobi_refr *refr) {
    if (keeper->asleep_count == keeper->asleep_capacity) {
        hobi_refr **grown = hobi_grow(keeper->asleep, &keeper->asleep_capacity,
                                      keeper->asleep_count + 1, sizeof *grown);
        if (grown == NULL)
            return HOB_ENOMEM;
        keeper->asleep = grown;
    }
    keeper->asleep[keeper->asleep_count++] = refr;
    return HOB_OK;
}

static hobi_refr *make_asleep(hob_keeper *keeper, uint64_t id) {
    hobi_refr *refr = hobi_refr_with_id(keeper->vat, HOB_REFR_ASLEEP, id);
    if (refr == NULL || push_asleep(keeper, refr) != HOB_OK)
        return NULL;
    refr->bits |= HOBI_PERSISTENT;
    return refr;
}

hobi_refr *hobi_keeper_refr(hob_keeper *keeper, uint64_t id) {
    hobi_refr_table *table = &keeper->known;
    if (table->count * 2 >= table->capacity && !table_grow(table))
        return NULL;
    size_t slot = slot_of(table, id);
    if (table->slots[slot] == NULL) {
        table->slots[slot] = make_asleep(keeper, id);
        if (table->slots[slot] != NULL)
            table->count++;
    }
    return table->slots[slot];
}

void hobi_keeper_forget_refrs(hob_keeper *keeper) {
    keeper->known = (hobi_refr_table){0};
    keeper->asleep = NULL;
    keeper->asleep_count = keeper->asleep_capacity = keeper->asleep_next = 0;
}

hob_value hob_keeper_next_asleep(hob_keeper *keeper) {
    while (keeper->asleep_next < keeper->asleep_count) {
        hobi_refr *refr = keeper->asleep[keeper->asleep_next];
        if (hobi_type(refr) == HOB_REFR_ASLEEP && !hobi_has(refr, HOBI_RESTORING))
            return hobi_from_refr(refr);
        keeper->asleep_next++;
    }
    hobi_keeper_forget_refrs(keeper);
    return NULL;
}

int hob_keeper_record(hob_keeper *keeper, hob_value value, hob_record *record,
                      hob_error *error) {
    hobi_refr *refr = hobi_to_refr(value);
    *record = (hob_record){0};
    if (hobi_has(refr, HOBI_RESTORING))
        return hobi_error(error, HOB_ECYCLE,
                          "%s was called while its own construction waits for the "
                          "answer: send a message instead",
                          hob_print(value, 80));
    int code = hobi_decode_object(keeper, refr->id, record, error);
    if (code != HOB_OK)
        return code;
    const hobi_entry *entry = hobi_environment_find(keeper->environment, record->name);
    if (entry == NULL)
        return hobi_error(error, HOB_EDAMAGED,
                          "an object of kind %s, which the store's table of kinds does "
                          "not have",
                          hob_print(record->name, 100));
    record->kind = entry->kind;
    record->spec = entry->spec;
    refr->name = record->debug_name;
    refr->bits |= HOBI_RESTORING;
    return HOB_OK;
}

static int restored_state(hob_keeper *keeper, const hob_record *record,
                          hob_value *state, hob_error *error) {
    const hob_kind *kind = record->kind;
    hob_turn *turn = &keeper->vat->turn;
    int64_t version = 0;
    if (!hob_get_int64(record->version, &version) || version < 0 ||
        version > UINT32_MAX)
        return hobi_error(error, HOB_EVERSION, "version %s is no number",
                          hob_print(record->version, 40));
    *state = record->portrait;
    if (kind->restore == NULL)
        return HOB_OK;
    /* A behaviour may have asked for the object: its activation is not ours.  */
    hobi_frame frame = {.caller = turn->frame};
    turn->error = (hob_error){0};
    turn->frame = &frame;
    int code = kind->restore(turn, (uint32_t)version, record->portrait, state);
    turn->frame = frame.caller;
    if (code == HOB_OK && *state == NULL)
        return hobi_error(error, HOB_EINVAL, "the restore function gave no state");
    if (code != HOB_OK && turn->error.code == code)
        *error = turn->error;
    return code;
}

/* It is saved again as what it is now: of another version than its record, or, when
   the environment has its kind under two names, of the other one.  */
static bool is_current(const hob_keeper *keeper, const hob_record *record) {
    int64_t version = 0;
    hob_get_int64(record->version, &version);
    return version == record->kind->version &&
           hob_equal(
               record->name,
               hobi_environment_find_kind(keeper->environment, record->kind)->name);
}

int hob_keeper_wake(hob_keeper *keeper, hob_value value, const hob_record *record,
                    hob_error *error) {
    hobi_refr *refr = hobi_to_refr(value);
    hob_value state = NULL;
    hob_error why = {0};
    int code = restored_state(keeper, record, &state, &why);
    refr->bits &= ~(uint64_t)HOBI_RESTORING;
    if (code != HOB_OK)
        return hobi_error(error, code, "cannot restore %s of kind %s, version %s: %s",
                          hob_print(value, 80), hob_print(record->name, 100),
                          hob_print(record->version, 40),
                          why.message != NULL ? why.message : hob_strerror(code));
    hobi_set_type(refr, HOB_REFR_OBJECT);
    refr->a = record->kind;
    refr->b = state;
    if (is_current(keeper, record))
        return HOB_OK;
    code = hob_keeper_upgraded(keeper, value, record);
    return code == HOB_OK ? code : hobi_error(error, code, "restoring an object");
}

int hob_keeper_upgraded(hob_keeper *keeper, hob_value refr, const hob_record *old) {
    if (keeper->upgraded_count == keeper->upgraded_capacity) {
        hobi_save_item *grown = hobi_grow(keeper->upgraded, &keeper->upgraded_capacity,
                                          keeper->upgraded_count + 1, sizeof *grown);
        if (grown == NULL)
            return HOB_ENOMEM;
        keeper->upgraded = grown;
    }
    keeper->upgraded[keeper->upgraded_count++] =
        (hobi_save_item){.refr = hobi_to_refr(refr),
                         .counted_name = old->name,
                         .counted_version = old->version};
    return HOB_OK;
}

int hob_keeper_move_in(hob_keeper *keeper, hob_value value, hob_value other,
                       hob_error *error) {
    hobi_refr *refr = hobi_to_refr(value);
    hobi_refr *from = hobi_is_refr(other) ? hobi_to_refr(other) : NULL;
    if (from == NULL || from->vat != keeper->vat || hobi_type(from) != HOB_REFR_HOST)
        return hobi_error(error, HOB_ETYPE,
                          "restoring %s: the restore procedure gave %s, which is no "
                          "new object",
                          hob_print(value, 80), hob_print(other, 80));
    if (hobi_log(&keeper->vat->turn, from) != HOB_OK)
        return hobi_error(error, HOB_ENOMEM, "restoring an object");
    hob_object_install(value, from->a, from->b, from->c);
    refr->bits &= ~(uint64_t)HOBI_RESTORING;
    hobi_set_type(from, HOB_REFR_PROMISE);
    from->a = value;
    from->b = from->c = NULL;
    return HOB_OK;
}
