/* refrs.c -- primitives on references, and on the turn in progress.
   SPDX-License-Identifier: LGPL-3.0-or-later

   %enter is the hot one: it stands before each call of a near object and costs a
   comparison of the vtable, of the vat, and of the type.  */

#include <config.h>

#include "guile-hob.h"
#include "refr.h"

static SCM refr_p(SCM object) {
    return scm_from_bool(guile_hob_is_refr(object));
}

static SCM promise_p(SCM object) {
    return scm_from_bool(guile_hob_is_refr(object) &&
                         hob_type_of(guile_hob_refr(object)) == HOB_PROMISE);
}

static SCM near_p(SCM object) {
    return scm_from_bool(guile_hob_is_refr(object) &&
                         hob_refr_vat(guile_hob_refr(object)) ==
                             guile_hob_current("near-refr?"));
}

static SCM refr_name(SCM refr) {
    hob_value name =
        guile_hob_is_refr(refr) ? hob_object_name(guile_hob_refr(refr)) : NULL;
    return name == NULL ? SCM_BOOL_F : guile_hob_held(name);
}

/* The Scheme record of the refr's vat.  */
static SCM refr_vat(SCM refr) {
    if (!guile_hob_is_refr(refr))
        return SCM_BOOL_F;
    const void *data = hob_vat_host_data(hob_refr_vat(guile_hob_refr(refr)));
    return data == NULL ? SCM_BOOL_F : guile_hob_scm(data);
}

static SCM refr_id(SCM refr) {
    return scm_from_uint64(guile_hob_is_refr(refr) ? hob_refr_id(guile_hob_refr(refr))
                                                   : 0);
}

static SCM in_turn_p(void) {
    return scm_from_bool(hob_vat_current() != NULL);
}

/* The behaviour of a near host object that is awake; else #f.  */
static SCM enter(SCM refr) {
    if (!guile_hob_is_refr(refr))
        return SCM_BOOL_F;
    const hobi_refr *object = hobi_to_refr(guile_hob_refr(refr));
    if (object->vat != hob_vat_current() || hobi_type(object) != HOB_REFR_HOST)
        return SCM_BOOL_F;
    return guile_hob_scm(object->a);
}

static SCM follow(SCM refr) {
    return guile_hob_is_refr(refr)
               ? guile_hob_held(hob_refr_follow(guile_hob_refr(refr)))
               : refr;
}

/* What REFR is, once promises that are settled and near are followed.  */
static SCM classify(SCM refr) {
    static const char *const names[] = {"c",       "host",   "resolver",
                                        "promise", "asleep", "dead"};
    if (!guile_hob_is_refr(refr))
        return scm_from_utf8_symbol("value");
    hob_vat *current = guile_hob_current("$");
    hobi_refr *object = hobi_to_refr(guile_hob_refr(refr));
    if (object->vat != current)
        return scm_from_utf8_symbol("far");
    if (hobi_type(object) != HOB_REFR_PROMISE)
        return scm_from_utf8_symbol(names[hobi_type(object)]);
    if (hobi_has(object, HOBI_UNRESOLVED))
        return scm_from_utf8_symbol("unresolved");
    return scm_from_utf8_symbol(hobi_has(object, HOBI_BROKEN) ? "broken" : "promise");
}

/* (state . value) of a promise: unresolved, fulfilled or broken.  */
static SCM promise_look(SCM promise) {
    static const char *const names[] = {"unresolved", "fulfilled", "broken"};
    hob_value value = NULL;
    hob_turn *turn = hob_vat_turn(guile_hob_current("a promise"));
    hob_promise_state state = hob_promise_look(turn, guile_hob_hold(promise), &value);
    return scm_cons(scm_from_utf8_symbol(names[state]), guile_hob_held(value));
}

/* ----------------------------------------------------------------- objects */

static SCM object_begin(SCM name, SCM constructor) {
    hob_vat *vat = guile_hob_current("spawn");
    hob_value label = scm_is_false(name) ? NULL : guile_hob_hold(name);
    hob_value refr = hob_object_begin(vat, label, SCM_UNPACK_POINTER(constructor));
    if (refr == NULL)
        scm_report_out_of_memory();
    return guile_hob_scm(refr);
}

/* REFR #f: nothing is expected any more.  Gives what was expected and did not come,
   as a pair of refr and constructor, or #f.  */
