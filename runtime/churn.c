/* churn.c -- from a message in the mailbox to a commit.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A churn is one message and all near messages that it causes, until none is left;
   it is the unit of commit (rule 2).  Its turns fail one by one (rule 1); if it
   cannot be saved, or the vat is halted, all of it is undone (rule 4).  What it
   sent to other vats, and the answers that others wait for, leave in
   hob_churn_commit and nowhere else (rule 3).

     begin -> next -> turn -> commit or abort -> next -> ... -> NONE -> save -> commit
                `--> HALT -> abort                                  `-> abort

   The plumbing of promises needs no driver: hob_turn_next does it, and hands out
   only what runs somebody's code.  */

#include <config.h>

#include "vat.h"

hob_turn *hob_vat_turn(hob_vat *vat) {
    return &vat->turn;
}

void hob_churn_open(hob_vat *vat) {
    hob_turn *turn = &vat->turn;
    turn->in_churn = true;
    turn->first = turn->message = NULL;
    hobi_turn_begin(turn);
}

hob_step hob_churn_begin(hob_vat *vat) {
    if (atomic_load_explicit(&vat->halt_wanted, memory_order_relaxed))
        return HOB_STEP_HALT;
    hobi_message *message = hobi_mailbox_take(vat);
    if (message == NULL)
        return HOB_STEP_NONE;
    hob_churn_open(vat);
    vat->turn.first = message;
    hobi_queue_push(&vat->turn.near, message);
    return HOB_STEP_READY;
}

hob_ticket *hob_churn_ticket(hob_vat *vat) {
    const hobi_message *first = vat->turn.first;
    if (first == NULL || first->type != HOBI_THUNK)
        return NULL;
    return (hob_ticket *)(uintptr_t)first->extra;
}

/* ------------------------------------------------------------ one message  */

static hob_value settled_arguments(bool broken, hob_value value) {
    const hob_value items[] = {hob_symbol_from(broken ? "break" : "fulfill"), value};
    return items[0] == NULL ? NULL : hob_list(2, items);
}

static int tell_object(hob_turn *turn, const hobi_message *message) {
    const hobi_listener *listener = message->extra;
    bool near = listener->target->vat == turn->vat;
    hob_value value = near ? message->value : hobi_copied(turn, message->value);
    hob_value args = value == NULL ? NULL : settled_arguments(message->broken, value);
    if (args == NULL)
        return HOB_ENOMEM;
    return hobi_turn_put(turn,
                         hobi_message_new(HOBI_CALL, listener->target, args, NULL));
}

static int undone_target(hob_turn *turn, const hobi_message *message) {
    hob_error error = {0};
    hobi_error(&error, HOB_ENOTFOUND, "%s: the turn that spawned it was undone",
               hob_print(hobi_from_refr(message->to), 80));
    return hobi_answer(turn, message->answer, true, hobi_problem(&error));
}

/* A call of a promise: wait, or go on to what it is settled with.  */
static int call_promise(hob_turn *turn, const hobi_message *message,
                        hobi_refr *promise) {
    if (hobi_has(promise, HOBI_UNRESOLVED))
        return hobi_promise_wait(turn, promise, message);
    return hobi_answer(turn, message->answer, true, (hob_value)promise->a);
}

static int deliver_call(hob_turn *turn, const hobi_message *message,
                        hob_delivery *delivery, bool *runs) {
    hob_value target = hobi_follow(turn->vat, hobi_from_refr(message->to));
    if (!hobi_is_refr(target))
        return hobi_answer(turn, message->answer, false, target);
    hobi_refr *refr = hobi_to_refr(target);
    if (refr->vat != turn->vat)
        return hobi_turn_put(
            turn, hobi_message_new(HOBI_CALL, refr, message->value, message->answer));
    hob_refr_type type = hobi_type(refr);
    if (type == HOB_REFR_PROMISE)
        return call_promise(turn, message, refr);
    if (type == HOB_REFR_DEAD)
        return undone_target(turn, message);
    delivery->type = HOB_DELIVER_CALL;
    delivery->target = target;
    delivery->is_host = type == HOB_REFR_HOST || type == HOB_REFR_ASLEEP;
    delivery->behaviour = refr->a;
    delivery->args = message->value;
    *runs = true;
    return HOB_OK;
}

