/* check-save.c -- what a churn changed becomes one batch, or nothing.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#include <config.h>

#include "fake-store.h"

static const uint64_t thing;

static hob_value list2(hob_value a, hob_value b) {
    const hob_value items[] = {a, b};
    return hob_list(2, items);
}

static void open_one_cell(struct stage *s, int engine) {
    stage_open(s, engine);
    stage_vat(s, "main", make_cells, 1);
}

static int spawn_cell(hob_turn *turn, void *data, hob_value *answer) {
    struct stage *s = data;
    *answer = s->object[0] = make_with(turn, &cell, num(7));
    return HOB_OK;
}

static bool is_stored(hob_value refr) {
    return hobi_has(hobi_to_refr(refr), HOBI_PERSISTENT);
}

/* ------------------------------------------------------- what a batch is of  */

START_TEST(only_what_changed_is_written) {
    struct stage s;
    struct fake_store *fake = stage_open_fake(&s, false);
    stage_vat(&s, "main", make_cells, 3);
    ck_assert_str_eq(fake->keys, "1/ids 1/kinds 1/o/1 1/o/2 1/o/3 1/vat");
    stage_set(&s, num(1));
    ck_assert_str_eq(fake->keys, "1/o/1");
    stage_set(&s, list2(s.root[1], s.root[2]));
    ck_assert_str_eq(fake->keys, "1/o/1");
    stage_close(&s);
}
END_TEST

START_TEST(a_churn_that_changes_nothing_writes_nothing) {
    struct stage s;
    struct fake_store *fake = stage_open_fake(&s, false);
    stage_vat(&s, "main", make_cells, 1);
    unsigned before = fake->submits, waits = fake->waits;
    for (int i = 0; i < 10; i++) {
        ck_assert_str_eq(stage_seen(&s, 0), "#<nil>");
        stage_do(&s, spawn_cell);
    }
    ck_assert_uint_eq(fake->submits, before);
    ck_assert_uint_eq(fake->waits, waits);
    stage_close(&s);
}
END_TEST

static int send_to_roots(hob_turn *turn, void *data, hob_value *answer) {
    struct stage *s = data;
    for (int i = 0; i < 3; i++)
        tell(turn, s->root[i], num(i));
    *answer = call(turn, s->root[0], num(10));
    return HOB_OK;
}

START_TEST(a_churn_of_many_turns_is_one_batch) {
    struct stage s;
    struct fake_store *fake = stage_open_fake(&s, false);
    stage_vat(&s, "main", make_cells, 3);
    unsigned before = fake->submits, waits = fake->waits;
    stage_do(&s, send_to_roots);
    ck_assert_uint_eq(fake->submits, before + 1);
    ck_assert_uint_eq(fake->waits, waits + 1);
    ck_assert_str_eq(fake->keys, "1/o/1 1/o/2 1/o/3");
    ck_assert_str_eq(stage_seen(&s, 0), "0");
    stage_close(&s);
}
END_TEST

START_TEST(new_objects_come_with_what_reaches_them_and_not_before) {
    struct stage s;
    open_one_cell(&s, _i);
    hob_value child = stage_do(&s, spawn_cell);
    ck_assert_str_eq(stage_record(&s, stage_object_key(child)), "nothing");
    ck_assert(!is_stored(child));
    stage_set(&s, list2(num(1), child));
    ck_assert_str_eq(stage_record(&s, stage_object_key(child)), "(cell 0 cell 7)");
    ck_assert_str_eq(stage_record(&s, "1/kinds"), "((cell 0 2))");
    stage_again(&s, "main", 1);
    ck_assert_str_eq(seen(s.vat, hob_item(ask_first_root(&s), 1)), "7");
    stage_close(&s);
}
END_TEST

/* An object is dropped by all that is stored, and changes still: nobody can tell from
   the store that it was let go.  */
START_TEST(what_is_not_reached_any_more_is_still_kept) {
    struct stage s;
    open_one_cell(&s, _i);
    hob_value child = stage_do(&s, spawn_cell);
    stage_set(&s, child);
    stage_set(&s, num(0));
    hob_value root = s.root[0];
    s.root[0] = child;
    stage_set(&s, num(8));
    s.root[0] = root;
    ck_assert_str_eq(stage_record(&s, stage_object_key(child)), "(cell 0 cell 8)");
    stage_set(&s, child);
    stage_again(&s, "main", 1);
    ck_assert_str_eq(seen(s.vat, ask_first_root(&s)), "8");
    stage_close(&s);
}
END_TEST

