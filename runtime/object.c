/* object.c -- objects: spawning, calling, becoming.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A C object is a kind (functions) and a state (a value).  What hob_become was
   given takes effect when the behaviour returns well.  An activation that was
   overtaken, because the object was called again and changed meanwhile, may not
   become: the change in between would be lost without a word.  Nobody can make
   another object become (rule 6): only the running activation is asked.  */

#include <config.h>

#include <stdarg.h>

#include "format.h"
#include "vat.h"

static int turn_fail(hob_turn *turn, int code, hob_value refr, const char *why) {
    return hobi_error(&turn->error, code, "%s: %s",
                      refr == NULL ? "spawn" : hob_print(refr, 80), why);
}

static unsigned depth(const hob_turn *turn) {
    return turn->frame == NULL ? 0 : turn->frame->depth;
}

/* Behaviours and constructors nest on the C stack, which ends without an error.  */
static int check_depth(hob_turn *turn, hob_value object) {
    if (depth(turn) < HOB_CALL_DEPTH)
        return HOB_OK;
    return turn_fail(turn, HOB_ELIMIT, object,
                     "too many calls inside each other: something calls itself without "
                     "end");
}

static int first_state(hob_turn *turn, const hob_kind *kind, size_t count,
                       const hob_value *args, hob_value *state) {
    if (kind->construct != NULL)
        return kind->construct(turn, count, args, state);
    *state = hob_list(count, args);
    return *state == NULL ? HOB_ENOMEM : HOB_OK;
}

int hob_spawn_named(hob_turn *turn, hob_value name, const hob_kind *kind, size_t count,
                    const hob_value *args, hob_value *refr) {
    hob_value state = NULL;
    int code = check_depth(turn, NULL);
    if (code != HOB_OK)
        return code;
    hobi_frame frame = {.caller = turn->frame, .depth = depth(turn) + 1};
    turn->frame = &frame;
    code = first_state(turn, kind, count, args, &state);
    turn->frame = frame.caller;
    if (code != HOB_OK)
        return code == HOB_ENOMEM ? turn_fail(turn, code, NULL, "no memory") : code;
    hobi_refr *object =
        state == NULL ? NULL : hobi_refr_new(turn->vat, HOB_REFR_OBJECT);
    if (object == NULL || hobi_log_spawn(turn, object) != HOB_OK)
        return turn_fail(turn, HOB_ENOMEM, NULL, "no memory, or no state");
    object->a = kind;
    object->b = state;
    object->name = name;
    *refr = hobi_from_refr(object);
    return HOB_OK;
}

int hob_spawn(hob_turn *turn, const hob_kind *kind, size_t count, const hob_value *args,
              hob_value *refr) {
    hob_value name = hob_symbol_from(kind->name);
    return hob_spawn_named(turn, name, kind, count, args, refr);
}

static int apply_become(hob_turn *turn, hobi_refr *self, const hobi_frame *frame,
                        const hob_kind *kind, hob_value entered) {
    if (frame->next_kind == NULL)
        return HOB_OK;
    if (self->a != kind || self->b != entered)
        return turn_fail(turn, HOB_EAUTHORITY, hobi_from_refr(self),
                         "it was called again and changed while this call ran, so this "
                         "call cannot change it too");
    int code = hobi_log(turn, self);
    if (code != HOB_OK)
        return turn_fail(turn, code, hobi_from_refr(self), "no memory");
    self->a = frame->next_kind;
    self->b = frame->next_state;
    return HOB_OK;
}

int hobi_object_call(hob_turn *turn, hobi_refr *object, size_t count,
                     const hob_value *args, hob_value *answer) {
    const hob_kind *kind = object->a;
    hob_value state = object->b, result = NULL;
    int code = check_depth(turn, hobi_from_refr(object));
    if (code != HOB_OK)
        return code;
    hobi_frame frame = {
        .caller = turn->frame, .self = object, .depth = depth(turn) + 1};
    turn->frame = &frame;
    code = kind->behave(turn, state, count, args, &result);
    turn->frame = frame.caller;
    if (code == HOB_OK)
        code = apply_become(turn, object, &frame, kind, state);
    *answer = result != NULL ? result : hob_void();
    return code;
}

/* ('fulfill v) or ('break p), as everybody may send it.  */
static int resolver_call(hob_turn *turn, hobi_refr *resolver, size_t count,
                         const hob_value *args, hob_value *answer) {
    bool breaks = count == 2 && hob_is_symbol(args[0], "break");
    if (count != 2 || (!breaks && !hob_is_symbol(args[0], "fulfill")))
        return turn_fail(turn, HOB_EINVAL, hobi_from_refr(resolver),
                         "a resolver takes (fulfill VALUE) and (break PROBLEM)");
    bool happened = false;
    int code = hobi_settle(turn, hobi_to_refr((hob_value)resolver->a), breaks, args[1],
                           &happened);
    *answer = hob_boolean(happened);
    return code;
}