static int deliver_notify(hob_turn *turn, const hobi_message *message,
                          hob_delivery *delivery, bool *runs) {
    const hobi_listener *listener = message->extra;
    if (listener->type == HOBI_OBJECT)
        return tell_object(turn, message);
    delivery->type = HOB_DELIVER_NOTIFY;
    delivery->is_host = listener->type == HOBI_WORDS;
    delivery->broken = message->broken;
    delivery->value = message->value;
    for (int i = 0; i < 4; i++)
        delivery->words[i] = listener->words[i];
    *runs = true;
    return HOB_OK;
}

static int deliver_settle(hob_turn *turn, const hobi_message *message) {
    if (message->extra != NULL)
        return hobi_settle_follower(turn, message->to, message->broken, message->value);
    return hobi_settle(turn, message->to, message->broken, message->value, NULL);
}

static int deliver_thunk(const hobi_message *message, hob_delivery *delivery,
                         bool *runs) {
    const hob_ticket *ticket = message->extra;
    delivery->type = HOB_DELIVER_THUNK;
    delivery->is_host = ticket->function == NULL;
    delivery->words[0] = ticket->thunk;
    *runs = true;
    return HOB_OK;
}

static int deliver(hob_turn *turn, const hobi_message *message, hob_delivery *delivery,
                   bool *runs) {
    switch (message->type) {
    case HOBI_CALL:
        return deliver_call(turn, message, delivery, runs);
    case HOBI_SETTLE:
        return deliver_settle(turn, message);
    case HOBI_NOTIFY:
        return deliver_notify(turn, message, delivery, runs);
    case HOBI_THUNK:
        return deliver_thunk(message, delivery, runs);
    default:
        return hobi_promise_heard(turn, message);
    }
}

/* The promise that waits for what a turn answers, or NULL.  */
static hobi_refr *waiting_promise(const hobi_message *message) {
    if (message == NULL || message->type == HOBI_THUNK || message->type == HOBI_PROBE)
        return NULL;
    if (message->type == HOBI_NOTIFY)
        return ((const hobi_listener *)message->extra)->result;
    return message->answer;
}

static hobi_message *broken_settle(hobi_refr *promise, const void *final,
                                   hob_value problem) {
    hobi_message *message =
        promise == NULL ? NULL : hobi_message_new(HOBI_SETTLE, promise, problem, NULL);
    if (message == NULL)
        return NULL;
    message->extra = final;
    message->broken = true;
    return message;
}

/* What tells whoever waits for MESSAGE that it was lost; NULL: nobody waits, or it
   is such a message itself.  */
static hobi_message *about_lost(const hobi_message *message, hob_value problem) {
    const hobi_listener *listener = message->extra;
    if (message->type == HOBI_SETTLE)
        return message->broken ? NULL : broken_settle(message->to, listener, problem);
    if (message->type != HOBI_LISTEN)
        return broken_settle(waiting_promise(message), NULL, problem);
    if (listener->type == HOBI_FOLLOWER)
        return broken_settle(listener->target, listener, problem);
    hob_value args = settled_arguments(true, problem);
    return args == NULL ? NULL
                        : hobi_message_new(HOBI_CALL, listener->target, args, NULL);
}

/* It failed on the way, before anybody's code ran.  */
static void give_up(hob_turn *turn, int code) {
    hob_error error = {0};
    hobi_turn_undo(turn);
    hobi_error(&error, code, "a message could not be delivered: %s",
               hob_strerror(code));
    hobi_message *news = about_lost(turn->message, hobi_problem(&error));
    if (news != NULL)
        hobi_turn_put(turn, news);
}