/* ------------------------------------------------------------ failed saves  */

static int hold_deep(hob_turn *turn, void *data, hob_value *answer) {
    struct stage *s = data;
    hob_value bad = s->number != 0 ? num(1) : hob_host(&thing);
    hob_value inner = NULL, outer = NULL;
    inner = list2(num(0), bad);
    ck_assert_int_eq(hob_spawn_named(turn, sym("alice"), &cell, 1, &inner, &inner),
                     HOB_OK);
    outer = make_with(turn, &cell, list2(inner, s->object[0]));
    *answer = call(turn, s->root[0], outer);
    s->object[1] = outer;
    return HOB_OK;
}

START_TEST(a_failed_save_names_object_kind_and_path_and_undoes_the_churn) {
    struct stage s;
    open_one_cell(&s, _i);
    stage_set(&s, num(3));
    stage_do(&s, spawn_cell);
    const char *before = stage_picture(&s);
    ck_assert_int_eq(stage_run(&s, hold_deep), HOB_ENOTSTORABLE);
    ck_assert_contains(s.error.message, "#<object alice> of kind cell: [1]: ");
    ck_assert_str_eq(stage_seen(&s, 0), "3");
    ck_assert_int_eq(hob_refr_type_of(s.object[1]), HOB_REFR_DEAD);
    ck_assert_str_eq(stage_picture(&s), before);
    stage_close(&s);
}
END_TEST

START_TEST(after_a_failed_save_the_next_one_brings_the_missing_children) {
    struct stage s;
    open_one_cell(&s, _i);
    hob_value child = stage_do(&s, spawn_cell);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(stage_run(&s, hold_deep), HOB_ENOTSTORABLE);
        ck_assert(!is_stored(child));
        ck_assert(!hobi_has(hobi_to_refr(child), HOBI_SAVING));
    }
    s.number = 1;
    stage_do(&s, hold_deep);
    ck_assert(is_stored(child));
    ck_assert_str_eq(stage_record(&s, "1/kinds"), "((cell 0 4))");
    ck_assert_uint_eq(stage_count(s.store, "1/o/"), 4);
    stage_again(&s, "main", 1);
    stage_close(&s);
}
END_TEST

static int hold_grump(hob_turn *turn, void *data, hob_value *answer) {
    struct stage *s = data;
    *answer = call(turn, s->root[0], make(turn, &grump));
    return HOB_OK;
}

START_TEST(a_kind_that_the_environment_lacks_is_named) {
    struct stage s;
    open_one_cell(&s, _i);
    ck_assert_int_eq(stage_run(&s, hold_grump), HOB_ENOTFOUND);
    ck_assert_contains(s.error.message, "#<object grump>");
    ck_assert_contains(s.error.message, "its kind grump is not in the environment");
    ck_assert_str_eq(stage_seen(&s, 0), "#<nil>");
    stage_set(&s, num(1));
    stage_close(&s);
}
END_TEST

START_TEST(a_batch_that_the_store_refuses_undoes_the_churn_and_the_next_one_works) {
    struct stage s;
    struct fake_store *fake = stage_open_fake(&s, _i);
    stage_vat(&s, "main", make_cells, 1);
    hob_value child = stage_do(&s, spawn_cell);
    const char *before = stage_picture(&s);
    fake->refuse_submit = HOB_EIO;
    ck_assert_int_eq(stage_try_set(&s, child), HOB_EIO);
    ck_assert_str_eq(s.error.message, "the fake store takes no batch");
    ck_assert_str_eq(stage_seen(&s, 0), "#<nil>");
    ck_assert(!is_stored(child));
    ck_assert_str_eq(stage_picture(&s), before);
    stage_set(&s, child);
    ck_assert_uint_eq(stage_count(s.store, "1/o/"), 2);
    ck_assert_str_eq(stage_record(&s, "1/kinds"), "((cell 0 2))");
    stage_again(&s, "main", 1);
    ck_assert_str_eq(seen(s.vat, ask_first_root(&s)), "7");
    stage_close(&s);
}
END_TEST

/* ---------------------------------------------------------------- portraits  */

static hob_value other, far; /* that portraits meddle with */
static int64_t moment;

