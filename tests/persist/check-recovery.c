/* check-recovery.c -- what comes out of a store that something happened to.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Two kinds of stores are hurt.  An image: the files as they are while the store runs,
   that is, what a kill would leave.  And a closed store, of two kinds: with everything
   in its GDBM file, and with its last batches in the journal only, because the
   checkpoints before its end had been refused.  */

#include <config.h>

#include "scratch.h"

#include <errno.h>
#include <limits.h>

#include "gdbm/engine.h"

enum { BATCHES = 60, UNMERGED = 24 };

struct place {
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 10], hurt[SCRATCH_PATH + 10];
    const char *kept; /* a file that cannot be opened */
    struct hobi_disk_faults faults;
};

static void place_make(struct place *place) {
    *place = (struct place){.kept = NULL};
    scratch_folder(place->folder);
    snprintf(place->path, sizeof place->path, "%s/store", place->folder);
    snprintf(place->hurt, sizeof place->hurt, "%s/hurt", place->folder);
}

static const hob_store_options small = {.segment_size = 32 << 10, .segments = 3};
static const hob_store_options verifying = {
    .segment_size = 32 << 10, .segments = 3, .verify = true};

/* ------------------------------------------------------------------ faults */

/* Fails the operations from the FIRST to the LAST, counted from 1.  */
struct countdown {
    unsigned long first, last, seen;
    int error;
};

static int count_down(void *data, enum hobi_disk_operation operation, const char *name,
                      size_t *size) {
    struct countdown *countdown = data;
    (void)operation;
    (void)name;
    unsigned long seen = __atomic_add_fetch(&countdown->seen, 1, __ATOMIC_SEQ_CST);
    if (seen < countdown->first || seen > countdown->last) {
        return 0;
    }
    *size = *size / 2 / 512 * 512;
    return countdown->error;
}

/* ------------------------------------------------------------ preparations */

enum { MERGED, UNMERGED_CLOSED, IMAGE, STATES };

static int keep_closed(void *data, enum hobi_disk_operation operation, const char *name,
                       size_t *size) {
    const struct place *place = data;
    const char *kept = __atomic_load_n(&place->kept, __ATOMIC_SEQ_CST);
    (void)size;
    return operation == HOB_DISK_OPEN && kept &&
                   (strcmp(name, kept) == 0 || strcmp(name, "new.gdbm") == 0)
               ? EIO
               : 0;
}

/* From now on no checkpoint of STORE gets anywhere.  */
static void keep(struct place *place, hob_store *store) {
    struct hobi_engine *engine = (struct hobi_engine *)store;
    pthread_mutex_lock(&engine->mutex);
    while (engine->checkpointing) {
        pthread_cond_wait(&engine->progress, &engine->mutex);
    }
    const char *other = hobi_state_file(!engine->state.current);
    __atomic_store_n(&place->kept, other, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&engine->mutex);
}

static hob_store *open_keepable(struct place *place, const char *path) {
    hob_store *store;
    hob_error error = {0};
    place->kept = NULL;
    place->faults = (struct hobi_disk_faults){keep_closed, place};
    int rc = hobi_gdbm_store_with_faults(path, &small, &place->faults, &store, &error);
    ck_assert_msg(rc == 0, "open gives %d: %s", rc, error.message);
    return store;
}

static hob_store *open_kept(struct place *place, const char *path) {
    hob_store *store = open_keepable(place, path);
    keep(place, store);
    return store;
}

/* A store at batch BATCHES, in one of the three states, under PATH.  */
static void prepare(struct place *place, struct model *model, int state) {
    place_make(place);
    *model = (struct model){.seed = scratch_seed(), .batch = 4};
    hob_store *store = open_keepable(place, place->path);
    for (uint64_t i = 1; i <= 3; i++) {
        model_commit(model, store, i * (BATCHES - UNMERGED) / 3);
        ck_assert_int_eq(hob_store_checkpoint(store, NULL), 0);
    }
    if (state != MERGED) {
        keep(place, store);
    }
    model_commit(model, store, BATCHES);
    if (state == IMAGE) {
        scratch_copy(place->path, place->hurt);
    }
    scratch_close(store);
    if (state == IMAGE) {
        scratch_copy(place->hurt, place->path);
    }
}

