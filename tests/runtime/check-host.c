/* check-host.c -- another language drives turns, with C objects in the same vats.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The other language is a toy.  Its values are things: a box has a number that may
   be changed, a row has things, and all else is a value of the model that it wraps.
   Its procedures are C functions with a thing as what they close over.  */

#include <config.h>

#include <stdatomic.h>

#include "scene.h"

enum thing_type { BOX, ROW, WRAPPED };

struct thing {
    enum thing_type type;
    int64_t number;
    size_t count;
    struct thing *items[4];
    hob_value value;
};

typedef int toy_code(hob_vat *vat, hob_value self, struct thing *state,
                     struct thing *args, struct thing **answer);

struct procedure {
    toy_code *code;
    struct thing *state;
};

static atomic_int imports, threads_entered;

static struct thing *thing(enum thing_type type) {
    struct thing *thing = hobi_alloc(sizeof *thing);
    thing->type = type;
    return thing;
}

static struct thing *box(int64_t number) {
    struct thing *made = thing(BOX);
    made->number = number;
    return made;
}

static struct thing *row(size_t count, struct thing *first, struct thing *second) {
    struct thing *made = thing(ROW);
    made->count = count;
    made->items[0] = first;
    made->items[1] = second;
    return made;
}

static struct thing *wrapped(hob_value value) {
    struct thing *made = thing(WRAPPED);
    made->value = value;
    return made;
}

static struct procedure *procedure(toy_code *code, struct thing *state) {
    struct procedure *made = hobi_alloc(sizeof *made);
    made->code = code;
    made->state = state;
    return made;
}

/* -------------------------------------------------------------- the language  */

static hob_value toy_import(const void *host_value) {
    const struct thing *from = host_value;
    hob_value items[4];
    atomic_fetch_add(&imports, 1);
    if (from->type == BOX)
        return num(from->number);
    if (from->type == WRAPPED)
        return from->value;
    for (size_t i = 0; i < from->count; i++)
        items[i] = toy_import(from->items[i]);
    return hob_list(from->count, items);
}

static struct thing *to_thing(hob_value value) {
    int64_t number;
    if (hob_type_of(value) == HOB_HOST)
        return (struct thing *)(uintptr_t)hob_host_pointer(value);
    if (hob_get_int64(value, &number))
        return box(number);
    if (hob_type_of(value) != HOB_LIST || hob_count(value) > 4)
        return wrapped(value);
    struct thing *list = thing(ROW);
    list->count = hob_count(value);
    for (size_t i = 0; i < list->count; i++)
        list->items[i] = to_thing(hob_item(value, i));
    return list;
}

static const void *toy_export(hob_value value) {
    return to_thing(value);
}

/* A near reference to a thing: refrs and promises stand for themselves.  */
static hob_value to_value(struct thing *thing) {
    return thing->type == WRAPPED ? thing->value : hob_host(thing);
}

static int toy_apply(hob_vat *vat, hob_value self, const struct procedure *procedure,
                     struct thing *args, struct thing **answer) {
    *answer = wrapped(hob_void());
    return procedure->code(vat, self, procedure->state, args, answer);
}

static int toy_call(hob_turn *turn, hob_value refr, size_t count, const hob_value *args,
                    hob_value *answer) {
    struct thing *result;
    int code = toy_apply(hob_turn_vat(turn), refr, hob_object_behaviour(refr),
                         to_thing(hob_list(count, args)), &result);
    *answer = code == HOB_OK ? toy_import(result) : NULL;
    return code;
}

static int toy_turn(hob_vat *vat, const hob_delivery *delivery, hob_value *result) {
    struct thing *answer, *args = NULL;
    if (!delivery->is_host)
        return hob_turn_run(vat, delivery, result);
    const struct procedure *code = delivery->words[0];
    if (delivery->type == HOB_DELIVER_CALL) {
        code = delivery->behaviour;
        args = to_thing(delivery->args);
    } else if (delivery->type == HOB_DELIVER_NOTIFY) {
        args = row(2, box(delivery->broken), to_thing(delivery->value));
    }
    int failed = toy_apply(vat, delivery->target, code, args, &answer);
    *result = failed ? sym("toy-trouble") : to_value(answer);
    return failed;
}

