/* check-keeper.c -- vats join their parts of a store.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#include <config.h>

/* Makes the threads below known to the collector.  */
#define GC_THREADS 1
#include <gc/gc.h>

#include "fake-store.h"

static hob_vat *open_vat(struct stage *s, const char *key) {
    return stage_vat(s, key, make_cells, 1);
}

static const unsigned char *vat_id(const hob_vat *vat) {
    return hob_keeper_vat_id(hob_vat_keeper(vat));
}

/* --------------------------------------------------------- many in one store  */

START_TEST(vats_of_one_store_do_not_see_each_other) {
    static const char *const keys[] = {"a", "b", "main", "vat c/\xc3\xa9"};
    struct stage s;
    stage_open(&s, _i);
    for (int i = 0; i < 4; i++) {
        open_vat(&s, keys[i]);
        stage_set(&s, num(i));
    }
    stage_restart(&s);
    for (int i = 3; i >= 0; i--) {
        stage_vat(&s, keys[i], make_nothing, 1);
        ck_assert_str_eq(stage_seen(&s, 0), hobi_format("%d", i));
    }
    ck_assert_uint_eq(stage_count(s.store, "vats"), 1);
    stage_close(&s);
}
END_TEST

START_TEST(a_vat_keeps_its_id_and_no_other_has_it) {
    struct stage s;
    stage_open(&s, _i);
    hob_value a = hob_bytes(vat_id(open_vat(&s, "a")), HOBI_VAT_ID_SIZE);
    hob_value b = hob_bytes(vat_id(open_vat(&s, "b")), HOBI_VAT_ID_SIZE);
    ck_assert(!hob_equal(a, b));
    stage_restart(&s);
    ck_assert(hob_equal(b, hob_bytes(vat_id(open_vat(&s, "b")), HOBI_VAT_ID_SIZE)));
    ck_assert(hob_equal(a, hob_bytes(vat_id(open_vat(&s, "a")), HOBI_VAT_ID_SIZE)));
    stage_close(&s);
}
END_TEST

START_TEST(without_a_key_a_vat_is_main) {
    struct stage s;
    stage_open(&s, _i);
    open_vat(&s, NULL);
    stage_set(&s, num(1));
    stage_again(&s, "main", 1);
    ck_assert_str_eq(stage_seen(&s, 0), "1");
    stage_close(&s);
}
END_TEST

START_TEST(a_key_that_is_no_text_is_refused) {
    struct stage s;
    stage_open(&s, _i);
    const char *before = stage_picture(&s);
    ck_assert_int_eq(stage_try(&s, "a\377", make_cells, 1), HOB_EINVAL);
    ck_assert_contains(s.error.message, "UTF-8");
    ck_assert_str_eq(stage_picture(&s), before);
    stage_close(&s);
}
END_TEST

START_TEST(the_key_may_change_or_go_away_after_opening) {
    struct stage s;
    char key[] = "a key";
    stage_open(&s, _i);
    hob_vat *first = open_vat(&s, key);
    hob_value root = s.root[0];
    hob_vat_halt(first);
    open_vat(&s, "a key");
    memset(key, 'x', sizeof key - 1);
    hob_vat_start(first);
    s.vat = first, s.root[0] = root;
    ck_assert_int_eq(stage_try_set(&s, num(1)), HOB_ECLOSED);
    ck_assert_contains(s.error.message, "vat a key ");
    stage_close(&s);
}
END_TEST

/* ------------------------------------------------------------ one at a time  */

START_TEST(a_vat_that_is_open_and_running_is_busy) {
    struct stage s;
    stage_open(&s, _i);
    hob_vat *first = open_vat(&s, "a");
    hob_value root = s.root[0];
    const char *before = stage_picture(&s);
    ck_assert_int_eq(stage_try(&s, "a", make_nothing, 1), HOB_EBUSY);
    ck_assert_contains(s.error.message, "vat a of this store is open already");
    ck_assert_ptr_eq(s.vat, first);
    ck_assert_str_eq(stage_picture(&s), before);
    s.root[0] = root;
    stage_set(&s, num(1));
    stage_close(&s);
}
END_TEST

