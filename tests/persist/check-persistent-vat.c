/* check-persistent-vat.c -- vats of C objects that are opened from a store.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#include <config.h>

#include "fake-store.h"

static const uint64_t thing;

/* ------------------------------------------------------------------- opening  */

static int made;

static int make_counted(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    made++;
    return make_cells(turn, data, count, roots);
}

START_TEST(the_roots_are_made_once) {
    struct stage s;
    stage_open(&s, _i);
    stage_vat(&s, "main", make_counted, 2);
    for (int i = 0; i < 3; i++) {
        stage_restart(&s);
        stage_vat(&s, "main", make_counted, 2);
    }
    ck_assert_int_eq(made, 1);
    stage_close(&s);
}
END_TEST

START_TEST(a_vat_that_is_there_was_saved) {
    struct stage s;
    stage_open(&s, _i);
    stage_vat(&s, "main", make_cells, 1);
    ck_assert_str_eq(stage_record(&s, "1/vat"), "(0 (1))");
    ck_assert_str_eq(stage_record(&s, "1/o/1"), "(cell 0 cell #<nil>)");
    stage_close(&s);
}
END_TEST

/* Nothing but the vat's entry.  */
static void expect_nothing(struct stage *s) {
    const char *records = stage_records(s->store);
    ck_assert(*records == '\0' || strncmp(records, "vats = ", 7) == 0);
    if (*records != '\0')
        ck_assert_str_eq(strchr(records, '\n'), "\n");
}

static int make_unstorable(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    (void)data, (void)count;
    roots[0] = make_with(turn, &cell, make_with(turn, &cell, hob_host(&thing)));
    return HOB_OK;
}

static int make_failing(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    make_cells(turn, data, count, roots);
    return hob_fail(turn, "there is nothing to make");
}

START_TEST(a_first_save_that_fails_leaves_nothing_and_a_second_try_works) {
    struct stage s;
    stage_open(&s, _i);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(stage_try(&s, "main", make_unstorable, 1), HOB_ENOTSTORABLE);
        ck_assert_contains(s.error.message, "#<object cell> of kind cell");
        ck_assert_ptr_null(s.vat);
        expect_nothing(&s);
    }
    stage_restart(&s);
    stage_vat(&s, "main", make_counted, 1);
    ck_assert_int_eq(made, 1);
    stage_set(&s, num(1));
    stage_again(&s, "main", 1);
    ck_assert_str_eq(stage_seen(&s, 0), "1");
    stage_close(&s);
}
END_TEST

START_TEST(roots_that_cannot_be_made_leave_nothing) {
    struct stage s;
    stage_open(&s, _i);
    ck_assert_int_eq(stage_try(&s, "main", make_failing, 1), HOB_EFAILED);
    ck_assert_str_eq(s.error.message, "there is nothing to make");
    ck_assert_ptr_null(s.vat);
    expect_nothing(&s);
    stage_vat(&s, "main", make_cells, 1);
    stage_close(&s);
}
END_TEST

START_TEST(a_first_save_that_the_store_refuses_can_be_tried_again) {
    struct stage s;
    struct fake_store *fake = stage_open_fake(&s, _i);
    for (int i = 0; i < 3; i++) {
        fake->refuse_submit = HOB_EIO;
        ck_assert_int_eq(stage_try(&s, "main", make_cells, 1), HOB_EIO);
        expect_nothing(&s);
    }
    stage_vat(&s, "main", make_cells, 1);
    stage_set(&s, num(1));
    stage_close(&s);
}
END_TEST

START_TEST(what_is_needed_to_open_is_asked_for) {
    struct stage s;
    hob_value root;
    stage_open(&s, STAGE_MEMORY);
    hob_persistent_options options = {.store = s.store, .environment = s.environment};
    ck_assert_int_eq(
        hob_persistent_vat(s.runtime, &options, NULL, NULL, 1, &root, &s.vat, &s.error),
        HOB_EINVAL);
    options.store = NULL;
    ck_assert_int_eq(hob_persistent_vat(s.runtime, &options, make_cells, NULL, 1, &root,
                                        &s.vat, NULL),
                     HOB_EINVAL);
    options.store = s.store, options.environment = NULL;
    ck_assert_int_eq(hob_persistent_vat(s.runtime, &options, make_cells, NULL, 1, &root,
                                        &s.vat, NULL),
                     HOB_EINVAL);
    stage_close(&s);
}
END_TEST

