/* check-store.c -- what store.h promises, of both engines.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Each test runs with the store in memory, and with the GDBM store in each of its
   modes and with a ring so small that checkpoints happen all the time.  */

#include <config.h>

#include "scratch.h"

/* Makes the threads below known to the collector.  */
#define GC_THREADS 1
#include <gc/gc.h>

enum { MEMORY, DURABLE, GROUPED, RELAXED, TINY, KINDS };

struct subject {
    int kind;
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 10];
    hob_store_options options;
    hob_store *store;
};

static void subject_open(struct subject *subject, int kind) {
    *subject = (struct subject){.kind = kind};
    if (kind == MEMORY) {
        subject->store = hob_memory_store();
        ck_assert_ptr_nonnull(subject->store);
        return;
    }
    static const hob_durability modes[] = {HOB_DURABLE, HOB_DURABLE, HOB_GROUPED,
                                           HOB_RELAXED, HOB_DURABLE};
    subject->options.durability = modes[kind];
    subject->options.flush_interval = 5;
    if (kind == TINY) {
        subject->options.segment_size = 32 << 10;
        subject->options.segments = 3;
    }
    snprintf(subject->path, sizeof subject->path, "%s/store",
             scratch_folder(subject->folder));
    subject->store = scratch_open(subject->path, &subject->options);
}

static void subject_reopen(struct subject *subject) {
    if (subject->kind != MEMORY) {
        scratch_close(subject->store);
        subject->store = scratch_open(subject->path, &subject->options);
    }
}

static void subject_close(struct subject *subject) {
    scratch_close(subject->store);
    if (subject->kind != MEMORY) {
        scratch_remove_all(subject->folder);
    }
}

START_TEST(what_was_put_is_read_and_what_was_removed_is_not) {
    struct subject s;
    subject_open(&s, _i);
    ck_assert_ptr_null(scratch_get(s.store, "a"));
    scratch_put(s.store, "a", "1");
    scratch_put(s.store, "b", "");
    scratch_put(s.store, "a", "2");
    ck_assert_str_eq(scratch_get(s.store, "a"), "2");
    ck_assert_str_eq(scratch_get(s.store, "b"), "");
    hobi_change gone[] = {{scratch_bytes("a"), {NULL, 0}, true},
                          {scratch_bytes("never"), {NULL, 0}, true}};
    scratch_commit(s.store, 2, gone);
    ck_assert_ptr_null(scratch_get(s.store, "a"));
    ck_assert_int_eq(hob_store_checkpoint(s.store, NULL), 0);
    ck_assert_ptr_null(scratch_get(s.store, "a"));
    ck_assert_str_eq(scratch_get(s.store, "b"), "");
    subject_reopen(&s);
    ck_assert_str_eq(scratch_get(s.store, "b"), "");
    ck_assert_ptr_null(scratch_get(s.store, "a"));
    subject_close(&s);
}
END_TEST

START_TEST(the_last_of_two_changes_to_one_key_counts) {
    struct subject s;
    subject_open(&s, _i);
    hobi_change changes[] = {
        {scratch_bytes("a"), scratch_bytes("1"), false},
        {scratch_bytes("a"), scratch_bytes("2"), false},
        {scratch_bytes("b"), scratch_bytes("3"), false},
        {scratch_bytes("b"), {NULL, 0}, true},
        {scratch_bytes("c"), {NULL, 0}, true},
        {scratch_bytes("c"), scratch_bytes("4"), false},
    };
    scratch_commit(s.store, 6, changes);
    subject_reopen(&s);
    ck_assert_str_eq(scratch_get(s.store, "a"), "2");
    ck_assert_ptr_null(scratch_get(s.store, "b"));
    ck_assert_str_eq(scratch_get(s.store, "c"), "4");
    subject_close(&s);
}
END_TEST

START_TEST(numbers_begin_at_one_and_have_no_gap) {
    struct subject s;
    subject_open(&s, _i);
    hobi_change change = {scratch_bytes("a"), scratch_bytes("1"), false};
    for (uint64_t i = 1; i <= 40; i++) {
        ck_assert_uint_eq(scratch_commit(s.store, i % 2, &change), i);
        if (i == 20) {
            subject_reopen(&s);
        }
    }
    ck_assert_int_eq(hobi_store_wait(s.store, 41, NULL), HOB_EINVAL);
    subject_close(&s);
}
END_TEST

