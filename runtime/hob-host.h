/* hob-host.h -- the primitives by which another language drives turns.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Included by hob.h; a program in C needs none of it.

   A host language may run the turns of a vat itself, so that no C frame stands
   between its loop and a behaviour (a suspended behaviour could not be resumed
   through one).  Its loop, in outline:

     hob_vat_push_thunk or a message from elsewhere wakes the vat;
     the scheduler, or the caller of with-vat, owns the vat and calls `drive`:
       while ((step = hob_churn_begin (vat)) == HOB_STEP_READY)
         while ((step = hob_turn_next (vat, &delivery)) == HOB_STEP_TURN)
           run what DELIVERY says;
           hob_turn_commit (vat, answer)  or  hob_turn_abort (vat, problem);
         save what changed;  hob_churn_commit (vat)  or  hob_churn_abort (vat, ..)
       hob_vat_disown (vat)

   All of this file: [host], but where it says otherwise.  */

#ifndef HOB_HOST_H
#define HOB_HOST_H

/* The first word of every refr belongs to the host; its low three bits are 1.  A
   host object keeps three words of the host's: behaviour, portrait, constructor.
   They, and what hob_host wraps, are pointers of the collector or small data.  */
typedef struct hob_host_language {
    uintptr_t refr_header;
    /* Run churns of VAT, which the calling thread owns, until its mailbox is empty
       or BUDGET churns are done.  Runs user code.  */
    void (*drive)(hob_vat *vat, size_t budget);
    /* Call MAIN (ARGUMENT) in a thread that the host knows.  */
    void *(*enter_thread)(void *(*main)(void *), void *argument);
    /* `$` from C on a host object.  Runs user code.  */
    int (*call)(hob_turn *turn, hob_value refr, size_t count, const hob_value *args,
                hob_value *answer);
    /* A host value as a value of the model, and a value as one of the host's; deep
       copies of data, refrs as they are.  NULL: the value contains itself.  */
    hob_value (*import)(const void *host_value);
    const void *(*export)(hob_value value);
    /* For messages to people: what a host value looks like, in a few words; NULL when
       nobody knows.  Must not fail.  */
    const char *(*print)(const void *host_value);
} hob_host_language;

typedef enum hob_step {
    HOB_STEP_NONE,  /* nothing is left */
    HOB_STEP_READY, /* a churn has begun */
    HOB_STEP_TURN,  /* a turn is to be run */
    HOB_STEP_HALT   /* the vat was halted: abort the churn */
} hob_step;

typedef enum hob_delivery_type {
    HOB_DELIVER_CALL,   /* call TARGET's behaviour with ARGS */
    HOB_DELIVER_NOTIFY, /* a promise settled: WORDS are those of hob_turn_listen */
    HOB_DELIVER_THUNK   /* run the host thunk WORDS[0] */
} hob_delivery_type;

/* What the turn is.  Valid until the next hob_turn_next.  */
typedef struct hob_delivery {
    hob_delivery_type type;
    hob_value target;
    bool is_host;          /* CALL: TARGET is a host object; NOTIFY: host words */
    const void *behaviour; /* CALL of a host object */
    hob_value args;        /* CALL: a list, or a host value that is the host's */
    bool broken;           /* NOTIFY: the promise broke */
    hob_value value;       /* NOTIFY: with what */
    const void *words[4];
} hob_delivery;

/* A vat that the host drives.  SPACE_ONLY: it never runs by itself, takes no
   messages from elsewhere (an actormap).  DATA is the host's, traced.  */
HOB_API hob_vat *hob_vat_new_host(hob_runtime *runtime, const hob_vat_options *options,
                                  bool space_only);
HOB_API void hob_vat_set_host_data(hob_vat *vat, const void *data);
HOB_API const void *hob_vat_host_data(const hob_vat *vat);
/* The vat whose turn this thread runs, or NULL.  [any]  */
HOB_API hob_vat *hob_vat_current(void);
/* The turn in progress, for the functions of hob.h.  */
HOB_API hob_turn *hob_vat_turn(hob_vat *vat);

/* A thunk of the host waits in the mailbox like a message.  */
typedef struct hob_ticket hob_ticket;
/* [any]  */
HOB_API hob_ticket *hob_vat_push_thunk(hob_vat *vat, const void *thunk,
                                       hob_error *error);
/* Own the vat if nobody does: true, and this thread may drive it.  [any]  */
HOB_API bool hob_vat_own(hob_vat *vat);
/* The same, if it is running and nothing waits in its mailbox.  [any]  */
HOB_API bool hob_vat_own_idle(hob_vat *vat);
/* Give it back; what waits in the mailbox goes to the scheduler.  */
HOB_API void hob_vat_disown(hob_vat *vat);
/* hob_vat_halt, but wait MILLISECONDS at most: false when a turn is running still.
   [any]  */
HOB_API bool hob_vat_halt_within(hob_vat *vat, int milliseconds);
/* Wait until the ticket is done or nobody owns the vat, MILLISECONDS at most.  */
HOB_API void hob_ticket_wait(hob_ticket *ticket, int milliseconds);
HOB_API bool hob_ticket_done(const hob_ticket *ticket);
/* Take the thunk out of the mailbox again; false when it has begun.  */
HOB_API bool hob_ticket_cancel(hob_ticket *ticket);
/* The word that the driver left for whoever waits.  */
HOB_API void hob_ticket_set_result(hob_ticket *ticket, const void *result);
HOB_API const void *hob_ticket_result(const hob_ticket *ticket);
/* End the ticket of a thunk of C (hob_vat_run), when its churn has ended.  ERROR is
   what failed, the turn or the churn; NULL: nothing did, and ANSWER is the answer.  */