START_TEST(a_vat_of_another_runtime_is_busy_too) {
    struct stage s;
    stage_open(&s, _i);
    open_vat(&s, "a");
    hob_runtime *first = s.runtime;
    s.runtime = hob_runtime_new(NULL);
    ck_assert_int_eq(stage_try(&s, "a", make_nothing, 1), HOB_EBUSY);
    hob_runtime_free(first);
    stage_vat(&s, "a", make_nothing, 1);
    stage_close(&s);
}
END_TEST

START_TEST(a_halted_vat_can_be_replaced_and_saves_no_more) {
    struct stage s;
    stage_open(&s, _i);
    hob_vat *first = open_vat(&s, "a");
    hob_value first_root = s.root[0];
    stage_set(&s, num(1));
    hob_vat_halt(first);
    hob_vat *second = stage_vat(&s, "a", make_nothing, 1);
    hob_value second_root = s.root[0];
    ck_assert_str_eq(stage_seen(&s, 0), "1");
    hob_vat_start(first);
    const char *before = stage_picture(&s);
    s.vat = first, s.root[0] = first_root;
    ck_assert_int_eq(stage_try_set(&s, num(2)), HOB_ECLOSED);
    ck_assert_int_eq(hob_vat_save(first, NULL), HOB_ECLOSED);
    ck_assert_str_eq(stage_picture(&s), before);
    s.vat = second, s.root[0] = second_root;
    stage_set(&s, num(3));
    ck_assert_str_eq(stage_seen(&s, 0), "3");
    stage_close(&s);
}
END_TEST

/* The first vat halts in the middle of a churn, the second opens before it is saved. */
struct late {
    struct stage *s;
    hob_vat *second;
    pthread_t thread;
    int code;
};

static struct late late;

static void *open_second(void *data) {
    const hob_persistent_options options = {
        .store = late.s->store, .environment = late.s->environment, .key = "a"};
    hob_value root = NULL;
    (void)data;
    hob_thread_attach();
    late.code = hob_persistent_vat(late.s->runtime, &options, make_nothing, NULL, 1,
                                   &root, &late.second, NULL);
    hob_thread_detach();
    return NULL;
}

static int open_while_saving(hob_turn *turn, hob_value state, hob_value *portrait) {
    *portrait = state;
    if (late.s == NULL || !hob_vat_running(hob_turn_vat(turn)))
        return HOB_OK;
    hob_vat_halt(hob_turn_vat(turn));
    ck_assert_int_eq(pthread_create(&late.thread, NULL, open_second, NULL), 0);
    ck_assert_int_eq(pthread_join(late.thread, NULL), 0);
    return HOB_OK;
}

static const hob_kind sly = {.name = "sly",
                             .construct = cell_construct,
                             .behave = cell_behave,
                             .portrait = open_while_saving};

static int make_sly(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    (void)data, (void)count;
    roots[0] = make(turn, &sly);
    return HOB_OK;
}

START_TEST(a_vat_replaced_while_it_saves_does_not_write) {
    struct stage s;
    stage_open(&s, _i);
    stage_add(&s, &sly);
    stage_vat(&s, "a", make_sly, 1);
    const char *before = stage_records(s.store);
    late.s = &s;
    ck_assert_int_eq(stage_try_set(&s, num(1)), HOB_ECLOSED);
    ck_assert_int_eq(late.code, HOB_OK);
    ck_assert_str_eq(stage_records(s.store), before);
    stage_close(&s);
}
END_TEST

/* ------------------------------------------------------------------ closing  */

START_TEST(vats_of_a_closed_store_are_out_of_use) {
    struct stage s;
    stage_open(&s, _i);
    open_vat(&s, "a");
    stage_set(&s, num(1));
    scratch_close(s.store);
    ck_assert_int_eq(stage_try_set(&s, num(2)), HOB_ECLOSED);
    ck_assert_contains(s.error.message, "its store was closed");
    ck_assert_int_eq(hob_vat_save(s.vat, &s.error), HOB_ECLOSED);
    if (_i == STAGE_GDBM)
        stage_open_store(&s);
    stage_close(&s);
}
END_TEST

