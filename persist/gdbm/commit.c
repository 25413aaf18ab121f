/* commit.c -- batches on their way from a caller to the disk.
   SPDX-License-Identifier: LGPL-3.0-or-later

     submit          append to the open frame, put into the overlay: visible
       |
     wait ---------- nobody writes? then lead: take ALL frames, write, sync
       |             somebody does?  sleep until the leader has made progress
     durable

   There is no timer and nothing to tune: a group is what arrived during the sync
   before.  In relaxed mode the wait ends after the write, and the ring keeper leads a
   sync from time to time; writes go on during that sync.

   Rule 3 rests on the wait: nothing may leave before it gives 0.  Rule 4: all that
   can be refused is refused in submit before the batch is visible.  A write or sync
   that fails ends the store: the batches it carried are visible already and may or
   may not be on disk; only recovery knows.  */

#include <config.h>

#include "engine.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

/* ------------------------------------------------------------------ submit */

static int check_changes(size_t count, const hobi_change *changes,
                         struct hobi_failure *failure) {
    /* GDBM counts in int, and adds a few bytes.  */
    const size_t largest = INT32_MAX - HOBI_BLOCK;
    if (count > UINT32_MAX) {
        return hobi_fail(failure, HOB_ELIMIT, "a batch has too many changes");
    }
    for (size_t i = 0; i < count; i++) {
        const hobi_change *change = &changes[i];
        if (change->key.size == 0) {
            return hobi_fail(failure, HOB_EINVAL, "a key is empty");
        }
        if (change->key.size > largest ||
            (!change->removed && change->value.size > largest / 2)) {
            return hobi_fail(failure, HOB_ELIMIT, "a record is too large");
        }
    }
    return 0;
}

static void drop_entries(struct hobi_update **updates, size_t count) {
    for (size_t i = 0; i < count; i++) {
        hobi_update_drop(updates[i]);
    }
}

static int make_entries(struct hobi_update **updates, size_t count,
                        const hobi_change *changes, struct hobi_failure *failure) {
    for (size_t i = 0; i < count; i++) {
        updates[i] = hobi_update_new(&changes[i]);
        if (!updates[i]) {
            drop_entries(updates, i);
            return hobi_fail(failure, HOB_ENOMEM, "no memory for a change");
        }
    }
    return 0;
}

/* A segment more; when there can be none, those that a checkpoint sets free.  */
static int add_segment(struct hobi_engine *engine, size_t size, bool *tried,
                       struct hobi_failure *failure) {
    struct hobi_failure ignored;
    uint64_t need = hobi_journal_segment_for(&engine->journal, size);
    int rc = hobi_ring_add(engine, need, failure);
    if (rc && !*tried) {
        *tried = true;
        uint64_t lsn = engine->journal.last_lsn;
        pthread_mutex_unlock(&engine->mutex);
        rc = hobi_checkpoint_reach(engine, lsn, &ignored) ? rc : 0;
        pthread_mutex_lock(&engine->mutex);
    }
    return rc;
}

/* Room in the journal and in the overlay.  */
static int reserve(struct hobi_engine *engine, size_t size, size_t count,
                   struct hobi_failure *failure) {
    bool tried = false;
    int rc;
    do {
        rc = hobi_engine_check(engine, failure);
        rc = rc ? rc : hobi_journal_reserve(&engine->journal, size, failure);
    } while (rc == HOB_ENOTFOUND &&
             (rc = add_segment(engine, size, &tried, failure)) == 0);
    if (!rc && hobi_overlay_reserve(engine->live, count) != 0) {
        rc = hobi_fail(failure, HOB_ENOMEM, "no memory for the changes of a batch");
    }
    return rc;
}

static int take_in(struct hobi_engine *engine, size_t count, const hobi_change *changes,
                   struct hobi_update **updates, uint64_t *lsn,
                   struct hobi_failure *failure) {
    size_t size = hobi_batch_size(count, changes);
    pthread_mutex_lock(&engine->mutex);
    int rc = reserve(engine, size, count, failure);
    if (!rc) {
        hobi_batch_write(hobi_journal_append(&engine->journal, size, lsn), count,
                         changes);
        for (size_t i = 0; i < count; i++) {
            hobi_overlay_put(engine->live, updates[i]);
        }
    }
    if (hobi_checkpoint_wanted(engine)) {
        pthread_cond_signal(&engine->checkpoint_due);
    }
    if (hobi_ring_wanted(engine)) {
        pthread_cond_signal(&engine->ring_due);
    }
    pthread_mutex_unlock(&engine->mutex);
    return rc;
}

int hobi_commit_submit(struct hobi_engine *engine, size_t count,
                       const hobi_change *changes, uint64_t *lsn,
                       struct hobi_failure *failure) {
    enum { FEW = 64 };
    struct hobi_update *few[FEW], **updates = few;
    int rc = check_changes(count, changes, failure);
    if (rc) {
        return rc;
    }
    if (count > FEW) {
        updates = calloc(count, sizeof(struct hobi_update *));
        if (!updates) {
            return hobi_fail(failure, HOB_ENOMEM, "no memory for a batch");
        }
    }
    rc = make_entries(updates, count, changes, failure);
    if (!rc) {
        rc = take_in(engine, count, changes, updates, lsn, failure);
        drop_entries(updates, count);
    }
    if (updates != few) {
        free(updates);
    }
    return rc;
}