START_TEST(only_a_persistent_vat_can_be_saved) {
    struct stage s;
    stage_open(&s, STAGE_MEMORY);
    s.vat = hob_vat_new(s.runtime, &(hob_vat_options){.name = "plain"});
    ck_assert_int_eq(hob_vat_save(s.vat, &s.error), HOB_EINVAL);
    ck_assert_contains(s.error.message, "vat plain is not a persistent one");
    stage_close(&s);
}
END_TEST

/* --------------------------------------------------- kinds that are missing  */

static int ran;

static int run_and_tell(hob_turn *turn, uint32_t version, hob_value portrait,
                        hob_value *state) {
    (void)turn, (void)version;
    *state = portrait;
    ran++;
    return HOB_OK;
}

static const hob_kind ghost = {
    .name = "ghost", .construct = cell_construct, .behave = cell_behave};
static const hob_kind spook = {
    .name = "spook", .version = 3, .construct = cell_construct, .behave = cell_behave};
static const hob_kind teller = {.name = "teller",
                                .construct = cell_construct,
                                .behave = cell_behave,
                                .restore = run_and_tell};

static int make_ghosts(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    hob_value ghosts[12];
    (void)data, (void)count;
    for (int i = 0; i < 12; i++)
        ghosts[i] = make(turn, &ghost);
    roots[0] = make_with(turn, &teller, hob_list(12, ghosts));
    roots[1] = make(turn, &spook);
    return HOB_OK;
}

/* One that is being made may be gone again.  */
static void add_file(const char *path, const char *name, void *sum) {
    FILE *file = fopen(path, "r");
    uint64_t hash = strlen(name);
    for (int c; file != NULL && (c = getc(file)) != EOF;)
        hash = (hash ^ (unsigned)c) * UINT64_C(0x100000001b3);
    if (file != NULL)
        fclose(file);
    *(uint64_t *)sum += hash * (unsigned char)name[strlen(name) - 1];
}

/* A new store makes its spare files in the background; until it has.  */
static uint64_t still_files(const struct stage *s) {
    uint64_t sum = 0;
    for (int same = 0; s->engine == STAGE_GDBM && same < 5; same++) {
        uint64_t before = sum;
        usleep(100000);
        sum = 0;
        scratch_visit(s->path, add_file, &sum);
        same = sum == before ? same : 0;
    }
    return sum;
}

START_TEST(all_missing_kinds_are_told_before_anything_runs_or_changes) {
    struct stage s;
    stage_open(&s, _i);
    hob_environment *few = s.environment, *all = hob_environment_new();
    s.environment = all;
    stage_add(&s, &ghost);
    stage_add(&s, &spook);
    stage_add(&s, &teller);
    stage_vat(&s, "main", make_ghosts, 2);
    stage_restart(&s);
    s.environment = few;
    stage_add(&s, &teller);
    const char *before = stage_picture(&s);
    uint64_t files = still_files(&s);
    ck_assert_int_eq(stage_try(&s, "main", make_nothing, 2), HOB_ENOTFOUND);
    ck_assert_contains(s.error.message, "ghost, version 0, 12 objects: not in");
    ck_assert_contains(s.error.message, "spook, version 3, 1 object: not in");
    ck_assert_lacks(s.error.message, "teller");
    ck_assert_str_eq(text(s.error.problem), "((spook 3 1) (ghost 0 12))");
    ck_assert_int_eq(ran, 0);
    ck_assert_str_eq(stage_picture(&s), before);
    ck_assert_uint_eq(still_files(&s), files);
    s.environment = all;
    stage_vat(&s, "main", make_nothing, 2);
    ck_assert_int_eq(ran, 1);
    stage_close(&s);
}
END_TEST

/* ------------------------------------------------------ saves before outputs  */

/* A courier sends 'hello to its first argument and becomes its second.  */
static int courier_behave(hob_turn *turn, hob_value state, size_t count,
                          const hob_value *args, hob_value *answer) {
    const hob_value hello = sym("hello");
    *answer = state;
    if (count < 2)
        return HOB_OK;
    int code = hob_send_only(turn, args[0], 1, &hello);
    return code == HOB_OK ? hob_become(turn, args[1]) : code;
}