static void end_ticket(hob_ticket *ticket, bool is_host, int code, hob_value result,
                       const hob_error *error) {
    if (is_host)
        hob_ticket_set_result(ticket, code == HOB_OK ? to_thing(result) : NULL);
    else
        hob_ticket_end(ticket, result, code == HOB_OK ? NULL : error);
}

static void toy_churn(hob_vat *vat) {
    hob_ticket *ticket = hob_churn_ticket(vat);
    hob_delivery delivery;
    hob_error error = {0};
    hob_value first = NULL, result;
    int first_code = HOB_OK, turns = 0;
    bool is_host = false;
    hob_step step;
    for (; (step = hob_turn_next(vat, &delivery)) == HOB_STEP_TURN; turns++) {
        int code = toy_turn(vat, &delivery, &result);
        if (turns == 0) {
            is_host = delivery.is_host;
            first = result;
            first_code = code;
            error = *hob_turn_error(hob_vat_turn(vat));
        }
        if (code == HOB_OK)
            hob_turn_commit(vat, result);
        else
            hob_turn_abort(vat, result);
    }
    if (step == HOB_STEP_HALT) {
        first_code = error.code = HOB_EHALTED;
        hob_churn_abort(vat, hob_nil());
    } else {
        hob_churn_commit(vat);
    }
    if (ticket != NULL)
        end_ticket(ticket, is_host, first_code, first, &error);
}

static void toy_drive(hob_vat *vat, size_t budget) {
    while (budget-- > 0 && hob_churn_begin(vat) == HOB_STEP_READY)
        toy_churn(vat);
}

static void *toy_enter(void *(*body)(void *), void *argument) {
    atomic_fetch_add(&threads_entered, 1);
    return body(argument);
}

static const hob_host_language toy = {.refr_header = 0x4201,
                                      .drive = toy_drive,
                                      .enter_thread = toy_enter,
                                      .call = toy_call,
                                      .import = toy_import,
                                      .export = toy_export};

/* Run CODE in VAT and wait; NULL when it failed.  */
static struct thing *toy_run(hob_vat *vat, toy_code *code, struct thing *state) {
    hob_ticket *ticket = hob_vat_push_thunk(vat, procedure(code, state), NULL);
    if (ticket == NULL)
        return NULL;
    while (!hob_ticket_done(ticket)) {
        if (!hob_vat_own(vat)) {
            hob_ticket_wait(ticket, 100);
            continue;
        }
        toy_drive(vat, 1);
        hob_vat_disown(vat);
    }
    return (struct thing *)(uintptr_t)hob_ticket_result(ticket);
}

static hob_value toy_spawn(hob_vat *vat, hob_value name, toy_code *code,
                           struct thing *state) {
    hob_value refr = hob_object_begin(vat, name, NULL);
    hob_object_install(refr, procedure(code, state), state, NULL);
    return refr;
}

/* --------------------------------------------------------------- its objects  */

/* Keeps the last argument it got and answers the one before.  */
static int toy_keeper(hob_vat *vat, hob_value self, struct thing *state,
                      struct thing *args, struct thing **answer) {
    *answer = state;
    if (args->count == 0)
        return HOB_OK;
    return hob_object_become(vat, self, procedure(toy_keeper, args->items[0]),
                             args->items[0], NULL);
}

/* Calls the object that it is given, of either language, with a number.  */
static int toy_caller(hob_vat *vat, hob_value self, struct thing *state,
                      struct thing *args, struct thing **answer) {
    hob_value result = NULL, arg = num(args->items[1]->number);
    (void)self, (void)state;
    int code = hob_call(hob_vat_turn(vat), args->items[0]->value, 1, &arg, &result);
    if (code == HOB_OK)
        *answer = to_thing(result);
    return code;
}

static struct scene *the_scene(struct thing *state) {
    return (struct scene *)(uintptr_t)hob_host_pointer(state->value);
}

