/* check-promise.c -- promises settle once, follow each other and never wait in vain.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#include <config.h>

#include "scene.h"
#include "testing.h"

static uint64_t seed;

static int make_vows(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    for (int i = 0; i < 6; i++)
        new_vow(s, turn, i);
    s->object[0] = make(turn, &diary);
    s->object[1] = make_with(turn, &cell, num(1));
    return HOB_OK;
}

static void post_settle(hob_value resolver, const char *word, hob_value value) {
    const hob_value args[] = {sym(word), value};
    ck_assert_int_eq(hob_post(resolver, 2, args, -1, NULL), HOB_OK);
}

static void settle_from_outside(struct scene *s, int i, const char *word,
                                hob_value value) {
    post_settle(s->resolver[i], word, value);
    scene_settle(s);
}

static void open_vows(struct scene *s) {
    scene_open(s);
    scene_run(s, s->a, make_vows);
}

/* ------------------------------------------------------------------ settling  */

START_TEST(a_promise_is_fulfilled_or_broken_by_its_resolver) {
    struct scene s;
    open_vows(&s);
    ck_assert_str_eq(state_of(s.a, s.vow[0]), "unresolved");
    settle_from_outside(&s, 0, "fulfill", num(5));
    settle_from_outside(&s, 1, "break", sym("oh"));
    settle_from_outside(&s, 2, "fulfill", s.object[0]);
    ck_assert_str_eq(state_of(s.a, s.vow[0]), "5");
    ck_assert_str_eq(state_of(s.a, s.vow[1]), "broken oh");
    ck_assert_str_eq(state_of(s.a, s.vow[2]), "#<object diary>");
    scene_close(&s);
}
END_TEST

static int settle_twice(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    ck_assert(settle_with(turn, s->resolver[0], "fulfill", num(1)));
    ck_assert(!settle_with(turn, s->resolver[0], "break", num(2)));
    ck_assert(settle_with(turn, s->resolver[1], "break", num(1)));
    ck_assert(!settle_with(turn, s->resolver[1], "fulfill", num(2)));
    ck_assert(settle_with(turn, s->resolver[2], "fulfill", s->vow[3]));
    ck_assert(!settle_with(turn, s->resolver[2], "fulfill", num(2)));
    ck_assert(settle_with(turn, s->resolver[3], "fulfill", num(3)));
    return HOB_OK;
}

START_TEST(the_first_settling_wins) {
    struct scene s;
    open_vows(&s);
    scene_run(&s, s.a, settle_twice);
    ck_assert_str_eq(state_of(s.a, s.vow[0]), "1");
    ck_assert_str_eq(state_of(s.a, s.vow[1]), "broken 1");
    ck_assert_str_eq(state_of(s.a, s.vow[2]), "3");
    scene_close(&s);
}
END_TEST

static int follow_chain(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    for (int i = 0; i < 5; i++)
        settle_with(turn, s->resolver[i], "fulfill", s->vow[i + 1]);
    return HOB_OK;
}

START_TEST(a_chain_of_promises_settles_like_its_last) {
    struct scene s;
    open_vows(&s);
    scene_run(&s, s.a, follow_chain);
    ck_assert_str_eq(state_of(s.a, s.vow[0]), "unresolved");
    settle_from_outside(&s, 5, "fulfill", num(5));
    for (int i = 0; i < 6; i++)
        ck_assert_str_eq(state_of(s.a, s.vow[i]), "5");
    scene_run(&s, s.b, make_vows);
    scene_run(&s, s.b, follow_chain);
    settle_from_outside(&s, 5, "break", sym("oh"));
    for (int i = 0; i < 6; i++)
        ck_assert_str_eq(state_of(s.b, s.vow[i]), "broken oh");
    scene_close(&s);
}
END_TEST

/* Answers a new cell, or what it is given.  */
static int maker_behave(hob_turn *turn, hob_value state, size_t count,
                        const hob_value *args, hob_value *answer) {
    (void)state;
    *answer = count == 0 ? make_with(turn, &cell, num(3)) : args[0];
    return HOB_OK;
}

static const hob_kind maker = {.name = "maker", .behave = maker_behave};

