/* check-syrup-limits.c -- limits, refusals and contexts of the encoding.
   SPDX-License-Identifier: LGPL-3.0-or-later

   How deep and how large a value may be, what is said of one that cannot be stored,
   what a context can do, and what happens when memory is out.  The two sides of a
   limit must agree: what the encoder writes, the decoder has to read.  */

#include <config.h>

#include <check.h>

#include "buffer.h"
#include "testing.h"

static int pointee; /* of a host value */

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

/* WRAPS lists around CORE.  */
static hob_value nested(size_t wraps, hob_value core) {
    for (size_t i = 0; i < wraps; i++) {
        core = hob_list(1, &core);
    }
    return core;
}

START_TEST(a_value_as_deep_as_allowed_passes_and_no_deeper) {
    hob_value one = num(1), vector = hob_vector(0, NULL);
    hob_value core[] = {hob_nil(),
                        hob_keyword("a", 1),
                        hob_rational(one, num(2)),
                        vector,
                        hob_map(0, NULL),
                        hob_set(0, NULL),
                        hob_tagged(one, one),
                        hob_dotted_list(1, &one, one),
                        hob_dotted_list(1, &one, vector),
                        hob_dotted_list(1, &vector, one),
                        one,
                        hob_string_from("x")};
    size_t own[] = {1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 0, 0};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        hob_syrup_context context = {.max_depth = 100};
        hob_buffer right = {0}, wrong = {0};
        hob_value value;
        hob_error error = {0};
        hob_value most = nested(100 - own[i], core[i]);
        ck_assert_int_eq(hob_syrup_encode(most, &context, &right, NULL), 0);
        ck_assert_int_eq(
            hob_syrup_decode(right.data, right.size, &context, &value, NULL, NULL), 0);
        hob_value more = nested(101 - own[i], core[i]);
        ck_assert_int_eq(hob_syrup_encode(more, &context, &wrong, &error), HOB_ELIMIT);
        ck_assert_uint_eq(wrong.size, 0);
        ck_assert_int_eq(hob_syrup_encode(more, NULL, &wrong, NULL), 0);
        ck_assert_int_eq(
            hob_syrup_decode(wrong.data, wrong.size, &context, &value, NULL, &error),
            HOB_ELIMIT);
        ck_assert_uint_ge(error.offset, 99);
    }
}
END_TEST

START_TEST(a_million_levels_pass_and_one_more_does_not) {
    hob_value deep = nested(HOB_SYRUP_DEPTH, num(1));
    ck_assert(hob_equal(encode_decode(deep), deep));
    hob_buffer buffer = {0};
    hob_error error = {0};
    hob_value deeper = hob_list(1, &deep);
    ck_assert_int_eq(hob_syrup_encode(deeper, NULL, &buffer, &error), HOB_ELIMIT);
    ck_assert_uint_eq(buffer.size, 0);
    char *open = malloc(HOB_SYRUP_DEPTH + 1);
    ck_assert_ptr_nonnull(open);
    memset(open, '[', HOB_SYRUP_DEPTH + 1);
    ck_assert_int_eq(
        hob_syrup_decode(open, HOB_SYRUP_DEPTH + 1, NULL, &deep, NULL, &error),
        HOB_ELIMIT);
    ck_assert_uint_eq(error.offset, HOB_SYRUP_DEPTH);
    free(open);
}
END_TEST

START_TEST(all_kinds_of_brackets_may_be_deep) {
    hob_value value = num(1);
    for (int i = 0; i < 100000; i++) {
        hob_value items[] = {value, num(i), num(3), value};
        switch (i % 5) {
        case 0:
            value = hob_dotted_list(2, items, num(2));
            break;
        case 1:
            value = hob_vector(2, items);
            break;
        case 2: /* as a value: keys have a depth of their own */
            value = hob_map(2, (hob_value[]){sym("ab"), num(1), num(7), value});
            break;
        case 3:
            value = hob_tagged(num(1), value);
            break;
        default:
            value = hob_list(3, items);
        }
    }
    ck_assert(hob_equal(encode_decode(value), value));
}
END_TEST

