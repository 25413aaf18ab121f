/* check-scheduler.c -- vats share threads, and one that blocks stops no other.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#include <config.h>

#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "scene.h"
#include "scheduler.h"
#include "testing.h"

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static atomic_int running, most_running, handled;

static int handled_so_far(void) {
    return atomic_load(&handled);
}

static int most_seen(void) {
    return atomic_load(&most_running);
}

static void enter(void) {
    int count = atomic_fetch_add(&running, 1) + 1, most = atomic_load(&most_running);
    while (count > most && !atomic_compare_exchange_weak(&most_running, &most, count))
        continue;
}

/* Sleeps as many milliseconds as it is told.  */
static int sleeper_behave(hob_turn *turn, hob_value state, size_t count,
                          const hob_value *args, hob_value *answer) {
    (void)turn, (void)state, (void)answer;
    enter();
    if (count > 0)
        usleep((useconds_t)to_int(args[0]) * 1000);
    atomic_fetch_sub(&running, 1);
    atomic_fetch_add(&handled, 1);
    return HOB_OK;
}

static const hob_kind sleeper = {.name = "sleeper", .behave = sleeper_behave};

static int make_sleeper(hob_turn *turn, void *data, hob_value *answer) {
    (void)data;
    *answer = make(turn, &sleeper);
    return HOB_OK;
}

static void open_sleepers(struct scene *s, unsigned threads, unsigned most,
                          size_t count, hob_value *objects) {
    atomic_store(&handled, 0);
    atomic_store(&most_running, 0);
    scene_open_with(s, &(hob_runtime_options){.threads = threads, .max_threads = most});
    for (size_t i = 0; i < count; i++)
        objects[i] = scene_run(s, hob_vat_new(s->runtime, NULL), make_sleeper);
}

static void post_number(hob_value to, int64_t number) {
    const hob_value arg = num(number);
    ck_assert_int_eq(hob_post(to, 1, &arg, -1, NULL), HOB_OK);
}

static void wait_handled(int count, double seconds) {
    double end = now() + seconds;
    while (handled_so_far() < count && now() < end)
        usleep(1000);
    ck_assert_int_ge(handled_so_far(), count);
}

START_TEST(vats_that_block_on_all_threads_stop_no_other) {
    struct scene s;
    hob_value objects[9];
    open_sleepers(&s, 2, 0, 9, objects);
    double start = now();
    for (int i = 0; i < 8; i++)
        post_number(objects[i], 1000);
    post_number(objects[8], 0);
    wait_handled(1, 5);
    ck_assert_double_lt(now() - start, 0.9);
    scene_settle(&s);
    ck_assert_int_eq(handled_so_far(), 9);
    ck_assert_int_ge(most_seen(), 8);
    scene_close(&s);
}
END_TEST

START_TEST(news_of_more_work_does_not_put_help_off) {
    struct scene s;
    enum { VATS = 300 };
    hob_value objects[VATS];
    open_sleepers(&s, 1, 0, VATS, objects);
    post_number(objects[0], 1000);
    double start = now();
    for (int i = 1; i < VATS && handled_so_far() == 0; i++) {
        post_number(objects[i], 0);
        usleep(1000);
    }
    wait_handled(1, 5);
    ck_assert_double_lt(now() - start, 0.9);
    scene_settle(&s);
    scene_close(&s);
}
END_TEST

START_TEST(there_are_never_more_threads_than_the_maximum) {
    struct scene s;
    hob_value objects[12];
    open_sleepers(&s, 1, 4, 12, objects);
    for (int i = 0; i < 12; i++)
        post_number(objects[i], 60);
    scene_settle(&s);
    ck_assert_int_eq(handled_so_far(), 12);
    ck_assert_int_eq(most_seen(), 4);
    scene_close(&s);
}
END_TEST

static unsigned thread_count(struct scene *s) {
    pthread_mutex_lock(&s->runtime->lock);
    unsigned count = s->runtime->threads;
    pthread_mutex_unlock(&s->runtime->lock);
    return count;
}

