/* vat.h -- what a vat is made of.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Two halves.  The outer one (mailbox, state, who waits) belongs to every thread,
   under LOCK.  The inner one (the turn: log, near queue, outbox) belongs to the
   thread that owns the vat, and needs no lock: OWNED changes hands only under
   LOCK, which orders what the former owner wrote before what the next one reads.

     halted -> idle <-> queued -> owned -> idle
                 `----------------^          (hob_vat_own from outside)

   idle: mailbox empty (or muted), nobody runs it.  queued: in the scheduler's
   queue.  owned: one thread runs its turns.  A halted vat is never queued.  */

#ifndef HOBI_VAT_H
#define HOBI_VAT_H

#include <pthread.h>
#include <stdatomic.h>

#include "message.h"
#include "turn.h"

/* What keeps a vat's objects (persist/); NULL functions: nothing does.  */
typedef struct hobi_saver {
    void *data;
    /* Save what the churn changed; on error nothing is saved (rule 4).  TICKET
       says what to wait for; 0: nothing was written.  Runs user code.  */
    int (*save)(hob_vat *vat, void *data, uint64_t *ticket, hob_error *error);
    /* Wait until it is durable.  An error is final: the vat is stopped.  */
    int (*wait)(hob_vat *vat, void *data, uint64_t ticket, hob_error *error);
    /* Bring an object that is asleep back, in a turn.  Runs user code.  */
    int (*wake)(hob_vat *vat, void *data, hob_value refr, hob_error *error);
    /* Outputs may be held and share a wait.  */
    bool grouped;
} hobi_saver;

struct hob_ticket {
    hob_vat *vat;
    const void *thunk;   /* the host's, or NULL */
    hob_thunk *function; /* C's */
    void *data;
    bool done, begun; /* under the vat's lock */
    int code;
    hob_value answer;
    hob_error error;
    const void *result;
};

struct hob_vat {
    hob_runtime *runtime;
    const char *name;
    uint64_t number; /* in this runtime; orders refrs of different vats */
    bool host_driven, space_only;
    const void *host_data;
    hobi_saver saver;

    /* Outer half, under LOCK.  */
    pthread_mutex_t lock;
    pthread_cond_t change; /* owned, done, room or halted changed */
    hobi_queue mailbox;
    size_t mailbox_limit;
    bool owned, queued, halted;
    bool overloaded; /* from above the limit until half of it (see mailbox.c) */
    bool muted;      /* waits until a vat that it sent to is no longer overloaded */
    hob_vat *muted_vats, *next_muted;
    hob_vat *waits_for;   /* which it is; under the runtime's MUTING lock */
    hob_vat *next_queued; /* under the runtime's lock */
    hob_vat *outer;       /* what the owner's thread was running before */
    /* Read by the owner at each turn without the lock; pairs with the store in
       hob_vat_halt.  */
    atomic_bool halt_wanted;

    /* Inner half, the owner's.  */
    hob_turn turn;
    /* The next object that EXPECTED_CONSTRUCTOR makes is this one (a restore).  */
    hob_value expected;
    const void *expected_constructor;
};

HOBI_API extern _Thread_local hob_vat *hobi_current;

/* mailbox.c */
/* Put MESSAGE in; wakes the vat.  SENDER (may be NULL) is muted when the mailbox
   is over its limit.  EHALTED: not taken.  */
int hobi_mailbox_put(hob_vat *vat, hobi_message *message, hob_vat *sender);
hobi_message *hobi_mailbox_take(hob_vat *vat);
/* VAT was halted: it will not drain its mailbox, so whoever it muted goes on.  */
void hobi_mailbox_halted(hob_vat *vat);
/* Wait for room; false after MILLISECONDS.  */
bool hobi_mailbox_wait_room(hob_vat *vat, int milliseconds);

/* vat.c */
bool hobi_vat_own_wait(hob_vat *vat, hob_ticket *ticket);
/* End a ticket and wake who waits.  */
void hobi_ticket_finish(hob_ticket *ticket, int code, hob_value answer,
                        const hob_error *error);
/* Breaks a promise from outside of any turn.  */
void hobi_break_from_outside(hobi_refr *promise, hob_value problem);
/* The absolute time MILLISECONDS from now; a negative number is as zero.  */
struct timespec hobi_deadline(int milliseconds);

/* churn.c: wait for a ticket of the saver; an error is final, and stops the vat.  */
int hobi_churn_wait(hob_vat *vat, uint64_t ticket, hob_error *error);

/* drive.c */
void hobi_drive(hob_vat *vat, size_t budget);

/* runtime.c */
HOBI_API const hob_host_language *hobi_runtime_host(const hob_runtime *runtime);

/* scheduler.c */
void hobi_schedule(hob_vat *vat); /* with the vat's lock held */

#endif