enum {
    SHY,
    EMPTY,
    CHANGES,
    CHANGES_AGAIN,
    SPAWNS,
    SENDS,
    SENDS_FAR,
    PROMISES,
    BECOMES,
    MEDDLERS
};

static int meddle(hob_turn *turn, hob_value state, hob_value *portrait) {
    const hob_value arg = num(99);
    hob_value ignored = NULL;
    int64_t how = to_int(state);
    *portrait = how == EMPTY ? NULL : state;
    switch (how) {
    case SHY:
        return hob_fail(turn, "I am shy");
    case CHANGES:
    case CHANGES_AGAIN:
        return hob_call(turn, other, 1, &arg, &ignored);
    case SPAWNS:
        return hob_spawn(turn, &cell, 0, NULL, portrait);
    case SENDS:
        return hob_send_only(turn, other, 1, &arg);
    case SENDS_FAR:
        return hob_send_only(turn, far, 1, &arg);
    case PROMISES:
        return hob_promise_new(turn, portrait, &ignored);
    case BECOMES:
        return hob_become(turn, num(1));
    default:
        return HOB_OK;
    }
}

static int clock_portrait(hob_turn *turn, hob_value state, hob_value *portrait) {
    (void)turn, (void)state;
    *portrait = num(moment);
    return HOB_OK;
}

static const hob_kind meddler = {.name = "meddler",
                                 .construct = cell_construct,
                                 .behave = cell_behave,
                                 .portrait = meddle};
static const hob_kind timepiece = {.name = "timepiece",
                                   .construct = cell_construct,
                                   .behave = cell_behave,
                                   .portrait = clock_portrait};

static int hold_meddler(hob_turn *turn, void *data, hob_value *answer) {
    struct stage *s = data;
    other = s->root[1];
    if (s->number == CHANGES_AGAIN) /* what this turn has changed already */
        call(turn, other, num(98));
    *answer = call(turn, s->root[0], make_with(turn, &meddler, num(s->number)));
    return HOB_OK;
}

START_TEST(a_portrait_that_fails_or_meddles_undoes_the_churn) {
    struct stage s;
    stage_open(&s, _i / MEDDLERS);
    stage_add(&s, &meddler);
    s.vat = hob_vat_new(s.runtime, NULL);
    far = stage_do(&s, spawn_cell);
    stage_vat(&s, "main", make_cells, 2);
    const char *before = stage_picture(&s);
    s.number = _i % MEDDLERS;
    ck_assert_int_ne(stage_run(&s, hold_meddler), HOB_OK);
    ck_assert_contains(s.error.message,
                       "cannot save #<object meddler> of kind meddler: its portrait: ");
    if (s.number == SHY)
        ck_assert_contains(s.error.message, "I am shy");
    ck_assert_str_eq(stage_picture(&s), before);
    ck_assert_str_eq(stage_seen(&s, 0), "#<nil>");
    ck_assert_str_eq(stage_seen(&s, 1), "#<nil>");
    stage_set(&s, num(1));
    ck_assert_str_eq(stage_seen(&s, 1), "#<nil>");
    stage_close(&s);
}
END_TEST

static int make_timepiece(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    (void)data, (void)count;
    hob_value piece = make(turn, &timepiece);
    roots[0] = make_with(turn, &cell, piece);
    return HOB_OK;
}

START_TEST(saving_all_writes_what_the_roots_reach_each_time) {
    struct stage s;
    stage_open(&s, _i);
    stage_add(&s, &timepiece);
    moment = 1;
    stage_vat(&s, "main", make_timepiece, 1);
    const char *key = stage_object_key(ask_first_root(&s));
    for (moment = 2; moment < 6; moment++) {
        ck_assert_int_eq(hob_vat_save(s.vat, &s.error), HOB_OK);
        ck_assert_str_eq(stage_record(&s, key),
                         hobi_format("(timepiece 0 timepiece %d)", (int)moment));
    }
    ck_assert_str_eq(stage_record(&s, "1/kinds"), "((cell 0 1) (timepiece 0 1))");
    stage_close(&s);
}
END_TEST

