/* store.h -- keys, values and LSNs: what stands between vats and the disk.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A store knows no objects.  It keeps byte strings under byte strings, takes
   changes in batches of which each is all or nothing (rule 2), and numbers the
   batches: the log sequence number, LSN, of the first is 1.  Behind the interface
   stand a store in memory (store-memory.c) and the GDBM store (gdbm/).

   Any thread may call any of these at any time, but close.  Memory that comes
   back belongs to the collector.  */

#ifndef HOBI_STORE_H
#define HOBI_STORE_H

#include <pthread.h>

#include "hob-persist.h"

typedef struct hobi_bytes {
    const void *data;
    size_t size;
} hobi_bytes;

/* One record to put (or, REMOVED, to take away).  */
typedef struct hobi_change {
    hobi_bytes key;
    hobi_bytes value;
    bool removed;
} hobi_change;

/* Called for each record; a result other than 0 stops and is given back.  */
typedef int hobi_visit(void *data, hobi_bytes key, hobi_bytes value);

struct hobi_store_operations {
    const char *name;
    int (*read)(hob_store *store, hobi_bytes key, hobi_bytes *value, hob_error *error);
    int (*submit)(hob_store *store, size_t count, const hobi_change *changes,
                  uint64_t *lsn, hob_error *error);
    int (*wait)(hob_store *store, uint64_t lsn, hob_error *error);
    int (*iterate)(hob_store *store, hobi_visit *visit, void *data, hob_error *error);
    int (*checkpoint)(hob_store *store, hob_error *error);
    void (*information)(hob_store *store, hob_store_information *information);
    /* Its mode lets several batches share a wait.  */
    bool (*grouped)(const hob_store *store);
    int (*close)(hob_store *store, hob_error *error);
};

/* First member of every store; an engine zeroes it and sets the operations.  VATS
   belongs to keeper.c: the vats that are open in this store, under LOCK.  */
struct hob_store {
    const struct hobi_store_operations *operations;
    pthread_mutex_t lock;
    struct hobi_open_vat *vats;
    void (*forget_vats)(hob_store *store); /* before the store goes; may be NULL */
};

/* HOB_ENOTFOUND when there is none.  Sees every batch submitted before.  */
int hobi_store_read(hob_store *store, hobi_bytes key, hobi_bytes *value,
                    hob_error *error);
/* Take a batch, after all batches submitted before it.  On error nothing of it is
   in the store or ever will be, and later batches may still succeed, unless the
   error is final (a failed write or sync): then every call gives HOB_ECLOSED with
   the first reason until the store is opened again.  The bytes are copied.  */
int hobi_store_submit(hob_store *store, size_t count, const hobi_change *changes,
                      uint64_t *lsn, hob_error *error);
/* Return when the batch is as durable as the store's mode promises; batches that
   wait together share one write and one sync.  */
int hobi_store_wait(hob_store *store, uint64_t lsn, hob_error *error);
/* Every record, in no order, as of one LSN not older than the call.  */
int hobi_store_iterate(hob_store *store, hobi_visit *visit, void *data,
                       hob_error *error);

/* NULL operation: false.  */
bool hobi_store_grouped(const hob_store *store);
#endif
