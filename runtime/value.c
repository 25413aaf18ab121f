/* value.c -- what a value is, and how it is read.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A value never changes, so any thread may read it without a lock and two vats may
   share what a message carries (rule 7: what they share is not mutable).  Each
   reader here takes any value and gives the neutral answer for one of the wrong
   type: data from a peer may have any shape, and a wrong shape is not a crash
   (rule 10).

   Void, nil, true and false are constants, not allocated; but equality never rests
   on that.  */

#include <config.h>

#include "value.h"

struct plain_node {
    _Alignas(8) struct hobi_node node;
};

#define PLAIN(type, count)                                                             \
    {                                                                                  \
        { HOBI_NODE_TAG | (uintptr_t)(type) << 3, count }                              \
    }

static const struct plain_node void_node = PLAIN(HOB_VOID, 0);
static const struct plain_node nil_node = PLAIN(HOB_NIL, 0);
static const struct plain_node boolean_nodes[2] = {PLAIN(HOB_BOOLEAN, 0),
                                                   PLAIN(HOB_BOOLEAN, 1)};

hob_value hob_void(void) {
    return &void_node.node;
}

hob_value hob_nil(void) {
    return &nil_node.node;
}

hob_value hob_boolean(bool truth) {
    return &boolean_nodes[truth].node;
}

hob_type hob_type_of(hob_value value) {
    return hobi_type_of(value);
}

const char *hob_type_name(hob_type type) {
    static const char *const names[] = {
        [HOB_VOID] = "void",
        [HOB_NIL] = "nil",
        [HOB_BOOLEAN] = "boolean",
        [HOB_INTEGER] = "integer",
        [HOB_RATIONAL] = "rational",
        [HOB_DOUBLE] = "double",
        [HOB_CHARACTER] = "character",
        [HOB_STRING] = "string",
        [HOB_SYMBOL] = "symbol",
        [HOB_KEYWORD] = "keyword",
        [HOB_BYTES] = "bytevector",
        [HOB_LIST] = "list",
        [HOB_VECTOR] = "vector",
        [HOB_MAP] = "map",
        [HOB_SET] = "set",
        [HOB_TAGGED] = "tagged value",
        [HOB_REFR] = "object",
        [HOB_PROMISE] = "promise",
        [HOB_HOST] = "host value",
    };
    return (size_t)type < sizeof names / sizeof *names ? names[type] : "unknown";
}

bool hob_truth(hob_value boolean) {
    return hobi_is(boolean, HOB_BOOLEAN) && boolean->count != 0;
}

double hob_get_double(hob_value value) {
    return hobi_is(value, HOB_DOUBLE) ? hobi_double_value(value) : 0;
}

uint32_t hob_get_character(hob_value value) {
    return hobi_is(value, HOB_CHARACTER) ? (uint32_t)value->count : 0;
}

static bool has_text(hob_value value) {
    return hobi_is_node(value) && hobi_node_type(value) >= HOB_STRING &&
           hobi_node_type(value) <= HOB_BYTES;
}

const char *hob_text(hob_value value, size_t *length) {
    bool text = has_text(value);
    if (length) {
        *length = text ? value->count : 0;
    }
    return text ? hobi_chars(value) : NULL;
}

bool hob_is_symbol(hob_value value, const char *name) {
    size_t length = strlen(name);
    return hobi_is(value, HOB_SYMBOL) && value->count == length &&
           memcmp(hobi_chars(value), name, length) == 0;
}

static bool has_items(hob_value value) {
    return hobi_is_node(value) && hobi_node_type(value) >= HOB_LIST &&
           hobi_node_type(value) <= HOB_SET;
}

size_t hob_count(hob_value value) {
    return has_items(value) ? value->count : 0;
}

hob_value hob_item(hob_value value, size_t index) {
    if (!has_items(value)) {
        return NULL;
    }
    size_t items = hobi_is(value, HOB_MAP) ? value->count * 2 : value->count;
    return index < items ? hobi_items(value)[index] : NULL;
}

hob_value hob_tail(hob_value list) {
    bool dotted = hobi_is(list, HOB_LIST) && hobi_is_dotted(list);
    return dotted ? hobi_items(list)[list->count] : NULL;
}

/* Where KEY stands among COUNT keys, each STEP values from the next; COUNT if it
   does not.  */
static size_t find(const hob_value *keys, size_t count, size_t step, hob_value key) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = hob_compare(key, keys[middle * step]);
        if (order == 0) {
            return middle;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return count;
}

hob_value hob_map_ref(hob_value map, hob_value key) {
    if (!hobi_is(map, HOB_MAP)) {
        return NULL;
    }
    size_t at = find(hobi_items(map), map->count, 2, key);
    return at < map->count ? hobi_items(map)[at * 2 + 1] : NULL;
}

bool hob_set_has(hob_value set, hob_value member) {
    return hobi_is(set, HOB_SET) &&
           find(hobi_items(set), set->count, 1, member) < set->count;
}

static hob_value part(hob_value value, hob_type type, size_t index) {
    return hobi_is(value, type) ? hobi_items(value)[index] : NULL;
}

hob_value hob_numerator(hob_value rational) {
    return part(rational, HOB_RATIONAL, 0);
}

hob_value hob_denominator(hob_value rational) {
    return part(rational, HOB_RATIONAL, 1);
}

hob_value hob_tagged_label(hob_value tagged) {
    return part(tagged, HOB_TAGGED, 0);
}

hob_value hob_tagged_datum(hob_value tagged) {
    return part(tagged, HOB_TAGGED, 1);
}

const void *hob_host_pointer(hob_value host) {
    return hobi_is_host(host) ? (const void *)((uintptr_t)host - 2) : NULL;
}