/* What STORE differs in from its own batch, which is LEAST or above; or NULL.  */
static const char *compare(struct model *fresh, hob_store *store, uint64_t least) {
    static char text[60];
    hobi_bytes is;
    hob_error error = {0};
    int rc = hobi_store_read(store, scratch_bytes("commit"), &is, &error);
    if (rc) {
        snprintf(text, sizeof text, "\"commit\" gives %d: ", rc);
        return text;
    }
    uint64_t found = model_found(store);
    if (found < least || found > BATCHES) {
        snprintf(text, sizeof text, "at batch %" PRIu64, found);
        return text;
    }
    model_advance(fresh, found);
    return model_difference(fresh, store);
}

/* Open what was hurt.  It is right, with the last batch at LEAST or above, or it is
   refused as damaged and left as it is; anything else fails.  */
static bool opens_right(struct place *place, const struct model *model, uint64_t least,
                        const char *what) {
    struct model fresh = {.seed = model->seed, .batch = model->batch};
    hob_store *store;
    hob_error error = {0};
    int rc = hob_gdbm_store(place->hurt, &verifying, &store, &error);
    if (rc) {
        ck_assert_msg(rc == HOB_EDAMAGED || rc == HOB_EVERSION, "%s: %d: %s", what, rc,
                      error.message);
        return false;
    }
    const char *difference = compare(&fresh, store, least);
    if (difference && strstr(difference, " -19: ")) {
        /* A file that was hurt while it was not the current one has become it: that is
           reported where it is read, and repaired when asked to verify.  */
        scratch_close(store);
        store = scratch_open(place->hurt, &verifying);
        fresh = (struct model){.seed = model->seed, .batch = model->batch};
        difference = compare(&fresh, store, least);
    }
    ck_assert_msg(!difference, "%s: %s", what, difference);
    uint64_t found = fresh.at;
    model_commit(&fresh, store, found + 5);
    scratch_close(store);
    store = scratch_open(place->hurt, &verifying);
    model_check(&fresh, store, found + 5, found + 5);
    scratch_close(store);
    return true;
}

/* The least batch that a store may come back with: the last frame of an image may pass
   for a torn one.  */
static uint64_t least_of(int state) {
    return state == IMAGE ? BATCHES - 1 : BATCHES;
}

struct target {
    char path[2 * SCRATCH_PATH];
    char name[64];
};

struct targets {
    size_t count;
    struct target list[32];
};

static void add_target(const char *path, const char *name, void *data) {
    struct targets *targets = data;
    if (strcmp(name, "LOCK") != 0 && targets->count < 32) {
        struct target *target = &targets->list[targets->count++];
        snprintf(target->path, sizeof target->path, "%s", path);
        snprintf(target->name, sizeof target->name, "%s", name);
    }
}

/* Names only: the files are in place->hurt.  */
static void hurt_path(const struct place *place, const char *name,
                      char path[2 * SCRATCH_PATH]) {
    snprintf(path, 2 * SCRATCH_PATH, "%s/%s", place->hurt, name);
}

/* ----------------------------------------------------------------- damages */

START_TEST(a_flipped_bit_is_harmless_repaired_or_reported) {
    struct place place;
    struct model model;
    struct targets targets = {0};
    prepare(&place, &model, _i);
    scratch_visit(place.path, add_target, &targets);
    uint64_t chance = model.seed;
    int right = 0, reported = 0, rounds = scratch_long() ? 3000 : 120;
    for (int round = 0; round < rounds; round++) {
        const struct target *target = &targets.list[(size_t)round % targets.count];
        char path[2 * SCRATCH_PATH], what[200];
        size_t size;
        scratch_copy(place.path, place.hurt);
        hurt_path(&place, target->name, path);
        char *bytes = scratch_load(path, &size);
        size_t at = scratch_below(
            &chance, scratch_below(&chance, 2) && size > 12288 ? 12288 : size);
        int bit = (int)scratch_below(&chance, 8);
        bytes[at] = (char)(bytes[at] ^ 1 << bit);
        scratch_save(path, bytes, size);
        free(bytes);
        snprintf(what, sizeof what, "bit %d of byte %zu of %s", bit, at, target->name);
        bool ok = opens_right(&place, &model, least_of(_i), what);
        right += ok;
        reported += !ok;
    }
    printf("state %d: %d right, %d reported\n", _i, right, reported);
    ck_assert_int_gt(right, 0);
    scratch_remove_all(place.folder);
}
END_TEST

