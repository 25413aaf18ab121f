/* recovery.c -- from files to the last whole batch.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Keeps rule 2 over any crash, and rule 9.

   1. STATE names the current file.  If that is not what STATE says, or (when asked to
      verify) any record of it is wrong, and the other file is clean, the other one
      takes its place: its part of the journal is still there.
   2. The journal above that file goes into the overlay.  Where it ends, two things
      can be: a torn tail, which nobody was promised and which is dropped; or damage,
      when a later frame or STATE knows of durable batches beyond.  Damage is reported
      and everything left as it is.
   3. What was read is synced before anybody acts on it: after a kill it may stand in
      the page cache only, and must not be taken back by the next power cut.
   4. The journal goes on in a new segment, never behind a torn frame.

   After a clean shutdown the current file has everything, and STATE says which number
   the next segment would get: while none has it there is nothing to read, and opening
   takes as long for a million records as for one.

   A store opened for reading goes the same way and writes nothing.  */

#include <config.h>

#include "engine.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "replay.h"

/* ------------------------------------------------------------------- twins */

static int open_twin(struct hobi_engine *engine, unsigned which, bool verify,
                     struct hobi_twin **twin, struct hobi_failure *failure) {
    const struct hobi_state *state = &engine->state;
    const char *name = hobi_state_file(which);
    struct hobi_file file;
    uint64_t size = 0;
    *twin = NULL;
    int rc = hobi_disk_open(&engine->disk, name, O_RDONLY, &file, failure);
    if (rc) {
        return rc;
    }
    rc = hobi_disk_size(&file, &size, failure);
    hobi_disk_close(&file);
    if (!rc && size != state->size[which]) {
        rc = hobi_fail(failure, HOB_EDAMAGED, "%s has not the size that STATE says",
                       name);
    }
    rc = rc ? rc : hobi_twin_open(&engine->disk, name, HOB_TWIN_READ, twin, failure);
    if (!rc && ((*twin)->meta.updating || (*twin)->meta.lsn != state->lsn[which] ||
                memcmp((*twin)->meta.id, state->id, sizeof state->id) != 0)) {
        rc = hobi_fail(failure, HOB_EDAMAGED, "%s is not what STATE says", name);
    }
    if (!rc && verify) {
        rc = hobi_twin_verify(&engine->disk, name, failure);
    }
    if (rc) {
        hobi_twin_close(*twin);
        *twin = NULL;
    }
    return rc;
}

static int open_current(struct hobi_engine *engine, bool verify, bool *repaired,
                        struct hobi_failure *failure) {
    struct hobi_state *state = &engine->state;
    struct hobi_failure second;
    int rc = open_twin(engine, state->current, verify, &engine->current, failure);
    *repaired = false;
    if (rc != HOB_EDAMAGED && rc != HOB_ENOTFOUND) {
        return rc;
    }
    failure->code = HOB_EDAMAGED; /* also when the file is gone */
    unsigned other = !state->current;
    if (!state->other_clean ||
        open_twin(engine, other, verify, &engine->current, &second) != 0) {
        return HOB_EDAMAGED;
    }
    *repaired = true;
    state->current = other;
    state->other_clean = false;
    return 0;
}

/* ---------------------------------------------------------------- segments */

/* Of files that somebody was making when he died.  */
static bool is_unfinished(const char *name) {
    unsigned slot;
    char rest[5];
    return strcmp(name, "new.gdbm") == 0 || strcmp(name, "STATE.new") == 0 ||
           (sscanf(name, "j%u%4s", &slot, rest) == 2 && strcmp(rest, ".new") == 0);
}

static int open_segment(void *data, const char *name, struct hobi_failure *failure) {
    struct hobi_engine *engine = data;
    struct hobi_segment *segment;
    unsigned slot;
    char rest;
    if (is_unfinished(name)) {
        return engine->read_only ? 0 : hobi_disk_remove(&engine->disk, name, failure);
    }
    if (sscanf(name, "j%u%c", &slot, &rest) != 1) {
        return 0;
    }
    int rc =
        hobi_segment_open(&engine->disk, slot, engine->read_only ? O_RDONLY : O_RDWR,
                          engine->state.id, &segment, failure);
    if (rc) {
        return rc;
    }
    rc = hobi_journal_adopt(&engine->journal, segment, failure);
    if (rc) {
        hobi_segment_free(segment);
    }
    return rc;
}

static int put_live(void *data, const hobi_change *change) {
    struct hobi_engine *engine = data;
    struct hobi_update *update = hobi_update_new(change);
    int rc = update ? hobi_overlay_reserve(engine->live, 1) : HOB_ENOMEM;
    if (!rc) {
        hobi_overlay_put(engine->live, update);
    }
    hobi_update_drop(update);
    return rc;
}