/* Objects 0 and 1 are the toy's, 2 and 3 of C.  */
static int toy_make(hob_vat *vat, hob_value self, struct thing *state,
                    struct thing *args, struct thing **answer) {
    struct scene *s = the_scene(state);
    (void)self, (void)args, (void)answer;
    s->object[0] = toy_spawn(vat, sym("keeper"), toy_keeper, box(0));
    s->object[1] = toy_spawn(vat, hob_host(box(77)), toy_caller, NULL);
    s->object[2] = make_with(hob_vat_turn(vat), &cell, num(0));
    s->object[3] = make(hob_vat_turn(vat), &diary);
    new_vow(s, hob_vat_turn(vat), 0);
    return HOB_OK;
}

/* Vats a and b are the toy's, c is C's.  */
static void open_toy(struct scene *s) {
    *s = (struct scene){
        .runtime = hob_runtime_new(&(hob_runtime_options){.threads = 2, .host = &toy})};
    s->a = hob_vat_new_host(s->runtime, &(hob_vat_options){.name = "a"}, false);
    s->b = hob_vat_new_host(s->runtime, &(hob_vat_options){.name = "b"}, false);
    s->c = hob_vat_new(s->runtime, &(hob_vat_options){.name = "c"});
    ck_assert_ptr_nonnull(toy_run(s->a, toy_make, wrapped(hob_host(s))));
}

static int toy_ask_keeper(hob_vat *vat, hob_value self, struct thing *state,
                          struct thing *args, struct thing **answer) {
    (void)self;
    const struct procedure *keeper = hob_object_behaviour(the_scene(state)->object[0]);
    args = row(0, NULL, NULL);
    return keeper->code(vat, NULL, keeper->state, args, answer);
}

/* The number that object 0 keeps.  */
static int64_t kept(struct scene *s) {
    hob_vat *vat = hob_refr_vat(s->object[0]);
    return toy_run(vat, toy_ask_keeper, wrapped(hob_host(s)))->number;
}

/* ----------------------------------------------------- both languages, one vat */

static int toy_call_both(hob_vat *vat, hob_value self, struct thing *state,
                         struct thing *args, struct thing **answer) {
    struct scene *s = the_scene(state);
    hob_turn *turn = hob_vat_turn(vat);
    (void)self, (void)args, (void)answer;
    /* The toy calls C ...  */
    ck_assert_str_eq(text(call(turn, s->object[2], num(5))), "0");
    /* ... C calls the toy ...  */
    ck_assert_str_eq(text(call(turn, s->object[0], num(6))), "0");
    /* ... and C calls the toy that calls C, and that calls the toy.  */
    const hob_value to_c[] = {s->object[2], num(7)}, to_toy[] = {s->object[0], num(8)};
    hob_value result = NULL;
    ck_assert_int_eq(hob_call(turn, s->object[1], 2, to_c, &result), HOB_OK);
    ck_assert_str_eq(text(result), "5");
    ck_assert_int_eq(hob_call(turn, s->object[1], 2, to_toy, &result), HOB_OK);
    ck_assert_str_eq(text(result), "6");
    return HOB_OK;
}

START_TEST(objects_of_both_languages_call_each_other) {
    struct scene s;
    open_toy(&s);
    ck_assert_ptr_nonnull(toy_run(s.a, toy_call_both, wrapped(hob_host(&s))));
    ck_assert_int_eq(kept(&s), 8);
    ck_assert_str_eq(seen(s.a, s.object[2]), "7");
    scene_close(&s);
}
END_TEST

START_TEST(a_refr_begins_with_the_word_of_the_host) {
    struct scene s;
    open_toy(&s);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(*(const uintptr_t *)s.object[i], 0x4201);
    ck_assert_uint_eq(*(const uintptr_t *)s.vow[0], 0x4201);
    ck_assert_int_eq(hob_refr_type_of(s.object[0]), HOB_REFR_HOST);
    ck_assert_int_eq(hob_refr_type_of(s.object[2]), HOB_REFR_OBJECT);
    ck_assert_int_eq(hob_refr_type_of(s.vow[0]), HOB_REFR_PROMISE);
    ck_assert_int_eq(hob_refr_type_of(s.resolver[0]), HOB_REFR_RESOLVER);
    scene_close(&s);
}
END_TEST

