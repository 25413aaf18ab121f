/* vats.c -- primitives by which the Scheme loop drives vats.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The loop itself is hob/churn.scm.  A delivery is written into a vector that the
   loop reuses:

     0 type       call, notify or thunk, as 0, 1, 2
     1 target     call: the refr; notify: whether the promise broke
     2 behaviour  call of a host object: its behaviour, else #f; thunk: the thunk
     3 args       call: a list; notify: the value
     4 5 6        notify: the handlers of %listen  */

#include <config.h>

#include "guile-hob.h"

enum {
    SLOT_TYPE,
    SLOT_TARGET,
    SLOT_BEHAVIOUR,
    SLOT_ARGS,
    SLOT_FULFILLED,
    SLOT_BROKEN,
    SLOT_FINALLY
};

static hob_vat *vat_of(SCM vat, const char *who) {
    return guile_hob_unwrap(GUILE_HOB_VAT, vat, who);
}

/* DATA is the Scheme side's record for the vat; SPACE: it never runs by itself.  */
static SCM make_vat(SCM name, SCM limit, SCM space) {
    char *text = scm_to_utf8_string(name);
    hob_vat_options options = {.mailbox_limit = scm_to_size_t(limit)};
    options.name = scm_gc_strdup(text, "vat name");
    free(text);
    hob_vat *vat = hob_vat_new_host(guile_hob.runtime, &options, scm_is_true(space));
    if (vat == NULL)
        scm_report_out_of_memory();
    return guile_hob_wrap(GUILE_HOB_VAT, vat);
}

static SCM set_vat_data(SCM vat, SCM data) {
    hob_vat_set_host_data(vat_of(vat, "%set-vat-data!"), SCM_UNPACK_POINTER(data));
    return SCM_UNSPECIFIED;
}

static SCM current_vat_data(void) {
    hob_vat *vat = hob_vat_current();
    const void *data = vat == NULL ? NULL : hob_vat_host_data(vat);
    return data == NULL ? SCM_BOOL_F : guile_hob_scm(data);
}

static SCM running_p(SCM vat) {
    return scm_from_bool(hob_vat_running(vat_of(vat, "vat-running?")));
}

static void *halt_blocking(void *vat) {
    return hob_vat_halt_within(vat, 20) ? vat : NULL;
}

/* #f: a turn is running still.  No interrupt comes while this waits, so that it is
   called again and again.  */
static SCM halt(SCM vat) {
    return scm_from_bool(scm_without_guile(halt_blocking, vat_of(vat, "vat-halt!")) !=
                         NULL);
}

static SCM start(SCM vat) {
    hob_vat_start(vat_of(vat, "vat-start!"));
    return SCM_UNSPECIFIED;
}

/* GRIP, a vector of one element, is true while it holds the vat: set here and not
   by Scheme, where an interrupt could come before.  */
static SCM take_grip(SCM grip, bool owned) {
    SCM_SIMPLE_VECTOR_SET(grip, 0, scm_from_bool(owned));
    return scm_from_bool(owned);
}

static SCM own(SCM vat, SCM grip) {
    return take_grip(grip, hob_vat_own(vat_of(vat, "%own!")));
}

static SCM own_idle(SCM vat, SCM grip) {
    return take_grip(grip, hob_vat_own_idle(vat_of(vat, "call-with-vat")));
}

/* Nothing when GRIP holds no more.  */
static SCM let_go(SCM scm, SCM grip) {
    hob_vat *vat = vat_of(scm, "%let-go!");
    if (scm_is_false(SCM_SIMPLE_VECTOR_REF(grip, 0)))
        return SCM_BOOL_F;
    SCM_SIMPLE_VECTOR_SET(grip, 0, SCM_BOOL_F);
    hob_churn_leave(vat);
    hob_vat_disown(vat);
    return SCM_BOOL_T;
}

/* ----------------------------------------------------------------- tickets */

static hob_ticket *ticket_of(SCM ticket) {
    return guile_hob_unwrap(GUILE_HOB_TICKET, ticket, "a ticket");
}

static SCM push_thunk(SCM vat, SCM thunk) {
    hob_error error = {0};
    hob_ticket *ticket = hob_vat_push_thunk(vat_of(vat, "call-with-vat"),
                                            SCM_UNPACK_POINTER(thunk), &error);
    if (ticket == NULL)
        guile_hob_raise(&error);
    return guile_hob_wrap(GUILE_HOB_TICKET, ticket);
}

