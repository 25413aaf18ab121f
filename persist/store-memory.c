/* store-memory.c -- a store that lives as long as its process.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The contract of store.h without a disk: for tests, as the model that the GDBM store
   is compared with, and for vats whose objects need not survive.

   A hash table of records in the collector's memory.  A record never changes once it
   is in, so that a read gives out its bytes without a copy, and a scan goes over the
   records that were there when it began.  A batch allocates all that it needs before
   it changes anything: it is whole or not at all (rules 2 and 4).

   Nothing here has to be closed; a store that nobody refers to is collected.  */

#include <config.h>

#include <pthread.h>
#include <string.h>

#include "memory.h"
#include "store.h"

struct record {
    struct record *next; /* in its bucket; guarded by the mutex */
    uint64_t hash;
    hobi_bytes key, value;
    bool removed; /* only in a batch on its way in */
};

struct memory_store {
    struct hob_store base;
    pthread_mutex_t mutex; /* guards all below */
    struct record **buckets;
    size_t bucket_count; /* a power of two */
    size_t records;
    uint64_t bytes;
    uint64_t last_lsn;
    bool closed;
};

static struct memory_store *memory_of(hob_store *store) {
    return (struct memory_store *)store;
}

static uint64_t hash_of(hobi_bytes key) {
    const unsigned char *at = key.data;
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < key.size; i++) {
        hash = (hash ^ at[i]) * 0x100000001b3u;
    }
    return hash ^ hash >> 32;
}

/* The link that leads to the record, or to NULL at the end of its bucket.  */
static struct record **find(struct memory_store *memory, hobi_bytes key,
                            uint64_t hash) {
    struct record **link = &memory->buckets[hash & (memory->bucket_count - 1)];
    while (*link && !((*link)->hash == hash && (*link)->key.size == key.size &&
                      memcmp((*link)->key.data, key.data, key.size) == 0)) {
        link = &(*link)->next;
    }
    return link;
}

static int check_open(const struct memory_store *memory, hob_error *error) {
    return memory->closed ? hobi_error(error, HOB_ECLOSED, "the store was closed") : 0;
}

static int read_record(hob_store *store, hobi_bytes key, hobi_bytes *value,
                       hob_error *error) {
    struct memory_store *memory = memory_of(store);
    if (key.size == 0) {
        return hobi_error(error, HOB_EINVAL, "a key is empty");
    }
    pthread_mutex_lock(&memory->mutex);
    int rc = check_open(memory, error);
    if (!rc) {
        const struct record *record = *find(memory, key, hash_of(key));
        if (record) {
            *value = record->value;
        } else {
            rc = hobi_error(error, HOB_ENOTFOUND, "no record has this key");
        }
    }
    pthread_mutex_unlock(&memory->mutex);
    return rc;
}

/* ------------------------------------------------------------------ submit */

static bool copy_bytes(hobi_bytes from, hobi_bytes *to) {
    void *copy = hobi_alloc_atomic(from.size ? from.size : 1);
    if (copy && from.size) {
        memcpy(copy, from.data, from.size);
    }
    *to = (hobi_bytes){copy, from.size};
    return copy != NULL;
}

static struct record *make_record(const hobi_change *change) {
    struct record *record = hobi_alloc(sizeof *record);
    if (!record || !copy_bytes(change->key, &record->key)) {
        return NULL;
    }
    record->hash = hash_of(record->key);
    record->removed = change->removed;
    if (!change->removed && !copy_bytes(change->value, &record->value)) {
        return NULL;
    }
    return record;
}

/* The batch as records, the first change first; false when memory is out.  */
static bool make_records(size_t count, const hobi_change *changes,
                         struct record **records) {
    struct record **end = records;
    *records = NULL;
    for (size_t i = 0; i < count; i++) {
        *end = make_record(&changes[i]);
        if (!*end) {
            return false;
        }
        end = &(*end)->next;
    }
    return true;
}

/* Twice as many buckets; without memory the chains get longer, that is all.  */
static void widen(struct memory_store *memory) {
    size_t old_count = memory->bucket_count;
    struct record **old = memory->buckets;
    struct record **wide = hobi_alloc(old_count * 2 * sizeof *wide);
    if (!wide) {
        return;
    }
    memory->buckets = wide;
    memory->bucket_count = old_count * 2;
    for (size_t i = 0; i < old_count; i++) {
        for (struct record *record = old[i], *next; record; record = next) {
            next = record->next;
            struct record **bucket = &wide[record->hash & (memory->bucket_count - 1)];
            record->next = *bucket;
            *bucket = record;
        }
    }
}