static SCM object_expect(SCM refr, SCM constructor) {
    hob_vat *vat = guile_hob_current("a restore");
    const void *other = NULL;
    hob_value expected = hob_object_expected(vat, &other);
    hob_object_expect(vat, scm_is_false(refr) ? NULL : guile_hob_refr(refr),
                      SCM_UNPACK_POINTER(constructor));
    return expected == NULL ? SCM_BOOL_F
                            : scm_cons(guile_hob_scm(expected), guile_hob_scm(other));
}

static SCM object_install(SCM refr, SCM behaviour, SCM portrait, SCM constructor) {
    hob_object_install(guile_hob_refr(refr), SCM_UNPACK_POINTER(behaviour),
                       SCM_UNPACK_POINTER(portrait), SCM_UNPACK_POINTER(constructor));
    return refr;
}

static SCM object_become(SCM refr, SCM behaviour, SCM portrait, SCM constructor) {
    const void *restorer =
        scm_is_false(constructor) ? NULL : SCM_UNPACK_POINTER(constructor);
    int code = HOB_EAUTHORITY;
    if (guile_hob_is_refr(refr))
        code = hob_object_become(guile_hob_current("bcom"), guile_hob_refr(refr),
                                 SCM_UNPACK_POINTER(behaviour),
                                 SCM_UNPACK_POINTER(portrait), restorer);
    guile_hob_check(code, NULL);
    return SCM_UNSPECIFIED;
}

static SCM word_or_false(const void *word) {
    return word == NULL ? SCM_BOOL_F : guile_hob_scm(word);
}

static SCM object_portrait(SCM refr) {
    return word_or_false(hob_object_portrait(guile_hob_refr(refr)));
}

static SCM object_constructor(SCM refr) {
    return word_or_false(hob_object_constructor(guile_hob_refr(refr)));
}

/* ---------------------------------------------------------------- messages */

/* Data that contains itself cannot leave the vat; say where.  */
static void check_sent(int code, SCM args) {
    hob_error error = {0};
    hob_value value = NULL;
    if (code == HOB_ECYCLE)
        guile_hob_check(guile_hob_to_value(args, &value, &error), &error);
    guile_hob_check(code, NULL);
}

static SCM send(SCM to, SCM args) {
    hob_vat *vat = guile_hob_current("<-np");
    check_sent(hob_turn_send(vat, guile_hob_hold(to), guile_hob_hold(args), NULL),
               args);
    return SCM_UNSPECIFIED;
}

static SCM send_with_promise(SCM to, SCM args) {
    hob_vat *vat = guile_hob_current("<-");
    hob_value promise = NULL;
    check_sent(hob_turn_send(vat, guile_hob_hold(to), guile_hob_hold(args), &promise),
               args);
    return guile_hob_scm(promise);
}

/* From outside of any turn.  #f: the mailbox is full.  No interrupt comes while this
   waits, so that it is called again and again.  */
static SCM post(SCM to, SCM args) {
    hob_error error = {0};
    hob_value list = NULL;
    int code = guile_hob_to_value(args, &list, &error);
    size_t count = code == HOB_OK ? hob_count(list) : 0;
    hob_value *items = hobi_alloc((count + 1) * sizeof *items);
    for (size_t i = 0; items != NULL && i < count; i++)
        items[i] = hob_item(list, i);
    if (code == HOB_OK && items != NULL)
        code = hob_post(guile_hob_refr(to), count, items, 20, &error);
    if (code != HOB_EFULL)
        guile_hob_check(code, &error);
    return scm_from_bool(code == HOB_OK);
}

static SCM listen(SCM vow, SCM fulfilled, SCM broken, SCM finally, SCM with_result) {
    const void *const words[4] = {SCM_UNPACK_POINTER(fulfilled),
                                  SCM_UNPACK_POINTER(broken),
                                  SCM_UNPACK_POINTER(finally), NULL};
    hob_vat *vat = guile_hob_current("on");
    hob_value result = NULL;
    guile_hob_check(hob_turn_listen(vat, guile_hob_hold(vow), words,
                                    scm_is_true(with_result) ? &result : NULL),
                    NULL);
    return result == NULL ? SCM_BOOL_F : guile_hob_scm(result);
}

static SCM listen_object(SCM vow, SCM listener) {
    hob_turn *turn = hob_vat_turn(guile_hob_current("listen-to"));
    int code = hob_listen(turn, guile_hob_hold(vow), guile_hob_hold(listener));
    guile_hob_check(code, hob_turn_error(turn));
    return SCM_UNSPECIFIED;
}