START_TEST(saving_all_that_fails_says_so_and_changes_nothing) {
    struct stage s;
    struct fake_store *fake = stage_open_fake(&s, _i);
    stage_vat(&s, "main", make_cells, 2);
    const char *before = stage_picture(&s);
    fake->refuse_submit = HOB_EIO;
    ck_assert_int_eq(hob_vat_save(s.vat, &s.error), HOB_EIO);
    ck_assert_str_eq(stage_picture(&s), before);
    ck_assert_int_eq(hob_vat_save(s.vat, &s.error), HOB_OK);
    ck_assert_str_eq(fake->keys, "1/o/1 1/o/2");
    stage_close(&s);
}
END_TEST

/* -------------------------------------------------------------------- kinds  */

static int hue_behave(hob_turn *turn, hob_value state, size_t count,
                      const hob_value *args, hob_value *answer);

static const hob_kind red = {.name = "red", .behave = hue_behave};
static const hob_kind blue = {.name = "blue", .version = 4, .behave = hue_behave};

static int hue_behave(hob_turn *turn, hob_value state, size_t count,
                      const hob_value *args, hob_value *answer) {
    *answer = state;
    if (count == 0)
        return HOB_OK;
    return hob_become_kind(turn, hob_is_symbol(args[0], "red") ? &red : &blue, state);
}

static int make_reds(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    (void)data;
    for (size_t i = 0; i < count; i++)
        roots[i] = make(turn, &red);
    return HOB_OK;
}

static void open_reds(struct stage *s, int engine) {
    stage_open(s, engine);
    stage_add(s, &red);
    stage_add(s, &blue);
    stage_vat(s, "main", make_reds, 3);
}

static int there_and_back(hob_turn *turn, void *data, hob_value *answer) {
    struct stage *s = data;
    call(turn, s->root[1], sym("blue"));
    *answer = call(turn, s->root[1], sym("red"));
    tell(turn, s->root[0], sym("blue"));
    tell(turn, s->root[0], sym("red"));
    tell(turn, s->root[0], sym("blue"));
    return HOB_OK;
}

static int blue_child(hob_turn *turn, void *data, hob_value *answer) {
    struct stage *s = data;
    hob_value child = make(turn, &red);
    call(turn, child, sym("blue"));
    *answer = call(turn, s->root[0], make_with(turn, &cell, child));
    return HOB_OK;
}

static int blue_and_fail(hob_turn *turn, void *data, hob_value *answer) {
    struct stage *s = data;
    call(turn, s->root[0], sym("blue"));
    *answer = call(turn, s->root[3], hob_host(&thing));
    return HOB_OK;
}

START_TEST(counts_move_with_an_object_that_becomes_another_kind) {
    struct stage s;
    open_reds(&s, _i);
    ck_assert_str_eq(stage_record(&s, "1/kinds"), "((red 0 3))");
    stage_set(&s, sym("blue"));
    ck_assert_str_eq(stage_record(&s, "1/kinds"), "((red 0 2) (blue 4 1))");
    stage_again(&s, "main", 3);
    stage_set(&s, sym("red"));
    ck_assert_str_eq(stage_record(&s, "1/kinds"), "((red 0 3))");
    stage_again(&s, "main", 3);
    stage_close(&s);
}
END_TEST

START_TEST(what_an_object_was_in_between_does_not_count) {
    struct stage s;
    open_reds(&s, _i);
    stage_do(&s, there_and_back);
    ck_assert_str_eq(stage_record(&s, "1/kinds"), "((red 0 2) (blue 4 1))");
    stage_again(&s, "main", 3);
    stage_close(&s);
}
END_TEST

START_TEST(a_new_object_counts_as_what_it_is_at_the_end) {
    struct stage s;
    stage_open(&s, _i);
    stage_add(&s, &red);
    stage_add(&s, &blue);
    stage_vat(&s, "main", make_cells, 1);
    stage_do(&s, blue_child);
    ck_assert_str_eq(stage_record(&s, "1/kinds"), "((cell 0 2) (blue 4 1))");
    stage_close(&s);
}
END_TEST

static int make_reds_and_cell(hob_turn *turn, void *data, size_t count,
                              hob_value *roots) {
    make_reds(turn, data, count - 1, roots);
    roots[count - 1] = make(turn, &cell);
    return HOB_OK;
}

START_TEST(a_failed_save_moves_no_count) {
    struct stage s;
    stage_open(&s, _i);
    stage_add(&s, &red);
    stage_add(&s, &blue);
    stage_vat(&s, "main", make_reds_and_cell, 4);
    ck_assert_int_eq(stage_run(&s, blue_and_fail), HOB_ENOTSTORABLE);
    stage_set(&s, sym("blue"));
    ck_assert_str_eq(stage_record(&s, "1/kinds"), "((red 0 2) (cell 0 1) (blue 4 1))");
    stage_again(&s, "main", 4);
    stage_close(&s);
}
END_TEST

