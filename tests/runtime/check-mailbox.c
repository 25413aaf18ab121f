/* check-mailbox.c -- queues push back, and nobody waits in a ring.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#include <config.h>

#define GC_THREADS
#define GC_NO_THREAD_REDIRECTS
#include <gc/gc.h>

#include "scene.h"

enum { LIMIT = 100 };

static void limit(hob_vat *vat, size_t messages) {
    pthread_mutex_lock(&vat->lock);
    vat->mailbox_limit = messages;
    pthread_mutex_unlock(&vat->lock);
}

static bool is_muted(hob_vat *vat) {
    pthread_mutex_lock(&vat->lock);
    bool muted = vat->muted;
    pthread_mutex_unlock(&vat->lock);
    return muted;
}

static int post_number(hob_value to, int64_t number, int milliseconds) {
    const hob_value arg = num(number);
    return hob_post(to, 1, &arg, milliseconds, NULL);
}

/* ------------------------------------------------------- one sends, one is slow */

/* Counts messages in a cell of its own, slowly; remembers the fullest mailbox.  */
static int slow_behave(hob_turn *turn, hob_value state, size_t count,
                       const hob_value *args, hob_value *answer) {
    if (count == 0) {
        *answer = state;
        return HOB_OK;
    }
    size_t now = mail(hob_turn_vat(turn)), most = (size_t)to_int(hob_item(state, 1));
    if (to_int(args[0]) % 50 == 0)
        usleep(1000);
    const hob_value items[] = {num(to_int(hob_item(state, 0)) + 1),
                               num((int64_t)(now > most ? now : most))};
    return hob_become(turn, hob_list(2, items));
}

static int slow_construct(hob_turn *turn, size_t count, const hob_value *args,
                          hob_value *state) {
    const hob_value items[] = {num(0), num(0)};
    (void)turn, (void)count, (void)args;
    *state = hob_list(2, items);
    return HOB_OK;
}

static const hob_kind slow = {
    .name = "slow", .construct = slow_construct, .behave = slow_behave};

/* Sends on each message ten times.  */
static int pump_behave(hob_turn *turn, hob_value state, size_t count,
                       const hob_value *args, hob_value *answer) {
    (void)count, (void)answer;
    for (int i = 0; i < 10; i++)
        tell(turn, state, args[0]);
    return HOB_OK;
}

static const hob_kind pump = {
    .name = "pump", .construct = cell_construct, .behave = pump_behave};

static int make_slow(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    s->object[0] = make(turn, &slow);
    return HOB_OK;
}

static int make_pump(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    s->object[1] = make_with(turn, &pump, s->object[0]);
    return HOB_OK;
}

static int64_t slow_field(struct scene *s, size_t index) {
    hob_value list = (hob_value)hobi_to_refr(s->object[0])->b;
    return to_int(hob_item(list, index));
}

static void open_pump(struct scene *s) {
    scene_open(s);
    scene_run(s, s->b, make_slow);
    scene_run(s, s->a, make_pump);
    limit(s->a, LIMIT);
    limit(s->b, LIMIT);
}

START_TEST(a_fast_sender_is_muted_and_memory_stays_bounded) {
    struct scene s;
    enum { ROUNDS = 5000 };
    open_pump(&s);
    size_t before = GC_get_heap_size();
    for (int i = 0; i < ROUNDS; i++)
        ck_assert_int_eq(post_number(s.object[1], i, -1), HOB_OK);
    scene_settle(&s);
    ck_assert_int_eq(slow_field(&s, 0), ROUNDS * 10);
    ck_assert_int_gt(slow_field(&s, 1), LIMIT / 2);
    ck_assert_int_le(slow_field(&s, 1), LIMIT + 10);
    ck_assert_uint_lt(GC_get_heap_size(), before + (16 << 20));
    scene_close(&s);
}
END_TEST

