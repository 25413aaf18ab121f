/* check-command.c -- the command hob, on stores that are good and on others.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Runs the `hob` that is first in PATH (pre-inst-env puts the build's there).  What a
   damaged store looks like is made by writing records past the keeper.  */

#include <config.h>

#include <sys/wait.h>

#include "stage.h"

struct outcome {
    int status;
    char *out, *err;
};

static char *load_text(const char *folder, const char *name) {
    char path[2 * SCRATCH_PATH];
    size_t size;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    char *text = scratch_load(path, &size);
    text[size] = '\0';
    return text;
}

/* In LINE, $STORE is the stage's store.  */
static struct outcome hob(const struct stage *s, const char *line) {
    struct outcome outcome;
    char path[SCRATCH_PATH], command[SCRATCH_PATH];
    setenv("STORE", s->path, 1);
    setenv("SCRATCH", scratch_folder(path), 1);
    snprintf(command, sizeof command,
             "hob %.200s >\"$SCRATCH\"/out 2>\"$SCRATCH\"/err </dev/null", line);
    int status = system(command);
    ck_assert(WIFEXITED(status));
    outcome.status = WEXITSTATUS(status);
    outcome.out = load_text(path, "out");
    outcome.err = load_text(path, "err");
    scratch_remove(path);
    return outcome;
}

static void expect(const struct outcome *outcome, int status) {
    ck_assert_msg(outcome->status == status, "status %d, not %d: %s%s", outcome->status,
                  status, outcome->out, outcome->err);
}

static int make_family(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    (void)data, (void)count;
    hob_value child = make_with(turn, &cell, hob_string_from("a needle in a haystack"));
    roots[0] = make_with(turn, &cell, hob_list(1, &child));
    roots[1] = make(turn, &diary);
    return HOB_OK;
}

/* Two vats: family with objects 1 to 3, lonely with object 1; nobody has it open.  */
static void open_good(struct stage *s) {
    stage_open(s, STAGE_GDBM);
    stage_vat(s, "family", make_family, 2);
    stage_vat(s, "lonely", make_cells, 1);
    stage_stop(s);
}

static void meddle(struct stage *s, const char *key, const char *record) {
    stage_open_store(s);
    if (record != NULL)
        stage_put(s, key, record);
    else
        stage_remove(s, key);
    scratch_close(s->store);
    s->store = NULL;
}

/* ----------------------------------------------------------------- good ones  */

START_TEST(info_shows_vats_objects_roots_and_kinds) {
    struct stage s;
    open_good(&s);
    struct outcome o = hob(&s, "info $STORE");
    expect(&o, 0);
    ck_assert_contains(o.out, s.path);
    ck_assert_contains(o.out, "in use   by nobody\n");
    ck_assert_contains(o.out, "vats     2\n");
    ck_assert_contains(o.out, "records  11, ");
    ck_assert_contains(o.out, "last LSN 4,");
    ck_assert_contains(o.out, " journal\n");
    ck_assert_contains(o.out, "\nvat family (number 1)\n  id       ");
    ck_assert_contains(o.out, "  objects  3, ");
    ck_assert_contains(o.out, "  roots    2: 2, 3 (version 0)\n");
    ck_assert_contains(o.out, "cell, version 0: 2\n");
    ck_assert_contains(o.out, "diary, version 0: 1\n");
    ck_assert_contains(o.out, "\nvat lonely (number 2)\n");
    ck_assert_str_eq(o.err, "");
    stage_close(&s);
}
END_TEST

START_TEST(verify_has_nothing_to_say_of_a_good_store) {
    struct stage s;
    open_good(&s);
    struct outcome o = hob(&s, "verify $STORE");
    expect(&o, 0);
    ck_assert_str_eq(o.out, "");
    ck_assert_str_eq(o.err, "");
    stage_close(&s);
}
END_TEST