START_TEST(a_name_of_the_host_reads_as_a_value) {
    struct scene s;
    open_toy(&s);
    ck_assert_str_eq(text(hob_refr_name(s.object[1])), "77");
    ck_assert_str_eq(text(s.object[1]), "#<object 77>");
    ck_assert_int_eq(hob_type_of(hob_object_name(s.object[1])), HOB_HOST);
    scene_close(&s);
}
END_TEST

static int thunk_of_c(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    ck_assert_ptr_eq(hob_vat_current(), hob_turn_vat(turn));
    *answer = call(turn, s->object[0], num(9));
    tell(turn, s->object[0], num(10));
    tell(turn, s->object[2], num(11));
    return s->number == 0 ? HOB_OK : hob_fail(turn, "after all");
}

START_TEST(a_thunk_of_c_runs_in_a_vat_of_the_host) {
    struct scene s;
    open_toy(&s);
    s.number = 1;
    ck_assert_int_eq(scene_try(&s, s.a, thunk_of_c), HOB_EFAILED);
    ck_assert_str_eq(s.error.message, "after all");
    ck_assert_int_eq(kept(&s), 0);
    s.number = 0;
    ck_assert_str_eq(text(scene_run(&s, s.a, thunk_of_c)), "0");
    ck_assert_int_eq(kept(&s), 10);
    ck_assert_str_eq(seen(s.a, s.object[2]), "11");
    scene_close(&s);
}
END_TEST

/* ----------------------------------------------------------- values that travel */

static struct thing *sent;

static int toy_send_box(hob_vat *vat, hob_value self, struct thing *state,
                        struct thing *args, struct thing **answer) {
    struct scene *s = the_scene(state);
    (void)self, (void)args, (void)answer;
    sent = box(1);
    hob_value list = hob_host(row(1, sent, NULL));
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(hob_turn_send(vat, s->object[i], list, &s->vow[4 + i]),
                         HOB_OK);
    return HOB_OK;
}

START_TEST(near_messages_of_the_host_carry_its_own_values) {
    struct scene s;
    open_toy(&s);
    atomic_store(&imports, 0);
    s.object[1] = s.object[0];
    ck_assert_ptr_nonnull(toy_run(s.a, toy_send_box, wrapped(hob_host(&s))));
    const struct procedure *keeper = hob_object_behaviour(s.object[0]);
    ck_assert_ptr_eq(keeper->state, sent);
    ck_assert_ptr_eq(hob_object_portrait(s.object[0]), sent);
    /* C objects were given values.  */
    ck_assert_str_eq(seen(s.a, s.object[2]), "1");
    ck_assert_str_eq(seen(s.a, s.object[3]), "(1)");
    scene_close(&s);
}
END_TEST

static int toy_relay_far(hob_vat *vat, hob_value self, struct thing *state,
                         struct thing *args, struct thing **answer) {
    struct scene *s = the_scene(state);
    (void)self, (void)args, (void)answer;
    sent = box(1);
    /* It waits in a near promise, and leaves when that is fulfilled with who is far.
       So nobody but the library can convert it.  */
    hob_value list = hob_host(row(1, sent, NULL));
    ck_assert_int_eq(hob_turn_send(vat, s->vow[0], list, &s->vow[4]), HOB_OK);
    bool happened;
    ck_assert_int_eq(
        hob_turn_settle(vat, s->resolver[0], false, s->object[6], &happened), HOB_OK);
    ck_assert(happened);
    return HOB_OK;
}

static int make_far_diary(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    s->object[6] = make(turn, &diary);
    return HOB_OK;
}

