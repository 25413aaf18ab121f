/* check-vat.c -- vats are run, halted, started again and collected.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#include <config.h>

#define GC_THREADS
#define GC_NO_THREAD_REDIRECTS
#include <gc/gc.h>

#include "scene.h"
#include "scheduler.h"

static void start_thread(pthread_t *thread, void *(*body)(void *), void *data) {
    ck_assert_int_eq(pthread_create(thread, NULL, body, data), 0);
}

static int make_objects(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    s->object[0] = make(turn, &diary);
    s->object[1] = make_with(turn, &cell, num(0));
    new_vow(s, turn, 0);
    return HOB_OK;
}

static void post(hob_value to, int64_t number) {
    const hob_value arg = num(number);
    ck_assert_int_eq(hob_post(to, 1, &arg, -1, NULL), HOB_OK);
}

/* ------------------------------------------------------------------- running  */

static int answer_after_sending(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    for (int i = 0; i < 3; i++)
        tell(turn, s->object[0], num(i));
    *answer = call(turn, s->object[0], NULL);
    return HOB_OK;
}

START_TEST(a_run_answers_when_all_near_messages_are_handled) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, make_objects);
    ck_assert_str_eq(text(scene_run(&s, s.a, answer_after_sending)), "()");
    ck_assert_str_eq(text((hob_value)hobi_to_refr(s.object[0])->b), "(0 1 2)");
    scene_close(&s);
}
END_TEST

static int answer_nothing(hob_turn *turn, void *data, hob_value *answer) {
    (void)turn, (void)data, (void)answer;
    return HOB_OK;
}

START_TEST(a_thunk_that_answers_nothing_answers_void) {
    struct scene s;
    scene_open(&s);
    ck_assert(scene_run(&s, s.a, answer_nothing) == hob_void());
    ck_assert_int_eq(hob_vat_run(s.a, answer_nothing, NULL, NULL, NULL), HOB_OK);
    scene_close(&s);
}
END_TEST

static int run_inside(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)turn;
    ck_assert_int_eq(hob_vat_run(s->a, answer_nothing, s, answer, NULL), HOB_EINVAL);
    ck_assert_int_eq(hob_vat_run(s->b, answer_nothing, s, answer, NULL), HOB_EINVAL);
    return HOB_OK;
}

START_TEST(a_run_from_inside_a_turn_is_refused) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, run_inside);
    ck_assert_ptr_null(hob_vat_current());
    scene_close(&s);
}
END_TEST

enum { ROUNDS = 2000 };

static int count_up(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    int64_t now = to_int(call(turn, s->object[1], NULL));
    *answer = call(turn, s->object[1], num(now + 1));
    return HOB_OK;
}

static void *count_in_thread(void *data) {
    struct scene *s = data;
    if (hob_thread_attach() != HOB_OK)
        return NULL;
    int64_t sum = 0;
    for (int i = 0; i < ROUNDS; i++) {
        hob_value answer = NULL;
        int code = hob_vat_run(s->a, count_up, s, &answer, NULL);
        sum += code == HOB_OK && to_int(answer) >= i;
    }
    hob_thread_detach();
    return (void *)(intptr_t)sum;
}

START_TEST(two_threads_may_run_thunks_in_one_vat_at_once) {
    struct scene s;
    pthread_t one, two;
    void *well[2];
    scene_open(&s);
    scene_run(&s, s.a, make_objects);
    start_thread(&one, count_in_thread, &s);
    start_thread(&two, count_in_thread, &s);
    pthread_join(one, &well[0]);
    pthread_join(two, &well[1]);
    ck_assert_int_eq((intptr_t)well[0], ROUNDS);
    ck_assert_int_eq((intptr_t)well[1], ROUNDS);
    ck_assert_str_eq(seen(s.a, s.object[1]), "4000");
    scene_close(&s);
}
END_TEST

static void *attach_twice(void *data) {
    int *registered = data;
    hob_thread_attach();
    hob_thread_attach();
    hob_thread_detach();
    registered[0] = GC_thread_is_registered();
    hob_thread_detach();
    registered[1] = GC_thread_is_registered();
    return NULL;
}

