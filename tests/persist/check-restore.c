/* check-restore.c -- objects come back: state, identity, cycles, versions.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#include <config.h>

#include "stage.h"

static hob_value list2(hob_value a, hob_value b) {
    const hob_value items[] = {a, b};
    return hob_list(2, items);
}

/* ------------------------------------------------------------------- graphs  */

/* Root 0 holds the child twice and itself; the child holds root 0 and root 1.  */
static int tie_knots(hob_turn *turn, void *data, hob_value *answer) {
    struct stage *s = data;
    hob_value child = make_with(turn, &cell, list2(s->root[0], s->root[1]));
    call(turn, s->root[0], list2(list2(child, child), s->root[0]));
    *answer = call(turn, s->root[1], hob_vector(1, &child));
    return HOB_OK;
}

START_TEST(state_identity_and_cycles_come_back) {
    struct stage s;
    stage_open(&s, _i);
    stage_vat(&s, "main", make_cells, 2);
    stage_do(&s, tie_knots);
    stage_again(&s, "main", 2);
    hob_value all = ask_first_root(&s), pair = hob_item(all, 0);
    hob_value child = hob_item(pair, 0);
    ck_assert_ptr_eq(hob_item(pair, 1), child);
    ck_assert_ptr_eq(hob_item(all, 1), s.root[0]);
    s.root[2] = s.root[0], s.root[0] = child;
    hob_value inside = ask_first_root(&s);
    ck_assert_ptr_eq(hob_item(inside, 0), s.root[2]);
    ck_assert_ptr_eq(hob_item(inside, 1), s.root[1]);
    s.root[0] = s.root[1];
    ck_assert_ptr_eq(hob_item(ask_first_root(&s), 0), child);
    stage_close(&s);
}
END_TEST

START_TEST(roots_come_back_in_their_order_and_one_may_be_there_twice) {
    struct stage s;
    stage_open(&s, _i);
    stage_vat(&s, "main", make_cells, 3);
    for (int i = 0; i < 3; i++) {
        s.object[0] = s.root[0], s.root[0] = s.root[i];
        stage_set(&s, num(i));
        s.root[0] = s.object[0];
    }
    stage_again(&s, "main", 3);
    ck_assert_str_eq(stage_seen(&s, 0), "0");
    ck_assert_str_eq(stage_seen(&s, 1), "1");
    ck_assert_str_eq(stage_seen(&s, 2), "2");
    stage_close(&s);
}
END_TEST

static int make_one_twice(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    (void)data, (void)count;
    roots[0] = roots[1] = make_with(turn, &cell, num(5));
    return HOB_OK;
}

START_TEST(a_shared_object_is_restored_once) {
    struct stage s;
    stage_open(&s, _i);
    stage_vat(&s, "main", make_one_twice, 2);
    stage_again(&s, "main", 2);
    ck_assert_ptr_eq(s.root[0], s.root[1]);
    stage_set(&s, num(6));
    ck_assert_str_eq(stage_seen(&s, 1), "6");
    stage_close(&s);
}
END_TEST

enum { CHAIN = 30000 };

static int make_chain(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    (void)data, (void)count;
    roots[0] = make(turn, &cell);
    for (int i = 0; i < CHAIN; i++)
        roots[0] = make_with(turn, &cell, list2(num(i), roots[0]));
    return HOB_OK;
}

START_TEST(a_long_chain_of_objects_takes_no_stack) {
    struct stage s;
    stage_open(&s, _i);
    stage_vat(&s, "main", make_chain, 1);
    stage_again(&s, "main", 1);
    int length = 0;
    for (hob_value link; hob_type_of(link = ask_first_root(&s)) == HOB_LIST; length++)
        s.root[0] = hob_item(link, 1);
    ck_assert_int_eq(length, CHAIN);
    stage_close(&s);
}
END_TEST

START_TEST(what_was_restored_goes_on_from_there) {
    struct stage s;
    stage_open(&s, _i);
    stage_vat(&s, "main", make_cells, 1);
    for (int i = 0; i < 6; i++) {
        stage_set(&s, list2(num(i), s.root[0]));
        stage_again(&s, "main", 1);
        ck_assert_int_eq(to_int(hob_item(ask_first_root(&s), 0)), i);
    }
    ck_assert_str_eq(stage_record(&s, "1/kinds"), "((cell 0 1))");
    stage_close(&s);
}
END_TEST

/* ----------------------------------------------------------------- versions  */

/* One name in three programs.  */
static int append_version(hob_turn *turn, uint32_t version, hob_value portrait,
                          hob_value *state) {
    if (version > 2)
        return hob_fail(turn, "I know nothing of version %u", version);
    *state = list2(portrait, num(version));
    return HOB_OK;
}