hob_step hob_turn_next(hob_vat *vat, hob_delivery *delivery) {
    hob_turn *turn = &vat->turn;
    for (;;) {
        if (atomic_load_explicit(&vat->halt_wanted, memory_order_relaxed))
            return HOB_STEP_HALT;
        hobi_message *message = hobi_queue_pop(&turn->near);
        if (message == NULL)
            return HOB_STEP_NONE;
        bool runs = false;
        turn->message = message;
        hobi_turn_begin(turn);
        int code = deliver(turn, message, delivery, &runs);
        if (code != HOB_OK)
            give_up(turn, code);
        else if (runs)
            return HOB_STEP_TURN;
    }
}

/* ------------------------------------------------------- the end of a turn */

void hob_turn_commit(hob_vat *vat, hob_value answer) {
    hob_turn *turn = &vat->turn;
    hobi_refr *promise = waiting_promise(turn->message);
    if (promise == NULL)
        return;
    int code = hobi_answer(turn, promise, false, answer != NULL ? answer : hob_void());
    if (code == HOB_OK)
        return;
    hob_error error = {0};
    hobi_error(&error, code, "the answer to a message could not be sent: %s",
               hob_strerror(code));
    hob_turn_abort(vat, hobi_problem(&error));
}

void hob_turn_undo(hob_vat *vat) {
    hobi_turn_undo(&vat->turn);
}

void hob_turn_abort(hob_vat *vat, hob_value problem) {
    hob_turn *turn = &vat->turn;
    hobi_turn_undo(turn);
    hobi_turn_begin(turn);
    if (hobi_answer(turn, waiting_promise(turn->message), true, problem) != HOB_OK)
        hobi_turn_undo(turn);
}

/* ------------------------------------------------------ the end of a churn */

static void deliver_outside(hob_vat *vat, hobi_message *message) {
    int code = hobi_mailbox_put(message->to->vat, message, vat);
    hob_error error = {0};
    if (code == HOB_OK || message->answer == NULL)
        return;
    hobi_error(&error, code, "%s: its vat is halted, the message was not delivered",
               hob_print(hobi_from_refr(message->to), 80));
    hobi_break_from_outside(message->answer, hobi_problem(&error));
}

static void release(hob_vat *vat, hobi_message **messages, size_t *count) {
    for (size_t i = 0; i < *count; i++) {
        deliver_outside(vat, messages[i]);
        messages[i] = NULL;
    }
    *count = 0;
}

static void release_held(hob_vat *vat) {
    hob_turn *turn = &vat->turn;
    release(vat, turn->held, &turn->held_count);
    turn->held_ticket = 0;
}

static void end_churn(hob_turn *turn) {
    hobi_churn_forget(turn);
    turn->in_churn = false;
    turn->first = turn->message = NULL;
}

/* What was held is older; a store waits for nothing that is durable already.  */
void hob_churn_commit(hob_vat *vat) {
    hob_turn *turn = &vat->turn;
    if (hob_churn_flush(vat, NULL) == HOB_OK)
        release(vat, turn->outbox, &turn->outbox_count);
    else
        hob_churn_drop(vat);
    end_churn(turn);
}

/* A churn that wrote nothing waits for the ones before it, as its outputs may speak
   of what they changed.  */
void hob_churn_hold(hob_vat *vat, uint64_t ticket) {
    hob_turn *turn = &vat->turn;
    if (ticket == 0)
        ticket = turn->held_ticket;
    if (ticket == 0) {
        hob_churn_commit(vat);
        return;
    }
    size_t need = turn->held_count + turn->outbox_count;
    if (need > turn->held_capacity) {
        hobi_message **grown =
            hobi_grow(turn->held, &turn->held_capacity, need, sizeof *grown);
        if (grown == NULL) {
            turn->held_ticket = ticket;
            if (hob_churn_flush(vat, NULL) == HOB_OK)
                hob_churn_commit(vat);
            else
                hob_churn_abort(vat, hob_nil());
            return;
        }
        turn->held = grown;
    }
    for (size_t i = 0; i < turn->outbox_count; i++) {
        turn->held[turn->held_count++] = turn->outbox[i];
        turn->outbox[i] = NULL;
    }
    turn->outbox_count = 0;
    turn->held_ticket = ticket;
    end_churn(turn);
}