START_TEST(attaching_a_thread_nests) {
    struct scene s;
    pthread_t thread;
    int registered[2] = {-1, -1};
    scene_open(&s);
    start_thread(&thread, attach_twice, registered);
    pthread_join(thread, NULL);
    ck_assert_int_ne(registered[0], 0);
    ck_assert_int_eq(registered[1], 0);
    ck_assert_int_eq(hob_thread_attach(), HOB_OK);
    hob_thread_detach();
    hob_thread_detach();
    ck_assert_int_ne(GC_thread_is_registered(), 0);
    scene_close(&s);
}
END_TEST

START_TEST(a_vat_keeps_a_copy_of_its_name) {
    struct scene s;
    char name[] = "mine";
    scene_open(&s);
    hob_vat *vat = hob_vat_new(s.runtime, &(hob_vat_options){.name = name});
    name[0] = 'x';
    ck_assert_str_eq(hob_vat_name(vat), "mine");
    ck_assert_str_eq(hob_vat_name(hob_vat_new(s.runtime, NULL)), "unnamed");
    scene_close(&s);
}
END_TEST

/* ------------------------------------------------------------ halt and start  */

static int ask_cell(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    s->vow[1] = send_to(turn, s->object[1], num(1));
    return HOB_OK;
}

START_TEST(a_halted_vat_refuses_runs_and_messages_and_answers_when_started_again) {
    struct scene s;
    hob_value arg = num(1);
    scene_open(&s);
    scene_run(&s, s.a, make_objects);
    ck_assert(hob_vat_running(s.a));
    hob_vat_halt(s.a);
    ck_assert(!hob_vat_running(s.a));
    ck_assert_int_eq(scene_try(&s, s.a, count_up), HOB_EHALTED);
    ck_assert_int_eq(hob_post(s.object[1], 1, &arg, -1, &s.error), HOB_EHALTED);
    ck_assert_ptr_nonnull(s.error.message);
    scene_run(&s, s.b, ask_cell);
    scene_settle(&s);
    ck_assert_str_eq(state_of(s.b, s.vow[1]), EHALTED_TEXT);
    hob_vat_start(s.a);
    ck_assert(hob_vat_running(s.a));
    scene_run(&s, s.b, ask_cell);
    scene_settle(&s);
    ck_assert_str_eq(state_of(s.b, s.vow[1]), "0");
    ck_assert_str_eq(seen(s.a, s.object[1]), "1");
    scene_close(&s);
}
END_TEST

START_TEST(what_waits_in_the_mailbox_of_a_halted_vat_is_handled_after_its_start) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, make_objects);
    hold(s.a);
    for (int i = 0; i < 3; i++)
        post(s.object[0], i);
    hob_vat_halt(s.a);
    ck_assert_uint_eq(mail(s.a), 3);
    let_go(s.a);
    scene_settle(&s);
    ck_assert_str_eq(seen(s.a, s.object[0]), "(0 1 2)");
    scene_close(&s);
}
END_TEST

/* Sends to itself without end.  */
static int endless_behave(hob_turn *turn, hob_value state, size_t count,
                          const hob_value *args, hob_value *answer) {
    (void)count, (void)args, (void)answer;
    hob_value self = hob_self(turn);
    tell(turn, self, NULL);
    return hob_become(turn, num(to_int(state) + 1));
}

static const hob_kind endless = {
    .name = "endless", .construct = cell_construct, .behave = endless_behave};

static int make_endless(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    s->object[2] = make_with(turn, &endless, num(0));
    return HOB_OK;
}

static int run_endless(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    call(turn, s->object[1], num(5));
    tell(turn, s->object[2], NULL);
    return HOB_OK;
}

static void *run_endless_thread(void *data) {
    struct scene *s = data;
    if (hob_thread_attach() != HOB_OK)
        return NULL;
    intptr_t code = hob_vat_run(s->a, run_endless, s, NULL, &s->error);
    hob_thread_detach();
    return (void *)code;
}

static void *run_refused_thread(void *data) {
    struct scene *s = data;
    if (hob_thread_attach() != HOB_OK)
        return NULL;
    intptr_t code = hob_vat_run(s->a, answer_nothing, s, NULL, NULL);
    hob_thread_detach();
    return (void *)code;
}

