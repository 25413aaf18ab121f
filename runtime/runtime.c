/* runtime.c -- a scheduler and its vats.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The only global state of the library is the collector's own.  A runtime knows its
   vats by links that the collector clears, so that a vat nobody refers to goes away.
   The vats know the runtime, so it outlives hob_runtime_free: whatever is asked of
   them then finds them halted.  */

#include <config.h>

#define GC_THREADS
#include <gc/gc.h>

#include <time.h>
#include <unistd.h>

#include "scheduler.h"

/* How often this thread was attached, and whether the first made it known.  */
static _Thread_local unsigned attached;
static _Thread_local bool registered;

int hob_thread_attach(void) {
    struct GC_stack_base base;
    if (attached > 0) {
        attached++;
        return HOB_OK;
    }
    GC_INIT();
    GC_allow_register_threads();
    if (GC_get_stack_base(&base) != GC_SUCCESS)
        return HOB_EINVAL;
    int code = GC_register_my_thread(&base);
    if (code != GC_SUCCESS && code != GC_DUPLICATE)
        return HOB_ENOMEM;
    registered = code == GC_SUCCESS;
    attached = 1;
    return HOB_OK;
}

void hob_thread_detach(void) {
    if (attached > 0 && --attached == 0 && registered)
        GC_unregister_my_thread();
}

static unsigned processors(void) {
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (unsigned)count : 1;
}

hob_runtime *hob_runtime_new(const hob_runtime_options *options) {
    static const hob_runtime_options none = {0};
    if (options == NULL)
        options = &none;
    GC_INIT();
    GC_allow_register_threads();
    /* A host value is a pointer with 2 added, which the collector has to know; and
       the library never prints (rule 10), nor does its collector.  */
    GC_register_displacement(2);
    GC_set_warn_proc(GC_ignore_warn_proc);
    hob_runtime *runtime = hobi_alloc(sizeof *runtime);
    if (runtime == NULL)
        return NULL;
    pthread_mutex_init(&runtime->muting, NULL);
    pthread_mutex_init(&runtime->lock, NULL);
    pthread_cond_init(&runtime->work, NULL);
    pthread_cond_init(&runtime->ended, NULL);
    runtime->host = options->host;
    runtime->base_threads =
        1 + (options->threads > 0 ? options->threads : processors());
    runtime->max_threads = 1 + (options->max_threads > 0 ? options->max_threads : 256);
    return runtime;
}

/* The collector may clear a link while it is copied, but not once it has moved.  */
static void move_link(uintptr_t *from, uintptr_t *to) {
    *to = *from;
    if (*to != 0 && GC_move_disappearing_link((void **)from, (void **)to) != GC_SUCCESS)
        *to = 0;
    *from = 0;
}

/* Links of vats that were collected make room for new ones.  */
static void forget_dead(hob_runtime *runtime) {
    size_t kept = 0;
    for (size_t i = 0; i < runtime->vat_count; i++) {
        if (runtime->vats[i] == 0)
            continue;
        if (kept != i)
            move_link(&runtime->vats[i], &runtime->vats[kept]);
        kept++;
    }
    runtime->vat_count = kept;
}

static bool grow_links(hob_runtime *runtime) {
    size_t capacity = runtime->vat_capacity > 0 ? runtime->vat_capacity * 2 : 16;
    uintptr_t *links = hobi_alloc_atomic(capacity * sizeof *links);
    if (links == NULL)
        return false;
    for (size_t i = 0; i < runtime->vat_count; i++)
        move_link(&runtime->vats[i], &links[i]);
    runtime->vats = links;
    runtime->vat_capacity = capacity;
    return true;
}

static bool add_link(hob_runtime *runtime, hob_vat *vat) {
    if (runtime->vat_count == runtime->vat_capacity)
        forget_dead(runtime);
    if (runtime->vat_count == runtime->vat_capacity && !grow_links(runtime))
        return false;
    uintptr_t *link = &runtime->vats[runtime->vat_count];
    *link = GC_HIDE_POINTER(vat);
    if (GC_general_register_disappearing_link((void **)link, vat) == GC_NO_MEMORY)
        return false;
    runtime->vat_count++;
    return true;
}

bool hobi_runtime_add(hob_runtime *runtime, hob_vat *vat) {
    pthread_mutex_lock(&runtime->lock);
    vat->number = ++runtime->vats_made;
    bool added = add_link(runtime, vat);
    pthread_mutex_unlock(&runtime->lock);
    return added;
}

/* Reading a link has to keep the collector from clearing it meanwhile.  */
static void *reveal(void *link) {
    uintptr_t hidden = *(uintptr_t *)link;
    return hidden == 0 ? NULL : GC_REVEAL_POINTER(hidden);
}

static hob_vat *vat_at(hob_runtime *runtime, size_t index) {
    hob_vat *vat = NULL;
    pthread_mutex_lock(&runtime->lock);
    if (index < runtime->vat_count)
        vat = GC_call_with_alloc_lock(reveal, &runtime->vats[index]);
    pthread_mutex_unlock(&runtime->lock);
    return vat;
}

static size_t vat_count(hob_runtime *runtime) {
    pthread_mutex_lock(&runtime->lock);
    size_t count = runtime->vat_count;
    pthread_mutex_unlock(&runtime->lock);
    return count;
}

void hob_runtime_free(hob_runtime *runtime) {
    for (size_t i = 0; i < vat_count(runtime); i++) {
        hob_vat *vat = vat_at(runtime, i);
        if (vat != NULL)
            hob_vat_halt(vat);
    }
    hobi_scheduler_end(runtime);
}

static bool vat_quiet(hob_vat *vat) {
    pthread_mutex_lock(&vat->lock);
    bool quiet = !vat->owned && !vat->queued &&
                 (vat->mailbox.count == 0 || vat->halted || vat->space_only);
    pthread_mutex_unlock(&vat->lock);
    return quiet;
}

static bool all_quiet(hob_runtime *runtime) {
    for (size_t i = 0; i < vat_count(runtime); i++) {
        hob_vat *vat = vat_at(runtime, i);
        if (vat != NULL && !vat_quiet(vat))
            return false;
    }
    return true;
}

static uint64_t dispatched(hob_runtime *runtime) {
    pthread_mutex_lock(&runtime->lock);
    uint64_t count = runtime->dispatched;
    pthread_mutex_unlock(&runtime->lock);
    return count;
}

/* A message may travel from a vat not yet looked at to one already seen.  It waits
   there, and the second look finds it, if nothing was handed out meanwhile.  */
static bool settled(hob_runtime *runtime) {
    uint64_t before = dispatched(runtime);
    return all_quiet(runtime) && all_quiet(runtime) && before == dispatched(runtime);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

bool hob_runtime_settle(hob_runtime *runtime, int milliseconds) {
    const struct timespec pause = {0, 500000};
    double end = now() + milliseconds;
    while (!settled(runtime)) {
        if (milliseconds >= 0 && now() > end)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}
