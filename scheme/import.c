/* import.c -- Scheme data as values of the model.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Between vats and into stores data goes as a deep copy (rule 7).  The model has
   fewer types than Guile; the others are tagged values whose label begins with
   "hob:", and a user's own label that begins so is wrapped once more:

     hob:complex    list of real and imaginary part
     hob:nil        Elisp's #nil
     hob:eof        the end-of-file object
     hob:vector     list of element type (u8 u16 ... c64) and the bytes, as they
                    stand in memory on a little-endian machine
     hob:bitvector  string of 0 and 1
     hob:hashmap    list of kind (hashq or hashv) and pairs
     hob:tagged     list of label and datum

   Nothing here recurses, so that deep data takes no C stack.  Circular data is found
   and refused with the path to it (W37).  export.c goes the other way.  */

#include <config.h>

#include <string.h>

#include "guile-hob.h"
#include "node.h"

/* --------------------------------------------------------- atoms to values */

static hob_value from_text(SCM string, hob_value (*make)(const char *, size_t)) {
    size_t length;
    char *text = scm_to_utf8_stringn(string, &length);
    hob_value value = make(text, length);
    free(text);
    return value;
}

static hob_value from_big(SCM number) {
    int64_t small;
    if (scm_is_signed_integer(number, INT64_MIN, INT64_MAX)) {
        small = scm_to_int64(number);
        return hob_integer(small);
    }
    return from_text(scm_number_to_string(number, scm_from_int(10)),
                     hob_integer_from_text);
}

static hob_value labelled(const char *label, hob_value datum) {
    hob_value name = hob_symbol_from(label);
    return name == NULL || datum == NULL ? NULL : hob_tagged(name, datum);
}

static hob_value labelled_pair(const char *label, hob_value first, hob_value second) {
    const hob_value items[] = {first, second};
    if (first == NULL || second == NULL)
        return NULL;
    return labelled(label, hob_list(2, items));
}

static hob_value from_number(SCM number) {
    if (scm_is_exact_integer(number))
        return from_big(number);
    if (scm_is_true(scm_exact_p(number)) && scm_is_true(scm_rational_p(number)))
        return hob_rational(from_big(scm_numerator(number)),
                            from_big(scm_denominator(number)));
    if (scm_is_real(number))
        return hob_double(scm_to_double(number));
    return labelled_pair("hob:complex", hob_double(scm_c_real_part(number)),
                         hob_double(scm_c_imag_part(number)));
}

static hob_value from_bytes(SCM bytes) {
    SCM type = scm_array_type(bytes);
    hob_value data =
        hob_bytes(SCM_BYTEVECTOR_CONTENTS(bytes), SCM_BYTEVECTOR_LENGTH(bytes));
    if (scm_is_eq(type, scm_from_utf8_symbol("vu8")))
        return data;
    return labelled_pair("hob:vector",
                         from_text(scm_symbol_to_string(type), hob_symbol), data);
}

static hob_value from_bits(SCM bits) {
    size_t length = scm_c_bitvector_length(bits);
    char *text = hobi_alloc_atomic(length + 1);
    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < length; i++)
        text[i] = scm_c_bitvector_bit_is_set(bits, i) ? '1' : '0';
    return labelled("hob:bitvector", hob_string(text, length));
}

static hob_value opaque(SCM object) {
    return hob_host(SCM_UNPACK_POINTER(object));
}

static hob_value from_immediate(SCM object) {
    if (SCM_I_INUMP(object))
        return hob_integer(SCM_I_INUM(object));
    if (scm_is_bool(object) && !scm_is_eq(object, SCM_ELISP_NIL))
        return hob_boolean(scm_is_true(object));
    if (SCM_CHARP(object))
        return hob_character((uint32_t)SCM_CHAR(object));
    if (scm_is_eq(object, SCM_EOL))
        return hob_list(0, NULL);
    if (scm_is_eq(object, SCM_ELISP_NIL))
        return labelled("hob:nil", hob_nil());
    if (SCM_EOF_OBJECT_P(object))
        return labelled("hob:eof", hob_nil());
    return hob_void();
}

static bool has_vtable(SCM object, SCM vtable) {
    return SCM_STRUCTP(object) && scm_is_true(vtable) &&
           scm_is_eq(SCM_STRUCT_VTABLE(object), vtable);
}

/* Data without parts, and what is no data.  */
static hob_value from_atom(SCM object) {
    if (SCM_IMP(object))
        return from_immediate(object);
    if (guile_hob_is_refr(object))
        return guile_hob_refr(object);
    if (scm_is_eq(object, guile_hob.zilch))
        return hob_nil();
    if (scm_is_string(object))
        return from_text(object, hob_string);
    if (scm_is_symbol(object))
        return scm_is_true(scm_symbol_interned_p(object))
                   ? from_text(scm_symbol_to_string(object), hob_symbol)
                   : opaque(object);
    if (scm_is_keyword(object))
        return from_text(scm_symbol_to_string(scm_keyword_to_symbol(object)),
                         hob_keyword);
    if (scm_is_number(object))
        return from_number(object);
    if (scm_is_bytevector(object))
        return from_bytes(object);
    if (scm_is_bitvector(object))
        return from_bits(object);
    return opaque(object);
}

