/* check-journal.c -- the GDBM store while it runs: owner, modes, space, full disks.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#include <config.h>

#include "scratch.h"

#include <errno.h>
#include <gdbm.h>
#include <sys/wait.h>

#include "gdbm/engine.h"

struct place {
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 10];
};

static void place_make(struct place *place) {
    *place = (struct place){.folder = ""};
    snprintf(place->path, sizeof place->path, "%s/store",
             scratch_folder(place->folder));
}

static hob_store_information inform(hob_store *store) {
    hob_store_information information;
    hob_store_get_information(store, &information);
    return information;
}

static uint64_t submit_one(hob_store *store, const char *key, const char *value) {
    hobi_change change = {scratch_bytes(key), scratch_bytes(value), false};
    uint64_t lsn;
    ck_assert_int_eq(hobi_store_submit(store, 1, &change, &lsn, NULL), 0);
    return lsn;
}

/* ------------------------------------------------------------------ owners */

static void busy_child(const char *path, int done) {
    hob_store *store;
    int rc = hob_gdbm_store(path, NULL, &store, NULL);
    ck_assert_int_eq(rc, 0);
    ck_assert_int_eq(write(done, "x", 1), 1);
    pause();
}

START_TEST(a_second_owner_is_told_who_the_first_is) {
    struct place place;
    place_make(&place);
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        busy_child(place.path, ends[1]);
    }
    char byte, pid[32];
    ck_assert_int_eq(read(ends[0], &byte, 1), 1);
    hob_store *store;
    hob_error error = {0};
    hob_store_options reader = {.read_only = true};
    snprintf(pid, sizeof pid, "pid=%ld ", (long)child);
    ck_assert_int_eq(hob_gdbm_store(place.path, NULL, &store, &error), HOB_EBUSY);
    ck_assert_msg(strstr(error.message, pid), "%s", error.message);
    ck_assert_int_eq(hob_gdbm_store(place.path, &reader, &store, &error), HOB_EBUSY);
    ck_assert_ptr_null(store);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    scratch_close(scratch_open(place.path, NULL));
    scratch_remove_all(place.folder);
}
END_TEST

START_TEST(readers_share_and_write_nothing) {
    struct place place;
    place_make(&place);
    hob_store_options reader = {.read_only = true};
    char image[SCRATCH_PATH + 10];
    hob_store *store = scratch_open(place.path, NULL);
    scratch_put(store, "a", "1");
    ck_assert_int_eq(hob_store_checkpoint(store, NULL), 0);
    scratch_put(store, "b", "2");
    snprintf(image, sizeof image, "%s/image", place.folder);
    scratch_copy(place.path, image);
    scratch_close(store);
    uint64_t before = scratch_sum(image);
    hob_store *first = scratch_open(image, &reader);
    hob_store *second = scratch_open(image, &reader), *third;
    ck_assert_str_eq(scratch_get(first, "a"), "1");
    ck_assert_str_eq(scratch_get(second, "b"), "2");
    ck_assert_uint_eq(inform(second).records, 2);
    hobi_change change = {scratch_bytes("c"), scratch_bytes("3"), false};
    uint64_t lsn;
    ck_assert_int_eq(hobi_store_submit(first, 1, &change, &lsn, NULL), HOB_EINVAL);
    ck_assert_int_eq(hob_store_checkpoint(first, NULL), HOB_EINVAL);
    ck_assert_int_eq(hob_gdbm_store(image, NULL, &third, NULL), HOB_EBUSY);
    scratch_close(first);
    scratch_close(second);
    ck_assert_uint_eq(scratch_sum(image), before);
    scratch_remove_all(place.folder);
}
END_TEST

START_TEST(a_store_that_must_exist_is_not_made) {
    struct place place;
    place_make(&place);
    hob_store *store;
    hob_store_options reader = {.read_only = true}, owner = {.must_exist = true};
    ck_assert_int_eq(hob_gdbm_store(place.path, &reader, &store, NULL), HOB_ENOTFOUND);
    ck_assert_int_eq(hob_gdbm_store(place.path, &owner, &store, NULL), HOB_ENOTFOUND);
    ck_assert_int_ne(access(place.path, F_OK), 0);
    char deep[SCRATCH_PATH + 40];
    snprintf(deep, sizeof deep, "%s/not/there", place.folder);
    ck_assert_int_eq(hob_gdbm_store(deep, NULL, &store, NULL), HOB_ENOTFOUND);
    scratch_remove_all(place.folder);
}
END_TEST

/* ---------------------------------------------------------- other programs */