START_TEST(dump_prints_all_records_in_order) {
    static const char *const lines[] = {
        "vats = ((\"family\" 1 #u8(", "\n1/ids = 4100\n1/kinds = (",
        "\n1/vat = (0 (2 3))\n"
        "1/o/1 = cell, version 0, named cell: \"a needle in a haystack\"\n"
        "1/o/2 = cell, version 0, named cell: (#<near 1>)\n"
        "1/o/3 = diary, version 0, named diary: ()\n"
        "2/ids = 4098\n2/kinds = ((cell 0 1))\n2/vat = (0 (1))\n"
        "2/o/1 = cell, version 0, named cell: #<nil>\n"};
    struct stage s;
    open_good(&s);
    struct outcome o = hob(&s, "dump $STORE");
    expect(&o, 0);
    for (int i = 0; i < 3; i++)
        ck_assert_contains(o.out, lines[i]);
    stage_close(&s);
}
END_TEST

START_TEST(dump_prints_what_is_asked_for) {
    struct stage s;
    open_good(&s);
    struct outcome o = hob(&s, "dump $STORE 1/o/3");
    expect(&o, 0);
    ck_assert_str_eq(o.out, "1/o/3 = diary, version 0, named diary: ()\n");
    o = hob(&s, "dump $STORE 2/");
    ck_assert_lacks(o.out, "1/o/2");
    ck_assert_contains(o.out, "2/o/1 = ");
    ck_assert_contains(o.out, "2/ids = ");
    o = hob(&s, "dump --kind=diary $STORE");
    ck_assert_str_eq(o.out, "1/o/3 = diary, version 0, named diary: ()\n");
    o = hob(&s, "dump $STORE --kind cell 1/");
    ck_assert_contains(o.out, "1/o/1 = cell");
    ck_assert_contains(o.out, "1/o/2 = cell");
    ck_assert_lacks(o.out, "1/ids");
    ck_assert_lacks(o.out, "2/o/1");
    o = hob(&s, "dump $STORE 9/o/9");
    expect(&o, 2);
    ck_assert_contains(o.err, "there is no record 9/o/9");
    stage_close(&s);
}
END_TEST

static const char portrait[] =
    "[<4'void><4'null>tf5+9007199254740993+<5'ratio2-3+>"
    "D\x3f\xf8\0\0\0\0\0\0D\x7f\xf0\0\0\0\0\0\0"
    "<4'char97+><4'char34+>6\"a\"\\\n\0b5'a sym<7'keyword3\"key>2:\0\xff"
    "<6'dotted[1+]1't><6'vector1+2+>{1'a1+1'b2+}#1+2+$<11'desc:tagged4'near5+>"
    "<4'near1+><3'far32:01234567890123456789012345678901"
    "7+><7'promise10'unresolved><7'promise9'fulfilled<4'near1+>>"
    "<7'promise6'broken4\"oops>]";

static const char json[] =
    "{\"key\":\"1/o/3\",\"kind\":{\"symbol\":\"diary\"},\"version\":0,\"portrait\":["
    "{\"void\":true},null,true,false,5,{\"integer\":\"9007199254740993\"},"
    "{\"rational\":\"-2/3\"},1.5,{\"double\":\"+inf.0\"},{\"character\":\"a\"},"
    "{\"character\":\"\\u0022\"},\"a\\\"\\\\\\u000a\\u0000b\",{\"symbol\":\"a sym\"},"
    "{\"keyword\":\"key\"},{\"bytes\":\"00ff\"},{\"dotted\":[1,{\"symbol\":\"t\"}]},"
    "{\"vector\":[1,2]},{\"map\":[[{\"symbol\":\"a\"},1],[{\"symbol\":\"b\"},2]]},"
    "{\"set\":[1,2]},{\"tagged\":[{\"symbol\":\"near\"},5]},{\"near\":1},"
    "{\"far\":"
    "[\"3031323334353637383930313233343536373839303132333435363738393031\",7]},"
    "{\"promise\":[\"unresolved\"]},{\"promise\":[\"fulfilled\",{\"near\":1}]},"
    "{\"promise\":[\"broken\",\"oops\"]}]}\n";

static const char plain[] =
    "1/o/3 = diary, version 0: (#<void> #<nil> #t #f 5 9007199254740993 -2/3 1.5 "
    "+inf.0 #\\a #\\\" \"a\\\"\\\\\\n\\x00b\" #{a sym}# #:key #u8(0 255) (1 . t) #(1 2) "
    "#<map a 1 b 2> #<set 1 2> #<tagged near 5> #<near 1> #<far #u8(48 49";

