/* check-value.c -- what hob.h says of values holds.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Constructors, readers, equality, order and print, and the errors' words.  The
   laws of the order are tried on random values: maps are kept in it, so where it is
   not total a key that is there is not found.  */

#include <config.h>

#include <check.h>
#include <math.h>

#include "memory.h"
#include "node.h"
#include "testing.h"

static uint64_t seed;

static hob_value sym(const char *name) {
    return hob_symbol_from(name);
}

static hob_value int_text(const char *digits) {
    return hob_integer_from_text(digits, strlen(digits));
}

static void assert_prints(hob_value value, const char *text) {
    ck_assert_ptr_nonnull(value);
    ck_assert_str_eq(hob_print(value, 0), text);
}

/* LIST with one list in the other, DEPTH deep.  */
static hob_value nested(size_t depth, hob_value core) {
    hob_value value = core;
    for (size_t i = 0; i < depth; i++) {
        value = hob_list(3, (hob_value[]){hob_nil(), value, hob_nil()});
    }
    return value;
}

START_TEST(every_error_code_has_a_text_and_so_has_an_unknown_one) {
    ck_assert_str_eq(hob_strerror(HOB_ENOMEM), "out of memory");
    ck_assert_str_eq(hob_strerror(HOB_EINTERRUPTED), "it was interrupted");
    ck_assert_ptr_nonnull(hob_strerror(12345));
}
END_TEST

START_TEST(an_error_gets_its_code_place_and_sentence) {
    hob_error error = {0};
    ck_assert_int_eq(hobi_error_at(&error, HOB_EIO, 7, "%s %d", "disk", 3), HOB_EIO);
    ck_assert_int_eq(error.code, HOB_EIO);
    ck_assert_uint_eq(error.offset, 7);
    ck_assert_str_eq(error.message, "disk 3");
    ck_assert_int_eq(hobi_error(NULL, HOB_EIO, "nobody asks"), HOB_EIO);
}
END_TEST

START_TEST(each_constructor_gives_its_type) {
    hob_value one = hob_integer(1), two = hob_integer(2);
    ck_assert_int_eq(hob_type_of(hob_void()), HOB_VOID);
    ck_assert_int_eq(hob_type_of(hob_nil()), HOB_NIL);
    ck_assert_int_eq(hob_type_of(hob_boolean(true)), HOB_BOOLEAN);
    ck_assert_int_eq(hob_type_of(one), HOB_INTEGER);
    ck_assert_int_eq(hob_type_of(hob_integer(INT64_MIN)), HOB_INTEGER);
    ck_assert_int_eq(hob_type_of(hob_rational(one, two)), HOB_RATIONAL);
    ck_assert_int_eq(hob_type_of(hob_double(1)), HOB_DOUBLE);
    ck_assert_int_eq(hob_type_of(hob_character('a')), HOB_CHARACTER);
    ck_assert_int_eq(hob_type_of(hob_string_from("a")), HOB_STRING);
    ck_assert_int_eq(hob_type_of(sym("a")), HOB_SYMBOL);
    ck_assert_int_eq(hob_type_of(hob_keyword("a", 1)), HOB_KEYWORD);
    ck_assert_int_eq(hob_type_of(hob_bytes("a", 1)), HOB_BYTES);
    ck_assert_int_eq(hob_type_of(hob_list(1, &one)), HOB_LIST);
    ck_assert_int_eq(hob_type_of(hob_vector(1, &one)), HOB_VECTOR);
    ck_assert_int_eq(hob_type_of(hob_map(0, NULL)), HOB_MAP);
    ck_assert_int_eq(hob_type_of(hob_set(1, &one)), HOB_SET);
    ck_assert_int_eq(hob_type_of(hob_tagged(one, two)), HOB_TAGGED);
    ck_assert_int_eq(hob_type_of(hob_host(&seed)), HOB_HOST);
    ck_assert_str_eq(hob_type_name(HOB_HOST), "host value");
    ck_assert_str_eq(hob_type_name((hob_type)99), "unknown");
}
END_TEST

