/* promise.c -- promises: unresolved, following another, fulfilled, broken.
   SPDX-License-Identifier: LGPL-3.0-or-later

     unresolved --settle--> fulfilled | broken
         `--settle with a promise--> following --that one settles--> the same

   Messages to an unresolved promise wait in it, and go on to what it is fulfilled
   with.  One that is fulfilled with a plain value answers messages with it; one
   that breaks breaks the promises of all that waits (contagion).

   A promise that comes to follow itself, over any number of others and vats, is
   broken (W22): within a vat the chain is walked when it grows; across vats a
   PROBE walks it.

   Everything here runs in a turn of the promise's vat and is undone with it.  What
   settles later is put in the near queue, so that a long chain takes no C stack. */

#include <config.h>

#include "refr.h"
#include "vat.h"

int hobi_promise_new(hob_turn *turn, hobi_refr **promise) {
    hobi_refr *refr = hobi_refr_new(turn->vat, HOB_REFR_PROMISE);
    if (refr == NULL)
        return HOB_ENOMEM;
    refr->bits |= HOBI_UNRESOLVED;
    *promise = refr;
    return hobi_log_spawn(turn, refr);
}

static bool unresolved(const hobi_refr *promise) {
    return hobi_has(promise, HOBI_UNRESOLVED);
}

static bool near_promise(const hob_turn *turn, hob_value value) {
    return hobi_is_refr(value) && hobi_refr_is_promise(value) &&
           hobi_to_refr(value)->vat == turn->vat;
}

/* PROMISE (may be NULL) is of any vat.  */
static int settle_later(hob_turn *turn, hobi_refr *promise, bool broken,
                        hob_value value) {
    if (promise == NULL)
        return HOB_OK;
    hobi_message *message = hobi_message_new(HOBI_SETTLE, promise, value, NULL);
    if (message != NULL)
        message->broken = broken;
    return hobi_turn_put(turn, message);
}

/* Deliver a message that waited.  */
static int deliver_settled(hob_turn *turn, const hobi_message *message, bool broken,
                           hob_value value) {
    if (message->type == HOBI_LISTEN)
        return hobi_notify(turn, message->extra, broken, value);
    if (!broken && hobi_is_refr(value))
        return hobi_turn_put(turn, hobi_message_new(HOBI_CALL, hobi_to_refr(value),
                                                    message->value, message->answer));
    return settle_later(turn, message->answer, broken, value);
}

static const hobi_message *oldest_first(const hobi_message *newest) {
    const hobi_message *reversed = NULL;
    for (; newest != NULL; newest = newest->next) {
        hobi_message *copy = hobi_alloc(sizeof *copy);
        if (copy == NULL)
            return NULL;
        *copy = *newest;
        copy->next = (hobi_message *)(uintptr_t)reversed;
        reversed = copy;
    }
    return reversed;
}

/* Messages and listeners in the order in which they came.  */
static int release(hob_turn *turn, const hobi_message *newest, bool broken,
                   hob_value value) {
    const hobi_message *waiting = oldest_first(newest);
    if (newest != NULL && waiting == NULL)
        return HOB_ENOMEM;
    for (; waiting != NULL; waiting = waiting->next) {
        int code = deliver_settled(turn, waiting, broken, value);
        if (code != HOB_OK)
            return code;
    }
    return HOB_OK;
}

static int finish(hob_turn *turn, hobi_refr *promise, bool broken, hob_value value) {
    int code = hobi_log(turn, promise);
    if (code != HOB_OK)
        return code;
    const hobi_message *waiting = promise->b;
    promise->bits &= ~(uint64_t)(HOBI_UNRESOLVED | HOBI_FOLLOWING);
    if (broken)
        promise->bits |= HOBI_BROKEN;
    promise->a = value;
    promise->b = NULL;
    return release(turn, waiting, broken, value);
}

static int break_cycle(hob_turn *turn, hobi_refr *promise) {
    hob_error error = {0};
    hobi_error(&error, HOB_ECYCLE,
               "a promise was to be fulfilled with itself, perhaps by way of others: "
               "it would never settle");
    return finish(turn, promise, true, hobi_problem(&error));
}

/* The end of the chain of near promises that NEXT follows, but no farther than
   STOP.  LAST (may be NULL) gets the last of the chain that is near, if one is.  */
static hobi_refr *end_of_chain(const hob_turn *turn, hobi_refr *next,
                               const hobi_refr *stop, hobi_refr **last) {
    while (next->vat == turn->vat) {
        if (last != NULL)
            *last = next;
        if (next == stop || !unresolved(next) || !hobi_has(next, HOBI_FOLLOWING))
            return next;
        next = hobi_to_refr((hob_value)next->a);
    }
    return next;
}

/* It follows the last near one of the chain and not the first: of a million that are
   fulfilled with the one before, none has a long way to walk (rule 8).  */
static int follow(hob_turn *turn, hobi_refr *promise, hobi_refr *next) {
    hobi_refr *end = end_of_chain(turn, next, promise, &next);
    if (end == promise)
        return break_cycle(turn, promise);
    int code = hobi_log(turn, promise);
    if (code != HOB_OK)
        return code;
    promise->bits |= HOBI_FOLLOWING;
    promise->a = next;
    const hobi_listener follower = {.type = HOBI_FOLLOWER, .target = promise};
    code = hobi_listen(turn, hobi_from_refr(next), &follower);
    if (code != HOB_OK || end->vat == turn->vat)
        return code;
    return hobi_turn_put(turn, hobi_message_new(HOBI_PROBE, end, NULL, promise));
}