START_TEST(what_leaves_the_vat_is_copied) {
    struct scene s;
    open_toy(&s);
    scene_run(&s, s.c, make_far_diary);
    ck_assert_ptr_nonnull(toy_run(s.a, toy_relay_far, wrapped(hob_host(&s))));
    sent->number = 2;
    scene_settle(&s);
    ck_assert_str_eq(seen(s.c, s.object[6]), "(1)");
    ck_assert_str_eq(state_of(s.a, s.vow[4]), "()");
    /* The same between two vats of the host.  */
    hob_value far = s.object[0];
    ck_assert_ptr_nonnull(toy_run(s.b, toy_make, wrapped(hob_host(&s))));
    s.object[6] = far;
    ck_assert_ptr_nonnull(toy_run(s.b, toy_relay_far, wrapped(hob_host(&s))));
    sent->number = 2;
    scene_settle(&s);
    s.object[0] = far;
    ck_assert_int_eq(kept(&s), 1);
    const struct procedure *keeper = hob_object_behaviour(far);
    ck_assert_ptr_ne(keeper->state, sent);
    scene_close(&s);
}
END_TEST

static int listen_from_c(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    s->object[6] = make(turn, &diary);
    ck_assert_int_eq(hob_listen(turn, s->vow[0], s->object[6]), HOB_OK);
    new_vow(s, turn, 1);
    settle_with(turn, s->resolver[1], "fulfill", s->vow[0]);
    s->vow[2] = send_to(turn, s->object[0], NULL);
    return HOB_OK;
}

static int toy_fulfil(hob_vat *vat, hob_value self, struct thing *state,
                      struct thing *args, struct thing **answer) {
    struct scene *s = the_scene(state);
    (void)self, (void)args, (void)answer;
    bool happened;
    sent = row(2, box(1), box(2));
    return hob_turn_settle(vat, s->resolver[0], false, hob_host(sent), &happened);
}

START_TEST(what_a_promise_of_the_host_brings_elsewhere_is_copied) {
    struct scene s;
    open_toy(&s);
    scene_run(&s, s.c, listen_from_c);
    scene_settle(&s);
    ck_assert_ptr_nonnull(toy_run(s.a, toy_fulfil, wrapped(hob_host(&s))));
    sent->items[0]->number = 9;
    scene_settle(&s);
    ck_assert_str_eq(seen(s.c, s.object[6]), "((fulfill (1 2)))");
    ck_assert_str_eq(state_of(s.c, s.vow[1]), "(1 2)");
    ck_assert_str_eq(state_of(s.c, s.vow[2]), "0");
    scene_close(&s);
}
END_TEST

static int64_t heard_number;

static int on_of_c(hob_turn *turn, void *data, bool broken, hob_value value,
                   hob_value *answer) {
    (void)turn, (void)data, (void)broken;
    *answer = num(to_int(hob_item(value, 0)) + 10);
    return HOB_OK;
}

static int toy_on(hob_vat *vat, hob_value self, struct thing *state, struct thing *args,
                  struct thing **answer) {
    (void)vat, (void)self;
    ck_assert_ptr_eq(state->items[0], sent);
    ck_assert_int_eq(args->items[0]->number, 0);
    struct thing *value = args->items[1];
    heard_number = value->items[1]->number;
    *answer = box(heard_number + 20);
    return HOB_OK;
}

static int toy_listen(hob_vat *vat, hob_value self, struct thing *state,
                      struct thing *args, struct thing **answer) {
    struct scene *s = the_scene(state);
    (void)self, (void)args, (void)answer;
    sent = box(0);
    const void *words[4] = {procedure(toy_on, row(1, sent, NULL)), sent, NULL, NULL};
    ck_assert_int_eq(hob_turn_listen(vat, s->vow[0], words, &s->vow[5]), HOB_OK);
    ck_assert_int_eq(hob_turn_listen(vat, s->vow[0], words, NULL), HOB_OK);
    ck_assert_int_eq(hob_on(hob_vat_turn(vat), s->vow[0], on_of_c, s, &s->vow[6]),
                     HOB_OK);
    return HOB_OK;
}

static int toy_fulfil_again(hob_vat *vat, hob_value self, struct thing *state,
                            struct thing *args, struct thing **answer) {
    struct thing *listened = sent;
    int code = toy_fulfil(vat, self, state, args, answer);
    sent = listened;
    return code;
}

