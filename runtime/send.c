/* send.c -- messages that are handled in a later turn.
   SPDX-License-Identifier: LGPL-3.0-or-later

   To a near object: the near queue, so the same churn.  To a far one: the outbox,
   which leaves when the churn is committed (rule 3).  To an unresolved near
   promise: the promise itself, until it settles.  */

#include <config.h>

#include "vat.h"

static int put_call(hob_turn *turn, hob_value to, hob_value args, hobi_refr *answer) {
    hob_value target = hobi_follow(turn->vat, to);
    if (!hobi_is_refr(target))
        return hobi_answer(turn, answer, false, target);
    hobi_refr *refr = hobi_to_refr(target);
    hobi_message *message = hobi_message_new(HOBI_CALL, refr, args, answer);
    if (message == NULL)
        return HOB_ENOMEM;
    if (refr->vat == turn->vat && hobi_refr_is_promise(target) &&
        hobi_has(refr, HOBI_UNRESOLVED))
        return hobi_promise_wait(turn, refr, message);
    return hobi_turn_put(turn, message);
}

int hobi_send(hob_turn *turn, hob_value to, hob_value args, hobi_refr **promise) {
    hobi_refr *answer = NULL;
    int code = promise == NULL ? HOB_OK : hobi_promise_new(turn, &answer);
    if (code == HOB_OK)
        code = put_call(turn, to, args, answer);
    if (promise != NULL)
        *promise = answer;
    return code;
}

static int send_list(hob_turn *turn, hob_value to, size_t count, const hob_value *args,
                     hobi_refr **promise) {
    if (!hobi_is_refr(to))
        return hobi_error(&turn->error, HOB_ETYPE,
                          "cannot send to %s: it is not a reference to an object or "
                          "promise",
                          hob_print(to, 80));
    hob_value list = hob_list(count, args);
    int code = list == NULL ? HOB_ENOMEM : hobi_send(turn, to, list, promise);
    return code == HOB_OK ? code : hobi_error(&turn->error, code, "sending a message");
}

int hob_send(hob_turn *turn, hob_value to, size_t count, const hob_value *args,
             hob_value *promise) {
    hobi_refr *answer = NULL;
    int code = send_list(turn, to, count, args, &answer);
    *promise = hobi_from_refr(answer);
    return code;
}

int hob_send_only(hob_turn *turn, hob_value to, size_t count, const hob_value *args) {
    return send_list(turn, to, count, args, NULL);
}

int hob_promise_new(hob_turn *turn, hob_value *promise, hob_value *resolver) {
    hobi_refr *vow = NULL;
    int code = hobi_promise_new(turn, &vow);
    hobi_refr *settler =
        code == HOB_OK ? hobi_refr_new(turn->vat, HOB_REFR_RESOLVER) : NULL;
    if (settler == NULL || hobi_log_spawn(turn, settler) != HOB_OK)
        return hobi_error(&turn->error, HOB_ENOMEM, "making a promise");
    settler->a = vow;
    *promise = hobi_from_refr(vow);
    *resolver = hobi_from_refr(settler);
    return HOB_OK;
}

int hob_listen(hob_turn *turn, hob_value promise, hob_value listener) {
    if (!hobi_is_refr(listener))
        return hobi_error(&turn->error, HOB_ETYPE,
                          "%s cannot listen: it is no reference",
                          hob_print(listener, 80));
    const hobi_listener object = {.type = HOBI_OBJECT,
                                  .target = hobi_to_refr(listener)};
    int code = hobi_listen(turn, promise, &object);
    return code == HOB_OK ? code : hobi_error(&turn->error, code, "listening");
}

static int listen_with_result(hob_turn *turn, hob_value vow, hobi_listener *listener,
                              hob_value *result) {
    int code = result == NULL ? HOB_OK : hobi_promise_new(turn, &listener->result);
    if (code == HOB_OK)
        code = hobi_listen(turn, vow, listener);
    if (result != NULL)
        *result = hobi_from_refr(listener->result);
    return code;
}

int hob_on(hob_turn *turn, hob_value vow, hob_handler *handler, void *data,
           hob_value *result) {
    hobi_listener listener = {.type = HOBI_FUNCTION, .handler = handler};
    listener.words[0] = data;
    int code = listen_with_result(turn, vow, &listener, result);
    return code == HOB_OK ? code : hobi_error(&turn->error, code, "listening");
}

int hob_turn_send(hob_vat *vat, hob_value to, hob_value args, hob_value *promise) {
    hobi_refr *answer = NULL;
    int code = hobi_send(&vat->turn, to, args, promise == NULL ? NULL : &answer);
    if (promise != NULL)
        *promise = hobi_from_refr(answer);
    return code;
}

int hob_turn_listen(hob_vat *vat, hob_value vow, const void *const words[4],
                    hob_value *result) {
    hobi_listener listener = {.type = HOBI_WORDS};
    for (int i = 0; i < 4; i++)
        listener.words[i] = words[i];
    return listen_with_result(&vat->turn, vow, &listener, result);
}

int hob_turn_settle(hob_vat *vat, hob_value resolver, bool broken, hob_value value,
                    bool *happened) {
    hobi_refr *refr = hobi_is_refr(resolver) ? hobi_to_refr(resolver) : NULL;
    if (refr == NULL || refr->vat != vat || hobi_type(refr) != HOB_REFR_RESOLVER)
        return HOB_EAUTHORITY;
    return hobi_settle(&vat->turn, hobi_to_refr((hob_value)refr->a), broken, value,
                       happened);
}