static const hob_kind first_cell = {
    .name = "thing", .construct = cell_construct, .behave = cell_behave};
static const hob_kind stubborn_cell = {
    .name = "thing", .version = 2, .construct = cell_construct, .behave = cell_behave};
static const hob_kind second_cell = {.name = "thing",
                                     .version = 2,
                                     .construct = cell_construct,
                                     .behave = cell_behave,
                                     .restore = append_version};

static int make_thing(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    const struct stage *s = data;
    const hob_kind *kind = s->environment->entries[s->environment->count - 1].kind;
    for (size_t i = 0; i < count; i++)
        roots[i] = make_with(turn, kind, num((int64_t)i));
    return HOB_OK;
}

static void change_program(struct stage *s, const hob_kind *kind) {
    stage_restart(s);
    s->environment = hob_environment_new();
    stage_add(s, &cell);
    if (kind != NULL)
        stage_add(s, kind);
}

static void open_things(struct stage *s, int engine, const hob_kind *kind) {
    stage_open(s, engine);
    stage_add(s, kind);
    stage_vat(s, "main", make_thing, 2);
}

START_TEST(a_kind_without_restore_function_refuses_another_version) {
    struct stage s;
    open_things(&s, _i, &first_cell);
    change_program(&s, &stubborn_cell);
    const char *before = stage_picture(&s);
    ck_assert_int_eq(stage_try(&s, "main", make_nothing, 2), HOB_EVERSION);
    ck_assert_contains(s.error.message, "thing, version 0, 2 objects");
    ck_assert_str_eq(stage_picture(&s), before);
    change_program(&s, &first_cell);
    stage_vat(&s, "main", make_nothing, 2);
    stage_close(&s);
}
END_TEST

START_TEST(a_restore_function_upgrades_once_and_the_counts_move) {
    struct stage s;
    open_things(&s, _i, &first_cell);
    ck_assert_str_eq(stage_record(&s, "1/kinds"), "((thing 0 2))");
    change_program(&s, &second_cell);
    stage_vat(&s, "main", make_nothing, 2);
    ck_assert_str_eq(stage_seen(&s, 1), "(1 0)");
    ck_assert_str_eq(stage_record(&s, "1/kinds"), "((thing 2 2))");
    ck_assert_str_eq(stage_record(&s, stage_object_key(s.root[1])),
                     "(thing 2 thing (1 0))");
    stage_again(&s, "main", 2);
    ck_assert_str_eq(stage_seen(&s, 1), "((1 0) 2)");
    stage_close(&s);
}
END_TEST

START_TEST(a_restore_function_that_fails_names_object_kind_and_version) {
    static const hob_kind late_cell = {
        .name = "thing", .version = 9, .behave = cell_behave};
    struct stage s;
    open_things(&s, _i, &late_cell);
    change_program(&s, &second_cell);
    const char *before = stage_picture(&s);
    ck_assert_int_eq(stage_try(&s, "main", make_nothing, 2), HOB_EFAILED);
    ck_assert_contains(s.error.message,
                       "cannot restore #<object thing> of kind thing, version 9: "
                       "I know nothing of version 9");
    ck_assert_str_eq(stage_picture(&s), before);
    stage_close(&s);
}
END_TEST

/* The first root can be upgraded, the second has no record.  */
START_TEST(an_open_that_fails_half_way_leaves_the_store_as_it_was) {
    struct stage s;
    open_things(&s, _i, &first_cell);
    const char *key = stage_object_key(s.root[1]);
    change_program(&s, &second_cell);
    stage_remove(&s, key);
    const char *before = stage_picture(&s);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(stage_try(&s, "main", make_nothing, 2), HOB_EDAMAGED);
    ck_assert_str_eq(stage_picture(&s), before);
    stage_put(&s, key, "[5'thing0+4\"name7+]");
    stage_vat(&s, "main", make_nothing, 2);
    ck_assert_str_eq(stage_seen(&s, 1), "(7 0)");
    ck_assert_str_eq(stage_record(&s, "1/kinds"), "((thing 2 2))");
    stage_close(&s);
}
END_TEST

START_TEST(a_kind_may_get_another_name_while_the_old_one_is_known_too) {
    struct stage s;
    open_things(&s, _i, &first_cell);
    change_program(&s, NULL);
    ck_assert_int_eq(
        hob_environment_add(s.environment, sym("thing"), &first_cell, NULL), HOB_OK);
    ck_assert_int_eq(hob_environment_add(s.environment, sym("a"), &first_cell, NULL),
                     HOB_OK);
    stage_vat(&s, "main", make_nothing, 2);
    ck_assert_str_eq(stage_record(&s, "1/kinds"), "((a 0 2))");
    change_program(&s, NULL);
    ck_assert_int_eq(hob_environment_add(s.environment, sym("a"), &first_cell, NULL),
                     HOB_OK);
    stage_vat(&s, "main", make_nothing, 2);
    ck_assert_str_eq(stage_seen(&s, 1), "1");
    stage_close(&s);
}
END_TEST

