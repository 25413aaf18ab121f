/* scratch.h -- a folder for one test, and a store whose content can be foretold.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The model: batch M of a history changes records chosen by the history's seed and M
   alone, and always the record "commit", which holds M.  So whoever finds a store can
   compute what every record of it must be, and compare all of them: "the key is there"
   would miss the commonest fault, a store of two batches mixed.  */

#ifndef SCRATCH_H
#define SCRATCH_H

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store.h"

/* ----------------------------------------------------------------- chance */

static inline uint64_t scratch_mix(uint64_t x) {
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static inline uint64_t scratch_seed(void) {
    const char *given = getenv("HOB_SEED");
    uint64_t chance = scratch_mix((uint64_t)time(NULL) ^ (uint64_t)getpid() << 32);
    uint64_t seed = given ? (uint64_t)strtoull(given, NULL, 0) : chance;
    printf("HOB_SEED=%" PRIu64 "\n", seed);
    fflush(stdout);
    return seed;
}

static inline uint64_t scratch_next(uint64_t *state) {
    return scratch_mix((*state)++);
}

static inline size_t scratch_below(uint64_t *state, size_t limit) {
    return (size_t)(scratch_next(state) % limit);
}

static inline bool scratch_long(void) {
    return getenv("HOB_LONG") != NULL;
}

/* ---------------------------------------------------------------- folders */

enum { SCRATCH_PATH = 400 };

/* A new empty folder; the path in TEXT.  */
static inline char *scratch_folder(char text[SCRATCH_PATH]) {
    const char *base = getenv("TMPDIR");
    snprintf(text, SCRATCH_PATH, "%.300s/hob-test-XXXXXX", base ? base : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(text));
    return text;
}

static inline void scratch_visit(const char *folder,
                                 void (*visit)(const char *path, const char *name,
                                               void *data),
                                 void *data) {
    DIR *open = opendir(folder);
    const struct dirent *entry;
    // cppcheck-suppress readdirCalled ; no other thread has this DIR
    while (open && (entry = readdir(open))) {
        char path[2 * SCRATCH_PATH];
        if (entry->d_name[0] != '.') {
            snprintf(path, sizeof path, "%s/%.300s", folder, entry->d_name);
            visit(path, entry->d_name, data);
        }
    }
    if (open) {
        closedir(open);
    }
}

static inline void scratch_remove_file(const char *path, const char *name, void *data) {
    (void)name;
    (void)data;
    if (unlink(path) != 0) {
        rmdir(path);
    }
}

/* The folder and what is in it, two levels deep.  */
static inline void scratch_remove(const char *folder) {
    scratch_visit(folder, scratch_remove_file, NULL);
    rmdir(folder);
}

static inline void scratch_remove_store(const char *path, const char *name,
                                        void *data) {
    (void)name;
    (void)data;
    scratch_remove(path);
    unlink(path);
}

/* A folder of stores.  */
static inline void scratch_remove_all(const char *folder) {
    scratch_visit(folder, scratch_remove_store, NULL);
    rmdir(folder);
}

static inline char *scratch_load(const char *path, size_t *size) {
    int fd = open(path, O_RDONLY);
    ck_assert_msg(fd >= 0, "cannot open %s", path);
    struct stat status;
    ck_assert_int_eq(fstat(fd, &status), 0);
    char *bytes = malloc((size_t)status.st_size + 1);
    ck_assert_ptr_nonnull(bytes);
    ssize_t n = read(fd, bytes, (size_t)status.st_size);
    ck_assert_int_eq(n, status.st_size);
    close(fd);
    *size = (size_t)n;
    return bytes;
}

static inline void scratch_save(const char *path, const char *bytes, size_t size) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_msg(fd >= 0, "cannot write %s", path);
    ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
    close(fd);
}

static inline void scratch_copy_file(const char *path, const char *name, void *to) {
    char target[2 * SCRATCH_PATH];
    size_t size;
    if (access(path, F_OK) != 0) {
        return; /* a file that was being made has got its name */
    }
    char *bytes = scratch_load(path, &size);
    snprintf(target, sizeof target, "%s/%.300s", (const char *)to, name);
    scratch_save(target, bytes, size);
    free(bytes);
}

/* What a kill would leave: the files as they are now, in another folder.  Only while
   no checkpoint runs.  */
