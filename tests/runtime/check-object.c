/* check-object.c -- spawning, calling and becoming of C objects.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#include <config.h>

#include "scene.h"

static int make_all(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    s->object[0] = make_with(turn, &cell, num(1));
    s->object[1] = make(turn, &diary);
    s->object[2] = make(turn, &grump);
    for (int i = 0; i < 3; i++)
        new_vow(s, turn, i);
    return HOB_OK;
}

static int call_cell(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    *answer = call(turn, s->object[0], num(2));
    return HOB_OK;
}

START_TEST(become_takes_effect_for_the_next_call) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, make_all);
    ck_assert_str_eq(text(scene_run(&s, s.a, call_cell)), "1");
    ck_assert_str_eq(seen(s.a, s.object[0]), "2");
    scene_close(&s);
}
END_TEST

static int spawn_ways(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    const hob_value args[] = {num(1), num(2)};
    ck_assert_int_eq(hob_spawn(turn, &diary, 2, args, &s->object[0]), HOB_OK);
    ck_assert_int_eq(hob_spawn_named(turn, sym("bob"), &cell, 0, NULL, &s->object[1]),
                     HOB_OK);
    ck_assert_int_eq(hob_spawn_named(turn, NULL, &cell, 0, NULL, &s->object[2]),
                     HOB_OK);
    return HOB_OK;
}

START_TEST(a_kind_without_constructor_starts_with_its_arguments) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, spawn_ways);
    ck_assert_str_eq(seen(s.a, s.object[0]), "(1 2)");
    scene_close(&s);
}
END_TEST

START_TEST(a_refr_tells_its_name_kind_and_vat) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, spawn_ways);
    ck_assert_str_eq(text(s.object[0]), "#<object diary>");
    ck_assert_str_eq(text(s.object[1]), "#<object bob>");
    ck_assert_str_eq(text(s.object[2]), "#<object>");
    ck_assert(hob_refr_kind(s.object[1]) == &cell);
    ck_assert(hob_refr_vat(s.object[1]) == s.a);
    ck_assert(hob_refr_type_of(s.object[1]) == HOB_REFR_OBJECT);
    scene_close(&s);
}
END_TEST

/* -------------------------------------------------------- calls without end  */

static int call_itself(hob_turn *turn, hob_value state, size_t count,
                       const hob_value *args, hob_value *answer) {
    (void)state, (void)count, (void)args;
    return hob_call(turn, hob_self(turn), 0, NULL, answer);
}

static int spawn_itself(hob_turn *turn, size_t count, const hob_value *args,
                        hob_value *state);

static const hob_kind endless = {.name = "endless", .behave = call_itself};
static const hob_kind matryoshka = {
    .name = "matryoshka", .construct = spawn_itself, .behave = call_itself};

static int spawn_itself(hob_turn *turn, size_t count, const hob_value *args,
                        hob_value *state) {
    (void)count, (void)args;
    return hob_spawn(turn, &matryoshka, 0, NULL, state);
}

static int nest_without_end(hob_turn *turn, void *data, hob_value *answer) {
    hob_value refr;
    (void)data;
    ck_assert_int_eq(hob_spawn(turn, &matryoshka, 0, NULL, &refr), HOB_ELIMIT);
    ck_assert_int_eq(hob_spawn(turn, &endless, 0, NULL, &refr), HOB_OK);
    ck_assert_int_eq(hob_call(turn, refr, 0, NULL, answer), HOB_ELIMIT);
    *answer = hob_void();
    return HOB_OK;
}

START_TEST(calls_inside_each_other_without_end_are_an_error) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, nest_without_end);
    scene_close(&s);
}
END_TEST

/* ----------------------------------------------------------- overtaken become  */

/* Given itself and a word: calls itself in between, then becomes.  */
static int echo_behave(hob_turn *turn, hob_value state, size_t count,
                       const hob_value *args, hob_value *answer) {
    hob_value ignored;
    if (count == 0) {
        *answer = state;
        return HOB_OK;
    }
    if (hob_is_symbol(args[0], "plain"))
        return hob_become(turn, num(1));
    if (hob_is_symbol(args[0], "kind"))
        return hob_become_kind(turn, &cell, state);
    hob_value word = sym(hob_is_symbol(args[0], "over") ? "plain" : "kind");
    int code = hob_call(turn, hob_self(turn), 1, &word, &ignored);
    return code != HOB_OK ? code : hob_become(turn, num(2));
}

static const hob_kind echo = {
    .name = "echo", .construct = cell_construct, .behave = echo_behave};

