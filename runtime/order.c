/* order.c -- equality and order of values.
   SPDX-License-Identifier: LGPL-3.0-or-later

   One walk over two values side by side serves both.  It ends at the first
   difference, and for equality also where two counts differ.  The order:

     by type, as hob_type lists them;
     numbers by magnitude; doubles -inf < ... < -0.0 < 0.0 < ... < inf < NaN;
     text and bytevectors byte by byte (in UTF-8 that is by code point), then the
     shorter first;
     what holds values: by the first values that differ, then the shorter first, and
     of two lists with the same items the proper one before the dotted one.

   Maps and sets are kept in this order, so it never may depend on an address or on
   the run; host values, which are never stored, are the one exception.

   Values may be nested a million deep, so the walk keeps its own stack: 64 levels
   in its frame, then the collector's memory.  Neither function can report that
   memory is out.  If that happens here the walk goes on by calling itself, 64
   levels each time, which a stack of 8 MB bears for about 250,000 levels.  */

#include <config.h>

#include "integer.h"
#include "rational.h"

/* Two values of one type whose contents are equal so far.  */
struct level {
    hob_value a, b;
    size_t next;
};

static int sign_of(size_t a, size_t b) {
    return (a > b) - (a < b);
}

static int compare_texts(hob_value a, hob_value b) {
    size_t common = a->count < b->count ? a->count : b->count;
    int order = memcmp(hobi_chars(a), hobi_chars(b), common);
    return order ? (order > 0) - (order < 0) : sign_of(a->count, b->count);
}

/* Bits of a double as a number that grows as the double does: negative ones are
   reversed and below the others.  The NaN that we keep is above infinity so.  */
static size_t double_rank(hob_value node) {
    size_t top = (size_t)1 << 63;
    return node->count & top ? ~node->count : node->count | top;
}

static bool holds_values(hob_type type) {
    return type >= HOB_LIST && type <= HOB_TAGGED;
}

/* Of two values of TYPE that hold no values and are not the same pointer.  */
static int compare_plain(hob_value a, hob_value b, hob_type type) {
    switch (type) {
    case HOB_INTEGER:
        return hobi_integer_compare(a, b);
    case HOB_RATIONAL:
        return hobi_rational_compare(a, b);
    case HOB_DOUBLE:
        return sign_of(double_rank(a), double_rank(b));
    case HOB_STRING:
    case HOB_SYMBOL:
    case HOB_KEYWORD:
    case HOB_BYTES:
        return compare_texts(a, b);
    case HOB_REFR:
    case HOB_PROMISE:
        return hobi_refr_compare(a, b);
    case HOB_HOST:
        return sign_of((size_t)a, (size_t)b);
    default:
        return sign_of(a->count, b->count);
    }
}

/* How many values A and B have in common places.  */
static size_t common_slots(hob_value a, hob_value b) {
    size_t x = hobi_slots(a), y = hobi_slots(b);
    if (a->count != b->count && hobi_node_type(a) == HOB_LIST) {
        x = a->count;
        y = b->count;
    }
    return x < y ? x : y;
}

/* The order of A and B when their common values are equal.  */
static int compare_rest(hob_value a, hob_value b) {
    int order = sign_of(a->count, b->count);
    return order ? order : sign_of(hobi_slots(a), hobi_slots(b));
}

static int compare_heads(hob_value a, hob_value b, bool whole_order) {
    hob_type type = hobi_type_of(a), other = hobi_type_of(b);
    if (type != other) {
        return type < other ? -1 : 1;
    }
    if (!holds_values(type)) {
        return compare_plain(a, b, type);
    }
    return whole_order ? 0 : compare_rest(a, b);
}

struct walk {
    struct level *levels;
    size_t depth, capacity;
    bool whole_order;
    struct level own[64];
};

static int compare_deep(hob_value a, hob_value b, bool whole_order);

/* Goes into A and B, or compares them at once when memory is out.  */
static int enter(struct walk *w, hob_value a, hob_value b) {
    if (w->depth == w->capacity) {
        void *grown =
            hobi_grow(w->levels, &w->capacity, w->depth + 1, sizeof(w->own[0]));
        if (!grown) {
            return compare_deep(a, b, w->whole_order);
        }
        w->levels = grown;
    }
    w->levels[w->depth++] = (struct level){a, b, 0};
    return 0;
}

/* The next values to compare, or in ORDER how the walk ends.  */
static bool next_values(struct walk *w, hob_value *a, hob_value *b, int *order) {
    for (; w->depth > 0; w->depth--) {
        struct level *top = &w->levels[w->depth - 1];
        if (top->next < common_slots(top->a, top->b)) {
            *a = hobi_items(top->a)[top->next];
            *b = hobi_items(top->b)[top->next];
            top->next++;
            return true;
        }
        if ((*order = compare_rest(top->a, top->b))) {
            return false;
        }
    }
    *order = 0;
    return false;
}

static int compare_deep(hob_value a, hob_value b, bool whole_order) {
    struct walk w;
    w.levels = w.own;
    w.depth = 0;
    w.capacity = sizeof w.own / sizeof w.own[0];
    w.whole_order = whole_order;
    int order = 0;
    do {
        if (a == b) {
            continue;
        }
        order = compare_heads(a, b, whole_order);
        if (order == 0 && holds_values(hobi_type_of(a))) {
            order = enter(&w, a, b);
        }
    } while (order == 0 && next_values(&w, &a, &b, &order));
    return order;
}

/* Most questions are about values that hold no others: map keys, names, numbers.  */
static int compare(hob_value a, hob_value b, bool whole_order) {
    if (a == b) {
        return 0;
    }
    if (hobi_is_fixnum(a) && hobi_is_fixnum(b)) {
        return hobi_fixnum_value(a) < hobi_fixnum_value(b) ? -1 : 1;
    }
    return compare_deep(a, b, whole_order);
}

bool hob_equal(hob_value a, hob_value b) {
    return compare(a, b, false) == 0;
}

int hob_compare(hob_value a, hob_value b) {
    return compare(a, b, true);
}