START_TEST(a_cut_file_is_harmless_repaired_or_reported) {
    struct place place;
    struct model model;
    struct targets targets = {0};
    prepare(&place, &model, _i);
    scratch_visit(place.path, add_target, &targets);
    int right = 0, reported = 0;
    size_t step = scratch_long() ? 256 : 4096 + 512;
    for (size_t i = 0; i < targets.count; i++) {
        size_t size, at = 0;
        free(scratch_load(targets.list[i].path, &size));
        while (at < size) {
            char path[2 * SCRATCH_PATH], what[200];
            scratch_copy(place.path, place.hurt);
            hurt_path(&place, targets.list[i].name, path);
            ck_assert_int_eq(truncate(path, (off_t)at), 0);
            snprintf(what, sizeof what, "%s cut to %zu", targets.list[i].name, at);
            bool ok = opens_right(&place, &model, BATCHES, what);
            right += ok;
            reported += !ok;
            at += step;
        }
    }
    printf("state %d: %d right, %d reported\n", _i, right, reported);
    scratch_remove_all(place.folder);
}
END_TEST

START_TEST(a_missing_file_is_made_good_or_reported) {
    struct place place;
    struct model model;
    struct targets targets = {0};
    prepare(&place, &model, _i);
    scratch_visit(place.path, add_target, &targets);
    for (size_t i = 0; i < targets.count; i++) {
        const char *name = targets.list[i].name;
        char path[2 * SCRATCH_PATH];
        /* Of a journal that a kill left, the last segment may never have been.  */
        if (name[0] == 'j' && _i == IMAGE) {
            continue;
        }
        scratch_copy(place.path, place.hurt);
        hurt_path(&place, name, path);
        ck_assert_int_eq(unlink(path), 0);
        bool ok = opens_right(&place, &model, BATCHES, name);
        ck_assert_msg(!ok || strcmp(name, "STATE") != 0, "STATE was gone");
        ck_assert_msg(ok || strstr(name, ".gdbm") == NULL, "%s was gone", name);
    }
    scratch_remove_all(place.folder);
}
END_TEST

/* The last block that holds a frame in the journal, of all segments.  */
static void find_last_frame(const struct place *place, char path[2 * SCRATCH_PATH],
                            size_t *offset, uint64_t back) {
    char name[16];
    *offset = 0;
    for (int i = 0; i < 16; i++) {
        char candidate[2 * SCRATCH_PATH], lsn[8];
        snprintf(name, sizeof name, "j%d", i);
        hurt_path(place, name, candidate);
        if (access(candidate, F_OK) != 0) {
            continue;
        }
        size_t size;
        char *bytes = scratch_load(candidate, &size);
        hobi_put64(lsn, BATCHES - back);
        for (size_t at = 8192; at + 4096 <= size; at += 4096) {
            if (memcmp(bytes + at, "HobF", 4) == 0 &&
                memcmp(bytes + at + 16, lsn, 8) == 0) {
                *offset = at;
                snprintf(path, 2 * SCRATCH_PATH, "%s", candidate);
            }
        }
        free(bytes);
    }
    ck_assert_uint_gt(*offset, 0);
}

static void wipe(const char *path, size_t offset, size_t size) {
    static const char zeros[8192];
    int fd = open(path, O_WRONLY);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(pwrite(fd, zeros, size, (off_t)offset), (ssize_t)size);
    close(fd);
}

