/* check-syrup.c -- the encoding is what syrup.c says, and nothing else is read.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Stores and peers outlive a version of this library, so the bytes are written out
   here by hand.  Where the bytes are wrong, the code and the offset are checked.
   fuzz-syrup.c looks for what nobody thought of.  */

#include <config.h>

#include <check.h>
#include <math.h>

#include "testing.h"

static uint64_t seed;

static hob_value sym(const char *name) {
    return hob_symbol_from(name);
}

static hob_value num(int64_t number) {
    return hob_integer(number);
}

static hob_value encode_decode(hob_value value) {
    hob_buffer buffer = {0};
    hob_error error = {0};
    hob_value back = NULL;
    ck_assert_msg(!hob_syrup_encode(value, NULL, &buffer, &error), "%s", error.message);
    int code = hob_syrup_decode(buffer.data, buffer.size, NULL, &back, NULL, &error);
    ck_assert_msg(code == 0, "%s at %zu", error.message, error.offset);
    return back;
}

/* VALUE is encoded as the SIZE bytes at WANTED, and they are decoded as VALUE.  */
static void assert_bytes(hob_value value, const char *wanted, size_t size) {
    hob_buffer buffer = {0};
    hob_error error = {0};
    ck_assert_ptr_nonnull(value);
    ck_assert_int_eq(hob_syrup_encode(value, NULL, &buffer, &error), 0);
    ck_assert_msg(buffer.size == size && memcmp(buffer.data, wanted, size) == 0,
                  "%s: %.*s, not %.*s", hob_print(value, 0), (int)buffer.size,
                  (const char *)buffer.data, (int)size, wanted);
    ck_assert(hob_equal(encode_decode(value), value));
}

static void assert_text(hob_value value, const char *wanted) {
    assert_bytes(value, wanted, strlen(wanted));
}

START_TEST(plain_values_have_the_documented_bytes) {
    assert_text(hob_boolean(true), "t");
    assert_text(hob_boolean(false), "f");
    assert_text(num(0), "0+");
    assert_text(num(1234), "1234+");
    assert_text(num(-7), "7-");
    assert_text(num(INT64_MIN), "9223372036854775808-");
    assert_text(num(INT64_MAX), "9223372036854775807+");
    assert_text(hob_integer_from_text("-123456789012345678901234567890", 31),
                "123456789012345678901234567890-");
    assert_bytes(hob_double(1), "D\x3f\xf0\0\0\0\0\0\0", 9);
    assert_bytes(hob_double(-0.0), "D\x80\0\0\0\0\0\0\0", 9);
    assert_bytes(hob_double(-NAN), "D\x7f\xf8\0\0\0\0\0\0", 9);
    assert_bytes(hob_double(-INFINITY), "D\xff\xf0\0\0\0\0\0\0", 9);
    assert_bytes(hob_bytes("a\0\xff", 3), "3:a\0\xff", 5);
    assert_text(hob_string_from("é"), "2\"é");
    assert_text(hob_string_from(""), "0\"");
    assert_text(sym("fulfill"), "7'fulfill");
    assert_text(hob_void(), "<4'void>");
    assert_text(hob_nil(), "<4'null>");
    assert_text(hob_character('a'), "<4'char97+>");
    assert_text(hob_character(0x10ffff), "<4'char1114111+>");
    assert_text(hob_keyword("key", 3), "<7'keyword3\"key>");
    assert_text(hob_rational(num(-1), num(2)), "<5'ratio1-2+>");
}
END_TEST

START_TEST(collections_have_the_documented_bytes) {
    hob_value items[] = {num(1), sym("b"), hob_string_from("c")};
    assert_text(hob_list(0, NULL), "[]");
    assert_text(hob_list(3, items), "[1+1'b1\"c]");
    assert_text(hob_dotted_list(2, items, items[2]), "<6'dotted[1+1'b]1\"c>");
    assert_text(hob_vector(0, NULL), "<6'vector>");
    assert_text(hob_vector(3, items), "<6'vector1+1'b1\"c>");
    assert_text(hob_map(0, NULL), "{}");
    assert_text(hob_map(1, items), "{1+1'b}");
    assert_text(hob_set(0, NULL), "#$");
    assert_text(hob_set(3, items), "#1\"c1'b1+$");
    assert_text(hob_tagged(items[1], items[2]), "<11'desc:tagged1'b1\"c>");
}
END_TEST