START_TEST(a_store_that_was_closed_with_open_vats_has_what_was_committed) {
    struct stage s;
    stage_open(&s, STAGE_GDBM);
    open_vat(&s, "a");
    stage_set(&s, num(1));
    scratch_close(s.store);
    ck_assert_int_eq(stage_try_set(&s, num(2)), HOB_ECLOSED);
    stage_open_store(&s);
    stage_vat(&s, "a", make_nothing, 1);
    ck_assert_str_eq(stage_seen(&s, 0), "1");
    stage_close(&s);
}
END_TEST

START_TEST(a_closed_store_opens_no_vat) {
    struct stage s;
    stage_open(&s, STAGE_MEMORY);
    scratch_close(s.store);
    ck_assert_int_eq(stage_try(&s, "a", make_cells, 1), HOB_ECLOSED);
    stage_close(&s);
}
END_TEST

/* ------------------------------------------------------------------ threads  */

enum { THREADS = 4, VATS_A_THREAD = 8 };

static void *open_some(void *data) {
    struct stage *s = data;
    hob_thread_attach();
    static atomic_int next;
    int base = atomic_fetch_add(&next, 1) * VATS_A_THREAD;
    for (int i = base; i < base + VATS_A_THREAD; i++) {
        const hob_persistent_options options = {.store = s->store,
                                                .environment = s->environment,
                                                .key = hobi_format("vat %d", i)};
        hob_value root = NULL;
        hob_vat *vat = NULL;
        ck_assert_int_eq(hob_persistent_vat(s->runtime, &options, make_cells, NULL, 1,
                                            &root, &vat, NULL),
                         HOB_OK);
    }
    hob_thread_detach();
    return NULL;
}

START_TEST(threads_may_open_vats_of_one_store_at_once) {
    struct stage s;
    pthread_t threads[THREADS];
    stage_open(&s, _i);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, open_some, &s), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    stage_restart(&s);
    for (int i = 0; i < THREADS * VATS_A_THREAD; i++)
        stage_vat(&s, hobi_format("vat %d", i), make_nothing, 1);
    for (int i = 1; i <= THREADS * VATS_A_THREAD; i++)
        ck_assert_str_eq(stage_record(&s, hobi_format("%d/vat", i)), "(0 (1))");
    stage_close(&s);
}
END_TEST

static void *open_the_same(void *data) {
    struct stage *s = data;
    const hob_persistent_options options = {
        .store = s->store, .environment = s->environment, .key = "one"};
    hob_value root = NULL;
    hob_vat *vat = NULL;
    hob_thread_attach();
    int code = hob_persistent_vat(s->runtime, &options, make_cells, NULL, 1, &root,
                                  &vat, NULL);
    ck_assert(code == HOB_OK || code == HOB_EBUSY);
    hob_thread_detach();
    return code == HOB_OK ? s : NULL;
}

START_TEST(of_threads_that_open_one_vat_one_gets_it) {
    struct stage s;
    pthread_t threads[THREADS];
    int got = 0;
    stage_open(&s, _i);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, open_the_same, &s), 0);
    for (int i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        got += result != NULL;
    }
    ck_assert_int_eq(got, 1);
    ck_assert_str_eq(stage_record(&s, "1/kinds"), "((cell 0 1))");
    stage_close(&s);
}
END_TEST

/* -------------------------------------------------------------------- roots  */

static int far_root(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    const struct stage *s = data;
    (void)turn, (void)count;
    roots[0] = s->value;
    return HOB_OK;
}

static int no_root(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    (void)turn, (void)data, (void)count, (void)roots;
    return HOB_OK;
}

static int promised_root(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    hob_value resolver = NULL;
    (void)data, (void)count;
    ck_assert_int_eq(hob_promise_new(turn, &roots[0], &resolver), HOB_OK);
    settle_with(turn, resolver, "fulfill", make(turn, &cell));
    return HOB_OK;
}

START_TEST(a_root_is_a_near_object) {
    struct stage s;
    stage_open(&s, _i);
    open_vat(&s, "other");
    s.value = s.root[0];
    ck_assert_int_eq(stage_try(&s, "a", far_root, 1), HOB_ETYPE);
    ck_assert_contains(s.error.message, "root 1 of vat a");
    s.value = num(3);
    ck_assert_int_eq(stage_try(&s, "a", far_root, 1), HOB_ETYPE);
    s.root[0] = NULL;
    ck_assert_int_eq(stage_try(&s, "a", no_root, 1), HOB_ETYPE);
    ck_assert_int_eq(stage_try(&s, "a", make_cells, 0), HOB_EINVAL);
    open_vat(&s, "a");
    stage_close(&s);
}
END_TEST