static int overtake(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    s->object[3] = make_with(turn, &echo, num(0));
    for (int i = 0; i < 2; i++) {
        const hob_value word = sym(i == 0 ? "over" : "over-kind");
        int code = hob_call(turn, s->object[3], 1, &word, answer);
        ck_assert_int_eq(code, HOB_EAUTHORITY);
        s->answer = call(turn, s->object[3], NULL);
        ck_assert_str_eq(text(s->answer), "1");
    }
    ck_assert(hob_refr_kind(s->object[3]) == &cell);
    return HOB_OK;
}

START_TEST(an_overtaken_become_is_refused_and_the_inner_one_stays) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, overtake);
    scene_close(&s);
}
END_TEST

static int change_kind(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    s->object[3] = make_with(turn, &echo, num(5));
    call(turn, s->object[3], sym("kind"));
    call(turn, s->object[3], sym("anything"));
    return HOB_OK;
}

START_TEST(become_kind_changes_the_behaviour) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, change_kind);
    ck_assert_str_eq(seen(s.a, s.object[3]), "anything");
    scene_close(&s);
}
END_TEST

/* ----------------------------------------------------------- what cannot become */

static int greedy_construct(hob_turn *turn, size_t count, const hob_value *args,
                            hob_value *state) {
    (void)count, (void)args;
    *state = num(0);
    ck_assert_ptr_null(hob_self(turn));
    return hob_become(turn, num(1));
}

static const hob_kind greedy = {
    .name = "greedy", .construct = greedy_construct, .behave = cell_behave};

static int become_nothing(hob_turn *turn, hob_value state, size_t count,
                          const hob_value *args, hob_value *answer) {
    (void)state, (void)count, (void)args, (void)answer;
    return hob_become(turn, NULL);
}

static const hob_kind empty = {.name = "empty", .behave = become_nothing};

static int become_wrongly(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    ck_assert_ptr_null(hob_self(turn));
    ck_assert_int_eq(hob_become(turn, num(1)), HOB_ENOTTURN);
    ck_assert_int_eq(hob_become_kind(turn, &cell, num(1)), HOB_ENOTTURN);
    ck_assert_int_eq(hob_spawn(turn, &greedy, 0, NULL, &s->object[4]), HOB_ENOTTURN);
    hob_value object = make(turn, &empty);
    ck_assert_int_eq(hob_call(turn, object, 0, NULL, answer), HOB_EINVAL);
    return HOB_OK;
}

START_TEST(only_a_running_behaviour_can_become) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, become_wrongly);
    scene_close(&s);
}
END_TEST

static int outer_behave(hob_turn *turn, hob_value state, size_t count,
                        const hob_value *args, hob_value *answer) {
    (void)count, (void)args, (void)answer;
    hob_value self = hob_self(turn);
    call(turn, state, num(7));
    make(turn, &cell);
    ck_assert(hob_self(turn) == self);
    return hob_become(turn, self);
}

static const hob_kind outer = {
    .name = "outer", .construct = cell_construct, .behave = outer_behave};

static int run_outer(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    s->object[3] = make_with(turn, &outer, s->object[0]);
    call(turn, s->object[3], NULL);
    ck_assert(hobi_to_refr(s->object[3])->b == s->object[3]);
    return HOB_OK;
}

START_TEST(an_inner_call_or_spawn_does_not_disturb_who_becomes) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, make_all);
    scene_run(&s, s.a, run_outer);
    ck_assert_str_eq(seen(s.a, s.object[0]), "7");
    scene_close(&s);
}
END_TEST

/* ------------------------------------------------------------------ calling  */

static int call_promises(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    ck_assert_int_eq(hob_call(turn, s->vow[0], 0, NULL, answer), HOB_ENOTCALLABLE);
    settle_with(turn, s->resolver[0], "fulfill", s->object[0]);
    settle_with(turn, s->resolver[1], "fulfill", num(9));
    settle_with(turn, s->resolver[2], "break", sym("oh"));
    ck_assert_str_eq(text(call(turn, s->vow[0], NULL)), "1");
    ck_assert_str_eq(text(call(turn, s->vow[1], NULL)), "9");
    ck_assert_int_eq(hob_call(turn, s->vow[2], 0, NULL, answer), HOB_EBROKEN);
    ck_assert_str_eq(text(hob_turn_error(turn)->problem), "oh");
    return HOB_OK;
}

START_TEST(a_call_goes_through_a_fulfilled_promise_only) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, make_all);
    scene_run(&s, s.a, call_promises);
    scene_close(&s);
}
END_TEST

static int call_far(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    ck_assert(!hob_is_near(turn, s->object[0]));
    ck_assert_int_eq(hob_call(turn, s->object[0], 0, NULL, answer), HOB_ENOTCALLABLE);
    ck_assert_int_eq(hob_call(turn, s->vow[0], 0, NULL, answer), HOB_ENOTCALLABLE);
    ck_assert_int_eq(hob_call(turn, num(1), 0, NULL, answer), HOB_ETYPE);
    ck_assert_int_eq(hob_send_only(turn, num(1), 0, NULL), HOB_ETYPE);
    ck_assert_int_eq(hob_listen(turn, s->vow[0], num(1)), HOB_ETYPE);
    return HOB_OK;
}