struct waiting {
    hob_ticket *ticket;
    int milliseconds;
};

static void *wait_blocking(void *data) {
    const struct waiting *waiting = data;
    hob_ticket_wait(waiting->ticket, waiting->milliseconds);
    return NULL;
}

static SCM ticket_wait(SCM ticket, SCM milliseconds) {
    struct waiting waiting = {ticket_of(ticket), scm_to_int(milliseconds)};
    scm_without_guile(wait_blocking, &waiting);
    return SCM_UNSPECIFIED;
}

static SCM ticket_done_p(SCM ticket) {
    return scm_from_bool(hob_ticket_done(ticket_of(ticket)));
}

static SCM ticket_cancel(SCM ticket) {
    return scm_from_bool(hob_ticket_cancel(ticket_of(ticket)));
}

/* #f when the vat was halted before the thunk ran.  */
static SCM ticket_result(SCM ticket) {
    const void *result = hob_ticket_result(ticket_of(ticket));
    return result == NULL ? SCM_BOOL_F : guile_hob_scm(result);
}

/* The driver's: the result of the churn's own thunk, for whoever waits.  */
static SCM finish_ticket(SCM ticket, SCM result) {
    hob_ticket_set_result(ticket_of(ticket), SCM_UNPACK_POINTER(result));
    return SCM_UNSPECIFIED;
}

static SCM churn_ticket(void) {
    hob_ticket *ticket = hob_churn_ticket(guile_hob_current("a churn"));
    return ticket == NULL ? SCM_BOOL_F : guile_hob_wrap(GUILE_HOB_TICKET, ticket);
}

/* ------------------------------------------------------------------ churns */

static SCM churn_begin(SCM vat) {
    return scm_from_int((int)hob_churn_begin(vat_of(vat, "%churn-begin!")));
}

static SCM churn_open(SCM vat) {
    hob_churn_open(vat_of(vat, "%churn-open!"));
    return SCM_UNSPECIFIED;
}

static void fill_call(SCM vector, const hob_delivery *delivery) {
    SCM behaviour = delivery->is_host && delivery->behaviour != NULL &&
                            hob_refr_type_of(delivery->target) == HOB_REFR_HOST
                        ? guile_hob_scm(delivery->behaviour)
                        : SCM_BOOL_F;
    SCM_SIMPLE_VECTOR_SET(vector, SLOT_TARGET, guile_hob_scm(delivery->target));
    SCM_SIMPLE_VECTOR_SET(vector, SLOT_BEHAVIOUR, behaviour);
    SCM_SIMPLE_VECTOR_SET(vector, SLOT_ARGS, guile_hob_held(delivery->args));
}

static void fill_notify(SCM vector, const hob_delivery *delivery) {
    SCM_SIMPLE_VECTOR_SET(vector, SLOT_TARGET, scm_from_bool(delivery->broken));
    SCM_SIMPLE_VECTOR_SET(vector, SLOT_ARGS, guile_hob_held(delivery->value));
    for (size_t i = 0; i < 3; i++)
        SCM_SIMPLE_VECTOR_SET(vector, SLOT_FULFILLED + i,
                              guile_hob_scm(delivery->words[i]));
}

static SCM turn_next(SCM vector) {
    hob_delivery delivery = {0};
    hob_step step = hob_turn_next(guile_hob_current("a turn"), &delivery);
    if (step != HOB_STEP_TURN)
        return scm_from_int((int)step);
    SCM_SIMPLE_VECTOR_SET(vector, SLOT_TYPE, SCM_I_MAKINUM((int)delivery.type));
    if (delivery.type == HOB_DELIVER_CALL)
        fill_call(vector, &delivery);
    else if (delivery.type == HOB_DELIVER_NOTIFY)
        fill_notify(vector, &delivery);
    else
        SCM_SIMPLE_VECTOR_SET(vector, SLOT_BEHAVIOUR, guile_hob_scm(delivery.words[0]));
    return scm_from_int((int)step);
}

static SCM turn_commit(SCM answer) {
    hob_turn_commit(guile_hob_current("a turn"), guile_hob_hold(answer));
    return SCM_UNSPECIFIED;
}

static SCM turn_abort(SCM problem) {
    hob_turn_abort(guile_hob_current("a turn"), guile_hob_hold(problem));
    return SCM_UNSPECIFIED;
}