/* FINAL: from the promise that it follows, not from its resolver.  */
static int settle(hob_turn *turn, hobi_refr *promise, bool broken, hob_value value,
                  bool final, bool *happened) {
    bool open = unresolved(promise) && (final || !hobi_has(promise, HOBI_FOLLOWING));
    if (happened != NULL)
        *happened = open;
    if (!open)
        return HOB_OK;
    if (broken || !hobi_is_refr(value) || !hobi_refr_is_promise(value))
        return finish(turn, promise, broken, value);
    hobi_refr *next = hobi_to_refr(value);
    if (!near_promise(turn, value) || unresolved(next))
        return follow(turn, promise, next);
    return finish(turn, promise, hobi_has(next, HOBI_BROKEN), (hob_value)next->a);
}

int hobi_settle(hob_turn *turn, hobi_refr *promise, bool broken, hob_value value,
                bool *happened) {
    return settle(turn, promise, broken, value, false, happened);
}

int hobi_settle_follower(hob_turn *turn, hobi_refr *promise, bool broken,
                         hob_value value) {
    return settle(turn, promise, broken, value, true, NULL);
}

int hobi_answer(hob_turn *turn, hobi_refr *promise, bool broken, hob_value value) {
    if (promise != NULL && promise->vat == turn->vat)
        return hobi_settle(turn, promise, broken, value, NULL);
    return settle_later(turn, promise, broken, value);
}

int hobi_promise_wait(hob_turn *turn, hobi_refr *promise, const hobi_message *message) {
    hobi_message *copy = hobi_alloc(sizeof *copy);
    if (copy == NULL)
        return HOB_ENOMEM;
    int code = hobi_log(turn, promise);
    if (code != HOB_OK)
        return code;
    *copy = *message;
    copy->next = (hobi_message *)(uintptr_t)promise->b;
    promise->b = copy;
    return HOB_OK;
}

static hobi_message *listen_message(hobi_refr *to, const hobi_listener *listener) {
    hobi_listener *copy = hobi_alloc(sizeof *copy);
    if (copy == NULL)
        return NULL;
    *copy = *listener;
    hobi_message *message = hobi_message_new(HOBI_LISTEN, to, NULL, NULL);
    if (message != NULL)
        message->extra = copy;
    return message;
}

/* A handler has to run here, so a promise of ours follows the far one.  */
static int near_stand_in(hob_turn *turn, hobi_refr *far, hobi_refr **promise) {
    int code = hobi_promise_new(turn, promise);
    return code != HOB_OK
               ? code
               : hobi_settle(turn, *promise, false, hobi_from_refr(far), NULL);
}

int hobi_listen(hob_turn *turn, hob_value vow, const hobi_listener *listener) {
    if (!hobi_is_refr(vow) || !hobi_refr_is_promise(vow))
        return hobi_notify(turn, listener, false, vow);
    hobi_refr *promise = hobi_to_refr(vow);
    bool handler = listener->type == HOBI_FUNCTION || listener->type == HOBI_WORDS;
    if (handler && promise->vat != turn->vat) {
        int code = near_stand_in(turn, promise, &promise);
        if (code != HOB_OK)
            return code;
    }
    hobi_message *message = listen_message(promise, listener);
    if (message == NULL)
        return HOB_ENOMEM;
    if (promise->vat == turn->vat)
        return hobi_promise_heard(turn, message);
    return hobi_turn_put(turn, message);
}

/* Only the vat of ORIGIN may break it, so a probe that meets it elsewhere goes
   there (rule 7).  */
static int heard_probe(hob_turn *turn, hobi_refr *promise, hobi_refr *origin) {
    hobi_refr *end = end_of_chain(turn, promise, origin, NULL);
    if (end->vat == turn->vat)
        return end == origin && unresolved(origin) ? break_cycle(turn, origin) : HOB_OK;
    return hobi_turn_put(turn, hobi_message_new(HOBI_PROBE, end, NULL, origin));
}

int hobi_promise_heard(hob_turn *turn, const hobi_message *message) {
    hobi_refr *promise = message->to;
    if (message->type == HOBI_PROBE)
        return heard_probe(turn, promise, message->answer);
    if (unresolved(promise))
        return hobi_promise_wait(turn, promise, message);
    return hobi_notify(turn, message->extra, hobi_has(promise, HOBI_BROKEN),
                       (hob_value)promise->a);
}

/* In a later turn, so that who settles a promise runs nobody's code.  */
int hobi_notify(hob_turn *turn, const hobi_listener *listener, bool broken,
                hob_value value) {
    hobi_refr *to = listener->type == HOBI_FOLLOWER ? listener->target : NULL;
    hobi_message *message =
        hobi_message_new(to != NULL ? HOBI_SETTLE : HOBI_NOTIFY, to, value, NULL);
    hobi_listener *copy = hobi_alloc(sizeof *copy);
    if (message == NULL || copy == NULL)
        return HOB_ENOMEM;
    *copy = *listener;
    message->extra = copy;
    message->broken = broken;
    return hobi_turn_put(turn, message);
}

hob_promise_state hob_promise_look(hob_turn *turn, hob_value promise,
                                   hob_value *value) {
    hob_value target = hobi_follow(turn->vat, promise);
    bool near = near_promise(turn, target);
    if (!near && hobi_is_refr(target) && hobi_refr_is_promise(target))
        return HOB_UNRESOLVED;
    if (near && unresolved(hobi_to_refr(target)))
        return HOB_UNRESOLVED;
    if (value != NULL)
        *value = near ? (hob_value)hobi_to_refr(target)->a : target;
    return near ? HOB_BROKEN : HOB_FULFILLED;
}