START_TEST(a_refused_batch_leaves_nothing) {
    struct subject s;
    subject_open(&s, _i);
    uint64_t lsn;
    hob_error error = {0};
    hobi_change changes[] = {{scratch_bytes("a"), scratch_bytes("1"), false},
                             {{"", 0}, scratch_bytes("2"), false}};
    ck_assert_int_eq(hobi_store_submit(s.store, 2, changes, &lsn, &error), HOB_EINVAL);
    ck_assert_ptr_nonnull(error.message);
    ck_assert_ptr_null(scratch_get(s.store, "a"));
    ck_assert_uint_eq(scratch_commit(s.store, 1, changes), 1);
    subject_close(&s);
}
END_TEST

START_TEST(the_bytes_of_a_batch_are_copied) {
    struct subject s;
    subject_open(&s, _i);
    char key[] = "key", value[] = "value";
    hobi_change change = {{key, 3}, {value, 5}, false};
    uint64_t lsn;
    ck_assert_int_eq(hobi_store_submit(s.store, 1, &change, &lsn, NULL), 0);
    memset(key, 'x', 3);
    memset(value, 'x', 5);
    ck_assert_str_eq(scratch_get(s.store, "key"), "value");
    ck_assert_int_eq(hobi_store_wait(s.store, lsn, NULL), 0);
    subject_reopen(&s);
    ck_assert_str_eq(scratch_get(s.store, "key"), "value");
    subject_close(&s);
}
END_TEST

START_TEST(records_of_any_size_and_any_key_survive) {
    struct subject s;
    subject_open(&s, _i);
    static const char *const keys[] = {"meta", "meta!",    "metal",  "met",
                                       "m",    "\xff\xfe", "meta!!x"};
    static const size_t sizes[] = {0, 1, 31, 4000, 4096, 70000, 3000000};
    char *value = malloc(3000000);
    ck_assert_ptr_nonnull(value);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 7; i++) {
            size_t size = sizes[(i + (size_t)round * 3) % 7];
            memset(value, (int)('a' + i), size);
            hobi_change change = {scratch_bytes(keys[i]), {value, size}, false};
            scratch_commit(s.store, 1, &change);
        }
        ck_assert_int_eq(hob_store_checkpoint(s.store, NULL), 0);
    }
    subject_reopen(&s);
    for (size_t i = 0; i < 7; i++) {
        hobi_bytes is;
        ck_assert_int_eq(hobi_store_read(s.store, scratch_bytes(keys[i]), &is, NULL),
                         0);
        ck_assert_uint_eq(is.size, sizes[(i + 6) % 7]);
        memset(value, (int)('a' + i), is.size);
        ck_assert(memcmp(is.data, value, is.size) == 0);
    }
    hob_store_information information;
    hob_store_get_information(s.store, &information);
    ck_assert_uint_eq(information.records, 7);
    free(value);
    subject_close(&s);
}
END_TEST

/* ------------------------------------------------------------------- scans */

struct watcher {
    hob_store *store;
    size_t seen;
    size_t stop_at;
};

/* Changes the store under the scan, which must not notice.  */
static int watch(void *data, hobi_bytes key, hobi_bytes value) {
    struct watcher *watcher = data;
    char text[32];
    ck_assert_uint_eq(value.size, 3);
    ck_assert_msg(memcmp(value.data, "old", 3) == 0, "the scan saw %.*s become %.*s",
                  (int)key.size, (const char *)key.data, (int)value.size,
                  (const char *)value.data);
    snprintf(text, sizeof text, "new-%zu", watcher->seen);
    scratch_put(watcher->store, text, "new");
    snprintf(text, sizeof text, "k%zu", 299 - watcher->seen);
    scratch_put(watcher->store, text, "new");
    if (watcher->seen % 100 == 0) {
        ck_assert_int_eq(hob_store_checkpoint(watcher->store, NULL), 0);
    }
    return ++watcher->seen == watcher->stop_at ? -4711 : 0;
}

START_TEST(a_scan_sees_one_moment_while_the_store_changes) {
    struct subject s;
    subject_open(&s, _i);
    for (int i = 0; i < 300; i++) {
        char key[32];
        snprintf(key, sizeof key, "k%d", i);
        scratch_put(s.store, key, "old");
        if (i == 150) {
            ck_assert_int_eq(hob_store_checkpoint(s.store, NULL), 0);
        }
    }
    struct watcher watcher = {.store = s.store};
    ck_assert_int_eq(hobi_store_iterate(s.store, watch, &watcher, NULL), 0);
    ck_assert_uint_eq(watcher.seen, 300);
    ck_assert_str_eq(scratch_get(s.store, "k7"), "new");
    subject_close(&s);
}
END_TEST