START_TEST(integers_of_64_bits_come_back) {
    static const int64_t numbers[] = {0,
                                      1,
                                      -1,
                                      INT64_MAX,
                                      INT64_MIN,
                                      INT64_MIN + 1,
                                      INT64_MAX >> 1,
                                      (INT64_MAX >> 1) + 1,
                                      INT64_MIN >> 1,
                                      (INT64_MIN >> 1) - 1};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        int64_t back = 0;
        hob_value value = hob_integer(numbers[i]);
        ck_assert(hob_get_int64(value, &back));
        ck_assert_int_eq(back, numbers[i]);
        char text[32];
        snprintf(text, sizeof text, "%" PRId64, numbers[i]);
        assert_prints(value, text);
        ck_assert(hob_equal(value, int_text(text)));
    }
}
END_TEST

START_TEST(integers_may_have_any_size) {
    const char *big = "123456789012345678901234567890123456789012345678901234567890";
    int64_t number;
    assert_prints(int_text(big), big);
    assert_prints(int_text("-9223372036854775809"), "-9223372036854775809");
    ck_assert(!hob_get_int64(int_text("9223372036854775808"), &number));
    ck_assert(!hob_get_int64(int_text("-9223372036854775809"), &number));
    ck_assert(hob_equal(int_text("-000000000000000000000000000012"), hob_integer(-12)));
    assert_prints(int_text("-0"), "0");
}
END_TEST

START_TEST(text_that_is_no_integer_gives_none) {
    static const char *const bad[] = {"", "-", "+1", "1a", " 1", "--1", "1.0"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_ptr_null(int_text(bad[i]));
    }
}
END_TEST

START_TEST(gmp_sees_big_integers_and_gives_them_back) {
    mpz_t view;
    hob_value big = int_text("-123456789012345678901234567890");
    ck_assert(hobi_integer_view(big, view));
    ck_assert_int_lt(mpz_sgn(view), 0);
    ck_assert(hob_equal(hobi_integer_from_mpz(view), big));
    ck_assert(!hobi_integer_view(hob_integer(5), view));
    ck_assert(!hobi_integer_view(hob_nil(), view));
}
END_TEST

START_TEST(rationals_are_in_lowest_terms) {
    assert_prints(hob_rational(hob_integer(6), hob_integer(-4)), "-3/2");
    assert_prints(hob_rational(hob_integer(-6), hob_integer(-3)), "2");
    assert_prints(hob_rational(hob_integer(0), hob_integer(5)), "0");
    ck_assert_ptr_null(hob_rational(hob_integer(1), hob_integer(0)));
    ck_assert_ptr_null(hob_rational(hob_double(1), hob_integer(1)));
    hob_value half = hob_rational(hob_integer(1), hob_integer(2));
    ck_assert(hob_equal(hob_numerator(half), hob_integer(1)));
    ck_assert(hob_equal(hob_denominator(half), hob_integer(2)));
}
END_TEST

