/* stage.h -- a persistent vat in a store, and its restarts.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Each test that takes a stage runs on both engines (the loop number is the engine).
   stage_restart ends the runtime, as the end of a process would: a new one starts from
   what the store has.  A store in memory stays as it is, one in files is closed and
   opened again.

   A stage stands on the stack of its test, so the collector sees what is in it.  */

#ifndef STAGE_H
#define STAGE_H

#include "../runtime/scene.h"
#include "../runtime/testing.h"
#include "keeper.h"
#include "scratch.h"

enum { STAGE_MEMORY, STAGE_GDBM, STAGE_ENGINES };

struct stage {
    int engine;
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 10];
    hob_store_options options;
    hob_store *store;
    hob_runtime *runtime;
    hob_environment *environment;
    hob_vat *vat;
    hob_value root[4];
    hob_value object[4];
    hob_value value;
    int64_t number;
    hob_value answer;
    hob_error error;
};

static inline void stage_open_store(struct stage *s) {
    if (s->engine == STAGE_GDBM)
        s->store = scratch_open(s->path, &s->options);
    else if (s->store == NULL)
        s->store = hob_memory_store();
    ck_assert_ptr_nonnull(s->store);
}

static inline void stage_add(struct stage *s, const hob_kind *kind) {
    ck_assert_int_eq(hob_environment_add(s->environment, NULL, kind, &s->error),
                     HOB_OK);
}

static inline void stage_start(struct stage *s) {
    s->runtime = hob_runtime_new(&(hob_runtime_options){.threads = 2});
    ck_assert_ptr_nonnull(s->runtime);
    memset(s->root, 0, sizeof s->root);
    memset(s->object, 0, sizeof s->object);
    s->vat = NULL;
}

static inline void stage_open(struct stage *s, int engine) {
    *s = (struct stage){.engine = engine};
    stage_start(s);
    s->environment = hob_environment_new();
    ck_assert_ptr_nonnull(s->environment);
    stage_add(s, &cell);
    stage_add(s, &diary);
    if (engine == STAGE_GDBM)
        snprintf(s->path, sizeof s->path, "%s/store", scratch_folder(s->folder));
    stage_open_store(s);
}

/* Everything ends but the store.  */
static inline void stage_stop(struct stage *s) {
    hob_runtime_free(s->runtime);
    s->runtime = NULL;
    s->vat = NULL;
    if (s->engine == STAGE_GDBM) {
        scratch_close(s->store);
        s->store = NULL;
    }
}

static inline void stage_close(struct stage *s) {
    if (s->runtime != NULL)
        stage_stop(s);
    if (s->engine == STAGE_GDBM)
        scratch_remove_all(s->folder);
}

static inline void stage_restart(struct stage *s) {
    stage_stop(s);
    stage_start(s);
    stage_open_store(s);
}

/* ------------------------------------------------------------ opening vats  */

static inline int stage_try(struct stage *s, const char *key, hob_roots *first,
                            size_t count) {
    const hob_persistent_options options = {
        .vat = {.name = key},
        .store = s->store,
        .environment = s->environment,
        .key = key,
    };
    s->error = (hob_error){0};
    return hob_persistent_vat(s->runtime, &options, first, s, count, s->root, &s->vat,
                              &s->error);
}

static inline hob_vat *stage_vat(struct stage *s, const char *key, hob_roots *first,
                                 size_t count) {
    int code = stage_try(s, key, first, count);
    ck_assert_msg(code == HOB_OK, "opening gives %d: %s", code, s->error.message);
    return s->vat;
}

/* Roots: as many cells as are wanted, with nil in them.  */
static inline int make_cells(hob_turn *turn, void *data, size_t count,
                             hob_value *roots) {
    (void)data;
    for (size_t i = 0; i < count; i++)
        roots[i] = make(turn, &cell);
    return HOB_OK;
}

static inline int make_nothing(hob_turn *turn, void *data, size_t count,
                               hob_value *roots) {
    (void)data, (void)count, (void)roots;
    return hob_fail(turn, "the store should have had it");
}

/* Restart and open again; the store must have the vat.  */
static inline void stage_again(struct stage *s, const char *key, size_t count) {
    stage_restart(s);
    stage_vat(s, key, make_nothing, count);
}

/* ---------------------------------------------------------------- churning  */

static inline int stage_run(struct stage *s, hob_thunk *thunk) {
    s->answer = NULL;
    s->error = (hob_error){0};
    return hob_vat_run(s->vat, thunk, s, &s->answer, &s->error);
}

static inline hob_value stage_do(struct stage *s, hob_thunk *thunk) {
    int code = stage_run(s, thunk);
    ck_assert_msg(code == HOB_OK, "it gives %d: %s", code, s->error.message);
    return s->answer;
}

static inline int set_first_root(hob_turn *turn, void *data, hob_value *answer) {
    struct stage *s = data;
    return hob_call(turn, s->root[0], 1, &s->value, answer);
}

