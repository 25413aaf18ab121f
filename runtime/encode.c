/* encode.c -- values to bytes.
   SPDX-License-Identifier: LGPL-3.0-or-later

   syrup.c has the format.  The encoder stands in the path of each message between
   vats and of each save, so it allocates nothing but the buffer's growth, and
   scratch for maps and sets that have something to sort.  Values may be nested a
   million deep: it keeps its own stack of levels, the first of them in its frame.

   What cannot be stored is named with the path to it, and the buffer then ends where
   it ended before (rule 4).  */

#include "encode.h"

#include "buffer.h"
#include "integer.h"
#include "sort.h"
#include "syrup.h"

struct encoder {
    hob_buffer *buffer;
    const hob_syrup_context *context;
    hob_error *error;
    size_t max_depth;
    struct hobi_encode_level *levels;
    size_t depth, capacity;
    struct hobi_encode_level own[32];
};

static int no_memory(const struct encoder *e) {
    return hobi_error(e->error, HOB_ENOMEM, "out of memory");
}

static int put(const struct encoder *e, const void *bytes, size_t count) {
    return hobi_buffer_append(e->buffer, bytes, count) ? no_memory(e) : HOB_OK;
}

static int put_literal(const struct encoder *e, const char *text) {
    return put(e, text, strlen(text));
}

static void put_reserved(const struct encoder *e, char byte) {
    e->buffer->data[e->buffer->size++] = (unsigned char)byte;
}

static int put_text(const struct encoder *e, const char *text, size_t length,
                    char mark) {
    if (hobi_buffer_reserve(e->buffer, length + HOBI_DECIMAL_WIDTH + 1)) {
        return no_memory(e);
    }
    hobi_buffer_put_decimal(e->buffer, length);
    put_reserved(e, mark);
    memcpy(e->buffer->data + e->buffer->size, text, length);
    e->buffer->size += length;
    return HOB_OK;
}

static int put_integer(const struct encoder *e, hob_value integer) {
    char sign = hobi_integer_sign(integer) < 0 ? '-' : '+';
    return hobi_integer_digits(integer, e->buffer) ? no_memory(e) : put(e, &sign, 1);
}

static int put_double(const struct encoder *e, hob_value number) {
    unsigned char bytes[9] = {'D'};
    for (unsigned i = 0; i < 8; i++) {
        bytes[i + 1] = (unsigned char)(number->count >> (56 - 8 * i));
    }
    return put(e, bytes, sizeof bytes);
}

static int put_character(const struct encoder *e, hob_value character) {
    if (hobi_buffer_reserve(e->buffer, HOBI_DECIMAL_WIDTH + sizeof "<4'char+>")) {
        return no_memory(e);
    }
    put_literal(e, "<4'char");
    hobi_buffer_put_decimal(e->buffer, character->count);
    return put(e, "+>", 2);
}

static int put_keyword(const struct encoder *e, hob_value keyword) {
    int code = put_literal(e, "<7'keyword");
    if (!code) {
        code = put_text(e, hobi_chars(keyword), keyword->count, '"');
    }
    return code ? code : put(e, ">", 1);
}

static int put_ratio(const struct encoder *e, hob_value ratio) {
    int code = put_literal(e, "<5'ratio");
    if (!code) {
        code = put_integer(e, hob_numerator(ratio));
    }
    if (!code) {
        code = put_integer(e, hob_denominator(ratio));
    }
    return code ? code : put(e, ">", 1);
}

/* The message of a value at fault: where it is, and WHY, or what it is.  */
static void describe(const struct encoder *e, int code, hob_value value,
                     const char *why) {
    enum { ENOUGH = 80 };
    const char *path = hobi_encode_path(e->levels, e->depth);
    const char *form = why ? why : hob_print(value, ENOUGH);
    const char *rest = why ? "" : " cannot be stored";
    hobi_error(e->error, code, "%s%s%s%s", path ? path : "?", path && *path ? ": " : "",
               form ? form : "a value", rest);
}

/* A refr, promise or host value.  */
static int put_foreign(const struct encoder *e, hob_value value) {
    hob_error inner = {0};
    int code = HOB_ENOTSTORABLE;
    if (e->context && e->context->write) {
        code = e->context->write(e->context->data, value, e->buffer, &inner);
    }
    if (code && e->error) {
        describe(e, code, value, inner.message);
        e->error->problem = inner.problem;
    }
    return code;
}

/* A bracket more, and no deeper than allowed.  */
static int check_depth(const struct encoder *e, size_t brackets) {
    if (brackets > e->max_depth) {
        return hobi_error(e->error, HOB_ELIMIT,
                          "the value is nested deeper than %zu levels", e->max_depth);
    }
    return HOB_OK;
}

static int check_key_depth(const struct encoder *e, size_t key_depth) {
    if (key_depth >= HOBI_SYRUP_KEY_DEPTH) {
        return hobi_error(e->error, HOB_ELIMIT,
                          "map keys and set members are nested deeper than %d levels",
                          HOBI_SYRUP_KEY_DEPTH);
    }
    return HOB_OK;
}

static bool is_bare(hob_type type) {
    return (type >= HOB_BOOLEAN && type <= HOB_DOUBLE && type != HOB_RATIONAL) ||
           type == HOB_STRING || type == HOB_SYMBOL || type == HOB_BYTES;
}

