/* checkpoint.c -- bringing the other GDBM file forward.
   SPDX-License-Identifier: LGPL-3.0-or-later

     LSN          100        200        300
     journal   ----+----------+----------+------>
     even      ===*100 ............ *300=========   "*n" complete at n, synced, then
     odd       ........ *200 ====================        STATE flips
                                                    "=" current: never changed
     frozen              [101..200] [201..300]      "." other: behind, or in work

   1. Freeze: what the overlay has goes into the other file; commits go on above it.
      The journal is made durable up to there.
   2. Make the other file, by one of three gears:
        forward   in place: STATE calls it dirty, it calls itself updating, both
                  synced; then what it lacked before and what is frozen, in GDBM's
                  order;
        copy      a copy of the current file, what is frozen, rename: when the other
                  file is dirty, damaged, gone, or open in another program;
        rebuild   a new file record by record, rename: when the old one is more than
                  twice the size of what lives in it.
   3. Sync it, read its meta record through a new handle, flip STATE, sync that.
   4. Journal segments up to the older file's LSN are free.

   Until the flip, recovery reads the current file and the journal above it; nothing
   of either has changed (rule 2).  A step that fails leaves the other file dirty and
   all else as it was; the changes stay frozen and the next try takes them again.
   Only a STATE that could not be written ends the store.  */

#include <config.h>

#include "engine.h"

#include <fcntl.h>
#include <stdlib.h>

#include "replay.h"
#include "stored.h"

static const char new_name[] = "new.gdbm";

struct checkpoint {
    struct hobi_engine *engine;
    const struct hobi_disk *disk;
    unsigned other;
    const char *other_name;
    const struct hobi_overlay *frozen;
    uint64_t lsn;  /* where the other file is to come to */
    uint64_t size; /* what it then is, in bytes */
    struct hobi_failure *failure;
};

/* ----------------------------------------------------------- what to apply */

struct ordered {
    uint32_t hash;
    struct hobi_update *update;
};

static uint32_t order_of(const struct hobi_update *update) {
    return hobi_stored_order((hobi_bytes){update->bytes, update->key_size});
}

static int by_hash(const void *a, const void *b) {
    uint32_t x = ((const struct ordered *)a)->hash;
    uint32_t y = ((const struct ordered *)b)->hash;
    return x < y ? -1 : x > y;
}

/* Add the updates of FROM of which UNLESS says nothing.  */
static size_t collect(struct ordered *list, size_t count,
                      const struct hobi_overlay *from,
                      const struct hobi_overlay *unless) {
    for (size_t i = 0; from && i < from->capacity; i++) {
        struct hobi_update *update = from->slots[i];
        if (update &&
            !hobi_overlay_find(unless, update->bytes, update->key_size, update->hash)) {
            list[count++] = (struct ordered){order_of(update), update};
        }
    }
    return count;
}

static int apply(struct checkpoint *checkpoint, struct hobi_twin *twin,
                 const struct hobi_overlay *missing) {
    const struct hobi_overlay *frozen = checkpoint->frozen;
    size_t most = frozen->count + (missing ? missing->count : 0);
    struct ordered *list = malloc((most + 1) * sizeof *list);
    if (!list) {
        return hobi_fail(checkpoint->failure, HOB_ENOMEM, "no memory to sort changes");
    }
    size_t count = collect(list, 0, missing, frozen);
    count = collect(list, count, frozen, NULL);
    qsort(list, count, sizeof *list, by_hash);
    int rc = 0;
    for (size_t i = 0; i < count && !rc; i++) {
        rc = hobi_twin_apply(twin, list[i].update, checkpoint->failure);
    }
    free(list);
    return rc;
}

/* The last two steps of each gear.  TWIN is closed in any case.  */
static int finish(struct checkpoint *checkpoint, struct hobi_twin *twin, int rc) {
    if (!rc) {
        twin->meta.lsn = checkpoint->lsn;
        twin->meta.updating = 0;
        rc = hobi_twin_mark(twin, checkpoint->failure);
    }
    if (rc) {
        hobi_twin_close(twin);
        return rc;
    }
    return hobi_twin_finish(twin, &checkpoint->size, checkpoint->failure);
}