/* Whoever waits for what was kept back does not wait for ever.  */
static void tell_held(const hob_vat *vat, const hobi_message *held, hob_value problem) {
    hobi_message *news = about_lost(held, problem);
    if (news != NULL && news->to->vat != vat)
        hobi_mailbox_put(news->to->vat, news, NULL);
}

/* After a failed sync nobody knows what the store will be found at: the vat serves
   nothing more until it is opened again from the store.  */
static void stop_for_good(hob_vat *vat, const hob_error *why) {
    hob_turn *turn = &vat->turn;
    hob_value problem = hobi_problem(why);
    for (size_t i = 0; i < turn->held_count; i++) {
        tell_held(vat, turn->held[i], problem);
        turn->held[i] = NULL;
    }
    turn->held_count = 0;
    turn->held_ticket = 0;
    hob_vat_halt(vat);
}

int hobi_churn_wait(hob_vat *vat, uint64_t ticket, hob_error *error) {
    hob_error why = {0};
    int code = vat->saver.wait(vat, vat->saver.data, ticket, &why);
    if (code != HOB_OK)
        stop_for_good(vat, &why);
    if (code != HOB_OK && error != NULL)
        *error = why;
    return code;
}

int hob_churn_flush(hob_vat *vat, hob_error *error) {
    uint64_t ticket = vat->turn.held_ticket;
    int code = ticket == 0 ? HOB_OK : hobi_churn_wait(vat, ticket, error);
    if (code == HOB_OK)
        release_held(vat);
    return code;
}

/* Whoever waits for the churn's first turn is told.  Its promise may be one of this
   vat: that is a churn of its own, which changes nothing that is stored.  What a
   halted vat heard of promises waits, like its mailbox, for hob_vat_start.  */
static void tell_first(hob_vat *vat, hobi_message *first, hob_value problem) {
    hob_turn *turn = &vat->turn;
    bool kept = first->type != HOBI_CALL && first->type != HOBI_NOTIFY &&
                first->type != HOBI_THUNK && atomic_load(&vat->halt_wanted);
    hobi_message *message = kept ? first : about_lost(first, problem);
    if (message == NULL)
        return;
    if (message->to->vat == vat)
        hobi_mailbox_put(vat, message, NULL);
    else if (hobi_turn_put(turn, message) == HOB_OK)
        release(vat, turn->outbox, &turn->outbox_count);
}

void hob_churn_abort(hob_vat *vat, hob_value problem) {
    hob_turn *turn = &vat->turn;
    hobi_message *first = turn->first;
    hobi_churn_undo(turn);
    end_churn(turn);
    if (first != NULL)
        tell_first(vat, first, problem);
}

/* Whoever drives was interrupted, and does not come back to it.  */
void hob_churn_leave(hob_vat *vat) {
    if (!vat->turn.in_churn)
        return;
    hob_error error = {0};
    hob_ticket *ticket = hob_churn_ticket(vat);
    hobi_error(&error, HOB_EFAILED, "the churn was interrupted");
    hob_churn_abort(vat, hobi_problem(&error));
    if (ticket != NULL)
        hobi_ticket_finish(ticket, HOB_EFAILED, NULL, &error);
}

void hob_churn_drop(hob_vat *vat) {
    hob_turn *turn = &vat->turn;
    hobi_queue_cut(&turn->near, NULL, 0);
    for (size_t i = 0; i < turn->outbox_count; i++)
        turn->outbox[i] = NULL;
    turn->outbox_count = 0;
}