HOB_API void hob_ticket_end(hob_ticket *ticket, hob_value answer,
                            const hob_error *error);
/* The ticket that began the churn in progress, or NULL.  */
HOB_API hob_ticket *hob_churn_ticket(hob_vat *vat);

/* Take a message from the mailbox.  READY, NONE, or HALT.  */
HOB_API hob_step hob_churn_begin(hob_vat *vat);
/* A churn that is begun from outside, with no message (an actormap's turn).  */
HOB_API void hob_churn_open(hob_vat *vat);
/* Commit nothing; hand out the next near message.  TURN, NONE, or HALT.  */
HOB_API hob_step hob_turn_next(hob_vat *vat, hob_delivery *delivery);
/* Run a delivery that is not the host's: an object, handler or thunk of C.  RESULT
   is the answer, or the problem when it fails.  Commit or abort is the caller's.
   Runs user code.  */
HOB_API int hob_turn_run(hob_vat *vat, const hob_delivery *delivery, hob_value *result);
/* ANSWER (NULL: void) settles the promise that waits for it.  */
HOB_API void hob_turn_commit(hob_vat *vat, hob_value answer);
/* Undo the turn; its promise breaks with PROBLEM.  */
HOB_API void hob_turn_abort(hob_vat *vat, hob_value problem);
/* Undo what the turn did so far, and settle nothing.  */
HOB_API void hob_turn_undo(hob_vat *vat);
/* Release what the churn sent (rule 3: only now), forget how to undo it.  */
HOB_API void hob_churn_commit(hob_vat *vat);
/* Commit, but keep back what the churn sent until the saver's TICKET is waited for;
   several churns then share one sync.  */
HOB_API void hob_churn_hold(hob_vat *vat, uint64_t ticket);
/* Wait for what is held and release it.  An error is final: the vat is halted.  */
HOB_API int hob_churn_flush(hob_vat *vat, hob_error *error);
/* Undo all of the churn (rule 4); who waits for its first turn gets PROBLEM.  */
HOB_API void hob_churn_abort(hob_vat *vat, hob_value problem);
/* The driver is about to disown the vat: abort the churn if one is in progress.  */
HOB_API void hob_churn_leave(hob_vat *vat);
/* Drop the near messages that are left and what would go out (actormap-poke!).  */
HOB_API void hob_churn_drop(hob_vat *vat);

/* A refr for an object of the host that CONSTRUCTOR is about to make.  NAME (may be
   NULL) is a value, or one of the host's wrapped.  NULL: ENOMEM.  */
HOB_API hob_value hob_object_begin(hob_vat *vat, hob_value name,
                                   const void *constructor);
/* The next object that CONSTRUCTOR makes takes the place of REFR, which is asleep;
   REFR NULL: no more.  */
HOB_API void hob_object_expect(hob_vat *vat, hob_value refr, const void *constructor);
/* What is expected still, or NULL.  */
HOB_API hob_value hob_object_expected(const hob_vat *vat, const void **constructor);
/* ... and what its constructor made.  An object that never gets this is not there
   for anybody.  */
HOB_API void hob_object_install(hob_value refr, const void *behaviour,
                                const void *portrait, const void *constructor);
/* A new behaviour and portrait, and what restores it from that (CONSTRUCTOR NULL:
   what did before).  EAUTHORITY when REFR is not an object of the host in VAT,
   ENOMEM.  */
HOB_API int hob_object_become(hob_vat *vat, hob_value refr, const void *behaviour,
                              const void *portrait, const void *constructor);
HOB_API const void *hob_object_behaviour(hob_value refr);
HOB_API const void *hob_object_portrait(hob_value refr);
HOB_API const void *hob_object_constructor(hob_value refr);
/* As it was given.  [any]  */
HOB_API hob_value hob_object_name(hob_value refr);

/* Send with the arguments as the host has them (near) or as a list of values
   (far: the caller converts).  PROMISE NULL: none is made.  */
HOB_API int hob_turn_send(hob_vat *vat, hob_value to, hob_value args,
                          hob_value *promise);
/* Be told when VOW settles: a NOTIFY turn with WORDS, whose answer settles RESULT
   (NULL: none is made).  */
HOB_API int hob_turn_listen(hob_vat *vat, hob_value vow, const void *const words[4],
                            hob_value *result);
/* Settle the promise of a resolver of this vat; HAPPENED tells if it was the
   first time.  */
HOB_API int hob_turn_settle(hob_vat *vat, hob_value resolver, bool broken,
                            hob_value value, bool *happened);

typedef enum hob_refr_type {
    HOB_REFR_OBJECT, /* of C */
    HOB_REFR_HOST,   /* of the host */
    HOB_REFR_RESOLVER,
    HOB_REFR_PROMISE,
    HOB_REFR_ASLEEP, /* in the store only */
    HOB_REFR_DEAD    /* its spawn was undone, or never finished */
} hob_refr_type;
/* [any]  */
HOB_API hob_refr_type hob_refr_type_of(hob_value refr);
HOB_API uint64_t hob_refr_id(hob_value refr);
/* What a promise of the vat that this thread runs is fulfilled with; any other
   value as it is.  */
HOB_API hob_value hob_refr_follow(hob_value refr);

#endif