START_TEST(a_torn_tail_is_dropped_and_the_store_goes_on) {
    struct place place;
    struct model model;
    prepare(&place, &model, IMAGE);
    for (size_t from = 0; from < 1500; from += 100) {
        char path[2 * SCRATCH_PATH];
        size_t offset;
        struct model fresh = {.seed = model.seed, .batch = model.batch};
        scratch_copy(place.path, place.hurt);
        find_last_frame(&place, path, &offset, 0);
        wipe(path, offset + from, 1500 - from);
        hob_store *store = open_kept(&place, place.hurt);
        uint64_t found =
            model_check(&fresh, store, BATCHES - 1, BATCHES - (from < 500));
        /* Twice, so that the dropped frame stays behind newer ones.  */
        for (int i = 0; i < 2; i++) {
            model_commit(&fresh, store, found + 3);
            char image[SCRATCH_PATH + 10];
            snprintf(image, sizeof image, "%s/image", place.folder);
            scratch_copy(place.hurt, image);
            scratch_close(store);
            scratch_copy(image, place.hurt);
            store = open_kept(&place, place.hurt);
            found = model_check(&fresh, store, found + 3, found + 3);
        }
        scratch_close(store);
    }
    scratch_remove_all(place.folder);
}
END_TEST

START_TEST(damage_in_what_was_acknowledged_is_reported_and_left_alone) {
    struct place place;
    struct model model;
    int state = _i;
    prepare(&place, &model, state);
    /* Of an image, the last frame alone cannot be told from a torn one.  */
    for (uint64_t back = state == IMAGE; back < UNMERGED; back++) {
        char path[2 * SCRATCH_PATH];
        size_t offset;
        hob_store *store;
        hob_error error = {0};
        scratch_copy(place.path, place.hurt);
        find_last_frame(&place, path, &offset, back);
        wipe(path, offset + 100, 8);
        int rc = hob_gdbm_store(place.hurt, &small, &store, &error);
        ck_assert_msg(rc == HOB_EDAMAGED, "%d, frame %" PRIu64 " from the end", rc,
                      back);
        ck_assert_ptr_nonnull(strstr(error.message, "durable"));
        char lock[2 * SCRATCH_PATH];
        hurt_path(&place, "LOCK", lock);
        unlink(lock);
        uint64_t sum = scratch_sum(place.hurt);
        rc = hob_gdbm_store(place.hurt, &small, &store, &error);
        ck_assert_int_eq(rc, HOB_EDAMAGED);
        unlink(lock);
        ck_assert_uint_eq(scratch_sum(place.hurt), sum);
    }
    scratch_remove_all(place.folder);
}
END_TEST

static int damage_values(const char *path) {
    size_t size;
    int count = 0;
    char *bytes = scratch_load(path, &size);
    for (size_t at = 8192; at + 10 < size; at++) {
        if (memcmp(bytes + at, " of ", 4) == 0) {
            bytes[at + 1] = 'X';
            count++;
        }
    }
    scratch_save(path, bytes, size);
    free(bytes);
    return count;
}

START_TEST(a_damaged_current_file_is_repaired_from_the_other) {
    struct place place;
    struct model model;
    prepare(&place, &model, _i);
    for (int i = 0; i < 2; i++) {
        char path[2 * SCRATCH_PATH];
        scratch_copy(place.path, place.hurt);
        hurt_path(&place, i ? "odd.gdbm" : "even.gdbm", path);
        ck_assert_int_gt(damage_values(path), 10);
        ck_assert(opens_right(&place, &model, BATCHES, path));
        /* Not asked to verify: the damage is found where it is read.  */
        scratch_copy(place.path, place.hurt);
        damage_values(path);
        hob_store *store = scratch_open(place.hurt, &small);
        for (size_t j = 0; j < MODEL_RECORDS; j++) {
            char key[MODEL_KEY], value[MODEL_VALUE];
            hobi_bytes is;
            model_key(j, key);
            int rc = hobi_store_read(store, scratch_bytes(key), &is, NULL);
            ck_assert(rc == 0 || rc == HOB_ENOTFOUND || rc == HOB_EDAMAGED);
            ck_assert_int_eq(rc == HOB_ENOTFOUND, model.from[j] == 0);
            if (rc == 0) {
                size_t size = model_value(&model, j, model.from[j], value);
                ck_assert(is.size == size && memcmp(is.data, value, size) == 0);
            }
        }
        hob_store_close(store, NULL);
    }
    scratch_remove_all(place.folder);
}
END_TEST

/* Lets some writes into GDBM files pass, then nothing any more.  */
struct death {
    bool armed, dead;
    int writes;
};

