/* scene.h -- a few vats with small objects in them, for the suites of the core.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A scene stands on the stack of its test, so the collector sees what is in it.
   What a test does in a vat is a thunk that is given the scene.  Results are
   compared as printed text, so that a failure shows both.  */

#ifndef SCENE_H
#define SCENE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vat.h"

struct scene {
    hob_runtime *runtime;
    hob_vat *a, *b, *c;
    hob_value object[8], vow[8], resolver[8];
    int64_t number;
    hob_value answer;
    hob_error error;
};

static inline hob_value num(int64_t number) {
    return hob_integer(number);
}

static inline hob_value sym(const char *name) {
    return hob_symbol_from(name);
}

static inline int64_t to_int(hob_value value) {
    int64_t number = -1;
    hob_get_int64(value, &number);
    return number;
}

static inline const char *text(hob_value value) {
    return value != NULL ? hob_print(value, 0) : "NULL";
}

static inline void scene_open_with(struct scene *s,
                                   const hob_runtime_options *options) {
    *s = (struct scene){.runtime = hob_runtime_new(options)};
    ck_assert_ptr_nonnull(s->runtime);
    s->a = hob_vat_new(s->runtime, &(hob_vat_options){.name = "a"});
    s->b = hob_vat_new(s->runtime, &(hob_vat_options){.name = "b"});
    s->c = hob_vat_new(s->runtime, &(hob_vat_options){.name = "c"});
    ck_assert(s->a != NULL && s->b != NULL && s->c != NULL);
}

static inline void scene_open(struct scene *s) {
    scene_open_with(s, NULL);
}

static inline void scene_settle(struct scene *s) {
    ck_assert_msg(hob_runtime_settle(s->runtime, 20000), "the vats do not settle");
}

static inline void scene_close(struct scene *s) {
    hob_runtime_free(s->runtime);
}

/* The thunk's code; the rest is in the scene.  */
static inline int scene_try(struct scene *s, hob_vat *vat, hob_thunk *thunk) {
    s->answer = NULL;
    s->error = (hob_error){0};
    return hob_vat_run(vat, thunk, s, &s->answer, &s->error);
}

static inline hob_value scene_run(struct scene *s, hob_vat *vat, hob_thunk *thunk) {
    int code = scene_try(s, vat, thunk);
    ck_assert_msg(code == HOB_OK, "%s", s->error.message);
    return s->answer;
}

/* ------------------------------------------------------------ small objects  */

/* A cell answers its value; given a value it becomes that.  */
static inline int cell_behave(hob_turn *turn, hob_value state, size_t count,
                              const hob_value *args, hob_value *answer) {
    *answer = state;
    return count == 0 ? HOB_OK : hob_become(turn, args[0]);
}

static inline int cell_construct(hob_turn *turn, size_t count, const hob_value *args,
                                 hob_value *state) {
    (void)turn;
    *state = count == 0 ? hob_nil() : args[0];
    return HOB_OK;
}

static const hob_kind cell = {
    .name = "cell", .construct = cell_construct, .behave = cell_behave};

/* A diary keeps the first argument of each message, or all of them as a list if
   there are more; it answers what it has when there are none.  */
static inline int diary_behave(hob_turn *turn, hob_value state, size_t count,
                               const hob_value *args, hob_value *answer) {
    *answer = state;
    if (count == 0)
        return HOB_OK;
    size_t length = hob_count(state);
    hob_value *items = hobi_alloc((length + 1) * sizeof *items);
    if (items == NULL)
        return HOB_ENOMEM;
    for (size_t i = 0; i < length; i++)
        items[i] = hob_item(state, i);
    items[length] = count == 1 ? args[0] : hob_list(count, args);
    hob_value list = items[length] == NULL ? NULL : hob_list(length + 1, items);
    return list == NULL ? HOB_ENOMEM : hob_become(turn, list);
}

static const hob_kind diary = {.name = "diary", .behave = diary_behave};

/* Fails with its first argument, or in words.  */
static inline int grump_behave(hob_turn *turn, hob_value state, size_t count,
                               const hob_value *args, hob_value *answer) {
    (void)state;
    (void)answer;
    return count > 0 ? hob_fail_with(turn, args[0]) : hob_fail(turn, "no");
}

static const hob_kind grump = {.name = "grump", .behave = grump_behave};

static inline hob_value make(hob_turn *turn, const hob_kind *kind) {
    hob_value refr = NULL;
    ck_assert_int_eq(hob_spawn(turn, kind, 0, NULL, &refr), HOB_OK);
    return refr;
}

