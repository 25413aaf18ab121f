/* twin.c -- one of the two GDBM files of a store.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A handle on a table of records (stored.c) and one record about the table (meta.c),
   whose count, size and sum of hashes each change keeps right.

   Rule 9: GDBM checks nothing; hence a checksum in each record, and count and sum of
   them all.  GDBM's traps that this file walks around: an empty file opens as an empty
   database; GDBM_SYNC does not sync; a map limit makes gdbm_sync miss most of the
   file; gdbm_sync forgets its own errors; a look-up right after gdbm_nextkey is
   answered from the scan's own cache and proves nothing about the index.  */

#include <config.h>

#include "twin.h"

#include <errno.h>
#include <fcntl.h>
#include <gdbm.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "stored.h"

static const hobi_bytes meta_key = {"meta", 4};

/* ------------------------------------------------------------------ errors */

static int code_of(gdbm_error error) {
    switch (error) {
    case GDBM_ITEM_NOT_FOUND:
        return HOB_ENOTFOUND;
    case GDBM_MALLOC_ERROR:
        return HOB_ENOMEM;
    case GDBM_CANT_BE_READER:
    case GDBM_CANT_BE_WRITER:
        return HOB_EBUSY;
    case GDBM_FILE_OPEN_ERROR:
    case GDBM_FILE_WRITE_ERROR:
    case GDBM_FILE_SYNC_ERROR:
    case GDBM_FILE_CLOSE_ERROR:
    case GDBM_FILE_TRUNCATE_ERROR:
        return HOB_EIO;
    case GDBM_NO_ERROR: /* it forgets to set one, where memory is out */
        return errno == ENOMEM ? HOB_ENOMEM : HOB_EIO;
    case GDBM_FILE_READ_ERROR:
        return errno == EIO ? HOB_EIO : HOB_EDAMAGED;
    default:
        return HOB_EDAMAGED;
    }
}

static int fail_gdbm(struct hobi_failure *failure, const char *doing, const char *name,
                     gdbm_error error) {
    int code = code_of(error);
    return hobi_fail(failure, code, "%s %s: %s%s%s", doing, name, gdbm_strerror(error),
                     code == HOB_EIO ? ": " : "",
                     code == HOB_EIO ? strerror(errno) : "");
}

static int fail_read(const struct hobi_twin *twin, struct hobi_failure *failure,
                     gdbm_error error) {
    return fail_gdbm(failure, "reading", twin->name, error);
}

static int fail_damaged(const struct hobi_twin *twin, struct hobi_failure *failure,
                        const char *what) {
    return hobi_fail(failure, HOB_EDAMAGED, "%s: %s", twin->name, what);
}

static int fail_checksum(const struct hobi_twin *twin, struct hobi_failure *failure) {
    return fail_damaged(twin, failure, "the checksum of a record is wrong");
}

/* --------------------------------------------------------- keys and slots */

static datum datum_of(hobi_bytes bytes) {
    return (datum){(char *)(uintptr_t)bytes.data, (int)bytes.size};
}

static hobi_bytes bytes_of(datum datum) {
    return (hobi_bytes){datum.dptr, (size_t)datum.dsize};
}

static hobi_bytes key_of(const struct hobi_update *update) {
    return (hobi_bytes){update->bytes, update->key_size};
}

static bool make_room(struct hobi_twin *twin, size_t size) {
    if (size > twin->capacity) {
        char *grown = realloc(twin->stored, size * 2);
        if (!grown) {
            return false;
        }
        twin->stored = grown;
        twin->capacity = size * 2;
    }
    return true;
}

/* -------------------------------------------------------------------- meta */

