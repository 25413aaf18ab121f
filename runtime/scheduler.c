/* scheduler.c -- runs vats on threads.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A queue of vats that have mail, and threads that take them in turn.  A behaviour
   that blocks (a slow file, a socket, sleep) holds its thread and nothing else: a
   monitor sees that vats are queued and none was handed out for a few milliseconds,
   and adds a thread.  Threads beyond the base number end when they find no work.
   Nobody polls while nothing is queued.  */

#include <config.h>

#define GC_THREADS
#include <gc/gc.h>

#include <errno.h>

#include "scheduler.h"

/* Churns that a vat may run before the next vat has its turn.  */
enum { BATCH = 100, STALL_MILLISECONDS = 5, LINGER_MILLISECONDS = 2000 };

const hob_host_language *hobi_runtime_host(const hob_runtime *runtime) {
    return runtime->host;
}

static hob_vat *take_queued(hob_runtime *runtime) {
    hob_vat *vat = runtime->first;
    if (vat == NULL)
        return NULL;
    runtime->first = vat->next_queued;
    if (runtime->first == NULL)
        runtime->last = NULL;
    vat->next_queued = NULL;
    runtime->dispatched++;
    return vat;
}

/* False: this thread should end.  */
static bool wait_for_work(hob_runtime *runtime) {
    const struct timespec deadline = hobi_deadline(LINGER_MILLISECONDS);
    bool extra = runtime->threads > runtime->base_threads;
    int code = 0;
    runtime->idle++;
    while (runtime->first == NULL && !runtime->ending && code != ETIMEDOUT)
        code = extra ? pthread_cond_timedwait(&runtime->work, &runtime->lock, &deadline)
                     : pthread_cond_wait(&runtime->work, &runtime->lock);
    runtime->idle--;
    return !runtime->ending && (runtime->first != NULL || !extra);
}

static void run_vat(hob_vat *vat) {
    pthread_mutex_lock(&vat->lock);
    vat->queued = false;
    pthread_mutex_unlock(&vat->lock);
    if (!hob_vat_own(vat))
        return; /* who owns it goes on with its mail, or queues it again */
    hobi_drive(vat, BATCH);
    hob_vat_disown(vat);
}

static void *work(void *argument) {
    hob_runtime *runtime = argument;
    pthread_mutex_lock(&runtime->lock);
    while (wait_for_work(runtime)) {
        hob_vat *vat = take_queued(runtime);
        if (vat == NULL)
            continue;
        pthread_mutex_unlock(&runtime->lock);
        run_vat(vat);
        pthread_mutex_lock(&runtime->lock);
    }
    runtime->threads--;
    pthread_cond_broadcast(&runtime->ended);
    pthread_mutex_unlock(&runtime->lock);
    return NULL;
}

static void *worker(void *argument) {
    hob_runtime *runtime = argument;
    if (runtime->host != NULL && runtime->host->enter_thread != NULL)
        return runtime->host->enter_thread(work, runtime);
    return work(runtime);
}

/* With the lock held.  A failure is no error while others are there.  */
static void add_thread(hob_runtime *runtime, void *(*thread_main)(void *)) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    runtime->threads++;
    if (GC_pthread_create(&thread, &attributes, thread_main, runtime) != 0)
        runtime->threads--;
    pthread_attr_destroy(&attributes);
}

static bool stalled(const hob_runtime *runtime, uint64_t seen) {
    return seen == runtime->dispatched && runtime->first != NULL &&
           runtime->idle == 0 && runtime->threads < runtime->max_threads;
}

/* The deadline stays until something is handed out: news that more is queued, as it
   comes all the time, must not put it off.  */
static void *monitor(void *argument) {
    hob_runtime *runtime = argument;
    uint64_t seen = 0;
    struct timespec deadline = hobi_deadline(STALL_MILLISECONDS);
    pthread_mutex_lock(&runtime->lock);
    while (!runtime->ending) {
        int code =
            runtime->first == NULL
                ? pthread_cond_wait(&runtime->work, &runtime->lock)
                : pthread_cond_timedwait(&runtime->work, &runtime->lock, &deadline);
        if (code == ETIMEDOUT && stalled(runtime, seen))
            add_thread(runtime, worker);
        if (code == ETIMEDOUT || seen != runtime->dispatched) {
            seen = runtime->dispatched;
            deadline = hobi_deadline(STALL_MILLISECONDS);
        }
    }
    runtime->threads--;
    pthread_cond_broadcast(&runtime->ended);
    pthread_mutex_unlock(&runtime->lock);
    return NULL;
}

/* The monitor counts as a thread, so base and maximum are one above what was
   asked.  */
static void start_threads(hob_runtime *runtime) {
    if (!runtime->monitored) {
        runtime->monitored = true;
        add_thread(runtime, monitor);
    }
    if (runtime->idle == 0 && runtime->threads < runtime->base_threads)
        add_thread(runtime, worker);
}

void hobi_schedule(hob_vat *vat) {
    hob_runtime *runtime = vat->runtime;
    if (vat->space_only)
        return;
    vat->queued = true;
    pthread_mutex_lock(&runtime->lock);
    if (runtime->last != NULL)
        runtime->last->next_queued = vat;
    else
        runtime->first = vat;
    runtime->last = vat;
    start_threads(runtime);
    pthread_cond_broadcast(&runtime->work);
    pthread_mutex_unlock(&runtime->lock);
}

void hobi_scheduler_end(hob_runtime *runtime) {
    pthread_mutex_lock(&runtime->lock);
    runtime->ending = true;
    pthread_cond_broadcast(&runtime->work);
    while (runtime->threads > 0)
        pthread_cond_wait(&runtime->ended, &runtime->lock);
    pthread_mutex_unlock(&runtime->lock);
}