/* A value that holds no others; all but the bare ones are a record.  */
static int put_plain(const struct encoder *e, hob_value v, hob_type type,
                     size_t brackets) {
    if (!is_bare(type) && check_depth(e, brackets + 1)) {
        return HOB_ELIMIT;
    }
    switch (type) {
    case HOB_VOID:
        return put_literal(e, "<4'void>");
    case HOB_NIL:
        return put_literal(e, "<4'null>");
    case HOB_BOOLEAN:
        return put(e, v->count ? "t" : "f", 1);
    case HOB_INTEGER:
        return put_integer(e, v);
    case HOB_RATIONAL:
        return put_ratio(e, v);
    case HOB_DOUBLE:
        return put_double(e, v);
    case HOB_CHARACTER:
        return put_character(e, v);
    case HOB_STRING:
        return put_text(e, hobi_chars(v), v->count, '"');
    case HOB_SYMBOL:
        return put_text(e, hobi_chars(v), v->count, '\'');
    case HOB_KEYWORD:
        return put_keyword(e, v);
    case HOB_BYTES:
        return put_text(e, hobi_chars(v), v->count, ':');
    default:
        return put_foreign(e, v);
    }
}

static const char *opening(hob_value v) {
    switch (hobi_node_type(v)) {
    case HOB_VECTOR:
        return "<6'vector";
    case HOB_MAP:
        return "{";
    case HOB_SET:
        return "#";
    case HOB_TAGGED:
        return "<11'desc:tagged";
    default:
        return hobi_is_dotted(v) ? "<6'dotted[" : "[";
    }
}

static const char *closing(hob_value v) {
    switch (hobi_node_type(v)) {
    case HOB_MAP:
        return "}";
    case HOB_SET:
        return "$";
    case HOB_LIST:
        return hobi_is_dotted(v) ? ">" : "]";
    default:
        return ">";
    }
}

static int push(struct encoder *e, hob_value v, size_t brackets, size_t key_depth) {
    if (e->depth == e->capacity) {
        void *grown = hobi_grow(e->levels, &e->capacity, e->depth + 1, sizeof e->own[0]);
        if (!grown) {
            return no_memory(e);
        }
        e->levels = grown;
    }
    e->levels[e->depth++] = (struct hobi_encode_level){
        .value = v,
        .brackets = brackets,
        .key_depth = key_depth,
        .begin = e->buffer->size,
    };
    return HOB_OK;
}

static bool is_sorted_type(hob_value v) {
    return hobi_node_type(v) == HOB_MAP || hobi_node_type(v) == HOB_SET;
}

static int begin_sorting(struct encoder *e) {
    struct hobi_encode_level *level = &e->levels[e->depth - 1];
    size_t count = level->value->count;
    if (!is_sorted_type(level->value) || count < 2) {
        return HOB_OK;
    }
    level->entries = hobi_alloc_atomic(count * sizeof *level->entries);
    return level->entries ? HOB_OK : no_memory(e);
}

static int enter(struct encoder *e, hob_value v, size_t brackets, size_t key_depth) {
    size_t inside = brackets + (hobi_slots(v) > v->count && !is_sorted_type(v) ? 2 : 1);
    int code = check_depth(e, inside);
    if (!code && is_sorted_type(v)) {
        code = check_key_depth(e, key_depth);
    }
    if (!code) {
        code = put_literal(e, opening(v));
    }
    if (!code) {
        code = push(e, v, inside, key_depth);
    }
    return code ? code : begin_sorting(e);
}

static int write_one(struct encoder *e, hob_value v) {
    size_t brackets = 0, key_depth = 0;
    if (e->depth > 0) {
        const struct hobi_encode_level *level = &e->levels[e->depth - 1];
        brackets = level->brackets;
        key_depth = level->key_depth + (hobi_encode_in_key(level) ? 1 : 0);
    }
    hob_type type = hobi_type_of(v);
    return type >= HOB_LIST && type <= HOB_TAGGED ? enter(e, v, brackets, key_depth)
                                                  : put_plain(e, v, type, brackets);
}

static int compare_encoded(const void *a, const void *b, const void *data) {
    const struct hobi_encoded *x = a, *y = b;
    const unsigned char *bytes = data;
    size_t common = x->size < y->size ? x->size : y->size;
    int order = memcmp(bytes + x->at, bytes + y->at, common);
    return order ? order : (x->size > y->size) - (x->size < y->size);
}

static int sort_small(struct hobi_encoded *entries, size_t count,
                      const unsigned char *bytes);

/* Sorts what LEVEL has written since it began, and gives a copy of it.  */
static unsigned char *sort_written(struct encoder *e, struct hobi_encode_level *level) {
    size_t count = level->value->count, size = e->buffer->size - level->begin;
    unsigned char *copy = hobi_alloc_atomic(size);
    void *scratch = hobi_alloc_atomic(count * sizeof *level->entries);
    if (!copy || !scratch) {
        return NULL;
    }
    memcpy(copy, e->buffer->data + level->begin, size);
    hobi_sort(level->entries, scratch, count, sizeof *level->entries, compare_encoded,
              copy);
    e->buffer->size = level->begin;
    return copy;
}
