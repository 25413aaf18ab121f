/* scheduler.h -- runs vats on threads.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef HOBI_SCHEDULER_H
#define HOBI_SCHEDULER_H

#include "vat.h"

struct hob_runtime {
    const hob_host_language *host;
    unsigned base_threads, max_threads;

    /* Who waits for whom (mailbox.c); taken before the lock of any vat.  */
    pthread_mutex_t muting;

    /* All below: under LOCK.  */
    pthread_mutex_t lock;
    pthread_cond_t work;   /* something is queued, or the end has come */
    pthread_cond_t ended;  /* a thread has ended */
    hob_vat *first, *last; /* queued vats */
    unsigned threads, idle;
    uint64_t dispatched; /* vats handed to threads so far */
    bool monitored, ending;
    uint64_t vats_made;
    uintptr_t *vats; /* hidden from the collector, which clears the dead ones */
    size_t vat_count, vat_capacity;
};

/* False when memory is out.  */
bool hobi_runtime_add(hob_runtime *runtime, hob_vat *vat);
/* Ask all threads to end and wait until they have.  */
void hobi_scheduler_end(hob_runtime *runtime);

#endif
