/* fake-store.h -- a store that fails, or makes wait, when it is told to.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The store in memory behind it keeps the records.  What was submitted last can be
   looked at.  */

#ifndef FAKE_STORE_H
#define FAKE_STORE_H

#include "stage.h"

struct fake_store {
    hob_store base;
    hob_store *inner;
    bool grouped;
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t opened;
    unsigned submits, waits;
    int refuse_submit; /* one code, once */
    int refuse_waits;  /* one code, from now on */
    bool gate_shut;    /* waits wait */
    const char *keys;  /* of the last batch, sorted */
};

static inline struct fake_store *fake_of(hob_store *store) {
    return (struct fake_store *)store;
}

static inline int fake_read(hob_store *store, hobi_bytes key, hobi_bytes *value,
                            hob_error *error) {
    return hobi_store_read(fake_of(store)->inner, key, value, error);
}

static inline const char *fake_keys(size_t count, const hobi_change *changes) {
    char **keys = hobi_alloc((count + 1) * sizeof *keys);
    const char *all = "";
    for (size_t i = 0; i < count; i++)
        keys[i] = hobi_copy_text(changes[i].key.data, changes[i].key.size);
    qsort(keys, count, sizeof *keys, stage_order);
    for (size_t i = 0; i < count; i++)
        all = hobi_format("%s%s%s", all, i == 0 ? "" : " ", keys[i]);
    return all;
}

static inline int fake_submit(hob_store *store, size_t count,
                              const hobi_change *changes, uint64_t *lsn,
                              hob_error *error) {
    struct fake_store *fake = fake_of(store);
    pthread_mutex_lock(&fake->mutex);
    int code = fake->refuse_submit;
    fake->refuse_submit = HOB_OK;
    fake->submits++;
    fake->keys = fake_keys(count, changes);
    pthread_mutex_unlock(&fake->mutex);
    if (code != HOB_OK)
        return hobi_error(error, code, "the fake store takes no batch");
    return hobi_store_submit(fake->inner, count, changes, lsn, error);
}

static inline int fake_wait(hob_store *store, uint64_t lsn, hob_error *error) {
    struct fake_store *fake = fake_of(store);
    pthread_mutex_lock(&fake->mutex);
    fake->waits++;
    while (fake->gate_shut)
        pthread_cond_wait(&fake->opened, &fake->mutex);
    int code = fake->refuse_waits;
    pthread_mutex_unlock(&fake->mutex);
    if (code != HOB_OK)
        return hobi_error(error, code, "the fake store cannot sync");
    return hobi_store_wait(fake->inner, lsn, error);
}

static inline int fake_iterate(hob_store *store, hobi_visit *visit, void *data,
                               hob_error *error) {
    return hobi_store_iterate(fake_of(store)->inner, visit, data, error);
}

static inline int fake_checkpoint(hob_store *store, hob_error *error) {
    return hob_store_checkpoint(fake_of(store)->inner, error);
}

static inline void fake_information(hob_store *store, hob_store_information *about) {
    hob_store_get_information(fake_of(store)->inner, about);
}

static inline bool fake_grouped(const hob_store *store) {
    return ((const struct fake_store *)store)->grouped;
}

static inline int fake_close(hob_store *store, hob_error *error) {
    return hob_store_close(fake_of(store)->inner, error);
}

static inline struct fake_store *fake_store_new(void) {
    static const struct hobi_store_operations operations = {
        .name = "fake",
        .read = fake_read,
        .submit = fake_submit,
        .wait = fake_wait,
        .iterate = fake_iterate,
        .checkpoint = fake_checkpoint,
        .information = fake_information,
        .grouped = fake_grouped,
        .close = fake_close,
    };
    struct fake_store *fake = hobi_alloc(sizeof *fake);
    ck_assert_ptr_nonnull(fake);
    fake->base.operations = &operations;
    fake->inner = hob_memory_store();
    pthread_mutex_init(&fake->mutex, NULL);
    pthread_cond_init(&fake->opened, NULL);
    return fake;
}

static inline void fake_shut_gate(struct fake_store *fake) {
    pthread_mutex_lock(&fake->mutex);
    fake->gate_shut = true;
    pthread_mutex_unlock(&fake->mutex);
}

static inline void fake_open_gate(struct fake_store *fake) {
    pthread_mutex_lock(&fake->mutex);
    fake->gate_shut = false;
    pthread_cond_broadcast(&fake->opened);
    pthread_mutex_unlock(&fake->mutex);
}

static inline unsigned fake_submits(struct fake_store *fake) {
    pthread_mutex_lock(&fake->mutex);
    unsigned submits = fake->submits;
    pthread_mutex_unlock(&fake->mutex);
    return submits;
}

/* A stage on such a store.  */
static inline struct fake_store *stage_open_fake(struct stage *s, bool grouped) {
    stage_open(s, STAGE_MEMORY);
    struct fake_store *fake = fake_store_new();
    fake->grouped = grouped;
    s->store = &fake->base;
    return fake;
}

#endif