START_TEST(a_muted_vat_goes_on_when_the_receiver_is_half_empty) {
    struct scene s;
    open_pump(&s);
    hold(s.b);
    for (int i = 0; i < LIMIT / 10 + 3; i++)
        ck_assert_int_eq(post_number(s.object[1], i, 0), HOB_OK);
    while (!is_muted(s.a))
        usleep(1000);
    usleep(10000);
    ck_assert_uint_eq(mail(s.b), LIMIT + 10);
    ck_assert_uint_eq(mail(s.a), 2);
    s.b->muted = false;
    ck_assert(hob_vat_own(s.b));
    while (mail(s.b) > LIMIT / 2 + 1)
        ck_assert_ptr_nonnull(hobi_mailbox_take(s.b));
    ck_assert(is_muted(s.a));
    ck_assert_ptr_nonnull(hobi_mailbox_take(s.b));
    ck_assert(!is_muted(s.a));
    hob_vat_disown(s.b);
    scene_settle(&s);
    ck_assert_int_eq(slow_field(&s, 0), LIMIT / 2 + 20);
    scene_close(&s);
}
END_TEST

START_TEST(halting_the_receiver_lets_muted_senders_go_on) {
    struct scene s;
    open_pump(&s);
    hold(s.b);
    for (int i = 0; i < LIMIT / 10 + 3; i++)
        ck_assert_int_eq(post_number(s.object[1], i, 0), HOB_OK);
    while (!is_muted(s.a))
        usleep(1000);
    hob_vat_halt(s.b);
    scene_settle(&s);
    ck_assert(!is_muted(s.a));
    ck_assert_uint_eq(mail(s.a), 0);
    let_go(s.b);
    scene_settle(&s);
    ck_assert_int_eq(slow_field(&s, 0), LIMIT + 10);
    scene_close(&s);
}
END_TEST

START_TEST(a_muted_vat_can_be_halted_and_started) {
    struct scene s;
    open_pump(&s);
    hold(s.b);
    for (int i = 0; i < LIMIT / 10 + 3; i++)
        ck_assert_int_eq(post_number(s.object[1], i, 0), HOB_OK);
    while (!is_muted(s.a))
        usleep(1000);
    hob_vat_halt(s.a);
    let_go(s.b);
    scene_settle(&s);
    ck_assert_int_eq(slow_field(&s, 0), LIMIT + 10);
    hob_vat_start(s.a);
    scene_settle(&s);
    ck_assert_int_eq(slow_field(&s, 0), (LIMIT / 10 + 3) * 10);
    scene_close(&s);
}
END_TEST

static int run_something(hob_turn *turn, void *data, hob_value *answer) {
    (void)turn, (void)data;
    *answer = num(1);
    return HOB_OK;
}

static void *run_in_muted(void *data) {
    struct scene *s = data;
    if (hob_thread_attach() != HOB_OK)
        return NULL;
    hob_value answer = NULL;
    intptr_t code = hob_vat_run(s->a, run_something, s, &answer, NULL);
    hob_thread_detach();
    return (void *)(code == HOB_OK ? (intptr_t)1 : code);
}

START_TEST(who_runs_a_thunk_in_a_muted_vat_waits_and_is_answered) {
    struct scene s;
    pthread_t thread;
    void *answered;
    open_pump(&s);
    hold(s.b);
    for (int i = 0; i < LIMIT / 10 + 3; i++)
        ck_assert_int_eq(post_number(s.object[1], i, 0), HOB_OK);
    while (!is_muted(s.a))
        usleep(1000);
    ck_assert_int_eq(pthread_create(&thread, NULL, run_in_muted, &s), 0);
    usleep(10000);
    ck_assert(is_muted(s.a));
    let_go(s.b);
    pthread_join(thread, &answered);
    ck_assert_int_eq((intptr_t)answered, 1);
    scene_close(&s);
}
END_TEST

/* ------------------------------------------------------------ all flood all  */