static const hob_kind courier = {
    .name = "courier", .construct = cell_construct, .behave = courier_behave};

static int make_courier(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    (void)data, (void)count;
    roots[0] = make(turn, &courier);
    return HOB_OK;
}

static int make_diary(hob_turn *turn, void *data, hob_value *answer) {
    struct stage *s = data;
    *answer = s->object[0] = make(turn, &diary);
    return HOB_OK;
}

/* A vat of couriers in the stage, a vat with a diary beside it.  */
static hob_vat *open_post(struct stage *s) {
    stage_add(s, &courier);
    hob_vat *home = stage_vat(s, "main", make_courier, 1);
    hob_vat *far = s->vat = hob_vat_new(s->runtime, NULL);
    stage_do(s, make_diary);
    s->vat = home;
    return far;
}

static int send_home(hob_turn *turn, void *data, hob_value *answer) {
    struct stage *s = data;
    for (int i = 1; i < 4; i++) {
        const hob_value args[] = {s->object[0], s->value != NULL ? s->value : num(i)};
        ck_assert_int_eq(hob_send(turn, s->root[0], 2, args, &s->object[i]), HOB_OK);
    }
    *answer = hob_void();
    return HOB_OK;
}

static void post_three(struct stage *s, hob_vat *far, hob_value value) {
    hob_vat *home = s->vat;
    s->vat = far;
    s->value = value;
    stage_do(s, send_home);
    s->vat = home;
}

static int call_home(hob_turn *turn, void *data, hob_value *answer) {
    struct stage *s = data;
    const hob_value args[] = {s->object[0], s->value};
    return hob_call(turn, s->root[0], 2, args, answer);
}

static void settle(struct stage *s) {
    ck_assert(hob_runtime_settle(s->runtime, 20000));
}

START_TEST(what_a_churn_that_cannot_be_saved_sends_never_arrives) {
    struct stage s;
    stage_open(&s, _i);
    hob_vat *far = open_post(&s);
    post_three(&s, far, hob_host(&thing));
    settle(&s);
    ck_assert_str_eq(seen(far, s.object[0]), "()");
    for (int i = 1; i < 4; i++)
        ck_assert_str_eq(state_of(far, s.object[i]),
                         "broken: a value cannot be stored");
    s.value = hob_host(&thing);
    ck_assert_int_eq(stage_run(&s, call_home), HOB_ENOTSTORABLE);
    settle(&s);
    ck_assert_str_eq(seen(far, s.object[0]), "()");
    post_three(&s, far, NULL);
    settle(&s);
    ck_assert_str_eq(seen(far, s.object[0]), "(hello hello hello)");
    ck_assert_str_eq(state_of(far, s.object[3]), "2");
    stage_close(&s);
}
END_TEST

START_TEST(nothing_leaves_before_it_is_durable) {
    struct stage s;
    struct fake_store *fake = stage_open_fake(&s, _i);
    hob_vat *far = open_post(&s);
    fake_shut_gate(fake);
    unsigned before = fake_submits(fake);
    post_three(&s, far, NULL);
    while (fake_submits(fake) == before)
        usleep(1000);
    usleep(50000);
    ck_assert_str_eq(seen(far, s.object[0]), "()");
    ck_assert_str_eq(state_of(far, s.object[1]), "unresolved");
    fake_open_gate(fake);
    settle(&s);
    ck_assert_str_eq(seen(far, s.object[0]), "(hello hello hello)");
    ck_assert_str_eq(state_of(far, s.object[3]), "2");
    stage_close(&s);
}
END_TEST

START_TEST(churns_in_groups_share_a_sync_and_others_do_not) {
    struct stage s;
    struct fake_store *fake = stage_open_fake(&s, _i);
    hob_vat *far = open_post(&s);
    unsigned submits = fake->submits, waits = fake->waits;
    hold(s.vat);
    post_three(&s, far, NULL);
    usleep(20000);
    let_go(s.vat);
    settle(&s);
    ck_assert_uint_eq(fake->submits, submits + 3);
    ck_assert_uint_eq(fake->waits, waits + (_i ? 1 : 3));
    ck_assert_str_eq(seen(far, s.object[0]), "(hello hello hello)");
    stage_close(&s);
}
END_TEST