static int run_gdbmtool(const char *file, const char *command, const char *argument,
                        char *output, size_t size) {
    char line[2 * SCRATCH_PATH];
    snprintf(line, sizeof line, "gdbmtool -r '%s' %s %s 2>&1", file, command, argument);
    FILE *pipe = popen(line, "r");
    ck_assert_ptr_nonnull(pipe);
    size_t got = fread(output, 1, size - 1, pipe);
    output[got] = '\0';
    return pclose(pipe);
}

START_TEST(gdbmtool_reads_the_current_file_of_a_running_store) {
    struct place place;
    place_make(&place);
    if (system("gdbmtool --version >/dev/null 2>&1") != 0) {
        printf("there is no gdbmtool: not tested\n");
        return;
    }
    hob_store *store = scratch_open(place.path, NULL);
    for (int round = 0; round < 3; round++) {
        struct hobi_state state;
        char file[SCRATCH_PATH * 2], output[1000], count[80];
        char key[8] = {(char)('a' + round), 0};
        scratch_put(store, key, "value");
        ck_assert_int_eq(hob_store_checkpoint(store, NULL), 0);
        state.current = ((struct hobi_engine *)store)->state.current;
        snprintf(file, sizeof file, "%s/%s", place.path,
                 state.current ? "odd.gdbm" : "even.gdbm");
        ck_assert_int_eq(run_gdbmtool(file, "fetch", "meta", output, sizeof output), 0);
        snprintf(count, sizeof count, "lsn=%d updating=0 count=%d ", round + 1,
                 round + 1);
        ck_assert_msg(strstr(output, count) == output, "%s", output);
        ck_assert_int_eq(run_gdbmtool(file, "fetch", key, output, sizeof output), 0);
        ck_assert_msg(strstr(output, "value") == output, "%s", output);
    }
    scratch_close(store);
    scratch_remove_all(place.folder);
}
END_TEST

START_TEST(a_program_that_holds_both_files_does_not_stop_checkpoints) {
    struct place place;
    place_make(&place);
    struct model model = {.seed = scratch_seed(), .batch = 20};
    hob_store *store = scratch_open(place.path, NULL);
    model_commit(&model, store, 10);
    ck_assert_int_eq(hob_store_checkpoint(store, NULL), 0);
    char file[2][SCRATCH_PATH * 2];
    GDBM_FILE held[2];
    for (int i = 0; i < 2; i++) {
        snprintf(file[i], sizeof file[i], "%s/%s.gdbm", place.path, i ? "odd" : "even");
        held[i] = gdbm_open(file[i], 0, GDBM_READER, 0, NULL);
        ck_assert_ptr_nonnull(held[i]);
    }
    for (uint64_t i = 1; i <= 4; i++) {
        model_commit(&model, store, 10 + 10 * i);
        ck_assert_int_eq(hob_store_checkpoint(store, NULL), 0);
        model_check(&model, store, model.at, model.at);
    }
    ck_assert_uint_ge(inform(store).checkpoints, 5);
    gdbm_close(held[0]);
    gdbm_close(held[1]);
    scratch_close(store);
    hob_store_options verify = {.verify = true};
    store = scratch_open(place.path, &verify);
    model_check(&model, store, model.at, model.at);
    scratch_close(store);
    scratch_remove_all(place.folder);
}
END_TEST

/* ------------------------------------------------------------------- modes */

START_TEST(many_batches_in_one_group_cost_one_sync) {
    struct place place;
    place_make(&place);
    hob_store_options options = {.durability = HOB_GROUPED};
    hob_store *store = scratch_open(place.path, &options);
    scratch_put(store, "a", "0");
    uint64_t before = inform(store).syncs, lsn = 0;
    for (int i = 0; i < 100; i++) {
        char key[20];
        snprintf(key, sizeof key, "k%d", i);
        lsn = submit_one(store, key, "value");
        ck_assert_str_eq(scratch_get(store, key), "value");
    }
    ck_assert_uint_eq(inform(store).durable_lsn, 1);
    ck_assert_int_eq(hobi_store_wait(store, lsn, NULL), 0);
    ck_assert_uint_eq(inform(store).durable_lsn, lsn);
    ck_assert_uint_eq(inform(store).syncs, before + 1);
    scratch_close(store);
    scratch_remove_all(place.folder);
}
END_TEST

