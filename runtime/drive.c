/* drive.c -- the driver for vats of C objects.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Runs what churn.c hands out, and ends each churn: save, wait, commit; or undo
   (rules 1 to 4).  A host language has a loop like this one of its own, and lets
   hob_turn_run do what is C's in it.  */

#include <config.h>

#include "vat.h"

static int run_call(hob_turn *turn, const hob_delivery *delivery, hob_value *answer) {
    hob_value list = hobi_copied(turn, delivery->args), few[8];
    size_t count = list == NULL ? 0 : hob_count(list);
    hob_value *args = count <= 8 ? few : hobi_alloc(count * sizeof *args);
    if (list == NULL || args == NULL)
        return hobi_error(&turn->error, HOB_ENOMEM, "the arguments of a message");
    for (size_t i = 0; i < count; i++)
        args[i] = hob_item(list, i);
    return hob_call(turn, delivery->target, count, args, answer);
}

static int run_handler(hob_turn *turn, const hob_delivery *delivery,
                       hob_value *answer) {
    const hobi_listener *listener = turn->message->extra;
    hob_value value = hobi_copied(turn, delivery->value);
    if (value == NULL)
        return hobi_error(&turn->error, HOB_ENOMEM, "the value of a promise");
    return listener->handler(turn, (void *)(uintptr_t)listener->words[0],
                             delivery->broken, value, answer);
}

static int run_delivery(hob_turn *turn, const hob_delivery *delivery,
                        hob_value *answer) {
    if (delivery->type == HOB_DELIVER_CALL)
        return run_call(turn, delivery, answer);
    if (delivery->type == HOB_DELIVER_NOTIFY)
        return run_handler(turn, delivery, answer);
    const hob_ticket *ticket = turn->message->extra;
    return ticket->function(turn, ticket->data, answer);
}

int hob_turn_run(hob_vat *vat, const hob_delivery *delivery, hob_value *result) {
    hob_turn *turn = &vat->turn;
    *result = NULL;
    turn->error = (hob_error){0};
    int code = run_delivery(turn, delivery, result);
    if (code == HOB_OK)
        return code;
    if (turn->error.code != code) /* it says nothing, or of another failure */
        hobi_error(&turn->error, code, "%s", hob_strerror(code));
    *result = hobi_problem(&turn->error);
    return code;
}

/* What the first turn of a churn gave, until the churn is committed.  */
struct outcome {
    int code;
    hob_value answer;
    hob_error error;
};

static void run_turn(hob_vat *vat, const hob_delivery *delivery,
                     struct outcome *first) {
    hob_turn *turn = &vat->turn;
    hob_value result;
    int code = hob_turn_run(vat, delivery, &result);
    if (turn->message == turn->first)
        *first = (struct outcome){code, code == HOB_OK ? result : NULL, turn->error};
    if (code == HOB_OK)
        hob_turn_commit(vat, result);
    else
        hob_turn_abort(vat, result);
}

static int halted_error(hob_vat *vat, hob_error *error) {
    return hobi_error(error, HOB_EHALTED, "the vat %s was halted", hob_vat_name(vat));
}

static int save_churn(hob_vat *vat, uint64_t *ticket, hob_error *error) {
    *ticket = 0;
    if (vat->saver.save == NULL)
        return HOB_OK;
    return vat->saver.save(vat, vat->saver.data, ticket, error);
}

static int wait_or_stop(hob_vat *vat, uint64_t ticket, hob_error *error) {
    if (ticket == 0)
        return hob_churn_flush(vat, error);
    return hobi_churn_wait(vat, ticket, error);
}

static void fail_churn(hob_vat *vat, int code, struct outcome *first) {
    first->code = code;
    first->answer = NULL;
    hob_churn_abort(vat, hobi_problem(&first->error));
}

static void end_well(hob_vat *vat, struct outcome *first) {
    uint64_t ticket = 0;
    hob_error error = {0};
    int code = save_churn(vat, &ticket, &error);
    if (code == HOB_OK && vat->saver.grouped && hob_churn_ticket(vat) == NULL) {
        hob_churn_hold(vat, ticket);
        return;
    }
    if (code == HOB_OK)
        code = wait_or_stop(vat, ticket, &error);
    if (code == HOB_OK) {
        hob_churn_commit(vat);
        return;
    }
    first->error = error;
    fail_churn(vat, code, first);
}

static void run_churn(hob_vat *vat) {
    struct outcome first = {0};
    hob_ticket *ticket = hob_churn_ticket(vat);
    hob_delivery delivery = {0};
    hob_step step;
    while ((step = hob_turn_next(vat, &delivery)) == HOB_STEP_TURN)
        run_turn(vat, &delivery, &first);
    if (step == HOB_STEP_HALT)
        fail_churn(vat, halted_error(vat, &first.error), &first);
    else
        end_well(vat, &first);
    if (ticket != NULL)
        hobi_ticket_finish(ticket, first.code, first.answer, &first.error);
}

void hobi_drive(hob_vat *vat, size_t budget) {
    const hob_host_language *host = hobi_runtime_host(vat->runtime);
    if (vat->host_driven) {
        host->drive(vat, budget);
        return;
    }
    while (budget-- > 0 && hob_churn_begin(vat) == HOB_STEP_READY)
        run_churn(vat);
    hob_churn_flush(vat, NULL);
}
