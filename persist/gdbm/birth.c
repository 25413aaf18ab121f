/* birth.c -- a folder becomes a store.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Two GDBM files with no record, synced; then STATE, which appears whole by a rename.
   STATE is what makes a folder a store: whoever dies before leaves files that the next
   opener throws away and makes anew.  But a folder without STATE in which files have
   batches is a store that lost it: that is damage, and nothing is thrown away
   (rule 9).  */

#include <config.h>

#include "engine.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

enum { LARGEST_UNFINISHED = 64 << 10 };

static int refuse(struct hobi_failure *failure, const char *name) {
    return hobi_fail(failure, HOB_EDAMAGED, "STATE is missing, but %s has records",
                     name);
}

/* Has this GDBM file ever been given a batch?  */
static int look_at_twin(const struct hobi_disk *disk, const char *name,
                        struct hobi_failure *failure) {
    struct hobi_file file;
    uint64_t size = 0;
    int rc = hobi_disk_open(disk, name, 0, &file, failure);
    if (rc) {
        return rc == HOB_ENOTFOUND ? 0 : rc;
    }
    rc = hobi_disk_size(&file, &size, failure);
    hobi_disk_close(&file);
    if (rc) {
        return rc;
    }
    struct hobi_twin *twin;
    rc = hobi_twin_open(disk, name, HOB_TWIN_READ, &twin, failure);
    if (rc == HOB_EDAMAGED) {
        return size > LARGEST_UNFINISHED ? refuse(failure, name) : 0;
    }
    if (!rc && (twin->meta.lsn > 0 || twin->meta.updating > 0)) {
        rc = refuse(failure, name);
    }
    hobi_twin_close(twin);
    return rc;
}

static bool is_segment(const char *name, unsigned *slot) {
    char rest;
    return sscanf(name, "j%u%c", slot, &rest) == 1;
}

/* A segment gets its header with its first batch.  */
static int look_at_segment(void *data, const char *name, struct hobi_failure *failure) {
    const struct hobi_disk *disk = data;
    struct hobi_file file;
    unsigned slot;
    if (!is_segment(name, &slot)) {
        return 0;
    }
    char begin[2][8] = {"", ""};
    int rc = hobi_disk_open(disk, name, 0, &file, failure);
    for (size_t i = 0; i < 2 && !rc; i++) {
        size_t got;
        rc = hobi_disk_read(disk, &file, begin[i], 8, i * HOBI_BLOCK, &got, failure);
    }
    hobi_disk_close(&file);
    if (!rc &&
        (memcmp(begin[0], "HobSegm", 7) == 0 || memcmp(begin[1], "HobSegm", 7) == 0)) {
        rc = refuse(failure, name);
    }
    return rc;
}

static int throw_segment_away(void *data, const char *name,
                              struct hobi_failure *failure) {
    unsigned slot;
    return is_segment(name, &slot) ? hobi_disk_remove(data, name, failure) : 0;
}

static int make_twin(const struct hobi_disk *disk, const char *name,
                     const unsigned char *id, uint64_t *size,
                     struct hobi_failure *failure) {
    struct hobi_twin *twin;
    int rc = hobi_twin_open(disk, name, HOB_TWIN_CREATE, &twin, failure);
    if (rc) {
        return rc;
    }
    memcpy(twin->meta.id, id, sizeof twin->meta.id);
    rc = hobi_twin_mark(twin, failure);
    if (rc) {
        hobi_twin_close(twin);
        return rc;
    }
    return hobi_twin_finish(twin, size, failure);
}

static int make(const struct hobi_disk *disk, struct hobi_failure *failure) {
    struct hobi_state state = {.other_clean = true};
    if (getrandom(state.id, sizeof state.id, 0) != (ssize_t)sizeof state.id) {
        return hobi_fail_system(failure, "drawing an id for", "the store", errno);
    }
    int rc = hobi_disk_list(disk, throw_segment_away, (void *)(uintptr_t)disk, failure);
    for (unsigned i = 0; i < 2 && !rc; i++) {
        rc = make_twin(disk, hobi_state_file(i), state.id, &state.size[i], failure);
    }
    rc = rc ? rc : hobi_disk_sync_folder(disk, failure);
    return rc ? rc : hobi_state_create(disk, &state, failure);
}

int hobi_birth_run(struct hobi_engine *engine, const hob_store_options *options,
                   struct hobi_failure *failure) {
    struct hobi_disk *disk = &engine->disk;
    if (hobi_disk_exists(disk, "STATE")) {
        return 0;
    }
    int rc = 0;
    for (unsigned i = 0; i < 2 && !rc; i++) {
        rc = look_at_twin(disk, hobi_state_file(i), failure);
    }
    rc = rc ? rc : hobi_disk_list(disk, look_at_segment, disk, failure);
    if (!rc && (options->must_exist || options->read_only)) {
        rc = hobi_fail(failure, HOB_ENOTFOUND, "there is no store in %s", engine->path);
    }
    return rc ? rc : make(disk, failure);
}