static SCM make_promise(void) {
    hob_turn *turn = hob_vat_turn(guile_hob_current("spawn-promise-and-resolver"));
    hob_value promise = NULL, resolver = NULL;
    guile_hob_check(hob_promise_new(turn, &promise, &resolver), hob_turn_error(turn));
    return scm_cons(guile_hob_scm(promise), guile_hob_scm(resolver));
}

static SCM settle(SCM resolver, SCM broken, SCM value) {
    bool happened = false;
    hob_vat *vat = guile_hob_current("a resolver");
    guile_hob_check(hob_turn_settle(vat, guile_hob_refr(resolver), scm_is_true(broken),
                                    guile_hob_hold(value), &happened),
                    NULL);
    return scm_from_bool(happened);
}

/* `$` on an object of C.  */
static SCM call_c(SCM refr, SCM args) {
    hob_turn *turn = hob_vat_turn(guile_hob_current("$"));
    hob_error error = {0};
    hob_value list = NULL, answer = NULL;
    guile_hob_check(guile_hob_to_value(args, &list, &error), &error);
    size_t count = hob_count(list);
    hob_value *items = hobi_alloc((count + 1) * sizeof *items);
    if (items == NULL)
        scm_report_out_of_memory();
    for (size_t i = 0; i < count; i++)
        items[i] = hob_item(list, i);
    int code = hob_call(turn, guile_hob_refr(refr), count, items, &answer);
    guile_hob_check(code, hob_turn_error(turn));
    return guile_hob_held(answer);
}

void guile_hob_init_refrs(void) {
    scm_c_define_gsubr("%refr?", 1, 0, 0, (scm_t_subr)refr_p);
    scm_c_define_gsubr("%promise?", 1, 0, 0, (scm_t_subr)promise_p);
    scm_c_define_gsubr("%near?", 1, 0, 0, (scm_t_subr)near_p);
    scm_c_define_gsubr("%refr-name", 1, 0, 0, (scm_t_subr)refr_name);
    scm_c_define_gsubr("%refr-vat", 1, 0, 0, (scm_t_subr)refr_vat);
    scm_c_define_gsubr("%refr-id", 1, 0, 0, (scm_t_subr)refr_id);
    scm_c_define_gsubr("%in-turn?", 0, 0, 0, (scm_t_subr)in_turn_p);
    scm_c_define_gsubr("%enter", 1, 0, 0, (scm_t_subr)enter);
    scm_c_define_gsubr("%follow", 1, 0, 0, (scm_t_subr)follow);
    scm_c_define_gsubr("%classify", 1, 0, 0, (scm_t_subr)classify);
    scm_c_define_gsubr("%promise-look", 1, 0, 0, (scm_t_subr)promise_look);
    scm_c_define_gsubr("%object-expect!", 2, 0, 0, (scm_t_subr)object_expect);
    scm_c_define_gsubr("%object-begin", 2, 0, 0, (scm_t_subr)object_begin);
    scm_c_define_gsubr("%object-install!", 4, 0, 0, (scm_t_subr)object_install);
    scm_c_define_gsubr("%object-become!", 4, 0, 0, (scm_t_subr)object_become);
    scm_c_define_gsubr("%object-portrait", 1, 0, 0, (scm_t_subr)object_portrait);
    scm_c_define_gsubr("%object-constructor", 1, 0, 0, (scm_t_subr)object_constructor);
    scm_c_define_gsubr("%send", 2, 0, 0, (scm_t_subr)send);
    scm_c_define_gsubr("%send/promise", 2, 0, 0, (scm_t_subr)send_with_promise);
    scm_c_define_gsubr("%post", 2, 0, 0, (scm_t_subr)post);
    scm_c_define_gsubr("%listen", 5, 0, 0, (scm_t_subr)listen);
    scm_c_define_gsubr("%listen-object", 2, 0, 0, (scm_t_subr)listen_object);
    scm_c_define_gsubr("%make-promise", 0, 0, 0, (scm_t_subr)make_promise);
    scm_c_define_gsubr("%settle", 3, 0, 0, (scm_t_subr)settle);
    scm_c_define_gsubr("%call-c", 2, 0, 0, (scm_t_subr)call_c);
}