static int give_nothing(hob_turn *turn, uint32_t version, hob_value portrait,
                        hob_value *state) {
    (void)turn, (void)version, (void)portrait;
    *state = NULL;
    return HOB_OK;
}

START_TEST(a_restore_function_that_gives_no_state_is_an_error) {
    static const hob_kind empty_cell = {
        .name = "thing", .behave = cell_behave, .restore = give_nothing};
    struct stage s;
    open_things(&s, _i, &first_cell);
    change_program(&s, &empty_cell);
    ck_assert_int_eq(stage_try(&s, "main", make_nothing, 2), HOB_EINVAL);
    ck_assert_contains(s.error.message, "gave no state");
    stage_close(&s);
}
END_TEST

START_TEST(another_number_of_roots_is_refused) {
    struct stage s;
    stage_open(&s, _i);
    stage_vat(&s, "main", make_cells, 3);
    stage_restart(&s);
    const char *before = stage_picture(&s);
    ck_assert_int_eq(stage_try(&s, "main", make_nothing, 2), HOB_EVERSION);
    ck_assert_contains(s.error.message, "saved with 3 roots");
    ck_assert_str_eq(stage_picture(&s), before);
    stage_vat(&s, "main", make_nothing, 3);
    stage_close(&s);
}
END_TEST

/* --------------------------------------------- calls while things come back  */

/* A summer's state is the sum of its number and of what it asks on its way back.  */
static int restore_sum(hob_turn *turn, uint32_t version, hob_value portrait,
                       hob_value *state) {
    (void)version;
    int64_t sum = to_int(hob_item(portrait, 0));
    for (size_t i = 1; i < hob_count(portrait); i++) {
        hob_value answer = NULL;
        int code = hob_call(turn, hob_item(portrait, i), 0, NULL, &answer);
        if (code != HOB_OK)
            return code;
        sum += to_int(answer);
    }
    *state = num(sum);
    return HOB_OK;
}

static const hob_kind summer = {.name = "summer",
                                .construct = cell_construct,
                                .behave = cell_behave,
                                .restore = restore_sum};

static int make_sums(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    const struct stage *s = data;
    (void)count;
    hob_value below = make_with(turn, &cell, num(1));
    for (int64_t i = 0; i < s->number; i++)
        below = make_with(turn, &summer, list2(num(1), below));
    roots[0] = below;
    return HOB_OK;
}

static void open_sums(struct stage *s, int engine, int64_t number) {
    stage_open(s, engine);
    stage_add(s, &summer);
    s->number = number;
    stage_vat(s, "main", make_sums, 1);
}

START_TEST(a_restore_function_can_call_what_is_still_asleep) {
    struct stage s;
    open_sums(&s, _i, 50);
    stage_again(&s, "main", 1);
    ck_assert_str_eq(stage_seen(&s, 0), "51");
    stage_close(&s);
}
END_TEST

static int close_the_ring(hob_turn *turn, void *data, hob_value *answer) {
    struct stage *s = data;
    hob_value first = s->root[0], last = first, state = NULL;
    for (int64_t i = 1; i < s->number; i++)
        last = hob_item((hob_value)hobi_to_refr(last)->b, 1);
    state = list2(num(1), first);
    return hob_call(turn, last, 1, &state, answer);
}

START_TEST(restore_functions_that_need_each_other_fail_and_do_not_hang) {
    struct stage s;
    open_sums(&s, _i / 3, 1 + _i % 3);
    stage_do(&s, close_the_ring);
    stage_restart(&s);
    ck_assert_int_eq(stage_try(&s, "main", make_nothing, 1), HOB_ECYCLE);
    ck_assert_contains(s.error.message, "cannot restore #<object summer>");
    ck_assert_contains(s.error.message, "send a message instead");
    stage_close(&s);
}
END_TEST

/* It asks all, and takes what cannot be had for 0.  */
static int restore_lenient(hob_turn *turn, uint32_t version, hob_value portrait,
                           hob_value *state) {
    if (restore_sum(turn, version, portrait, state) != HOB_OK)
        *state = num(0);
    return HOB_OK;
}

START_TEST(a_restore_function_may_live_without_the_answer) {
    static const hob_kind lenient = {
        .name = "summer", .behave = cell_behave, .restore = restore_lenient};
    struct stage s;
    open_sums(&s, _i, 2);
    stage_do(&s, close_the_ring);
    stage_restart(&s);
    s.environment = hob_environment_new();
    stage_add(&s, &cell);
    stage_add(&s, &lenient);
    stage_vat(&s, "main", make_nothing, 1);
    ck_assert_str_eq(stage_seen(&s, 0), "1");
    stage_set(&s, num(3));
    stage_close(&s);
}
END_TEST