static int read_meta(struct hobi_twin *twin, struct hobi_failure *failure) {
    datum key = datum_of(meta_key);
    datum value = gdbm_fetch(twin->table, key);
    if (!value.dptr) {
        gdbm_error error = gdbm_errno;
        if (error != GDBM_ITEM_NOT_FOUND) {
            return fail_read(twin, failure, error);
        }
        return fail_damaged(twin, failure, "there is no meta record");
    }
    char text[HOBI_META_SIZE] = "";
    size_t size = (size_t)value.dsize;
    memcpy(text, value.dptr, size < sizeof text ? size : sizeof text - 1);
    free(value.dptr);
    return hobi_meta_parse(text, &twin->meta)
               ? 0
               : fail_damaged(twin, failure, "the meta record is damaged");
}

static int store(struct hobi_twin *twin, datum key, datum value,
                 struct hobi_failure *failure) {
    int rc = hobi_disk_ask(twin->disk, HOB_DISK_TABLE_WRITE, twin->name, failure);
    if (!rc && gdbm_store(twin->table, key, value, GDBM_REPLACE) != 0) {
        rc = fail_gdbm(failure, "writing", twin->name, gdbm_errno);
    }
    return rc;
}

int hobi_twin_mark(struct hobi_twin *twin, struct hobi_failure *failure) {
    char text[HOBI_META_SIZE];
    int size = hobi_meta_print(&twin->meta, text);
    datum key = datum_of(meta_key);
    return store(twin, key, (datum){text, size}, failure);
}

/* --------------------------------------------------------- opening, closing */

static const int gdbm_modes[] = {
    [HOB_TWIN_READ] = GDBM_READER,
    [HOB_TWIN_WRITE] = GDBM_WRITER | GDBM_NOMMAP,
    [HOB_TWIN_CREATE] = GDBM_NEWDB | GDBM_NOMMAP,
};
static const int open_flags[] = {
    [HOB_TWIN_READ] = O_RDONLY,
    [HOB_TWIN_WRITE] = O_RDWR,
    [HOB_TWIN_CREATE] = O_RDWR | O_CREAT | O_TRUNC,
};

static int open_table(struct hobi_twin *twin, enum hobi_twin_mode mode,
                      struct hobi_failure *failure) {
    struct hobi_file file;
    uint64_t size = 0;
    int rc = hobi_disk_open(twin->disk, twin->name, open_flags[mode], &file, failure);
    if (rc) {
        return rc;
    }
    rc = hobi_disk_size(&file, &size, failure);
    if (!rc && mode != HOB_TWIN_CREATE && size < HOBI_BLOCK) {
        rc = fail_damaged(twin, failure, "the file is empty or nearly so");
    }
    rc = rc ? rc : hobi_disk_ask(twin->disk, HOB_DISK_TABLE_READ, twin->name, failure);
    if (rc) {
        hobi_disk_close(&file);
        return rc;
    }
    twin->table = gdbm_fd_open(file.fd, twin->name, HOBI_BLOCK,
                               gdbm_modes[mode] | GDBM_BSEXACT | GDBM_CLOERROR, NULL);
    return twin->table ? 0 : fail_gdbm(failure, "opening", twin->name, gdbm_errno);
}

int hobi_twin_open(const struct hobi_disk *disk, const char *name,
                   enum hobi_twin_mode mode, struct hobi_twin **result,
                   struct hobi_failure *failure) {
    *result = NULL;
    struct hobi_twin *twin = calloc(1, sizeof *twin);
    if (!twin) {
        return hobi_fail(failure, HOB_ENOMEM, "no memory to open %s", name);
    }
    twin->disk = disk;
    snprintf(twin->name, sizeof twin->name, "%s", name);
    int rc = open_table(twin, mode, failure);
    if (!rc && mode != HOB_TWIN_CREATE) {
        rc = read_meta(twin, failure);
    }
    if (rc) {
        hobi_twin_close(twin);
        return rc;
    }
    *result = twin;
    return 0;
}

void hobi_twin_close(struct hobi_twin *twin) {
    if (twin) {
        if (twin->table) {
            gdbm_close(twin->table);
        }
        free(twin->stored);
        free(twin);
    }
}

