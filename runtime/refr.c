/* refr.c -- references to objects and promises.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A refr is unforgeable: nothing here makes one from a number (rule 6).  Ids are
   for order, hashing and the store; they are never given back, not even when the
   turn that took one is undone.  */

#include <config.h>

#include "refr.h"
#include "vat.h"

static uintptr_t refr_head(hob_vat *vat) {
    const hob_host_language *host = hobi_runtime_host(vat->runtime);
    return host != NULL ? host->refr_header : (uintptr_t)HOBI_REFR_TAG;
}

hobi_refr *hobi_refr_with_id(hob_vat *vat, hob_refr_type type, uint64_t id) {
    hobi_refr *refr = hobi_alloc(sizeof *refr);
    if (refr == NULL)
        return NULL;
    refr->head = refr_head(vat);
    refr->id = id;
    refr->vat = vat;
    hobi_set_type(refr, type);
    return refr;
}

hobi_refr *hobi_refr_new(hob_vat *vat, hob_refr_type type) {
    uint64_t id = vat->turn.next_id++;
    return hobi_refr_with_id(vat, type,
                             type == HOB_REFR_PROMISE ? id | HOBI_ID_PROMISE : id);
}

bool hobi_refr_is_promise(hob_value refr) {
    return (hobi_to_refr(refr)->id & HOBI_ID_PROMISE) != 0;
}

int hobi_refr_compare(hob_value a, hob_value b) {
    const hobi_refr *x = hobi_to_refr(a), *y = hobi_to_refr(b);
    if (x->vat->number != y->vat->number)
        return x->vat->number < y->vat->number ? -1 : 1;
    if (x->vat != y->vat) /* of two runtimes */
        return (uintptr_t)x->vat < (uintptr_t)y->vat ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

const char *hobi_refr_text(hob_value value) {
    const char *type = hobi_refr_is_promise(value) ? "promise" : "object";
    hob_value name = hob_refr_name(value);
    const char *text = name != NULL ? hobi_format("#<%s %s>", type, hob_print(name, 60))
                                    : hobi_format("#<%s>", type);
    return text != NULL ? text : "#<refr>";
}

/* A promise is never fulfilled with another: it follows that one until it settles.
   So the chain has one link.  */
hob_value hobi_follow(const hob_vat *vat, hob_value value) {
    if (!hobi_is_refr(value))
        return value;
    const hobi_refr *refr = hobi_to_refr(value);
    if (refr->vat != vat || hobi_type(refr) != HOB_REFR_PROMISE ||
        hobi_has(refr, HOBI_UNRESOLVED | HOBI_BROKEN))
        return value;
    return (hob_value)refr->a;
}

bool hob_is_refr(hob_value value) {
    return hobi_is_refr(value);
}

hob_value hob_object_name(hob_value refr) {
    return hobi_is_refr(refr) ? hobi_to_refr(refr)->name : NULL;
}

hob_value hob_refr_name(hob_value refr) {
    hob_value name = hob_object_name(refr);
    if (name == NULL || !hobi_is_host(name))
        return name;
    return hobi_runtime_host(hobi_to_refr(refr)->vat->runtime)
        ->import(hob_host_pointer(name));
}

hob_vat *hob_refr_vat(hob_value refr) {
    return hobi_is_refr(refr) ? hobi_to_refr(refr)->vat : NULL;
}

const hob_kind *hob_refr_kind(hob_value value) {
    const hobi_refr *refr = hobi_is_refr(value) ? hobi_to_refr(value) : NULL;
    return refr != NULL && hobi_type(refr) == HOB_REFR_OBJECT ? refr->a : NULL;
}

hob_refr_type hob_refr_type_of(hob_value refr) {
    if (!hobi_is_refr(refr))
        return HOB_REFR_DEAD;
    return hobi_refr_is_promise(refr) ? HOB_REFR_PROMISE
                                      : hobi_type(hobi_to_refr(refr));
}

uint64_t hob_refr_id(hob_value refr) {
    return hobi_is_refr(refr) ? hobi_to_refr(refr)->id & ~HOBI_ID_PROMISE : 0;
}

hob_value hob_refr_follow(hob_value refr) {
    return hobi_follow(hobi_current, refr);
}