/* ------------------------------------------------------------------- STATE */

static int write_state(struct checkpoint *checkpoint, struct hobi_state *state) {
    struct hobi_engine *engine = checkpoint->engine;
    pthread_mutex_lock(&engine->mutex);
    state->durable = engine->journal.durable_lsn;
    state->ended = 0;
    pthread_mutex_unlock(&engine->mutex);
    int rc = hobi_state_write(checkpoint->disk, state, checkpoint->failure);
    pthread_mutex_lock(&engine->mutex);
    if (rc) {
        hobi_engine_stop(engine, checkpoint->failure);
    } else {
        engine->state = *state;
    }
    pthread_mutex_unlock(&engine->mutex);
    return rc;
}

static int mark_other_dirty(struct checkpoint *checkpoint) {
    struct hobi_state state = checkpoint->engine->state;
    if (!state.other_clean) {
        return 0;
    }
    state.other_clean = false;
    return write_state(checkpoint, &state);
}

/* ------------------------------------------------------------ gear: forward */

static int add_missing(void *data, const hobi_change *change) {
    struct hobi_overlay *missing = data;
    struct hobi_update *update = hobi_update_new(change);
    int rc = update ? hobi_overlay_reserve(missing, 1) : HOB_ENOMEM;
    if (!rc) {
        hobi_overlay_put(missing, update);
    }
    hobi_update_drop(update);
    return rc;
}

/* The segments of before the open; no thread changes them.  */
static size_t old_segments(struct hobi_engine *engine, struct hobi_segment **segments) {
    uint64_t lsn = engine->state.lsn[engine->state.current];
    size_t count = 0;
    for (size_t i = 0; i < engine->journal.count; i++) {
        struct hobi_segment *segment = engine->journal.segments[i];
        if (segment->use == HOB_SEGMENT_BUSY && segment != engine->journal.active &&
            segment->number && segment->first_lsn <= lsn) {
            segments[count++] = segment;
        }
    }
    return count;
}

/* After an open it is not known what the other file lacks: read the journal.  */
static int find_missing(struct checkpoint *checkpoint) {
    struct hobi_engine *engine = checkpoint->engine;
    uint64_t from = engine->state.lsn[checkpoint->other] + 1;
    uint64_t to = engine->state.lsn[!checkpoint->other];
    struct hobi_replay replay = {.disk = checkpoint->disk};
    struct hobi_overlay *missing = hobi_overlay_new();
    pthread_mutex_lock(&engine->mutex);
    replay.segments = calloc(engine->journal.count + 1, sizeof(struct hobi_segment *));
    if (replay.segments) {
        replay.count = old_segments(engine, replay.segments);
    }
    pthread_mutex_unlock(&engine->mutex);
    int rc = missing && replay.segments
                 ? 0
                 : hobi_fail(checkpoint->failure, HOB_ENOMEM, "no memory to catch up");
    if (!rc && from <= to) {
        rc = hobi_replay_walk(&replay, from, to, add_missing, missing,
                              checkpoint->failure);
        if (!rc && replay.last_lsn < to) {
            rc = hobi_fail(checkpoint->failure, HOB_EDAMAGED,
                           "the journal lacks what %s lacks", checkpoint->other_name);
        }
    }
    free(replay.segments);
    if (rc) {
        hobi_overlay_free(missing);
    } else {
        engine->missing = missing;
    }
    return rc;
}

static bool is_what_state_says(const struct checkpoint *checkpoint,
                               const struct hobi_twin *twin) {
    const struct hobi_state *state = &checkpoint->engine->state;
    return twin->meta.updating == 0 &&
           twin->meta.lsn == state->lsn[checkpoint->other] &&
           memcmp(twin->meta.id, state->id, sizeof state->id) == 0;
}

