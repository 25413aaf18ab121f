/* store-gdbm.c -- a store in a folder.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The operations of store.h over the engine, and its opening and closing.  This is
   where a caller's thread comes in, so this is the only file of the engine that makes
   memory of the collector: values read, and errors told.

   A read looks into the live overlay, into the frozen one, then into the current
   file.  Between the looks a checkpoint may end; then the file has what the frozen
   overlay had, so that a key missed above is never missed below.

   A scan (iterate) holds the updates of both overlays and opens a handle of its own
   on the current file, all at one moment: its lock keeps the file from being written
   when it has become the other one (checkpoint.c then copies instead).  */

#include <config.h>

#include "engine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lock.h"
#include "memory.h"

static struct hobi_engine *engine_of(hob_store *store) {
    return (struct hobi_engine *)store;
}

/* -------------------------------------------------------------------- read */

static int give_bytes(const void *data, size_t size, hobi_bytes *bytes,
                      hob_error *error) {
    void *copy = hobi_alloc_atomic(size ? size : 1);
    if (!copy) {
        return hobi_error(error, HOB_ENOMEM, "no memory for a record of %zu bytes",
                          size);
    }
    if (size) {
        memcpy(copy, data, size);
    }
    *bytes = (hobi_bytes){copy, size};
    return 0;
}

static struct hobi_update *look_above(const struct hobi_engine *engine,
                                      hobi_bytes key) {
    uint32_t hash = hobi_update_hash(key.data, key.size);
    struct hobi_update *update =
        hobi_overlay_find(engine->live, key.data, key.size, hash);
    if (!update) {
        update = hobi_overlay_find(engine->frozen, key.data, key.size, hash);
    }
    return update ? hobi_update_hold(update) : NULL;
}

/* A handle on which something failed, be it for want of memory, may refuse all that
   comes after: try once more with a new one.  With current_mutex.  */
static bool renew_current(struct hobi_engine *engine) {
    struct hobi_twin *fresh;
    struct hobi_failure ignored;
    if (hobi_twin_open(&engine->disk, engine->current->name, HOB_TWIN_READ, &fresh,
                       &ignored) != 0) {
        return false;
    }
    hobi_twin_close(engine->current);
    engine->current = fresh;
    return true;
}

static int read_file(struct hobi_engine *engine, hobi_bytes key, hobi_bytes *value,
                     hob_error *error) {
    struct hobi_failure failure = {.text = ""};
    hobi_bytes found;
    void *bytes = NULL;
    pthread_mutex_lock(&engine->current_mutex);
    int rc = hobi_twin_read(engine->current, key, &bytes, &found, &failure);
    if (rc && rc != HOB_ENOTFOUND && renew_current(engine)) {
        rc = hobi_twin_read(engine->current, key, &bytes, &found, &failure);
    }
    pthread_mutex_unlock(&engine->current_mutex);
    if (rc == HOB_ENOTFOUND) {
        return hobi_error(error, rc, "no record has this key");
    }
    if (rc) {
        return hobi_fail_tell(&failure, error);
    }
    rc = give_bytes(found.data, found.size, value, error);
    free(bytes);
    return rc;
}

static int read_record(hob_store *store, hobi_bytes key, hobi_bytes *value,
                       hob_error *error) {
    struct hobi_engine *engine = engine_of(store);
    struct hobi_failure failure;
    if (key.size == 0 || key.size > INT32_MAX / 2) {
        return hobi_error(error, HOB_EINVAL, "a key of %zu bytes", key.size);
    }
    pthread_mutex_lock(&engine->mutex);
    int rc = hobi_engine_check(engine, &failure);
    struct hobi_update *update = rc ? NULL : look_above(engine, key);
    pthread_mutex_unlock(&engine->mutex);
    if (rc) {
        return hobi_fail_tell(&failure, error);
    }
    if (!update) {
        return read_file(engine, key, value, error);
    }
    if (update->removed) {
        rc = hobi_error(error, HOB_ENOTFOUND, "no record has this key");
    } else {
        rc = give_bytes(hobi_update_value(update), update->value_size, value, error);
    }
    hobi_update_drop(update);
    return rc;
}

/* ------------------------------------------------------------------ commit */

static int submit(hob_store *store, size_t count, const hobi_change *changes,
                  uint64_t *lsn, hob_error *error) {
    struct hobi_engine *engine = engine_of(store);
    struct hobi_failure failure;
    if (engine->read_only) {
        return hobi_error(error, HOB_EINVAL, "%s is open for reading only",
                          engine->path);
    }
    int rc = hobi_commit_submit(engine, count, changes, lsn, &failure);
    return rc ? hobi_fail_tell(&failure, error) : 0;
}