START_TEST(a_visit_can_stop_a_scan) {
    struct subject s;
    subject_open(&s, _i);
    for (int i = 0; i < 20; i++) {
        char key[32];
        snprintf(key, sizeof key, "k%d", i);
        scratch_put(s.store, key, "old");
    }
    struct watcher watcher = {.store = s.store, .stop_at = 7};
    ck_assert_int_eq(hobi_store_iterate(s.store, watch, &watcher, NULL), -4711);
    ck_assert_uint_eq(watcher.seen, 7);
    subject_close(&s);
}
END_TEST

/* ------------------------------------------------------------------- model */

START_TEST(random_histories_agree_with_the_model) {
    struct subject s;
    subject_open(&s, _i);
    uint64_t seed = scratch_seed() + (uint64_t)_i;
    struct model model = {.seed = seed, .batch = 5};
    uint64_t last = scratch_long() ? 20000 : 1500;
    while (model.at < last) {
        size_t choice = scratch_below(&seed, 100);
        if (choice < 90) {
            model_commit(&model, s.store, model.at + 1 + scratch_below(&seed, 20));
        } else if (choice < 94) {
            ck_assert_int_eq(hob_store_checkpoint(s.store, NULL), 0);
        } else if (choice < 97) {
            subject_reopen(&s);
        } else {
            model_check(&model, s.store, model.at, model.at);
        }
    }
    model_check(&model, s.store, model.at, model.at);
    subject_reopen(&s);
    model_check(&model, s.store, model.at, model.at);
    subject_close(&s);
}
END_TEST

START_TEST(information_counts_what_is_there) {
    struct subject s;
    subject_open(&s, _i);
    hob_store_information information;
    scratch_put(s.store, "a", "12345");
    scratch_put(s.store, "bb", "1");
    ck_assert_int_eq(hob_store_checkpoint(s.store, NULL), 0);
    scratch_put(s.store, "a", "123");
    scratch_put(s.store, "ccc", "1");
    hobi_change gone = {scratch_bytes("bb"), {NULL, 0}, true};
    scratch_commit(s.store, 1, &gone);
    hob_store_get_information(s.store, &information);
    ck_assert_str_eq(information.engine, s.kind == MEMORY ? "memory" : "gdbm");
    ck_assert_uint_eq(information.records, 2);
    ck_assert_uint_eq(information.live_bytes, 1 + 3 + 3 + 1);
    ck_assert_uint_eq(information.last_lsn, 5);
    subject_close(&s);
}
END_TEST

/* ----------------------------------------------------------------- threads */

enum { COMMITTERS = 8, COMMITS = 300 };

struct committer {
    hob_store *store;
    int number;
};

static void *commit_many(void *data) {
    const struct committer *committer = data;
    for (int i = 0; i < COMMITS; i++) {
        char keys[2][32], value[32];
        uint64_t lsn;
        snprintf(keys[0], 32, "t%d-%d", committer->number, i % 10);
        snprintf(keys[1], 32, "u%d-%d", committer->number, i % 10);
        snprintf(value, 32, "%d", i);
        hobi_change changes[] = {{scratch_bytes(keys[0]), scratch_bytes(value), false},
                                 {scratch_bytes(keys[1]), scratch_bytes(value), false}};
        if (hobi_store_submit(committer->store, 2, changes, &lsn, NULL) ||
            hobi_store_wait(committer->store, lsn, NULL)) {
            return data;
        }
    }
    return NULL;
}

START_TEST(eight_committers_at_once_all_get_in) {
    struct subject s;
    subject_open(&s, _i);
    pthread_t threads[COMMITTERS];
    struct committer committers[COMMITTERS];
    for (int i = 0; i < COMMITTERS; i++) {
        committers[i] = (struct committer){s.store, i};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, commit_many, &committers[i]),
                         0);
    }
    for (int i = 0; i < COMMITTERS; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        ck_assert_ptr_null(failed);
    }
    hob_store_information information;
    hob_store_get_information(s.store, &information);
    ck_assert_uint_eq(information.last_lsn, COMMITTERS * COMMITS);
    ck_assert_uint_eq(information.records, COMMITTERS * 20);
    if (s.kind == DURABLE) {
        ck_assert_msg(information.syncs < COMMITTERS * COMMITS * 9 / 10,
                      "%" PRIu64 " syncs for %d commits", information.syncs,
                      COMMITTERS * COMMITS);
    }
    subject_reopen(&s);
    for (int i = 0; i < COMMITTERS * 10; i++) {
        char key[32], value[32];
        snprintf(value, 32, "%d", COMMITS - 10 + i % 10);
        snprintf(key, 32, "t%d-%d", i / 10, i % 10);
        ck_assert_str_eq(scratch_get(s.store, key), value);
        snprintf(key, 32, "u%d-%d", i / 10, i % 10);
        ck_assert_str_eq(scratch_get(s.store, key), value);
    }
    subject_close(&s);
}
END_TEST