START_TEST(relaxed_batches_are_durable_after_the_interval) {
    struct place place;
    place_make(&place);
    hob_store_options options = {.durability = HOB_RELAXED, .flush_interval = 20};
    hob_store *store = scratch_open(place.path, &options);
    for (int round = 0; round < 5; round++) {
        uint64_t lsn = 0;
        for (int i = 0; i < 200; i++) {
            lsn = submit_one(store, "k", "value");
            ck_assert_int_eq(hobi_store_wait(store, lsn, NULL), 0);
        }
        for (int i = 0; i < 500 && inform(store).durable_lsn < lsn; i++) {
            usleep(10000);
        }
        ck_assert_uint_eq(inform(store).durable_lsn, lsn);
    }
    ck_assert_uint_lt(inform(store).syncs, 200);
    scratch_close(store);
    scratch_remove_all(place.folder);
}
END_TEST

/* ------------------------------------------------------------------- space */

enum { LARGE = 5 << 20 };

static void commit_large(hob_store *store, char *value) {
    for (int i = 0; i < 3; i++) {
        memset(value, 'a' + i, LARGE);
        hobi_change change = {scratch_bytes("large"), {value, LARGE}, false};
        scratch_put(store, "small", "before");
        scratch_commit(store, 1, &change);
        scratch_put(store, "small", "after");
    }
}

START_TEST(a_batch_larger_than_a_segment_gets_one_of_its_own) {
    struct place place;
    place_make(&place);
    hob_store_options options = {.segment_size = 64 << 10, .segments = 3};
    char *value = malloc(LARGE);
    ck_assert_ptr_nonnull(value);
    pid_t child = fork();
    if (child == 0) {
        commit_large(scratch_open(place.path, &options), value);
        _exit(0); /* without closing the store */
    }
    int status;
    waitpid(child, &status, 0);
    ck_assert_int_eq(status, 0);
    hob_store *store = scratch_open(place.path, &options);
    hobi_bytes is;
    ck_assert_int_eq(hobi_store_read(store, scratch_bytes("large"), &is, NULL), 0);
    ck_assert_uint_eq(is.size, LARGE);
    memset(value, 'c', LARGE);
    ck_assert(memcmp(is.data, value, LARGE) == 0);
    ck_assert_str_eq(scratch_get(store, "small"), "after");
    for (int i = 0; i < 3; i++) {
        scratch_put(store, "small", "again");
        ck_assert_int_eq(hob_store_checkpoint(store, NULL), 0);
    }
    /* The large segments go when they are free.  */
    for (int i = 0; i < 300 && inform(store).journal_bytes > 1 << 20; i++) {
        scratch_put(store, "small", "and again");
        usleep(10000);
    }
    ck_assert_uint_lt(inform(store).journal_bytes, 1 << 20);
    free(value);
    scratch_close(store);
    scratch_remove_all(place.folder);
}
END_TEST

START_TEST(records_that_change_their_size_do_not_fill_the_disk) {
    enum { RECORDS = 2000, UPDATES = 20 };
    struct place place;
    place_make(&place);
    uint64_t chance = scratch_seed();
    hob_store_options options = {.durability = HOB_RELAXED};
    hob_store *store = scratch_open(place.path, &options);
    static char value[1200];
    for (int update = 0; update <= UPDATES; update++) {
        for (int i = 0; i < RECORDS; i++) {
            char key[20];
            snprintf(key, sizeof key, "record-%d", i);
            hobi_change change = {
                scratch_bytes(key), {value, 50 + scratch_below(&chance, 1000)}, false};
            scratch_commit(store, 1, &change);
        }
        ck_assert_int_eq(hob_store_checkpoint(store, NULL), 0);
        hob_store_information is = inform(store);
        ck_assert_uint_eq(is.records, RECORDS);
        ck_assert_msg(is.file_bytes / 2 < 3 * is.live_bytes,
                      "after %d updates: 2 files of %" PRIu64 " bytes for %" PRIu64,
                      update, is.file_bytes / 2, is.live_bytes);
    }
    scratch_close(store);
    scratch_remove_all(place.folder);
}
END_TEST

/* ------------------------------------------------------------------ faults */

/* Refuses operations on files whose name begins with PREFIX.  */
struct refusal {
    const char *prefix;
    enum hobi_disk_operation operation;
    int error; /* 0: lets all pass */
    int seen;
};

static int refuse(void *data, enum hobi_disk_operation operation, const char *name,
                  size_t *size) {
    struct refusal *refusal = data;
    int error = __atomic_load_n(&refusal->error, __ATOMIC_SEQ_CST);
    if (!error || operation != refusal->operation ||
        strncmp(name, refusal->prefix, strlen(refusal->prefix)) != 0) {
        return 0;
    }
    __atomic_add_fetch(&refusal->seen, 1, __ATOMIC_SEQ_CST);
    *size /= 2;
    return error;
}

