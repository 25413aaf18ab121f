/* turn.h -- a turn, and how it is undone.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A turn writes in place.  Before it changes a refr for the first time it logs
   the four words that can change; undoing a turn writes them back, newest first,
   and cuts what the turn put in the near queue and the outbox (rule 1).  The log
   is kept until the end of the churn, so that a churn that cannot be saved is
   undone the same way (rule 4); its entries name what the churn changed, so that
   saving costs what changed and never what exists (rule 2).  */

#ifndef HOBI_TURN_H
#define HOBI_TURN_H

#include "message.h"

typedef struct hobi_undo {
    hobi_refr *refr;
    uint64_t bits; /* of the refr before */
    const void *a, *b, *c;
    bool spawned; /* it was not there before */
} hobi_undo;

/* Where a turn began.  */
typedef struct hobi_mark {
    size_t undo_count;
    hobi_message *near_tail;
    size_t near_count;
    size_t outbox_count;
} hobi_mark;

/* One activation of a C behaviour; lives on the C stack.  */
typedef struct hobi_frame {
    struct hobi_frame *caller;
    unsigned depth; /* of activations below it */
    hobi_refr *self;
    const hob_kind *next_kind; /* NULL: no become */
    hob_value next_state;
} hobi_frame;

struct hob_turn {
    hob_vat *vat;
    hobi_undo *undo;
    size_t undo_count, undo_capacity;
    hobi_message **outbox;
    size_t outbox_count, outbox_capacity;
    hobi_queue near;
    hobi_mark mark;
    uint64_t stamp;        /* number of this turn */
    hobi_message *message; /* that the turn handles */
    bool in_churn;
    hobi_message *first; /* that began the churn; NULL: opened from outside */
    hobi_frame *frame;
    hob_error error;
    uint64_t next_id;
    /* Outputs of churns whose sync is still to come (grouped).  */
    hobi_message **held;
    size_t held_count, held_capacity;
    uint64_t held_ticket;
};

/* Log REFR if this turn has not yet.  ENOMEM: nothing may be changed.  */
HOBI_API int hobi_log(hob_turn *turn, hobi_refr *refr);
/* Log that REFR is new.  */
HOBI_API int hobi_log_spawn(hob_turn *turn, hobi_refr *refr);
void hobi_turn_begin(hob_turn *turn);
/* Back to the mark of the turn, or of the churn.  */
void hobi_turn_undo(hob_turn *turn);
void hobi_churn_undo(hob_turn *turn);
/* Forget the log and what it held.  */
void hobi_churn_forget(hob_turn *turn);
/* To the near queue or the outbox, by where TO is.  */
int hobi_turn_put(hob_turn *turn, hobi_message *message);

/* VALUE as a value of the model.  Rule 7: what the host could change does not leave
   the vat.  NULL when memory is out.  */
hob_value hobi_copied(const hob_turn *turn, hob_value value);

/* promise.c */
HOBI_API int hobi_promise_new(hob_turn *turn, hobi_refr **promise);
/* Settle PROMISE, which is near.  HAPPENED (may be NULL): it was not settled
   before.  */
HOBI_API int hobi_settle(hob_turn *turn, hobi_refr *promise, bool broken,
                         hob_value value, bool *happened);
/* From the promise that PROMISE follows.  */
int hobi_settle_follower(hob_turn *turn, hobi_refr *promise, bool broken,
                         hob_value value);
/* The same for a promise of any vat (an answer), or NULL.  */
int hobi_answer(hob_turn *turn, hobi_refr *promise, bool broken, hob_value value);
int hobi_listen(hob_turn *turn, hob_value vow, const hobi_listener *listener);
int hobi_promise_wait(hob_turn *turn, hobi_refr *promise, const hobi_message *message);
/* LISTEN and PROBE as they arrive.  */
int hobi_promise_heard(hob_turn *turn, const hobi_message *message);
/* Tell LISTENER.  */
int hobi_notify(hob_turn *turn, const hobi_listener *listener, bool broken,
                hob_value value);

/* send.c */
int hobi_send(hob_turn *turn, hob_value to, hob_value args, hobi_refr **promise);

/* object.c */
int hobi_object_call(hob_turn *turn, hobi_refr *object, size_t count,
                     const hob_value *args, hob_value *answer);

/* problem.c: errors as values that break promises, and back.  */
HOBI_API hob_value hobi_problem(const hob_error *error);
HOBI_API void hobi_error_from_problem(hob_error *error, hob_value problem);

#endif