/* Two records that every batch makes equal.  */
struct twins {
    hob_store *store;
    bool stop; /* atomic */
    int seen;
    char values[2][32];
};

static void *commit_twins(void *data) {
    struct twins *twins = data;
    for (int i = 0; !__atomic_load_n(&twins->stop, __ATOMIC_SEQ_CST); i++) {
        char value[32];
        uint64_t lsn;
        snprintf(value, sizeof value, "%d", i);
        hobi_change changes[] = {{scratch_bytes("left"), scratch_bytes(value), false},
                                 {scratch_bytes("right"), scratch_bytes(value), false}};
        if (hobi_store_submit(twins->store, 2, changes, &lsn, NULL) ||
            hobi_store_wait(twins->store, lsn, NULL) ||
            (i % 50 == 0 && hob_store_checkpoint(twins->store, NULL))) {
            return data;
        }
    }
    return NULL;
}

static int see_twin(void *data, hobi_bytes key, hobi_bytes value) {
    struct twins *twins = data;
    char *to = twins->values[memcmp(key.data, "left", 4) == 0];
    ck_assert_uint_lt(value.size, 32);
    memcpy(to, value.data, value.size);
    to[value.size] = '\0';
    twins->seen++;
    return 0;
}

START_TEST(a_batch_is_seen_whole_or_not_at_all) {
    struct subject s;
    subject_open(&s, _i);
    struct twins twins = {.store = s.store};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, commit_twins, &twins), 0);
    }
    for (int i = 0; i < 300; i++) {
        twins.seen = 0;
        ck_assert_int_eq(hobi_store_iterate(s.store, see_twin, &twins, NULL), 0);
        ck_assert(twins.seen == 0 || twins.seen == 2);
        ck_assert_str_eq(twins.values[0], twins.values[1]);
        hobi_bytes value;
        int rc = hobi_store_read(s.store, scratch_bytes("left"), &value, NULL);
        ck_assert_int_eq(rc, twins.seen ? 0 : rc);
        ck_assert(rc == 0 || rc == HOB_ENOTFOUND);
        hob_store_information information;
        hob_store_get_information(s.store, &information);
        ck_assert(information.records == 2 || !twins.seen);
    }
    __atomic_store_n(&twins.stop, true, __ATOMIC_SEQ_CST);
    for (int i = 0; i < 2; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        ck_assert_ptr_null(failed);
    }
    subject_close(&s);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("store");
    TCase *tests = tcase_create("store");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, what_was_put_is_read_and_what_was_removed_is_not, 0,
                        KINDS);
    tcase_add_loop_test(tests, the_last_of_two_changes_to_one_key_counts, 0, KINDS);
    tcase_add_loop_test(tests, numbers_begin_at_one_and_have_no_gap, 0, KINDS);
    tcase_add_loop_test(tests, a_refused_batch_leaves_nothing, 0, KINDS);
    tcase_add_loop_test(tests, the_bytes_of_a_batch_are_copied, 0, KINDS);
    tcase_add_loop_test(tests, records_of_any_size_and_any_key_survive, 0, KINDS);
    tcase_add_loop_test(tests, a_scan_sees_one_moment_while_the_store_changes, 0,
                        KINDS);
    tcase_add_loop_test(tests, a_visit_can_stop_a_scan, 0, KINDS);
    tcase_add_loop_test(tests, random_histories_agree_with_the_model, 0, KINDS);
    tcase_add_loop_test(tests, information_counts_what_is_there, 0, KINDS);
    tcase_add_loop_test(tests, eight_committers_at_once_all_get_in, 0, KINDS);
    tcase_add_loop_test(tests, a_batch_is_seen_whole_or_not_at_all, 0, KINDS);
    return scratch_run(suite);
}