/* ---------------------------------------------------------------------- ids  */

static uint64_t highest; /* that anybody could have heard of */

static void note_id(hob_value refr) {
    uint64_t id = hob_refr_id(refr);
    highest = id > highest ? id : highest;
}

static int spawn_many(hob_turn *turn, void *data, hob_value *answer) {
    const struct stage *s = data;
    for (int64_t i = 0; i < s->number; i++)
        *answer = make(turn, &cell);
    return HOB_OK;
}

static int spawn_and_fail(hob_turn *turn, void *data, hob_value *answer) {
    spawn_many(turn, data, answer);
    return hob_fail(turn, "no");
}

static int spawn_unsaveable(hob_turn *turn, void *data, hob_value *answer) {
    struct stage *s = data;
    spawn_many(turn, data, answer);
    *answer = call(turn, s->root[0], list2(*answer, hob_host(&thing)));
    return HOB_OK;
}

/* Between restarts: many are dropped, a turn fails, a save fails, or nothing else.  */
START_TEST(no_id_is_given_out_twice_over_restarts) {
    static hob_thunk *const losing[] = {spawn_many, spawn_and_fail, spawn_unsaveable};
    struct stage s;
    struct testing_random random = {testing_seed()};
    printf("HOB_SEED=%" PRIu64 "\n", random.state);
    open_one_cell(&s, _i);
    for (int round = 0; round < 12; round++) {
        for (size_t i = testing_below(&random, 4); i > 0; i--) {
            s.number = (int64_t)testing_below(&random, 6000) + 1;
            if (stage_run(&s, losing[testing_below(&random, 3)]) == HOB_OK)
                note_id(s.answer);
        }
        uint64_t before = highest;
        stage_again(&s, "main", 1);
        ck_assert_uint_gt(hob_refr_id(stage_do(&s, spawn_cell)), before);
        note_id(s.object[0]);
    }
    stage_close(&s);
}
END_TEST

START_TEST(ids_of_dropped_objects_alone_are_written_down) {
    struct stage s;
    open_one_cell(&s, _i);
    s.number = 20000;
    note_id(stage_do(&s, spawn_many));
    stage_again(&s, "main", 1);
    ck_assert_uint_gt(hob_refr_id(stage_do(&s, spawn_cell)), highest);
    stage_close(&s);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("save");
    TCase *tcase = tcase_create("save");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, only_what_changed_is_written);
    tcase_add_test(tcase, a_churn_that_changes_nothing_writes_nothing);
    tcase_add_test(tcase, a_churn_of_many_turns_is_one_batch);
    stage_add_test(tcase, new_objects_come_with_what_reaches_them_and_not_before);
    stage_add_test(tcase, what_is_not_reached_any_more_is_still_kept);
    stage_add_test(tcase,
                   a_failed_save_names_object_kind_and_path_and_undoes_the_churn);
    stage_add_test(tcase, after_a_failed_save_the_next_one_brings_the_missing_children);
    stage_add_test(tcase, a_kind_that_the_environment_lacks_is_named);
    tcase_add_loop_test(
        tcase, a_batch_that_the_store_refuses_undoes_the_churn_and_the_next_one_works,
        0, 2);
    tcase_add_loop_test(tcase, a_portrait_that_fails_or_meddles_undoes_the_churn, 0,
                        STAGE_ENGINES * MEDDLERS);
    stage_add_test(tcase, saving_all_writes_what_the_roots_reach_each_time);
    tcase_add_loop_test(tcase, saving_all_that_fails_says_so_and_changes_nothing, 0, 2);
    stage_add_test(tcase, counts_move_with_an_object_that_becomes_another_kind);
    stage_add_test(tcase, what_an_object_was_in_between_does_not_count);
    stage_add_test(tcase, a_new_object_counts_as_what_it_is_at_the_end);
    stage_add_test(tcase, a_failed_save_moves_no_count);
    stage_add_test(tcase, no_id_is_given_out_twice_over_restarts);
    stage_add_test(tcase, ids_of_dropped_objects_alone_are_written_down);
    suite_add_tcase(suite, tcase);
    return scene_main(suite);
}