static int make_maker(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    s->object[2] = make(turn, &maker);
    s->object[3] = make(turn, &grump);
    return HOB_OK;
}

static int answer_promise(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    s->vow[6] = send_to(turn, s->object[2], s->vow[0]);
    return HOB_OK;
}

START_TEST(an_answer_that_is_a_promise_is_followed_near_and_far) {
    struct scene s;
    open_vows(&s);
    scene_run(&s, s.b, make_maker);
    scene_run(&s, s.a, answer_promise);
    hob_value far = s.vow[6];
    scene_run(&s, s.a, make_maker);
    scene_run(&s, s.a, answer_promise);
    scene_settle(&s);
    ck_assert_str_eq(state_of(s.a, far), "unresolved");
    ck_assert_str_eq(state_of(s.a, s.vow[6]), "unresolved");
    settle_from_outside(&s, 0, "fulfill", num(8));
    ck_assert_str_eq(state_of(s.a, far), "8");
    ck_assert_str_eq(state_of(s.a, s.vow[6]), "8");
    scene_close(&s);
}
END_TEST

/* ---------------------------------------------------------------- pipelining  */

static int pipeline(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    hob_value made = send_to(turn, s->object[2], NULL);
    s->vow[3] = send_to(turn, made, num(4));
    s->vow[4] = send_to(turn, made, NULL);
    s->vow[5] = send_to(turn, s->vow[4], num(0)); /* to a plain value: answers it */
    return HOB_OK;
}

static void assert_pipelined(struct scene *s, hob_vat *from) {
    scene_run(s, from, pipeline);
    scene_settle(s);
    ck_assert_str_eq(state_of(from, s->vow[3]), "3");
    ck_assert_str_eq(state_of(from, s->vow[4]), "4");
    ck_assert_str_eq(state_of(from, s->vow[5]), "4");
}

START_TEST(messages_to_a_promise_go_on_to_what_it_becomes) {
    struct scene s;
    open_vows(&s);
    scene_run(&s, s.a, make_maker);
    assert_pipelined(&s, s.a);
    assert_pipelined(&s, s.b);
    scene_close(&s);
}
END_TEST

static int pipeline_trouble(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    s->vow[3] = send_to(turn, s->object[3], sym("oh"));
    s->vow[4] = send_to(turn, s->vow[3], num(1));
    s->vow[5] = send_to(turn, s->vow[4], s->vow[3]);
    return HOB_OK;
}

START_TEST(what_was_sent_to_a_promise_breaks_with_it) {
    struct scene s;
    open_vows(&s);
    scene_run(&s, s.a, make_maker);
    for (hob_vat *from = s.a; from != NULL; from = from == s.a ? s.b : NULL) {
        scene_run(&s, from, pipeline_trouble);
        scene_settle(&s);
        for (int i = 3; i < 6; i++)
            ck_assert_str_eq(state_of(from, s.vow[i]), "broken oh");
    }
    scene_close(&s);
}
END_TEST

static int send_waiting(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    for (int i = 0; i < 5; i++)
        tell(turn, s->vow[0], num(s->number++));
    return HOB_OK;
}

START_TEST(messages_that_wait_are_delivered_in_order) {
    struct scene s;
    open_vows(&s);
    scene_run(&s, s.a, send_waiting);
    scene_run(&s, s.a, send_waiting);
    scene_run(&s, s.b, send_waiting);
    scene_settle(&s);
    settle_from_outside(&s, 0, "fulfill", s.object[0]);
    scene_run(&s, s.a, send_waiting);
    const char *all = "(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19)";
    ck_assert_str_eq(seen(s.a, s.object[0]), all);
    scene_close(&s);
}
END_TEST

START_TEST(messages_that_wait_go_to_a_far_object_in_order) {
    struct scene s;
    open_vows(&s);
    scene_run(&s, s.a, send_waiting);
    hob_value vow = s.vow[0], resolver = s.resolver[0];
    scene_run(&s, s.b, make_vows);
    s.vow[0] = vow;
    post_settle(resolver, "fulfill", s.object[0]);
    scene_settle(&s);
    scene_run(&s, s.a, send_waiting);
    scene_settle(&s);
    ck_assert_str_eq(seen(s.b, s.object[0]), "(0 1 2 3 4 5 6 7 8 9)");
    scene_close(&s);
}
END_TEST