int hobi_twin_sync(struct hobi_twin *twin, struct hobi_failure *failure) {
    int rc = hobi_disk_ask(twin->disk, HOB_DISK_TABLE_SYNC, twin->name, failure);
    if (rc) {
        return rc;
    }
    if (gdbm_sync(twin->table) != 0) {
        return fail_gdbm(failure, "syncing", twin->name, gdbm_errno);
    }
    gdbm_error error = gdbm_last_errno(twin->table);
    if (error != GDBM_NO_ERROR && error != GDBM_ITEM_NOT_FOUND) {
        return fail_gdbm(failure, "syncing", twin->name, error);
    }
    if (fsync(gdbm_fdesc(twin->table)) < 0) {
        return hobi_fail_system(failure, "syncing", twin->name, errno);
    }
    return 0;
}

int hobi_twin_finish(struct hobi_twin *twin, uint64_t *size,
                     struct hobi_failure *failure) {
    int rc = hobi_twin_sync(twin, failure);
    struct hobi_file file = {.fd = gdbm_fdesc(twin->table)};
    snprintf(file.name, sizeof file.name, "%s", twin->name);
    rc = rc ? rc : hobi_disk_size(&file, size, failure);
    GDBM_FILE table = twin->table;
    twin->table = NULL;
    if (gdbm_close(table) != 0 && !rc) {
        rc = fail_gdbm(failure, "closing", twin->name, gdbm_errno);
    }
    hobi_twin_close(twin);
    return rc;
}

/* ----------------------------------------------------------------- records */

static int fetch(struct hobi_twin *twin, datum key, datum *value,
                 struct hobi_failure *failure) {
    int rc = hobi_disk_ask(twin->disk, HOB_DISK_TABLE_READ, twin->name, failure);
    if (rc) {
        return rc;
    }
    *value = gdbm_fetch(twin->table, key);
    if (value->dptr) {
        return 0;
    }
    gdbm_error error = gdbm_errno;
    return error == GDBM_ITEM_NOT_FOUND ? HOB_ENOTFOUND
                                        : fail_read(twin, failure, error);
}

int hobi_twin_read(struct hobi_twin *twin, hobi_bytes key, void **bytes,
                   hobi_bytes *value, struct hobi_failure *failure) {
    hobi_bytes in_file;
    datum slot;
    void *escaped;
    if (!hobi_stored_key(key, &in_file, &escaped)) {
        return hobi_fail(failure, HOB_ENOMEM, "no memory to read %s", twin->name);
    }
    int rc = fetch(twin, datum_of(in_file), &slot, failure);
    free(escaped);
    if (rc) {
        return rc;
    }
    uint32_t check;
    if (!hobi_stored_read(bytes_of(slot), key, value, &check)) {
        free(slot.dptr);
        return fail_checksum(twin, failure);
    }
    *bytes = slot.dptr;
    return 0;
}

/* Take the record that stands under the key out of META; its slot's size.  */
static int leave_meta(struct hobi_twin *twin, hobi_bytes key, datum in_file,
                      size_t *slot_size, struct hobi_failure *failure) {
    datum slot;
    *slot_size = 0;
    int rc = fetch(twin, in_file, &slot, failure);
    if (rc) {
        return rc == HOB_ENOTFOUND ? 0 : rc;
    }
    hobi_bytes value;
    uint32_t check;
    if (hobi_stored_read(bytes_of(slot), key, &value, &check)) {
        twin->meta.count--;
        twin->meta.live -= key.size + value.size;
        twin->meta.sum -= hobi_stored_hash(check, key.size, value.size);
        *slot_size = (size_t)slot.dsize;
    } else {
        rc = fail_checksum(twin, failure);
    }
    free(slot.dptr);
    return rc;
}