/* ------------------------------------------------------ structure to values */

/* Data with parts, while they are converted.  */
typedef enum part_type {
    PART_LIST,
    PART_VECTOR,
    PART_TAGGED,
    PART_MAP,
    PART_SET
} part_type;

typedef struct part {
    part_type type;
    SCM source; /* the object, to find cycles by */
    SCM rest;   /* list: the pairs that are left */
    bool dotted;
    SCM kind; /* map: equal, hashq or hashv */
    hob_value *items;
    size_t index, count;
} part;

typedef struct parts {
    part few[32], *all;
    size_t depth, capacity;
} parts;

static part *push_part(parts *stack) {
    if (stack->depth == stack->capacity) {
        size_t capacity = stack->capacity;
        part *grown = hobi_grow(stack->all, &capacity, stack->depth + 1, sizeof *grown);
        if (grown == NULL)
            return NULL;
        stack->all = grown;
        stack->capacity = capacity;
    }
    return &stack->all[stack->depth++];
}

/* The number of pairs, and whether a tail follows; false: the list is circular.  */
static bool measure_list(SCM list, size_t *count, bool *dotted) {
    SCM slow = list;
    size_t steps = 0;
    for (; scm_is_pair(list); list = SCM_CDR(list)) {
        steps++;
        if (steps % 2 == 0)
            slow = SCM_CDR(slow);
        if (steps > 1 && scm_is_eq(list, slow) && steps % 2 == 1)
            return false;
    }
    *count = steps;
    *dotted = !scm_is_null(list);
    return true;
}

/* The way from the outermost object to the one at DEPTH, as [1][0].  */
static const char *path_text(const parts *stack, size_t depth) {
    const char *text = "";
    size_t shown = depth < 12 ? depth : 12;
    for (size_t i = 0; i < shown && text != NULL; i++)
        text = hobi_format("%s[%zu]", text, stack->all[i].index);
    if (text != NULL && shown < depth)
        text = hobi_format("%s...", text);
    return text != NULL ? text : "";
}

static int circular(const parts *stack, size_t depth, const char *what,
                    hob_error *error) {
    const char *path = path_text(stack, depth);
    hobi_error(error, HOB_ECYCLE, "it contains itself: the %s %s%s is circular", what,
               depth == 0 ? "itself" : "at ", path);
    if (error != NULL)
        error->path = path;
    return HOB_ECYCLE;
}

/* A cycle makes the stack grow for ever, and then the object on top stands below
   too.  Looking at depths that double costs little.  */
static int check_top(const parts *stack, hob_error *error) {
    size_t top = stack->depth - 1;
    if (stack->depth < 32 || (stack->depth & top) != 0)
        return HOB_OK;
    for (size_t i = 0; i < top; i++)
        if (scm_is_eq(stack->all[i].source, stack->all[top].source))
            return circular(stack, i, "object", error);
    return HOB_OK;
}

static int open_list(parts *stack, SCM object, hob_error *error) {
    size_t count = 0;
    bool dotted = false;
    if (!measure_list(object, &count, &dotted))
        return circular(stack, stack->depth, "list", error);
    part *top = push_part(stack);
    if (top == NULL)
        return HOB_ENOMEM;
    *top = (part){.type = PART_LIST,
                  .source = object,
                  .rest = object,
                  .dotted = dotted,
                  .count = count + (dotted ? 1 : 0)};
    return HOB_OK;
}

static int open_sequence(parts *stack, part_type type, SCM source, SCM list,
                         size_t count) {
    part *top = push_part(stack);
    if (top == NULL)
        return HOB_ENOMEM;
    *top = (part){.type = type, .source = source, .rest = list, .count = count};
    return HOB_OK;
}

/* The Scheme side gives (kind key value key value ...), or #f for a map with a
   user's own procedures, which is no data.  */
static int open_map(parts *stack, SCM object, SCM pairs) {
    int code = open_sequence(stack, PART_MAP, object, SCM_CDR(pairs),
                             (size_t)scm_ilength(SCM_CDR(pairs)));
    if (code == HOB_OK)
        stack->all[stack->depth - 1].kind = SCM_CAR(pairs);
    return code;
}

static int open_record(parts *stack, SCM object, bool *opened) {
    if (has_vtable(object, guile_hob.tagged_vtable))
        return open_sequence(
            stack, PART_TAGGED, object,
            scm_list_2(SCM_STRUCT_SLOT_REF(object, 0), SCM_STRUCT_SLOT_REF(object, 1)),
            2);
    if (has_vtable(object, guile_hob.set_vtable)) {
        SCM members = scm_call_1(guile_hob.set_to_list, object);
        return open_sequence(stack, PART_SET, object, members,
                             (size_t)scm_ilength(members));
    }
    SCM pairs = has_vtable(object, guile_hob.map_vtable)
                    ? scm_call_1(guile_hob.map_to_pairs, object)
                    : SCM_BOOL_F;
    *opened = scm_is_true(pairs);
    return *opened ? open_map(stack, object, pairs) : HOB_OK;
}