static int send_to_settled(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    for (int i = 0; i < 3; i++)
        s->vow[i + 3] = send_to(turn, s->vow[i], NULL);
    return HOB_OK;
}

START_TEST(a_message_to_a_settled_promise_gets_what_it_settled_with) {
    struct scene s;
    open_vows(&s);
    settle_from_outside(&s, 0, "fulfill", num(5));
    settle_from_outside(&s, 1, "break", sym("oh"));
    settle_from_outside(&s, 2, "fulfill", s.object[1]);
    for (hob_vat *from = s.a; from != NULL; from = from == s.a ? s.b : NULL) {
        scene_run(&s, from, send_to_settled);
        scene_settle(&s);
        ck_assert_str_eq(state_of(from, s.vow[3]), "5");
        ck_assert_str_eq(state_of(from, s.vow[4]), "broken oh");
        ck_assert_str_eq(state_of(from, s.vow[5]), "1");
    }
    scene_close(&s);
}
END_TEST

/* ------------------------------------------------------------------ listening  */

static int listen_all(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    s->object[7] = make(turn, &diary);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(hob_listen(turn, s->vow[i], s->object[7]), HOB_OK);
    ck_assert_int_eq(hob_listen(turn, num(7), s->object[7]), HOB_OK);
    return HOB_OK;
}

static bool has(const char *all, const char *part) {
    return strstr(all, part) != NULL;
}

/* Vow 0 is fulfilled, 1 broken, 2 fulfilled with 3, which is fulfilled.  */
static void settle_some(struct scene *s) {
    post_settle(s->resolver[0], "fulfill", num(5));
    post_settle(s->resolver[1], "break", sym("oh"));
    post_settle(s->resolver[2], "fulfill", s->vow[3]);
    post_settle(s->resolver[3], "fulfill", num(6));
    scene_settle(s);
}

static void assert_heard(struct scene *s, hob_vat *vat) {
    const char *all = seen(vat, s->object[7]);
    ck_assert_msg(has(all, "(fulfill 5)") && has(all, "(break oh)") &&
                      has(all, "(fulfill 6)") && has(all, "(fulfill 7)") &&
                      strlen(all) ==
                          strlen("((fulfill 5) (fulfill 6) (fulfill 7) (break oh))"),
                  "%s", all);
}

START_TEST(objects_hear_of_promises_near_and_far_before_and_after) {
    struct scene s;
    open_vows(&s);
    scene_run(&s, s.a, listen_all);
    hob_value near = s.object[7];
    scene_run(&s, s.b, listen_all);
    hob_value far = s.object[7];
    scene_settle(&s);
    settle_some(&s);
    assert_heard(&s, s.b);
    s.object[7] = near;
    assert_heard(&s, s.a);
    scene_run(&s, s.a, listen_all);
    assert_heard(&s, s.a);
    scene_run(&s, s.b, listen_all);
    scene_settle(&s);
    assert_heard(&s, s.b);
    ck_assert(far != s.object[7]);
    scene_close(&s);
}
END_TEST

static int on_settled(hob_turn *turn, void *data, bool broken, hob_value value,
                      hob_value *answer) {
    struct scene *s = data;
    ck_assert(hob_turn_vat(turn) == s->c);
    ck_assert(hob_vat_current() == s->c);
    ck_assert_ptr_null(hob_self(turn));
    if (hob_is_symbol(value, "oh"))
        ck_assert(broken);
    if (broken)
        return hob_fail_with(turn, sym("again"));
    if (to_int(value) == 7)
        ck_assert_int_eq(hob_spawn(turn, &cell, 1, &value, answer), HOB_OK);
    else
        *answer = num(to_int(value) + 100);
    return HOB_OK;
}

/* The results are vows 4 to 7.  */
static int on_all(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    s->c = hob_turn_vat(turn);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(hob_on(turn, s->vow[i], on_settled, s, &s->vow[4 + i]),
                         HOB_OK);
    ck_assert_int_eq(hob_on(turn, num(7), on_settled, s, &s->vow[7]), HOB_OK);
    ck_assert_int_eq(hob_on(turn, num(8), on_settled, s, NULL), HOB_OK);
    return HOB_OK;
}