static hob_store *open_faulty(const char *path, const hob_store_options *options,
                              const struct hobi_disk_faults *faults) {
    hob_store *store;
    hob_error error = {0};
    int rc = hobi_gdbm_store_with_faults(path, options, faults, &store, &error);
    ck_assert_msg(rc == 0, "%s", error.message);
    return store;
}

static void set_error(struct refusal *refusal, int error) {
    __atomic_store_n(&refusal->error, error, __ATOMIC_SEQ_CST);
}

START_TEST(a_batch_refused_by_a_full_disk_is_gone_and_later_ones_get_in) {
    struct place place;
    place_make(&place);
    struct refusal refusal = {.prefix = "j", .operation = HOB_DISK_WRITE};
    struct hobi_disk_faults faults = {refuse, &refusal};
    hob_store_options options = {.segment_size = 32 << 10, .segments = 2};
    hob_store *store = open_faulty(place.path, &options, &faults);
    scratch_put(store, "a", "1");
    static char large[100000];
    hobi_change change[] = {{scratch_bytes("a"), scratch_bytes("2"), false},
                            {scratch_bytes("large"), {large, sizeof large}, false}};
    uint64_t lsn;
    hob_error error = {0};
    for (int i = 0; i < 3; i++) {
        set_error(&refusal, ENOSPC);
        ck_assert_int_eq(hobi_store_submit(store, 2, change, &lsn, &error), HOB_EIO);
        ck_assert_msg(strstr(error.message, strerror(ENOSPC)), "%s", error.message);
        ck_assert_str_eq(scratch_get(store, "a"), "1");
        ck_assert_ptr_null(scratch_get(store, "large"));
        set_error(&refusal, 0);
        scratch_put(store, "b", "2");
    }
    ck_assert_uint_eq(scratch_commit(store, 2, change), 5);
    ck_assert_str_eq(scratch_get(store, "a"), "2");
    scratch_close(store);
    store = scratch_open(place.path, &options);
    ck_assert_str_eq(scratch_get(store, "a"), "2");
    ck_assert_str_eq(scratch_get(store, "b"), "2");
    scratch_close(store);
    scratch_remove_all(place.folder);
}
END_TEST

static int refuse_new_segments(void *data, enum hobi_disk_operation operation,
                               const char *name, size_t *size) {
    const bool *full = data;
    (void)size;
    return __atomic_load_n(full, __ATOMIC_SEQ_CST) && operation == HOB_DISK_OPEN &&
                   name[0] == 'j' && strstr(name, ".new")
               ? ENOSPC
               : 0;
}

START_TEST(commits_go_on_in_the_segments_that_are_there_when_none_can_be_made) {
    struct place place;
    place_make(&place);
    bool full = false;
    struct model model = {.seed = scratch_seed(), .batch = 5};
    struct hobi_disk_faults faults = {refuse_new_segments, &full};
    hob_store_options options = {.segment_size = 32 << 10, .segments = 4};
    hob_store *store = open_faulty(place.path, &options, &faults);
    model_commit(&model, store, 30);
    usleep(100000); /* until the ring has its segments */
    __atomic_store_n(&full, true, __ATOMIC_SEQ_CST);
    model_commit(&model, store, 400);
    model_check(&model, store, 400, 400);
    scratch_close(store);
    scratch_remove_all(place.folder);
}
END_TEST

