/* check-kinds.c -- how many objects of which kind and version a vat has stored.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#include <config.h>

#include "stage.h"

static int restore_any(hob_turn *turn, uint32_t version, hob_value portrait,
                       hob_value *state) {
    (void)turn, (void)version;
    *state = portrait;
    return HOB_OK;
}

static const hob_kind flexible = {
    .name = "flexible", .version = 3, .behave = cell_behave, .restore = restore_any};

static void count(hobi_kinds *kinds, const char *name, int version, int64_t delta) {
    ck_assert_int_eq(hobi_kinds_add(kinds, sym(name), num(version), delta), HOB_OK);
}

static const char *shown(const hobi_kinds *kinds) {
    return text(hobi_kinds_to_value(kinds));
}

START_TEST(counts_add_up_by_name_and_version) {
    hobi_kinds kinds = {0};
    count(&kinds, "a", 0, 2);
    count(&kinds, "a", 1, 1);
    count(&kinds, "b", 0, 5);
    count(&kinds, "a", 0, 3);
    count(&kinds, "b", 0, -1);
    ck_assert_str_eq(shown(&kinds), "((a 0 5) (a 1 1) (b 0 4))");
}
END_TEST

START_TEST(what_has_come_to_zero_is_not_written) {
    hobi_kinds kinds = {0};
    count(&kinds, "a", 0, 1);
    count(&kinds, "b", 0, 1);
    count(&kinds, "a", 0, -1);
    ck_assert_str_eq(shown(&kinds), "((b 0 1))");
}
END_TEST

START_TEST(merging_adds_each_count) {
    hobi_kinds a = {0}, b = {0};
    count(&a, "a", 0, 1);
    count(&b, "a", 0, 2);
    count(&b, "b", 7, -2);
    ck_assert_int_eq(hobi_kinds_merge(&a, &b), HOB_OK);
    count(&a, "b", 7, 3);
    ck_assert_str_eq(shown(&a), "((a 0 3) (b 7 1))");
}
END_TEST

START_TEST(counts_come_back_as_they_were_written) {
    hobi_kinds kinds = {0}, again = {0};
    for (int i = 0; i < 100; i++)
        count(&kinds, "a", i, i + 1);
    ck_assert_int_eq(hobi_kinds_from_value(&again, hobi_kinds_to_value(&kinds)),
                     HOB_OK);
    ck_assert_str_eq(shown(&again), shown(&kinds));
}
END_TEST

static const char *const malformed[] = {
    "3+",          "[3+]",         "[[1'a0+]]",           "[[1'a0+1+2+]]",
    "[[1'a0+1-]]", "[[1'a0+1'x]]", "<6'vector[1'a0+1+]>",
};

START_TEST(what_is_no_table_of_counts_is_damage) {
    hobi_kinds kinds = {0};
    hob_value value = NULL;
    ck_assert_int_eq(hob_syrup_decode(malformed[_i], strlen(malformed[_i]), NULL,
                                      &value, NULL, NULL),
                     HOB_OK);
    ck_assert_int_eq(hobi_kinds_from_value(&kinds, value), HOB_EDAMAGED);
}
END_TEST

static int check(const hobi_kinds *kinds, hob_error *error) {
    hob_environment *e = hob_environment_new();
    ck_assert_int_eq(hob_environment_add(e, NULL, &cell, NULL), HOB_OK);
    ck_assert_int_eq(hob_environment_add(e, NULL, &flexible, NULL), HOB_OK);
    ck_assert_int_eq(hob_environment_add_host(e, sym("hosted"), "spec", NULL), HOB_OK);
    return hobi_kinds_check(kinds, e, "vat main", error);
}

START_TEST(kinds_that_the_environment_can_restore_pass) {
    hobi_kinds kinds = {0};
    ck_assert_int_eq(check(&kinds, NULL), HOB_OK);
    count(&kinds, "cell", 0, 4);
    count(&kinds, "flexible", 0, 1);
    count(&kinds, "flexible", 99, 1);
    count(&kinds, "hosted", 5, 1);
    ck_assert_int_eq(check(&kinds, NULL), HOB_OK);
}
END_TEST

START_TEST(all_missing_kinds_are_listed_with_their_counts) {
    hobi_kinds kinds = {0};
    hob_error error = {0};
    count(&kinds, "ghost", 0, 12);
    count(&kinds, "cell", 0, 1);
    count(&kinds, "cell", 2, 1);
    count(&kinds, "spook", 7, 1);
    ck_assert_int_eq(check(&kinds, &error), HOB_ENOTFOUND);
    ck_assert_contains(error.message, "vat main has objects of kinds");
    ck_assert_contains(error.message, "ghost, version 0, 12 objects: not in the");
    ck_assert_contains(error.message, "cell, version 2, 1 object: has no restore");
    ck_assert_contains(error.message, "spook, version 7, 1 object: not in the");
    ck_assert_lacks(error.message, "cell, version 0");
    ck_assert_str_eq(text(error.problem), "((ghost 0 12) (cell 2 1) (spook 7 1))");
}
END_TEST

START_TEST(a_version_that_nobody_restores_is_a_version_error) {
    hobi_kinds kinds = {0};
    hob_error error = {0};
    count(&kinds, "cell", 2, 1);
    ck_assert_int_eq(check(&kinds, &error), HOB_EVERSION);
    kinds = (hobi_kinds){0};
    hobi_kinds_add(&kinds, sym("cell"), hob_string_from("two"), 1);
    ck_assert_int_eq(check(&kinds, &error), HOB_EVERSION);
}
END_TEST

START_TEST(a_missing_kind_weighs_more_than_a_version) {
    hobi_kinds kinds = {0};
    count(&kinds, "ghost", 0, 1);
    count(&kinds, "cell", 2, 1);
    ck_assert_int_eq(check(&kinds, NULL), HOB_ENOTFOUND);
}
END_TEST

START_TEST(kinds_without_objects_are_not_missed) {
    hobi_kinds kinds = {0};
    count(&kinds, "ghost", 0, 1);
    count(&kinds, "ghost", 0, -1);
    ck_assert_int_eq(check(&kinds, NULL), HOB_OK);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("kinds");
    TCase *tcase = tcase_create("kinds");
    tcase_add_test(tcase, counts_add_up_by_name_and_version);
    tcase_add_test(tcase, what_has_come_to_zero_is_not_written);
    tcase_add_test(tcase, merging_adds_each_count);
    tcase_add_test(tcase, counts_come_back_as_they_were_written);
    tcase_add_loop_test(tcase, what_is_no_table_of_counts_is_damage, 0,
                        (int)(sizeof malformed / sizeof *malformed));
    tcase_add_test(tcase, kinds_that_the_environment_can_restore_pass);
    tcase_add_test(tcase, all_missing_kinds_are_listed_with_their_counts);
    tcase_add_test(tcase, a_version_that_nobody_restores_is_a_version_error);
    tcase_add_test(tcase, a_missing_kind_weighs_more_than_a_version);
    tcase_add_test(tcase, kinds_without_objects_are_not_missed);
    suite_add_tcase(suite, tcase);
    return scene_main(suite);
}