START_TEST(what_is_far_or_no_reference_cannot_be_called) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, make_all);
    scene_run(&s, s.b, call_far);
    scene_close(&s);
}
END_TEST

static int misuse_resolver(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    const hob_value words[] = {sym("fulfil"), num(1), num(2)};
    ck_assert_int_eq(hob_call(turn, s->resolver[0], 2, words, answer), HOB_EINVAL);
    ck_assert_int_eq(hob_call(turn, s->resolver[0], 3, words, answer), HOB_EINVAL);
    ck_assert_int_eq(hob_call(turn, s->resolver[0], 0, words, answer), HOB_EINVAL);
    ck_assert_int_eq(hob_promise_look(turn, s->vow[0], NULL), HOB_UNRESOLVED);
    return HOB_OK;
}

START_TEST(a_resolver_takes_two_messages_and_no_other) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, make_all);
    scene_run(&s, s.a, misuse_resolver);
    scene_close(&s);
}
END_TEST

static int send_long(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    hob_value args[20];
    (void)answer;
    for (int i = 0; i < 20; i++)
        args[i] = num(i);
    ck_assert_int_eq(hob_send_only(turn, s->object[1], 20, args), HOB_OK);
    return HOB_OK;
}

START_TEST(a_message_may_have_many_arguments) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, make_all);
    scene_run(&s, s.a, send_long);
    ck_assert_str_eq(seen(s.a, s.object[1]),
                     "((0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19))");
    scene_close(&s);
}
END_TEST

/* ------------------------------------------------------------------ failing  */

static int fail_variously(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    char many[3001];
    memset(many, 'x', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    switch (s->number) {
    case 0:
        return hob_fail(turn, "%s!", many);
    case 1:
        return hob_fail(turn, "bytes \xff\xfe");
    case 2:
        return hob_fail_with(turn, sym("oh"));
    default:
        s->vow[0] = send_to(turn, s->object[2], NULL);
        return HOB_OK;
    }
}

START_TEST(a_failure_has_its_text_and_its_problem) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, make_all);
    ck_assert_int_eq(scene_try(&s, s.a, fail_variously), HOB_EFAILED);
    ck_assert_uint_eq(strlen(s.error.message), 3001);
    s.number = 1;
    ck_assert_int_eq(scene_try(&s, s.a, fail_variously), HOB_EFAILED);
    s.number = 2;
    ck_assert_int_eq(scene_try(&s, s.a, fail_variously), HOB_EFAILED);
    ck_assert_str_eq(text(s.error.problem), "oh");
    s.number = 3;
    scene_run(&s, s.a, fail_variously);
    ck_assert_str_eq(state_of(s.a, s.vow[0]), "broken #<tagged error (-8 \"no\")>");
    scene_close(&s);
}
END_TEST

START_TEST(a_problem_of_the_library_keeps_its_code_as_a_value) {
    struct scene s;
    scene_open(&s);
    for (int code = HOB_ENOMEM; code >= HOB_EINTERRUPTED; code--) {
        hob_error error = {.code = code, .message = "so \xff"}, back = {0};
        hobi_error_from_problem(&back, hobi_problem(&error));
        ck_assert_int_eq(back.code, code);
        ck_assert_str_eq(back.message, hob_strerror(code));
    }
    scene_close(&s);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("object");
    TCase *tests = tcase_create("object");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, become_takes_effect_for_the_next_call);
    tcase_add_test(tests, a_kind_without_constructor_starts_with_its_arguments);
    tcase_add_test(tests, a_refr_tells_its_name_kind_and_vat);
    tcase_add_test(tests, an_overtaken_become_is_refused_and_the_inner_one_stays);
    tcase_add_test(tests, become_kind_changes_the_behaviour);
    tcase_add_test(tests, only_a_running_behaviour_can_become);
    tcase_add_test(tests, an_inner_call_or_spawn_does_not_disturb_who_becomes);
    tcase_add_test(tests, a_call_goes_through_a_fulfilled_promise_only);
    tcase_add_test(tests, what_is_far_or_no_reference_cannot_be_called);
    tcase_add_test(tests, a_resolver_takes_two_messages_and_no_other);
    tcase_add_test(tests, calls_inside_each_other_without_end_are_an_error);
    tcase_add_test(tests, a_message_may_have_many_arguments);
    tcase_add_test(tests, a_failure_has_its_text_and_its_problem);
    tcase_add_test(tests, a_problem_of_the_library_keeps_its_code_as_a_value);
    return scene_main(suite);
}
