/* crash-power.c -- power cuts, replayed.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A child commits to a store while every write, truncation, rename, removal and sync in
   the store's folder is recorded: this program defines these functions itself, so that
   the engine and GDBM call them here.  Then a power cut is put somewhere into the
   record, and the disk built that it may leave: of each file all that its last sync
   covers, and of what came later

     nothing / all in order / some blocks of 4096 bytes / some sectors of 512;

   of the names, what the last sync of the folder covers and any number of the changes
   after it.  What opens on that disk must be the whole state after some batch from the
   last acknowledged to the last submitted; in relaxed mode, from the last that was said
   to be durable.

   Each disk is also the begin of a next round: power cuts in a chain.  No other test
   notices a sync that is missing: after a kill the page cache is still there.

     crash-power [cuts of each kind]      every operation with HOB_LONG  */

#include <config.h>

#include "scratch.h"

#include <gdbm.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "gdbm/engine.h"

/* ------------------------------------------------------------------ record */

enum event_type {
    CREATED,
    WRITTEN,
    TRUNCATED,
    SYNCED,
    NAMES_SYNCED,
    RENAMED,
    REMOVED,
    ACKNOWLEDGED,
    SUBMITTED
};

struct event {
    enum event_type type;
    int file;        /* number of the file */
    uint64_t offset; /* or size, or batch */
    size_t size;     /* of the bytes that follow the event */
    char name[16], to[16];
};

enum { RECORD_ROOM = 1 << 28, FDS = 256, FILES = 512 };

/* In memory shared with the child that records.  */
struct record {
    int lock;
    size_t used;
    unsigned char bytes[];
};

static struct record *record;
static bool recording;
static int folder_fd = -1;
static int file_of[FDS]; /* number of the file + 1; 0: not ours */
static struct {
    char name[16];
    int file;
} names[FILES];
static int name_count, file_count;

