/* syrup.c -- the encoding of values, and what its records mean.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The format is Syrup, in which OCapN speaks and Hob stores (STORE in DESIGN.md).
   encode.c writes it, decode.c reads it; this file says what it is and gives the
   records their values.  N stands for decimal digits without leading zeros.

     true, false     t   f
     integer         N +   or, below zero, N -          0 is 0+ only
     double          D and 8 bytes, IEEE 754, most significant first; the one NaN is
                     7f f8 00 00 00 00 00 00
     single          F and 4 bytes: read (as a double), never written; its NaN is
                     7f c0 00 00
     bytevector      N : and N bytes
     string          N " and N bytes of UTF-8
     symbol          N ' and N bytes of UTF-8
     list            [ items ]
     map             { key value ... }    by the bytes of the encoded keys, ascending
     set             # members $          by the bytes of the members, ascending
     record          < label fields >

   The rest of the model are records whose label is a symbol:

     <void>  <null>                   void, nil
     <char N+>                        a character by its scalar value
     <keyword "name">                 a keyword
     <ratio numerator denominator>    in lowest terms, denominator above 1
     <dotted [items] tail>            one item at least, a tail that is not a list
     <vector items...>                a vector
     <desc:tagged label datum>        a tagged value

   A record with another label is the context's: refrs are <near ...>, <far ...> and
   <promise ...>.  Without a context it is an error.

   Canonical.  A value has one encoding, and the decoder refuses every other
   spelling of it (rule 9), so bytes can be compared, hashed and signed in place of
   values.  Only F is read and not written.  Order by bytes is not hob_compare:
   2'ab sorts behind 10'... here.

   Limits.  Depth is the number of brackets open, those of records included.  Map
   keys and set members stand in each other HOBI_SYRUP_KEY_DEPTH deep at most.

   Offsets in errors.  Of the first byte that cannot stand where it does; where a
   length says more than there is, of that length; of a key or member out of order,
   and of a character that is not UTF-8, of its first byte; of a NaN, of its D; of a
   record or collection that makes no value, of its opening bracket; where the input
   ends too early, its size.  */

#include <config.h>

#include "syrup.h"

#include "utf8.h"

/* Each reader gives false for fields that its record does not take.  VALUE is NULL
   when memory is out.  */
typedef bool read_fields(size_t count, const hob_value *fields, hob_value *value);

static bool read_void(size_t count, const hob_value *fields, hob_value *value) {
    (void)fields;
    *value = hob_void();
    return count == 0;
}

static bool read_nil(size_t count, const hob_value *fields, hob_value *value) {
    (void)fields;
    *value = hob_nil();
    return count == 0;
}

static bool read_character(size_t count, const hob_value *fields, hob_value *value) {
    int64_t scalar;
    if (count != 1 || !hob_get_int64(fields[0], &scalar) || scalar < 0 ||
        !hobi_is_scalar((uint64_t)scalar)) {
        return false;
    }
    *value = hob_character((uint32_t)scalar);
    return true;
}

static bool read_keyword(size_t count, const hob_value *fields, hob_value *value) {
    if (count != 1 || !hobi_is(fields[0], HOB_STRING)) {
        return false;
    }
    *value = hobi_make_text(HOB_KEYWORD, hobi_chars(fields[0]), fields[0]->count);
    return true;
}

static bool read_ratio(size_t count, const hob_value *fields, hob_value *value) {
    if (count != 2 || !hobi_is_integer(fields[0]) || !hobi_is_integer(fields[1]) ||
        fields[1] == hob_integer(0)) {
        return false;
    }
    *value = hob_rational(fields[0], fields[1]);
    return !*value || (hobi_is(*value, HOB_RATIONAL) &&
                       hob_equal(hob_numerator(*value), fields[0]) &&
                       hob_equal(hob_denominator(*value), fields[1]));
}

static bool read_dotted(size_t count, const hob_value *fields, hob_value *value) {
    if (count != 2 || !hobi_is(fields[0], HOB_LIST) || hobi_is_dotted(fields[0]) ||
        fields[0]->count == 0 || hobi_is(fields[1], HOB_LIST)) {
        return false;
    }
    *value = hob_dotted_list(fields[0]->count, hobi_items(fields[0]), fields[1]);
    return true;
}

static bool read_vector(size_t count, const hob_value *fields, hob_value *value) {
    *value = hob_vector(count, fields);
    return true;
}

static bool read_tagged(size_t count, const hob_value *fields, hob_value *value) {
    if (count != 2) {
        return false;
    }
    *value = hob_tagged(fields[0], fields[1]);
    return true;
}

struct record {
    const char *label;
    read_fields *read;
    const char *takes;
};

static const struct record records[] = {
    {"void", read_void, "no field"},
    {"null", read_nil, "no field"},
    {"char", read_character, "the number of a character"},
    {"keyword", read_keyword, "one string"},
    {"ratio", read_ratio, "two integers in lowest terms, the second above 1"},
    {"dotted", read_dotted, "a list that is not empty and a tail that is no list"},
    {"vector", read_vector, "any fields"},
    {"desc:tagged", read_tagged, "a label and a datum"},
};

static const struct record *find_record(hob_value label) {
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        if (hob_is_symbol(label, records[i].label)) {
            return &records[i];
        }
    }
    return NULL;
}

static const char *print_label(hob_value label) {
    enum { ENOUGH = 60 };
    const char *text = hob_print(label, ENOUGH);
    return text ? text : "?";
}

/* Whatever the context says goes to the caller, with the place where we are.  */
static int read_in_context(const hob_syrup_context *context, size_t offset,
                           size_t count, const hob_value *items, hob_value *value,
                           hob_error *error) {
    hob_error own = {0};
    int code = context->read(context->data, hobi_chars(items[0]), count - 1, items + 1,
                             value, &own);
    if (code && !own.message) {
        hobi_error(&own, code, "the record <%s> has no meaning here",
                   print_label(items[0]));
    }
    if (code && error) {
        *error = own;
        error->code = code;
        error->offset = offset;
    }
    return code;
}

static bool is_plain_label(hob_value label) {
    return hobi_is(label, HOB_SYMBOL) && !memchr(hobi_chars(label), 0, label->count);
}

int hobi_syrup_read_record(const hob_syrup_context *context, size_t offset,
                           size_t count, const hob_value *items, hob_value *value,
                           hob_error *error) {
    if (count == 0 || !is_plain_label(items[0])) {
        return hobi_error_at(error, HOB_ESYNTAX, offset,
                             "a record begins with a symbol without a zero byte");
    }
    const struct record *record = find_record(items[0]);
    if (!record && context && context->read) {
        return read_in_context(context, offset, count, items, value, error);
    }
    if (!record) {
        return hobi_error_at(error, HOB_ESYNTAX, offset, "the record <%s> is not known",
                             print_label(items[0]));
    }
    if (!record->read(count - 1, items + 1, value)) {
        return hobi_error_at(error, HOB_ESYNTAX, offset, "the record <%s> takes %s",
                             record->label, record->takes);
    }
    return *value ? HOB_OK : hobi_error_at(error, HOB_ENOMEM, offset, "out of memory");
}