START_TEST(handlers_of_both_languages_hear_of_a_promise) {
    struct scene s;
    for (int far = 0; far < 2; far++) {
        open_toy(&s);
        hob_vat *home = far ? s.b : s.a;
        ck_assert_ptr_nonnull(toy_run(home, toy_listen, wrapped(hob_host(&s))));
        scene_settle(&s);
        ck_assert_ptr_nonnull(toy_run(s.a, toy_fulfil_again, wrapped(hob_host(&s))));
        scene_settle(&s);
        ck_assert_int_eq(heard_number, 2);
        hob_value result = (hob_value)hobi_to_refr(s.vow[5])->a;
        ck_assert_int_eq(to_thing(result)->number, 22);
        ck_assert_str_eq(state_of(home, s.vow[6]), "11");
        scene_close(&s);
    }
}
END_TEST

/* ------------------------------------------------------------ undo, authority  */

static int toy_change_and_fail(hob_vat *vat, hob_value self, struct thing *state,
                               struct thing *args, struct thing **answer) {
    struct scene *s = the_scene(state);
    (void)self, (void)args, (void)answer;
    bool happened;
    call(hob_vat_turn(vat), s->object[0], num(5));
    call(hob_vat_turn(vat), s->object[2], num(5));
    s->object[4] = toy_spawn(vat, NULL, toy_keeper, box(0));
    s->object[5] = hob_object_begin(vat, NULL, NULL);
    ck_assert_int_eq(hob_turn_settle(vat, s->resolver[0], true, num(1), &happened),
                     HOB_OK);
    return HOB_EFAILED;
}

START_TEST(a_failed_turn_of_the_host_is_undone) {
    struct scene s;
    open_toy(&s);
    ck_assert_ptr_null(toy_run(s.a, toy_change_and_fail, wrapped(hob_host(&s))));
    ck_assert_int_eq(kept(&s), 0);
    ck_assert_str_eq(seen(s.a, s.object[2]), "0");
    ck_assert_str_eq(seen(s.a, s.object[4]), "there is no such thing");
    ck_assert_int_eq(hob_refr_type_of(s.object[4]), HOB_REFR_DEAD);
    ck_assert_ptr_null(hob_object_behaviour(s.object[4]));
    ck_assert_str_eq(state_of(s.a, s.vow[0]), "unresolved");
    scene_close(&s);
}
END_TEST

static int toy_begin_only(hob_vat *vat, hob_value self, struct thing *state,
                          struct thing *args, struct thing **answer) {
    struct scene *s = the_scene(state);
    (void)self, (void)args, (void)answer;
    s->object[5] = hob_object_begin(vat, NULL, NULL);
    s->vow[5] = send_to(hob_vat_turn(vat), s->object[5], NULL);
    return HOB_OK;
}

START_TEST(an_object_whose_constructor_never_ends_is_dead) {
    struct scene s;
    open_toy(&s);
    ck_assert_ptr_nonnull(toy_run(s.a, toy_begin_only, wrapped(hob_host(&s))));
    ck_assert_str_eq(seen(s.a, s.object[5]), "there is no such thing");
    ck_assert_str_eq(state_of(s.a, s.vow[5]), ENOTFOUND_TEXT);
    scene_close(&s);
}
END_TEST

static int toy_overreach(hob_vat *vat, hob_value self, struct thing *state,
                         struct thing *args, struct thing **answer) {
    struct scene *s = the_scene(state);
    const hob_value wrong[] = {s->object[2], s->vow[0], s->resolver[0], num(1)};
    bool happened = false;
    (void)self, (void)args, (void)answer;
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(hob_object_become(vat, wrong[i], sent, sent, NULL),
                         HOB_EAUTHORITY);
    if (vat != s->a) {
        ck_assert_int_eq(hob_object_become(vat, s->object[0], sent, sent, NULL),
                         HOB_EAUTHORITY);
        ck_assert_int_eq(hob_turn_settle(vat, s->resolver[0], true, num(1), &happened),
                         HOB_EAUTHORITY);
    }
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(hob_turn_settle(vat, wrong[i], true, num(1), &happened),
                         HOB_EAUTHORITY);
    ck_assert(!happened);
    return HOB_OK;
}