static int forward(struct checkpoint *checkpoint) {
    struct hobi_engine *engine = checkpoint->engine;
    struct hobi_twin *twin;
    int rc = engine->missing ? 0 : find_missing(checkpoint);
    rc = rc ? rc
            : hobi_twin_open(checkpoint->disk, checkpoint->other_name, HOB_TWIN_WRITE,
                             &twin, checkpoint->failure);
    if (rc) {
        return rc;
    }
    if (!is_what_state_says(checkpoint, twin)) {
        rc = hobi_fail(checkpoint->failure, HOB_EDAMAGED, "%s is not what STATE says",
                       checkpoint->other_name);
    }
    rc = rc ? rc : mark_other_dirty(checkpoint);
    if (!rc) {
        twin->meta.updating = checkpoint->lsn;
        rc = hobi_twin_mark(twin, checkpoint->failure);
    }
    rc = rc ? rc : hobi_twin_sync(twin, checkpoint->failure);
    rc = rc ? rc : apply(checkpoint, twin, engine->missing);
    return finish(checkpoint, twin, rc);
}

/* --------------------------------------------------- gears: copy and rebuild */

static int copy_bytes(struct checkpoint *checkpoint, const struct hobi_file *from,
                      const struct hobi_file *to) {
    enum { PIECE = 1 << 18 };
    char *piece = malloc(PIECE);
    if (!piece) {
        return hobi_fail(checkpoint->failure, HOB_ENOMEM, "no memory to copy a file");
    }
    size_t got = PIECE;
    int rc = 0;
    for (uint64_t at = 0; !rc && got == PIECE; at += got) {
        rc = hobi_disk_read(checkpoint->disk, from, piece, PIECE, at, &got,
                            checkpoint->failure);
        rc = rc ? rc
                : hobi_disk_write(checkpoint->disk, to, piece, got, at,
                                  checkpoint->failure);
    }
    free(piece);
    return rc;
}

static int copy_current(struct checkpoint *checkpoint) {
    struct hobi_file from, to = {.fd = -1};
    int rc = hobi_disk_open(checkpoint->disk, hobi_state_file(!checkpoint->other),
                            O_RDONLY, &from, checkpoint->failure);
    if (rc) {
        return rc;
    }
    rc = hobi_disk_open(checkpoint->disk, new_name, O_WRONLY | O_CREAT | O_TRUNC, &to,
                        checkpoint->failure);
    rc = rc ? rc : copy_bytes(checkpoint, &from, &to);
    hobi_disk_close(&from);
    hobi_disk_close(&to);
    return rc;
}

static int copy(struct checkpoint *checkpoint) {
    struct hobi_twin *twin;
    int rc = copy_current(checkpoint);
    rc = rc ? rc
            : hobi_twin_open(checkpoint->disk, new_name, HOB_TWIN_WRITE, &twin,
                             checkpoint->failure);
    return rc ? rc : finish(checkpoint, twin, apply(checkpoint, twin, NULL));
}

struct rebuilding {
    struct checkpoint *checkpoint;
    struct hobi_twin *twin;
};

static int rebuild_record(void *data, hobi_bytes key, hobi_bytes value) {
    struct rebuilding *rebuilding = data;
    struct checkpoint *checkpoint = rebuilding->checkpoint;
    uint32_t hash = hobi_update_hash(key.data, key.size);
    if (hobi_overlay_find(checkpoint->frozen, key.data, key.size, hash)) {
        return 0;
    }
    struct hobi_update *update = hobi_update_new(&(hobi_change){key, value, false});
    int rc = update
                 ? hobi_twin_apply(rebuilding->twin, update, checkpoint->failure)
                 : hobi_fail(checkpoint->failure, HOB_ENOMEM, "no memory to rebuild");
    hobi_update_drop(update);
    return rc;
}