START_TEST(text_must_be_utf8) {
    static const struct {
        const char *text;
        size_t length;
        bool good;
    } cases[] = {
        {"", 0, true},
        {"a\0b", 3, true},
        {"\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf", 11, true},
        {"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8, true},
        {"\xed\x9f\xbf\xee\x80\x80", 6, true},
        {"\x80", 1, false},
        {"\xc0\x80", 2, false},
        {"\xc1\xbf", 2, false},
        {"\xe0\x9f\xbf", 3, false},
        {"\xed\xa0\x80", 3, false},
        {"\xf0\x8f\xbf\xbf", 4, false},
        {"\xf4\x90\x80\x80", 4, false},
        {"\xf5\x80\x80\x80", 4, false},
        {"\xff", 1, false},
        {"\xc3", 1, false},
        {"\xe2\x82", 2, false},
        {"abcdefgh\xc3(", 10, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hob_value string = hob_string(cases[i].text, cases[i].length);
        ck_assert_msg((string != NULL) == cases[i].good, "case %zu", i);
        ck_assert_int_eq(hob_symbol(cases[i].text, cases[i].length) != NULL,
                         cases[i].good);
    }
}
END_TEST

START_TEST(text_comes_back_with_its_length_and_a_zero) {
    size_t length = 0;
    const char *text = hob_text(hob_string("a\0b", 3), &length);
    ck_assert_uint_eq(length, 3);
    ck_assert_mem_eq(text, "a\0b", 4);
    ck_assert(hob_is_symbol(sym("put"), "put"));
    ck_assert(!hob_is_symbol(sym("put"), "pu"));
    ck_assert(!hob_is_symbol(hob_string_from("put"), "put"));
}
END_TEST

START_TEST(characters_are_scalar_values_only) {
    ck_assert_uint_eq(hob_get_character(hob_character(0x10ffff)), 0x10ffff);
    ck_assert_ptr_null(hob_character(0xd800));
    ck_assert_ptr_null(hob_character(0xdfff));
    ck_assert_ptr_null(hob_character(0x110000));
}
END_TEST

START_TEST(readers_give_the_neutral_answer_for_a_wrong_type) {
    hob_value wrong[] = {hob_integer(3), hob_host(&seed), hob_nil(), hob_double(1.0)};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        size_t length = 9;
        ck_assert(!hob_truth(wrong[i]));
        ck_assert_ptr_null(hob_text(wrong[i], &length));
        ck_assert_uint_eq(length, 0);
        ck_assert_uint_eq(hob_count(wrong[i]), 0);
        ck_assert_ptr_null(hob_item(wrong[i], 0));
        ck_assert_ptr_null(hob_tail(wrong[i]));
        ck_assert_ptr_null(hob_map_ref(wrong[i], hob_nil()));
        ck_assert(!hob_set_has(wrong[i], hob_nil()));
        ck_assert_ptr_null(hob_tagged_label(wrong[i]));
        ck_assert_ptr_null(hob_numerator(wrong[i]));
        ck_assert_uint_eq(hob_get_character(wrong[i]), 0);
    }
    ck_assert_ptr_null(hob_host_pointer(hob_nil()));
    ck_assert_double_eq(hob_get_double(hob_integer(1)), 0.0);
}
END_TEST

START_TEST(a_null_among_the_items_makes_null) {
    hob_value items[] = {hob_integer(1), NULL};
    ck_assert_ptr_null(hob_list(2, items));
    ck_assert_ptr_null(hob_vector(2, items));
    ck_assert_ptr_null(hob_map(1, items));
    ck_assert_ptr_null(hob_set(2, items));
    ck_assert_ptr_null(hob_tagged(items[0], NULL));
    ck_assert_ptr_null(hob_rational(items[0], NULL));
    ck_assert_ptr_null(hob_dotted_list(2, items, items[0]));
    ck_assert_ptr_null(hob_list(SIZE_MAX / 4, items));
}
END_TEST

START_TEST(a_dotted_list_has_a_tail_that_is_no_list) {
    hob_value items[] = {hob_integer(1), hob_integer(2)};
    hob_value dotted = hob_dotted_list(2, items, sym("end"));
    ck_assert_uint_eq(hob_count(dotted), 2);
    ck_assert(hob_is_symbol(hob_tail(dotted), "end"));
    ck_assert_ptr_null(hob_item(dotted, 2));
    ck_assert_ptr_null(hob_tail(hob_list(2, items)));
    ck_assert_ptr_null(hob_dotted_list(1, items, dotted));
    ck_assert_ptr_null(hob_dotted_list(0, NULL, hob_list(0, NULL)));
    ck_assert_ptr_eq(hob_dotted_list(0, NULL, items[0]), items[0]);
    ck_assert(!hob_equal(dotted, hob_list(2, items)));
}
END_TEST

START_TEST(of_equal_map_keys_the_last_one_counts) {
    hob_value pairs[] = {sym("b"), hob_integer(1), sym("a"), hob_integer(2),
                         sym("b"), hob_integer(3), sym("a"), hob_integer(4)};
    hob_value map = hob_map(4, pairs);
    ck_assert_uint_eq(hob_count(map), 2);
    ck_assert(hob_equal(hob_map_ref(map, sym("a")), hob_integer(4)));
    ck_assert(hob_equal(hob_map_ref(map, sym("b")), hob_integer(3)));
    ck_assert_ptr_null(hob_map_ref(map, sym("c")));
    assert_prints(map, "#<map a 4 b 3>");
}
END_TEST

START_TEST(large_maps_and_sets_find_all_they_hold) {
    enum { COUNT = 1000 };
    static hob_value pairs[2 * COUNT];
    hob_value members[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        members[i] = hob_integer((int64_t)((i * 7919) % COUNT) * 2);
        pairs[2 * i] = members[i];
        pairs[2 * i + 1] = hob_integer((int64_t)i);
    }
    hob_value map = hob_map(COUNT, pairs), set = hob_set(COUNT, members);
    ck_assert_uint_eq(hob_count(map), COUNT);
    ck_assert_uint_eq(hob_count(set), COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        int64_t odd = (int64_t)i * 2 + 1;
        ck_assert(hob_equal(hob_map_ref(map, members[i]), hob_integer((int64_t)i)));
        ck_assert(hob_set_has(set, members[i]));
        ck_assert(!hob_set_has(set, hob_integer(odd)));
    }
}
END_TEST

START_TEST(host_values_keep_their_pointer) {
    ck_assert_ptr_eq(hob_host_pointer(hob_host(&seed)), &seed);
    ck_assert_ptr_null(hob_host((const char *)&seed + 1));
    ck_assert(hob_equal(hob_host(&seed), hob_host(&seed)));
}
END_TEST

START_TEST(numbers_of_different_types_differ) {
    ck_assert(!hob_equal(hob_integer(1), hob_double(1)));
    ck_assert(!hob_equal(hob_double(0.0), hob_double(-0.0)));
    ck_assert(hob_equal(hob_double(NAN), hob_double(-NAN)));
    ck_assert(!hob_equal(hob_string_from("a"), sym("a")));
    ck_assert(!hob_equal(hob_nil(), hob_void()));
    ck_assert(!hob_equal(hob_nil(), hob_boolean(false)));
}
END_TEST

/* Each value is below the next.  */
START_TEST(values_are_ordered_as_documented) {
    hob_value one = hob_integer(1), two = hob_integer(2);
    hob_value pair[] = {one, two}, other[] = {two, one};
    hob_value ascending[] = {hob_void(),
                             hob_nil(),
                             hob_boolean(false),
                             hob_boolean(true),
                             int_text("-99999999999999999999"),
                             hob_integer(INT64_MIN),
                             hob_integer(-1),
                             hob_integer(0),
                             one,
                             hob_integer(INT64_MAX),
                             int_text("9223372036854775808"),
                             hob_rational(hob_integer(-1), two),
                             hob_rational(one, hob_integer(3)),
                             hob_rational(one, two),
                             hob_double(-INFINITY),
                             hob_double(-1),
                             hob_double(-0.0),
                             hob_double(0.0),
                             hob_double(1e-300),
                             hob_double(INFINITY),
                             hob_double(NAN),
                             hob_character('a'),
                             hob_character(0x1f600),
                             hob_string("", 0),
                             hob_string("a", 1),
                             hob_string("a\0", 2),
                             hob_string("b", 1),
                             hob_string("\xef\xbf\xbf", 3),
                             hob_string("\xf0\x90\x80\x80", 4),
                             sym("a"),
                             hob_keyword("a", 1),
                             hob_bytes("\x7f", 1),
                             hob_bytes("\xff", 1),
                             hob_list(0, NULL),
                             hob_list(1, &one),
                             hob_dotted_list(1, &one, one),
                             hob_dotted_list(1, &one, two),
                             hob_list(2, pair),
                             hob_list(1, &two),
                             hob_vector(0, NULL),
                             hob_vector(2, pair),
                             hob_vector(1, &two),
                             hob_map(0, NULL),
                             hob_map(1, pair),
                             hob_map(1, other),
                             hob_set(0, NULL),
                             hob_set(1, &one),
                             hob_set(2, pair),
                             hob_set(1, &two),
                             hob_tagged(one, two),
                             hob_tagged(two, one),
                             hob_host(&seed)};
    size_t count = sizeof ascending / sizeof *ascending;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            int wanted = (i > j) - (i < j);
            ck_assert_msg(hob_compare(ascending[i], ascending[j]) == wanted,
                          "%s against %s", hob_print(ascending[i], 0),
                          hob_print(ascending[j], 0));
            ck_assert_int_eq(hob_equal(ascending[i], ascending[j]), i == j);
        }
    }
}
END_TEST

