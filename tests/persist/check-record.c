/* check-record.c -- objects as bytes: what a portrait may hold, and what comes back.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#include <config.h>

#include "stage.h"

static void open_one_cell(struct stage *s, int engine) {
    stage_open(s, engine);
    stage_vat(s, "main", make_cells, 1);
}

static hob_value list2(hob_value a, hob_value b) {
    const hob_value items[] = {a, b};
    return hob_list(2, items);
}

/* --------------------------------------------------------------------- data  */

enum { VALUES = 60, CHANCE_VALUES = 300 };

static hob_value integer(const char *digits) {
    return hob_integer_from_text(digits, strlen(digits));
}

static size_t plain_values(hob_value *v) {
    static const char huge[] = "-123456789012345678901234567890123456789";
    size_t n = 0;
    v[n++] = hob_void();
    v[n++] = hob_nil();
    v[n++] = hob_boolean(true);
    v[n++] = hob_boolean(false);
    v[n++] = num(0);
    v[n++] = num(-1);
    v[n++] = num(INT64_MAX);
    v[n++] = num(INT64_MIN);
    v[n++] = integer(huge + 1);
    v[n++] = integer(huge);
    v[n++] = hob_rational(num(-2), num(3));
    v[n++] = hob_rational(integer(huge), num(7));
    v[n++] = hob_double(0.0);
    v[n++] = hob_double(-0.0);
    v[n++] = hob_double(1.5e300);
    v[n++] = hob_double(-__builtin_inf());
    v[n++] = hob_double(__builtin_nan(""));
    v[n++] = hob_character(0);
    v[n++] = hob_character(0x10ffff);
    v[n++] = hob_string("", 0);
    v[n++] = hob_string("a\0b", 3);
    v[n++] = hob_string_from("\U0001f600");
    v[n++] = sym("a symbol");
    v[n++] = hob_keyword("key", 3);
    v[n++] = hob_bytes("\0\377", 2);
    v[n++] = hob_bytes(NULL, 0);
    return n;
}

static size_t all_values(hob_value *v) {
    size_t n = plain_values(v), plain = n;
    v[n++] = hob_list(0, NULL);
    v[n++] = hob_list(plain, v);
    v[n++] = hob_dotted_list(3, v, sym("end"));
    v[n++] = hob_vector(0, NULL);
    v[n++] = hob_vector(plain, v);
    v[n++] = hob_map(0, NULL);
    v[n++] = hob_map(plain / 2, v);
    v[n++] = hob_set(0, NULL);
    v[n++] = hob_set(plain, v);
    v[n++] = hob_tagged(sym("near"), num(1));
    v[n++] = hob_tagged(list2(num(1), num(2)), hob_vector(3, v));
    v[n] = hob_list(n, v);
    return n + 1;
}

/* One by one, so that a failure shows which.  */
static void compare_items(hob_value is, hob_value was) {
    ck_assert_uint_eq(hob_count(is), hob_count(was));
    for (size_t i = 0; i < hob_count(was); i++)
        ck_assert_msg(hob_equal(hob_item(is, i), hob_item(was, i)), "%s is not %s",
                      text(hob_item(is, i)), text(hob_item(was, i)));
}

START_TEST(a_value_of_each_type_comes_back_equal) {
    struct stage s;
    hob_value values[VALUES];
    open_one_cell(&s, _i);
    hob_value all = hob_list(all_values(values), values);
    stage_set(&s, all);
    stage_again(&s, "main", 1);
    compare_items(ask_first_root(&s), all);
    stage_close(&s);
}
END_TEST

START_TEST(values_by_chance_come_back_equal) {
    struct stage s;
    struct testing_random random = {testing_seed()};
    hob_value values[CHANCE_VALUES];
    printf("HOB_SEED=%" PRIu64 "\n", random.state);
    open_one_cell(&s, _i);
    for (int i = 0; i < CHANCE_VALUES; i++)
        values[i] = testing_value(&random, 6);
    hob_value all = hob_list(CHANCE_VALUES, values);
    stage_set(&s, all);
    stage_again(&s, "main", 1);
    compare_items(ask_first_root(&s), all);
    stage_close(&s);
}
END_TEST

START_TEST(a_value_nested_a_hundred_thousand_deep_comes_back) {
    struct stage s;
    hob_value deep = num(7);
    open_one_cell(&s, _i);
    for (int i = 0; i < 100000; i++)
        deep = hob_list(1, &deep);
    stage_set(&s, deep);
    stage_again(&s, "main", 1);
    ck_assert(hob_equal(ask_first_root(&s), deep));
    stage_close(&s);
}
END_TEST