static void put_portrait(struct stage *s) {
    char record[600] = "[5'diary0+<4'null>";
    size_t head = strlen(record);
    memcpy(record + head, portrait, sizeof portrait - 1);
    record[head + sizeof portrait - 1] = ']';
    stage_open_store(s);
    hobi_change change = {
        scratch_bytes("1/o/3"), {record, head + sizeof portrait}, false};
    scratch_commit(s->store, 1, &change);
    scratch_close(s->store);
    s->store = NULL;
}

START_TEST(dump_writes_each_type_of_value_as_text_and_json) {
    struct stage s;
    open_good(&s);
    put_portrait(&s);
    struct outcome o = hob(&s, "dump --json $STORE 1/o/3");
    expect(&o, 0);
    ck_assert_str_eq(o.out, json);
    o = hob(&s, "dump $STORE 1/o/3");
    ck_assert_contains(o.out, plain);
    ck_assert_contains(o.out, "#<promise unresolved> #<promise fulfilled #<near 1>> "
                              "#<promise broken \"oops\">)\n");
    o = hob(&s, "verify $STORE");
    expect(&o, 0);
    stage_close(&s);
}
END_TEST

START_TEST(no_byte_of_the_store_is_written) {
    static const char *const lines[] = {"info $STORE", "verify $STORE", "dump $STORE",
                                        "dump --json $STORE"};
    struct stage s;
    open_good(&s);
    uint64_t before = scratch_sum(s.path);
    for (int i = 0; i < 4; i++) {
        struct outcome o = hob(&s, lines[i]);
        expect(&o, 0);
        ck_assert_uint_eq(scratch_sum(s.path), before);
    }
    stage_close(&s);
}
END_TEST

/* What a kill leaves: batches that are in the journal only.  */
START_TEST(a_store_that_was_not_closed_is_read_as_it_is) {
    struct stage s;
    char copy[SCRATCH_PATH];
    stage_open(&s, STAGE_GDBM);
    stage_vat(&s, "family", make_family, 2);
    scratch_copy(s.path, scratch_folder(copy));
    stage_close(&s);
    snprintf(s.path, sizeof s.path, "%s", copy);
    uint64_t before = scratch_sum(s.path);
    struct outcome o = hob(&s, "verify $STORE");
    expect(&o, 0);
    o = hob(&s, "dump $STORE 1/o/2");
    ck_assert_str_eq(o.out, "1/o/2 = cell, version 0, named cell: (#<near 1>)\n");
    ck_assert_uint_eq(scratch_sum(s.path), before);
    scratch_remove(copy);
}
END_TEST

/* -------------------------------------------------------------------- damage  */

static const struct {
    const char *key, *record, *line;
} damaged[] = {
    {"1/o/1", NULL, "1/o/2: it refers to object 1, of which there is no record\n"},
    {"1/o/3", NULL, "1/vat: object 3 is a root, and there is no record of it\n"},
    {"1/o/3", NULL, "1/kinds: of kind diary, version 0, there are 1 objects less"},
    {"1/o/9", "[4'cell0+4'cell7+]",
     "1/kinds: of kind cell, version 0, there are 1 objects more"},
    {"1/o/4100", "[4'cell0+4'cell7+]", "1/o/4100: the number is not below 4100"},
    {"1/o/1", "[4'cell", "1/o/1: "},
    {"1/o/1", "7+", "1/o/1: it is not a list of kind, version"},
    {"1/o/1", "[4'cell0+4'cell<4'near0+>]", "1/o/1: a <near> record"},
    {"1/o/1", "[4'cell0+4'cell<4'near77+>]", "1/o/1: it refers to object 77"},
    {"1/o/1", "[5'spook0+4'cell7+]", "1/kinds: of kind spook, version 0, there are 1"},
    {"7/o/1", "[4'cell0+4'cell7+]", "7/o/1: it belongs to no vat of the store\n"},
    {"1/o/01", "[4'cell0+4'cell7+]", "\"1/o/01\": a key that means nothing"},
    {"what", "7+", "\"what\": a key that means nothing"},
    {"vats", "7+", "vats: it is no list\n"},
    {"vats", "[7+]", "vats: 7 is not the entry of a vat\n"},
    {"1/vat", "7+", "1/vat: it is not a version and a list"},
    {"1/vat", "[0+[]]", "1/vat: the vat has no root\n"},
    {"1/vat", NULL, "1/o/1: an object of a vat that was never saved\n"},
    {"1/ids", NULL, "1/ids: there is no such record"},
    {"1/ids", "0+", "1/ids: it is not the number"},
    {"1/kinds", NULL, "1/kinds: there is no such record"},
    {"1/kinds", "[7+]", "1/kinds: it is not a table"},
    {"1/kinds", "[", "1/kinds: the record 1/kinds: "},
};