static inline void scratch_copy(const char *from, char *to) {
    scratch_remove(to);
    ck_assert_int_eq(mkdir(to, 0700), 0);
    scratch_visit(from, scratch_copy_file, to);
}

static inline void scratch_add_file(const char *path, const char *name, void *sum) {
    size_t size;
    char *bytes = scratch_load(path, &size);
    uint64_t hash = size;
    for (const char *at = name; *at; at++) {
        hash = scratch_mix(hash ^ (uint64_t)(unsigned char)*at);
    }
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
    }
    *(uint64_t *)sum += scratch_mix(hash);
    free(bytes);
}

/* One number for the names and bytes of all files.  */
static inline uint64_t scratch_sum(const char *folder) {
    uint64_t sum = 0;
    scratch_visit(folder, scratch_add_file, &sum);
    return sum;
}

/* ----------------------------------------------------------------- stores */

static inline hobi_bytes scratch_bytes(const char *text) {
    return (hobi_bytes){text, strlen(text)};
}

static inline hob_store *scratch_open(const char *path,
                                      const hob_store_options *options) {
    hob_store *store;
    hob_error error = {0};
    int rc = hob_gdbm_store(path, options, &store, &error);
    ck_assert_msg(rc == 0, "open gives %d: %s", rc, error.message);
    return store;
}

static inline void scratch_close(hob_store *store) {
    hob_error error = {0};
    int rc = hob_store_close(store, &error);
    ck_assert_msg(rc == 0, "close gives %d: %s", rc, error.message);
}

static inline uint64_t scratch_commit(hob_store *store, size_t count,
                                      const hobi_change *changes) {
    uint64_t lsn;
    hob_error error = {0};
    int rc = hobi_store_submit(store, count, changes, &lsn, &error);
    ck_assert_msg(rc == 0, "submit gives %d: %s", rc, error.message);
    rc = hobi_store_wait(store, lsn, &error);
    ck_assert_msg(rc == 0, "wait gives %d: %s", rc, error.message);
    return lsn;
}

static inline void scratch_put(hob_store *store, const char *key, const char *value) {
    hobi_change change = {scratch_bytes(key), scratch_bytes(value), false};
    scratch_commit(store, 1, &change);
}

/* The value, or NULL.  */
static inline const char *scratch_get(hob_store *store, const char *key) {
    static char text[1000];
    hobi_bytes value;
    hob_error error = {0};
    int rc = hobi_store_read(store, scratch_bytes(key), &value, &error);
    ck_assert_msg(rc == 0 || rc == HOB_ENOTFOUND, "read gives %d: %s", rc,
                  error.message);
    if (rc) {
        return NULL;
    }
    ck_assert_uint_lt(value.size, sizeof text);
    memcpy(text, value.data, value.size);
    text[value.size] = '\0';
    return text;
}

/* ------------------------------------------------------------------ model */

enum { MODEL_RECORDS = 400, MODEL_KEY = 24, MODEL_VALUE = 512, MODEL_BATCH = 128 };

struct model {
    uint64_t seed;
    size_t batch;                 /* records a batch, beside "commit" */
    uint64_t at;                  /* the batch it is at; 0: empty */
    uint64_t from[MODEL_RECORDS]; /* the batch that put the record last; 0: none */
};

/* A batch with room for what it points at.  */
struct model_batch {
    size_t count;
    hobi_change changes[MODEL_BATCH];
    char keys[MODEL_BATCH][MODEL_KEY];
    char values[MODEL_BATCH][MODEL_VALUE];
};

static inline void model_key(size_t index, char key[MODEL_KEY]) {
    snprintf(key, MODEL_KEY, "record-%04zu", index);
}

static inline size_t model_value(const struct model *model, size_t index,
                                 uint64_t number, char value[MODEL_VALUE]) {
    uint64_t x = scratch_mix(model->seed ^ scratch_mix(number * 1000003 + index));
    size_t size = 50 + (size_t)(x % 450);
    int n = snprintf(value, MODEL_VALUE, "%zu of %" PRIu64 ":", index, number);
    for (size_t i = (size_t)n; i < size; i++) {
        value[i] = (char)('a' + (x >> i % 48) % 26);
    }
    return size;
}

