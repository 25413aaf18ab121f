/* encode-path.c -- how one gets to a value that cannot be stored.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Rule 4 wants an error to name the value at fault.  One step for each level:

     [2]       item 2 of a list or vector, counted from 0
     <tail>    the tail of a dotted list
     .name     what a map holds under the symbol NAME
     {key}     what a map holds under another key, as it prints
     <key>     a key of a map
     <member>  a member of a set
     <label>   <datum>  the two parts of a tagged value

   Of a value that lies deep, the steps in the middle are left out: the message is
   for people.  */

#include <config.h>

#include "buffer.h"
#include "encode.h"

enum { SHOWN = 16, KEY_LIMIT = 40 }; /* steps at either end; bytes of a key */

static const char *print_key(hob_value key) {
    const char *text = hob_print(key, KEY_LIMIT);
    if (!text) {
        return NULL;
    }
    return hobi_is(key, HOB_SYMBOL) ? hobi_format(".%s", text)
                                    : hobi_format("{%s}", text);
}

static hob_value current_key(const struct hobi_encode_level *level) {
    size_t entry = level->entries ? level->entries[level->next - 1].index : 0;
    return hobi_items(level->value)[entry * 2];
}

static const char *step_text(const struct hobi_encode_level *level) {
    size_t index = level->next - 1;
    switch (hobi_node_type(level->value)) {
    case HOB_LIST:
        return index == level->value->count ? "<tail>" : hobi_format("[%zu]", index);
    case HOB_MAP:
        return hobi_encode_in_key(level) ? "<key>" : print_key(current_key(level));
    case HOB_SET:
        return "<member>";
    case HOB_TAGGED:
        return index == 0 ? "<label>" : "<datum>";
    default:
        return hobi_format("[%zu]", index);
    }
}

static int append_steps(const struct hobi_encode_level *levels, size_t count,
                        hob_buffer *path) {
    int code = HOB_OK;
    for (size_t i = 0; i < count && !code; i++) {
        const char *step = step_text(&levels[i]);
        code = step ? hobi_buffer_append_text(path, step) : HOB_ENOMEM;
    }
    return code;
}

static int append_gap(size_t skipped, hob_buffer *path) {
    const char *gap = hobi_format("...(%zu levels)...", skipped);
    return gap ? hobi_buffer_append_text(path, gap) : HOB_ENOMEM;
}

const char *hobi_encode_path(const struct hobi_encode_level *levels, size_t depth) {
    hob_buffer path = {0};
    bool whole = depth <= 2 * SHOWN;
    int code = append_steps(levels, whole ? depth : SHOWN, &path);
    if (!code && !whole) {
        code = append_gap(depth - 2 * SHOWN, &path);
    }
    if (!code && !whole) {
        code = append_steps(levels + depth - SHOWN, SHOWN, &path);
    }
    if (!code) {
        code = hobi_buffer_append(&path, "", 1);
    }
    return code ? NULL : (const char *)path.data;
}