/* A churn in which the first root, a cell, becomes VALUE.  */
static inline int stage_try_set(struct stage *s, hob_value value) {
    s->value = value;
    return stage_run(s, set_first_root);
}

static inline void stage_set(struct stage *s, hob_value value) {
    int code = stage_try_set(s, value);
    ck_assert_msg(code == HOB_OK, "it gives %d: %s", code, s->error.message);
}

/* What the Nth root answers to a call without arguments, printed.  */
static inline const char *stage_seen(struct stage *s, int n) {
    return seen(s->vat, s->root[n]);
}

static inline hob_value ask_first_root(struct stage *s) {
    hob_value answer = NULL;
    struct look look = {s->root[0], NULL};
    ck_assert_int_eq(hob_vat_run(s->vat, look_object, &look, &answer, NULL), HOB_OK);
    return answer;
}

/* ------------------------------------------------------ what the store has  */

struct stage_records {
    size_t count, capacity;
    char **lines;
};

/* Bytes that are no text as \\xx.  */
static inline char *stage_escaped(char *to, hobi_bytes bytes) {
    const unsigned char *from = bytes.data;
    for (size_t i = 0; i < bytes.size; i++)
        to += sprintf(to, from[i] > 31 && from[i] < 127 ? "%c" : "\\%02x", from[i]);
    return to;
}

static inline int stage_note(void *data, hobi_bytes key, hobi_bytes value) {
    struct stage_records *records = data;
    if (records->count == records->capacity) {
        char **grown = hobi_grow(records->lines, &records->capacity, records->count + 1,
                                 sizeof *grown);
        ck_assert_ptr_nonnull(grown);
        records->lines = grown;
    }
    char *line = hobi_alloc_atomic(3 * (key.size + value.size) + 5);
    ck_assert_ptr_nonnull(line);
    records->lines[records->count++] = line;
    line = stpcpy(stage_escaped(line, key), " = ");
    strcpy(stage_escaped(line, value), "\n");
    return 0;
}

static inline int stage_order(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All records as lines, sorted.  */
static inline const char *stage_records(hob_store *store) {
    struct stage_records records = {0};
    ck_assert_int_eq(hobi_store_iterate(store, stage_note, &records, NULL), 0);
    if (records.count > 0)
        qsort(records.lines, records.count, sizeof *records.lines, stage_order);
    size_t size = 1;
    for (size_t i = 0; i < records.count; i++)
        size += strlen(records.lines[i]);
    char *all = hobi_alloc_atomic(size), *end = all;
    for (size_t i = 0; i < records.count; i++)
        end = stpcpy(end, records.lines[i]);
    *end = '\0';
    return all;
}

/* The store as one text: its records and how many batches made them.  */
static inline const char *stage_picture(struct stage *s) {
    hob_store_information about;
    hob_store_get_information(s->store, &about);
    return hobi_format("%sbatch %" PRIu64, stage_records(s->store), about.last_lsn);
}

/* The value under KEY, printed; "nothing".  */
static inline const char *stage_record(struct stage *s, const char *key) {
    hob_value value = NULL;
    hob_error error = {0};
    int code = hobi_read_value(s->store, key, &value, &error);
    if (code == HOB_ENOTFOUND)
        return "nothing";
    ck_assert_msg(code == HOB_OK, "%s gives %d: %s", key, code, error.message);
    return text(value);
}

static inline size_t stage_count(hob_store *store, const char *start) {
    size_t count = 0;
    for (const char *at = stage_records(store); *at != '\0'; at = strchr(at, '\n') + 1)
        count += strncmp(at, start, strlen(start)) == 0;
    return count;
}

static inline void stage_put(struct stage *s, const char *key, const char *value) {
    scratch_put(s->store, key, value);
}

static inline void stage_remove(struct stage *s, const char *key) {
    hobi_change change = {scratch_bytes(key), {NULL, 0}, true};
    scratch_commit(s->store, 1, &change);
}

/* The key of REFR's record, in a vat that is the first of its store.  */
static inline const char *stage_object_key(hob_value refr) {
    char *key = hobi_alloc_atomic(HOBI_KEY_SIZE);
    hobi_object_key(key, 1, hob_refr_id(refr));
    return key;
}

#define ck_assert_contains(text_, part_)                                               \
    ck_assert_msg((text_) != NULL && strstr((text_), (part_)) != NULL,                 \
                  "\"%s\" does not contain \"%s\"", (text_), (part_))
#define ck_assert_lacks(text_, part_)                                                  \
    ck_assert_msg(strstr((text_), (part_)) == NULL, "\"%s\" contains \"%s\"", (text_), \
                  (part_))

/* Both engines.  */
#define stage_add_test(tcase, test) tcase_add_loop_test(tcase, test, 0, STAGE_ENGINES)

#endif
