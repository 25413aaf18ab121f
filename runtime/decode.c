/* decode.c -- bytes to values.
   SPDX-License-Identifier: LGPL-3.0-or-later

   syrup.c has the format, its canonical form and the meaning of offsets.  What is
   decoded here may come from a damaged disk or a hostile peer, so everything is
   checked, in release too (rule 9), and the work is bounded by the size of the
   input (rule 8): no length is believed before the bytes are seen to be there,
   memory grows with what was read, and nothing recurses.

   Values that are complete stand on a stack, in order; brackets that are open
   stand on another, each with the place on the first where its contents begin.  At
   a closing bracket the contents become one value.  */

#include <config.h>

#include "buffer.h"
#include "integer.h"
#include "syrup.h"
#include "utf8.h"

struct bracket {
    char kind;           /* [ { # or < */
    size_t offset;       /* where it was opened */
    size_t begin;        /* its first value on the stack */
    size_t key_depth;    /* how many keys and members it stands in */
    size_t key, key_end; /* bytes of the last key or member; none if both are 0 */
};

struct decoder {
    const unsigned char *bytes;
    size_t at, end;
    bool limited; /* END is the limit, not the input's */
    const hob_syrup_context *context;
    hob_error *error;
    size_t max_depth;
    hob_value *values;
    size_t count, values_capacity;
    struct bracket *brackets;
    size_t depth, brackets_capacity;
    hob_value own_values[64];
    struct bracket own_brackets[16];
};

static int syntax(const struct decoder *d, size_t offset, const char *message) {
    return hobi_error_at(d->error, HOB_ESYNTAX, offset, "%s", message);
}

static int no_memory(const struct decoder *d) {
    return hobi_error_at(d->error, HOB_ENOMEM, d->at, "out of memory");
}

/* At OFFSET more is promised than there is.  */
static int missing(const struct decoder *d, size_t offset) {
    if (d->limited) {
        return hobi_error_at(d->error, HOB_ELIMIT, offset,
                             "the value takes more than %zu bytes", d->end);
    }
    return syntax(d, offset, "the input ends within a value");
}

static int unexpected(const struct decoder *d, size_t offset) {
    return hobi_error_at(d->error, HOB_ESYNTAX, offset, "byte 0x%02x cannot stand here",
                         (unsigned)d->bytes[offset]);
}

static int text(struct decoder *d, size_t length, char mark, hob_value *value) {
    static const struct {
        char mark;
        hob_type type;
    } types[] = {{'"', HOB_STRING}, {'\'', HOB_SYMBOL}, {':', HOB_BYTES}};
    const char *chars = (const char *)d->bytes + d->at;
    size_t i = 0;
    while (types[i].mark != mark) {
        i++;
    }
    if (types[i].type != HOB_BYTES) {
        size_t valid = hobi_utf8_span(chars, length);
        if (valid < length) {
            return syntax(d, d->at + valid, "this is not UTF-8");
        }
    }
    *value = hobi_make_text(types[i].type, chars, length);
    d->at += length;
    return *value ? HOB_OK : no_memory(d);
}

static int integer(struct decoder *d, size_t begin, char sign, hob_value *value) {
    const char *digits = (const char *)d->bytes + begin;
    size_t count = d->at - 1 - begin;
    if (sign == '-' && digits[0] == '0') {
        return syntax(d, d->at - 1, "zero is written 0+");
    }
    *value = hobi_integer_from_digits(digits, count, sign == '-');
    return *value ? HOB_OK : no_memory(d);
}

/* What begins with digits: an integer, or text after its length.  */
static int number(struct decoder *d, hob_value *value) {
    enum { SURE = 19 }; /* digits that cannot overflow 64 bits */
    size_t begin = d->at;
    uint64_t length = 0;
    for (; d->at < d->end; d->at++) {
        unsigned digit = d->bytes[d->at] - (unsigned)'0';
        if (digit > 9) {
            break;
        }
        length = d->at - begin < SURE ? length * 10 + digit : UINT64_MAX;
    }
    if (d->at - begin > 1 && d->bytes[begin] == '0') {
        return syntax(d, begin, "a number has a leading zero");
    }
    if (d->at == d->end) {
        return missing(d, d->at);
    }
    char mark = (char)d->bytes[d->at++];
    if (mark == '+' || mark == '-') {
        return integer(d, begin, mark, value);
    }
    if (mark != '"' && mark != '\'' && mark != ':') {
        return unexpected(d, d->at - 1);
    }
    return length > d->end - d->at ? missing(d, begin) : text(d, length, mark, value);
}