/* Else data could name any object of the vat (rule 6).  */
START_TEST(data_that_looks_like_a_reference_stays_data) {
    struct stage s;
    open_one_cell(&s, _i);
    hob_value data = hob_tagged(sym("near"), num((int64_t)hob_refr_id(s.root[0])));
    stage_set(&s, data);
    stage_again(&s, "main", 1);
    ck_assert_str_eq(stage_seen(&s, 0), text(data));
    stage_close(&s);
}
END_TEST

/* ---------------------------------------------------------------- promises  */

static int hold_promises(hob_turn *turn, void *data, hob_value *answer) {
    struct stage *s = data;
    hob_value vow[4], resolver[4];
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(hob_promise_new(turn, &vow[i], &resolver[i]), HOB_OK);
    settle_with(turn, resolver[0], "fulfill", list2(num(5), vow[1]));
    settle_with(turn, resolver[1], "fulfill", s->root[0]);
    settle_with(turn, resolver[2], "break", sym("oops"));
    *answer = call(turn, s->root[0], hob_list(4, vow));
    return HOB_OK;
}

START_TEST(settled_promises_come_back_settled) {
    struct stage s;
    open_one_cell(&s, _i);
    stage_do(&s, hold_promises);
    stage_again(&s, "main", 1);
    hob_value list = ask_first_root(&s), inner = NULL;
    ck_assert_uint_eq(hob_count(list), 4);
    ck_assert_int_eq(hob_type_of(hob_item(list, 0)), HOB_PROMISE);
    ck_assert_str_eq(state_of(s.vat, hob_item(list, 0)), "(5 #<promise>)");
    inner = hob_item((hob_value)hobi_to_refr(hob_item(list, 0))->a, 1);
    ck_assert_str_eq(state_of(s.vat, inner), "#<object cell>");
    ck_assert_str_eq(state_of(s.vat, hob_item(list, 1)), "#<object cell>");
    ck_assert_ptr_eq(hobi_follow(s.vat, hob_item(list, 1)), s.root[0]);
    stage_close(&s);
}
END_TEST

static const char *why_broken(struct stage *s, hob_value promise) {
    hob_error error = {0};
    ck_assert_int_eq(hob_type_of(promise), HOB_PROMISE);
    ck_assert_contains(state_of(s->vat, promise), "broken");
    hobi_error_from_problem(&error, (hob_value)hobi_to_refr(promise)->a);
    return error.message;
}

START_TEST(a_broken_promise_comes_back_broken_with_its_text) {
    struct stage s;
    open_one_cell(&s, _i);
    stage_do(&s, hold_promises);
    stage_again(&s, "main", 1);
    ck_assert_contains(why_broken(&s, hob_item(ask_first_root(&s), 2)), "oops");
    stage_close(&s);
}
END_TEST

START_TEST(an_unresolved_promise_comes_back_broken_and_says_why) {
    struct stage s;
    open_one_cell(&s, _i);
    stage_do(&s, hold_promises);
    stage_again(&s, "main", 1);
    ck_assert_contains(why_broken(&s, hob_item(ask_first_root(&s), 3)),
                       "not resolved when the process");
    stage_close(&s);
}
END_TEST

START_TEST(a_broken_promise_stays_as_it_is_over_restarts) {
    struct stage s;
    open_one_cell(&s, _i);
    stage_do(&s, hold_promises);
    stage_again(&s, "main", 1);
    const char *before = why_broken(&s, hob_item(ask_first_root(&s), 2));
    ck_assert_int_eq(hob_vat_save(s.vat, &s.error), HOB_OK);
    stage_again(&s, "main", 1);
    ck_assert_str_eq(why_broken(&s, hob_item(ask_first_root(&s), 2)), before);
    stage_close(&s);
}
END_TEST

static int hold_itself(hob_turn *turn, void *data, hob_value *answer) {
    struct stage *s = data;
    hob_value vow, resolver;
    ck_assert_int_eq(hob_promise_new(turn, &vow, &resolver), HOB_OK);
    settle_with(turn, resolver, "fulfill", hob_list(1, &vow));
    *answer = call(turn, s->root[0], vow);
    return HOB_OK;
}

START_TEST(a_promise_fulfilled_with_itself_is_refused) {
    struct stage s;
    open_one_cell(&s, _i);
    ck_assert_int_eq(stage_run(&s, hold_itself), HOB_ENOTSTORABLE);
    ck_assert_contains(s.error.message, "fulfilled with a promise");
    ck_assert_str_eq(stage_seen(&s, 0), "#<nil>");
    stage_set(&s, num(1));
    stage_close(&s);
}
END_TEST

/* -------------------------------------------------------------- references  */

static int spawn_cell(hob_turn *turn, void *data, hob_value *answer) {
    struct stage *s = data;
    *answer = s->object[0] = make(turn, &cell);
    return HOB_OK;
}