/* A relay asks its object when it is called, also by restore functions; a thief wants
   its caller to become something.  */
static int relay_behave(hob_turn *turn, hob_value state, size_t count,
                        const hob_value *args, hob_value *answer) {
    return hob_call(turn, state, count, args, answer);
}

static int restore_thief(hob_turn *turn, uint32_t version, hob_value portrait,
                         hob_value *state) {
    (void)version;
    *state = portrait;
    return hob_become(turn, sym("stolen")) == HOB_OK ? hob_fail(turn, "I could steal")
                                                     : HOB_OK;
}

static const hob_kind relay = {
    .name = "relay", .construct = cell_construct, .behave = relay_behave};
static const hob_kind thief = {.name = "thief",
                               .construct = cell_construct,
                               .behave = cell_behave,
                               .restore = restore_thief};

static int make_relayed(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    (void)data, (void)count;
    hob_value victim = make_with(turn, &relay, make_with(turn, &thief, num(4)));
    roots[0] = make_with(turn, &summer, list2(num(1), victim));
    return HOB_OK;
}

START_TEST(a_restore_function_cannot_make_its_caller_become) {
    struct stage s;
    stage_open(&s, _i);
    stage_add(&s, &summer);
    stage_add(&s, &relay);
    stage_add(&s, &thief);
    stage_vat(&s, "main", make_relayed, 1);
    stage_again(&s, "main", 1);
    ck_assert_str_eq(stage_seen(&s, 0), "5");
    stage_close(&s);
}
END_TEST

/* ... and changes that a restore function makes are saved.  */
static int restore_and_count(hob_turn *turn, uint32_t version, hob_value portrait,
                             hob_value *state) {
    hob_value counter = hob_item(portrait, 1), before = NULL, ignored = NULL;
    (void)version;
    *state = portrait;
    int code = hob_call(turn, counter, 0, NULL, &before);
    hob_value after = num(to_int(before) + 1);
    return code != HOB_OK ? code : hob_call(turn, counter, 1, &after, &ignored);
}

static const hob_kind counting = {.name = "counting",
                                  .construct = cell_construct,
                                  .behave = cell_behave,
                                  .restore = restore_and_count};

static int make_counting(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    (void)data, (void)count;
    hob_value counter = make_with(turn, &cell, num(0));
    roots[0] = make_with(turn, &counting, list2(num(0), counter));
    roots[1] = counter;
    return HOB_OK;
}

START_TEST(what_a_restore_function_changes_is_saved) {
    struct stage s;
    stage_open(&s, _i);
    stage_add(&s, &counting);
    stage_vat(&s, "main", make_counting, 2);
    for (int i = 1; i < 4; i++) {
        stage_again(&s, "main", 2);
        ck_assert_int_eq(atoi(stage_seen(&s, 1)), i);
    }
    stage_close(&s);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("restore");
    TCase *tcase = tcase_create("restore");
    tcase_set_timeout(tcase, 60);
    stage_add_test(tcase, state_identity_and_cycles_come_back);
    stage_add_test(tcase, roots_come_back_in_their_order_and_one_may_be_there_twice);
    stage_add_test(tcase, a_shared_object_is_restored_once);
    stage_add_test(tcase, a_long_chain_of_objects_takes_no_stack);
    stage_add_test(tcase, what_was_restored_goes_on_from_there);
    stage_add_test(tcase, a_kind_without_restore_function_refuses_another_version);
    stage_add_test(tcase, a_restore_function_upgrades_once_and_the_counts_move);
    stage_add_test(tcase, a_restore_function_that_fails_names_object_kind_and_version);
    stage_add_test(tcase, an_open_that_fails_half_way_leaves_the_store_as_it_was);
    stage_add_test(tcase, a_kind_may_get_another_name_while_the_old_one_is_known_too);
    stage_add_test(tcase, a_restore_function_that_gives_no_state_is_an_error);
    stage_add_test(tcase, another_number_of_roots_is_refused);
    stage_add_test(tcase, a_restore_function_can_call_what_is_still_asleep);
    tcase_add_loop_test(tcase,
                        restore_functions_that_need_each_other_fail_and_do_not_hang, 0,
                        3 * STAGE_ENGINES);
    stage_add_test(tcase, a_restore_function_may_live_without_the_answer);
    stage_add_test(tcase, a_restore_function_cannot_make_its_caller_become);
    stage_add_test(tcase, what_a_restore_function_changes_is_saved);
    suite_add_tcase(suite, tcase);
    return scene_main(suite);
}