static void assert_results(struct scene *s) {
    ck_assert(hob_refr_vat(s->vow[4]) == s->c);
    ck_assert_str_eq(state_of(s->c, s->vow[4]), "105");
    ck_assert_str_eq(state_of(s->c, s->vow[5]), "broken again");
    ck_assert_str_eq(state_of(s->c, s->vow[6]), "106");
    ck_assert_str_eq(state_of(s->c, s->vow[7]), "#<object cell>");
}

START_TEST(a_handler_runs_at_home_and_its_answer_settles_the_result) {
    struct scene s;
    for (int far = 0; far < 2; far++) {
        open_vows(&s);
        scene_run(&s, far ? s.b : s.a, on_all);
        scene_settle(&s);
        settle_some(&s);
        assert_results(&s);
        scene_run(&s, far ? s.b : s.a, on_all);
        scene_settle(&s);
        assert_results(&s);
        scene_close(&s);
    }
}
END_TEST

static int listen_in_order(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    for (int i = 0; i < 3; i++) {
        settle_with(turn, s->resolver[i + 1], "fulfill", num(i));
        ck_assert_int_eq(hob_listen(turn, s->vow[0], s->object[0]), HOB_OK);
        tell(turn, s->vow[0], num(i));
    }
    return HOB_OK;
}

START_TEST(who_listens_and_who_sends_are_served_in_order) {
    struct scene s;
    open_vows(&s);
    scene_run(&s, s.a, listen_in_order);
    settle_from_outside(&s, 0, "fulfill", s.object[0]);
    const char *all = seen(s.a, s.object[0]);
    ck_assert(has(all, "(fulfill #<object diary>)"));
    /* Telling an object takes a step more than a message.  */
    ck_assert(has(all, "(0 1 2 "));
    scene_close(&s);
}
END_TEST

/* -------------------------------------------------------------- cycles (W22)  */

static int fulfil_near_rings(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    settle_with(turn, s->resolver[0], "fulfill", s->vow[0]);
    settle_with(turn, s->resolver[1], "fulfill", s->vow[2]);
    settle_with(turn, s->resolver[2], "fulfill", s->vow[1]);
    settle_with(turn, s->resolver[5], "fulfill", s->vow[3]);
    settle_with(turn, s->resolver[3], "fulfill", s->vow[4]);
    settle_with(turn, s->resolver[4], "fulfill", s->vow[5]);
    return HOB_OK;
}

START_TEST(near_promises_fulfilled_in_a_ring_break) {
    struct scene s;
    open_vows(&s);
    scene_run(&s, s.a, fulfil_near_rings);
    for (int i = 0; i < 6; i++)
        ck_assert_str_eq(state_of(s.a, s.vow[i]), ECYCLE_TEXT);
    scene_close(&s);
}
END_TEST

static int answer_itself(hob_turn *turn, void *data, bool broken, hob_value value,
                         hob_value *answer) {
    struct scene *s = data;
    (void)turn, (void)broken, (void)value;
    *answer = s->vow[6];
    return HOB_OK;
}

static int listen_for_itself(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    ck_assert_int_eq(hob_on(turn, s->vow[0], answer_itself, s, &s->vow[6]), HOB_OK);
    return HOB_OK;
}

START_TEST(a_handler_that_answers_its_own_result_breaks_it) {
    struct scene s;
    open_vows(&s);
    scene_run(&s, s.a, listen_for_itself);
    scene_run(&s, s.b, listen_for_itself);
    hob_value far = s.vow[6];
    settle_from_outside(&s, 0, "fulfill", num(1));
    ck_assert_str_eq(state_of(s.b, far), ECYCLE_TEXT);
    scene_close(&s);
}
END_TEST

/* Vow I of the ring is made in vat I.  */
static void make_ring(struct scene *s, size_t count) {
    hob_vat *const vats[] = {s->a, s->b, s->c};
    hob_value vow[3], resolver[3];
    for (size_t i = 0; i < count; i++) {
        scene_run(s, vats[i], make_vows);
        vow[i] = s->vow[0];
        resolver[i] = s->resolver[0];
    }
    for (size_t i = 0; i < count; i++)
        post_settle(resolver[i], "fulfill", vow[(i + 1) % count]);
    scene_settle(s);
    for (size_t i = 0; i < count; i++)
        ck_assert_str_eq(state_of(vats[i], vow[i]), ECYCLE_TEXT);
}

