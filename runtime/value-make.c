/* value-make.c -- how values are made.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A constructor checks all that its type promises, so that nothing behind it has to
   check again: text is UTF-8, a dotted list's tail is no list, a map's keys are
   sorted and distinct.  What does not hold gives NULL, and so does a NULL among the
   items; thus a nest of constructors needs one test at its end (rule 10).

   The contents follow the head in the same allocation, so a value is reached by
   the pointer to its begin and no other.  Numbers are made in integer.c and
   rational.c.  */

#include <config.h>

#include "sort.h"
#include "utf8.h"
#include "value.h"

hob_value hobi_make_plain(hob_type type, size_t count) {
    struct hobi_node *node = hobi_alloc_atomic(sizeof *node);
    if (node) {
        *node = (struct hobi_node){hobi_node_head(type), count};
    }
    return node;
}

/* All NaNs become one, so that each double has one encoding.  */
hob_value hob_double(double number) {
    size_t bits = UINT64_C(0x7ff8000000000000);
    if (number == number) {
        memcpy(&bits, &number, sizeof bits);
    }
    return hobi_make_plain(HOB_DOUBLE, bits);
}

hob_value hob_character(uint32_t scalar) {
    return hobi_is_scalar(scalar) ? hobi_make_plain(HOB_CHARACTER, scalar) : NULL;
}

hob_value hobi_make_text(hob_type type, const char *text, size_t length) {
    struct hobi_node *node = hobi_alloc_atomic(sizeof *node + length + 1);
    if (!node) {
        return NULL;
    }
    *node = (struct hobi_node){hobi_node_head(type), length};
    char *chars = (char *)(node + 1);
    if (length) {
        memcpy(chars, text, length);
    }
    chars[length] = '\0';
    return node;
}

static hob_value checked_text(hob_type type, const char *text, size_t length) {
    return hobi_utf8_span(text, length) == length ? hobi_make_text(type, text, length)
                                                  : NULL;
}

hob_value hob_string(const char *utf8, size_t length) {
    return checked_text(HOB_STRING, utf8, length);
}

hob_value hob_symbol(const char *utf8, size_t length) {
    return checked_text(HOB_SYMBOL, utf8, length);
}

hob_value hob_keyword(const char *utf8, size_t length) {
    return checked_text(HOB_KEYWORD, utf8, length);
}

hob_value hob_symbol_from(const char *text) {
    return hob_symbol(text, strlen(text));
}

hob_value hob_string_from(const char *text) {
    return hob_string(text, strlen(text));
}

hob_value hob_bytes(const void *bytes, size_t length) {
    return hobi_make_text(HOB_BYTES, bytes, length);
}

/* A node with SLOTS values behind it, of which the first FILLED come from ITEMS.  */
static struct hobi_node *make_node(hob_type type, size_t count, size_t slots,
                                   size_t filled, const hob_value *items) {
    if (slots > SIZE_MAX / 2 / sizeof *items) {
        return NULL;
    }
    struct hobi_node *node = hobi_alloc(sizeof *node + slots * sizeof *items);
    if (!node) {
        return NULL;
    }
    *node = (struct hobi_node){hobi_node_head(type), count};
    hob_value *into = (hob_value *)(node + 1);
    for (size_t i = 0; i < filled; i++) {
        if (!items[i]) {
            return NULL;
        }
        into[i] = items[i];
    }
    return node;
}

static hob_value make_items(hob_type type, size_t count, const hob_value *items) {
    return make_node(type, count, count, count, items);
}

hob_value hob_list(size_t count, const hob_value *items) {
    return make_items(HOB_LIST, count, items);
}

hob_value hob_vector(size_t count, const hob_value *items) {
    return make_items(HOB_VECTOR, count, items);
}

hob_value hob_dotted_list(size_t count, const hob_value *items, hob_value tail) {
    if (!tail || hobi_is(tail, HOB_LIST)) {
        return NULL;
    }
    if (count == 0) {
        return tail;
    }
    struct hobi_node *node = make_node(HOB_LIST, count, count + 1, count, items);
    if (node) {
        node->head |= HOBI_NODE_DOTTED;
        ((hob_value *)(node + 1))[count] = tail;
    }
    return node;
}

hob_value hob_tagged(hob_value label, hob_value datum) {
    return make_items(HOB_TAGGED, 2, (const hob_value[]){label, datum});
}

hob_value hob_host(const void *pointer) {
    return (uintptr_t)pointer & 3 ? NULL : (hob_value)((uintptr_t)pointer + 2);
}

/* Entries of a map (two values each) or members of a set (one).  */
struct entries {
    hob_value *items;
    size_t count, step;
};

static hob_value key_at(const struct entries *e, size_t index) {
    return e->items[index * e->step];
}

static bool ascends(const struct entries *e) {
    for (size_t i = 1; i < e->count; i++) {
        if (hob_compare(key_at(e, i - 1), key_at(e, i)) >= 0) {
            return false;
        }
    }
    return true;
}

/* Of entries with equal keys, which stand together, the last one stays.  */
static void drop_doubles(struct entries *e) {
    size_t kept = 0;
    for (size_t i = 0; i < e->count; i++) {
        if (i + 1 < e->count && hob_equal(key_at(e, i), key_at(e, i + 1))) {
            continue;
        }
        memmove(e->items + kept * e->step, e->items + i * e->step,
                e->step * sizeof *e->items);
        kept++;
    }
    memset(e->items + kept * e->step, 0,
           (e->count - kept) * e->step * sizeof *e->items);
    e->count = kept;
}

static int compare_keys(const void *a, const void *b, const void *data) {
    (void)data;
    return hob_compare(*(const hob_value *)a, *(const hob_value *)b);
}

static bool sort_entries(struct entries *e) {
    if (ascends(e)) {
        return true;
    }
    size_t size = e->step * sizeof *e->items;
    void *scratch = hobi_alloc(e->count * size);
    if (!scratch) {
        return false;
    }
    hobi_sort(e->items, scratch, e->count, size, compare_keys, NULL);
    drop_doubles(e);
    return true;
}

static hob_value make_sorted(hob_type type, size_t count, size_t step,
                             const hob_value *items) {
    if (count > SIZE_MAX / step) {
        return NULL;
    }
    size_t slots = count * step;
    struct hobi_node *node = make_node(type, count, slots, slots, items);
    if (!node) {
        return NULL;
    }
    struct entries e = {(hob_value *)(node + 1), count, step};
    if (!sort_entries(&e)) {
        return NULL;
    }
    node->count = e.count;
    return node;
}

hob_value hob_map(size_t count, const hob_value *pairs) {
    return make_sorted(HOB_MAP, count, 2, pairs);
}

hob_value hob_set(size_t count, const hob_value *members) {
    return make_sorted(HOB_SET, count, 1, members);
}
