/* stores.c -- primitives for stores and environments.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#include <config.h>

#include "guile-hob.h"

hob_store *guile_hob_store(SCM store, const char *who) {
    hob_store *found = guile_hob_unwrap(GUILE_HOB_STORE, store, who);
    const hob_error closed = {.code = HOB_ECLOSED,
                              .message = "the store was closed: open it again"};
    if (found == NULL)
        guile_hob_raise(&closed);
    return found;
}

static SCM memory_store(void) {
    hob_store *store = hob_memory_store();
    if (store == NULL)
        scm_report_out_of_memory();
    return guile_hob_wrap(GUILE_HOB_STORE, store);
}

static SCM gdbm_store(SCM directory, SCM durability, SCM must_exist, SCM read_only) {
    hob_store *store = NULL;
    hob_error error = {0};
    const hob_store_options options = {
        .durability = (hob_durability)scm_to_int(durability),
        .must_exist = scm_is_true(must_exist),
        .read_only = scm_is_true(read_only),
    };
    char *path = scm_to_locale_string(directory);
    int code = hob_gdbm_store(path, &options, &store, &error);
    free(path);
    guile_hob_check(code, &error);
    return guile_hob_wrap(GUILE_HOB_STORE, store);
}

static SCM store_close(SCM store) {
    hob_error error = {0};
    hob_store *open = guile_hob_store(store, "store-close!");
    SCM_STRUCT_DATA_SET(store, 0, 0);
    guile_hob_check(hob_store_close(open, &error), &error);
    return SCM_UNSPECIFIED;
}

static SCM store_checkpoint(SCM store) {
    hob_error error = {0};
    guile_hob_check(
        hob_store_checkpoint(guile_hob_store(store, "store-checkpoint!"), &error),
        &error);
    return SCM_UNSPECIFIED;
}

static SCM entry(const char *name, uint64_t number, SCM rest) {
    return scm_acons(scm_from_utf8_symbol(name), scm_from_uint64(number), rest);
}

static SCM store_information(SCM store) {
    hob_store_information info = {0};
    hob_store_get_information(guile_hob_store(store, "store-information"), &info);
    SCM list = SCM_EOL;
    list = entry("checkpoints", info.checkpoints, list);
    list = entry("syncs", info.syncs, list);
    list = entry("journal-bytes", info.journal_bytes, list);
    list = entry("file-bytes", info.file_bytes, list);
    list = entry("live-bytes", info.live_bytes, list);
    list = entry("records", info.records, list);
    list = entry("checkpoint-lsn", info.checkpoint_lsn, list);
    list = entry("durable-lsn", info.durable_lsn, list);
    list = entry("last-lsn", info.last_lsn, list);
    return scm_acons(scm_from_utf8_symbol("engine"), scm_from_utf8_string(info.engine),
                     list);
}

static SCM make_environment(void) {
    hob_environment *environment = hob_environment_new();
    if (environment == NULL)
        scm_report_out_of_memory();
    return guile_hob_wrap(GUILE_HOB_ENVIRONMENT, environment);
}

static SCM environment_add(SCM environment, SCM name, SCM spec) {
    hob_error error = {0};
    hob_value value = NULL;
    int code = guile_hob_to_value(name, &value, &error);
    if (code == HOB_OK)
        code = hob_environment_add_host(
            guile_hob_unwrap(GUILE_HOB_ENVIRONMENT, environment, "%environment-add!"),
            value, SCM_UNPACK_POINTER(spec), &error);
    guile_hob_check(code, &error);
    return SCM_UNSPECIFIED;
}

void guile_hob_init_stores(void) {
    scm_c_define_gsubr("%memory-store", 0, 0, 0, (scm_t_subr)memory_store);
    scm_c_define_gsubr("%gdbm-store", 4, 0, 0, (scm_t_subr)gdbm_store);
    scm_c_define_gsubr("%store-close!", 1, 0, 0, (scm_t_subr)store_close);
    scm_c_define_gsubr("%store-checkpoint!", 1, 0, 0, (scm_t_subr)store_checkpoint);
    scm_c_define_gsubr("%store-information", 1, 0, 0, (scm_t_subr)store_information);
    scm_c_define_gsubr("%make-environment", 0, 0, 0, (scm_t_subr)make_environment);
    scm_c_define_gsubr("%environment-add!", 3, 0, 0, (scm_t_subr)environment_add);
}