static int rebuild(struct checkpoint *checkpoint) {
    struct hobi_twin *from;
    struct rebuilding rebuilding = {.checkpoint = checkpoint};
    int rc = hobi_twin_open(checkpoint->disk, hobi_state_file(!checkpoint->other),
                            HOB_TWIN_READ, &from, checkpoint->failure);
    if (rc) {
        return rc;
    }
    rc = hobi_twin_open(checkpoint->disk, new_name, HOB_TWIN_CREATE, &rebuilding.twin,
                        checkpoint->failure);
    if (!rc) {
        memcpy(rebuilding.twin->meta.id, from->meta.id, sizeof from->meta.id);
        rc = hobi_twin_iterate(from, rebuild_record, &rebuilding, checkpoint->failure);
        rc = rc ? rc : apply(checkpoint, rebuilding.twin, NULL);
        rc = finish(checkpoint, rebuilding.twin, rc);
    }
    hobi_twin_close(from);
    return rc;
}

/* Make the new file by GEAR and put it in the other one's place.  */
static int replace(struct checkpoint *checkpoint, int (*gear)(struct checkpoint *)) {
    int rc = gear(checkpoint);
    rc = rc ? rc : mark_other_dirty(checkpoint);
    rc = rc ? rc
            : hobi_disk_rename(checkpoint->disk, new_name, checkpoint->other_name,
                               checkpoint->failure);
    rc = rc ? rc : hobi_disk_sync_folder(checkpoint->disk, checkpoint->failure);
    if (rc) {
        struct hobi_failure ignored;
        hobi_disk_remove(checkpoint->disk, new_name, &ignored);
    }
    return rc;
}

/* -------------------------------------------------------------- one of them */

/* More than half of the file of SIZE bytes is not records.  */
static bool bloated(const struct hobi_meta *meta, uint64_t size) {
    enum { SMALL = 256 << 10, OVERHEAD = 48 };
    return size > SMALL && size > 2 * (meta->live + meta->count * OVERHEAD);
}

static int make_other(struct checkpoint *checkpoint) {
    struct hobi_engine *engine = checkpoint->engine;
    const struct hobi_state *state = &engine->state;
    pthread_mutex_lock(&engine->current_mutex);
    struct hobi_meta meta = engine->current->meta;
    pthread_mutex_unlock(&engine->current_mutex);
    unsigned base = state->other_clean ? checkpoint->other : !checkpoint->other;
    int rc = HOB_EBUSY;
    if (bloated(&meta, state->size[base])) {
        rc = replace(checkpoint, rebuild);
    }
    if (rc && state->other_clean) {
        rc = forward(checkpoint);
    }
    if (rc == HOB_EBUSY || rc == HOB_EDAMAGED || rc == HOB_ENOTFOUND) {
        rc = replace(checkpoint, copy);
    }
    return rc;
}

/* The other file is complete: make it the current one.  */
static int flip(struct checkpoint *checkpoint) {
    struct hobi_engine *engine = checkpoint->engine;
    struct hobi_twin *twin;
    int rc = hobi_twin_open(checkpoint->disk, checkpoint->other_name, HOB_TWIN_READ,
                            &twin, checkpoint->failure);
    if (rc) {
        return rc;
    }
    struct hobi_state state = engine->state;
    state.current = checkpoint->other;
    state.other_clean = true;
    state.lsn[checkpoint->other] = checkpoint->lsn;
    state.size[checkpoint->other] = checkpoint->size;
    if (twin->meta.lsn != checkpoint->lsn || twin->meta.updating) {
        rc = hobi_fail(checkpoint->failure, HOB_EDAMAGED, "%s did not keep its changes",
                       checkpoint->other_name);
    }
    rc = rc ? rc : write_state(checkpoint, &state);
    if (rc) {
        hobi_twin_close(twin);
        return rc;
    }
    pthread_mutex_lock(&engine->mutex);
    pthread_mutex_lock(&engine->current_mutex);
    struct hobi_twin *old = engine->current;
    struct hobi_overlay *done = engine->missing;
    engine->current = twin;
    engine->missing = engine->frozen;
    engine->frozen = NULL;
    engine->journal.frozen_bytes = 0;
    engine->checkpoints++;
    hobi_journal_release(&engine->journal, state.lsn[!checkpoint->other]);
    pthread_cond_signal(&engine->ring_due);
    pthread_mutex_unlock(&engine->current_mutex);
    pthread_mutex_unlock(&engine->mutex);
    hobi_twin_close(old);
    hobi_overlay_free(done);
    return 0;
}