START_TEST(a_fulfilled_promise_stands_for_its_object_as_a_root) {
    struct stage s;
    stage_open(&s, _i);
    stage_vat(&s, "a", promised_root, 1);
    stage_again(&s, "a", 1);
    stage_set(&s, num(1));
    stage_close(&s);
}
END_TEST

/* ------------------------------------------------------------------- damage  */

static const struct {
    const char *key, *record, *part;
} damaged[] = {
    {"vats", "[", "the record vats"},
    {"vats", "3+", "the record vats"},
    {"vats", "[[4\"main1+3:abc]]", "the record vats"},
    {"vats", "[[4\"main0+32:abcdefghijklmnopqrstuvwxyz012345]]", "the record vats"},
    {"1/vat", "[0+]", "1/vat"},
    {"1/vat", "7+", "1/vat"},
    {"1/vat", "[0+7+]", "1/vat"},
    {"1/vat", "[0+[0+]]", "1/vat"},
    {"1/vat", "[0+[1'x]]", "1/vat"},
    {"1/vat", "", "1/vat"},
    {"1/vat", "[0+[77+]]", "object 1/o/77"},
    {"1/ids", "1'x", "1/ids"},
    {"1/ids", "0+", "1/ids"},
    {"1/ids", "4-", "1/ids"},
    {"1/ids", NULL, "1/ids"},
    {"1/kinds", "1'x", "1/kinds"},
    {"1/kinds", "[[4'cell0+1-]]", "1/kinds"},
    {"1/kinds", NULL, "1/kinds"},
};

enum { DAMAGED = sizeof damaged / sizeof *damaged };

START_TEST(a_bad_record_of_the_vat_is_damage_that_is_named) {
    struct stage s;
    stage_open(&s, _i / DAMAGED);
    open_vat(&s, "main");
    stage_restart(&s);
    if (damaged[_i % DAMAGED].record != NULL)
        stage_put(&s, damaged[_i % DAMAGED].key, damaged[_i % DAMAGED].record);
    else
        stage_remove(&s, damaged[_i % DAMAGED].key);
    const char *before = stage_picture(&s);
    ck_assert_int_eq(stage_try(&s, "main", make_nothing, 1), HOB_EDAMAGED);
    ck_assert_contains(s.error.message, damaged[_i % DAMAGED].part);
    ck_assert_str_eq(stage_picture(&s), before);
    stage_close(&s);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("keeper");
    TCase *tcase = tcase_create("keeper");
    tcase_set_timeout(tcase, 60);
    stage_add_test(tcase, vats_of_one_store_do_not_see_each_other);
    stage_add_test(tcase, a_vat_keeps_its_id_and_no_other_has_it);
    stage_add_test(tcase, without_a_key_a_vat_is_main);
    stage_add_test(tcase, a_key_that_is_no_text_is_refused);
    stage_add_test(tcase, the_key_may_change_or_go_away_after_opening);
    stage_add_test(tcase, a_vat_that_is_open_and_running_is_busy);
    stage_add_test(tcase, a_vat_of_another_runtime_is_busy_too);
    stage_add_test(tcase, a_halted_vat_can_be_replaced_and_saves_no_more);
    stage_add_test(tcase, a_vat_replaced_while_it_saves_does_not_write);
    stage_add_test(tcase, vats_of_a_closed_store_are_out_of_use);
    tcase_add_test(tcase,
                   a_store_that_was_closed_with_open_vats_has_what_was_committed);
    tcase_add_test(tcase, a_closed_store_opens_no_vat);
    stage_add_test(tcase, threads_may_open_vats_of_one_store_at_once);
    stage_add_test(tcase, of_threads_that_open_one_vat_one_gets_it);
    stage_add_test(tcase, a_root_is_a_near_object);
    stage_add_test(tcase, a_fulfilled_promise_stands_for_its_object_as_a_root);
    tcase_add_loop_test(tcase, a_bad_record_of_the_vat_is_damage_that_is_named, 0,
                        STAGE_ENGINES * DAMAGED);
    suite_add_tcase(suite, tcase);
    return scene_main(suite);
}