static int wait_for(hob_store *store, uint64_t lsn, hob_error *error) {
    struct hobi_failure failure;
    int rc = hobi_commit_wait(engine_of(store), lsn, &failure);
    return rc ? hobi_fail_tell(&failure, error) : 0;
}

static int checkpoint(hob_store *store, hob_error *error) {
    struct hobi_engine *engine = engine_of(store);
    struct hobi_failure failure;
    if (engine->read_only) {
        return hobi_error(error, HOB_EINVAL, "%s is open for reading only",
                          engine->path);
    }
    pthread_mutex_lock(&engine->mutex);
    uint64_t lsn = engine->journal.last_lsn;
    int rc = hobi_engine_check(engine, &failure);
    pthread_mutex_unlock(&engine->mutex);
    rc = rc ? rc : hobi_checkpoint_reach(engine, lsn, &failure);
    return rc ? hobi_fail_tell(&failure, error) : 0;
}

/* ----------------------------------------------------------------- iterate */

/* The store at one moment.  */
struct scan {
    struct hobi_overlay *above;
    struct hobi_twin *twin;
    hobi_visit *visit;
    void *data;
    hob_error *error;
    bool stopped; /* by the visit, or for want of collector's memory */
};

static int scan_begin(struct hobi_engine *engine, struct scan *scan,
                      struct hobi_failure *failure) {
    scan->above = hobi_overlay_new();
    if (!scan->above) {
        return hobi_fail(failure, HOB_ENOMEM, "no memory to scan the store");
    }
    pthread_mutex_lock(&engine->mutex);
    int rc = hobi_engine_check(engine, failure);
    if (!rc && (hobi_overlay_add(scan->above, engine->frozen) != 0 ||
                hobi_overlay_add(scan->above, engine->live) != 0)) {
        rc = hobi_fail(failure, HOB_ENOMEM, "no memory to scan the store");
    }
    rc = rc ? rc
            : hobi_twin_open(&engine->disk, hobi_state_file(engine->state.current),
                             HOB_TWIN_READ, &scan->twin, failure);
    pthread_mutex_unlock(&engine->mutex);
    return rc;
}

static void scan_end(struct scan *scan) {
    hobi_overlay_free(scan->above);
    hobi_twin_close(scan->twin);
}

static int scan_visit(struct scan *scan, hobi_bytes key, hobi_bytes value) {
    hobi_bytes own_key, own_value;
    int rc = give_bytes(key.data, key.size, &own_key, scan->error);
    rc = rc ? rc : give_bytes(value.data, value.size, &own_value, scan->error);
    rc = rc ? rc : scan->visit(scan->data, own_key, own_value);
    scan->stopped |= rc != 0;
    return rc;
}

static int scan_file_record(void *data, hobi_bytes key, hobi_bytes value) {
    struct scan *scan = data;
    uint32_t hash = hobi_update_hash(key.data, key.size);
    return hobi_overlay_find(scan->above, key.data, key.size, hash)
               ? 0
               : scan_visit(scan, key, value);
}

static int scan_above(struct scan *scan) {
    int rc = 0;
    for (size_t i = 0; i < scan->above->capacity && !rc; i++) {
        const struct hobi_update *update = scan->above->slots[i];
        if (update && !update->removed) {
            rc =
                scan_visit(scan, (hobi_bytes){update->bytes, update->key_size},
                           (hobi_bytes){hobi_update_value(update), update->value_size});
        }
    }
    return rc;
}

static int iterate(hob_store *store, hobi_visit *visit, void *data, hob_error *error) {
    struct scan scan = {.visit = visit, .data = data, .error = error};
    struct hobi_failure failure;
    int rc = scan_begin(engine_of(store), &scan, &failure);
    rc = rc ? rc : hobi_twin_iterate(scan.twin, scan_file_record, &scan, &failure);
    rc = rc ? rc : scan_above(&scan);
    scan_end(&scan);
    return rc && !scan.stopped ? hobi_fail_tell(&failure, error) : rc;
}

/* ------------------------------------------------------------- information */

/* The overlay's effect on count and size of the records.  */
static void count_above(const struct scan *scan, hob_store_information *information) {
    struct hobi_failure ignored;
    for (size_t i = 0; i < scan->above->capacity; i++) {
        const struct hobi_update *update = scan->above->slots[i];
        if (!update) {
            continue;
        }
        void *bytes;
        hobi_bytes old;
        hobi_bytes key = {update->bytes, update->key_size};
        if (hobi_twin_read(scan->twin, key, &bytes, &old, &ignored) == 0) {
            information->records--;
            information->live_bytes -= update->key_size + old.size;
            free(bytes);
        }
        if (!update->removed) {
            information->records++;
            information->live_bytes += update->key_size + update->value_size;
        }
    }
}