static int not_callable(hob_turn *turn, hob_value target, hob_value value) {
    if (!hobi_is_refr(target))
        return turn_fail(turn, HOB_ETYPE, target, "it is not a reference");
    const hobi_refr *refr = hobi_to_refr(target);
    if (refr->vat != turn->vat)
        return turn_fail(turn, HOB_ENOTCALLABLE, target,
                         "it is in another vat: send it a message instead");
    if (hobi_type(refr) != HOB_REFR_PROMISE)
        return turn_fail(turn, HOB_ENOTFOUND, target,
                         "the turn that spawned it was undone");
    if (hobi_has(refr, HOBI_UNRESOLVED))
        return turn_fail(turn, HOB_ENOTCALLABLE, target,
                         "the promise is not settled: send it a message, or wait");
    turn_fail(turn, HOB_EBROKEN, target, "the promise is broken");
    turn->error.problem = value;
    return HOB_EBROKEN;
}

/* In a vat that the host drives, the host wakes its objects and those of C.  */
static int wake_and_call(hob_turn *turn, hob_value target, size_t count,
                         const hob_value *args, hob_value *answer) {
    hob_vat *vat = turn->vat;
    hob_error error = {0};
    if (vat->host_driven)
        return hobi_runtime_host(vat->runtime)->call(turn, target, count, args, answer);
    int code = vat->saver.wake(vat, vat->saver.data, target, &error);
    if (code == HOB_OK)
        return hob_call(turn, target, count, args, answer);
    turn->error = error;
    return code;
}

int hob_call(hob_turn *turn, hob_value refr, size_t count, const hob_value *args,
             hob_value *answer) {
    hob_value target = hobi_follow(turn->vat, refr);
    if (target != refr && !hobi_is_refr(target)) {
        *answer = target;
        return HOB_OK;
    }
    hobi_refr *object = hobi_is_refr(target) ? hobi_to_refr(target) : NULL;
    if (object == NULL || object->vat != turn->vat)
        return not_callable(turn, target, NULL);
    const hob_host_language *host = hobi_runtime_host(turn->vat->runtime);
    switch (hobi_type(object)) {
    case HOB_REFR_OBJECT:
        return hobi_object_call(turn, object, count, args, answer);
    case HOB_REFR_HOST:
        return host->call(turn, target, count, args, answer);
    case HOB_REFR_ASLEEP:
        return wake_and_call(turn, target, count, args, answer);
    case HOB_REFR_RESOLVER:
        return resolver_call(turn, object, count, args, answer);
    default:
        return not_callable(turn, target, (hob_value)object->a);
    }
}

int hob_become(hob_turn *turn, hob_value state) {
    const hobi_frame *frame = turn->frame;
    if (frame == NULL || frame->self == NULL)
        return turn_fail(turn, HOB_ENOTTURN, NULL, "only a behaviour can become");
    return hob_become_kind(turn, frame->self->a, state);
}

int hob_become_kind(hob_turn *turn, const hob_kind *kind, hob_value state) {
    hobi_frame *frame = turn->frame;
    if (frame == NULL || frame->self == NULL)
        return turn_fail(turn, HOB_ENOTTURN, NULL, "only a behaviour can become");
    if (state == NULL || kind == NULL)
        return turn_fail(turn, HOB_EINVAL, hobi_from_refr(frame->self),
                         "no state to become");
    frame->next_kind = kind;
    frame->next_state = state;
    return HOB_OK;
}

hob_value hob_self(hob_turn *turn) {
    return turn->frame == NULL ? NULL : hobi_from_refr(turn->frame->self);
}

hob_vat *hob_turn_vat(hob_turn *turn) {
    return turn->vat;
}

bool hob_is_near(hob_turn *turn, hob_value refr) {
    return hobi_is_refr(refr) && hobi_to_refr(refr)->vat == turn->vat;
}

const hob_error *hob_turn_error(const hob_turn *turn) {
    return &turn->error;
}

int hob_fail(hob_turn *turn, const char *format, ...) {
    va_list list;
    va_start(list, format);
    const char *text = hobi_format_args(format, list);
    va_end(list);
    return hobi_error(&turn->error, HOB_EFAILED, "%s", text != NULL ? text : format);
}

int hob_fail_with(hob_turn *turn, hob_value problem) {
    hobi_error_from_problem(&turn->error, problem);
    return HOB_EFAILED;
}
