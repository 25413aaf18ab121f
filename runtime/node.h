/* node.h -- how values look in memory.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A hob_value is one word:

     ...xxx1   an integer of 63 bits, shifted left by one
     ...xx10   a host value: a pointer, with 2 added
     ...x000   a pointer to a node, or to a refr

   What a pointer points at tells by its first word, whose low three bits are 3 in
   a node (the type stands above them) and 1 in a refr (the rest belongs to the
   host language; refr.h).  Nodes never change once a constructor has given them
   out.  */

#ifndef HOBI_NODE_H
#define HOBI_NODE_H

#include <gmp.h>

#include "memory.h"

enum { HOBI_NODE_TAG = 3, HOBI_REFR_TAG = 1, HOBI_TAG_MASK = 7 };

struct hobi_node {
    uintptr_t head; /* HOBI_NODE_TAG | type << 3 | flag bits above bit 8 */
    size_t count;   /* items, pairs, bytes of text, or limbs */
};

static inline bool hobi_is_fixnum(hob_value v) {
    return ((uintptr_t)v & 1) != 0;
}
static inline bool hobi_is_host(hob_value v) {
    return ((uintptr_t)v & 3) == 2;
}
static inline bool hobi_is_pointer(hob_value v) {
    return ((uintptr_t)v & 3) == 0;
}
static inline bool hobi_is_node(hob_value v) {
    return hobi_is_pointer(v) && (v->head & HOBI_TAG_MASK) == HOBI_NODE_TAG;
}
static inline bool hobi_is_refr(hob_value v) {
    return hobi_is_pointer(v) && (v->head & HOBI_TAG_MASK) == HOBI_REFR_TAG;
}
static inline hob_type hobi_node_type(hob_value v) {
    return (hob_type)((v->head >> 3) & 31);
}

/* refr.c answers these two of a refr.  */
HOBI_API bool hobi_refr_is_promise(hob_value refr);
/* The order of two refrs: by vat, then by number in it.  */
int hobi_refr_compare(hob_value a, hob_value b);
/* Appends how a refr prints, such as #<object alice>.  */
const char *hobi_refr_text(hob_value refr);

/* Integers beyond 63 bits, for the language bindings: NUMBER is read only and
   shares memory with VALUE.  */
HOBI_API bool hobi_integer_view(hob_value value, mpz_t number);
HOBI_API hob_value hobi_integer_from_mpz(const mpz_t number);

#endif