/* State: a list of references; a message N is sent as N - 1 to each, twice.  */
static int flood_behave(hob_turn *turn, hob_value state, size_t count,
                        const hob_value *args, hob_value *answer) {
    struct scene *s = (struct scene *)(uintptr_t)hob_host_pointer(hob_item(state, 0));
    (void)count, (void)answer;
    if (hob_type_of(args[0]) == HOB_LIST)
        return hob_become(turn, args[0]);
    __atomic_fetch_add(&s->number, 1, __ATOMIC_RELAXED);
    int64_t left = to_int(args[0]);
    for (size_t i = 1; left > 0 && i < hob_count(state); i++) {
        tell(turn, hob_item(state, i), num(left - 1));
        tell(turn, hob_item(state, i), num(left - 1));
    }
    return HOB_OK;
}

static const hob_kind flood = {.name = "flood", .behave = flood_behave};

static int make_flood(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    int i = turn->vat == s->a ? 0 : turn->vat == s->b ? 1 : 2;
    (void)answer;
    s->object[i] = make_with(turn, &flood, hob_host(s));
    return HOB_OK;
}

static void connect(struct scene *s, int from, int to, int also) {
    const hob_value items[] = {hob_host(s), s->object[to], s->object[also]};
    const hob_value list = hob_list(to == also ? 2 : 3, items);
    ck_assert_int_eq(hob_post(s->object[from], 1, &list, -1, NULL), HOB_OK);
}

static void open_flood(struct scene *s) {
    scene_open(s);
    hob_vat *const vats[] = {s->a, s->b, s->c};
    for (int i = 0; i < 3; i++) {
        scene_run(s, vats[i], make_flood);
        limit(vats[i], 10);
    }
}

static int64_t flood_all(struct scene *s, int count, int depth) {
    scene_settle(s);
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(post_number(s->object[i], depth, -1), HOB_OK);
    scene_settle(s);
    return __atomic_load_n(&s->number, __ATOMIC_RELAXED);
}

START_TEST(two_vats_that_flood_each_other_both_finish) {
    struct scene s;
    open_flood(&s);
    connect(&s, 0, 1, 1);
    connect(&s, 1, 0, 0);
    ck_assert_int_eq(flood_all(&s, 2, 13), 2 * ((1 << 14) - 1));
    scene_close(&s);
}
END_TEST

START_TEST(three_vats_that_flood_each_other_all_finish) {
    struct scene s;
    open_flood(&s);
    for (int i = 0; i < 3; i++)
        connect(&s, i, (i + 1) % 3, (i + 2) % 3);
    ck_assert_int_eq(flood_all(&s, 3, 6), 3 * ((1 << 14) - 1) / 3);
    for (int i = 0; i < 3; i++)
        connect(&s, i, (i + 1) % 3, (i + 1) % 3);
    s.number = 0;
    ck_assert_int_eq(flood_all(&s, 3, 13), 3 * ((1 << 14) - 1));
    scene_close(&s);
}
END_TEST

/* -------------------------------------------------------------- from outside  */

START_TEST(a_post_to_a_full_mailbox_is_refused_after_its_time) {
    struct scene s;
    hob_error error = {0};
    open_pump(&s);
    limit(s.b, 5);
    hold(s.b);
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(post_number(s.object[0], i, 0), HOB_OK);
    hob_value arg = num(0);
    ck_assert_int_eq(post_number(s.object[0], 0, 0), HOB_EFULL);
    ck_assert_int_eq(hob_post(s.object[0], 1, &arg, 20, &error), HOB_EFULL);
    ck_assert_str_eq(error.message, "the mailbox of vat b is full");
    ck_assert_uint_eq(mail(s.b), 6);
    let_go(s.b);
    scene_settle(&s);
    ck_assert_int_eq(post_number(s.object[0], 0, 0), HOB_OK);
    scene_close(&s);
}
END_TEST

static void *post_patiently(void *data) {
    struct scene *s = data;
    if (hob_thread_attach() != HOB_OK)
        return NULL;
    intptr_t code = post_number(s->object[0], 1, -1);
    hob_thread_detach();
    return (void *)code;
}

