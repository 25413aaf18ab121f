/* engine.h -- the GDBM store: its parts, and who may touch them when.
   SPDX-License-Identifier: LGPL-3.0-or-later

   One mutex guards all fields below it that say nothing else.  It is never held
   during a system call on files, but for the open of a scan's own handle.  Three
   flags give a long task to one thread at a time, which does it without the mutex:

     writing        frames into the journal, one writer at a time
     syncing        the journal's segments
     checkpointing  the other GDBM file, and STATE

   The threads of the engine, checkpointer and ring keeper, are not the collector's and
   touch none of its memory.  */

#ifndef HOBI_ENGINE_H
#define HOBI_ENGINE_H

#include <pthread.h>

#include "journal.h"
#include "memory.h"
#include "overlay.h"
#include "state.h"
#include "twin.h"

struct hobi_engine {
    struct hob_store base;
    char *path;
    struct hobi_disk disk;
    struct hobi_file lock;
    bool read_only, relaxed, grouped;
    unsigned flush_interval; /* milliseconds */

    pthread_mutex_t mutex;
    pthread_cond_t progress;       /* something that a wait may hang on */
    pthread_cond_t checkpoint_due; /* for the checkpointer */
    pthread_cond_t ring_due;       /* for the ring keeper */
    bool writing, syncing, checkpointing, stopping;
    bool threads;                /* checkpointer and ring keeper run */
    bool growing;                /* the ring's segments shall become larger */
    struct hobi_failure failure; /* the first that was final; code 0: none */

    struct hobi_journal journal;
    struct hobi_overlay *live;   /* above the frozen one */
    struct hobi_overlay *frozen; /* going into the other file now, or NULL */
    uint64_t frozen_lsn;
    struct hobi_overlay *missing; /* what the other file lacks up to the current LSN;
                                     NULL: not known.  The checkpointing thread's. */
    struct hobi_state state; /* changed by the checkpointing thread, with the mutex */
    uint64_t checkpoints;
    uint64_t last_freeze; /* milliseconds, monotonic */
    uint64_t debt;        /* nanoseconds of delay that commits still owe */

    pthread_mutex_t current_mutex; /* taken after `mutex`, if both */
    struct hobi_twin *current;     /* handle for reading; guarded by current_mutex */

    pthread_t checkpointer, ring_keeper;
};

/* Milliseconds of a clock that does not jump.  */
uint64_t hobi_engine_clock(void);
/* With the mutex: the store has stopped, for this reason, if for no earlier one.  */
void hobi_engine_stop(struct hobi_engine *engine, const struct hobi_failure *failure);
/* With the mutex: HOB_ECLOSED and the first reason, when the store has stopped.  */
int hobi_engine_check(const struct hobi_engine *engine, struct hobi_failure *failure);
/* With the mutex: wait for a signal of CONDITION, MILLISECONDS at most.  */
void hobi_engine_pause(struct hobi_engine *engine, pthread_cond_t *condition,
                       uint64_t milliseconds);

/* commit.c */
int hobi_commit_submit(struct hobi_engine *engine, size_t count,
                       const hobi_change *changes, uint64_t *lsn,
                       struct hobi_failure *failure);
int hobi_commit_wait(struct hobi_engine *engine, uint64_t lsn,
                     struct hobi_failure *failure);
/* With the mutex, which it gives up meanwhile: all up to LSN is durable.  */
int hobi_commit_flush(struct hobi_engine *engine, uint64_t lsn,
                      struct hobi_failure *failure);

/* checkpoint.c: the current file is at LSN or above.  */
int hobi_checkpoint_reach(struct hobi_engine *engine, uint64_t lsn,
                          struct hobi_failure *failure);
/* With the mutex: is the journal long enough for a checkpoint?  */
bool hobi_checkpoint_wanted(const struct hobi_engine *engine);
void *hobi_checkpointer_run(void *engine);

/* ring.c */
void *hobi_ring_run(void *engine);
/* With the mutex, which it gives up meanwhile: add a segment of SIZE bytes.  */
int hobi_ring_add(struct hobi_engine *engine, uint64_t size,
                  struct hobi_failure *failure);
bool hobi_ring_wanted(const struct hobi_engine *engine);

/* recovery.c: bring ENGINE, whose folder is open and locked, to the last batch.  */
int hobi_recovery_run(struct hobi_engine *engine, const hob_store_options *options,
                      struct hobi_failure *failure);
/* birth.c: make the files of a store in the folder, unless there is one.  */
int hobi_birth_run(struct hobi_engine *engine, const hob_store_options *options,
                   struct hobi_failure *failure);

/* store-gdbm.c: hob_gdbm_store with a layer below it that can refuse, for tests.  */
HOBI_API int hobi_gdbm_store_with_faults(const char *path,
                                         const hob_store_options *options,
                                         const struct hobi_disk_faults *faults,
                                         hob_store **store, hob_error *error);

#endif
