/* export.c -- values of the model as Scheme data.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The tagged values whose label begins with "hob:" become again what import.c says
   they were; anything unexpected under such a label stays a tagged value.  Nothing
   here recurses, so that deep data takes no C stack.  */

#include <config.h>

#include <string.h>

#include "guile-hob.h"
#include "node.h"

/* -------------------------------------------------------- values to Scheme */

static SCM to_text(hob_value value) {
    size_t length;
    const char *text = hob_text(value, &length);
    return scm_from_utf8_stringn(text, length);
}

static SCM to_integer(hob_value value) {
    int64_t small;
    mpz_t big;
    if (hob_get_int64(value, &small))
        return scm_from_int64(small);
    hobi_integer_view(value, big);
    return scm_from_mpz(big);
}

static SCM to_bytes(hob_value value) {
    size_t length;
    const char *data = hob_text(value, &length);
    SCM bytes = scm_c_make_bytevector(length);
    memcpy(SCM_BYTEVECTOR_CONTENTS(bytes), data, length);
    return bytes;
}

static SCM to_symbol(hob_value value) {
    size_t length;
    const char *text = hob_text(value, &length);
    return scm_from_utf8_symboln(text, length);
}

static SCM to_atom(hob_value value) {
    switch (hob_type_of(value)) {
    case HOB_NIL:
        return guile_hob.zilch;
    case HOB_BOOLEAN:
        return scm_from_bool(hob_truth(value));
    case HOB_INTEGER:
        return to_integer(value);
    case HOB_RATIONAL:
        return scm_divide(to_integer(hob_numerator(value)),
                          to_integer(hob_denominator(value)));
    case HOB_DOUBLE:
        return scm_from_double(hob_get_double(value));
    case HOB_CHARACTER:
        return SCM_MAKE_CHAR(hob_get_character(value));
    case HOB_STRING:
        return to_text(value);
    case HOB_SYMBOL:
        return to_symbol(value);
    case HOB_KEYWORD:
        return scm_symbol_to_keyword(to_symbol(value));
    case HOB_BYTES:
        return to_bytes(value);
    case HOB_REFR:
    case HOB_PROMISE:
        return guile_hob_scm(value);
    case HOB_HOST:
        return guile_hob_scm(hob_host_pointer(value));
    default:
        return SCM_UNSPECIFIED;
    }
}

static size_t part_count(hob_value value) {
    switch (hob_type_of(value)) {
    case HOB_LIST:
    case HOB_VECTOR:
    case HOB_SET:
        return hob_count(value) + (hob_tail(value) != NULL ? 1 : 0);
    case HOB_MAP:
        return 2 * hob_count(value);
    case HOB_TAGGED:
        return 2;
    default:
        return 0;
    }
}

static bool has_parts(hob_value value) {
    hob_type type = hob_type_of(value);
    return type == HOB_LIST || type == HOB_VECTOR || type == HOB_SET ||
           type == HOB_MAP || type == HOB_TAGGED;
}

static hob_value part_at(hob_value value, size_t index) {
    if (hob_type_of(value) == HOB_TAGGED)
        return index == 0 ? hob_tagged_label(value) : hob_tagged_datum(value);
    if (hob_type_of(value) == HOB_LIST && index == hob_count(value))
        return hob_tail(value);
    return hob_item(value, index);
}

static SCM uniform_vector(SCM datum) {
    SCM type = scm_car(datum), bytes = scm_cadr(datum);
    size_t size = scm_c_bytevector_length(bytes);
    SCM one =
        scm_make_typed_array(type, scm_from_int(0),
                             scm_list_1(scm_list_2(scm_from_int(0), scm_from_int(0))));
    size_t width = SCM_BYTEVECTOR_LENGTH(one);
    if (width == 0 || size % width != 0)
        return datum;
    SCM vector = scm_make_typed_array(type, scm_from_int(0),
                                      scm_list_1(scm_from_size_t(size / width)));
    memcpy(SCM_BYTEVECTOR_CONTENTS(vector), SCM_BYTEVECTOR_CONTENTS(bytes), size);
    return vector;
}

static SCM bit_vector(SCM text) {
    size_t length = scm_c_string_length(text);
    SCM bits = scm_c_make_bitvector(length, SCM_BOOL_F);
    for (size_t i = 0; i < length; i++)
        if (scm_is_eq(scm_c_string_ref(text, i), SCM_MAKE_CHAR('1')))
            scm_c_bitvector_set_bit_x(bits, i);
    return bits;
}

