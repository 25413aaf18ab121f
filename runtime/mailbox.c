/* mailbox.c -- messages from outside, and back-pressure.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A vat never refuses a message of another vat because its mailbox is full: the
   sender has committed already.  Instead the sender is muted (not run) until the
   receiver has worked off half of its limit: it then waits for the receiver.  So a
   mailbox holds its limit, and what each sender's churn in progress adds (rule 8).

   Vats never wait for each other in a ring: a vat is not muted when the receiver
   waits for it already, perhaps by way of others.  The last of those that wait for
   each other is not muted, so it works off its mailbox and lets the one before go.
   Break that, and two vats that flood each other both stop for ever.  Who waits for
   whom changes under one lock of the runtime, which is taken before any vat's.

   Who is no vat waits (hobi_mailbox_wait_room).  */

#include <config.h>

#include <errno.h>
#include <time.h>

#include "scheduler.h"

static void wake(hob_vat *vat) {
    if (!vat->owned && !vat->queued && !vat->halted && !vat->muted &&
        vat->mailbox.count > 0)
        hobi_schedule(vat);
}

static bool over_limit(const hob_vat *vat) {
    return vat->mailbox_limit > 0 && vat->mailbox.count > vat->mailbox_limit;
}

/* With the runtime's MUTING lock held.  */
static void unmute(hob_vat *vat) {
    pthread_mutex_lock(&vat->lock);
    vat->muted = false;
    vat->waits_for = NULL;
    pthread_cond_broadcast(&vat->change);
    wake(vat);
    pthread_mutex_unlock(&vat->lock);
}

/* Each muted vat waits for one other, so there is one way to go.  */
static bool waits_for(const hob_vat *vat, const hob_vat *other) {
    while (vat != NULL && vat != other)
        vat = vat->waits_for;
    return vat == other;
}

static bool set_muted(hob_vat *sender, hob_vat *receiver) {
    pthread_mutex_lock(&sender->lock);
    bool first = !sender->muted;
    if (first) {
        sender->muted = true;
        sender->waits_for = receiver;
    }
    pthread_mutex_unlock(&sender->lock);
    return first;
}

/* The receiver may have worked it off meanwhile, and then would let nobody go.  */
static bool remember_muted(hob_vat *receiver, hob_vat *sender) {
    pthread_mutex_lock(&receiver->lock);
    bool stays = receiver->overloaded && !receiver->halted;
    if (stays) {
        sender->next_muted = receiver->muted_vats;
        receiver->muted_vats = sender;
    }
    pthread_mutex_unlock(&receiver->lock);
    return stays;
}

static void mute(hob_vat *sender, hob_vat *receiver) {
    if (sender->runtime != receiver->runtime)
        return;
    pthread_mutex_lock(&sender->runtime->muting);
    if (!waits_for(receiver, sender) && set_muted(sender, receiver) &&
        !remember_muted(receiver, sender))
        unmute(sender);
    pthread_mutex_unlock(&sender->runtime->muting);
}

int hobi_mailbox_put(hob_vat *vat, hobi_message *message, hob_vat *sender) {
    pthread_mutex_lock(&vat->lock);
    /* A halted vat still hears how its promises settled.  An actormap hears of
       nothing: it never looks.  */
    if (vat->space_only || (vat->halted && message->type == HOBI_CALL)) {
        pthread_mutex_unlock(&vat->lock);
        return HOB_EHALTED;
    }
    hobi_queue_push(&vat->mailbox, message);
    if (over_limit(vat) && !vat->halted)
        vat->overloaded = true;
    bool overloaded = vat->overloaded;
    wake(vat);
    pthread_mutex_unlock(&vat->lock);
    if (overloaded && sender != NULL && sender != vat)
        mute(sender, vat);
    return HOB_OK;
}

static hob_vat *let_go(hob_vat *vat) {
    if (!vat->overloaded ||
        (!vat->halted && vat->mailbox.count > vat->mailbox_limit / 2))
        return NULL;
    hob_vat *muted = vat->muted_vats;
    vat->overloaded = false;
    vat->muted_vats = NULL;
    pthread_cond_broadcast(&vat->change);
    return muted;
}

static hobi_message *take(hob_vat *vat) {
    if (vat->halted || vat->muted)
        return NULL;
    hobi_message *message = hobi_queue_pop(&vat->mailbox);
    if (message != NULL && message->type == HOBI_THUNK)
        ((hob_ticket *)(uintptr_t)message->extra)->begun = true;
    return message;
}

static void unmute_all(hob_vat *muted) {
    while (muted != NULL) {
        hob_vat *next = muted->next_muted;
        pthread_mutex_lock(&muted->runtime->muting);
        muted->next_muted = NULL;
        unmute(muted);
        pthread_mutex_unlock(&muted->runtime->muting);
        muted = next;
    }
}

hobi_message *hobi_mailbox_take(hob_vat *vat) {
    pthread_mutex_lock(&vat->lock);
    hobi_message *message = take(vat);
    hob_vat *muted = let_go(vat);
    pthread_mutex_unlock(&vat->lock);
    unmute_all(muted);
    return message;
}

void hobi_mailbox_halted(hob_vat *vat) {
    pthread_mutex_lock(&vat->lock);
    hob_vat *muted = vat->halted ? let_go(vat) : NULL;
    pthread_mutex_unlock(&vat->lock);
    unmute_all(muted);
}

struct timespec hobi_deadline(int milliseconds) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    milliseconds = milliseconds > 0 ? milliseconds : 0;
    time.tv_sec += milliseconds / 1000;
    time.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    if (time.tv_nsec >= 1000000000) {
        time.tv_nsec -= 1000000000;
        time.tv_sec++;
    }
    return time;
}

bool hobi_mailbox_wait_room(hob_vat *vat, int milliseconds) {
    const struct timespec deadline = hobi_deadline(milliseconds);
    int code = 0;
    pthread_mutex_lock(&vat->lock);
    while (vat->overloaded && !vat->halted && code != ETIMEDOUT)
        code = milliseconds < 0
                   ? pthread_cond_wait(&vat->change, &vat->lock)
                   : pthread_cond_timedwait(&vat->change, &vat->lock, &deadline);
    bool room = !vat->overloaded || vat->halted;
    pthread_mutex_unlock(&vat->lock);
    return room;
}

int hob_post(hob_value to, size_t count, const hob_value *args, int milliseconds,
             hob_error *error) {
    if (!hobi_is_refr(to))
        return hobi_error(error, HOB_ETYPE, "cannot send to %s: it is no reference",
                          hob_print(to, 80));
    if (hobi_current != NULL)
        return hobi_error(
            error, HOB_EINVAL,
            "hob_post during a turn: use hob_send_only, which leaves with "
            "the turn");
    hobi_refr *refr = hobi_to_refr(to);
    if (!hobi_mailbox_wait_room(refr->vat, milliseconds))
        return hobi_error(error, HOB_EFULL, "the mailbox of vat %s is full",
                          hob_vat_name(refr->vat));
    hob_value list = hob_list(count, args);
    hobi_message *message = hobi_message_new(HOBI_CALL, refr, list, NULL);
    if (list == NULL || message == NULL)
        return hobi_error(error, HOB_ENOMEM, "sending a message");
    int code = hobi_mailbox_put(refr->vat, message, NULL);
    if (code != HOB_OK)
        hobi_error(error, code, "the vat %s is halted", hob_vat_name(refr->vat));
    return code;
}