enum { KINDS_OF_DAMAGE = sizeof damaged / sizeof *damaged };

START_TEST(verify_tells_each_problem_with_its_key) {
    struct stage s;
    open_good(&s);
    meddle(&s, damaged[_i].key, damaged[_i].record);
    struct outcome o = hob(&s, "verify $STORE");
    expect(&o, 1);
    ck_assert_contains(o.out, damaged[_i].line);
    ck_assert_str_eq(o.err, "");
    if (strcmp(damaged[_i].key, "vats") != 0)
        ck_assert_lacks(o.out, "2/");
    stage_close(&s);
}
END_TEST

static void flip(const char *path, const char *name, void *data) {
    static const char needle[] = "needle in a hay";
    size_t size;
    char *bytes = scratch_load(path, &size);
    for (char *at = bytes; (at = memmem(at, size - (size_t)(at - bytes), needle,
                                        sizeof needle - 1)) != NULL;
         at++) {
        at[3] ^= 1;
        ++*(int *)data;
    }
    if (strstr(name, ".gdbm") != NULL)
        scratch_save(path, bytes, size);
    free(bytes);
}

START_TEST(verify_names_the_record_in_which_a_bit_flipped) {
    struct stage s;
    int flipped = 0;
    open_good(&s);
    scratch_visit(s.path, flip, &flipped);
    ck_assert_int_gt(flipped, 0);
    struct outcome o = hob(&s, "verify $STORE");
    expect(&o, 1);
    ck_assert_contains(o.out, "1/o/1: ");
    ck_assert_contains(o.out, "checksum");
    o = hob(&s, "dump $STORE");
    expect(&o, 1);
    stage_close(&s);
}
END_TEST

START_TEST(dump_goes_on_after_a_record_that_it_cannot_read) {
    struct stage s;
    open_good(&s);
    meddle(&s, "1/o/2", "[4'cell");
    struct outcome o = hob(&s, "dump $STORE");
    expect(&o, 1);
    ck_assert_contains(o.out, "1/o/2 is unreadable: ");
    ck_assert_contains(o.out, "2/o/1 = cell");
    o = hob(&s, "dump --json $STORE");
    expect(&o, 1);
    ck_assert_contains(o.out, "{\"key\":\"1/o/2\",\"error\":\"");
    stage_close(&s);
}
END_TEST

START_TEST(a_store_whose_state_is_gone_is_damage_or_no_store) {
    struct stage s;
    char path[2 * SCRATCH_PATH];
    open_good(&s);
    snprintf(path, sizeof path, "%s/STATE", s.path);
    scratch_save(path, "nothing", 7);
    struct outcome o = hob(&s, "verify $STORE");
    expect(&o, 1);
    ck_assert_contains(o.out, "the store: ");
    o = hob(&s, "info $STORE");
    expect(&o, 1);
    ck_assert_contains(o.err, "hob info: ");
    stage_close(&s);
}
END_TEST

/* --------------------------------------------------------------------- usage  */