START_TEST(sets_in_sets_have_a_limit_on_both_sides) {
    hob_value set = num(1), deeper;
    for (int i = 0; i < 256; i++) {
        set = hob_set(2, (hob_value[]){num(2), set});
    }
    ck_assert(hob_equal(encode_decode(set), set));
    deeper = hob_set(1, &set);
    hob_buffer buffer = {0};
    ck_assert_int_eq(hob_syrup_encode(deeper, NULL, &buffer, NULL), HOB_ELIMIT);
    char open[300];
    hob_error error = {0};
    memset(open, '#', sizeof open);
    ck_assert_int_eq(hob_syrup_decode(open, sizeof open, NULL, &set, NULL, &error),
                     HOB_ELIMIT);
    ck_assert_uint_eq(error.offset, 256);
}
END_TEST

START_TEST(max_size_limits_both_sides) {
    hob_value items[] = {num(1), hob_string_from("abc")}, value = NULL;
    hob_value list = hob_list(2, items);
    hob_buffer buffer = {0};
    hob_error error = {0};
    size_t used;
    for (size_t limit = 1; limit < 9; limit++) {
        hob_syrup_context context = {.max_size = limit};
        ck_assert_int_eq(hob_syrup_encode(list, &context, &buffer, &error), HOB_ELIMIT);
        ck_assert_uint_eq(buffer.size, 0);
        ck_assert_int_eq(
            hob_syrup_decode("[1+3\"abc]", 9, &context, &value, &used, &error),
            HOB_ELIMIT);
        ck_assert_uint_le(error.offset, limit);
    }
    hob_syrup_context context = {.max_size = 9};
    ck_assert_int_eq(hob_syrup_encode(list, &context, &buffer, NULL), 0);
    ck_assert_int_eq(hob_syrup_decode("[1+3\"abc]t", 10, &context, &value, &used, NULL),
                     0);
    ck_assert_uint_eq(used, 9);
    ck_assert_int_eq(
        hob_syrup_decode("[1+3\"abc]t", 10, &context, &value, NULL, &error),
        HOB_ESYNTAX);
    ck_assert_uint_eq(error.offset, 9);
}
END_TEST

static void assert_not_storable(hob_value value, const char *message) {
    hob_buffer buffer = {0};
    hob_error error = {0};
    ck_assert_ptr_nonnull(value);
    ck_assert_int_eq(hob_syrup_encode(sym("before"), NULL, &buffer, NULL), 0);
    ck_assert_int_eq(hob_syrup_encode(value, NULL, &buffer, &error), HOB_ENOTSTORABLE);
    ck_assert_int_eq(error.code, HOB_ENOTSTORABLE);
    ck_assert_str_eq(error.message, message);
    ck_assert_uint_eq(buffer.size, strlen("6'before"));
    ck_assert_mem_eq(buffer.data, "6'before", buffer.size);
}

START_TEST(the_path_to_what_cannot_be_stored_is_told) {
    hob_value host = hob_host(&pointee), one = num(1);
    hob_value map = hob_map(2, (hob_value[]){sym("key"), host, sym("longer key"), one});
    assert_not_storable(host, "#<host value> cannot be stored");
    assert_not_storable(hob_list(3, (hob_value[]){one, one, map}),
                        "[2].key: #<host value> cannot be stored");
    assert_not_storable(hob_map(1, (hob_value[]){sym("k"), host}),
                        ".k: #<host value> cannot be stored");
    assert_not_storable(hob_map(2, (hob_value[]){one, one, num(30), host}),
                        "{30}: #<host value> cannot be stored");
    assert_not_storable(hob_map(2, (hob_value[]){one, one, hob_list(1, &host), one}),
                        "<key>[0]: #<host value> cannot be stored");
    assert_not_storable(hob_map(1, (hob_value[]){host, one}),
                        "<key>: #<host value> cannot be stored");
    assert_not_storable(hob_set(2, (hob_value[]){one, host}),
                        "<member>: #<host value> cannot be stored");
    assert_not_storable(hob_dotted_list(1, &one, host),
                        "<tail>: #<host value> cannot be stored");
    assert_not_storable(hob_vector(1, &host), "[0]: #<host value> cannot be stored");
    assert_not_storable(hob_tagged(host, one),
                        "<label>: #<host value> cannot be stored");
    assert_not_storable(hob_tagged(one, host),
                        "<datum>: #<host value> cannot be stored");
}
END_TEST