START_TEST(a_reference_to_another_vat_comes_back_as_a_broken_promise) {
    struct stage s;
    open_one_cell(&s, _i);
    hob_vat *main_vat = s.vat;
    hob_value main_root = s.root[0];
    stage_vat(&s, "other", make_cells, 1);
    hob_value far = list2(s.root[0], num(1));
    s.vat = main_vat, s.root[0] = main_root;
    stage_set(&s, far);
    stage_again(&s, "main", 1);
    ck_assert_contains(why_broken(&s, hob_item(ask_first_root(&s), 0)), "another vat");
    stage_close(&s);
}
END_TEST

START_TEST(a_reference_to_a_vat_without_a_store_comes_back_broken) {
    struct stage s;
    open_one_cell(&s, _i);
    hob_vat *main_vat = s.vat;
    s.vat = hob_vat_new(s.runtime, NULL);
    hob_value far = stage_do(&s, spawn_cell);
    s.vat = main_vat;
    stage_set(&s, list2(far, num(1)));
    stage_again(&s, "main", 1);
    why_broken(&s, hob_item(ask_first_root(&s), 0));
    stage_close(&s);
}
END_TEST

/* What stands deep in a portrait and cannot be stored.  */
enum { HOST_VALUE, RESOLVER, UNDONE, UNSTORABLE };

static int spawn_and_fail(hob_turn *turn, void *data, hob_value *answer) {
    spawn_cell(turn, data, answer);
    return hob_fail(turn, "no");
}

static int hold_unstorable(hob_turn *turn, void *data, hob_value *answer) {
    static const uint64_t thing = 0;
    struct stage *s = data;
    hob_value bad = s->object[0], vow;
    if (s->number == HOST_VALUE)
        bad = hob_host(&thing);
    else if (s->number == RESOLVER)
        ck_assert_int_eq(hob_promise_new(turn, &vow, &bad), HOB_OK);
    const hob_value pair[] = {sym("door"), bad};
    *answer = call(turn, s->root[0], list2(num(1), hob_map(1, pair)));
    return HOB_OK;
}

START_TEST(what_is_no_data_is_refused_with_object_kind_and_path) {
    struct stage s;
    open_one_cell(&s, _i / UNSTORABLE);
    ck_assert_int_eq(stage_run(&s, spawn_and_fail), HOB_EFAILED);
    s.number = _i % UNSTORABLE;
    ck_assert_int_eq(stage_run(&s, hold_unstorable), HOB_ENOTSTORABLE);
    ck_assert_contains(s.error.message, "#<object cell> of kind cell");
    ck_assert_contains(s.error.message, "[1].door");
    ck_assert_str_eq(stage_seen(&s, 0), "#<nil>");
    stage_close(&s);
}
END_TEST

/* ------------------------------------------------------------- debug names  */

static int hold_named(hob_turn *turn, void *data, hob_value *answer) {
    struct stage *s = data;
    int code = hob_spawn_named(turn, s->value, &cell, 0, NULL, &s->object[0]);
    ck_assert_int_eq(code, HOB_OK);
    *answer = call(turn, s->root[0], s->object[0]);
    return HOB_OK;
}

START_TEST(a_debug_name_comes_back) {
    struct stage s;
    open_one_cell(&s, _i);
    s.value = list2(sym("alice"), num(2));
    stage_do(&s, hold_named);
    stage_again(&s, "main", 1);
    ck_assert_str_eq(text(hob_refr_name(ask_first_root(&s))), "(alice 2)");
    stage_close(&s);
}
END_TEST

START_TEST(a_debug_name_that_is_no_data_is_left_out) {
    struct stage s;
    open_one_cell(&s, _i);
    s.value = list2(s.root[0], num(2));
    stage_do(&s, hold_named);
    stage_again(&s, "main", 1);
    ck_assert_ptr_null(hob_refr_name(ask_first_root(&s)));
    stage_close(&s);
}
END_TEST

START_TEST(an_object_without_a_debug_name_comes_back_without) {
    struct stage s;
    open_one_cell(&s, _i);
    s.value = NULL;
    stage_do(&s, hold_named);
    stage_again(&s, "main", 1);
    ck_assert_ptr_null(hob_refr_name(ask_first_root(&s)));
    stage_close(&s);
}
END_TEST

/* ------------------------------------------------------------------- damage  */