START_TEST(a_store_that_is_in_use_is_not_read_and_its_owner_is_named) {
    static const char *const lines[] = {"info $STORE", "verify $STORE", "dump $STORE"};
    struct stage s;
    stage_open(&s, STAGE_GDBM);
    for (int i = 0; i < 3; i++) {
        struct outcome o = hob(&s, lines[i]);
        expect(&o, 2);
        ck_assert_contains(o.err, "the store is in use: ");
        ck_assert_contains(o.err, hobi_format("pid=%d", (int)getpid()));
        ck_assert_contains(o.err, "cannot be looked into, not even for reading");
        ck_assert_str_eq(o.out, "");
    }
    stage_close(&s);
}
END_TEST

static const struct {
    const char *line, *part;
} mistakes[] = {
    {"", "which subcommand?"},
    {"tidy $STORE", "there is no subcommand tidy"},
    {"info", "the folder of one store"},
    {"info $STORE $STORE", "the folder of one store"},
    {"info --all $STORE", "no such option: --all"},
    {"verify", "the folder of one store"},
    {"verify -x $STORE", "no such option: -x"},
    {"dump", "the folder of one store"},
    {"dump $STORE 1/ 2/", "at most one key"},
    {"dump $STORE --kind", "--kind needs a name"},
    {"dump --yaml $STORE", "no such option: --yaml"},
};

enum { MISTAKES = sizeof mistakes / sizeof *mistakes };

START_TEST(a_mistake_is_told_in_a_sentence_and_the_status_is_2) {
    struct stage s = {.path = "/nowhere"};
    struct outcome o = hob(&s, mistakes[_i].line);
    expect(&o, 2);
    ck_assert_contains(o.err, mistakes[_i].part);
    ck_assert_contains(o.err, "Try: hob");
    ck_assert_str_eq(o.out, "");
}
END_TEST

START_TEST(where_no_store_is_none_is_made) {
    static const char *const lines[] = {"info $STORE", "verify $STORE", "dump $STORE"};
    struct stage s = {0};
    char folder[SCRATCH_PATH];
    scratch_folder(folder);
    for (int i = 0; i < 6; i++) {
        snprintf(s.path, sizeof s.path, "%s%s", folder, i < 3 ? "/none" : "");
        struct outcome o = hob(&s, lines[i % 3]);
        expect(&o, 2);
        ck_assert_contains(o.err, folder);
    }
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(help_and_version_are_told) {
    static const char *const lines[] = {"--help", "info --help", "verify --help",
                                        "dump --help", "dump -h"};
    struct stage s = {0};
    for (int i = 0; i < 5; i++) {
        struct outcome o = hob(&s, lines[i]);
        expect(&o, 0);
        ck_assert_contains(o.out, "Usage: hob ");
        ck_assert_str_eq(o.err, "");
    }
    struct outcome o = hob(&s, "--version");
    expect(&o, 0);
    ck_assert_str_eq(o.out, PACKAGE_STRING "\n");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("command");
    TCase *tcase = tcase_create("command");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, info_shows_vats_objects_roots_and_kinds);
    tcase_add_test(tcase, verify_has_nothing_to_say_of_a_good_store);
    tcase_add_test(tcase, dump_prints_all_records_in_order);
    tcase_add_test(tcase, dump_prints_what_is_asked_for);
    tcase_add_test(tcase, dump_writes_each_type_of_value_as_text_and_json);
    tcase_add_test(tcase, no_byte_of_the_store_is_written);
    tcase_add_test(tcase, a_store_that_was_not_closed_is_read_as_it_is);
    tcase_add_loop_test(tcase, verify_tells_each_problem_with_its_key, 0,
                        KINDS_OF_DAMAGE);
    tcase_add_test(tcase, verify_names_the_record_in_which_a_bit_flipped);
    tcase_add_test(tcase, dump_goes_on_after_a_record_that_it_cannot_read);
    tcase_add_test(tcase, a_store_whose_state_is_gone_is_damage_or_no_store);
    tcase_add_test(tcase, a_store_that_is_in_use_is_not_read_and_its_owner_is_named);
    tcase_add_loop_test(tcase, a_mistake_is_told_in_a_sentence_and_the_status_is_2, 0,
                        MISTAKES);
    tcase_add_test(tcase, where_no_store_is_none_is_made);
    tcase_add_test(tcase, help_and_version_are_told);
    suite_add_tcase(suite, tcase);
    return scene_main(suite);
}
