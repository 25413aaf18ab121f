/* vat.c -- vats: made, owned, halted, started again.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The state diagram is in vat.h.  A halted vat keeps its objects and what waits in
   its mailbox; whoever waits for a thunk in it is told at once.  */

#include <config.h>

#include <errno.h>
#include <string.h>
#include <time.h>

#include "scheduler.h"
#include "vat.h"

_Thread_local hob_vat *hobi_current;

hob_vat *hob_vat_current(void) {
    return hobi_current;
}

static hob_vat *vat_new(hob_runtime *runtime, const hob_vat_options *options) {
    hob_vat *vat = hobi_alloc(sizeof *vat);
    if (vat == NULL)
        return NULL;
    pthread_mutex_init(&vat->lock, NULL);
    pthread_cond_init(&vat->change, NULL);
    vat->runtime = runtime;
    const char *name =
        options != NULL && options->name != NULL ? options->name : "unnamed";
    vat->name = hobi_copy_text(name, strlen(name));
    if (vat->name == NULL)
        return NULL;
    vat->mailbox_limit = options != NULL ? options->mailbox_limit : 0;
    vat->turn.vat = vat;
    vat->turn.next_id = 1;
    return hobi_runtime_add(runtime, vat) ? vat : NULL;
}

hob_vat *hob_vat_new(hob_runtime *runtime, const hob_vat_options *options) {
    return vat_new(runtime, options);
}

hob_vat *hob_vat_new_host(hob_runtime *runtime, const hob_vat_options *options,
                          bool space_only) {
    hob_vat *vat = vat_new(runtime, options);
    if (vat == NULL)
        return NULL;
    vat->host_driven = true;
    vat->space_only = space_only;
    return vat;
}

void hob_vat_set_host_data(hob_vat *vat, const void *data) {
    vat->host_data = data;
}

const void *hob_vat_host_data(const hob_vat *vat) {
    return vat->host_data;
}

const char *hob_vat_name(const hob_vat *vat) {
    return vat->name;
}

bool hob_vat_running(const hob_vat *vat) {
    return !atomic_load(&vat->halt_wanted);
}

/* ----------------------------------------------------------------- owning  */

static void own(hob_vat *vat) {
    vat->owned = true;
    vat->outer = hobi_current;
    hobi_current = vat;
}

bool hob_vat_own(hob_vat *vat) {
    pthread_mutex_lock(&vat->lock);
    bool free = !vat->owned && !vat->muted;
    if (free)
        own(vat);
    pthread_mutex_unlock(&vat->lock);
    return free;
}

bool hob_vat_own_idle(hob_vat *vat) {
    pthread_mutex_lock(&vat->lock);
    bool free = !vat->owned && !vat->muted && !vat->halted && vat->mailbox.count == 0;
    if (free)
        own(vat);
    pthread_mutex_unlock(&vat->lock);
    return free;
}

void hob_vat_disown(hob_vat *vat) {
    pthread_mutex_lock(&vat->lock);
    vat->owned = false;
    hobi_current = vat->outer;
    vat->outer = NULL;
    pthread_cond_broadcast(&vat->change);
    if (vat->mailbox.count > 0 && !vat->queued && !vat->halted && !vat->muted)
        hobi_schedule(vat);
    pthread_mutex_unlock(&vat->lock);
}

/* -------------------------------------------------------- halt and start  */

/* Thunks in the mailbox of a vat that stops; the rest waits for its start.  */
static hobi_queue take_thunks(hob_vat *vat) {
    hobi_queue thunks = {0}, rest = {0};
    for (hobi_message *m; (m = hobi_queue_pop(&vat->mailbox)) != NULL;)
        hobi_queue_push(m->type == HOBI_THUNK ? &thunks : &rest, m);
    vat->mailbox = rest;
    return thunks;
}

static void refuse(hob_vat *vat, hobi_queue *thunks) {
    hob_error error = {0};
    hobi_error(&error, HOB_EHALTED, "the vat %s was halted", hob_vat_name(vat));
    for (hobi_message *m; (m = hobi_queue_pop(thunks)) != NULL;)
        hobi_ticket_finish((hob_ticket *)(uintptr_t)m->extra, HOB_EHALTED, NULL,
                           &error);
}

/* With the lock held.  False: somebody owns it still.  */
static bool wait_until_free(hob_vat *vat, int milliseconds) {
    const struct timespec deadline = hobi_deadline(milliseconds);
    int code = 0;
    while (vat->owned && hobi_current == NULL && code != ETIMEDOUT)
        code = milliseconds < 0
                   ? pthread_cond_wait(&vat->change, &vat->lock)
                   : pthread_cond_timedwait(&vat->change, &vat->lock, &deadline);
    return !vat->owned || hobi_current != NULL;
}

bool hob_vat_halt_within(hob_vat *vat, int milliseconds) {
    atomic_store(&vat->halt_wanted, true);
    pthread_mutex_lock(&vat->lock);
    vat->halted = true;
    pthread_cond_broadcast(&vat->change);
    bool free = wait_until_free(vat, milliseconds);
    hobi_queue thunks = take_thunks(vat);
    pthread_mutex_unlock(&vat->lock);
    refuse(vat, &thunks);
    hobi_mailbox_halted(vat);
    return free;
}

void hob_vat_halt(hob_vat *vat) {
    hob_vat_halt_within(vat, -1);
}

void hob_vat_start(hob_vat *vat) {
    pthread_mutex_lock(&vat->lock);
    vat->halted = false;
    atomic_store(&vat->halt_wanted, false);
    if (vat->mailbox.count > 0 && !vat->owned && !vat->queued && !vat->muted)
        hobi_schedule(vat);
    pthread_mutex_unlock(&vat->lock);
}

/* A promise whose message could not be delivered.  */
void hobi_break_from_outside(hobi_refr *promise, hob_value problem) {
    hobi_message *message = hobi_message_new(HOBI_SETTLE, promise, problem, NULL);
    if (message == NULL)
        return;
    message->broken = true;
    hobi_mailbox_put(promise->vat, message, NULL);
}