static int die(void *data, enum hobi_disk_operation operation, const char *name,
               size_t *size) {
    struct death *death = data;
    (void)name;
    *size = 0;
    if (death->armed && operation == HOB_DISK_TABLE_WRITE && death->writes-- == 0) {
        death->dead = true;
    }
    return death->dead ? EIO : 0;
}

/* Turn a bit of the newer slot of STATE.  */
static void damage_newer_slot(const char *path) {
    size_t size;
    char *bytes = scratch_load(path, &size);
    ck_assert_uint_eq(size, 8192);
    size_t slot = hobi_get64(bytes + 32) > hobi_get64(bytes + 4096 + 32) ? 0 : 4096;
    bytes[slot + 50] ^= 1;
    scratch_save(path, bytes, size);
    free(bytes);
}

START_TEST(a_file_half_brought_forward_tells_so_itself) {
    struct place place;
    place_make(&place);
    struct model model = {.seed = scratch_seed(), .batch = 20};
    struct death death = {.writes = 5};
    struct hobi_disk_faults faults = {die, &death};
    hob_store *store;
    ck_assert_int_eq(
        hobi_gdbm_store_with_faults(place.path, NULL, &faults, &store, NULL), 0);
    for (uint64_t i = 1; i <= 3; i++) {
        model_commit(&model, store, i * 10);
        ck_assert_int_eq(hob_store_checkpoint(store, NULL), 0);
    }
    model_commit(&model, store, BATCHES);
    death.armed = true;
    ck_assert_int_eq(hob_store_checkpoint(store, NULL), HOB_EIO);
    ck_assert(death.dead);
    scratch_copy(place.path, place.hurt);
    hob_store_close(store, NULL);
    char path[2 * SCRATCH_PATH];
    hurt_path(&place, "STATE", path);
    damage_newer_slot(path);
    store = scratch_open(place.hurt, &small);
    struct model fresh = {.seed = model.seed, .batch = model.batch};
    model_check(&fresh, store, BATCHES, BATCHES);
    model_commit(&fresh, store, BATCHES + 5);
    scratch_close(store);
    struct hobi_disk disk = {.folder = open(place.hurt, O_RDONLY | O_DIRECTORY)};
    for (unsigned i = 0; i < 2; i++) {
        struct hobi_failure failure = {.text = ""};
        ck_assert_msg(hobi_twin_verify(&disk, hobi_state_file(i), &failure) == 0, "%s",
                      failure.text);
    }
    close(disk.folder);
    scratch_remove_all(place.folder);
}
END_TEST

/* ------------------------------------------------------- failing operations */

START_TEST(a_store_half_made_opens_as_empty_or_is_made_anew) {
    struct place place;
    place_make(&place);
    unsigned long total = 0;
    for (unsigned long n = 1; total == 0; n++) {
        struct countdown countdown = {.first = n, .last = ULONG_MAX, .error = EIO};
        struct hobi_disk_faults faults = {count_down, &countdown};
        hob_store *store;
        scratch_remove(place.path);
        int rc = hobi_gdbm_store_with_faults(place.path, &small, &faults, &store, NULL);
        if (rc == 0) {
            hob_store_close(store, NULL);
            total = n;
        }
        store = scratch_open(place.path, &verifying);
        struct model model = {.seed = n, .batch = 3};
        model_check(&model, store, 0, 0);
        model_commit(&model, store, 3);
        scratch_close(store);
    }
    ck_assert_uint_gt(total, 15);
    scratch_remove_all(place.folder);
}
END_TEST

/* Commit until something fails; the last batch acknowledged and the last submitted.  */
static void commit_until_failure(struct model *model, hob_store *store, uint64_t last,
                                 uint64_t *acknowledged, uint64_t *submitted) {
    struct model_batch batch;
    bool failed = false;
    for (uint64_t number = model->at + 1; number <= last; number++) {
        uint64_t lsn;
        model_make(model, number, &batch);
        if (hobi_store_submit(store, batch.count, batch.changes, &lsn, NULL)) {
            break;
        }
        *submitted = number;
        int rc = hobi_store_wait(store, lsn, NULL);
        ck_assert_msg(!failed || rc, "a batch succeeded after a final failure");
        failed |= rc != 0;
        *acknowledged = rc ? *acknowledged : number;
        if (number % 25 == 0) {
            hob_store_checkpoint(store, NULL);
        }
    }
}