START_TEST(the_order_of_random_values_is_total_and_agrees_with_equality) {
    struct testing_random r = {seed};
    for (int round = 0; round < 20000; round++) {
        hob_value a = testing_value(&r, 3), b = testing_value(&r, 3),
                  c = testing_value(&r, 3);
        int ab = hob_compare(a, b), bc = hob_compare(b, c), ac = hob_compare(a, c);
        ck_assert_int_eq(hob_compare(a, a), 0);
        ck_assert_int_eq(hob_compare(b, a), -ab);
        ck_assert_int_eq(hob_equal(a, b), ab == 0);
        if (ab <= 0 && bc <= 0) {
            ck_assert_int_le(ac, 0);
        }
        if (ab >= 0 && bc >= 0) {
            ck_assert_int_ge(ac, 0);
        }
    }
}
END_TEST

START_TEST(values_made_twice_the_same_way_are_equal) {
    struct testing_random r = {seed}, again = {seed};
    for (int round = 0; round < 5000; round++) {
        hob_value a = testing_value(&r, 4), b = testing_value(&again, 4);
        ck_assert(hob_equal(a, b));
        ck_assert_int_eq(hob_compare(a, b), 0);
        ck_assert_str_eq(hob_print(a, 0), hob_print(b, 0));
    }
}
END_TEST