static void put(struct memory_store *memory, struct record *record) {
    struct record **link = find(memory, record->key, record->hash);
    struct record *old = *link;
    if (old) {
        memory->records--;
        memory->bytes -= old->key.size + old->value.size;
        *link = old->next;
    }
    if (!record->removed) {
        memory->records++;
        memory->bytes += record->key.size + record->value.size;
        record->next = *link;
        *link = record;
    }
}

static int check_keys(size_t count, const hobi_change *changes, hob_error *error) {
    for (size_t i = 0; i < count; i++) {
        if (changes[i].key.size == 0) {
            return hobi_error(error, HOB_EINVAL, "a key is empty");
        }
    }
    return 0;
}

static int submit(hob_store *store, size_t count, const hobi_change *changes,
                  uint64_t *lsn, hob_error *error) {
    struct memory_store *memory = memory_of(store);
    struct record *records;
    int rc = check_keys(count, changes, error);
    if (rc) {
        return rc;
    }
    if (!make_records(count, changes, &records)) {
        return hobi_error(error, HOB_ENOMEM, "no memory for a batch");
    }
    pthread_mutex_lock(&memory->mutex);
    rc = check_open(memory, error);
    if (!rc) {
        for (struct record *next; records; records = next) {
            next = records->next;
            put(memory, records);
        }
        if (memory->records > memory->bucket_count) {
            widen(memory);
        }
        *lsn = ++memory->last_lsn;
    }
    pthread_mutex_unlock(&memory->mutex);
    return rc;
}

static int wait_for(hob_store *store, uint64_t lsn, hob_error *error) {
    struct memory_store *memory = memory_of(store);
    pthread_mutex_lock(&memory->mutex);
    int rc = check_open(memory, error);
    if (!rc && lsn > memory->last_lsn) {
        rc = hobi_error(error, HOB_EINVAL, "no batch has this number yet");
    }
    pthread_mutex_unlock(&memory->mutex);
    return rc;
}

/* ----------------------------------------------------------------- iterate */

struct pair {
    hobi_bytes key, value;
};

static struct pair *copy_pairs(struct memory_store *memory) {
    struct pair *pairs = hobi_alloc((memory->records + 1) * sizeof *pairs);
    size_t count = 0;
    for (size_t i = 0; pairs && i < memory->bucket_count; i++) {
        for (struct record *record = memory->buckets[i]; record;
             record = record->next) {
            pairs[count++] = (struct pair){record->key, record->value};
        }
    }
    return pairs;
}

static int iterate(hob_store *store, hobi_visit *visit, void *data, hob_error *error) {
    struct memory_store *memory = memory_of(store);
    struct pair *pairs = NULL;
    pthread_mutex_lock(&memory->mutex);
    int rc = check_open(memory, error);
    size_t count = memory->records;
    if (!rc && !(pairs = copy_pairs(memory))) {
        rc = hobi_error(error, HOB_ENOMEM, "no memory to scan the store");
    }
    pthread_mutex_unlock(&memory->mutex);
    for (size_t i = 0; i < count && !rc; i++) {
        rc = visit(data, pairs[i].key, pairs[i].value);
    }
    return rc;
}

/* -------------------------------------------------------------------- rest */

static int checkpoint(hob_store *store, hob_error *error) {
    return wait_for(store, 0, error);
}

static void get_information(hob_store *store, hob_store_information *information) {
    struct memory_store *memory = memory_of(store);
    pthread_mutex_lock(&memory->mutex);
    *information = (hob_store_information){
        .engine = "memory",
        .last_lsn = memory->last_lsn,
        .durable_lsn = memory->last_lsn,
        .checkpoint_lsn = memory->last_lsn,
        .records = memory->records,
        .live_bytes = memory->bytes,
    };
    pthread_mutex_unlock(&memory->mutex);
}

static int close_store(hob_store *store, hob_error *error) {
    struct memory_store *memory = memory_of(store);
    pthread_mutex_lock(&memory->mutex);
    int rc = check_open(memory, error);
    memory->closed = true;
    pthread_mutex_unlock(&memory->mutex);
    return rc;
}

static const struct hobi_store_operations operations = {
    .name = "memory",
    .read = read_record,
    .submit = submit,
    .wait = wait_for,
    .iterate = iterate,
    .checkpoint = checkpoint,
    .information = get_information,
    .close = close_store,
};

hob_store *hob_memory_store(void) {
    enum { BUCKETS = 64 };
    struct memory_store *memory = hobi_alloc(sizeof *memory);
    if (!memory) {
        return NULL;
    }
    memory->buckets = hobi_alloc(BUCKETS * sizeof(struct record *));
    if (!memory->buckets) {
        return NULL;
    }
    memory->base.operations = &operations;
    memory->bucket_count = BUCKETS;
    pthread_mutex_init(&memory->mutex, NULL);
    return &memory->base;
}
