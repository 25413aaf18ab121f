/* refr.h -- how references look in memory.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A refr *is* its object: it holds the current behaviour, so that a call follows
   one pointer and searches no table.  Objects, promises and resolvers share one
   struct; the type says what the three words A, B and C hold:

                 A               B                       C
     OBJECT      const hob_kind  state (hob_value)
     HOST        behaviour       portrait                constructor
     RESOLVER    its promise
     PROMISE     value           messages and listeners that wait
     ASLEEP      the host's      the host's

   Only A, B, C and BITS ever change, only in a turn of the refr's vat, and never
   without an entry in the undo log (turn.h, rule 1).  HEAD, ID, VAT and NAME are
   set once, so any thread may read them (rule 7).  */

#ifndef HOBI_REFR_H
#define HOBI_REFR_H

#include "node.h"

/* Bits 0-7: type; 8-15: flags; 16-63: number of the turn that logged it last.  */
enum {
    HOBI_PERSISTENT = 1 << 8, /* the store has it */
    HOBI_UNRESOLVED = 1 << 9, /* promise: neither fulfilled nor broken */
    HOBI_BROKEN = 1 << 10,    /* promise */
    HOBI_FOLLOWING = 1 << 11, /* promise: A is the promise it will settle like */
    HOBI_SAVING = 1 << 12,    /* in the list of the save in progress */
    HOBI_RESTORING = 1 << 13, /* its constructor runs */
    HOBI_TYPE_MASK = 0xff,
    HOBI_STAMP_SHIFT = 16
};

/* In an id: the refr is a promise, which other threads may ask of it.  */
#define HOBI_ID_PROMISE ((uint64_t)1 << 63)

typedef struct hobi_refr {
    uintptr_t head;
    uint64_t id;
    hob_vat *vat;
    uint64_t bits;
    const void *a, *b, *c;
    hob_value name; /* or NULL */
} hobi_refr;

_Static_assert(sizeof(hobi_refr) == 64, "a million refrs fit in 64 MB");

static inline hobi_refr *hobi_to_refr(hob_value v) {
    return (hobi_refr *)(uintptr_t)v;
}
static inline hob_value hobi_from_refr(const hobi_refr *r) {
    return (hob_value)(uintptr_t)r;
}
static inline hob_refr_type hobi_type(const hobi_refr *r) {
    return (hob_refr_type)(r->bits & HOBI_TYPE_MASK);
}
static inline void hobi_set_type(hobi_refr *r, hob_refr_type type) {
    r->bits = (r->bits & ~(uint64_t)HOBI_TYPE_MASK) | (uint64_t)type;
}
static inline bool hobi_has(const hobi_refr *r, unsigned flag) {
    return (r->bits & flag) != 0;
}

/* A new refr of VAT, with the next id.  NULL when memory is out.  */
HOBI_API hobi_refr *hobi_refr_new(hob_vat *vat, hob_refr_type type);
/* One with an id that a store gave it.  */
HOBI_API hobi_refr *hobi_refr_with_id(hob_vat *vat, hob_refr_type type, uint64_t id);
/* What a promise of VAT is fulfilled with.  Any other value as it is.  */
HOBI_API hob_value hobi_follow(const hob_vat *vat, hob_value value);

#endif