START_TEST(maps_are_sorted_by_the_bytes_of_their_keys) {
    hob_value pairs[] = {sym("ab"),
                         num(1),
                         sym("abcdefghij"),
                         num(2),
                         num(5),
                         num(3),
                         num(-40),
                         num(4),
                         hob_list(0, NULL),
                         num(5),
                         hob_boolean(true),
                         num(6),
                         hob_string_from(""),
                         num(7)};
    assert_text(hob_map(7, pairs), "{0\"7+10'abcdefghij2+2'ab1+40-4+5+3+[]5+t6+}");
    hob_value inner = hob_map(2, pairs);
    hob_value outer[] = {inner, inner, num(9), hob_map(3, pairs)};
    assert_text(hob_map(2, outer), "{9+{10'abcdefghij2+2'ab1+5+3+}"
                                   "{10'abcdefghij2+2'ab1+}{10'abcdefghij2+2'ab1+}}");
}
END_TEST

START_TEST(random_values_come_back_equal_and_encode_alike) {
    struct testing_random r = {seed};
    for (int round = 0; round < 20000; round++) {
        hob_value value = testing_value(&r, 4);
        hob_value back = encode_decode(value);
        ck_assert_msg(hob_equal(back, value), "%s", hob_print(value, 0));
        hob_buffer first = {0}, second = {0};
        ck_assert_int_eq(hob_syrup_encode(value, NULL, &first, NULL), 0);
        ck_assert_int_eq(hob_syrup_encode(back, NULL, &second, NULL), 0);
        ck_assert_uint_eq(first.size, second.size);
        ck_assert_mem_eq(first.data, second.data, first.size);
    }
}
END_TEST

START_TEST(values_are_equal_exactly_when_their_bytes_are) {
    struct testing_random r = {seed};
    for (int round = 0; round < 20000; round++) {
        hob_value a = testing_value(&r, 2), b = testing_value(&r, 2);
        hob_buffer x = {0}, y = {0};
        ck_assert_int_eq(hob_syrup_encode(a, NULL, &x, NULL), 0);
        ck_assert_int_eq(hob_syrup_encode(b, NULL, &y, NULL), 0);
        bool same = x.size == y.size && memcmp(x.data, y.data, x.size) == 0;
        ck_assert_int_eq(same, hob_equal(a, b));
    }
}
END_TEST

START_TEST(an_encoding_is_appended_and_used_tells_its_size) {
    hob_buffer buffer = {0};
    hob_value value = NULL;
    size_t used = 0;
    ck_assert_int_eq(hob_syrup_encode(num(12), NULL, &buffer, NULL), 0);
    ck_assert_int_eq(hob_syrup_encode(sym("x"), NULL, &buffer, NULL), 0);
    ck_assert_int_eq(
        hob_syrup_decode(buffer.data, buffer.size, NULL, &value, &used, NULL), 0);
    ck_assert_uint_eq(used, 3);
    ck_assert(hob_equal(value, num(12)));
    ck_assert_int_eq(hob_syrup_decode(buffer.data + used, buffer.size - used, NULL,
                                      &value, &used, NULL),
                     0);
    ck_assert(hob_is_symbol(value, "x"));
}
END_TEST

START_TEST(single_floats_are_read) {
    hob_value value = NULL;
    ck_assert_int_eq(hob_syrup_decode("F\x3f\xc0\0\0", 5, NULL, &value, NULL, NULL), 0);
    ck_assert(hob_equal(value, hob_double(1.5)));
    ck_assert_int_eq(hob_syrup_decode("F\x7f\xc0\0\0", 5, NULL, &value, NULL, NULL), 0);
    ck_assert(hob_equal(value, hob_double(NAN)));
}
END_TEST

/* BYTES, a string literal without its zero, are refused at OFFSET with CODE.  */
struct refusal {
    const char *bytes;
    size_t size, offset;
    int code;
};

