/* ticket.c -- running a thunk in a vat from outside, and waiting for it.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A thunk waits in the mailbox like a message, so it keeps its place among them.
   Whoever waits for it drives the vat itself when nobody else does: an idle vat
   costs no change of thread.  */

#include <config.h>

#include <errno.h>
#include <time.h>

#include "vat.h"

static hob_ticket *ticket_new(hob_vat *vat) {
    hob_ticket *ticket = hobi_alloc(sizeof *ticket);
    if (ticket != NULL)
        ticket->vat = vat;
    return ticket;
}

/* Takes no notice of the scheduler: who pushes is about to drive.  */
static int push(hob_vat *vat, hob_ticket *ticket, hob_error *error) {
    hobi_message *message = hobi_message_new(HOBI_THUNK, NULL, NULL, NULL);
    if (message == NULL)
        return hobi_error(error, HOB_ENOMEM, "running a thunk in vat %s", vat->name);
    message->extra = ticket;
    pthread_mutex_lock(&vat->lock);
    bool halted = vat->halted;
    if (!halted)
        hobi_queue_push(&vat->mailbox, message);
    pthread_mutex_unlock(&vat->lock);
    return !halted ? HOB_OK
                   : hobi_error(error, HOB_EHALTED,
                                "the vat %s is not running: start it first", vat->name);
}

hob_ticket *hob_vat_push_thunk(hob_vat *vat, const void *thunk, hob_error *error) {
    hob_ticket *ticket = ticket_new(vat);
    if (ticket == NULL) {
        hobi_error(error, HOB_ENOMEM, "running a thunk in vat %s", vat->name);
        return NULL;
    }
    ticket->thunk = thunk;
    return push(vat, ticket, error) == HOB_OK ? ticket : NULL;
}

void hobi_ticket_finish(hob_ticket *ticket, int code, hob_value answer,
                        const hob_error *error) {
    hob_vat *vat = ticket->vat;
    pthread_mutex_lock(&vat->lock);
    ticket->code = code;
    ticket->answer = answer;
    ticket->error = *error;
    ticket->done = true;
    pthread_cond_broadcast(&vat->change);
    pthread_mutex_unlock(&vat->lock);
}

void hob_ticket_set_result(hob_ticket *ticket, const void *result) {
    const hob_error none = {0};
    ticket->result = result;
    hobi_ticket_finish(ticket, HOB_OK, NULL, &none);
}

void hob_ticket_end(hob_ticket *ticket, hob_value answer, const hob_error *error) {
    const hob_error none = {0};
    const hob_error *end = error != NULL ? error : &none;
    hobi_ticket_finish(ticket, end->code, answer, end);
}

const void *hob_ticket_result(const hob_ticket *ticket) {
    return ticket->result;
}

bool hob_ticket_done(const hob_ticket *ticket) {
    hob_vat *vat = ticket->vat;
    pthread_mutex_lock(&vat->lock);
    bool done = ticket->done;
    pthread_mutex_unlock(&vat->lock);
    return done;
}

void hob_ticket_wait(hob_ticket *ticket, int milliseconds) {
    hob_vat *vat = ticket->vat;
    const struct timespec deadline = hobi_deadline(milliseconds);
    int code = 0;
    pthread_mutex_lock(&vat->lock);
    while (!ticket->done && (vat->owned || vat->muted) && code != ETIMEDOUT)
        code = pthread_cond_timedwait(&vat->change, &vat->lock, &deadline);
    pthread_mutex_unlock(&vat->lock);
}

bool hob_ticket_cancel(hob_ticket *ticket) {
    hob_vat *vat = ticket->vat;
    hobi_queue rest = {0};
    bool found = false;
    pthread_mutex_lock(&vat->lock);
    for (hobi_message *m; (m = hobi_queue_pop(&vat->mailbox)) != NULL;) {
        if (m->extra == ticket && m->type == HOBI_THUNK)
            found = true;
        else
            hobi_queue_push(&rest, m);
    }
    vat->mailbox = rest;
    pthread_mutex_unlock(&vat->lock);
    return found;
}

/* One churn at a time, so that who waits for a thunk does not work for others
   longer than it must.  */
static void drive_until_done(hob_ticket *ticket) {
    hob_vat *vat = ticket->vat;
    while (!hob_ticket_done(ticket)) {
        if (!hob_vat_own(vat)) {
            hob_ticket_wait(ticket, 1000);
            continue;
        }
        hobi_drive(vat, 1);
        hob_vat_disown(vat);
    }
}

int hob_vat_run(hob_vat *vat, hob_thunk *thunk, void *data, hob_value *answer,
                hob_error *error) {
    if (hobi_current != NULL)
        return hobi_error(error, HOB_EINVAL,
                          "hob_vat_run from inside a turn: send a message instead");
    hob_ticket *ticket = ticket_new(vat);
    if (ticket == NULL)
        return hobi_error(error, HOB_ENOMEM, "running a thunk in vat %s", vat->name);
    ticket->function = thunk;
    ticket->data = data;
    int code = push(vat, ticket, error);
    if (code != HOB_OK)
        return code;
    drive_until_done(ticket);
    if (ticket->code != HOB_OK && error != NULL)
        *error = ticket->error;
    if (ticket->code == HOB_OK && answer != NULL)
        *answer = ticket->answer != NULL ? ticket->answer : hob_void();
    return ticket->code;
}