static unsigned long try_failure(struct place *place, uint64_t seed, unsigned long n,
                                 bool ever, int error) {
    struct countdown countdown = {
        .first = n, .last = ever ? ULONG_MAX : n, .error = error};
    struct hobi_disk_faults faults = {count_down, &countdown};
    struct model model = {.seed = seed, .batch = 4}, fresh = model;
    uint64_t acknowledged = 0, submitted = 0;
    hob_store *store;
    scratch_remove(place->path);
    int rc = hobi_gdbm_store_with_faults(place->path, &small, &faults, &store, NULL);
    if (rc == 0) {
        commit_until_failure(&model, store, 60, &acknowledged, &submitted);
        hob_store_close(store, NULL);
    }
    /* Once more, without faults: everything acknowledged is there.  */
    store = scratch_open(place->path, &verifying);
    uint64_t found = model_found(store);
    ck_assert_msg(found >= acknowledged && found <= submitted,
                  "operation %lu: batch %" PRIu64 ", not %" PRIu64 " to %" PRIu64, n,
                  found, acknowledged, submitted);
    model_check(&fresh, store, acknowledged, submitted);
    model_commit(&fresh, store, found + 10);
    scratch_close(store);
    store = scratch_open(place->path, &verifying);
    model_check(&fresh, store, found + 10, found + 10);
    scratch_close(store);
    return countdown.seen;
}

START_TEST(an_operation_that_fails_loses_nothing_acknowledged) {
    struct place place;
    place_make(&place);
    uint64_t seed = scratch_seed();
    unsigned long total = try_failure(&place, seed, ULONG_MAX, false, EIO);
    ck_assert_uint_gt(total, 300);
    unsigned long step = scratch_long() ? 1 : total / 60 + 1;
    for (unsigned long n = 1 + seed % step; n < total; n += step) {
        try_failure(&place, seed, n, _i % 2, _i < 2 ? EIO : ENOSPC);
    }
    scratch_remove_all(place.folder);
}
END_TEST

START_TEST(recovery_that_fails_can_be_repeated) {
    struct place place;
    struct model model;
    prepare(&place, &model, IMAGE);
    int rc = -1;
    for (unsigned long n = 1; rc; n++) {
        struct countdown countdown = {.first = n, .last = ULONG_MAX, .error = EIO};
        struct hobi_disk_faults faults = {count_down, &countdown};
        hob_store *store;
        scratch_copy(place.path, place.hurt);
        rc = hobi_gdbm_store_with_faults(place.hurt, &small, &faults, &store, NULL);
        if (rc == 0) {
            hob_store_close(store, NULL);
        }
        ck_assert(opens_right(&place, &model, BATCHES, "after a failed recovery"));
    }
    scratch_remove_all(place.folder);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("recovery");
    TCase *tests = tcase_create("recovery");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, a_flipped_bit_is_harmless_repaired_or_reported, 0,
                        STATES);
    tcase_add_loop_test(tests, a_cut_file_is_harmless_repaired_or_reported, 0, STATES);
    tcase_add_loop_test(tests, a_missing_file_is_made_good_or_reported, 0, STATES);
    tcase_add_test(tests, a_torn_tail_is_dropped_and_the_store_goes_on);
    tcase_add_loop_test(tests,
                        damage_in_what_was_acknowledged_is_reported_and_left_alone,
                        UNMERGED_CLOSED, STATES);
    tcase_add_loop_test(tests, a_damaged_current_file_is_repaired_from_the_other, 0,
                        STATES);
    tcase_add_test(tests, a_file_half_brought_forward_tells_so_itself);
    tcase_add_test(tests, a_store_half_made_opens_as_empty_or_is_made_anew);
    tcase_add_loop_test(tests, an_operation_that_fails_loses_nothing_acknowledged, 0,
                        4);
    tcase_add_test(tests, recovery_that_fails_can_be_repeated);
    return scratch_run(suite);
}