START_TEST(a_long_path_leaves_out_its_middle) {
    hob_buffer buffer = {0};
    hob_error error = {0};
    ck_assert_int_eq(
        hob_syrup_encode(nested(1000, hob_host(&pointee)), NULL, &buffer, &error),
        HOB_ENOTSTORABLE);
    ck_assert_ptr_nonnull(strstr(error.message, "[0]...(968 levels)...[0]"));
    ck_assert_uint_lt(strlen(error.message), 300);
}
END_TEST

/* A context in which a host value is the number that its pointer points at.  */
static int hosts[3] = {0, 1, 2};

static int write_host(void *data, hob_value value, hob_buffer *buffer,
                      hob_error *error) {
    const int *host = hob_host_pointer(value);
    (void)data;
    if (*host == 2) {
        return hobi_error(error, HOB_EAUTHORITY, "host %d stays here", *host);
    }
    int code = hobi_buffer_append_text(buffer, "<4'host");
    if (!code) {
        code = hob_syrup_encode(num(*host), NULL, buffer, error);
    }
    return code ? code : hobi_buffer_append_text(buffer, ">");
}

static int read_host(void *data, const char *label, size_t count,
                     const hob_value *fields, hob_value *value, hob_error *error) {
    int64_t number;
    (void)data;
    if (strcmp(label, "host") != 0) {
        return HOB_ENOTFOUND;
    }
    if (count != 1 || !hob_get_int64(fields[0], &number) || number < 0 || number > 1) {
        return hobi_error(error, HOB_ESYNTAX, "no such host");
    }
    *value = hob_host(&hosts[number]);
    return HOB_OK;
}

static const hob_syrup_context host_context = {.write = write_host, .read = read_host};

START_TEST(a_context_writes_and_reads_what_the_model_cannot) {
    hob_value one = num(1), host = hob_host(&hosts[1]), zero = hob_host(&hosts[0]);
    hob_value value =
        hob_map(2, (hob_value[]){host, hob_list(1, &zero),
                                 hob_set(2, (hob_value[]){host, zero}), one});
    hob_buffer buffer = {0};
    hob_error error = {0};
    hob_value back = NULL;
    ck_assert_int_eq(hob_syrup_encode(value, &host_context, &buffer, &error), 0);
    const char *wanted = "{#<4'host0+><4'host1+>$1+<4'host1+>[<4'host0+>]}";
    ck_assert_uint_eq(buffer.size, strlen(wanted));
    ck_assert_mem_eq(buffer.data, wanted, buffer.size);
    ck_assert_int_eq(
        hob_syrup_decode(buffer.data, buffer.size, &host_context, &back, NULL, &error),
        0);
    ck_assert(hob_equal(back, value));
}
END_TEST

START_TEST(what_a_context_refuses_is_told_with_its_place) {
    hob_value host = hob_host(&hosts[2]), value;
    hob_buffer buffer = {0};
    hob_error error = {0};
    ck_assert_int_eq(
        hob_syrup_encode(hob_list(1, &host), &host_context, &buffer, &error),
        HOB_EAUTHORITY);
    ck_assert_str_eq(error.message, "[0]: host 2 stays here");
    ck_assert_uint_eq(buffer.size, 0);
    ck_assert_int_eq(
        hob_syrup_decode("[<4'host7+>]", 12, &host_context, &value, NULL, &error),
        HOB_ESYNTAX);
    ck_assert_str_eq(error.message, "no such host");
    ck_assert_uint_eq(error.offset, 1);
    ck_assert_int_eq(
        hob_syrup_decode("[<4'near7+>]", 12, &host_context, &value, NULL, &error),
        HOB_ENOTFOUND);
    ck_assert_str_eq(error.message, "the record <near> has no meaning here");
}
END_TEST

static int write_alike(void *data, hob_value value, hob_buffer *buffer,
                       hob_error *error) {
    (void)data;
    (void)value;
    return hob_syrup_encode(num(7), NULL, buffer, error);
}

START_TEST(two_members_that_a_context_writes_alike_are_refused) {
    hob_syrup_context context = {.write = write_alike};
    hob_value hosts_set =
        hob_set(2, (hob_value[]){hob_host(&hosts[0]), hob_host(&hosts[1])});
    hob_buffer buffer = {0};
    hob_error error = {0};
    ck_assert_int_eq(hob_syrup_encode(hosts_set, &context, &buffer, &error),
                     HOB_ENOTSTORABLE);
    ck_assert_str_eq(error.message, "<member>: it is encoded like another one");
}
END_TEST

