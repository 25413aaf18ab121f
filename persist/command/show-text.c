/* show-text.c -- stored values as text.
   SPDX-License-Identifier: LGPL-3.0-or-later

   As hob_print writes them, and references as #<near 5>, #<far VAT-ID 5>,
   #<promise fulfilled 7>.  */

#include <config.h>

#include "show.h"

#include "buffer.h"
#include "object.h"

static int put(const char *text, hob_buffer *buffer) {
    return text == NULL ? HOB_ENOMEM : hobi_buffer_append_text(buffer, text);
}

static int show_items(hob_value value, size_t count, hob_buffer *buffer) {
    int code = HOB_OK;
    for (size_t i = 0; i < count && code == HOB_OK; i++) {
        code = i == 0 ? HOB_OK : put(" ", buffer);
        code = code != HOB_OK ? code : show_text(hob_item(value, i), buffer);
    }
    return code;
}

static int show_between(const char *before, hob_value value, size_t count,
                        const char *after, hob_buffer *buffer) {
    int code = put(before, buffer);
    code = code != HOB_OK ? code : show_items(value, count, buffer);
    return code != HOB_OK ? code : put(after, buffer);
}

static int show_list(hob_value value, hob_buffer *buffer) {
    hob_value tail = hob_tail(value);
    int code =
        show_between("(", value, hob_count(value), tail == NULL ? ")" : " . ", buffer);
    if (code != HOB_OK || tail == NULL)
        return code;
    code = show_text(tail, buffer);
    return code != HOB_OK ? code : put(")", buffer);
}

static int show_tagged(hob_value value, hob_buffer *buffer) {
    hob_value datum = hob_tagged_datum(value);
    switch (reference_of(value)) {
    case NEAR_REFERENCE:
        return put(hobi_format("#<near %s>", hob_print(datum, 0)), buffer);
    case FAR_REFERENCE:
        return show_between("#<far ", datum, hob_count(datum), ">", buffer);
    case PROMISE_REFERENCE:
        return show_between("#<promise ", datum, hob_count(datum), ">", buffer);
    default: {
        const hob_value parts[] = {hob_tagged_label(value), datum};
        hob_value list = hob_list(2, parts);
        return list == NULL ? HOB_ENOMEM
                            : show_between("#<tagged ", list, 2, ">", buffer);
    }
    }
}

int show_text(hob_value value, hob_buffer *buffer) {
    switch (hob_type_of(value)) {
    case HOB_LIST:
        return show_list(value, buffer);
    case HOB_VECTOR:
        return show_between("#(", value, hob_count(value), ")", buffer);
    case HOB_MAP:
        return show_between(hob_count(value) > 0 ? "#<map " : "#<map", value,
                            2 * hob_count(value), ">", buffer);
    case HOB_SET:
        return show_between(hob_count(value) > 0 ? "#<set " : "#<set", value,
                            hob_count(value), ">", buffer);
    case HOB_TAGGED:
        return show_tagged(value, buffer);
    default:
        return put(hob_print(value, 0), buffer);
    }
}