/* COUNT bytes, the first of them most significant.  */
static int read_bits(struct decoder *d, unsigned count, uint64_t *bits) {
    if (d->end - d->at < count) {
        return missing(d, d->end);
    }
    for (unsigned i = 0; i < count; i++) {
        *bits = *bits << 8 | d->bytes[d->at++];
    }
    return HOB_OK;
}

static int floating(struct decoder *d, bool single, hob_value *value) {
    size_t begin = d->at++;
    uint64_t bits = 0;
    int code = read_bits(d, single ? 4 : 8, &bits);
    if (code) {
        return code;
    }
    float narrow;
    uint32_t narrow_bits = (uint32_t)bits;
    double wide;
    memcpy(&narrow, &narrow_bits, sizeof narrow);
    memcpy(&wide, &bits, sizeof wide);
    wide = single ? (double)narrow : wide;
    uint64_t only = single ? UINT64_C(0x7fc00000) : UINT64_C(0x7ff8000000000000);
    if (wide != wide && bits != only) {
        return syntax(d, begin, "this is not the one NaN");
    }
    *value = hob_double(wide);
    return *value ? HOB_OK : no_memory(d);
}

/* Is what comes next in BRACKET, or has just come, a key or a member?  */
static bool in_key(const struct decoder *d, const struct bracket *bracket) {
    return bracket->kind == '#' ||
           (bracket->kind == '{' && (d->count - bracket->begin) % 2 == 0);
}

static int check_limits(const struct decoder *d, char kind, size_t key_depth) {
    if (d->depth >= d->max_depth) {
        return hobi_error_at(d->error, HOB_ELIMIT, d->at,
                             "the value is nested deeper than %zu levels",
                             d->max_depth);
    }
    if ((kind == '{' || kind == '#') && key_depth >= HOBI_SYRUP_KEY_DEPTH) {
        return hobi_error_at(
            d->error, HOB_ELIMIT, d->at,
            "map keys and set members are nested deeper than %d levels",
            HOBI_SYRUP_KEY_DEPTH);
    }
    return HOB_OK;
}

static int open_bracket(struct decoder *d, char kind) {
    size_t key_depth = 0;
    if (d->depth > 0) {
        const struct bracket *around = &d->brackets[d->depth - 1];
        key_depth = around->key_depth + (in_key(d, around) ? 1 : 0);
    }
    int code = check_limits(d, kind, key_depth);
    if (code) {
        return code;
    }
    if (d->depth == d->brackets_capacity) {
        void *grown = hobi_grow(d->brackets, &d->brackets_capacity, d->depth + 1,
                                sizeof d->own_brackets[0]);
        if (!grown) {
            return no_memory(d);
        }
        d->brackets = grown;
    }
    d->brackets[d->depth++] = (struct bracket){
        .kind = kind, .offset = d->at, .begin = d->count, .key_depth = key_depth};
    d->at++;
    return HOB_OK;
}

/* Keys with different bytes may still be one value: a context may read two records
   as the same, and F and D may hold the same number.  */
static int collection(const struct decoder *d, const struct bracket *bracket,
                      size_t count, const hob_value *items, hob_value *value) {
    bool map = bracket->kind == '{';
    size_t entries = map ? count / 2 : count;
    if (map && count % 2 != 0) {
        return syntax(d, d->at, "a key has no value");
    }
    *value = map ? hob_map(entries, items) : hob_set(entries, items);
    if (*value && hob_count(*value) != entries) {
        return syntax(d, bracket->offset, "two keys or members are the same value");
    }
    return *value ? HOB_OK : no_memory(d);
}

static int contents(const struct decoder *d, const struct bracket *bracket,
                    hob_value *value) {
    size_t count = d->count - bracket->begin;
    const hob_value *items = d->values + bracket->begin;
    if (bracket->kind == '<') {
        return hobi_syrup_read_record(d->context, bracket->offset, count, items, value,
                                      d->error);
    }
    if (bracket->kind == '[') {
        *value = hob_list(count, items);
        return *value ? HOB_OK : no_memory(d);
    }
    return collection(d, bracket, count, items, value);
}

