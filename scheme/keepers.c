/* keepers.c -- primitives for saving and restoring.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The walk is hob/keeper.scm's: portraits and constructors are Scheme, and no C
   frame stands below them.  Objects of C in the same vat are done here.  */

#include <config.h>

#include "guile-hob.h"

static hob_keeper *keeper_of(SCM keeper) {
    return guile_hob_unwrap(GUILE_HOB_KEEPER, keeper, "a keeper");
}

static SCM keeper_open(SCM vat, SCM store, SCM environment, SCM key) {
    hob_keeper *keeper = NULL;
    hob_error error = {0};
    char *text = scm_to_utf8_string(key);
    const char *kept = scm_gc_strdup(text, "vat key");
    free(text);
    int code = hob_keeper_open(
        guile_hob_unwrap(GUILE_HOB_VAT, vat, "spawn-persistent-vat"),
        guile_hob_store(store, "spawn-persistent-vat"),
        guile_hob_unwrap(GUILE_HOB_ENVIRONMENT, environment, "spawn-persistent-vat"),
        kept, &keeper, &error);
    guile_hob_check(code, &error);
    return guile_hob_wrap(GUILE_HOB_KEEPER, keeper);
}

static SCM keeper_fresh_p(SCM keeper) {
    return scm_from_bool(hob_keeper_fresh(keeper_of(keeper)));
}

static SCM keeper_grouped_p(SCM keeper) {
    return scm_from_bool(hob_keeper_grouped(keeper_of(keeper)));
}

static SCM keeper_roots(SCM scm) {
    const hob_keeper *keeper = keeper_of(scm);
    SCM roots = SCM_EOL;
    for (size_t i = hob_keeper_root_count(keeper); i > 0; i--)
        roots = scm_cons(guile_hob_scm(hob_keeper_root(keeper, i - 1)), roots);
    return roots;
}

static SCM keeper_roots_version(SCM keeper) {
    return guile_hob_from_value(hob_keeper_roots_version(keeper_of(keeper)));
}

static SCM keeper_set_roots(SCM keeper, SCM version, SCM roots) {
    hob_error error = {0};
    hob_value stored = NULL;
    size_t count = (size_t)scm_ilength(roots);
    hob_value *refrs = hobi_alloc((count + 1) * sizeof *refrs);
    int code =
        refrs == NULL ? HOB_ENOMEM : guile_hob_to_value(version, &stored, &error);
    for (size_t i = 0; code == HOB_OK && i < count; i++, roots = scm_cdr(roots))
        code = guile_hob_to_value(scm_car(roots), &refrs[i], &error);
    if (code == HOB_OK)
        code = hob_keeper_set_roots(keeper_of(keeper), stored, count, refrs, &error);
    guile_hob_check(code, &error);
    return SCM_UNSPECIFIED;
}

static SCM keeper_vat_id(SCM keeper) {
    return guile_hob_from_value(hob_bytes(hob_keeper_vat_id(keeper_of(keeper)), 32));
}

/* ----------------------------------------------------------------- restore */

static SCM next_asleep(SCM keeper) {
    hob_value refr = hob_keeper_next_asleep(keeper_of(keeper));
    return refr == NULL ? SCM_BOOL_F : guile_hob_scm(refr);
}

/* #(spec version portrait name) of an object of Scheme; #f of one of C, which is
   awake then.  */
static SCM wake_record(SCM keeper, SCM refr) {
    hob_record record;
    hob_error error = {0};
    hob_value object = guile_hob_refr(refr);
    int code = hob_keeper_record(keeper_of(keeper), object, &record, &error);
    if (code == HOB_OK && record.kind != NULL) {
        code = hob_keeper_wake(keeper_of(keeper), object, &record, &error);
        guile_hob_check(code, &error);
        return SCM_BOOL_F;
    }
    guile_hob_check(code, &error);
    return scm_vector(scm_list_4(
        guile_hob_scm(record.spec), guile_hob_from_value(record.version),
        guile_hob_from_value(record.portrait), guile_hob_from_value(record.name)));
}

static SCM keeper_upgraded(SCM keeper, SCM refr, SCM name, SCM version) {
    hob_record old = {0};
    hob_error error = {0};
    int code = guile_hob_to_value(name, &old.name, &error);
    if (code == HOB_OK)
        code = guile_hob_to_value(version, &old.version, &error);
    if (code == HOB_OK)
        code = hob_keeper_upgraded(keeper_of(keeper), guile_hob_refr(refr), &old);
    guile_hob_check(code, &error);
    return SCM_UNSPECIFIED;
}

static SCM keeper_move_in(SCM keeper, SCM refr, SCM other) {
    hob_error error = {0};
    guile_hob_check(hob_keeper_move_in(keeper_of(keeper), guile_hob_refr(refr),
                                       guile_hob_hold(other), &error),
                    &error);
    return refr;
}

/* -------------------------------------------------------------------- save */