/* With the mutex.  A store that needs checkpoints all the time gets a larger ring.  */
static int freeze(struct hobi_engine *engine, struct hobi_failure *failure) {
    enum { OFTEN = 1000 };
    if (engine->frozen) {
        return 0;
    }
    struct hobi_overlay *fresh = hobi_overlay_new();
    if (!fresh) {
        return hobi_fail(failure, HOB_ENOMEM, "no memory to begin a checkpoint");
    }
    uint64_t now = hobi_engine_clock();
    if (engine->journal.grows && engine->threads && hobi_checkpoint_wanted(engine) &&
        now - engine->last_freeze < OFTEN) {
        engine->growing = true;
        pthread_cond_signal(&engine->ring_due);
    }
    engine->last_freeze = now;
    engine->frozen = engine->live;
    engine->frozen_lsn = engine->journal.last_lsn;
    engine->live = fresh;
    engine->journal.frozen_bytes = engine->journal.live_bytes;
    engine->journal.live_bytes = 0;
    return 0;
}

/* With the mutex, and nobody else at it.  */
static int run(struct hobi_engine *engine, struct hobi_failure *failure) {
    engine->checkpointing = true;
    int rc = freeze(engine, failure);
    rc = rc ? rc : hobi_commit_flush(engine, engine->frozen_lsn, failure);
    struct checkpoint checkpoint = {
        .engine = engine,
        .disk = &engine->disk,
        .other = !engine->state.current,
        .other_name = hobi_state_file(!engine->state.current),
        .frozen = engine->frozen,
        .lsn = engine->frozen_lsn,
        .failure = failure,
    };
    pthread_mutex_unlock(&engine->mutex);
    rc = rc ? rc : make_other(&checkpoint);
    rc = rc ? rc : flip(&checkpoint);
    pthread_mutex_lock(&engine->mutex);
    engine->checkpointing = false;
    pthread_cond_broadcast(&engine->progress);
    return rc;
}

int hobi_checkpoint_reach(struct hobi_engine *engine, uint64_t lsn,
                          struct hobi_failure *failure) {
    pthread_mutex_lock(&engine->mutex);
    int rc = 0;
    while (!rc && engine->state.lsn[engine->state.current] < lsn) {
        rc = hobi_engine_check(engine, failure);
        if (!rc && engine->checkpointing) {
            pthread_cond_wait(&engine->progress, &engine->mutex);
        } else if (!rc) {
            rc = run(engine, failure);
        }
    }
    pthread_mutex_unlock(&engine->mutex);
    return rc;
}

bool hobi_checkpoint_wanted(const struct hobi_engine *engine) {
    return engine->journal.live_bytes >= hobi_journal_ring_bytes(&engine->journal) / 4;
}

void *hobi_checkpointer_run(void *data) {
    enum { AGAIN_AFTER = 1000, LONG = 3600 * 1000 };
    struct hobi_engine *engine = data;
    uint64_t not_before = 0;
    pthread_mutex_lock(&engine->mutex);
    while (!engine->stopping && !engine->failure.code) {
        uint64_t now = hobi_engine_clock();
        if (!hobi_checkpoint_wanted(engine) || now < not_before) {
            hobi_engine_pause(engine, &engine->checkpoint_due,
                              now < not_before ? not_before - now : LONG);
            continue;
        }
        struct hobi_failure failure;
        uint64_t next = engine->state.lsn[engine->state.current] + 1;
        pthread_mutex_unlock(&engine->mutex);
        int rc = hobi_checkpoint_reach(engine, next, &failure);
        pthread_mutex_lock(&engine->mutex);
        not_before = rc ? now + AGAIN_AFTER : 0;
    }
    pthread_mutex_unlock(&engine->mutex);
    return NULL;
}