static char opening_of(char closing) {
    return closing == ']' ? '[' : closing == '}' ? '{' : closing == '$' ? '#' : '<';
}

/* BEGIN becomes where the value began.  */
static int close_bracket(struct decoder *d, char closing, size_t *begin,
                         hob_value *value) {
    if (d->depth == 0 || d->brackets[d->depth - 1].kind != opening_of(closing)) {
        return unexpected(d, d->at);
    }
    const struct bracket *bracket = &d->brackets[d->depth - 1];
    int code = contents(d, bracket, value);
    *begin = bracket->offset;
    d->count = bracket->begin;
    d->depth--;
    d->at++;
    return code;
}

/* A key or member from BEGIN to here comes behind all before it.  */
static int check_ascent(const struct decoder *d, struct bracket *bracket,
                        size_t begin) {
    size_t size = d->at - begin, before = bracket->key_end - bracket->key;
    if (bracket->key_end) {
        int order = memcmp(d->bytes + bracket->key, d->bytes + begin,
                           before < size ? before : size);
        if (order > 0 || (order == 0 && before >= size)) {
            return syntax(d, begin,
                          order == 0 && before == size
                              ? "a key or member is here twice"
                              : "a key or member is not in its place");
        }
    }
    bracket->key = begin;
    bracket->key_end = d->at;
    return HOB_OK;
}

/* Puts a complete value, which began at BEGIN, into the bracket around it.  */
static int add(struct decoder *d, size_t begin, hob_value value) {
    struct bracket *bracket = &d->brackets[d->depth - 1];
    if (in_key(d, bracket)) {
        int code = check_ascent(d, bracket, begin);
        if (code) {
            return code;
        }
    }
    if (d->count == d->values_capacity) {
        void *grown =
            hobi_grow(d->values, &d->values_capacity, d->count + 1, sizeof(hob_value));
        if (!grown) {
            return no_memory(d);
        }
        d->values = grown;
    }
    d->values[d->count++] = value;
    return HOB_OK;
}

/* One step: a whole simple value, an opening bracket (VALUE stays NULL) or a closing
   one, which completes a value.  */
static int step(struct decoder *d, size_t *begin, hob_value *value) {
    *begin = d->at;
    *value = NULL;
    if (d->at == d->end) {
        return missing(d, d->at);
    }
    char byte = (char)d->bytes[d->at];
    switch (byte) {
    case '0' ... '9':
        return number(d, value);
    case '[':
    case '{':
    case '#':
    case '<':
        return open_bracket(d, byte);
    case ']':
    case '}':
    case '$':
    case '>':
        return close_bracket(d, byte, begin, value);
    case 't':
    case 'f':
        *value = hob_boolean(byte == 't');
        d->at++;
        return HOB_OK;
    case 'D':
    case 'F':
        return floating(d, byte == 'F', value);
    default:
        return unexpected(d, d->at);
    }
}

static int decode(struct decoder *d, hob_value *value) {
    for (;;) {
        size_t begin;
        int code = step(d, &begin, value);
        if (!code && *value && d->depth == 0) {
            return HOB_OK;
        }
        if (!code && *value) {
            code = add(d, begin, *value);
        }
        if (code) {
            return code;
        }
    }
}

int hob_syrup_decode(const void *bytes, size_t size, const hob_syrup_context *context,
                     hob_value *value, size_t *used, hob_error *error) {
    struct decoder d;
    size_t max_size = hobi_syrup_max_size(context);
    d.bytes = bytes;
    d.at = 0;
    d.limited = size > max_size;
    d.end = d.limited ? max_size : size;
    d.context = context;
    d.error = error;
    d.max_depth = hobi_syrup_max_depth(context);
    d.values = d.own_values;
    d.brackets = d.own_brackets;
    d.count = d.depth = 0;
    d.values_capacity = sizeof d.own_values / sizeof d.own_values[0];
    d.brackets_capacity = sizeof d.own_brackets / sizeof d.own_brackets[0];
    hob_value whole;
    int code = decode(&d, &whole);
    if (!code && !used && d.at < size) {
        code = syntax(&d, d.at, "something follows the value");
    }
    if (code) {
        return code;
    }
    *value = whole;
    if (used) {
        *used = d.at;
    }
    return HOB_OK;
}