static const struct {
    const char *record;
    int code;
    const char *part;
} damaged[] = {
    {"", HOB_EDAMAGED, "the record of object 1/o/1"},
    {"[", HOB_EDAMAGED, "the record of object 1/o/1"},
    {"17+", HOB_EDAMAGED, "the record of object 1/o/1"},
    {"[4'cell0+4'cell7+", HOB_EDAMAGED, "the record of object 1/o/1"},
    {"[4'cell0+4'cell7+]x", HOB_EDAMAGED, "the record of object 1/o/1"},
    {"[4'cell0+4'cell]", HOB_EDAMAGED, "the record of object 1/o/1"},
    {"[4'cell0+4'cell7+7+]", HOB_EDAMAGED, "the record of object 1/o/1"},
    {"[4'cell0+4'cell<4'near>]", HOB_EDAMAGED, "the record of object 1/o/1"},
    {"[4'cell0+4'cell<4'near3-]", HOB_EDAMAGED, "the record of object 1/o/1"},
    {"[4'cell0+4'cell<4'near3->]", HOB_EDAMAGED, "an object's number"},
    {"[4'cell0+4'cell<4'near1'x>]", HOB_EDAMAGED, "an object's number"},
    {"[4'cell0+4'cell<4'near0+>]", HOB_EDAMAGED, "an object's number"},
    {"[4'cell0+4'cell<4'near1+1+>]", HOB_EDAMAGED, "a <near> record with 2"},
    {"[4'cell0+4'cell<7'promise>]", HOB_EDAMAGED, "means nothing"},
    {"[4'cell0+4'cell<7'promise3'odd>]", HOB_EDAMAGED, "means nothing"},
    {"[4'cell0+4'cell<7'promise6'broken7+>]", HOB_EDAMAGED, "means nothing"},
    {"[4'cell0+4'cell<3'far1+>]", HOB_EDAMAGED, "a <far> record with 1"},
    {"[4'cell0+4'cell<4'near99+>]", HOB_EDAMAGED, "object 1/o/99 is referred to"},
    {"[5'ghost0+4'cell7+]", HOB_EDAMAGED, "of kind ghost"},
    {"[4'cell1'x4'cell7+]", HOB_EVERSION, "version x"},
};

enum { DAMAGED = sizeof damaged / sizeof *damaged };

START_TEST(a_record_that_is_no_object_is_damage_that_names_it) {
    struct stage s;
    open_one_cell(&s, _i / DAMAGED);
    ck_assert_str_eq(stage_object_key(s.root[0]), "1/o/1");
    stage_restart(&s);
    stage_put(&s, "1/o/1", damaged[_i % DAMAGED].record);
    ck_assert_int_eq(stage_try(&s, "main", make_nothing, 1),
                     damaged[_i % DAMAGED].code);
    ck_assert_contains(s.error.message, damaged[_i % DAMAGED].part);
    stage_close(&s);
}
END_TEST

START_TEST(a_record_that_is_missing_is_damage_that_names_it) {
    struct stage s;
    open_one_cell(&s, _i);
    stage_restart(&s);
    stage_remove(&s, "1/o/1");
    ck_assert_int_eq(stage_try(&s, "main", make_nothing, 1), HOB_EDAMAGED);
    ck_assert_contains(s.error.message, "object 1/o/1");
    ck_assert_contains(s.error.message, "no record of it");
    stage_close(&s);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("record");
    TCase *tcase = tcase_create("record");
    tcase_set_timeout(tcase, 60);
    stage_add_test(tcase, a_value_of_each_type_comes_back_equal);
    stage_add_test(tcase, values_by_chance_come_back_equal);
    stage_add_test(tcase, a_value_nested_a_hundred_thousand_deep_comes_back);
    stage_add_test(tcase, data_that_looks_like_a_reference_stays_data);
    stage_add_test(tcase, settled_promises_come_back_settled);
    stage_add_test(tcase, a_broken_promise_comes_back_broken_with_its_text);
    stage_add_test(tcase, an_unresolved_promise_comes_back_broken_and_says_why);
    stage_add_test(tcase, a_broken_promise_stays_as_it_is_over_restarts);
    stage_add_test(tcase, a_promise_fulfilled_with_itself_is_refused);
    stage_add_test(tcase, a_reference_to_another_vat_comes_back_as_a_broken_promise);
    stage_add_test(tcase, a_reference_to_a_vat_without_a_store_comes_back_broken);
    tcase_add_loop_test(tcase, what_is_no_data_is_refused_with_object_kind_and_path, 0,
                        STAGE_ENGINES * UNSTORABLE);
    stage_add_test(tcase, a_debug_name_comes_back);
    stage_add_test(tcase, a_debug_name_that_is_no_data_is_left_out);
    stage_add_test(tcase, an_object_without_a_debug_name_comes_back_without);
    tcase_add_loop_test(tcase, a_record_that_is_no_object_is_damage_that_names_it, 0,
                        STAGE_ENGINES * DAMAGED);
    stage_add_test(tcase, a_record_that_is_missing_is_damage_that_names_it);
    suite_add_tcase(suite, tcase);
    return scene_main(suite);
}