START_TEST(a_churn_that_never_ends_can_be_halted_and_is_undone) {
    struct scene s;
    pthread_t one, two;
    void *code[2];
    scene_open(&s);
    scene_run(&s, s.a, make_objects);
    scene_run(&s, s.a, make_endless);
    start_thread(&one, run_endless_thread, &s);
    usleep(20000);
    start_thread(&two, run_refused_thread, &s);
    usleep(20000);
    hob_vat_halt(s.a);
    pthread_join(one, &code[0]);
    pthread_join(two, &code[1]);
    ck_assert_int_eq((intptr_t)code[0], HOB_EHALTED);
    ck_assert_int_eq((intptr_t)code[1], HOB_EHALTED);
    ck_assert_ptr_nonnull(s.error.message);
    ck_assert_uint_eq(s.a->turn.near.count + s.a->turn.undo_count, 0);
    hob_vat_start(s.a);
    ck_assert_str_eq(seen(s.a, s.object[1]), "0");
    ck_assert_str_eq(text((hob_value)hobi_to_refr(s.object[2])->b), "0");
    scene_close(&s);
}
END_TEST

START_TEST(an_endless_churn_on_a_thread_of_the_runtime_can_be_halted) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, make_endless);
    ck_assert_int_eq(hob_post(s.object[2], 0, NULL, -1, NULL), HOB_OK);
    usleep(20000);
    ck_assert(!hob_runtime_settle(s.runtime, 10));
    hob_vat_halt(s.a);
    scene_settle(&s);
    scene_close(&s);
}
END_TEST

static int halt_myself(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    count_up(turn, data, answer);
    hob_vat_halt(s->a);
    return HOB_OK;
}

START_TEST(a_turn_that_halts_its_vat_goes_on_and_is_undone) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, make_objects);
    ck_assert_int_eq(scene_try(&s, s.a, halt_myself), HOB_EHALTED);
    ck_assert(!hob_vat_running(s.a));
    hob_vat_start(s.a);
    ck_assert_str_eq(seen(s.a, s.object[1]), "0");
    scene_close(&s);
}
END_TEST

static int follow_far(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    new_vow(s, turn, 1);
    settle_with(turn, s->resolver[1], "fulfill", s->vow[0]);
    return HOB_OK;
}

static int fulfil(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    settle_with(turn, s->resolver[0], "fulfill", num(4));
    return HOB_OK;
}

START_TEST(a_halted_vat_hears_how_its_promises_settled) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, make_objects);
    scene_run(&s, s.b, follow_far);
    scene_settle(&s);
    hob_vat_halt(s.b);
    scene_run(&s, s.a, fulfil);
    scene_settle(&s);
    hob_vat_start(s.b);
    scene_settle(&s);
    ck_assert_str_eq(state_of(s.b, s.vow[1]), "4");
    scene_close(&s);
}
END_TEST

START_TEST(a_settling_that_a_halt_undoes_is_handled_after_the_start) {
    struct scene s;
    hob_delivery delivery;
    scene_open(&s);
    scene_run(&s, s.a, make_objects);
    scene_run(&s, s.b, follow_far);
    scene_settle(&s);
    hold(s.b);
    scene_run(&s, s.a, fulfil);
    s.b->muted = false;
    ck_assert(hob_vat_own(s.b));
    ck_assert_int_eq(hob_churn_begin(s.b), HOB_STEP_READY);
    hob_vat_halt(s.b);
    ck_assert_int_eq(hob_turn_next(s.b, &delivery), HOB_STEP_HALT);
    hob_churn_abort(s.b, hob_nil());
    hob_vat_disown(s.b);
    hob_vat_start(s.b);
    scene_settle(&s);
    ck_assert_str_eq(state_of(s.b, s.vow[1]), "4");
    scene_close(&s);
}
END_TEST

/* --------------------------------------------------------------------- the end */

START_TEST(a_runtime_with_work_in_its_queue_can_be_freed) {
    for (int round = 0; round < 50; round++) {
        struct scene s;
        scene_open(&s);
        scene_run(&s, s.a, make_endless);
        scene_run(&s, s.b, make_objects);
        ck_assert_int_eq(hob_post(s.object[2], 0, NULL, -1, NULL), HOB_OK);
        for (int i = 0; i < 100; i++)
            post(s.object[0], i);
        scene_close(&s);
    }
}
END_TEST