START_TEST(threads_that_stood_in_end_when_they_find_no_work) {
    struct scene s;
    hob_value objects[10];
    open_sleepers(&s, 2, 0, 10, objects);
    for (int i = 0; i < 10; i++)
        post_number(objects[i], 100);
    scene_settle(&s);
    ck_assert_uint_gt(thread_count(&s), 3);
    for (int i = 0; i < 100 && thread_count(&s) > 3; i++)
        usleep(100000);
    ck_assert_uint_le(thread_count(&s), 3);
    for (int i = 0; i < 10; i++)
        post_number(objects[i], 0);
    scene_settle(&s);
    ck_assert_int_eq(handled_so_far(), 20);
    scene_close(&s);
}
END_TEST

/* ------------------------------------------------------------- many vats at once */

/* State: next in the ring.  A number is sent on, one less.  */
static int ring_behave(hob_turn *turn, hob_value state, size_t count,
                       const hob_value *args, hob_value *answer) {
    (void)count, (void)answer;
    if (hob_is_refr(args[0]))
        return hob_become(turn, args[0]);
    atomic_fetch_add(&handled, 1);
    if (to_int(args[0]) > 0)
        tell(turn, state, num(to_int(args[0]) - 1));
    return HOB_OK;
}

static const hob_kind ring = {
    .name = "ring", .construct = cell_construct, .behave = ring_behave};

static int make_ring(hob_turn *turn, void *data, hob_value *answer) {
    (void)data;
    *answer = make(turn, &ring);
    return HOB_OK;
}

START_TEST(tokens_go_round_a_ring_of_vats) {
    struct scene s;
    enum { VATS = 50, TOKENS = 20, HOPS = 1000 };
    hob_value objects[VATS];
    scene_open_with(&s, &(hob_runtime_options){.threads = 4});
    atomic_store(&handled, 0);
    for (int i = 0; i < VATS; i++)
        objects[i] = scene_run(&s, hob_vat_new(s.runtime, NULL), make_ring);
    for (int i = 0; i < VATS; i++)
        ck_assert_int_eq(hob_post(objects[i], 1, &objects[(i + 1) % VATS], -1, NULL),
                         HOB_OK);
    scene_settle(&s);
    for (int i = 0; i < TOKENS; i++)
        post_number(objects[i], HOPS - 1);
    scene_settle(&s);
    ck_assert_int_eq(handled_so_far(), TOKENS * HOPS);
    scene_close(&s);
}
END_TEST

/* Plain memory that only a vat's turns touch.  */
struct plain {
    long count;
    bool inside;
};

static int plain_behave(hob_turn *turn, hob_value state, size_t count,
                        const hob_value *args, hob_value *answer) {
    struct plain *plain = (struct plain *)(uintptr_t)hob_host_pointer(state);
    (void)turn, (void)count, (void)args, (void)answer;
    ck_assert(!plain->inside);
    plain->inside = true;
    plain->count++;
    if (plain->count % 64 == 0)
        sched_yield();
    plain->inside = false;
    return HOB_OK;
}

static const hob_kind plain_kind = {
    .name = "plain", .construct = cell_construct, .behave = plain_behave};

static int make_plain(hob_turn *turn, void *data, hob_value *answer) {
    *answer = make_with(turn, &plain_kind, hob_host(data));
    return HOB_OK;
}

static int call_plain(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    *answer = call(turn, s->object[0], NULL);
    return HOB_OK;
}

START_TEST(a_vat_runs_on_one_thread_at_a_time) {
    struct scene s;
    struct plain plain = {0};
    enum { ROUNDS = 3000 };
    scene_open_with(&s, &(hob_runtime_options){.threads = 4});
    ck_assert_int_eq(hob_vat_run(s.a, make_plain, &plain, &s.object[0], NULL), HOB_OK);
    for (int i = 0; i < ROUNDS; i++) {
        ck_assert_int_eq(hob_post(s.object[0], 0, NULL, -1, NULL), HOB_OK);
        if (i % 3 == 0)
            scene_run(&s, s.a, call_plain);
    }
    scene_settle(&s);
    ck_assert_int_eq(plain.count, ROUNDS + ROUNDS / 3);
    scene_close(&s);
}
END_TEST