static void get_information(hob_store *store, hob_store_information *information) {
    struct hobi_engine *engine = engine_of(store);
    struct scan scan = {.stopped = false};
    struct hobi_failure ignored;
    *information = (hob_store_information){
        .engine = "gdbm",
        .path = hobi_copy_text(engine->path, strlen(engine->path)),
    };
    if (scan_begin(engine, &scan, &ignored) == 0) {
        information->records = scan.twin->meta.count;
        information->live_bytes = scan.twin->meta.live;
        count_above(&scan, information);
    }
    scan_end(&scan);
    pthread_mutex_lock(&engine->mutex);
    information->last_lsn = engine->journal.last_lsn;
    information->durable_lsn = engine->journal.durable_lsn;
    information->checkpoint_lsn = engine->state.lsn[engine->state.current];
    information->file_bytes = engine->state.size[0] + engine->state.size[1];
    information->journal_bytes = hobi_journal_file_bytes(&engine->journal);
    information->syncs = engine->journal.syncs;
    information->checkpoints = engine->checkpoints;
    pthread_mutex_unlock(&engine->mutex);
}

/* ------------------------------------------------------------------ closing */

static void join_threads(struct hobi_engine *engine) {
    if (!engine->threads) {
        return;
    }
    pthread_mutex_lock(&engine->mutex);
    engine->stopping = true;
    pthread_cond_signal(&engine->checkpoint_due);
    pthread_cond_signal(&engine->ring_due);
    pthread_mutex_unlock(&engine->mutex);
    pthread_join(engine->checkpointer, NULL);
    pthread_join(engine->ring_keeper, NULL);
}

static void free_engine(struct hobi_engine *engine) {
    hobi_twin_close(engine->current);
    hobi_journal_free(&engine->journal);
    hobi_overlay_free(engine->live);
    hobi_overlay_free(engine->frozen);
    hobi_overlay_free(engine->missing);
    hobi_disk_close(&engine->lock);
    if (engine->disk.folder >= 0) {
        close(engine->disk.folder);
    }
    pthread_mutex_destroy(&engine->mutex);
    pthread_mutex_destroy(&engine->current_mutex);
    pthread_cond_destroy(&engine->progress);
    pthread_cond_destroy(&engine->checkpoint_due);
    pthread_cond_destroy(&engine->ring_due);
    free(engine->path);
    free(engine);
}

/* All is durable; both slots of STATE say up to where, so that a journal that loses
   its end while nobody looks is found out.  A checkpoint that fails costs the next
   open some time, nothing else.  */
static int settle(struct hobi_engine *engine, struct hobi_failure *failure) {
    struct hobi_failure ignored;
    pthread_mutex_lock(&engine->mutex);
    uint64_t last = engine->journal.last_lsn;
    int rc = hobi_commit_flush(engine, last, failure);
    rc = rc ? rc : hobi_engine_check(engine, failure);
    pthread_mutex_unlock(&engine->mutex);
    if (rc) {
        return rc;
    }
    hobi_checkpoint_reach(engine, last, &ignored);
    rc = hobi_engine_check(engine, failure);
    engine->state.durable = last;
    engine->state.ended = engine->journal.next_number;
    engine->state.chain = engine->journal.chain;
    rc = rc ? rc : hobi_state_write(&engine->disk, &engine->state, failure);
    return rc ? rc : hobi_state_write(&engine->disk, &engine->state, failure);
}

static int close_store(hob_store *store, hob_error *error) {
    struct hobi_engine *engine = engine_of(store);
    struct hobi_failure failure;
    join_threads(engine);
    int rc = engine->read_only ? 0 : settle(engine, &failure);
    free_engine(engine);
    return rc ? hobi_fail_tell(&failure, error) : 0;
}

/* The callers make it so: they submit several batches before they wait.  */
static bool is_grouped(const hob_store *store) {
    return ((const struct hobi_engine *)store)->grouped;
}

static const struct hobi_store_operations operations = {
    .name = "gdbm",
    .read = read_record,
    .submit = submit,
    .wait = wait_for,
    .iterate = iterate,
    .checkpoint = checkpoint,
    .information = get_information,
    .grouped = is_grouped,
    .close = close_store,
};