START_TEST(promises_of_two_and_three_vats_fulfilled_in_a_ring_break) {
    struct scene s;
    scene_open(&s);
    for (int i = 0; i < 50; i++) {
        make_ring(&s, 2);
        make_ring(&s, 3);
    }
    scene_close(&s);
}
END_TEST

static int follow_far_vow(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    new_vow(s, turn, 0);
    settle_with(turn, s->resolver[0], "fulfill", s->vow[7]);
    return HOB_OK;
}

START_TEST(a_probe_that_meets_its_promise_in_another_vat_goes_home) {
    struct scene s;
    scene_open(&s);
    scene_run(&s, s.b, make_vows);
    s.vow[7] = s.vow[0];
    hold(s.b);
    scene_run(&s, s.a, follow_far_vow);
    ck_assert_uint_eq(mail(s.b), 2); /* who listens, and a probe */
    hobi_mailbox_put(s.a,
                     hobi_message_new(HOBI_PROBE, hobi_to_refr(s.vow[0]), NULL,
                                      hobi_to_refr(s.vow[7])),
                     NULL);
    for (int i = 0; i < 1000 && mail(s.b) < 3; i++)
        usleep(1000);
    ck_assert_uint_eq(mail(s.b), 3);
    ck_assert(hobi_has(hobi_to_refr(s.vow[7]), HOBI_UNRESOLVED));
    scene_close(&s);
}
END_TEST

enum { GRAPH = 12 };

struct graph {
    struct scene scene;
    hob_vat *vat[GRAPH];
    hob_value vow[GRAPH], resolver[GRAPH];
    size_t next[GRAPH]; /* GRAPH: a plain value */
    size_t made;
};

static int make_graph_vow(hob_turn *turn, void *data, hob_value *answer) {
    struct graph *g = data;
    (void)answer;
    ck_assert_int_eq(hob_promise_new(turn, &g->vow[g->made], &g->resolver[g->made]),
                     HOB_OK);
    return HOB_OK;
}

/* Where I leads after more steps than there are promises: GRAPH, or into a ring.  */
static size_t leads_to(const struct graph *g, size_t i) {
    for (size_t steps = 0; steps <= GRAPH && i < GRAPH; steps++)
        i = g->next[i];
    return i;
}

static void fill_graph(struct graph *g, struct testing_random *r) {
    hob_vat *const vats[] = {g->scene.a, g->scene.b, g->scene.c};
    for (g->made = 0; g->made < GRAPH; g->made++) {
        g->vat[g->made] = vats[testing_below(r, 3)];
        g->next[g->made] = testing_below(r, GRAPH + 1);
        ck_assert_int_eq(hob_vat_run(g->vat[g->made], make_graph_vow, g, NULL, NULL),
                         HOB_OK);
    }
}

static void link_graph(struct graph *g, struct testing_random *r) {
    size_t order[GRAPH];
    for (size_t i = 0; i < GRAPH; i++) {
        size_t j = testing_below(r, i + 1);
        order[i] = i;
        order[i] = order[j];
        order[j] = i;
    }
    for (size_t k = 0; k < GRAPH; k++) {
        size_t i = order[k], next = g->next[i];
        post_settle(g->resolver[i], "fulfill", next < GRAPH ? g->vow[next] : num(42));
    }
}

START_TEST(any_graph_of_promises_over_three_vats_settles) {
    struct graph g;
    struct testing_random r = {seed};
    scene_open(&g.scene);
    for (int round = 0; round < (testing_long() ? 20000 : 500); round++) {
        fill_graph(&g, &r);
        link_graph(&g, &r);
        scene_settle(&g.scene);
        for (size_t i = 0; i < GRAPH; i++)
            ck_assert_msg(strcmp(state_of(g.vat[i], g.vow[i]),
                                 leads_to(&g, i) == GRAPH ? "42" : ECYCLE_TEXT) == 0,
                          "HOB_SEED=%" PRIu64 " round %d promise %zu: %s", seed, round,
                          i, state_of(g.vat[i], g.vow[i]));
    }
    scene_close(&g.scene);
}
END_TEST