START_TEST(a_million_levels_compare_and_print) {
    enum { DEPTH = 1000000 };
    hob_value a = nested(DEPTH, hob_integer(1)), b = nested(DEPTH, hob_integer(1)),
              c = nested(DEPTH, hob_integer(2));
    ck_assert(hob_equal(a, b));
    ck_assert(!hob_equal(a, c));
    ck_assert_int_eq(hob_compare(a, b), 0);
    ck_assert_int_eq(hob_compare(a, c), -1);
    ck_assert_uint_eq(strlen(hob_print(a, 0)), DEPTH * strlen("(#<nil>  #<nil>)") + 1);
    ck_assert_str_eq(hob_print(a, 11), "(#<nil> (#<...");
}
END_TEST

START_TEST(values_print_as_scheme_writes_them) {
    hob_value items[] = {hob_integer(1), sym("b"), hob_string_from("c")};
    assert_prints(hob_list(3, items), "(1 b \"c\")");
    assert_prints(hob_list(0, NULL), "()");
    assert_prints(hob_dotted_list(2, items, items[2]), "(1 b . \"c\")");
    assert_prints(hob_vector(3, items), "#(1 b \"c\")");
    assert_prints(hob_vector(0, NULL), "#()");
    assert_prints(hob_map(0, NULL), "#<map>");
    assert_prints(hob_map(1, items), "#<map 1 b>");
    assert_prints(hob_set(2, items), "#<set 1 b>");
    assert_prints(hob_tagged(items[1], items[0]), "#<tagged b 1>");
    assert_prints(hob_bytes("\x01\xff", 2), "#u8(1 255)");
    assert_prints(hob_bytes("", 0), "#u8()");
    assert_prints(hob_void(), "#<void>");
    assert_prints(hob_nil(), "#<nil>");
    assert_prints(hob_boolean(true), "#t");
    assert_prints(hob_boolean(false), "#f");
    assert_prints(hob_host(&seed), "#<host value>");
    assert_prints(hob_keyword("key", 3), "#:key");
    assert_prints(hob_keyword("a b", 3), "#:#{a b}#");
    assert_prints(hob_string("a\"\\\n\x01\xc3\xa9\0", 8),
                  "\"a\\\"\\\\\\n\\x01é\\x00\"");
}
END_TEST