/* Which record the Jth change of batch NUMBER is for, and whether it is removed.  */
static inline size_t model_choice(const struct model *model, uint64_t number, size_t j,
                                  bool *removed) {
    uint64_t x = scratch_mix(model->seed + scratch_mix(number * 131 + j));
    *removed = (x >> 40) % 10 == 0;
    return (size_t)(x % MODEL_RECORDS);
}

static inline void model_make(const struct model *model, uint64_t number,
                              struct model_batch *batch) {
    ck_assert_uint_lt(model->batch, MODEL_BATCH);
    batch->count = 0;
    for (size_t j = 0; j <= model->batch; j++) {
        char *key = batch->keys[j], *value = batch->values[j];
        bool removed = false;
        size_t size;
        if (j == model->batch) {
            snprintf(key, MODEL_KEY, "commit");
            size = (size_t)snprintf(value, MODEL_VALUE, "%" PRIu64, number);
        } else {
            size_t index = model_choice(model, number, j, &removed);
            model_key(index, key);
            size = model_value(model, index, number, value);
        }
        batch->changes[batch->count++] =
            (hobi_change){{key, strlen(key)}, {value, size}, removed};
    }
}

static inline void model_advance(struct model *model, uint64_t to) {
    while (model->at < to) {
        model->at++;
        for (size_t j = 0; j < model->batch; j++) {
            bool removed;
            size_t index = model_choice(model, model->at, j, &removed);
            model->from[index] = removed ? 0 : model->at;
        }
    }
}

/* The batch that the store says it is at.  */
static inline uint64_t model_found(hob_store *store) {
    const char *text = scratch_get(store, "commit");
    return text ? (uint64_t)strtoull(text, NULL, 10) : 0;
}

static inline int model_count(void *data, hobi_bytes key, hobi_bytes value) {
    (void)key;
    (void)value;
    ++*(size_t *)data;
    return 0;
}

/* The first difference between STORE and MODEL, or NULL.  */
static inline const char *model_difference(const struct model *model,
                                           hob_store *store) {
    static char text[200];
    size_t expected = model->at > 0, found = 0;
    hob_error error = {0};
    for (size_t i = 0; i < MODEL_RECORDS; i++) {
        char key[MODEL_KEY], value[MODEL_VALUE];
        hobi_bytes is;
        model_key(i, key);
        int rc = hobi_store_read(store, scratch_bytes(key), &is, &error);
        expected += model->from[i] > 0;
        if (rc && rc != HOB_ENOTFOUND) {
            snprintf(text, sizeof text, "%s gives %d: %s", key, rc, error.message);
            return text;
        }
        if ((rc == 0) != (model->from[i] > 0)) {
            snprintf(text, sizeof text, "%s is %s", key, rc ? "lost" : "there again");
            return text;
        }
        if (rc == 0) {
            size_t size = model_value(model, i, model->from[i], value);
            if (is.size != size || memcmp(is.data, value, size) != 0) {
                snprintf(text, sizeof text,
                         "%s, of batch %" PRIu64 ", has the value %.40s", key,
                         model->from[i], (const char *)is.data);
                return text;
            }
        }
    }
    int rc = hobi_store_iterate(store, model_count, &found, &error);
    if (rc || found != expected) {
        snprintf(text, sizeof text, "a scan gives %d: %zu records, not %zu", rc, found,
                 expected);
        return text;
    }
    return NULL;
}

/* STORE is exactly the state after some batch from LEAST to MOST; that batch.  */
static inline uint64_t model_check(struct model *model, hob_store *store,
                                   uint64_t least, uint64_t most) {
    uint64_t found = model_found(store);
    ck_assert_msg(found >= least && found <= most,
                  "found batch %" PRIu64 ", not %" PRIu64 " to %" PRIu64, found, least,
                  most);
    ck_assert_uint_le(model->at, found);
    model_advance(model, found);
    const char *difference = model_difference(model, store);
    ck_assert_msg(!difference, "at batch %" PRIu64 ": %s", found, difference);
    return found;
}

/* Commit the batches from the model's to LAST, and wait for each.  */
static inline void model_commit(struct model *model, hob_store *store, uint64_t last) {
    struct model_batch batch;
    for (uint64_t number = model->at + 1; number <= last; number++) {
        model_make(model, number, &batch);
        scratch_commit(store, batch.count, batch.changes);
    }
    model_advance(model, last);
}

static inline int scratch_run(Suite *suite) {
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