/* ------------------------------------------------------------ back-pressure */

/* How long commits have to pause for BYTES of journal.  From half a ring on, that no
   file has yet, they slow down, and more so the fuller it is: to nothing they never
   come, since the ring takes more segments while the disk does.  */
static uint64_t toll(const struct hobi_engine *engine, uint64_t bytes) {
    enum { PER_BYTE = 5, STEPS = 16, STEEPEST = 8 }; /* nanoseconds */
    uint64_t used = engine->journal.live_bytes + engine->journal.frozen_bytes;
    uint64_t ring = hobi_journal_ring_bytes(&engine->journal);
    if (used <= ring / 2) {
        return 0;
    }
    uint64_t steps = (used - ring / 2) * STEPS / ring;
    return (bytes * PER_BYTE) << (steps < STEEPEST ? steps : STEEPEST);
}

static void pay(struct hobi_engine *engine) {
    enum { LEAST = 100000, MOST = 20000000 };
    engine->debt += toll(engine, engine->journal.pending);
    if (engine->debt < LEAST || engine->stopping) {
        return;
    }
    uint64_t pause = engine->debt < MOST ? engine->debt : MOST;
    engine->debt = 0;
    pthread_mutex_unlock(&engine->mutex);
    struct timespec time = {0, (long)pause};
    nanosleep(&time, NULL);
    pthread_mutex_lock(&engine->mutex);
}

/* -------------------------------------------------------------------- lead */

/* Without the mutex, but for finding the files.  */
static int sync_written(struct hobi_engine *engine, struct hobi_failure *failure) {
    struct hobi_file files[HOBI_JOURNAL_UNSYNCED];
    for (;;) {
        pthread_mutex_lock(&engine->mutex);
        size_t count = hobi_journal_unsynced(&engine->journal, files);
        engine->journal.syncs += count;
        pthread_mutex_unlock(&engine->mutex);
        for (size_t i = 0; i < count; i++) {
            int rc = hobi_disk_sync(&engine->disk, &files[i], failure);
            if (rc) {
                return rc;
            }
        }
        if (count < HOBI_JOURNAL_UNSYNCED) {
            return 0;
        }
    }
}

/* With the mutex, and nobody writing (nor syncing, when SYNC).  */
static void lead(struct hobi_engine *engine, bool sync) {
    struct hobi_journal *journal = &engine->journal;
    struct hobi_failure failure;
    engine->writing = true;
    engine->syncing |= sync;
    pay(engine);
    struct hobi_frame *frames = hobi_journal_take(journal, sync);
    uint64_t lsn = journal->last_lsn, durable = journal->durable_lsn;
    pthread_mutex_unlock(&engine->mutex);

    int rc = hobi_journal_write(journal, frames, durable, &failure);

    pthread_mutex_lock(&engine->mutex);
    hobi_journal_recycle(journal, frames);
    engine->writing = false;
    if (rc) {
        hobi_engine_stop(engine, &failure);
    } else {
        journal->written_lsn = lsn;
    }
    if (sync && !rc) {
        if (engine->relaxed) {
            pthread_cond_broadcast(&engine->progress);
        }
        pthread_mutex_unlock(&engine->mutex);
        rc = sync_written(engine, &failure);
        pthread_mutex_lock(&engine->mutex);
        if (rc) {
            hobi_engine_stop(engine, &failure);
        } else if (!engine->failure.code) {
            journal->durable_lsn = lsn;
        }
    }
    engine->syncing &= !sync;
    pthread_cond_broadcast(&engine->progress);
}

/* -------------------------------------------------------------------- wait */

static bool reached(const struct hobi_engine *engine, uint64_t lsn, bool sync) {
    const struct hobi_journal *journal = &engine->journal;
    return lsn <= (sync ? journal->durable_lsn : journal->written_lsn);
}

static int reach(struct hobi_engine *engine, uint64_t lsn, bool sync,
                 struct hobi_failure *failure) {
    int rc = reached(engine, lsn, sync) ? 0 : hobi_engine_check(engine, failure);
    while (!rc && !reached(engine, lsn, sync)) {
        if (engine->failure.code) {
            /* It stopped while this batch waited: the cause itself, not "closed".  */
            *failure = engine->failure;
            rc = failure->code;
        } else if (engine->writing || (sync && engine->syncing)) {
            pthread_cond_wait(&engine->progress, &engine->mutex);
        } else {
            lead(engine, sync);
        }
    }
    return rc;
}

int hobi_commit_wait(struct hobi_engine *engine, uint64_t lsn,
                     struct hobi_failure *failure) {
    pthread_mutex_lock(&engine->mutex);
    int rc = lsn > engine->journal.last_lsn
                 ? hobi_fail(failure, HOB_EINVAL, "no batch has this number yet")
                 : reach(engine, lsn, !engine->relaxed, failure);
    pthread_mutex_unlock(&engine->mutex);
    return rc;
}

int hobi_commit_flush(struct hobi_engine *engine, uint64_t lsn,
                      struct hobi_failure *failure) {
    return reach(engine, lsn, true, failure);
}