START_TEST(only_what_is_of_the_host_and_near_can_become_or_settle) {
    struct scene s;
    open_toy(&s);
    ck_assert_ptr_nonnull(toy_run(s.a, toy_overreach, wrapped(hob_host(&s))));
    ck_assert_ptr_nonnull(toy_run(s.b, toy_overreach, wrapped(hob_host(&s))));
    scene_close(&s);
}
END_TEST

/* ------------------------------------------------------------ actormaps, tickets */

static void open_actormap(struct scene *s) {
    open_toy(s);
    s->b = hob_vat_new_host(s->runtime, NULL, true);
    ck_assert(hob_vat_own(s->b));
    hob_churn_open(s->b);
    s->object[0] = toy_spawn(s->b, NULL, toy_keeper, box(0));
    hob_turn_commit(s->b, NULL);
    hob_churn_commit(s->b);
}

static int64_t map_call(struct scene *s, int64_t number) {
    hob_value arg = num(number), answer = NULL;
    ck_assert_int_eq(hob_call(hob_vat_turn(s->b), s->object[0], 1, &arg, &answer),
                     HOB_OK);
    return to_int(answer);
}

START_TEST(an_actormap_can_be_peeked_and_poked) {
    struct scene s;
    open_actormap(&s);
    hob_churn_open(s.b);
    ck_assert_int_eq(map_call(&s, 1), 0);
    ck_assert_int_eq(map_call(&s, 2), 1);
    tell(hob_vat_turn(s.b), s.object[0], num(3));
    hob_churn_abort(s.b, hob_nil());
    hob_churn_open(s.b);
    ck_assert_int_eq(map_call(&s, 4), 0);
    tell(hob_vat_turn(s.b), s.object[0], num(5));
    hob_churn_drop(s.b);
    hob_churn_commit(s.b);
    hob_churn_open(s.b);
    ck_assert_int_eq(map_call(&s, 6), 4);
    hob_churn_commit(s.b);
    hob_vat_disown(s.b);
    scene_close(&s);
}
END_TEST

static int send_to_map(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    s->vow[3] = send_to(turn, s->object[0], NULL);
    return HOB_OK;
}

START_TEST(an_actormap_takes_no_messages_from_elsewhere) {
    struct scene s;
    open_actormap(&s);
    hob_vat_disown(s.b);
    scene_run(&s, s.c, send_to_map);
    scene_settle(&s);
    ck_assert_str_eq(state_of(s.c, s.vow[3]), EHALTED_TEXT);
    scene_close(&s);
}
END_TEST

START_TEST(a_thunk_can_be_taken_back_until_it_has_begun) {
    struct scene s;
    open_toy(&s);
    ck_assert(hob_vat_own_idle(s.a));
    hob_ticket *ticket =
        hob_vat_push_thunk(s.a, procedure(toy_ask_keeper, wrapped(hob_host(&s))), NULL);
    ck_assert(hob_ticket_cancel(ticket));
    ck_assert(!hob_ticket_cancel(ticket));
    ticket =
        hob_vat_push_thunk(s.a, procedure(toy_ask_keeper, wrapped(hob_host(&s))), NULL);
    ck_assert_int_eq(hob_churn_begin(s.a), HOB_STEP_READY);
    ck_assert(!hob_ticket_cancel(ticket));
    ck_assert(hob_churn_ticket(s.a) == ticket);
    toy_churn(s.a);
    ck_assert(hob_ticket_done(ticket));
    hob_vat_disown(s.a);
    scene_close(&s);
}
END_TEST

START_TEST(halting_ends_the_tickets_that_wait) {
    struct scene s;
    open_toy(&s);
    ck_assert(hob_vat_own(s.a));
    ck_assert(!hob_vat_own_idle(s.a));
    hob_ticket *ticket = hob_vat_push_thunk(s.a, procedure(toy_ask_keeper, NULL), NULL);
    hob_ticket_wait(ticket, 10);
    hob_ticket_wait(ticket, -1);
    ck_assert(!hob_ticket_done(ticket));
    hob_vat_halt(s.a);
    ck_assert(hob_ticket_done(ticket));
    ck_assert_ptr_null(hob_ticket_result(ticket));
    hob_vat_disown(s.a);
    ck_assert(!hob_vat_own_idle(s.a));
    ck_assert_ptr_null(hob_vat_push_thunk(s.a, procedure(toy_ask_keeper, NULL), NULL));
    scene_close(&s);
}
END_TEST