static void *post_endlessly(void *data) {
    struct scene *s = data;
    if (hob_thread_attach() != HOB_OK)
        return NULL;
    const hob_value zero = num(0);
    while (hob_post(s->object[0], 1, &zero, -1, NULL) == HOB_OK)
        continue;
    hob_thread_detach();
    return NULL;
}

START_TEST(a_vat_with_endless_mail_leaves_room_for_others) {
    struct scene s;
    pthread_t thread;
    hob_value other;
    open_sleepers(&s, 1, 1, 1, &other);
    hob_vat *vat = hob_vat_new(s.runtime, &(hob_vat_options){.mailbox_limit = 1000});
    s.object[0] = scene_run(&s, vat, make_sleeper);
    ck_assert_int_eq(pthread_create(&thread, NULL, post_endlessly, &s), 0);
    while (mail(vat) < 500)
        usleep(1000);
    post_number(other, 1);
    hob_vat *patient = hob_refr_vat(other);
    double end = now() + 3;
    while (mail(patient) > 0 && now() < end)
        usleep(1000);
    ck_assert_uint_eq(mail(patient), 0);
    hob_vat_halt(vat);
    pthread_join(thread, NULL);
    scene_close(&s);
}
END_TEST

START_TEST(settle_waits_for_what_runs_and_gives_up_in_time) {
    struct scene s;
    hob_value objects[1];
    open_sleepers(&s, 2, 0, 1, objects);
    ck_assert(hob_runtime_settle(s.runtime, 0));
    post_number(objects[0], 300);
    double start = now();
    ck_assert(!hob_runtime_settle(s.runtime, 20));
    ck_assert_double_ge(now() - start, 0.02);
    ck_assert(hob_runtime_settle(s.runtime, -1));
    ck_assert_int_eq(handled_so_far(), 1);
    scene_close(&s);
}
END_TEST

/* Settle is true only if all tokens have arrived, with others looking on.  */
START_TEST(settle_overlooks_no_message_on_its_way) {
    struct scene s;
    const int rounds = testing_long() ? 100000 : 5000;
    hob_value objects[3];
    hob_vat *vats[3];
    scene_open_with(&s, &(hob_runtime_options){.threads = 3});
    vats[0] = s.a, vats[1] = s.b, vats[2] = s.c;
    for (int i = 0; i < 3; i++)
        objects[i] = scene_run(&s, vats[i], make_ring);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(hob_post(objects[i], 1, &objects[(i + 2) % 3], -1, NULL),
                         HOB_OK);
    scene_settle(&s);
    for (int i = 0; i < rounds; i++) {
        atomic_store(&handled, 0);
        post_number(objects[i % 3], 30);
        scene_settle(&s);
        ck_assert_int_eq(handled_so_far(), 31);
    }
    scene_close(&s);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("scheduler");
    TCase *tests = tcase_create("scheduler");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, vats_that_block_on_all_threads_stop_no_other);
    tcase_add_test(tests, news_of_more_work_does_not_put_help_off);
    tcase_add_test(tests, there_are_never_more_threads_than_the_maximum);
    tcase_add_test(tests, threads_that_stood_in_end_when_they_find_no_work);
    tcase_add_test(tests, tokens_go_round_a_ring_of_vats);
    tcase_add_test(tests, a_vat_runs_on_one_thread_at_a_time);
    tcase_add_test(tests, a_vat_with_endless_mail_leaves_room_for_others);
    tcase_add_test(tests, settle_waits_for_what_runs_and_gives_up_in_time);
    tcase_add_test(tests, settle_overlooks_no_message_on_its_way);
    return scene_main(suite);
}