static int find_name(const char *name) {
    for (int i = 0; i < name_count; i++) {
        if (strcmp(names[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static void lock_record(void) {
    while (__atomic_exchange_n(&record->lock, 1, __ATOMIC_ACQUIRE)) {}
}

static void unlock_record(void) {
    __atomic_store_n(&record->lock, 0, __ATOMIC_RELEASE);
}

/* With the lock.  */
static void add(struct event event, const void *bytes) {
    size_t need = (sizeof event + event.size + 15) & ~(size_t)15;
    if (record->used + need > RECORD_ROOM) {
        _exit(9);
    }
    memcpy(record->bytes + record->used, &event, sizeof event);
    if (event.size) {
        memcpy(record->bytes + record->used + sizeof event, bytes, event.size);
    }
    record->used += need;
}

static struct event named(enum event_type type, int file, const char *name,
                          const char *to) {
    struct event event = {.type = type, .file = file};
    snprintf(event.name, sizeof event.name, "%s", name);
    snprintf(event.to, sizeof event.to, "%s", to);
    return event;
}

/* -------------------------------------------- what the engine and GDBM call */

/* The suites are compiled with hidden visibility.  */
#define GDBM_CALLS __attribute__((visibility("default")))

int openat(int folder, const char *name, int flags, ...);
int renameat(int from_folder, const char *from, int to_folder, const char *to);
int unlinkat(int folder, const char *name, int flags);

GDBM_CALLS int openat(int folder, const char *name, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int mode = flags & O_CREAT ? va_arg(rest, int) : 0;
    va_end(rest);
    int fd = (int)syscall(SYS_openat, folder, name, flags, mode);
    if (!recording || fd < 0 || fd >= FDS || flags & O_DIRECTORY) {
        return fd;
    }
    folder_fd = folder;
    lock_record();
    int i = find_name(name);
    if (i < 0 && flags & O_CREAT && name_count < FILES) {
        i = name_count++;
        snprintf(names[i].name, sizeof names[i].name, "%s", name);
        names[i].file = file_count++;
        add(named(CREATED, names[i].file, name, ""), NULL);
    } else if (i >= 0 && flags & O_TRUNC) {
        add((struct event){.type = TRUNCATED, .file = names[i].file}, NULL);
    }
    file_of[fd] = i < 0 ? 0 : names[i].file + 1;
    unlock_record();
    return fd;
}

GDBM_CALLS int close(int fd) {
    if (recording && fd >= 0 && fd < FDS) {
        file_of[fd] = 0;
    }
    return (int)syscall(SYS_close, fd);
}

static void wrote(int fd, const void *bytes, ssize_t size, off_t offset) {
    if (recording && fd >= 0 && fd < FDS && file_of[fd] && size > 0) {
        lock_record();
        add((struct event){.type = WRITTEN,
                           .file = file_of[fd] - 1,
                           .offset = (uint64_t)offset,
                           .size = (size_t)size},
            bytes);
        unlock_record();
    }
}

GDBM_CALLS ssize_t write(int fd, const void *bytes, size_t size) {
    off_t offset = recording ? (off_t)syscall(SYS_lseek, fd, 0, SEEK_CUR) : 0;
    ssize_t n = (ssize_t)syscall(SYS_write, fd, bytes, size);
    wrote(fd, bytes, n, offset);
    return n;
}

GDBM_CALLS ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset) {
    ssize_t n = (ssize_t)syscall(SYS_pwrite64, fd, bytes, size, offset);
    wrote(fd, bytes, n, offset);
    return n;
}

GDBM_CALLS int ftruncate(int fd, off_t size) {
    int rc = (int)syscall(SYS_ftruncate, fd, size);
    if (recording && rc == 0 && fd < FDS && file_of[fd]) {
        lock_record();
        add((struct event){.type = TRUNCATED,
                           .file = file_of[fd] - 1,
                           .offset = (uint64_t)size},
            NULL);
        unlock_record();
    }
    return rc;
}

/* Syncs are recorded only: what they are worth the replay decides.  */
GDBM_CALLS int fdatasync(int fd) {
    if (recording && fd >= 0 && fd < FDS && (file_of[fd] || fd == folder_fd)) {
        lock_record();
        if (file_of[fd]) {
            add((struct event){.type = SYNCED, .file = file_of[fd] - 1}, NULL);
        } else {
            add((struct event){.type = NAMES_SYNCED}, NULL);
        }
        unlock_record();
    }
    return 0;
}

GDBM_CALLS int fsync(int fd) {
    return fdatasync(fd);
}

GDBM_CALLS int renameat(int from_folder, const char *from, int to_folder,
                        const char *to) {
    if (!recording) {
        return (int)syscall(SYS_renameat, from_folder, from, to_folder, to);
    }
    lock_record();
    int rc = (int)syscall(SYS_renameat, from_folder, from, to_folder, to);
    int i = find_name(from), j = find_name(to);
    if (rc == 0 && i >= 0) {
        add(named(RENAMED, names[i].file, from, to), NULL);
        if (j >= 0) {
            names[j].file = names[i].file;
            names[i] = names[--name_count];
        } else {
            snprintf(names[i].name, sizeof names[i].name, "%s", to);
        }
    }
    unlock_record();
    return rc;
}

GDBM_CALLS int unlinkat(int folder, const char *name, int flags) {
    if (!recording) {
        return (int)syscall(SYS_unlinkat, folder, name, flags);
    }
    lock_record();
    int rc = (int)syscall(SYS_unlinkat, folder, name, flags);
    int i = find_name(name);
    if (rc == 0 && i >= 0) {
        add(named(REMOVED, names[i].file, name, ""), NULL);
        names[i] = names[--name_count];
    }
    unlock_record();
    return rc;
}

static void note(enum event_type type, uint64_t batch) {
    lock_record();
    add((struct event){.type = type, .offset = batch}, NULL);
    unlock_record();
}

/* -------------------------------------------------------------------- disk */

struct file {
    unsigned char *bytes;
    size_t size, capacity;
    size_t synced; /* index of the event of its last sync before the cut, plus 1 */
};

/* Files by number, and which name leads to which.  */
struct disk {
    struct file files[FILES];
    int file_count;
    struct {
        char name[16];
        int file;
    } names[FILES];
    int name_count;
};

static void resize(struct file *file, size_t size) {
    if (size > file->capacity) {
        file->capacity = size * 2;
        file->bytes = realloc(file->bytes, file->capacity);
        ck_assert_ptr_nonnull(file->bytes);
    }
    if (size > file->size) {
        memset(file->bytes + file->size, 0, size - file->size);
    }
    file->size = size;
}

static void put_bytes(struct file *file, size_t offset, const unsigned char *bytes,
                      size_t size) {
    if (offset + size > file->size) {
        resize(file, offset + size);
    }
    if (size) {
        memcpy(file->bytes + offset, bytes, size);
    }
}

static void disk_free(struct disk *disk) {
    for (int i = 0; disk && i < FILES; i++) {
        free(disk->files[i].bytes);
    }
    free(disk);
}

static int disk_find(const struct disk *disk, const char *name) {
    for (int i = 0; i < disk->name_count; i++) {
        if (strcmp(disk->names[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static void disk_unname(struct disk *disk, const char *name) {
    int i = disk_find(disk, name);
    if (i >= 0) {
        disk->names[i] = disk->names[--disk->name_count];
    }
}

static void disk_name(struct disk *disk, const char *name, int file) {
    disk_unname(disk, name);
    int i = disk->name_count++;
    snprintf(disk->names[i].name, sizeof disk->names[i].name, "%s", name);
    disk->names[i].file = file;
}

/* A disk with the same files, numbered from 0 in the order of their names.  */
static struct disk *disk_copy(const struct disk *disk) {
    struct disk *copy = calloc(1, sizeof *copy);
    ck_assert_ptr_nonnull(copy);
    for (int i = 0; disk && i < disk->name_count; i++) {
        const struct file *file = &disk->files[disk->names[i].file];
        put_bytes(&copy->files[i], 0, file->bytes, file->size);
        disk_name(copy, disk->names[i].name, i);
        copy->file_count++;
    }
    return copy;
}

static void disk_to_folder(const struct disk *disk, const char *path) {
    scratch_remove(path);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    for (int i = 0; i < disk->name_count; i++) {
        char target[2 * SCRATCH_PATH];
        const struct file *file = &disk->files[disk->names[i].file];
        snprintf(target, sizeof target, "%s/%s", path, disk->names[i].name);
        scratch_save(target, (const char *)file->bytes, file->size);
    }
}

/* --------------------------------------------------------------------- cut */

enum loss { NOTHING_KEPT, ALL_KEPT, BLOCKS_KEPT, SECTORS_KEPT, LOSSES };

struct events {
    const struct event **list;
    size_t count;
};

static struct events read_record(void) {
    struct events events = {NULL, 0};
    size_t capacity = 0;
    for (size_t at = 0; at < record->used;) {
        const struct event *event = (const struct event *)(record->bytes + at);
        if (events.count == capacity) {
            capacity = capacity ? capacity * 2 : 1024;
            events.list = realloc(events.list, capacity * sizeof *events.list);
            ck_assert_ptr_nonnull(events.list);
        }
        events.list[events.count++] = event;
        at += (sizeof *event + event->size + 15) & ~(size_t)15;
    }
    return events;
}

static void keep_some(struct file *file, const struct event *event, enum loss loss,
                      size_t keep, uint64_t *chance) {
    size_t grain = loss == SECTORS_KEPT ? 512 : 4096;
    const unsigned char *bytes = (const unsigned char *)(event + 1);
    for (size_t at = 0; at < event->size;) {
        size_t place = event->offset + at;
        size_t size = (place / grain + 1) * grain - place;
        size = size < event->size - at ? size : event->size - at;
        if (scratch_below(chance, 100) < keep) {
            put_bytes(file, place, bytes + at, size);
        }
        at += size;
    }
}

static void apply_name(struct disk *disk, const struct event *event) {
    if (event->type == CREATED) {
        disk_name(disk, event->name, event->file);
    } else if (event->type == REMOVED) {
        disk_unname(disk, event->name);
    } else if (event->type == RENAMED) {
        disk_unname(disk, event->name);
        disk_name(disk, event->to, event->file);
    }
}

static void apply_bytes(struct disk *disk, const struct event *event, bool safe,
                        enum loss loss, size_t keep, uint64_t *chance) {
    struct file *file = &disk->files[event->file];
    if (event->type == WRITTEN && (safe || loss == ALL_KEPT)) {
        put_bytes(file, event->offset, (const unsigned char *)(event + 1), event->size);
    } else if (event->type == WRITTEN && loss != NOTHING_KEPT) {
        keep_some(file, event, loss, keep, chance);
    } else if (event->type == TRUNCATED &&
               (safe || loss == ALL_KEPT ||
                (loss != NOTHING_KEPT && scratch_below(chance, 100) < keep))) {
        resize(file, event->offset);
    }
}

/* The disk after a power cut before the event CUT, of a run that began on BASE.  */
static struct disk *cut_at(const struct disk *base, const struct events *events,
                           size_t cut, enum loss loss, uint64_t *chance) {
    static const size_t shares[] = {10, 50, 90, 99};
    struct disk *disk = disk_copy(base);
    size_t keep = shares[scratch_below(chance, 4)], names_safe = 0;
    for (size_t i = 0; i < cut; i++) {
        const struct event *event = events->list[i];
        if (event->type == SYNCED) {
            disk->files[event->file].synced = i + 1;
        } else if (event->type == NAMES_SYNCED) {
            names_safe = i + 1;
        }
    }
    if (loss == ALL_KEPT) {
        names_safe = cut;
    } else if (loss != NOTHING_KEPT) {
        names_safe += scratch_below(chance, cut - names_safe + 1);
    }
    for (size_t i = 0; i < cut; i++) {
        const struct event *event = events->list[i];
        if (i < names_safe) {
            apply_name(disk, event);
        }
        if (event->type == WRITTEN || event->type == TRUNCATED) {
            apply_bytes(disk, event, i < disk->files[event->file].synced, loss, keep,
                        chance);
        }
    }
    return disk;
}

/* -------------------------------------------------------------------- runs */

struct kind {
    const char *name;
    size_t batch;
    uint64_t commits;
    hob_durability durability;
    bool hold;    /* a reader holds both files now and then: copies */
    bool rebuild; /* enough changes of size that files are rebuilt */
    bool abandon; /* half-way the store is left as by a kill and opened again */
};

static const struct kind kinds[] = {
    {"one record", 1, 60, HOB_DURABLE, false, false, false},
    {"ten records", 10, 60, HOB_DURABLE, false, false, false},
    {"relaxed", 5, 80, HOB_RELAXED, false, false, false},
    {"copied", 10, 50, HOB_DURABLE, true, false, false},
    {"killed before", 5, 60, HOB_RELAXED, false, false, true},
    {"rebuilt", 100, 100, HOB_DURABLE, false, true, false},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static unsigned cuts = 100;

static hob_store_options options_of(const struct kind *kind) {
    return (hob_store_options){.durability = kind->durability,
                               .segment_size = 32 << 10,
                               .segments = 3,
                               .flush_interval = kind->abandon ? 1000000 : 2};
}

static uint64_t durable_lsn(hob_store *store) {
    struct hobi_engine *engine = (struct hobi_engine *)store;
    pthread_mutex_lock(&engine->mutex);
    uint64_t lsn = engine->journal.durable_lsn;
    pthread_mutex_unlock(&engine->mutex);
    return lsn;
}

static void hold(const char *path, GDBM_FILE held[2]) {
    for (unsigned i = 0; i < 2; i++) {
        char name[2 * SCRATCH_PATH];
        if (held[i]) {
            gdbm_close(held[i]);
        }
        snprintf(name, sizeof name, "%s/%s", path, hobi_state_file(i));
        held[i] = gdbm_open(name, 0, GDBM_READER, 0, NULL);
    }
}

/* What a kill leaves: nothing is written any more, but what was is in the page cache. */
static hob_store *abandon(hob_store *store, const char *path,
                          const hob_store_options *options) {
    struct hobi_engine *engine = (struct hobi_engine *)store;
    pthread_mutex_lock(&engine->mutex);
    engine->stopping = true;
    pthread_cond_signal(&engine->checkpoint_due);
    pthread_cond_signal(&engine->ring_due);
    pthread_mutex_unlock(&engine->mutex);
    pthread_join(engine->checkpointer, NULL);
    pthread_join(engine->ring_keeper, NULL);
    hobi_twin_close(engine->current);
    hobi_disk_close(&engine->lock);
    hob_store *again;
    return hob_gdbm_store(path, options, &again, NULL) ? NULL : again;
}

/* In the child; every batch has the LSN of its number.  */
static void run(const struct kind *kind, const char *path, struct model *model) {
    hob_store_options options = options_of(kind);
    hob_store *store;
    struct model_batch batch;
    GDBM_FILE held[2] = {NULL, NULL};
    recording = true;
    if (hob_gdbm_store(path, &options, &store, NULL)) {
        _exit(2);
    }
    uint64_t last = model->at + kind->commits;
    for (uint64_t number = model->at + 1; number <= last; number++) {
        uint64_t lsn;
        model_make(model, number, &batch);
        note(SUBMITTED, number);
        if (hobi_store_submit(store, batch.count, batch.changes, &lsn, NULL) ||
            hobi_store_wait(store, lsn, NULL) || lsn != number) {
            _exit(3);
        }
        note(ACKNOWLEDGED, durable_lsn(store));
        if (number % 11 == 0 && hob_store_checkpoint(store, NULL)) {
            _exit(4);
        }
        if (kind->hold && number % 15 == 0) {
            hold(path, held);
        }
        if (kind->abandon && number % 25 == 0) {
            store = abandon(store, path, &options);
            if (!store || durable_lsn(store) != number) {
                _exit(6);
            }
            note(ACKNOWLEDGED, number);
        }
        if (kind->durability == HOB_RELAXED && number % 8 == 0) {
            usleep(4000);
        }
    }
    if (hob_store_close(store, NULL)) {
        _exit(5);
    }
    _exit(0);
}

static struct events record_run(const struct kind *kind, const struct disk *base,
                                const char *path, struct model *model) {
    int status;
    disk_to_folder(base, path);
    name_count = file_count = base->name_count;
    for (int i = 0; i < base->name_count; i++) {
        snprintf(names[i].name, sizeof names[i].name, "%s", base->names[i].name);
        names[i].file = i;
    }
    record->used = 0;
    fflush(stdout);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        run(kind, path, model);
    }
    waitpid(child, &status, 0);
    ck_assert_msg(status == 0, "the run ended with %x", (unsigned)status);
    return read_record();
}

static void bounds(const struct events *events, size_t cut, uint64_t *least,
                   uint64_t *most) {
    for (size_t i = 0; i < cut; i++) {
        const struct event *event = events->list[i];
        if (event->type == ACKNOWLEDGED) {
            *least = event->offset > *least ? event->offset : *least;
        } else if (event->type == SUBMITTED) {
            *most = event->offset;
        }
    }
}

/* Cut, open, compare.  AT is the batch at which the run began; gives the one found, and
   the disk when DISK is not NULL.  */
static uint64_t try_cut(const struct kind *kind, const struct disk *base,
                        const struct events *events, size_t cut, enum loss loss,
                        const struct model *at, const char *path, uint64_t *chance,
                        struct disk **result) {
    struct disk *disk = cut_at(base, events, cut, loss, chance);
    struct model model = *at;
    uint64_t least = at->at, most = least;
    hob_store_options options = options_of(kind);
    hob_store *store;
    hob_error error = {0};
    bounds(events, cut, &least, &most);
    options.verify = true;
    disk_to_folder(disk, path);
    int rc = hob_gdbm_store(path, &options, &store, &error);
    ck_assert_msg(rc == 0, "cut at %zu, loss %d: open gives %d: %s", cut, loss, rc,
                  error.message);
    uint64_t found = model_found(store);
    ck_assert_msg(found >= least && found <= most,
                  "cut at %zu, loss %d: batch %" PRIu64 ", not %" PRIu64 " to %" PRIu64,
                  cut, loss, found, least, most);
    model_advance(&model, found);
    const char *difference = model_difference(&model, store);
    ck_assert_msg(!difference, "cut at %zu, loss %d, batch %" PRIu64 ": %s", cut, loss,
                  found, difference);
    scratch_close(store);
    if (result) {
        *result = disk;
    } else {
        disk_free(disk);
    }
    return found;
}

struct place {
    char folder[SCRATCH_PATH], run[SCRATCH_PATH + 10], cut[SCRATCH_PATH + 10];
};

static void place_make(struct place *place) {
    scratch_folder(place->folder);
    snprintf(place->run, sizeof place->run, "%s/run", place->folder);
    snprintf(place->cut, sizeof place->cut, "%s/cut", place->folder);
    record = mmap(NULL, sizeof *record + RECORD_ROOM, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ck_assert_ptr_ne(record, MAP_FAILED);
}

static bool renamed_over(const struct events *events, const char *from) {
    for (size_t i = 0; i < events->count; i++) {
        if (events->list[i]->type == RENAMED &&
            strcmp(events->list[i]->name, from) == 0) {
            return true;
        }
    }
    return false;
}

START_TEST(a_power_cut_leaves_a_whole_batch_with_all_that_was_acknowledged) {
    const struct kind *kind = &kinds[_i];
    struct place place;
    uint64_t chance = scratch_seed();
    place_make(&place);
    struct model model = {.seed = chance, .batch = kind->batch};
    struct disk *base = disk_copy(NULL);
    struct events events = record_run(kind, base, place.run, &model);
    ck_assert_msg(!(kind->hold || kind->rebuild) || renamed_over(&events, "new.gdbm"),
                  "no checkpoint made a new file");
    if (scratch_long()) {
        for (size_t cut = 0; cut <= events.count; cut += 1 + events.count / 5000) {
            for (int loss = 0; loss < LOSSES; loss++) {
                try_cut(kind, base, &events, cut, (enum loss)loss, &model, place.cut,
                        &chance, NULL);
            }
        }
    }
    for (unsigned i = 0; i < cuts; i++) {
        try_cut(kind, base, &events, scratch_below(&chance, events.count + 1),
                (enum loss)(i % LOSSES), &model, place.cut, &chance, NULL);
    }
    printf("%s: %zu operations\n", kind->name, events.count);
    free(events.list);
    disk_free(base);
    scratch_remove_all(place.folder);
}
END_TEST

START_TEST(power_cuts_in_a_chain_lose_nothing_either) {
    const struct kind *kind = &kinds[_i];
    struct place place;
    uint64_t chance = scratch_seed();
    place_make(&place);
    struct model model = {.seed = chance, .batch = kind->batch};
    struct disk *base = disk_copy(NULL);
    for (unsigned i = 0; i < cuts / 5; i++) {
        struct events events = record_run(kind, base, place.run, &model);
        struct disk *disk;
        uint64_t found =
            try_cut(kind, base, &events, scratch_below(&chance, events.count + 1),
                    (enum loss)scratch_below(&chance, LOSSES), &model, place.cut,
                    &chance, &disk);
        model_advance(&model, found);
        free(events.list);
        disk_free(base);
        base = disk_copy(disk);
        disk_free(disk);
    }
    disk_free(base);
    scratch_remove_all(place.folder);
}
END_TEST

int main(int count, char **arguments) {
    if (count > 1) {
        cuts = (unsigned)strtoul(arguments[1], NULL, 10);
    }
    Suite *suite = suite_create("crash-power");
    TCase *tests = tcase_create("crash-power");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, scratch_long() || cuts > 1000 ? 1800 : 60);
    tcase_add_loop_test(tests,
                        a_power_cut_leaves_a_whole_batch_with_all_that_was_acknowledged,
                        0, KINDS);
    tcase_add_loop_test(tests, power_cuts_in_a_chain_lose_nothing_either, 0, KINDS);
    return scratch_run(suite);
}