START_TEST(threads_of_the_runtime_enter_by_the_host) {
    struct scene s;
    open_toy(&s);
    atomic_store(&threads_entered, 0);
    hob_value arg = num(3);
    ck_assert_int_eq(hob_post(s.object[0], 1, &arg, -1, NULL), HOB_OK);
    scene_settle(&s);
    ck_assert_int_ge(atomic_load(&threads_entered), 1);
    ck_assert_int_eq(kept(&s), 3);
    scene_close(&s);
}
END_TEST

/* ------------------------------------------------------------- several runtimes */

static const hob_host_language other = {.refr_header = 0x1001,
                                        .drive = toy_drive,
                                        .call = toy_call,
                                        .import = toy_import,
                                        .export = toy_export};

static int send_across(hob_turn *turn, void *data, hob_value *answer) {
    struct scene *s = data;
    (void)answer;
    s->vow[3] = send_to(turn, s->object[2], num(4));
    s->vow[4] = send_to(turn, s->object[0], num(5));
    return HOB_OK;
}

START_TEST(several_runtimes_live_in_one_process) {
    struct scene one, two, plain;
    open_toy(&one);
    open_toy(&two);
    scene_open(&plain);
    hob_runtime *third = hob_runtime_new(&(hob_runtime_options){.host = &other});
    ck_assert_ptr_nonnull(third);
    plain.object[0] = one.object[0];
    plain.object[2] = two.object[2];
    scene_run(&plain, plain.a, send_across);
    scene_settle(&one);
    scene_settle(&two);
    scene_settle(&plain);
    ck_assert_str_eq(state_of(plain.a, plain.vow[3]), "0");
    ck_assert_str_eq(state_of(plain.a, plain.vow[4]), "0");
    ck_assert_int_eq(kept(&one), 5);
    ck_assert_str_eq(seen(two.a, two.object[2]), "4");
    ck_assert_int_ne(hob_compare(one.object[0], two.object[0]), 0);
    ck_assert_int_eq(hob_compare(one.object[0], two.object[0]),
                     -hob_compare(two.object[0], one.object[0]));
    hob_runtime_free(third);
    scene_close(&one);
    scene_run(&plain, plain.a, send_across);
    scene_settle(&two);
    scene_settle(&plain);
    ck_assert_str_eq(state_of(plain.a, plain.vow[3]), "4");
    ck_assert_str_eq(state_of(plain.a, plain.vow[4]), EHALTED_TEXT);
    scene_close(&two);
    scene_close(&plain);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("host");
    TCase *tests = tcase_create("host");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, objects_of_both_languages_call_each_other);
    tcase_add_test(tests, a_refr_begins_with_the_word_of_the_host);
    tcase_add_test(tests, a_name_of_the_host_reads_as_a_value);
    tcase_add_test(tests, a_thunk_of_c_runs_in_a_vat_of_the_host);
    tcase_add_test(tests, near_messages_of_the_host_carry_its_own_values);
    tcase_add_test(tests, what_leaves_the_vat_is_copied);
    tcase_add_test(tests, what_a_promise_of_the_host_brings_elsewhere_is_copied);
    tcase_add_test(tests, handlers_of_both_languages_hear_of_a_promise);
    tcase_add_test(tests, a_failed_turn_of_the_host_is_undone);
    tcase_add_test(tests, an_object_whose_constructor_never_ends_is_dead);
    tcase_add_test(tests, only_what_is_of_the_host_and_near_can_become_or_settle);
    tcase_add_test(tests, an_actormap_can_be_peeked_and_poked);
    tcase_add_test(tests, an_actormap_takes_no_messages_from_elsewhere);
    tcase_add_test(tests, a_thunk_can_be_taken_back_until_it_has_begun);
    tcase_add_test(tests, halting_ends_the_tickets_that_wait);
    tcase_add_test(tests, threads_of_the_runtime_enter_by_the_host);
    tcase_add_test(tests, several_runtimes_live_in_one_process);
    return scene_main(suite);
}