/* What a label of ours stands for; anything unexpected stays a tagged value.  */
static SCM to_special(const char *label, SCM datum) {
    if (strcmp(label, "hob:nil") == 0)
        return SCM_ELISP_NIL;
    if (strcmp(label, "hob:eof") == 0)
        return SCM_EOF_VAL;
    if (strcmp(label, "hob:bitvector") == 0 && scm_is_string(datum))
        return bit_vector(datum);
    if (scm_ilength(datum) != 2)
        return SCM_UNDEFINED;
    if (strcmp(label, "hob:hashmap") == 0)
        return scm_call_2(guile_hob.pairs_to_map, scm_car(datum), scm_cadr(datum));
    if (strcmp(label, "hob:complex") == 0)
        return scm_make_rectangular(scm_car(datum), scm_cadr(datum));
    if (strcmp(label, "hob:vector") == 0 && scm_is_bytevector(scm_cadr(datum)))
        return uniform_vector(datum);
    if (strcmp(label, "hob:tagged") == 0)
        return scm_call_2(guile_hob.make_tagged, scm_car(datum), scm_cadr(datum));
    return SCM_UNDEFINED;
}

static SCM to_tagged(hob_value value, SCM label, SCM datum) {
    hob_value name = hob_tagged_label(value);
    const char *text = hob_type_of(name) == HOB_SYMBOL ? hob_text(name, NULL) : "";
    SCM special = SCM_UNDEFINED;
    if (strncmp(text, "hob:", 4) == 0)
        special = to_special(text, datum);
    else if (strcmp(text, "error") == 0)
        special = scm_call_1(guile_hob.error_to_exception, datum);
    /* Not scm_is_false: #nil is false too.  */
    return SCM_UNBNDP(special) || scm_is_eq(special, SCM_BOOL_F)
               ? scm_call_2(guile_hob.make_tagged, label, datum)
               : special;
}

/* ITEMS are the parts, last first.  */
static SCM to_list(hob_value value, SCM items) {
    SCM list = SCM_EOL;
    if (hob_tail(value) != NULL) {
        list = SCM_CAR(items);
        items = SCM_CDR(items);
    }
    for (; scm_is_pair(items); items = SCM_CDR(items))
        list = scm_cons(SCM_CAR(items), list);
    return list;
}

static SCM join_parts(hob_value value, SCM items) {
    switch (hob_type_of(value)) {
    case HOB_LIST:
        return to_list(value, items);
    case HOB_VECTOR:
        return scm_vector(scm_reverse_x(items, SCM_EOL));
    case HOB_MAP:
        return scm_call_2(guile_hob.pairs_to_map, scm_from_utf8_symbol("equal"),
                          scm_reverse_x(items, SCM_EOL));
    case HOB_SET:
        return scm_call_1(guile_hob.list_to_set, items);
    default:
        return to_tagged(value, SCM_CADR(items), SCM_CAR(items));
    }
}

/* One value with parts whose parts so far are ITEMS.  */
typedef struct opened {
    hob_value value;
    size_t index, count;
    SCM items;
} opened;

static opened *grow_opened(opened *all, size_t *capacity, size_t depth) {
    opened *grown = hobi_grow(all, capacity, depth + 1, sizeof *grown);
    if (grown == NULL)
        scm_report_out_of_memory();
    return grown;
}

SCM guile_hob_from_value(hob_value value) {
    opened few[32], *all = few;
    size_t depth = 0, capacity = 32;
    for (;;) {
        SCM done;
        if (has_parts(value)) {
            if (depth == capacity)
                all = grow_opened(all, &capacity, depth);
            all[depth++] = (opened){value, 0, part_count(value), SCM_EOL};
        } else {
            done = to_atom(value);
            if (depth == 0)
                return done;
            all[depth - 1].items = scm_cons(done, all[depth - 1].items);
        }
        while (all[depth - 1].index == all[depth - 1].count) {
            done = join_parts(all[depth - 1].value, all[depth - 1].items);
            if (--depth == 0)
                return done;
            all[depth - 1].items = scm_cons(done, all[depth - 1].items);
        }
        value = part_at(all[depth - 1].value, all[depth - 1].index++);
    }
}

/* ------------------------------------------------------------ for the others */

SCM guile_hob_held(hob_value value) {
    if (value == NULL)
        return SCM_UNSPECIFIED;
    if (hob_is_refr(value))
        return guile_hob_scm(value);
    return guile_hob_from_value(value);
}

const void *guile_hob_export(hob_value value) {
    return SCM_UNPACK_POINTER(guile_hob_from_value(value));
}