/* ---------------------------------------------------------------- long chains  */

enum { MANY = 1000000 };

static int chain_many(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    bool forward = s->number != 0;
    hob_value vow, resolver, next, next_resolver;
    (void)answer;
    ck_assert_int_eq(hob_promise_new(turn, &vow, &resolver), HOB_OK);
    s->vow[0] = vow;
    s->resolver[0] = resolver;
    for (int i = 0; i < MANY; i++) {
        ck_assert_int_eq(hob_promise_new(turn, &next, &next_resolver), HOB_OK);
        settle_with(turn, forward ? resolver : next_resolver, "fulfill",
                    forward ? next : vow);
        vow = next;
        resolver = next_resolver;
    }
    s->vow[1] = vow;
    if (forward)
        s->resolver[0] = resolver;
    return HOB_OK;
}

static void assert_long_chain(int forward) {
    struct scene s;
    open_vows(&s);
    s.number = forward;
    scene_run(&s, s.a, chain_many);
    settle_from_outside(&s, 0, "fulfill", num(5));
    ck_assert_str_eq(state_of(s.a, s.vow[0]), "5");
    ck_assert_str_eq(state_of(s.a, s.vow[1]), "5");
    scene_close(&s);
}

START_TEST(a_million_promises_that_follow_the_next_settle) {
    assert_long_chain(1);
}
END_TEST

START_TEST(a_million_promises_that_follow_the_one_before_settle) {
    assert_long_chain(0);
}
END_TEST

static int wait_in_many(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    s->vow[1] = s->vow[0];
    for (int i = 0; i < MANY / 4; i++)
        s->vow[1] = send_to(turn, s->vow[1], NULL);
    return HOB_OK;
}

START_TEST(a_long_pipeline_breaks_with_its_first_promise) {
    struct scene s;
    open_vows(&s);
    scene_run(&s, s.a, wait_in_many);
    settle_from_outside(&s, 0, "break", sym("oh"));
    ck_assert_str_eq(state_of(s.a, s.vow[1]), "broken oh");
    scene_close(&s);
}
END_TEST

int main(void) {
    seed = testing_seed();
    printf("HOB_SEED=%" PRIu64 "\n", seed);
    Suite *suite = suite_create("promise");
    TCase *tests = tcase_create("promise");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, a_promise_is_fulfilled_or_broken_by_its_resolver);
    tcase_add_test(tests, the_first_settling_wins);
    tcase_add_test(tests, a_chain_of_promises_settles_like_its_last);
    tcase_add_test(tests, an_answer_that_is_a_promise_is_followed_near_and_far);
    tcase_add_test(tests, messages_to_a_promise_go_on_to_what_it_becomes);
    tcase_add_test(tests, what_was_sent_to_a_promise_breaks_with_it);
    tcase_add_test(tests, messages_that_wait_are_delivered_in_order);
    tcase_add_test(tests, messages_that_wait_go_to_a_far_object_in_order);
    tcase_add_test(tests, a_message_to_a_settled_promise_gets_what_it_settled_with);
    tcase_add_test(tests, objects_hear_of_promises_near_and_far_before_and_after);
    tcase_add_test(tests, a_handler_runs_at_home_and_its_answer_settles_the_result);
    tcase_add_test(tests, who_listens_and_who_sends_are_served_in_order);
    tcase_add_test(tests, near_promises_fulfilled_in_a_ring_break);
    tcase_add_test(tests, a_handler_that_answers_its_own_result_breaks_it);
    tcase_add_test(tests, promises_of_two_and_three_vats_fulfilled_in_a_ring_break);
    tcase_add_test(tests, a_probe_that_meets_its_promise_in_another_vat_goes_home);
    tcase_add_test(tests, any_graph_of_promises_over_three_vats_settles);
    tcase_add_test(tests, a_million_promises_that_follow_the_next_settle);
    tcase_add_test(tests, a_million_promises_that_follow_the_one_before_settle);
    tcase_add_test(tests, a_long_pipeline_breaks_with_its_first_promise);
    return scene_main(suite);
}