/* ------------------------------------------------------------------ replay */

static int check_end(const struct hobi_replay *replay, uint64_t last, uint64_t required,
                     struct hobi_failure *failure) {
    uint64_t durable = replay->durable > required ? replay->durable : required;
    if (durable > last) {
        return hobi_fail(failure, HOB_EDAMAGED,
                         "the journal is damaged behind batch %" PRIu64
                         ": batches up to %" PRIu64 " were durable",
                         last, durable);
    }
    if (replay->cut) {
        return hobi_fail(
            failure, HOB_EDAMAGED,
            "the journal is damaged behind batch %" PRIu64 ": a segment was cut", last);
    }
    return 0;
}

static int sync_read(struct hobi_engine *engine, uint64_t above,
                     struct hobi_failure *failure) {
    int rc = 0;
    for (size_t i = 0; i < engine->journal.count && !rc; i++) {
        struct hobi_segment *segment = engine->journal.segments[i];
        if (segment->last_lsn > above) {
            rc = hobi_disk_sync(&engine->disk, &segment->file, failure);
        }
    }
    return rc;
}

static void take_over(struct hobi_engine *engine, struct hobi_replay *replay,
                      uint64_t last) {
    struct hobi_journal *journal = &engine->journal;
    const struct hobi_state *state = &engine->state;
    uint64_t current = state->lsn[state->current];
    uint64_t other = state->lsn[!state->current];
    journal->last_lsn = journal->written_lsn = journal->durable_lsn = last;
    journal->chain = replay->chain;
    for (size_t i = 0; i < journal->count; i++) {
        struct hobi_segment *segment = journal->segments[i];
        segment->use = HOB_SEGMENT_BUSY;
        if (segment->last_lsn > current) {
            journal->live_bytes += segment->size;
        }
    }
    hobi_journal_release(journal,
                         state->other_clean && other < current ? other : current);
}

/* Did the last owner close the store with everything in the current file, and nobody
   write since?  */
static bool closed_cleanly(const struct hobi_engine *engine) {
    const struct hobi_state *state = &engine->state;
    /* A segment's number comes with its first batch.  */
    return state->ended && state->durable == state->lsn[state->current] &&
           engine->journal.next_number <= state->ended;
}

static int walk(struct hobi_engine *engine, struct hobi_replay *replay,
                uint64_t required, uint64_t *last, struct hobi_failure *failure) {
    uint64_t current = engine->state.lsn[engine->state.current];
    int rc =
        hobi_replay_walk(replay, current + 1, UINT64_MAX, put_live, engine, failure);
    *last = replay->last_lsn > current ? replay->last_lsn : current;
    rc = rc ? rc : hobi_replay_look_behind(replay, failure);
    return rc ? rc : check_end(replay, *last, required, failure);
}

static int replay_journal(struct hobi_engine *engine, uint64_t required,
                          struct hobi_failure *failure) {
    uint64_t current = engine->state.lsn[engine->state.current], last = current;
    struct hobi_replay replay = {
        .disk = &engine->disk,
        .segments = engine->journal.segments,
        .count = engine->journal.count,
    };
    int rc = 0;
    if (closed_cleanly(engine)) {
        hobi_replay_end_at(&replay, current, engine->state.chain);
        if (engine->journal.next_number < engine->state.ended) {
            engine->journal.next_number = engine->state.ended;
        }
    } else {
        rc = walk(engine, &replay, required, &last, failure);
    }
    if (rc) {
        return rc;
    }
    hobi_replay_mark(&replay);
    if (!engine->read_only) {
        rc = sync_read(engine, current, failure);
    }
    take_over(engine, &replay, last);
    return rc;
}

int hobi_recovery_run(struct hobi_engine *engine, const hob_store_options *options,
                      struct hobi_failure *failure) {
    struct hobi_state *state = &engine->state;
    bool repaired = false;
    int rc = hobi_state_read(&engine->disk, state, failure);
    if (rc) {
        return rc;
    }
    uint64_t required = state->durable;
    if (required < state->lsn[state->current]) {
        required = state->lsn[state->current];
    }
    hobi_journal_init(&engine->journal, &engine->disk, state->id, options->segment_size,
                      options->segments);
    engine->live = hobi_overlay_new();
    if (!engine->live) {
        return hobi_fail(failure, HOB_ENOMEM, "no memory to open a store");
    }
    rc = open_current(engine, options->verify, &repaired, failure);
    rc = rc ? rc : hobi_disk_list(&engine->disk, open_segment, engine, failure);
    rc = rc ? rc : replay_journal(engine, required, failure);
    if (!rc && repaired && !engine->read_only) {
        state->durable = engine->journal.durable_lsn;
        state->ended = 0;
        rc = hobi_state_write(&engine->disk, state, failure);
    }
    return rc;
}