#ifdef HOB_TORTURE

/* Has something of everything.  */
static hob_value sample(void) {
    hob_value host = hob_host(&hosts[1]);
    hob_value pairs[] = {
        sym("long key"), hob_integer_from_text("99999999999999999999", 20),
        sym("ab"),       hob_keyword("k", 1),
        num(30),         hob_rational(num(1), num(3)),
        num(4),          hob_dotted_list(1, &host, hob_double(2.5))};
    hob_value set = hob_set(4, (hob_value[]){pairs[0], pairs[1], pairs[5], host});
    hob_value map = hob_map(4, pairs), tagged = hob_tagged(set, map);
    hob_value many[100];
    for (size_t i = 0; i < 100; i++) {
        many[i] = i % 2 ? hob_character('x') : hob_bytes("abc", 3);
    }
    return hob_vector(2, (hob_value[]){nested(100, tagged), hob_list(100, many)});
}

START_TEST(out_of_memory_is_an_error_and_changes_nothing) {
    hob_value value = sample(), back = NULL;
    hob_buffer right = {0};
    ck_assert_int_eq(hob_syrup_encode(value, &host_context, &right, NULL), 0);
    bool failed = true;
    for (unsigned long n = 1; failed; n++) {
        hob_buffer buffer = {0};
        hob_error error = {0};
        hobi_torture(n, n % 8 == 0);
        int code = hob_syrup_encode(value, &host_context, &buffer, &error);
        failed = hobi_torture(0, false) >= n;
        ck_assert_int_eq(code, failed ? HOB_ENOMEM : HOB_OK);
        ck_assert_uint_eq(buffer.size, failed ? 0 : right.size);
        ck_assert_int_eq(error.code, code);
    }
    failed = true;
    for (unsigned long n = 1; failed; n++) {
        hob_error error = {0};
        hobi_torture(n, n % 64 == 0);
        int code = hob_syrup_decode(right.data, right.size, &host_context, &back, NULL,
                                    &error);
        failed = hobi_torture(0, false) >= n;
        ck_assert_msg(code == (failed ? HOB_ENOMEM : HOB_OK), "n %lu: %d %s", n, code,
                      error.message);
    }
    ck_assert(hob_equal(back, value));
}
END_TEST

START_TEST(an_error_survives_that_its_message_has_no_memory) {
    hob_value value = hob_map(
        2, (hob_value[]){num(1), nested(40, hob_host(&pointee)), sym("abc"), num(2)});
    bool failed = true;
    for (unsigned long n = 1; failed; n++) {
        hob_buffer buffer = {0};
        hob_error error = {0};
        hobi_torture(n, false);
        int code = hob_syrup_encode(value, NULL, &buffer, &error);
        failed = hobi_torture(0, false) >= n;
        ck_assert(code == HOB_ENOTSTORABLE || (failed && code == HOB_ENOMEM));
        ck_assert_int_eq(error.code, code);
        ck_assert_ptr_nonnull(error.message);
    }
}
END_TEST

#endif

int main(void) {
    Suite *suite = suite_create("syrup-limits");
    TCase *tests = tcase_create("syrup-limits");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_value_as_deep_as_allowed_passes_and_no_deeper);
    tcase_add_test(tests, a_million_levels_pass_and_one_more_does_not);
    tcase_add_test(tests, all_kinds_of_brackets_may_be_deep);
    tcase_add_test(tests, sets_in_sets_have_a_limit_on_both_sides);
    tcase_add_test(tests, max_size_limits_both_sides);
    tcase_add_test(tests, the_path_to_what_cannot_be_stored_is_told);
    tcase_add_test(tests, a_long_path_leaves_out_its_middle);
    tcase_add_test(tests, a_context_writes_and_reads_what_the_model_cannot);
    tcase_add_test(tests, what_a_context_refuses_is_told_with_its_place);
    tcase_add_test(tests, two_members_that_a_context_writes_alike_are_refused);
#ifdef HOB_TORTURE
    tcase_add_test(tests, out_of_memory_is_an_error_and_changes_nothing);
    tcase_add_test(tests, an_error_survives_that_its_message_has_no_memory);
#endif
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