static int put(struct hobi_twin *twin, const struct hobi_update *update, datum in_file,
               size_t old_slot, struct hobi_failure *failure) {
    size_t slot = hobi_stored_slot(update->value_size, old_slot);
    if (!make_room(twin, slot)) {
        return hobi_fail(failure, HOB_ENOMEM, "no memory to write %s", twin->name);
    }
    hobi_bytes value = {hobi_update_value(update), update->value_size};
    uint32_t check = hobi_stored_write(twin->stored, slot, key_of(update), value);
    twin->meta.count++;
    twin->meta.live += update->key_size + value.size;
    twin->meta.sum += hobi_stored_hash(check, update->key_size, value.size);
    return store(twin, in_file, (datum){twin->stored, (int)slot}, failure);
}

static int take_away(struct hobi_twin *twin, datum key, struct hobi_failure *failure) {
    int rc = hobi_disk_ask(twin->disk, HOB_DISK_TABLE_WRITE, twin->name, failure);
    if (!rc && gdbm_delete(twin->table, key) != 0) {
        rc = fail_gdbm(failure, "writing", twin->name, gdbm_errno);
    }
    return rc;
}

int hobi_twin_apply(struct hobi_twin *twin, const struct hobi_update *update,
                    struct hobi_failure *failure) {
    hobi_bytes key;
    void *escaped;
    if (!hobi_stored_key(key_of(update), &key, &escaped)) {
        return hobi_fail(failure, HOB_ENOMEM, "no memory to write %s", twin->name);
    }
    size_t slot;
    int rc = leave_meta(twin, key_of(update), datum_of(key), &slot, failure);
    if (!rc && !update->removed) {
        rc = put(twin, update, datum_of(key), slot, failure);
    } else if (!rc && slot) {
        rc = take_away(twin, datum_of(key), failure);
    }
    free(escaped);
    return rc;
}

/* --------------------------------------------------------------- iterating */

static int visit_record(struct hobi_twin *twin, datum key, hobi_twin_visit *visit,
                        void *data, struct hobi_failure *failure) {
    datum stored;
    int rc = fetch(twin, key, &stored, failure);
    if (rc == HOB_ENOTFOUND) {
        return fail_damaged(twin, failure, "a record of the scan cannot be found");
    }
    if (rc) {
        return rc;
    }
    hobi_bytes plain = {key.dptr, hobi_stored_plain_key(key.dptr, (size_t)key.dsize)};
    hobi_bytes value;
    uint32_t check;
    rc = hobi_stored_read(bytes_of(stored), plain, &value, &check)
             ? visit(data, plain, value)
             : fail_checksum(twin, failure);
    free(stored.dptr);
    return rc;
}

/* The key after KEY, or the first; its dptr is NULL after the last.  */
static int next_key(struct hobi_twin *twin, const datum *key, datum *next,
                    struct hobi_failure *failure) {
    errno = 0;
    *next = key ? gdbm_nextkey(twin->table, *key) : gdbm_firstkey(twin->table);
    gdbm_error error = gdbm_errno;
    if (next->dptr) {
        return 0;
    }
    /* Where memory is out GDBM does not always say so.  */
    if (errno == ENOMEM) {
        return hobi_fail(failure, HOB_ENOMEM, "no memory to scan %s", twin->name);
    }
    return error == GDBM_ITEM_NOT_FOUND ? 0 : fail_read(twin, failure, error);
}

int hobi_twin_iterate(struct hobi_twin *twin, hobi_twin_visit *visit, void *data,
                      struct hobi_failure *failure) {
    uint64_t seen = 0, expected = twin->meta.count + 1;
    datum key, next;
    int rc = next_key(twin, NULL, &key, failure);
    while (!rc && key.dptr && seen++ < expected) {
        /* The next key first: a visit turns this one back in place.  */
        rc = next_key(twin, &key, &next, failure);
        if (!rc && !hobi_stored_is_meta(bytes_of(key))) {
            rc = visit_record(twin, key, visit, data, failure);
        }
        free(key.dptr);
        key = next;
    }
    free(key.dptr);
    if (!rc && seen != expected) {
        rc = fail_damaged(twin, failure, "the scan finds too few records, or too many");
    }
    return rc;
}

