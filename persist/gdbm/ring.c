/* ring.c -- the thread that keeps the journal's house.
   SPDX-License-Identifier: LGPL-3.0-or-later

   It syncs from time to time in relaxed mode, has a free segment ready before one is
   needed (filling one with zeros takes milliseconds that no commit shall pay), lets
   the segments of a busy store become larger, and removes what a burst left over.

   When the disk is full here nothing has happened yet: the ring stays as it is, and a
   commit that really needs a segment tries itself and tells its caller (rule 4).  */

#include <config.h>

#include "engine.h"

#include <stdlib.h>

enum { READY = 1, LARGEST = 16 << 20, AGAIN_AFTER = 1000 /* milliseconds */ };

static unsigned unused_slot(const struct hobi_journal *journal) {
    for (unsigned slot = 0;; slot++) {
        bool used = false;
        for (size_t i = 0; i < journal->count; i++) {
            used |= journal->segments[i]->slot == slot;
        }
        if (!used) {
            return slot;
        }
    }
}

static void forget(struct hobi_journal *journal, const struct hobi_segment *segment) {
    size_t i = 0;
    while (journal->segments[i] != segment) {
        i++;
    }
    journal->segments[i] = journal->segments[--journal->count];
}

int hobi_ring_add(struct hobi_engine *engine, uint64_t size,
                  struct hobi_failure *failure) {
    struct hobi_journal *journal = &engine->journal;
    /* It holds the name while the file is made.  */
    struct hobi_segment *holder = calloc(1, sizeof *holder), *made;
    if (!holder) {
        return hobi_fail(failure, HOB_ENOMEM, "no memory for a journal segment");
    }
    holder->file.fd = -1;
    holder->slot = unused_slot(journal);
    holder->use = HOB_SEGMENT_MAKING;
    int rc = hobi_journal_adopt(journal, holder, failure);
    if (rc) {
        free(holder);
        return rc;
    }
    pthread_mutex_unlock(&engine->mutex);
    rc = hobi_segment_make(&engine->disk, holder->slot, size, &made, failure);
    pthread_mutex_lock(&engine->mutex);
    if (rc) {
        forget(journal, holder);
    } else {
        *holder = *made;
        made->file.fd = -1;
        hobi_segment_free(made);
        return 0;
    }
    hobi_segment_free(holder);
    return rc;
}

static struct hobi_segment *find_free(const struct hobi_journal *journal,
                                      uint64_t above, uint64_t below) {
    for (size_t i = 0; i < journal->count; i++) {
        struct hobi_segment *segment = journal->segments[i];
        if (segment->use == HOB_SEGMENT_FREE && segment->size > above &&
            segment->size < below) {
            return segment;
        }
    }
    return NULL;
}

static int lengthen(struct hobi_engine *engine, struct hobi_segment *segment,
                    struct hobi_failure *failure) {
    uint64_t size = engine->journal.segment_size;
    segment->use = HOB_SEGMENT_MAKING;
    pthread_mutex_unlock(&engine->mutex);
    int rc = hobi_segment_lengthen(&engine->disk, segment, size, failure);
    pthread_mutex_lock(&engine->mutex);
    segment->use = HOB_SEGMENT_FREE;
    return rc;
}

static int take_off(struct hobi_engine *engine, struct hobi_segment *segment,
                    struct hobi_failure *failure) {
    segment->use = HOB_SEGMENT_MAKING;
    pthread_mutex_unlock(&engine->mutex);
    int rc = hobi_disk_remove(&engine->disk, segment->file.name, failure);
    pthread_mutex_lock(&engine->mutex);
    segment->use = HOB_SEGMENT_FREE;
    if (!rc) {
        forget(&engine->journal, segment);
        hobi_segment_free(segment);
    }
    return rc;
}

/* What there is to do next, if anything.  */
static struct hobi_segment *too_short(const struct hobi_journal *journal) {
    return journal->grows ? find_free(journal, 0, journal->segment_size) : NULL;
}

static struct hobi_segment *too_much(const struct hobi_journal *journal) {
    struct hobi_segment *huge =
        find_free(journal, (uint64_t)journal->segment_size * 2, UINT64_MAX);
    bool many = journal->count > journal->ring && hobi_journal_spare(journal) > READY;
    return huge ? huge : many ? find_free(journal, 0, UINT64_MAX) : NULL;
}

static bool too_few(const struct hobi_journal *journal) {
    return hobi_journal_spare(journal) < READY || journal->count < journal->ring;
}

bool hobi_ring_wanted(const struct hobi_engine *engine) {
    return engine->growing || hobi_journal_spare(&engine->journal) < READY;
}

/* One step; false: nothing is left to do.  */
static bool tend(struct hobi_engine *engine, int *rc) {
    struct hobi_journal *journal = &engine->journal;
    struct hobi_failure failure;
    struct hobi_segment *segment;
    if (engine->growing) {
        engine->growing = false;
        if (journal->segment_size < LARGEST) {
            journal->segment_size *= 2;
        }
    }
    if (too_few(journal)) {
        *rc = hobi_ring_add(engine, journal->segment_size, &failure);
    } else if ((segment = too_much(journal))) {
        *rc = take_off(engine, segment, &failure);
    } else if ((segment = too_short(journal))) {
        *rc = lengthen(engine, segment, &failure);
    } else {
        return false;
    }
    return *rc == 0;
}

static void flush(struct hobi_engine *engine) {
    struct hobi_journal *journal = &engine->journal;
    struct hobi_failure ignored; /* the store has stopped then and says why itself */
    if (engine->relaxed && journal->durable_lsn < journal->last_lsn) {
        hobi_commit_flush(engine, journal->last_lsn, &ignored);
    }
}

void *hobi_ring_run(void *data) {
    struct hobi_engine *engine = data;
    uint64_t flushed = hobi_engine_clock(), tended = 0;
    pthread_mutex_lock(&engine->mutex);
    while (!engine->stopping && !engine->failure.code) {
        uint64_t now = hobi_engine_clock();
        if (engine->relaxed && now - flushed >= engine->flush_interval) {
            flush(engine);
            flushed = now;
        }
        int rc = 0;
        if (now >= tended && tend(engine, &rc)) {
            continue;
        }
        if (rc) {
            tended = now + AGAIN_AFTER;
        }
        uint64_t pause = engine->relaxed ? engine->flush_interval : AGAIN_AFTER;
        hobi_engine_pause(engine, &engine->ring_due, pause);
    }
    pthread_mutex_unlock(&engine->mutex);
    return NULL;
}
