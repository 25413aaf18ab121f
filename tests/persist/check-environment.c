/* check-environment.c -- what a name in a store means.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#include <config.h>

#include "stage.h"

static const hob_kind other_cell = {.name = "cell", .behave = cell_behave};

static const hob_kind *kind_named(const hob_environment *environment, hob_value name) {
    const hobi_entry *entry = hobi_environment_find(environment, name);
    return entry == NULL ? NULL : entry->kind;
}

START_TEST(a_kind_is_found_under_its_name_and_no_other) {
    hob_environment *e = hob_environment_new();
    ck_assert_int_eq(hob_environment_add(e, sym("box"), &cell, NULL), HOB_OK);
    ck_assert_int_eq(hob_environment_add(e, sym("book"), &diary, NULL), HOB_OK);
    ck_assert_ptr_eq(kind_named(e, sym("box")), &cell);
    ck_assert_ptr_eq(kind_named(e, sym("book")), &diary);
    ck_assert_ptr_null(kind_named(e, sym("cell")));
    ck_assert_ptr_null(kind_named(e, hob_string_from("box")));
    ck_assert_ptr_null(kind_named(e, sym("boo")));
}
END_TEST

START_TEST(without_a_name_a_kind_has_the_symbol_that_it_is_named) {
    hob_environment *e = hob_environment_new();
    ck_assert_int_eq(hob_environment_add(e, NULL, &cell, NULL), HOB_OK);
    ck_assert_ptr_eq(kind_named(e, sym("cell")), &cell);
}
END_TEST

START_TEST(a_second_kind_under_one_name_is_refused_and_named) {
    hob_environment *e = hob_environment_new();
    hob_error error = {0};
    ck_assert_int_eq(hob_environment_add(e, NULL, &cell, NULL), HOB_OK);
    ck_assert_int_eq(hob_environment_add(e, NULL, &other_cell, &error), HOB_EEXISTS);
    ck_assert_contains(error.message, "under the name cell");
    ck_assert_ptr_eq(kind_named(e, sym("cell")), &cell);
}
END_TEST

START_TEST(a_kind_of_c_and_one_of_the_host_do_not_share_a_name) {
    static const char spec[] = "spec", other[] = "other";
    hob_environment *e = hob_environment_new();
    ck_assert_int_eq(hob_environment_add_host(e, sym("cell"), spec, NULL), HOB_OK);
    ck_assert_int_eq(hob_environment_add_host(e, sym("cell"), spec, NULL), HOB_OK);
    ck_assert_int_eq(hob_environment_add_host(e, sym("cell"), other, NULL),
                     HOB_EEXISTS);
    ck_assert_int_eq(hob_environment_add(e, NULL, &cell, NULL), HOB_EEXISTS);
    ck_assert_ptr_eq(hobi_environment_find(e, sym("cell"))->spec, spec);
}
END_TEST

START_TEST(the_same_kind_twice_is_no_conflict) {
    hob_environment *e = hob_environment_new();
    ck_assert_int_eq(hob_environment_add(e, NULL, &cell, NULL), HOB_OK);
    ck_assert_int_eq(hob_environment_add(e, NULL, &cell, NULL), HOB_OK);
    ck_assert_uint_eq(e->count, 1);
}
END_TEST

START_TEST(composing_takes_all_of_the_other) {
    hob_environment *a = hob_environment_new(), *b = hob_environment_new();
    hob_environment_add(a, NULL, &cell, NULL);
    hob_environment_add(b, NULL, &cell, NULL);
    hob_environment_add(b, NULL, &diary, NULL);
    ck_assert_int_eq(hob_environment_compose(a, b, NULL), HOB_OK);
    ck_assert_int_eq(hob_environment_compose(a, a, NULL), HOB_OK);
    ck_assert_uint_eq(a->count, 2);
    ck_assert_ptr_eq(kind_named(a, sym("diary")), &diary);
}
END_TEST

START_TEST(environments_that_disagree_cannot_be_composed) {
    hob_environment *a = hob_environment_new(), *b = hob_environment_new();
    hob_error error = {0};
    hob_environment_add(a, NULL, &cell, NULL);
    hob_environment_add(b, NULL, &other_cell, NULL);
    ck_assert_int_eq(hob_environment_compose(a, b, &error), HOB_EEXISTS);
    ck_assert_contains(error.message, "cell");
}
END_TEST

START_TEST(a_namespace_keeps_kinds_of_one_name_apart) {
    hob_environment *e = hob_environment_new();
    hob_value name = hob_namespaced("furniture", "cell");
    ck_assert_str_eq(text(name), "(furniture cell)");
    ck_assert_int_eq(hob_environment_add(e, name, &other_cell, NULL), HOB_OK);
    ck_assert_int_eq(hob_environment_add(e, NULL, &cell, NULL), HOB_OK);
    ck_assert_ptr_eq(kind_named(e, hob_namespaced("furniture", "cell")), &other_cell);
    ck_assert_ptr_eq(kind_named(e, sym("cell")), &cell);
}
END_TEST

START_TEST(any_data_can_be_a_name) {
    static hob_kind kinds[60];
    struct testing_random random = {testing_seed()};
    hob_value names[60];
    hob_environment *e = hob_environment_new();
    printf("HOB_SEED=%" PRIu64 "\n", random.state);
    size_t count = 0;
    for (int i = 0; i < 60; i++) {
        hob_value name = testing_value(&random, 3);
        if (hobi_environment_find(e, name) != NULL)
            continue;
        ck_assert_int_eq(hob_environment_add(e, name, &kinds[count], NULL), HOB_OK);
        names[count++] = name;
    }
    for (size_t i = 0; i < count; i++)
        ck_assert_ptr_eq(kind_named(e, names[i]), &kinds[i]);
}
END_TEST

START_TEST(what_cannot_be_stored_is_no_name) {
    static const uint64_t thing = 0;
    hob_environment *e = hob_environment_new();
    hob_error error = {0};
    const hob_value items[] = {sym("a"), hob_host(&thing)};
    ck_assert_int_eq(hob_environment_add(e, hob_list(2, items), &cell, &error),
                     HOB_ENOTSTORABLE);
    ck_assert_contains(error.message, "[1]");
    ck_assert_int_eq(hob_environment_add_host(e, hob_host(&thing), "spec", &error),
                     HOB_ENOTSTORABLE);
    ck_assert_uint_eq(e->count, 0);
}
END_TEST

START_TEST(no_kind_at_all_is_refused) {
    ck_assert_int_eq(hob_environment_add(hob_environment_new(), sym("a"), NULL, NULL),
                     HOB_EINVAL);
}
END_TEST

START_TEST(a_kind_is_found_by_what_it_is) {
    hob_environment *e = hob_environment_new();
    hob_environment_add(e, sym("box"), &cell, NULL);
    ck_assert_str_eq(text(hobi_environment_find_kind(e, &cell)->name), "box");
    ck_assert_ptr_null(hobi_environment_find_kind(e, &other_cell));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("environment");
    TCase *tcase = tcase_create("environment");
    tcase_add_test(tcase, a_kind_is_found_under_its_name_and_no_other);
    tcase_add_test(tcase, without_a_name_a_kind_has_the_symbol_that_it_is_named);
    tcase_add_test(tcase, a_second_kind_under_one_name_is_refused_and_named);
    tcase_add_test(tcase, a_kind_of_c_and_one_of_the_host_do_not_share_a_name);
    tcase_add_test(tcase, the_same_kind_twice_is_no_conflict);
    tcase_add_test(tcase, composing_takes_all_of_the_other);
    tcase_add_test(tcase, environments_that_disagree_cannot_be_composed);
    tcase_add_test(tcase, a_namespace_keeps_kinds_of_one_name_apart);
    tcase_add_test(tcase, any_data_can_be_a_name);
    tcase_add_test(tcase, what_cannot_be_stored_is_no_name);
    tcase_add_test(tcase, no_kind_at_all_is_refused);
    tcase_add_test(tcase, a_kind_is_found_by_what_it_is);
    suite_add_tcase(suite, tcase);
    return scene_main(suite);
}