static void assert_post_ends(int with_code) {
    struct scene s;
    pthread_t thread;
    void *code;
    open_pump(&s);
    limit(s.b, 5);
    hold(s.b);
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(post_number(s.object[0], i, 0), HOB_OK);
    ck_assert_int_eq(pthread_create(&thread, NULL, post_patiently, &s), 0);
    usleep(10000);
    ck_assert_uint_eq(mail(s.b), 6);
    if (with_code == HOB_OK)
        let_go(s.b);
    else
        hob_vat_halt(s.b);
    pthread_join(thread, &code);
    ck_assert_int_eq((intptr_t)code, with_code);
    scene_close(&s);
}

START_TEST(a_patient_post_waits_for_room) {
    assert_post_ends(HOB_OK);
}
END_TEST

START_TEST(a_patient_post_ends_when_the_vat_is_halted) {
    assert_post_ends(HOB_EHALTED);
}
END_TEST

START_TEST(a_post_to_what_is_no_reference_is_refused) {
    struct scene s;
    scene_open(&s);
    ck_assert_int_eq(post_number(num(1), 1, 0), HOB_ETYPE);
    scene_close(&s);
}
END_TEST

/* Many threads post to one vat: each finds its messages in order.  */
static int sorted_behave(hob_turn *turn, hob_value state, size_t count,
                         const hob_value *args, hob_value *answer) {
    (void)turn, (void)count, (void)answer;
    struct scene *s = (struct scene *)(uintptr_t)hob_host_pointer(hob_item(state, 0));
    int64_t who = to_int(args[0]) / 100000, what = to_int(args[0]) % 100000;
    int64_t last = to_int(s->vow[who]);
    ck_assert_int_eq(what, last + 1);
    s->vow[who] = num(what);
    return HOB_OK;
}

static const hob_kind sorted = {.name = "sorted", .behave = sorted_behave};

static int make_sorted(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    s->object[0] = make_with(turn, &sorted, hob_host(s));
    for (int i = 0; i < 4; i++)
        s->vow[i] = num(-1);
    return HOB_OK;
}

static void *post_sorted(void *data) {
    struct scene *s = data;
    if (hob_thread_attach() != HOB_OK)
        return NULL;
    int64_t who = __atomic_fetch_add(&s->number, 1, __ATOMIC_RELAXED);
    for (int64_t i = 0; i < 5000; i++)
        post_number(s->object[0], who * 100000 + i, -1);
    hob_thread_detach();
    return NULL;
}

START_TEST(messages_of_many_threads_each_arrive_in_order) {
    struct scene s;
    pthread_t threads[4];
    scene_open(&s);
    limit(s.a, 50);
    scene_run(&s, s.a, make_sorted);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, post_sorted, &s), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    scene_settle(&s);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(to_int(s.vow[i]), 4999);
    scene_close(&s);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("mailbox");
    TCase *tests = tcase_create("mailbox");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, a_fast_sender_is_muted_and_memory_stays_bounded);
    tcase_add_test(tests, a_muted_vat_goes_on_when_the_receiver_is_half_empty);
    tcase_add_test(tests, halting_the_receiver_lets_muted_senders_go_on);
    tcase_add_test(tests, a_muted_vat_can_be_halted_and_started);
    tcase_add_test(tests, who_runs_a_thunk_in_a_muted_vat_waits_and_is_answered);
    tcase_add_test(tests, two_vats_that_flood_each_other_both_finish);
    tcase_add_test(tests, three_vats_that_flood_each_other_all_finish);
    tcase_add_test(tests, a_post_to_a_full_mailbox_is_refused_after_its_time);
    tcase_add_test(tests, a_patient_post_waits_for_room);
    tcase_add_test(tests, a_patient_post_ends_when_the_vat_is_halted);
    tcase_add_test(tests, a_post_to_what_is_no_reference_is_refused);
    tcase_add_test(tests, messages_of_many_threads_each_arrive_in_order);
    return scene_main(suite);
}
