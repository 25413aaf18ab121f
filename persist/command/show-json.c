/* show-json.c -- stored values as JSON.
   SPDX-License-Identifier: LGPL-3.0-or-later

   What JSON has is written as that: booleans, strings, lists as arrays, nil as null,
   integers that a double holds, finite doubles (with a point or an exponent, so that
   they can be told from integers).  All else is an object with one member, which says
   what it is:

     {"void": true}            {"integer": "123..."}      {"rational": "2/3"}
     {"double": "+inf.0"}      {"character": "a"}         {"symbol": "a"}
     {"keyword": "a"}          {"bytes": "00ff"}          {"dotted": [items..., tail]}
     {"vector": [items...]}    {"map": [[key, value]...]} {"set": [members...]}
     {"tagged": [label, datum]}
     {"near": 5}               {"far": ["vat id", 5]}     {"promise": [...]}

   A string of JSON says what bytes of text it stands for, whatever they are; U+0000 is
   written as an escape.  */

#include <config.h>

#include "show.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "buffer.h"
#include "object.h"

static int put(const char *text, hob_buffer *buffer) {
    return text == NULL ? HOB_ENOMEM : hobi_buffer_append_text(buffer, text);
}

static int put_escaped(unsigned char c, hob_buffer *buffer) {
    char escape[8];
    if (c == '"' || c == '\\')
        snprintf(escape, sizeof escape, "\\%c", c);
    else
        snprintf(escape, sizeof escape, "\\u%04x", c);
    return put(escape, buffer);
}

int show_json_string(const char *text, size_t length, hob_buffer *buffer) {
    int code = put("\"", buffer);
    for (size_t i = 0; i < length && code == HOB_OK; i++) {
        unsigned char c = (unsigned char)text[i];
        code = c < 0x20 || c == 0x7f || c == '"' || c == '\\'
                   ? put_escaped(c, buffer)
                   : hobi_buffer_append(buffer, &text[i], 1);
    }
    return code != HOB_OK ? code : put("\"", buffer);
}

/* {"WHAT": "TEXT"} */
static int put_member(const char *what, const char *text, size_t length,
                      hob_buffer *buffer) {
    int code = put(hobi_format("{\"%s\":", what), buffer);
    code = code != HOB_OK ? code : show_json_string(text, length, buffer);
    return code != HOB_OK ? code : put("}", buffer);
}

static int put_printed(const char *what, hob_value value, hob_buffer *buffer) {
    const char *text = hob_print(value, 0);
    return text == NULL ? HOB_ENOMEM : put_member(what, text, strlen(text), buffer);
}

static int put_text(const char *what, hob_value value, hob_buffer *buffer) {
    size_t length = 0;
    const char *text = hob_text(value, &length);
    return what == NULL ? show_json_string(text, length, buffer)
                        : put_member(what, text, length, buffer);
}

static int put_integer(hob_value value, hob_buffer *buffer) {
    const int64_t most = (int64_t)1 << 53;
    int64_t number = 0;
    if (hob_get_int64(value, &number) && number >= -most && number <= most)
        return put(hob_print(value, 0), buffer);
    return put_printed("integer", value, buffer);
}

static int put_double(hob_value value, hob_buffer *buffer) {
    return isfinite(hob_get_double(value)) ? put(hob_print(value, 0), buffer)
                                           : put_printed("double", value, buffer);
}

static int put_character(hob_value value, hob_buffer *buffer) {
    unsigned c = hob_get_character(value);
    if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f)
        return put(hobi_format("{\"character\":\"\\u%04x\"}", c), buffer);
    const char *printed = hob_print(value, 0); /* #\a */
    if (printed != NULL && c == ' ')
        printed = "#\\ ";
    if (printed != NULL && c >= 0x80 && c < 0xa0)
        return put(hobi_format("{\"character\":\"\\u%04x\"}", c), buffer);
    return printed == NULL
               ? HOB_ENOMEM
               : put_member("character", printed + 2, strlen(printed + 2), buffer);
}

static int put_hex(hob_value bytes, hob_buffer *buffer) {
    size_t length = 0;
    const unsigned char *at = (const unsigned char *)hob_text(bytes, &length);
    int code = put("\"", buffer);
    for (size_t i = 0; i < length && code == HOB_OK; i++) {
        char two[3];
        snprintf(two, sizeof two, "%02x", at[i]);
        code = put(two, buffer);
    }
    return code != HOB_OK ? code : put("\"", buffer);
}

static int put_bytes(hob_value value, hob_buffer *buffer) {
    int code = put("{\"bytes\":", buffer);
    code = code != HOB_OK ? code : put_hex(value, buffer);
    return code != HOB_OK ? code : put("}", buffer);
}

