/* message.h -- what waits in mailboxes and promises.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef HOBI_MESSAGE_H
#define HOBI_MESSAGE_H

#include "refr.h"

typedef enum hobi_message_type {
    HOBI_CALL,   /* TO with VALUE, a list or the host's list; ANSWER may be NULL */
    HOBI_SETTLE, /* the promise TO, with VALUE, BROKEN or not */
    HOBI_LISTEN, /* LISTENER wants to hear of the promise TO */
    HOBI_PROBE,  /* does TO, in the end, follow ANSWER?  then break that (W22) */
    HOBI_NOTIFY, /* run LISTENER with VALUE, BROKEN or not */
    HOBI_THUNK   /* run TICKET's thunk */
} hobi_message_type;

/* Who wants to hear of a promise.  */
typedef enum hobi_listener_type {
    HOBI_FOLLOWER, /* the promise TARGET settles the same way */
    HOBI_OBJECT,   /* TARGET gets ('fulfill value) or ('break problem) */
    HOBI_FUNCTION, /* call HANDLER (DATA) */
    HOBI_WORDS     /* the host's */
} hobi_listener_type;

typedef struct hobi_listener {
    const struct hobi_listener *next; /* older */
    hobi_listener_type type;
    hobi_refr *target;
    hob_handler *handler;
    const void *words[4]; /* FUNCTION: words[0] is the data */
    hobi_refr *result;    /* promise for the handler's answer, or NULL */
} hobi_listener;

typedef struct hobi_message {
    struct hobi_message *next; /* in a promise: older; in a queue: later */
    hobi_message_type type;
    bool broken;
    hobi_refr *to;
    hob_value value;
    hobi_refr *answer;
    const void *extra; /* LISTEN, NOTIFY: hobi_listener; THUNK: hob_ticket */
} hobi_message;

_Static_assert(sizeof(hobi_message) <= 64, "a message fits in one cache line");

hobi_message *hobi_message_new(hobi_message_type type, hobi_refr *to, hob_value value,
                               hobi_refr *answer);

/* First in, first out; not locked.  */
typedef struct hobi_queue {
    hobi_message *head, *tail;
    size_t count;
} hobi_queue;

void hobi_queue_push(hobi_queue *queue, hobi_message *message);
hobi_message *hobi_queue_pop(hobi_queue *queue);
/* Forget all that came after TAIL (NULL: all), so that COUNT are left.  */
void hobi_queue_cut(hobi_queue *queue, hobi_message *tail, size_t count);

#endif
