/* check-exhaustion.c -- the GDBM store when memory is out.
   SPDX-License-Identifier: LGPL-3.0-or-later

   This program's own malloc refuses the n-th allocation, and then, in other rounds, all
   from the n-th on for a while; for n = 1, 2, 3, ... of a history with checkpoints, a
   reopening and a scan.  What is refused is an error that changes nothing; after it the
   same batch gets in.  */

#include <config.h>

#include "scratch.h"

#include <errno.h>

#include "gdbm/engine.h"

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define OWN_MALLOC 0
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OWN_MALLOC 0
#endif
#endif
#ifndef OWN_MALLOC
#define OWN_MALLOC 1
#endif

/* -------------------------------------------------------------- allocation */

static bool armed;
static long counted, first_refused, last_refused;

#if OWN_MALLOC

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static bool refused(void) {
    if (!__atomic_load_n(&armed, __ATOMIC_SEQ_CST)) {
        return false;
    }
    long number = __atomic_add_fetch(&counted, 1, __ATOMIC_SEQ_CST);
    bool refuse = number >= first_refused && number <= last_refused;
    errno = refuse ? ENOMEM : errno;
    return refuse;
}

void *malloc(size_t size) {
    return refused() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    return refused() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
    return refused() ? NULL : __libc_realloc(old, size);
}

#endif

static void arm(long first, long last) {
    counted = 0;
    first_refused = first;
    last_refused = last;
    __atomic_store_n(&armed, true, __ATOMIC_SEQ_CST);
}

static void disarm(void) {
    __atomic_store_n(&armed, false, __ATOMIC_SEQ_CST);
}

/* libcheck takes no refusal: only the store's calls are armed.  */
static void rearm(void) {
    __atomic_store_n(&armed, true, __ATOMIC_SEQ_CST);
}

/* ------------------------------------------------------------------ rounds */

enum { LAST = 24 };

static const hob_store_options options = {.segment_size = 32 << 10, .segments = 3};

static void expect(int rc, const hob_error *error, const char *what) {
    disarm();
    ck_assert_msg(rc == 0 || rc == HOB_ENOMEM, "%s gives %d: %s", what, rc,
                  error->message);
}

static int skip(void *data, hobi_bytes key, hobi_bytes value) {
    (void)data;
    (void)key;
    (void)value;
    return 0;
}

static hob_store *open_somehow(const char *path) {
    hob_store *store;
    hob_error error = {0};
    rearm();
    int rc = hob_gdbm_store(path, &options, &store, &error);
    expect(rc, &error, "open");
    return rc ? scratch_open(path, &options) : store;
}

/* The same batch until it gets in.  */
static void commit_somehow(hob_store *store, const struct model_batch *batch) {
    uint64_t lsn = 0;
    hob_error error = {0};
    int rc = HOB_ENOMEM;
    for (int i = 0; i < 2000 && rc; i++) {
        rearm();
        rc = hobi_store_submit(store, batch->count, batch->changes, &lsn, &error);
        expect(rc, &error, "submit");
    }
    ck_assert_int_eq(rc, 0);
    rearm();
    rc = hobi_store_wait(store, lsn, &error);
    disarm();
    ck_assert_msg(rc == 0, "wait gives %d: %s", rc, error.message);
}

static void use_somehow(hob_store *store) {
    hobi_bytes value;
    hob_error error = {0};
    rearm();
    int rc = hobi_store_read(store, scratch_bytes("commit"), &value, &error);
    expect(rc, &error, "read");
    rearm();
    rc = hobi_store_read(store, scratch_bytes("not there"), &value, &error);
    expect(rc == HOB_ENOTFOUND ? 0 : rc, &error, "read");
    rearm();
    rc = hobi_store_iterate(store, skip, NULL, &error);
    expect(rc, &error, "iterate");
    rearm();
    rc = hob_store_checkpoint(store, &error);
    expect(rc, &error, "checkpoint");
}

static void close_somehow(hob_store *store) {
    hob_error error = {0};
    rearm();
    int rc = hob_store_close(store, &error);
    disarm();
    ck_assert_msg(rc == 0, "close gives %d: %s", rc, error.message);
}

/* One history in which the allocations FIRST to LAST are refused; how many it made.  */
static long live_through(const char *path, long first, long last) {
    struct model model = {.seed = 5, .batch = 6};
    struct model_batch batch;
    scratch_remove(path);
    arm(first, last);
    hob_store *store = open_somehow(path);
    while (model.at < LAST) {
        model_make(&model, model.at + 1, &batch);
        commit_somehow(store, &batch);
        model_advance(&model, model.at + 1);
        if (model.at % 5 == 0) {
            use_somehow(store);
        }
        if (model.at == LAST / 2) {
            close_somehow(store);
            store = open_somehow(path);
        }
    }
    model_check(&model, store, LAST, LAST);
    ck_assert_int_eq(hob_store_checkpoint(store, NULL), 0);
    model_check(&model, store, LAST, LAST);
    scratch_close(store);
    hob_store_options verify = options;
    verify.verify = true;
    store = scratch_open(path, &verify);
    model_check(&model, store, LAST, LAST);
    scratch_close(store);
    return counted;
}

START_TEST(a_refused_allocation_changes_nothing) {
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 10];
    snprintf(path, sizeof path, "%s/store", scratch_folder(folder));
    long total = live_through(path, 0, 0);
    ck_assert_int_gt(total, 100);
    long rounds = scratch_long() ? total : 100, length = _i ? 40 : 0;
    long step = total / rounds + 1;
    for (long n = 1 + (long)(scratch_seed() % (uint64_t)step); n < total; n += step) {
        live_through(path, n, n + length);
    }
    scratch_remove_all(folder);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("exhaustion");
    TCase *tests = tcase_create("exhaustion");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, scratch_long() ? 1800 : 60);
    if (OWN_MALLOC) {
        tcase_add_loop_test(tests, a_refused_allocation_changes_nothing, 0, 2);
    }
    return scratch_run(suite);
}
