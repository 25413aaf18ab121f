/* host.c -- objects whose behaviours are the host language's.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The rest of what a host needs is where its subject is: churn.c, ticket.c,
   send.c.  */

#include <config.h>

#include "vat.h"

void hob_object_expect(hob_vat *vat, hob_value refr, const void *constructor) {
    vat->expected = refr;
    vat->expected_constructor = constructor;
}

hob_value hob_object_expected(const hob_vat *vat, const void **constructor) {
    *constructor = vat->expected_constructor;
    return vat->expected;
}

static hob_value take_expected(hob_vat *vat) {
    hob_value refr = vat->expected;
    hob_object_expect(vat, NULL, NULL);
    return refr;
}

hob_value hob_object_begin(hob_vat *vat, hob_value name, const void *constructor) {
    if (vat->expected != NULL && constructor == vat->expected_constructor)
        return take_expected(vat);
    hobi_refr *refr = hobi_refr_new(vat, HOB_REFR_DEAD);
    if (refr == NULL || hobi_log_spawn(&vat->turn, refr) != HOB_OK)
        return NULL;
    refr->name = name;
    return hobi_from_refr(refr);
}

void hob_object_install(hob_value value, const void *behaviour, const void *portrait,
                        const void *constructor) {
    hobi_refr *refr = hobi_to_refr(value);
    hobi_set_type(refr, HOB_REFR_HOST);
    refr->bits &= ~(uint64_t)HOBI_RESTORING;
    refr->a = behaviour;
    refr->b = portrait;
    refr->c = constructor;
}

int hob_object_become(hob_vat *vat, hob_value value, const void *behaviour,
                      const void *portrait, const void *constructor) {
    hobi_refr *refr = hobi_is_refr(value) ? hobi_to_refr(value) : NULL;
    if (refr == NULL || refr->vat != vat || hobi_type(refr) != HOB_REFR_HOST)
        return HOB_EAUTHORITY;
    int code = hobi_log(&vat->turn, refr);
    if (code != HOB_OK)
        return code;
    refr->a = behaviour;
    refr->b = portrait;
    if (constructor != NULL)
        refr->c = constructor;
    return HOB_OK;
}

static const hobi_refr *host_object(hob_value value) {
    const hobi_refr *refr = hobi_is_refr(value) ? hobi_to_refr(value) : NULL;
    return refr != NULL && hobi_type(refr) == HOB_REFR_HOST ? refr : NULL;
}

const void *hob_object_behaviour(hob_value refr) {
    const hobi_refr *object = host_object(refr);
    return object != NULL ? object->a : NULL;
}

const void *hob_object_portrait(hob_value refr) {
    const hobi_refr *object = host_object(refr);
    return object != NULL ? object->b : NULL;
}

const void *hob_object_constructor(hob_value refr) {
    const hobi_refr *object = host_object(refr);
    return object != NULL ? object->c : NULL;
}
