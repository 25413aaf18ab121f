/* guile-hob.c -- the Guile extension begins here.
   SPDX-License-Identifier: LGPL-3.0-or-later

   (hob primitives) loads it and gives it, by %set-hooks!, the procedures that C has
   to call: they are few, and none of them is on the way of a near call.  */

#include <config.h>

#include "guile-hob.h"

struct guile_hob guile_hob;

static SCM types[GUILE_HOB_TYPES];

SCM guile_hob_wrap(guile_hob_type type, const void *pointer) {
    return scm_make_foreign_object_1(types[type], (void *)(uintptr_t)pointer);
}

void *guile_hob_unwrap(guile_hob_type type, SCM object, const char *who) {
    if (!SCM_STRUCTP(object) || !scm_is_eq(SCM_STRUCT_VTABLE(object), types[type]))
        scm_wrong_type_arg_msg(who, 0, object,
                               type == GUILE_HOB_STORE ? "store"
                               : type == GUILE_HOB_VAT ? "vat"
                                                       : "handle of the right kind");
    return (void *)SCM_STRUCT_DATA_REF(object, 0);
}

/* ------------------------------------------------------ what C asks of us  */

static void drive(hob_vat *vat, size_t budget) {
    scm_call_2(guile_hob.drive, guile_hob_scm(hob_vat_host_data(vat)),
               scm_from_size_t(budget));
}

static void *enter_thread(void *(*thread_main)(void *), void *argument) {
    return scm_with_guile(thread_main, argument);
}

/* The Scheme side gives (#t . answer) or (#f . problem).  */
static int call_host(hob_turn *turn, hob_value refr, size_t count,
                     const hob_value *args, hob_value *answer) {
    SCM list = SCM_EOL;
    for (size_t i = count; i > 0; i--)
        list = scm_cons(guile_hob_held(args[i - 1]), list);
    SCM outcome = scm_call_2(guile_hob.call, guile_hob_scm(refr), list);
    if (scm_is_false(scm_car(outcome)))
        return hob_fail_with(turn, guile_hob_hold(scm_cdr(outcome)));
    return guile_hob_to_value(scm_cdr(outcome), answer, NULL);
}

/* The Scheme side gives a string, or #f.  */
static const char *print(const void *object) {
    SCM string = scm_call_1(guile_hob.print, guile_hob_scm(object));
    if (!scm_is_string(string))
        return NULL;
    char *text = scm_to_utf8_string(string);
    const char *kept = scm_gc_strdup(text, "printed value");
    free(text);
    return kept;
}

static hob_host_language language = {
    .drive = drive,
    .enter_thread = enter_thread,
    .call = call_host,
    .import = guile_hob_import,
    .export = guile_hob_export,
    .print = print,
};

/* ------------------------------------------------------------------- start */

/* In the order of `struct guile_hob`.  */
static SCM set_hooks(SCM hooks) {
    SCM *const places[] = {
        &guile_hob.drive,
        &guile_hob.call,
        &guile_hob.raise_error,
        &guile_hob.map_to_pairs,
        &guile_hob.pairs_to_map,
        &guile_hob.set_to_list,
        &guile_hob.list_to_set,
        &guile_hob.map_vtable,
        &guile_hob.set_vtable,
        &guile_hob.tagged_vtable,
        &guile_hob.zilch,
        &guile_hob.make_tagged,
        &guile_hob.error_to_exception,
        &guile_hob.print,
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++, hooks = scm_cdr(hooks))
        *places[i] = scm_car(hooks);
    return SCM_UNSPECIFIED;
}

static SCM make_type(const char *name, const char *slot) {
    return scm_make_foreign_object_type(scm_from_utf8_symbol(name),
                                        scm_list_1(scm_from_utf8_symbol(slot)), NULL);
}

static void make_types(void) {
    static const char *const names[] = {"<hob-vat>", "<hob-ticket>", "<hob-store>",
                                        "<hob-environment>", "<hob-keeper>"};
    for (int i = 0; i < GUILE_HOB_TYPES; i++)
        types[i] = make_type(names[i], "pointer");
    guile_hob.refr_vtable = make_type("<refr>", "id");
    scm_c_define("<refr>", guile_hob.refr_vtable);
}

static void start_runtime(void) {
    hob_runtime_options options = {.host = &language};
    language.refr_header =
        (uintptr_t)SCM_UNPACK(guile_hob.refr_vtable) | (uintptr_t)scm_tc3_struct;
    guile_hob.runtime = hob_runtime_new(&options);
    if (guile_hob.runtime == NULL)
        scm_report_out_of_memory();
}

HOB_API void scm_init_hob(void);

void scm_init_hob(void) {
    make_types();
    start_runtime();
    scm_c_define_gsubr("%set-hooks!", 1, 0, 0, (scm_t_subr)set_hooks);
    guile_hob_init_refrs();
    guile_hob_init_vats();
    guile_hob_init_stores();
    guile_hob_init_keepers();
}