START_TEST(when_a_sync_fails_the_vat_stops_and_nothing_leaves) {
    struct stage s;
    struct fake_store *fake = stage_open_fake(&s, _i);
    hob_vat *far = open_post(&s);
    fake->refuse_waits = HOB_EIO;
    s.value = num(1);
    ck_assert_int_eq(stage_run(&s, call_home), HOB_EIO);
    ck_assert_str_eq(s.error.message, "the fake store cannot sync");
    ck_assert(!hob_vat_running(s.vat));
    ck_assert_int_eq(stage_run(&s, call_home), HOB_EHALTED);
    settle(&s);
    ck_assert_str_eq(seen(far, s.object[0]), "()");
    stage_close(&s);
}
END_TEST

START_TEST(when_a_sync_fails_far_callers_get_no_answer) {
    struct stage s;
    struct fake_store *fake = stage_open_fake(&s, _i);
    hob_vat *far = open_post(&s);
    fake->refuse_waits = HOB_EIO;
    post_three(&s, far, NULL);
    settle(&s);
    ck_assert(!hob_vat_running(s.vat));
    ck_assert_str_eq(seen(far, s.object[0]), "()");
    for (int i = 1; i < 4; i++) {
        const char *state = state_of(far, s.object[i]);
        ck_assert_msg(strcmp(state, "unresolved") == 0 ||
                          strncmp(state, "broken", 6) == 0,
                      "%s", state);
    }
    stage_close(&s);
}
END_TEST

START_TEST(in_each_mode_what_was_answered_is_there_after_a_restart) {
    struct stage s;
    stage_open(&s, STAGE_GDBM);
    scratch_close(s.store);
    s.options.durability = (hob_durability)_i;
    s.options.flush_interval = 60000;
    stage_open_store(&s);
    hob_vat *far = open_post(&s);
    for (int i = 0; i < 20; i++)
        post_three(&s, far, num(i));
    settle(&s);
    s.value = num(99);
    stage_do(&s, call_home);
    settle(&s);
    hob_store_information about;
    hob_store_get_information(s.store, &about);
    if (_i == HOB_RELAXED)
        ck_assert_uint_lt(about.syncs, 20);
    stage_again(&s, "main", 1);
    ck_assert_str_eq(stage_seen(&s, 0), "99");
    stage_close(&s);
}
END_TEST

/* ------------------------------------------------------------- out of memory  */
#ifdef HOB_TORTURE

enum { FIRST_OPEN, CHURN, SAVE_ALL, OPEN_AGAIN, STEPS };

static int make_family(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    (void)data;
    for (size_t i = 0; i < count; i++) {
        hob_value state = NULL, child = NULL, vow = NULL, resolver = NULL;
        int code = hob_spawn(turn, &cell, 0, NULL, &child);
        code = code != HOB_OK ? code : hob_promise_new(turn, &vow, &resolver);
        const hob_value items[] = {child, vow, num((int64_t)i)};
        state = code == HOB_OK ? hob_list(3, items) : NULL;
        if (state == NULL)
            return HOB_ENOMEM;
        code = hob_spawn(turn, &cell, 1, &state, &roots[i]);
        if (code != HOB_OK)
            return code;
    }
    return HOB_OK;
}

static int extend_family(hob_turn *turn, void *data, hob_value *answer) {
    struct stage *s = data;
    hob_value fresh[2] = {NULL, NULL};
    int code = make_family(turn, NULL, 2, fresh);
    hob_value list = code == HOB_OK ? hob_list(2, fresh) : NULL;
    return list == NULL ? HOB_ENOMEM : hob_call(turn, s->root[1], 1, &list, answer);
}

static int do_step(struct stage *s, int step) {
    switch (step) {
    case FIRST_OPEN:
        return stage_try(s, "main", make_family, 2);
    case CHURN:
        return stage_run(s, extend_family);
    case SAVE_ALL:
        return hob_vat_save(s->vat, &s->error);
    default:
        return stage_try(s, "main", make_nothing, 2);
    }
}

static void before_step(struct stage *s, int step) {
    for (int i = 0; i < step; i++) {
        if (i + 1 == OPEN_AGAIN)
            stage_restart(s);
        else
            ck_assert_int_eq(do_step(s, i), HOB_OK);
    }
}

