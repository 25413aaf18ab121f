/* turn.c -- the undo log.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Keeps rule 1.  Entries are in the order of the changes; undoing goes backwards,
   so that a refr logged by several turns of a churn ends as it was before the
   first.  What is cut off is cleared, or the collector would keep it.  */

#include <config.h>

#include <string.h>

#include "turn.h"
#include "vat.h"

static hobi_undo *log_entry(hob_turn *turn) {
    if (turn->undo_count == turn->undo_capacity) {
        hobi_undo *grown = hobi_grow(turn->undo, &turn->undo_capacity,
                                     turn->undo_count + 1, sizeof *grown);
        if (grown == NULL)
            return NULL;
        turn->undo = grown;
    }
    return &turn->undo[turn->undo_count];
}

static int log_refr(hob_turn *turn, hobi_refr *refr, bool spawned) {
    hobi_undo *entry = log_entry(turn);
    if (entry == NULL)
        return HOB_ENOMEM;
    *entry = (hobi_undo){refr, refr->bits, refr->a, refr->b, refr->c, spawned};
    turn->undo_count++;
    refr->bits = (refr->bits & (((uint64_t)1 << HOBI_STAMP_SHIFT) - 1)) |
                 turn->stamp << HOBI_STAMP_SHIFT;
    return HOB_OK;
}

int hobi_log(hob_turn *turn, hobi_refr *refr) {
    if (refr->bits >> HOBI_STAMP_SHIFT == turn->stamp)
        return HOB_OK;
    return log_refr(turn, refr, false);
}

int hobi_log_spawn(hob_turn *turn, hobi_refr *refr) {
    return log_refr(turn, refr, true);
}

void hobi_turn_begin(hob_turn *turn) {
    turn->stamp++;
    turn->mark = (hobi_mark){turn->undo_count, turn->near.tail, turn->near.count,
                             turn->outbox_count};
    turn->frame = NULL;
}

/* A refr that escaped from the turn that made it (by a side effect of the host)
   must not come to life.  */
static void undo_entry(const hobi_undo *entry) {
    hobi_refr *refr = entry->refr;
    refr->bits = entry->bits;
    refr->a = entry->a;
    refr->b = entry->b;
    refr->c = entry->c;
    if (!entry->spawned)
        return;
    hobi_set_type(refr, HOB_REFR_DEAD);
    if (!hobi_has(refr, HOBI_UNRESOLVED))
        return;
    /* A promise: nobody may wait for it.  */
    refr->bits = (refr->bits & ~(uint64_t)HOBI_UNRESOLVED) | HOBI_BROKEN;
    refr->a = hob_nil();
}

static void undo_to(hob_turn *turn, const hobi_mark *mark) {
    for (size_t i = turn->undo_count; i > mark->undo_count; i--)
        undo_entry(&turn->undo[i - 1]);
    if (turn->undo_count > mark->undo_count)
        memset(turn->undo + mark->undo_count, 0,
               (turn->undo_count - mark->undo_count) * sizeof *turn->undo);
    turn->undo_count = mark->undo_count;
    hobi_queue_cut(&turn->near, mark->near_tail, mark->near_count);
    for (size_t i = mark->outbox_count; i < turn->outbox_count; i++)
        turn->outbox[i] = NULL;
    turn->outbox_count = mark->outbox_count;
    turn->frame = NULL;
}

void hobi_turn_undo(hob_turn *turn) {
    undo_to(turn, &turn->mark);
}

void hobi_churn_undo(hob_turn *turn) {
    const hobi_mark beginning = {0, NULL, 0, 0};
    undo_to(turn, &beginning);
}

void hobi_churn_forget(hob_turn *turn) {
    if (turn->undo_count > 0)
        memset(turn->undo, 0, turn->undo_count * sizeof *turn->undo);
    turn->undo_count = 0;
}

static int outbox_push(hob_turn *turn, hobi_message *message) {
    if (turn->outbox_count == turn->outbox_capacity) {
        hobi_message **grown = hobi_grow(turn->outbox, &turn->outbox_capacity,
                                         turn->outbox_count + 1, sizeof *grown);
        if (grown == NULL)
            return HOB_ENOMEM;
        turn->outbox = grown;
    }
    turn->outbox[turn->outbox_count++] = message;
    return HOB_OK;
}

hob_value hobi_copied(const hob_turn *turn, hob_value value) {
    const hob_host_language *host = hobi_runtime_host(turn->vat->runtime);
    return host == NULL || !hobi_is_host(value) ? value
                                                : host->import(hob_host_pointer(value));
}

int hobi_turn_put(hob_turn *turn, hobi_message *message) {
    if (message == NULL)
        return HOB_ENOMEM;
    if (message->to == NULL || message->to->vat == turn->vat) {
        hobi_queue_push(&turn->near, message);
        return HOB_OK;
    }
    if (message->value != NULL) {
        message->value = hobi_copied(turn, message->value);
        if (message->value == NULL)
            return HOB_ECYCLE;
    }
    return outbox_push(turn, message);
}