START_TEST(a_failed_write_or_sync_is_final_and_says_why_ever_after) {
    static const enum hobi_disk_operation operations[] = {HOB_DISK_WRITE,
                                                          HOB_DISK_SYNC};
    struct place place;
    place_make(&place);
    struct refusal refusal = {.prefix = "j", .operation = operations[_i]};
    struct hobi_disk_faults faults = {refuse, &refusal};
    hob_store *store = open_faulty(place.path, NULL, &faults);
    scratch_put(store, "a", "1");
    usleep(100000); /* until the ring has its segments */
    uint64_t lsn = submit_one(store, "a", "2");
    hob_error error = {0};
    set_error(&refusal, EIO);
    ck_assert_int_eq(hobi_store_wait(store, lsn, &error), HOB_EIO);
    ck_assert_msg(strstr(error.message, strerror(EIO)), "%s", error.message);
    set_error(&refusal, 0);
    int seen = refusal.seen;
    hobi_bytes value;
    hobi_change change = {scratch_bytes("b"), scratch_bytes("1"), false};
    ck_assert_int_eq(hobi_store_wait(store, lsn, &error), HOB_ECLOSED);
    ck_assert_msg(strstr(error.message, strerror(EIO)), "%s", error.message);
    ck_assert_int_eq(hobi_store_submit(store, 1, &change, &lsn, NULL), HOB_ECLOSED);
    ck_assert_int_eq(hobi_store_read(store, scratch_bytes("a"), &value, NULL),
                     HOB_ECLOSED);
    ck_assert_int_eq(hob_store_checkpoint(store, NULL), HOB_ECLOSED);
    ck_assert_int_eq(hob_store_close(store, &error), HOB_ECLOSED);
    ck_assert_msg(strstr(error.message, strerror(EIO)), "%s", error.message);
    ck_assert_int_eq(refusal.seen, seen);
    store = scratch_open(place.path, NULL);
    const char *is = scratch_get(store, "a");
    ck_assert_msg(strcmp(is, "1") == 0 || strcmp(is, "2") == 0, "%s", is);
    ck_assert_ptr_null(scratch_get(store, "b"));
    scratch_close(store);
    scratch_remove_all(place.folder);
}
END_TEST

START_TEST(checkpoints_that_fail_cost_nothing_and_are_tried_again) {
    static const enum hobi_disk_operation operations[] = {
        HOB_DISK_TABLE_WRITE, HOB_DISK_TABLE_SYNC, HOB_DISK_RENAME,
        HOB_DISK_TABLE_READ};
    struct place place;
    place_make(&place);
    struct model model = {.seed = scratch_seed(), .batch = 20};
    struct refusal refusal = {.prefix = "", .operation = operations[_i]};
    struct hobi_disk_faults faults = {refuse, &refusal};
    hob_store_options options = {.segment_size = 64 << 10, .segments = 3};
    hob_store *store = open_faulty(place.path, &options, &faults);
    model_commit(&model, store, 20);
    for (uint64_t i = 1; i <= 4; i++) {
        set_error(&refusal, ENOSPC);
        int rc = hob_store_checkpoint(store, NULL);
        ck_assert_msg(rc == 0 || rc == HOB_EIO, "%d", rc);
        /* Commits go on meanwhile, unless the ring cannot.  */
        struct model_batch batch;
        for (uint64_t number = model.at + 1; number <= 20 * i + 20; number++) {
            uint64_t lsn;
            model_make(&model, number, &batch);
            rc = hobi_store_submit(store, batch.count, batch.changes, &lsn, NULL);
            if (rc) {
                ck_assert_int_eq(rc, HOB_EIO);
                break;
            }
            ck_assert_int_eq(hobi_store_wait(store, lsn, NULL), 0);
            model_advance(&model, number);
        }
        set_error(&refusal, 0);
        ck_assert_int_eq(hob_store_checkpoint(store, NULL), 0);
        ck_assert_uint_eq(inform(store).checkpoint_lsn, inform(store).last_lsn);
        model_check(&model, store, model.at, model.at);
    }
    ck_assert_int_gt(refusal.seen, 0);
    scratch_close(store);
    hob_store_options verify = {.verify = true};
    store = scratch_open(place.path, &verify);
    model_check(&model, store, model.at, model.at);
    scratch_close(store);
    scratch_remove_all(place.folder);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("journal");
    TCase *tests = tcase_create("journal");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_second_owner_is_told_who_the_first_is);
    tcase_add_test(tests, readers_share_and_write_nothing);
    tcase_add_test(tests, a_store_that_must_exist_is_not_made);
    tcase_add_test(tests, gdbmtool_reads_the_current_file_of_a_running_store);
    tcase_add_test(tests, a_program_that_holds_both_files_does_not_stop_checkpoints);
    tcase_add_test(tests, many_batches_in_one_group_cost_one_sync);
    tcase_add_test(tests, relaxed_batches_are_durable_after_the_interval);
    tcase_add_test(tests, a_batch_larger_than_a_segment_gets_one_of_its_own);
    tcase_add_test(tests, records_that_change_their_size_do_not_fill_the_disk);
    tcase_add_test(tests, a_batch_refused_by_a_full_disk_is_gone_and_later_ones_get_in);
    tcase_add_test(tests,
                   commits_go_on_in_the_segments_that_are_there_when_none_can_be_made);
    tcase_add_loop_test(tests, a_failed_write_or_sync_is_final_and_says_why_ever_after,
                        0, 2);
    tcase_add_loop_test(tests, checkpoints_that_fail_cost_nothing_and_are_tried_again,
                        0, 4);
    return scratch_run(suite);
}