static SCM turn_undo(void) {
    hob_turn_undo(guile_hob_current("a turn"));
    return SCM_UNSPECIFIED;
}

static SCM churn_commit(void) {
    hob_churn_commit(guile_hob_current("a churn"));
    return SCM_UNSPECIFIED;
}

static SCM churn_abort(SCM problem) {
    hob_churn_abort(guile_hob_current("a churn"), guile_hob_hold(problem));
    return SCM_UNSPECIFIED;
}

static SCM churn_drop(void) {
    hob_churn_drop(guile_hob_current("a churn"));
    return SCM_UNSPECIFIED;
}

static SCM churn_hold(SCM ticket) {
    hob_churn_hold(guile_hob_current("a churn"), scm_to_uint64(ticket));
    return SCM_UNSPECIFIED;
}

static SCM churn_flush(void) {
    hob_error error = {0};
    guile_hob_check(hob_churn_flush(guile_hob_current("a churn"), &error), &error);
    return SCM_UNSPECIFIED;
}

/* `await` cannot suspend what this calls: there is a C frame below.  */
static SCM call_unsuspendable(SCM thunk) {
    return scm_call_0(thunk);
}

void guile_hob_init_vats(void) {
    scm_c_define_gsubr("%call-unsuspendable", 1, 0, 0, (scm_t_subr)call_unsuspendable);
    scm_c_define_gsubr("%make-vat", 3, 0, 0, (scm_t_subr)make_vat);
    scm_c_define_gsubr("%set-vat-data!", 2, 0, 0, (scm_t_subr)set_vat_data);
    scm_c_define_gsubr("%current-vat", 0, 0, 0, (scm_t_subr)current_vat_data);
    scm_c_define_gsubr("%running?", 1, 0, 0, (scm_t_subr)running_p);
    scm_c_define_gsubr("%halt!", 1, 0, 0, (scm_t_subr)halt);
    scm_c_define_gsubr("%start!", 1, 0, 0, (scm_t_subr)start);
    scm_c_define_gsubr("%own!", 2, 0, 0, (scm_t_subr)own);
    scm_c_define_gsubr("%own-idle!", 2, 0, 0, (scm_t_subr)own_idle);
    scm_c_define_gsubr("%let-go!", 2, 0, 0, (scm_t_subr)let_go);
    scm_c_define_gsubr("%push-thunk", 2, 0, 0, (scm_t_subr)push_thunk);
    scm_c_define_gsubr("%ticket-wait", 2, 0, 0, (scm_t_subr)ticket_wait);
    scm_c_define_gsubr("%ticket-done?", 1, 0, 0, (scm_t_subr)ticket_done_p);
    scm_c_define_gsubr("%ticket-cancel!", 1, 0, 0, (scm_t_subr)ticket_cancel);
    scm_c_define_gsubr("%ticket-result", 1, 0, 0, (scm_t_subr)ticket_result);
    scm_c_define_gsubr("%finish-ticket!", 2, 0, 0, (scm_t_subr)finish_ticket);
    scm_c_define_gsubr("%churn-ticket", 0, 0, 0, (scm_t_subr)churn_ticket);
    scm_c_define_gsubr("%churn-begin!", 1, 0, 0, (scm_t_subr)churn_begin);
    scm_c_define_gsubr("%churn-open!", 1, 0, 0, (scm_t_subr)churn_open);
    scm_c_define_gsubr("%turn-next!", 1, 0, 0, (scm_t_subr)turn_next);
    scm_c_define_gsubr("%turn-commit!", 1, 0, 0, (scm_t_subr)turn_commit);
    scm_c_define_gsubr("%turn-abort!", 1, 0, 0, (scm_t_subr)turn_abort);
    scm_c_define_gsubr("%turn-undo!", 0, 0, 0, (scm_t_subr)turn_undo);
    scm_c_define_gsubr("%churn-commit!", 0, 0, 0, (scm_t_subr)churn_commit);
    scm_c_define_gsubr("%churn-abort!", 1, 0, 0, (scm_t_subr)churn_abort);
    scm_c_define_gsubr("%churn-drop!", 0, 0, 0, (scm_t_subr)churn_drop);
    scm_c_define_gsubr("%churn-hold!", 1, 0, 0, (scm_t_subr)churn_hold);
    scm_c_define_gsubr("%churn-flush!", 0, 0, 0, (scm_t_subr)churn_flush);
}
