/* encode-plain.c -- the bytes of values that hold no others.
   SPDX-License-Identifier: LGPL-3.0-or-later

   syrup.c has the format.  Everything here appends to a buffer and can fail only
   for want of memory; the buffer then may end in half a value, which encode.c
   takes back.  */

#include <config.h>

#include "encode.h"

#include "buffer.h"
#include "integer.h"

static int put_literal(hob_buffer *buffer, const char *text) {
    return hobi_buffer_append_text(buffer, text);
}

static void put_reserved(hob_buffer *buffer, char byte) {
    buffer->data[buffer->size++] = (unsigned char)byte;
}

static int put_text(hob_buffer *buffer, const char *text, size_t length, char mark) {
    if (hobi_buffer_reserve(buffer, length + HOBI_DECIMAL_WIDTH + 1)) {
        return HOB_ENOMEM;
    }
    hobi_buffer_put_decimal(buffer, length);
    put_reserved(buffer, mark);
    memcpy(buffer->data + buffer->size, text, length);
    buffer->size += length;
    return HOB_OK;
}

static int put_integer(hob_buffer *buffer, hob_value integer) {
    char sign = hobi_integer_sign(integer) < 0 ? '-' : '+';
    return hobi_integer_digits(integer, buffer) ? HOB_ENOMEM
                                                : hobi_buffer_append(buffer, &sign, 1);
}

static int put_double(hob_buffer *buffer, hob_value number) {
    unsigned char bytes[9] = {'D'};
    for (unsigned i = 0; i < 8; i++) {
        bytes[i + 1] = (unsigned char)(number->count >> (56 - 8 * i));
    }
    return hobi_buffer_append(buffer, bytes, sizeof bytes);
}

static int put_character(hob_buffer *buffer, hob_value character) {
    if (hobi_buffer_reserve(buffer, HOBI_DECIMAL_WIDTH + sizeof "<4'char+>")) {
        return HOB_ENOMEM;
    }
    put_literal(buffer, "<4'char");
    hobi_buffer_put_decimal(buffer, character->count);
    return hobi_buffer_append(buffer, "+>", 2);
}

static int put_keyword(hob_buffer *buffer, hob_value keyword) {
    int code = put_literal(buffer, "<7'keyword");
    if (!code) {
        code = put_text(buffer, hobi_chars(keyword), keyword->count, '"');
    }
    return code ? code : hobi_buffer_append(buffer, ">", 1);
}

static int put_ratio(hob_buffer *buffer, hob_value ratio) {
    int code = put_literal(buffer, "<5'ratio");
    if (!code) {
        code = put_integer(buffer, hob_numerator(ratio));
    }
    if (!code) {
        code = put_integer(buffer, hob_denominator(ratio));
    }
    return code ? code : hobi_buffer_append(buffer, ">", 1);
}

int hobi_encode_plain(hob_value v, hob_type type, hob_buffer *buffer) {
    switch (type) {
    case HOB_VOID:
        return put_literal(buffer, "<4'void>");
    case HOB_NIL:
        return put_literal(buffer, "<4'null>");
    case HOB_BOOLEAN:
        return hobi_buffer_append(buffer, v->count ? "t" : "f", 1);
    case HOB_INTEGER:
        return put_integer(buffer, v);
    case HOB_RATIONAL:
        return put_ratio(buffer, v);
    case HOB_DOUBLE:
        return put_double(buffer, v);
    case HOB_CHARACTER:
        return put_character(buffer, v);
    case HOB_KEYWORD:
        return put_keyword(buffer, v);
    case HOB_STRING:
        return put_text(buffer, hobi_chars(v), v->count, '"');
    case HOB_SYMBOL:
        return put_text(buffer, hobi_chars(v), v->count, '\'');
    default:
        return put_text(buffer, hobi_chars(v), v->count, ':');
    }
}