/* The tables agree with the records, and all can be restored.  */
static void expect_whole(struct stage *s, int step) {
    size_t objects = step == FIRST_OPEN ? 4 : 8;
    ck_assert_uint_eq(stage_count(s->store, "1/o/"), objects);
    ck_assert_str_eq(stage_record(s, "1/kinds"),
                     hobi_format("((cell 0 %zu))", objects));
    stage_again(s, "main", 2);
    ck_assert_int_eq(hob_type_of(ask_first_root(s)), HOB_LIST);
    ck_assert_int_eq(hob_type_of(hob_item(ask_first_root(s), 1)), HOB_PROMISE);
}

/* True when there was an N-th allocation.  */
static bool torture(int engine, int step, unsigned long n) {
    struct stage s;
    stage_open(&s, engine);
    before_step(&s, step);
    const char *before = stage_records(s.store);
    hobi_torture(n, false);
    int code = do_step(&s, step);
    bool failed = hobi_torture(0, false) >= n;
    ck_assert_msg(failed || code == HOB_OK, "step %d: %d", step, code);
    if (code != HOB_OK) {
        ck_assert_ptr_nonnull(s.error.message);
        if (step == FIRST_OPEN)
            expect_nothing(&s);
        else
            ck_assert_str_eq(stage_records(s.store), before);
        code = do_step(&s, step);
        ck_assert_msg(code == HOB_OK, "step %d again: %d %s", step, code,
                      s.error.message);
    }
    expect_whole(&s, step);
    stage_close(&s);
    return failed;
}

START_TEST(any_allocation_may_fail_and_the_store_stays_whole) {
    int engine = _i / STEPS;
    unsigned long stride = testing_long() ? 1 : engine == STAGE_GDBM ? 7 : 1;
    unsigned long n = 1;
    while (torture(engine, _i % STEPS, n))
        n += stride;
    printf("step %d of engine %d: %lu allocations\n", _i % STEPS, engine, n);
}
END_TEST

START_TEST(all_that_is_needed_is_reachable_at_every_allocation) {
    struct stage s;
    stage_open(&s, _i);
    hobi_torture(0, true);
    before_step(&s, OPEN_AGAIN);
    ck_assert_int_eq(do_step(&s, OPEN_AGAIN), HOB_OK);
    hobi_torture(0, false);
    expect_whole(&s, OPEN_AGAIN);
    stage_close(&s);
}
END_TEST

#endif

int main(void) {
    Suite *suite = suite_create("persistent vat");
    TCase *tcase = tcase_create("persistent vat");
    tcase_set_timeout(tcase, 100);
    stage_add_test(tcase, the_roots_are_made_once);
    stage_add_test(tcase, a_vat_that_is_there_was_saved);
    stage_add_test(tcase,
                   a_first_save_that_fails_leaves_nothing_and_a_second_try_works);
    stage_add_test(tcase, roots_that_cannot_be_made_leave_nothing);
    tcase_add_loop_test(tcase, a_first_save_that_the_store_refuses_can_be_tried_again,
                        0, 2);
    tcase_add_test(tcase, what_is_needed_to_open_is_asked_for);
    tcase_add_test(tcase, only_a_persistent_vat_can_be_saved);
    stage_add_test(tcase, all_missing_kinds_are_told_before_anything_runs_or_changes);
    stage_add_test(tcase, what_a_churn_that_cannot_be_saved_sends_never_arrives);
    tcase_add_loop_test(tcase, nothing_leaves_before_it_is_durable, 0, 2);
    tcase_add_loop_test(tcase, churns_in_groups_share_a_sync_and_others_do_not, 0, 2);
    tcase_add_loop_test(tcase, when_a_sync_fails_the_vat_stops_and_nothing_leaves, 0,
                        2);
    tcase_add_loop_test(tcase, when_a_sync_fails_far_callers_get_no_answer, 0, 2);
    tcase_add_loop_test(tcase, in_each_mode_what_was_answered_is_there_after_a_restart,
                        HOB_DURABLE, HOB_RELAXED + 1);
#ifdef HOB_TORTURE
    tcase_add_loop_test(tcase, any_allocation_may_fail_and_the_store_stays_whole, 0,
                        STAGE_ENGINES * STEPS);
    stage_add_test(tcase, all_that_is_needed_is_reachable_at_every_allocation);
#endif
    suite_add_tcase(suite, tcase);
    return scene_main(suite);
}