static inline hob_value make_with(hob_turn *turn, const hob_kind *kind, hob_value arg) {
    hob_value refr = NULL;
    ck_assert_int_eq(hob_spawn(turn, kind, 1, &arg, &refr), HOB_OK);
    return refr;
}

/* Call, send and settle, where they go well.  */
static inline hob_value call(hob_turn *turn, hob_value refr, hob_value arg) {
    hob_value answer = NULL;
    int code = hob_call(turn, refr, arg != NULL, &arg, &answer);
    ck_assert_msg(code == HOB_OK, "%s", hob_turn_error(turn)->message);
    return answer;
}

static inline hob_value send_to(hob_turn *turn, hob_value to, hob_value arg) {
    hob_value promise = NULL;
    ck_assert_int_eq(hob_send(turn, to, arg != NULL, &arg, &promise), HOB_OK);
    return promise;
}

static inline void tell(hob_turn *turn, hob_value to, hob_value arg) {
    ck_assert_int_eq(hob_send_only(turn, to, arg != NULL, &arg), HOB_OK);
}

static inline bool settle_with(hob_turn *turn, hob_value resolver, const char *word,
                               hob_value value) {
    const hob_value args[] = {sym(word), value};
    hob_value happened = NULL;
    ck_assert_int_eq(hob_call(turn, resolver, 2, args, &happened), HOB_OK);
    return hob_truth(happened);
}

static inline void new_vow(struct scene *s, hob_turn *turn, int i) {
    ck_assert_int_eq(hob_promise_new(turn, &s->vow[i], &s->resolver[i]), HOB_OK);
}

/* ------------------------------------------------------------------- mailboxes  */

static inline size_t mail(hob_vat *vat) {
    pthread_mutex_lock(&vat->lock);
    size_t count = vat->mailbox.count;
    pthread_mutex_unlock(&vat->lock);
    return count;
}

/* A vat on hold takes messages and runs none.  */
static inline void hold(hob_vat *vat) {
    pthread_mutex_lock(&vat->lock);
    vat->muted = true;
    pthread_mutex_unlock(&vat->lock);
}

static inline void let_go(hob_vat *vat) {
    pthread_mutex_lock(&vat->lock);
    vat->muted = false;
    pthread_mutex_unlock(&vat->lock);
    hob_vat_start(vat);
}

/* ----------------------------------------------------------- what one can see  */

struct look {
    hob_value what;
    const char *seen;
};

static inline int look_object(hob_turn *turn, void *data, hob_value *answer) {
    struct look *look = data;
    int code = hob_call(turn, look->what, 0, NULL, answer);
    look->seen = code == HOB_OK ? text(*answer) : hob_strerror(code);
    return HOB_OK;
}

/* What OBJECT of VAT answers to a call without arguments.  */
static inline const char *seen(hob_vat *vat, hob_value object) {
    struct look look = {object, NULL};
    ck_assert_int_eq(hob_vat_run(vat, look_object, &look, NULL, NULL), HOB_OK);
    return look.seen;
}

static inline const char *broken_text(hob_value problem) {
    hob_error error = {0};
    hobi_error_from_problem(&error, problem);
    return error.code == HOB_EFAILED
               ? hobi_format("broken %s", text(problem))
               : hobi_format("broken: %s", hob_strerror(error.code));
}

static inline int look_promise(hob_turn *turn, void *data, hob_value *answer) {
    struct look *look = data;
    (void)answer;
    hob_value value = NULL;
    switch (hob_promise_look(turn, look->what, &value)) {
    case HOB_UNRESOLVED:
        look->seen = "unresolved";
        break;
    case HOB_FULFILLED:
        look->seen = text(value);
        break;
    default:
        look->seen = broken_text(value);
    }
    return HOB_OK;
}

/* What PROMISE of VAT has come to, such as "5" or "broken oh".  */
static inline const char *state_of(hob_vat *vat, hob_value promise) {
    struct look look = {promise, NULL};
    ck_assert_int_eq(hob_vat_run(vat, look_promise, &look, NULL, NULL), HOB_OK);
    return look.seen;
}

#define ECYCLE_TEXT "broken: a value or promise contains itself"
#define ENOTFOUND_TEXT "broken: there is no such thing"
#define EHALTED_TEXT "broken: the vat is halted"

static inline int scene_main(Suite *suite) {
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