START_TEST(odd_symbols_print_in_braces) {
    static const char *const plain[] = {"a",   "+",    "-",   "...", "->x", "1+",
                                        "a.b", "set!", "e10", "λ",   "<=?", "a#"};
    static const char *const odd[] = {"",    "a b", "1",      "-1", "+1.5", ".5", "1/2",
                                      "1e3", ".",   "+inf.0", "-i", "#t",   "a(", "a;"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        assert_prints(sym(plain[i]), plain[i]);
    }
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        assert_prints(sym(odd[i]), hobi_format("#{%s}#", odd[i]));
    }
    assert_prints(hob_symbol("a}\\\n", 4), "#{a\\x7d;\\x5c;\\xa;}#");
}
END_TEST

START_TEST(characters_print_by_name_or_as_they_are) {
    assert_prints(hob_character('a'), "#\\a");
    assert_prints(hob_character(' '), "#\\space");
    assert_prints(hob_character('\n'), "#\\newline");
    assert_prints(hob_character(0), "#\\nul");
    assert_prints(hob_character(1), "#\\x1");
    assert_prints(hob_character(0x3bb), "#\\λ");
}
END_TEST

START_TEST(doubles_print_short_and_read_back) {
    assert_prints(hob_double(1), "1.0");
    assert_prints(hob_double(-0.0), "-0.0");
    assert_prints(hob_double(0.1), "0.1");
    assert_prints(hob_double(1e300), "1e+300");
    assert_prints(hob_double(INFINITY), "+inf.0");
    assert_prints(hob_double(-INFINITY), "-inf.0");
    assert_prints(hob_double(NAN), "+nan.0");
    struct testing_random r = {seed};
    for (int round = 0; round < 10000; round++) {
        double number = testing_double(&r);
        if (isfinite(number)) {
            const char *text = hob_print(hob_double(number), 0);
            ck_assert_msg(strtod(text, NULL) == number, "%s", text);
        }
    }
}
END_TEST

START_TEST(a_print_is_cut_at_its_limit_between_characters) {
    ck_assert_str_eq(hob_print(hob_string_from("abcdef"), 4), "\"abc...");
    ck_assert_str_eq(hob_print(hob_string_from("abcdef"), 8), "\"abcdef\"");
    ck_assert_str_eq(hob_print(hob_string_from("aéb"), 3), "\"a...");
    ck_assert_str_eq(hob_print(sym("abcdef"), 3), "abc...");
    ck_assert_str_eq(hob_print(hob_bytes("abcdef", 6), 6), "#u8(97...");
}
END_TEST

#ifdef HOB_TORTURE

static hob_value make_all(void) {
    hob_value big = int_text("-1234567890123456789012345678901234567890");
    hob_value items[] = {big,
                         sym("b"),
                         hob_string_from("s"),
                         hob_rational(hob_integer(1), hob_integer(3)),
                         hob_double(1.5),
                         hob_bytes("x", 1),
                         hob_character('c'),
                         hob_keyword("k", 1)};
    hob_value set = hob_set(8, items), map = hob_map(4, items);
    hob_value vector = hob_vector(2, (hob_value[]){set, map});
    return hob_tagged(vector, nested(100, big ? big : hob_nil()));
}

