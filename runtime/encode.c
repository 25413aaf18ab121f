/* encode.c -- values to bytes.
   SPDX-License-Identifier: LGPL-3.0-or-later

   syrup.c has the format.  The encoder stands in the path of each message between
   vats and of each save, so it allocates nothing but the buffer's growth, and
   scratch for maps and sets that have something to sort.  Values may be nested a
   million deep: it keeps its own stack of levels, the first of them in its frame.

   What cannot be stored is named with the path to it, and the buffer then ends where
   it ended before (rule 4).  */

#include <config.h>

#include "encode.h"

#include "buffer.h"
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

/* The message of a value at fault: where it is, and WHY, or what it is.  */
static void describe(const struct encoder *e, int code, hob_value value,
                     const char *why) {
    enum { ENOUGH = 80 };
    const char *path = hobi_encode_path(e->levels, e->depth);
    const char *form = why ? why : hob_print(value, ENOUGH);
    const char *rest = why ? "" : " cannot be stored";
    hobi_error(e->error, code, "%s%s%s%s", path ? path : "?", path && *path ? ": " : "",
               form ? form : "a value", rest);
    if (e->error)
        e->error->path = path;
}

/* A refr, promise or host value.  */
static int put_foreign(const struct encoder *e, hob_value value) {
    hob_error inner = {0};
    int code = HOB_ENOTSTORABLE;
    if (e->context && e->context->write) {
        code = e->context->write(e->context->data, value, e->buffer, &inner);
    }
    if (code && e->error) {
        bool refused = inner.message || code == HOB_ENOTSTORABLE;
        describe(e, code, value, refused ? inner.message : hob_strerror(code));
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

/* All that hold no others are records, but for these.  */
static bool is_bare(hob_type type) {
    return (type >= HOB_BOOLEAN && type <= HOB_DOUBLE && type != HOB_RATIONAL) ||
           type == HOB_STRING || type == HOB_SYMBOL || type == HOB_BYTES;
}

static int put_plain(const struct encoder *e, hob_value v, hob_type type,
                     size_t brackets) {
    if (!is_bare(type) && check_depth(e, brackets + 1)) {
        return HOB_ELIMIT;
    }
    if (type >= HOB_REFR) {
        return put_foreign(e, v);
    }
    return hobi_encode_plain(v, type, e->buffer) ? no_memory(e) : HOB_OK;
}

static bool has_tail(hob_value v) {
    return hobi_node_type(v) == HOB_LIST && hobi_is_dotted(v);
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
        return has_tail(v) ? "<6'dotted[" : "[";
    }
}

static const char *closing(hob_value v) {
    switch (hobi_node_type(v)) {
    case HOB_MAP:
        return "}";
    case HOB_SET:
        return "$";
    case HOB_LIST:
        return has_tail(v) ? ">" : "]";
    default:
        return ">";
    }
}

static int push(struct encoder *e, hob_value v, size_t brackets, size_t key_depth) {
    if (e->depth == e->capacity) {
        void *grown =
            hobi_grow(e->levels, &e->capacity, e->depth + 1, sizeof e->own[0]);
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

/* Room for the entries, and as much again to sort them.  */
static int begin_sorting(struct encoder *e) {
    struct hobi_encode_level *level = &e->levels[e->depth - 1];
    size_t count = level->value->count;
    if (!is_sorted_type(level->value) || count < 2) {
        return HOB_OK;
    }
    level->entries = hobi_alloc_atomic(2 * count * sizeof *level->entries);
    return level->entries ? HOB_OK : no_memory(e);
}

static int enter(struct encoder *e, hob_value v, size_t brackets, size_t key_depth) {
    size_t inside = brackets + (has_tail(v) ? 2 : 1);
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

static void begin_entry(const struct encoder *e, struct hobi_encode_level *level) {
    level->entries[level->next] = (struct hobi_encoded){
        .at = e->buffer->size - level->begin,
        .index = level->next,
    };
    level->next++;
}

static void end_entry(const struct encoder *e, struct hobi_encode_level *level) {
    if (level->next > 0) {
        struct hobi_encoded *entry = &level->entries[level->next - 1];
        entry->size = e->buffer->size - level->begin - entry->at;
    }
}

static int compare_encoded(const void *a, const void *b, const void *data) {
    const struct hobi_encoded *x = a, *y = b;
    const unsigned char *bytes = data;
    size_t common = x->size < y->size ? x->size : y->size;
    int order = memcmp(bytes + x->at, bytes + y->at, common);
    return order ? order : (x->size > y->size) - (x->size < y->size);
}

/* A context may have written two values alike; nobody could read that back.  */
static int check_distinct(struct encoder *e, struct hobi_encode_level *level,
                          const unsigned char *bytes) {
    for (size_t i = 1; i < level->value->count; i++) {
        if (compare_encoded(&level->entries[i - 1], &level->entries[i], bytes) == 0) {
            level->next = level->entries[i].index + 1;
            describe(e, HOB_ENOTSTORABLE, NULL, "it is encoded like another one");
            return HOB_ENOTSTORABLE;
        }
    }
    return HOB_OK;
}

/* Takes what LEVEL has written out of the buffer, into KEYS, and sorts it.  */
static int sort_written(struct encoder *e, struct hobi_encode_level *level,
                        unsigned char **keys) {
    size_t count = level->value->count, size = e->buffer->size - level->begin;
    unsigned char *copy = hobi_alloc_atomic(size);
    if (!copy) {
        return no_memory(e);
    }
    memcpy(copy, e->buffer->data + level->begin, size);
    hobi_sort(level->entries, level->entries + count, count, sizeof *level->entries,
              compare_encoded, copy);
    e->buffer->size = level->begin;
    int code = check_distinct(e, level, copy);
    if (!code) {
        *keys = copy;
    }
    return code;
}

static int put_entry(const struct encoder *e, const struct hobi_encoded *entry,
                     const unsigned char *keys) {
    return put(e, keys + entry->at, entry->size);
}

/* Each of these gives in NEXT the part to write now, or NULL at the level's end.  */

static int next_member(struct encoder *e, struct hobi_encode_level *level,
                       hob_value *next) {
    end_entry(e, level);
    if (level->next < level->value->count) {
        *next = hobi_items(level->value)[level->next];
        begin_entry(e, level);
        return HOB_OK;
    }
    unsigned char *members = NULL;
    int code = sort_written(e, level, &members);
    for (size_t i = 0; i < level->value->count && !code; i++) {
        code = put_entry(e, &level->entries[i], members);
    }
    return code;
}

static int next_key(struct encoder *e, struct hobi_encode_level *level,
                    hob_value *next) {
    end_entry(e, level);
    if (level->next < level->value->count) {
        *next = hobi_items(level->value)[level->next * 2];
        begin_entry(e, level);
        return HOB_OK;
    }
    int code = sort_written(e, level, &level->keys);
    if (!code) {
        level->next = 0;
    }
    return code;
}

static int next_entry(const struct encoder *e, struct hobi_encode_level *level,
                      hob_value *next) {
    if (level->next == level->value->count) {
        return HOB_OK;
    }
    const struct hobi_encoded *entry = &level->entries[level->next++];
    *next = hobi_items(level->value)[entry->index * 2 + 1];
    return put_entry(e, entry, level->keys);
}

static int next_slot(const struct encoder *e, struct hobi_encode_level *level,
                     hob_value *next) {
    hob_value v = level->value;
    if (level->next == hobi_slots(v)) {
        return HOB_OK;
    }
    *next = hobi_items(v)[level->next];
    if (level->next++ < v->count || !has_tail(v)) {
        return HOB_OK;
    }
    level->brackets--;
    return put(e, "]", 1);
}

static int next_part(struct encoder *e, struct hobi_encode_level *level,
                     hob_value *next) {
    int code = HOB_OK;
    *next = NULL;
    if (!level->entries) {
        return next_slot(e, level, next);
    }
    if (hobi_node_type(level->value) == HOB_SET) {
        return next_member(e, level, next);
    }
    if (!level->keys) {
        code = next_key(e, level, next);
    }
    return code || *next ? code : next_entry(e, level, next);
}

/* Ends the levels that are complete.  NEXT is NULL when all are.  */
static int advance(struct encoder *e, hob_value *next) {
    int code = HOB_OK;
    *next = NULL;
    while (e->depth > 0 && !code) {
        struct hobi_encode_level *level = &e->levels[e->depth - 1];
        code = next_part(e, level, next);
        if (code || *next) {
            break;
        }
        code = put_literal(e, closing(level->value));
        e->depth--;
    }
    return code;
}

static int encode(struct encoder *e, hob_value value, size_t max_size) {
    size_t begin = e->buffer->size;
    int code = HOB_OK;
    while (value && !code) {
        code = write_one(e, value);
        if (!code) {
            code = advance(e, &value);
        }
        if (!code && e->buffer->size - begin > max_size) {
            code = hobi_error(e->error, HOB_ELIMIT,
                              "the value takes more than %zu bytes", max_size);
        }
    }
    return code;
}

int hob_syrup_encode(hob_value value, const hob_syrup_context *context,
                     hob_buffer *buffer, hob_error *error) {
    struct encoder e;
    e.buffer = buffer;
    e.context = context;
    e.error = error;
    e.max_depth = hobi_syrup_max_depth(context);
    e.levels = e.own;
    e.depth = 0;
    e.capacity = sizeof e.own / sizeof e.own[0];
    size_t begin = buffer->size;
    int code = encode(&e, value, hobi_syrup_max_size(context));
    if (code) {
        buffer->size = begin;
    }
    return code;
}