/* ---------------------------------------------------------------- collections */

static int put_items(hob_value value, hob_value tail, hob_buffer *buffer) {
    int code = put("[", buffer);
    for (size_t i = 0; i < hob_count(value) && code == HOB_OK; i++) {
        code = i == 0 ? HOB_OK : put(",", buffer);
        code = code != HOB_OK ? code : show_json(hob_item(value, i), buffer);
    }
    if (code == HOB_OK && tail != NULL)
        code = put(",", buffer);
    if (code == HOB_OK && tail != NULL)
        code = show_json(tail, buffer);
    return code != HOB_OK ? code : put("]", buffer);
}

static int put_collection(const char *what, hob_value value, hob_value tail,
                          hob_buffer *buffer) {
    int code = put(hobi_format("{\"%s\":", what), buffer);
    code = code != HOB_OK ? code : put_items(value, tail, buffer);
    return code != HOB_OK ? code : put("}", buffer);
}

static int put_list(hob_value value, hob_buffer *buffer) {
    hob_value tail = hob_tail(value);
    return tail == NULL ? put_items(value, NULL, buffer)
                        : put_collection("dotted", value, tail, buffer);
}

static int put_pair(const char *before, hob_value first, hob_value second,
                    const char *after, hob_buffer *buffer) {
    const hob_value pair[] = {first, second};
    hob_value list = hob_list(2, pair);
    int code = list == NULL ? HOB_ENOMEM : put(before, buffer);
    code = code != HOB_OK ? code : put_items(list, NULL, buffer);
    return code != HOB_OK ? code : put(after, buffer);
}

static int put_map(hob_value value, hob_buffer *buffer) {
    int code = put("{\"map\":[", buffer);
    for (size_t i = 0; i < hob_count(value) && code == HOB_OK; i++)
        code = put_pair(i == 0 ? "" : ",", hob_item(value, 2 * i),
                        hob_item(value, 2 * i + 1), "", buffer);
    return code != HOB_OK ? code : put("]}", buffer);
}

static int put_far(hob_value datum, hob_buffer *buffer) {
    int code = put("{\"far\":[", buffer);
    code = code != HOB_OK ? code : put_hex(hob_item(datum, 0), buffer);
    return code != HOB_OK
               ? code
               : put(hobi_format(",%s]}", hob_print(hob_item(datum, 1), 0)), buffer);
}

static int put_promise(hob_value datum, hob_buffer *buffer) {
    int code = put("{\"promise\":[", buffer);
    code = code != HOB_OK ? code : put_text(NULL, hob_item(datum, 0), buffer);
    if (code == HOB_OK && hob_count(datum) == 2) {
        code = put(",", buffer);
        code = code != HOB_OK ? code : show_json(hob_item(datum, 1), buffer);
    }
    return code != HOB_OK ? code : put("]}", buffer);
}

static int put_tagged(hob_value value, hob_buffer *buffer) {
    hob_value datum = hob_tagged_datum(value);
    switch (reference_of(value)) {
    case NEAR_REFERENCE:
        return put(hobi_format("{\"near\":%s}", hob_print(datum, 0)), buffer);
    case FAR_REFERENCE:
        return put_far(datum, buffer);
    case PROMISE_REFERENCE:
        return put_promise(datum, buffer);
    default:
        return put_pair("{\"tagged\":", hob_tagged_label(value), datum, "}", buffer);
    }
}

int show_json(hob_value value, hob_buffer *buffer) {
    switch (hob_type_of(value)) {
    case HOB_VOID:
        return put("{\"void\":true}", buffer);
    case HOB_NIL:
        return put("null", buffer);
    case HOB_BOOLEAN:
        return put(hob_truth(value) ? "true" : "false", buffer);
    case HOB_INTEGER:
        return put_integer(value, buffer);
    case HOB_RATIONAL:
        return put_printed("rational", value, buffer);
    case HOB_DOUBLE:
        return put_double(value, buffer);
    case HOB_CHARACTER:
        return put_character(value, buffer);
    case HOB_STRING:
        return put_text(NULL, value, buffer);
    case HOB_SYMBOL:
        return put_text("symbol", value, buffer);
    case HOB_KEYWORD:
        return put_text("keyword", value, buffer);
    case HOB_BYTES:
        return put_bytes(value, buffer);
    case HOB_LIST:
        return put_list(value, buffer);
    case HOB_VECTOR:
        return put_collection("vector", value, NULL, buffer);
    case HOB_MAP:
        return put_map(value, buffer);
    case HOB_SET:
        return put_collection("set", value, NULL, buffer);
    default:
        return put_tagged(value, buffer);
    }
}
