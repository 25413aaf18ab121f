/* value.h -- how each type of value lies behind its node head.
   SPDX-License-Identifier: LGPL-3.0-or-later

   node.h has the word and the head; this is for the files that make, order, print
   and encode values.  COUNT of the head and what follows it, by type:

     boolean                 0 or 1                nothing
     integer (not inline)    limbs                 the limbs, least first
     rational                2                     numerator, denominator
     double                  its 64 bits           nothing
     character               its scalar value      nothing
     string symbol keyword   bytes                 the text and a zero byte
     bytes                   bytes                 the bytes and a zero byte
     list                    items                 the items, and the tail if dotted
     vector set              items                 the items
     map                     pairs                 key, value, key, value ...
     tagged                  2                     label, datum

   What holds values is memory that the collector scans, the rest is not.  */

#ifndef HOBI_VALUE_H
#define HOBI_VALUE_H

#include <string.h>

#include "node.h"

_Static_assert(sizeof(uintptr_t) == 8 && sizeof(size_t) == 8,
               "an integer of 63 bits, and a double, stand in one word");
_Static_assert(GMP_NUMB_BITS == 64, "a limb holds an int64_t");

/* Flag bits of a head.  */
enum {
    HOBI_NODE_NEGATIVE = 1 << 8, /* integers: the limbs are the magnitude */
    HOBI_NODE_DOTTED = 1 << 8    /* lists: a tail follows the items */
};

#define HOBI_FIXNUM_MAX (INT64_MAX >> 1)
#define HOBI_FIXNUM_MIN (INT64_MIN >> 1)

static inline uintptr_t hobi_node_head(hob_type type) {
    return HOBI_NODE_TAG | (uintptr_t)type << 3;
}

static inline hob_value hobi_fixnum(int64_t number) {
    return (hob_value)((uintptr_t)number << 1 | 1);
}

static inline int64_t hobi_fixnum_value(hob_value fixnum) {
    return (int64_t)(intptr_t)fixnum >> 1;
}

static inline hob_type hobi_type_of(hob_value v) {
    if (hobi_is_fixnum(v)) {
        return HOB_INTEGER;
    }
    if (hobi_is_host(v)) {
        return HOB_HOST;
    }
    if (hobi_is_node(v)) {
        return hobi_node_type(v);
    }
    return hobi_refr_is_promise(v) ? HOB_PROMISE : HOB_REFR;
}

/* True of a node of TYPE, hence false of an inline integer.  */
static inline bool hobi_is(hob_value v, hob_type type) {
    return hobi_is_node(v) && hobi_node_type(v) == type;
}

static inline bool hobi_is_integer(hob_value v) {
    return hobi_is_fixnum(v) || hobi_is(v, HOB_INTEGER);
}

static inline bool hobi_is_dotted(hob_value list) {
    return (list->head & HOBI_NODE_DOTTED) != 0;
}

static inline const hob_value *hobi_items(hob_value node) {
    return (const hob_value *)(node + 1);
}

static inline const char *hobi_chars(hob_value node) {
    return (const char *)(node + 1);
}

/* How many values stand in a node that holds values.  */
static inline size_t hobi_slots(hob_value node) {
    switch (hobi_node_type(node)) {
    case HOB_LIST:
        return node->count + (hobi_is_dotted(node) ? 1 : 0);
    case HOB_MAP:
        return node->count * 2;
    case HOB_RATIONAL:
    case HOB_VECTOR:
    case HOB_SET:
    case HOB_TAGGED:
        return node->count;
    default:
        return 0;
    }
}

static inline double hobi_double_value(hob_value node) {
    double number;
    memcpy(&number, &node->count, sizeof number);
    return number;
}

/* Text that is known to be valid for TYPE: string, symbol, keyword or bytes.  */
hob_value hobi_make_text(hob_type type, const char *text, size_t length);

/* A node without contents.  NULL when memory is out.  */
hob_value hobi_make_plain(hob_type type, size_t count);

#endif