/* ------------------------------------------------------------------ opening */

static int sync_parent(const char *path, struct hobi_failure *failure) {
    char *parent = malloc(strlen(path) + 4);
    if (!parent) {
        return hobi_fail(failure, HOB_ENOMEM, "no memory to open %s", path);
    }
    sprintf(parent, "%s/..", path);
    int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = 0;
    if (fd < 0 || fsync(fd) < 0) {
        rc = hobi_fail_system(failure, "syncing", parent, errno);
    }
    if (fd >= 0) {
        close(fd);
    }
    free(parent);
    return rc;
}

static int open_folder(struct hobi_engine *engine, const hob_store_options *options,
                       struct hobi_failure *failure) {
    const char *path = engine->path;
    if (!options->read_only && !options->must_exist) {
        if (mkdir(path, 0700) == 0) {
            int rc = sync_parent(path, failure);
            if (rc) {
                return rc;
            }
        } else if (errno != EEXIST) {
            int error = errno;
            hobi_fail_system(failure, "making", path, error);
            return failure->code = error == ENOENT ? HOB_ENOTFOUND : HOB_EIO;
        }
    }
    engine->disk.folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (engine->disk.folder < 0) {
        int error = errno;
        hobi_fail_system(failure, "opening", path, error);
        return failure->code = error == ENOENT ? HOB_ENOTFOUND : HOB_EIO;
    }
    return 0;
}

/* With all signals blocked: a program's handlers do not run on threads that it does
   not know of.  */
static int start_threads(struct hobi_engine *engine, struct hobi_failure *failure) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error =
        pthread_create(&engine->checkpointer, NULL, hobi_checkpointer_run, engine);
    if (!error) {
        error = pthread_create(&engine->ring_keeper, NULL, hobi_ring_run, engine);
        if (error) {
            pthread_mutex_lock(&engine->mutex);
            engine->stopping = true;
            pthread_cond_signal(&engine->checkpoint_due);
            pthread_mutex_unlock(&engine->mutex);
            pthread_join(engine->checkpointer, NULL);
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error) {
        return hobi_fail_system(failure, "starting threads for", engine->path, error);
    }
    engine->threads = true;
    return 0;
}

static struct hobi_engine *new_engine(const char *path,
                                      const hob_store_options *options,
                                      const struct hobi_disk_faults *faults) {
    enum { FLUSH_INTERVAL = 100 };
    struct hobi_engine *engine = calloc(1, sizeof *engine);
    char *copy = strdup(path);
    if (!engine || !copy) {
        free(engine);
        free(copy);
        return NULL;
    }
    engine->base.operations = &operations;
    engine->path = copy;
    engine->disk = (struct hobi_disk){.folder = -1, .faults = faults};
    engine->lock.fd = -1;
    engine->read_only = options->read_only;
    engine->relaxed = options->durability == HOB_RELAXED;
    engine->grouped = options->durability == HOB_GROUPED;
    engine->flush_interval =
        options->flush_interval ? options->flush_interval : FLUSH_INTERVAL;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&engine->mutex, NULL);
    pthread_mutex_init(&engine->current_mutex, NULL);
    pthread_cond_init(&engine->progress, NULL);
    pthread_cond_init(&engine->checkpoint_due, &monotonic);
    pthread_cond_init(&engine->ring_due, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return engine;
}

int hobi_gdbm_store_with_faults(const char *path, const hob_store_options *options,
                                const struct hobi_disk_faults *faults,
                                hob_store **store, hob_error *error) {
    static const hob_store_options defaults;
    options = options ? options : &defaults;
    *store = NULL;
    struct hobi_engine *engine = new_engine(path, options, faults);
    if (!engine) {
        return hobi_error(error, HOB_ENOMEM, "no memory to open %s", path);
    }
    struct hobi_failure failure;
    int rc = open_folder(engine, options, &failure);
    rc =
        rc ? rc
           : hobi_lock_take(&engine->disk, options->read_only, &engine->lock, &failure);
    rc = rc ? rc : hobi_birth_run(engine, options, &failure);
    rc = rc ? rc : hobi_recovery_run(engine, options, &failure);
    if (!rc && !options->read_only) {
        rc = start_threads(engine, &failure);
    }
    if (rc) {
        free_engine(engine);
        return hobi_error(error, rc, "%s: %s", path, failure.text);
    }
    *store = &engine->base;
    return 0;
}

int hob_gdbm_store(const char *path, const hob_store_options *options,
                   hob_store **store, hob_error *error) {
    return hobi_gdbm_store_with_faults(path, options, NULL, store, error);
}