static bool is_structured(SCM object) {
    return has_vtable(object, guile_hob.tagged_vtable) ||
           has_vtable(object, guile_hob.set_vtable) ||
           has_vtable(object, guile_hob.map_vtable);
}

/* OPENED tells whether OBJECT has parts; they stand on the stack then.  */
static int open_part(parts *stack, SCM object, bool *opened, hob_error *error) {
    int code = HOB_OK;
    *opened = true;
    if (scm_is_pair(object))
        code = open_list(stack, object, error);
    else if (scm_is_vector(object))
        code = open_sequence(stack, PART_VECTOR, object, SCM_EOL,
                             SCM_SIMPLE_VECTOR_LENGTH(object));
    else if (is_structured(object))
        code = open_record(stack, object, opened);
    else
        *opened = false;
    if (code != HOB_OK || !*opened)
        return code;
    part *top = &stack->all[stack->depth - 1];
    top->items = hobi_alloc((top->count + 1) * sizeof *top->items);
    if (top->items == NULL)
        return HOB_ENOMEM;
    return check_top(stack, error);
}

static SCM next_source(part *top) {
    if (top->type == PART_VECTOR)
        return SCM_SIMPLE_VECTOR_REF(top->source, top->index);
    if (!scm_is_pair(top->rest))
        return top->rest;
    SCM next = SCM_CAR(top->rest);
    top->rest = SCM_CDR(top->rest);
    return next;
}

/* It would come back as the exception for an error of C.  */
static bool reads_as_error(hob_value label, hob_value datum) {
    return hob_is_symbol(label, "error") && hob_type_of(datum) == HOB_LIST &&
           hob_count(datum) == 2 && hob_type_of(hob_item(datum, 0)) == HOB_INTEGER &&
           hob_type_of(hob_item(datum, 1)) == HOB_STRING;
}

static hob_value close_tagged(const part *top) {
    const char *text =
        hob_type_of(top->items[0]) == HOB_SYMBOL ? hob_text(top->items[0], NULL) : "";
    if (strncmp(text, "hob:", 4) == 0 || reads_as_error(top->items[0], top->items[1]))
        return labelled("hob:tagged", hob_list(2, top->items));
    return hob_tagged(top->items[0], top->items[1]);
}

static hob_value close_map(const part *top) {
    if (scm_is_eq(top->kind, scm_from_utf8_symbol("equal")))
        return hob_map(top->count / 2, top->items);
    return labelled_pair("hob:hashmap",
                         from_text(scm_symbol_to_string(top->kind), hob_symbol),
                         hob_list(top->count, top->items));
}

static hob_value close_part(const part *top) {
    switch (top->type) {
    case PART_LIST:
        return top->dotted ? hob_dotted_list(top->count - 1, top->items,
                                             top->items[top->count - 1])
                           : hob_list(top->count, top->items);
    case PART_VECTOR:
        return hob_vector(top->count, top->items);
    case PART_TAGGED:
        return close_tagged(top);
    case PART_MAP:
        return close_map(top);
    default:
        return hob_set(top->count, top->items);
    }
}

/* Give VALUE to what waits for it, closing all that becomes complete.  */
static int deliver(parts *stack, hob_value value, hob_value *result) {
    while (value != NULL && stack->depth > 0) {
        part *top = &stack->all[stack->depth - 1];
        top->items[top->index++] = value;
        if (top->index < top->count)
            return HOB_OK;
        value = close_part(top);
        stack->depth--;
    }
    *result = value;
    return value == NULL ? HOB_ENOMEM : HOB_OK;
}

int guile_hob_to_value(SCM object, hob_value *value, hob_error *error) {
    parts stack = {.capacity = 32};
    stack.all = stack.few;
    int code = HOB_OK;
    *value = NULL;
    while (code == HOB_OK && *value == NULL) {
        bool opened = false;
        code = open_part(&stack, object, &opened, error);
        if (code != HOB_OK)
            break;
        if (opened && stack.all[stack.depth - 1].count == 0) {
            hob_value empty = close_part(&stack.all[--stack.depth]);
            code = deliver(&stack, empty, value);
        } else if (!opened) {
            code = deliver(&stack, from_atom(object), value);
        }
        if (code == HOB_OK && *value == NULL)
            object = next_source(&stack.all[stack.depth - 1]);
    }
    if (code == HOB_ENOMEM)
        hobi_error(error, code, "converting Scheme data");
    return code;
}

/* ------------------------------------------------------------ for the others */

hob_value guile_hob_hold(SCM object) {
    if (SCM_IMP(object))
        return from_immediate(object);
    if (guile_hob_is_refr(object))
        return guile_hob_refr(object);
    return opaque(object);
}

/* For C.  NULL: it contains itself, so no copy can be made (rule 7).  */
hob_value guile_hob_import(const void *pointer) {
    hob_value value = NULL;
    guile_hob_to_value(guile_hob_scm(pointer), &value, NULL);
    return value;
}