START_TEST(out_of_memory_makes_null_and_nothing_worse) {
    hob_value wanted = make_all();
    const char *text = hob_print(wanted, 0);
    bool failed = true;
    for (unsigned long n = 1; failed; n++) {
        hobi_torture(n, n % 16 == 0);
        hob_value made = make_all();
        failed = hobi_torture(0, false) >= n;
        ck_assert(!made || hob_equal(made, wanted));
        hobi_torture(n, false);
        const char *print = hob_print(wanted, 0);
        failed = hobi_torture(0, false) >= n || failed;
        ck_assert(!print || strcmp(print, text) == 0);
    }
}
END_TEST

START_TEST(comparison_is_right_without_memory_too) {
    hob_value a = nested(100000, hob_integer(1)), b = nested(100000, hob_integer(1)),
              c = nested(100000, hob_integer(2));
    for (unsigned long n = 1; n < 20; n++) {
        hobi_torture(n, false);
        ck_assert(hob_equal(a, b));
        hobi_torture(n, false);
        ck_assert_int_eq(hob_compare(a, c), -1);
    }
    hobi_torture(0, false);
}
END_TEST

#endif

int main(void) {
    seed = testing_seed();
    printf("HOB_SEED=%" PRIu64 "\n", seed);
    fflush(stdout);
    Suite *suite = suite_create("value");
    TCase *tests = tcase_create("value");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, every_error_code_has_a_text_and_so_has_an_unknown_one);
    tcase_add_test(tests, an_error_gets_its_code_place_and_sentence);
    tcase_add_test(tests, each_constructor_gives_its_type);
    tcase_add_test(tests, integers_of_64_bits_come_back);
    tcase_add_test(tests, integers_may_have_any_size);
    tcase_add_test(tests, text_that_is_no_integer_gives_none);
    tcase_add_test(tests, gmp_sees_big_integers_and_gives_them_back);
    tcase_add_test(tests, rationals_are_in_lowest_terms);
    tcase_add_test(tests, text_must_be_utf8);
    tcase_add_test(tests, text_comes_back_with_its_length_and_a_zero);
    tcase_add_test(tests, characters_are_scalar_values_only);
    tcase_add_test(tests, readers_give_the_neutral_answer_for_a_wrong_type);
    tcase_add_test(tests, a_null_among_the_items_makes_null);
    tcase_add_test(tests, a_dotted_list_has_a_tail_that_is_no_list);
    tcase_add_test(tests, of_equal_map_keys_the_last_one_counts);
    tcase_add_test(tests, large_maps_and_sets_find_all_they_hold);
    tcase_add_test(tests, host_values_keep_their_pointer);
    tcase_add_test(tests, numbers_of_different_types_differ);
    tcase_add_test(tests, values_are_ordered_as_documented);
    tcase_add_test(tests, the_order_of_random_values_is_total_and_agrees_with_equality);
    tcase_add_test(tests, values_made_twice_the_same_way_are_equal);
    tcase_add_test(tests, a_million_levels_compare_and_print);
    tcase_add_test(tests, values_print_as_scheme_writes_them);
    tcase_add_test(tests, odd_symbols_print_in_braces);
    tcase_add_test(tests, characters_print_by_name_or_as_they_are);
    tcase_add_test(tests, doubles_print_short_and_read_back);
    tcase_add_test(tests, a_print_is_cut_at_its_limit_between_characters);
#ifdef HOB_TORTURE
    tcase_add_test(tests, out_of_memory_makes_null_and_nothing_worse);
    tcase_add_test(tests, comparison_is_right_without_memory_too);
#endif
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