#define REFUSED(bytes, offset)                                                         \
    { bytes, sizeof bytes - 1, offset, HOB_ESYNTAX }

static const struct refusal refusals[] = {
    REFUSED("", 0),
    REFUSED("x", 0),
    REFUSED("]", 0),
    REFUSED(" 1+", 0),
    REFUSED("tt", 1),
    REFUSED("[1+2+]0+", 6),
    /* numbers */
    REFUSED("1", 1),
    REFUSED("01+", 0),
    REFUSED("[1+00+]", 3),
    REFUSED("0-", 1),
    REFUSED("12x", 2),
    REFUSED("+", 0),
    REFUSED("-1+", 0),
    REFUSED("99999999999999999999999999", 26),
    /* doubles */
    REFUSED("D\x3f\xf0\0\0\0\0\0", 8),
    REFUSED("F\x3f\xf0\0", 4),
    REFUSED("[D\x7f\xf8\0\0\0\0\0\1]", 1),
    REFUSED("[D\xff\xf8\0\0\0\0\0\0]", 1),
    REFUSED("F\x7f\xc0\0\1", 0),
    /* text */
    REFUSED("[5\"abc", 1),
    REFUSED("[03\"abc]", 1),
    REFUSED("18446744073709551615:abc", 0),
    REFUSED("18446744073709551619:abc", 0),
    REFUSED("99999999999999999999999999999\"abc", 0),
    REFUSED("4\"ab\xff"
            "c",
            4),
    REFUSED("4'ab\xe2\x82", 4),
    REFUSED("2'\xc0\x80", 2),
    REFUSED("[3\"\xed\xa0\x80]", 3),
    /* brackets */
    REFUSED("[", 1),
    REFUSED("[1+}", 3),
    REFUSED("{]", 1),
    REFUSED("#1+", 3),
    REFUSED("[[1+]", 5),
    /* maps and sets */
    REFUSED("{1+}", 3),
    REFUSED("{1+1+2+}", 7),
    REFUSED("{2+1+1+1+}", 5),
    REFUSED("{1+1+1+2+}", 5),
    REFUSED("{2'ab1+10'abcdefghij2+}", 7),
    REFUSED("#2+1+$", 3),
    REFUSED("#1+1+$", 3),
    REFUSED("[#[][]$]", 4),
    REFUSED("#D\x3f\xf0\0\0\0\0\0\0F\x3f\x80\0\0$", 0),
    /* records */
    REFUSED("<>", 0),
    REFUSED("[<1+>]", 1),
    REFUSED("<4\"void>", 0),
    REFUSED("[<4'voidt>]", 1),
    REFUSED("<4'null1+>", 0),
    REFUSED("<4'what1+>", 0),
    REFUSED("<4'near1+>", 0),
    REFUSED("<5'void\0>", 0),
    REFUSED("<4'char>", 0),
    REFUSED("<4'char1->", 0),
    REFUSED("<4'char55296+>", 0),
    REFUSED("<4'char1114112+>", 0),
    REFUSED("<4'char18446744073709551713+>", 0),
    REFUSED("<7'keyword1'a>", 0),
    REFUSED("<5'ratio2+4+>", 0),
    REFUSED("<5'ratio1+1+>", 0),
    REFUSED("<5'ratio1+0+>", 0),
    REFUSED("<5'ratio0+2+>", 0),
    REFUSED("<5'ratio1+2->", 0),
    REFUSED("<5'ratio1+t>", 0),
    REFUSED("<5'ratio1+>", 0),
    REFUSED("<6'dotted[]1+>", 0),
    REFUSED("<6'dotted[1+][]>", 0),
    REFUSED("<6'dotted[1+]<6'dotted[1+]1+>>", 0),
    REFUSED("<6'dotted1+1+>", 0),
    REFUSED("<6'dotted<6'dotted[1+]1+>1+>", 0),
    REFUSED("<11'desc:tagged1+>", 0),
    REFUSED("<11'desc:tagged1+1+1+>", 0),
};