START_TEST(what_is_left_of_a_freed_runtime_is_halted) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, make_objects);
    scene_close(&s);
    for (int i = 0; i < 10; i++)
        GC_gcollect();
    ck_assert_int_eq(scene_try(&s, s.a, count_up), HOB_EHALTED);
    ck_assert_int_eq(hob_post(s.object[0], 0, NULL, 0, NULL), HOB_EHALTED);
    ck_assert_str_eq(text(s.object[0]), "#<object diary>");
    ck_assert_str_eq(hob_vat_name(s.a), "a");
}
END_TEST

/* --------------------------------------------------------------- collecting  */

enum { VATS = 10000 };

static int use_vat(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    hob_value args[] = {make(turn, &cell), num(1)};
    tell(turn, args[0], num(2));
    tell(turn, s->object[1], num(s->number));
    tell(turn, s->object[1], hob_list(2, args)); /* refers to the vat, for a while */
    tell(turn, s->object[1], num(s->number));
    return HOB_OK;
}

static __attribute__((noinline)) void make_and_drop(struct scene *s) {
    hob_vat *vat = hob_vat_new(s->runtime, NULL);
    ck_assert_ptr_nonnull(vat);
    ck_assert_int_eq(hob_vat_run(vat, use_vat, s, NULL, NULL), HOB_OK);
}

static size_t heap_after(struct scene *s, int vats) {
    for (int i = 0; i < vats; i++) {
        s->number = i;
        make_and_drop(s);
        if (i % 100 == 99)
            scene_settle(s);
    }
    GC_gcollect();
    return GC_get_heap_size();
}

START_TEST(vats_made_and_dropped_are_collected) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.a, make_objects);
    size_t early = heap_after(&s, VATS / 5), late = heap_after(&s, VATS);
    ck_assert_uint_lt(late, early * 2);
    ck_assert_uint_lt(s.runtime->vat_capacity, VATS);
    scene_close(&s);
}
END_TEST

static __attribute__((noinline)) hob_value object_alone(struct scene *s) {
    s->c = hob_vat_new(s->runtime, NULL);
    scene_run(s, s->c, make_objects);
    s->c = NULL;
    return s->object[1];
}

START_TEST(a_vat_stays_while_something_refers_to_an_object_in_it) {
    struct scene s;
    scene_open(&s);
    hob_value object = object_alone(&s);
    s.object[0] = s.object[1] = s.vow[0] = s.resolver[0] = NULL;
    for (int i = 0; i < 50; i++) {
        GC_gcollect();
        hob_vat_new(s.runtime, NULL);
    }
    s.object[1] = object;
    scene_run(&s, s.b, ask_cell);
    scene_settle(&s);
    ck_assert_str_eq(state_of(s.b, s.vow[1]), "0");
    scene_close(&s);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("vat");
    TCase *tests = tcase_create("vat");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, a_run_answers_when_all_near_messages_are_handled);
    tcase_add_test(tests, a_thunk_that_answers_nothing_answers_void);
    tcase_add_test(tests, a_run_from_inside_a_turn_is_refused);
    tcase_add_test(tests, two_threads_may_run_thunks_in_one_vat_at_once);
    tcase_add_test(tests, attaching_a_thread_nests);
    tcase_add_test(tests, a_vat_keeps_a_copy_of_its_name);
    tcase_add_test(
        tests, a_halted_vat_refuses_runs_and_messages_and_answers_when_started_again);
    tcase_add_test(
        tests, what_waits_in_the_mailbox_of_a_halted_vat_is_handled_after_its_start);
    tcase_add_test(tests, a_churn_that_never_ends_can_be_halted_and_is_undone);
    tcase_add_test(tests, an_endless_churn_on_a_thread_of_the_runtime_can_be_halted);
    tcase_add_test(tests, a_turn_that_halts_its_vat_goes_on_and_is_undone);
    tcase_add_test(tests, a_halted_vat_hears_how_its_promises_settled);
    tcase_add_test(tests, a_settling_that_a_halt_undoes_is_handled_after_the_start);
    tcase_add_test(tests, a_runtime_with_work_in_its_queue_can_be_freed);
    tcase_add_test(tests, what_is_left_of_a_freed_runtime_is_halted);
    tcase_add_test(tests, vats_made_and_dropped_are_collected);
    tcase_add_test(tests, a_vat_stays_while_something_refers_to_an_object_in_it);
    return scene_main(suite);
}