static SCM save_begin(SCM keeper, SCM everything) {
    hob_error error = {0};
    guile_hob_check(
        hob_keeper_save_begin(keeper_of(keeper), scm_is_true(everything), &error),
        &error);
    return SCM_UNSPECIFIED;
}

/* The next object of Scheme; those of C are saved on the way.  */
static SCM save_next(SCM scm) {
    hob_keeper *keeper = keeper_of(scm);
    hob_error error = {0};
    for (hob_value refr; (refr = hob_keeper_save_next(keeper)) != NULL;) {
        if (hob_refr_type_of(refr) != HOB_REFR_OBJECT)
            return guile_hob_scm(refr);
        guile_hob_check(hob_keeper_save_c(keeper, refr, &error), &error);
    }
    return SCM_BOOL_F;
}

static SCM save_object(SCM keeper, SCM refr, SCM name, SCM version, SCM portrait) {
    hob_error error = {0};
    hob_value object = guile_hob_refr(refr), kind = NULL, number = NULL, data = NULL;
    int code = guile_hob_to_value(name, &kind, &error);
    if (code == HOB_OK)
        code = guile_hob_to_value(version, &number, &error);
    if (code == HOB_OK)
        code = guile_hob_to_value(portrait, &data, &error);
    if (code == HOB_ECYCLE) {
        const char *path = error.path;
        hobi_error(&error, code, "cannot save %s of kind %s: %s", hob_print(object, 80),
                   hob_print(kind, 100), error.message);
        error.path = path;
    }
    if (code == HOB_OK)
        code = hob_keeper_save_object(keeper_of(keeper), object, kind, number, data,
                                      &error);
    guile_hob_check(code, &error);
    return SCM_UNSPECIFIED;
}

static SCM save_finish(SCM keeper) {
    hob_error error = {0};
    uint64_t ticket = 0;
    guile_hob_check(hob_keeper_save_finish(keeper_of(keeper), &ticket, &error), &error);
    return scm_from_uint64(ticket);
}

static SCM save_abort(SCM keeper) {
    hob_keeper_save_abort(keeper_of(keeper));
    return SCM_UNSPECIFIED;
}

struct waiting {
    hob_keeper *keeper;
    uint64_t ticket;
    hob_error error;
    int code;
};

static void *wait_blocking(void *data) {
    struct waiting *waiting = data;
    waiting->code = hob_keeper_wait(waiting->keeper, waiting->ticket, &waiting->error);
    return NULL;
}

/* A sync takes long enough to let the collector of other threads go on.  */
static SCM keeper_wait(SCM keeper, SCM ticket) {
    struct waiting waiting = {keeper_of(keeper), scm_to_uint64(ticket), {0}, 0};
    wait_blocking(&waiting);
    guile_hob_check(waiting.code, &waiting.error);
    return SCM_UNSPECIFIED;
}

void guile_hob_init_keepers(void) {
    scm_c_define_gsubr("%keeper-open", 4, 0, 0, (scm_t_subr)keeper_open);
    scm_c_define_gsubr("%keeper-fresh?", 1, 0, 0, (scm_t_subr)keeper_fresh_p);
    scm_c_define_gsubr("%keeper-grouped?", 1, 0, 0, (scm_t_subr)keeper_grouped_p);
    scm_c_define_gsubr("%keeper-roots", 1, 0, 0, (scm_t_subr)keeper_roots);
    scm_c_define_gsubr("%keeper-roots-version", 1, 0, 0,
                       (scm_t_subr)keeper_roots_version);
    scm_c_define_gsubr("%keeper-set-roots!", 3, 0, 0, (scm_t_subr)keeper_set_roots);
    scm_c_define_gsubr("%keeper-vat-id", 1, 0, 0, (scm_t_subr)keeper_vat_id);
    scm_c_define_gsubr("%next-asleep", 1, 0, 0, (scm_t_subr)next_asleep);
    scm_c_define_gsubr("%wake-record", 2, 0, 0, (scm_t_subr)wake_record);
    scm_c_define_gsubr("%keeper-upgraded!", 4, 0, 0, (scm_t_subr)keeper_upgraded);
    scm_c_define_gsubr("%keeper-move-in!", 3, 0, 0, (scm_t_subr)keeper_move_in);
    scm_c_define_gsubr("%save-begin!", 2, 0, 0, (scm_t_subr)save_begin);
    scm_c_define_gsubr("%save-next!", 1, 0, 0, (scm_t_subr)save_next);
    scm_c_define_gsubr("%save-object!", 5, 0, 0, (scm_t_subr)save_object);
    scm_c_define_gsubr("%save-finish!", 1, 0, 0, (scm_t_subr)save_finish);
    scm_c_define_gsubr("%save-abort!", 1, 0, 0, (scm_t_subr)save_abort);
    scm_c_define_gsubr("%keeper-wait!", 2, 0, 0, (scm_t_subr)keeper_wait);
}