START_TEST(what_is_not_canonical_is_refused_at_its_place) {
    const struct refusal *r = &refusals[_i];
    hob_error error = {0};
    hob_value value = NULL;
    int code = hob_syrup_decode(r->bytes, r->size, NULL, &value, NULL, &error);
    ck_assert_msg(code == r->code && error.code == code && error.offset == r->offset,
                  "%s: code %d, offset %zu: %s", r->bytes, code, error.offset,
                  error.message);
    ck_assert_ptr_null(value);
    ck_assert_int_eq(hob_syrup_decode(r->bytes, r->size, NULL, &value, NULL, NULL),
                     code);
}
END_TEST

START_TEST(an_unknown_record_is_named) {
    hob_error error = {0};
    hob_value value;
    ck_assert_int_eq(hob_syrup_decode("[<4'what1+>]", 12, NULL, &value, NULL, &error),
                     HOB_ESYNTAX);
    ck_assert_str_eq(error.message, "the record <what> is not known");
}
END_TEST

START_TEST(every_truncation_is_refused) {
    struct testing_random r = {seed};
    for (int round = 0; round < 1000; round++) {
        hob_buffer buffer = {0};
        ck_assert_int_eq(hob_syrup_encode(testing_value(&r, 3), NULL, &buffer, NULL),
                         0);
        for (size_t size = 0; size < buffer.size; size++) {
            hob_value value;
            size_t used;
            hob_error error = {0};
            ck_assert_int_eq(
                hob_syrup_decode(buffer.data, size, NULL, &value, &used, &error),
                HOB_ESYNTAX);
            ck_assert_uint_le(error.offset, size);
        }
    }
}
END_TEST

/* The bytes are refused, or are the encoding of what they are read as.  Only with a
   single float in them may the two differ.  */
static void assert_canonical(const unsigned char *bytes, size_t size) {
    hob_value value, again;
    hob_error error = {0};
    hob_buffer buffer = {0};
    if (hob_syrup_decode(bytes, size, NULL, &value, NULL, &error)) {
        ck_assert_uint_le(error.offset, size);
        return;
    }
    ck_assert_int_eq(hob_syrup_encode(value, NULL, &buffer, NULL), 0);
    if (memchr(bytes, 'F', size)) {
        ck_assert_int_eq(
            hob_syrup_decode(buffer.data, buffer.size, NULL, &again, NULL, NULL), 0);
        ck_assert(hob_equal(value, again));
        return;
    }
    ck_assert_msg(buffer.size == size && memcmp(buffer.data, bytes, size) == 0, "%.*s",
                  (int)size, (const char *)bytes);
}

START_TEST(every_changed_byte_is_refused_or_another_encoding) {
    struct testing_random r = {seed};
    for (int round = 0; round < 60; round++) {
        hob_buffer buffer = {0};
        ck_assert_int_eq(hob_syrup_encode(testing_value(&r, 3), NULL, &buffer, NULL),
                         0);
        for (size_t at = 0; at < buffer.size && at < 200; at++) {
            unsigned char right = buffer.data[at];
            for (unsigned other = 0; other < 256; other++) {
                buffer.data[at] = (unsigned char)other;
                assert_canonical(buffer.data, buffer.size);
            }
            buffer.data[at] = right;
        }
    }
}
END_TEST

int main(void) {
    seed = testing_seed();
    printf("HOB_SEED=%" PRIu64 "\n", seed);
    fflush(stdout);
    Suite *suite = suite_create("syrup");
    TCase *tests = tcase_create("syrup");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, plain_values_have_the_documented_bytes);
    tcase_add_test(tests, collections_have_the_documented_bytes);
    tcase_add_test(tests, maps_are_sorted_by_the_bytes_of_their_keys);
    tcase_add_test(tests, random_values_come_back_equal_and_encode_alike);
    tcase_add_test(tests, values_are_equal_exactly_when_their_bytes_are);
    tcase_add_test(tests, an_encoding_is_appended_and_used_tells_its_size);
    tcase_add_test(tests, single_floats_are_read);
    tcase_add_loop_test(tests, what_is_not_canonical_is_refused_at_its_place, 0,
                        sizeof refusals / sizeof *refusals);
    tcase_add_test(tests, an_unknown_record_is_named);
    tcase_add_test(tests, every_truncation_is_refused);
    tcase_add_test(tests, every_changed_byte_is_refused_or_another_encoding);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