struct verifying {
    struct hobi_twin *second;
    struct hobi_meta found;
    struct hobi_failure *failure;
};

static int verify_record(void *data, hobi_bytes key, hobi_bytes value) {
    struct verifying *verifying = data;
    void *bytes;
    hobi_bytes again;
    int rc = hobi_twin_read(verifying->second, key, &bytes, &again, verifying->failure);
    if (rc == HOB_ENOTFOUND) {
        return fail_damaged(verifying->second, verifying->failure,
                            "the index has lost a record");
    }
    if (rc) {
        return rc;
    }
    bool same =
        again.size == value.size && memcmp(again.data, value.data, again.size) == 0;
    free(bytes);
    if (!same) {
        return fail_damaged(verifying->second, verifying->failure,
                            "a record is there twice");
    }
    uint32_t check = hobi_stored_check(key, value);
    verifying->found.count++;
    verifying->found.live += key.size + value.size;
    verifying->found.sum += hobi_stored_hash(check, key.size, value.size);
    return 0;
}

/* Look up a key that is not there in each part of GDBM's directory, also in those that
   no record uses: the next record may.  */
static int probe_directory(struct hobi_twin *twin, struct hobi_failure *failure) {
    enum { HASH_BITS = 31, TRIES = 64 };
    int bits = 0;
    if (gdbm_setopt(twin->table, GDBM_GETDIRDEPTH, &bits, sizeof bits) != 0 ||
        bits < 0 || bits > HASH_BITS) {
        return fail_damaged(twin, failure, "the directory has no size");
    }
    size_t parts = (size_t)1 << bits, left = parts;
    bool *seen = calloc(parts, 1);
    if (!seen) {
        return hobi_fail(failure, HOB_ENOMEM, "no memory to verify %s", twin->name);
    }
    int rc = 0;
    for (uint64_t i = 0; left && !rc && i < parts * TRIES; i++) {
        /* No other key begins like this: it would have been escaped.  */
        char key[32] = "meta ";
        size_t size = 5 + (size_t)snprintf(key + 5, sizeof key - 5, "%" PRIu64, i);
        size_t part = hobi_stored_order_of_file(key, size) >> (HASH_BITS - bits);
        if (!seen[part]) {
            datum value = {NULL, 0};
            rc = fetch(twin, (datum){key, (int)size}, &value, failure);
            free(value.dptr);
            rc = rc == HOB_ENOTFOUND ? 0 : rc ? rc : HOB_EDAMAGED;
            seen[part] = true;
            left--;
        }
    }
    free(seen);
    return rc == HOB_EDAMAGED ? fail_damaged(twin, failure, "the directory is damaged")
                              : rc;
}

int hobi_twin_verify(const struct hobi_disk *disk, const char *name,
                     struct hobi_failure *failure) {
    struct hobi_twin *scan = NULL;
    struct verifying verifying = {.failure = failure};
    int rc = hobi_twin_open(disk, name, HOB_TWIN_READ, &scan, failure);
    rc =
        rc ? rc : hobi_twin_open(disk, name, HOB_TWIN_READ, &verifying.second, failure);
    rc = rc ? rc : hobi_twin_iterate(scan, verify_record, &verifying, failure);
    const struct hobi_meta *found = &verifying.found;
    if (!rc && (found->count != scan->meta.count || found->live != scan->meta.live ||
                found->sum != scan->meta.sum)) {
        rc = fail_damaged(scan, failure, "count or sum of the records is wrong");
    }
    rc = rc ? rc : probe_directory(verifying.second, failure);
    hobi_twin_close(scan);
    hobi_twin_close(verifying.second);
    return rc;
}
