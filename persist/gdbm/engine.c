/* engine.c -- what the parts of the GDBM store share.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The clock, the pauses of the two threads, and the stop: a write or a sync of the
   journal or of STATE that failed is final.  Nobody tries it again, nobody is told of
   success any more, and every call gives the first reason until the store is opened
   anew through recovery (rules 3 and 9).  */

#include <config.h>

#include "engine.h"

#include <time.h>

uint64_t hobi_engine_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void hobi_engine_stop(struct hobi_engine *engine, const struct hobi_failure *failure) {
    if (!engine->failure.code) {
        engine->failure = *failure;
    }
    pthread_cond_broadcast(&engine->progress);
    pthread_cond_signal(&engine->checkpoint_due);
    pthread_cond_signal(&engine->ring_due);
}

int hobi_engine_check(const struct hobi_engine *engine, struct hobi_failure *failure) {
    if (!engine->failure.code) {
        return 0;
    }
    return hobi_fail(failure, HOB_ECLOSED, "the store has stopped: %s",
                     engine->failure.text);
}

void hobi_engine_pause(struct hobi_engine *engine, pthread_cond_t *condition,
                       uint64_t milliseconds) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    uint64_t nanoseconds = (uint64_t)until.tv_nsec + milliseconds % 1000 * 1000000;
    until.tv_sec += (time_t)(milliseconds / 1000 + nanoseconds / 1000000000);
    until.tv_nsec = (long)(nanoseconds % 1000000000);
    pthread_cond_timedwait(condition, &engine->mutex, &until);
}
