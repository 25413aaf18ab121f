/* hob-persist.h -- vats whose objects outlive the process.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The one public header of libhob-persist, which builds on hob.h and keeps its
   conventions for memory, threads and errors.  A program that links this library
   also links GDBM, which is under the GPL, version 3 or later.  */

#ifndef HOB_PERSIST_H
#define HOB_PERSIST_H

#include <hob.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------ stores */

typedef struct hob_store hob_store;

/* What a batch has to survive before its outputs leave.  */
typedef enum hob_durability {
    HOB_DURABLE, /* one sync a churn (churns at the same time share it) */
    HOB_GROUPED, /* several churns share a sync; their outputs wait for it */
    HOB_RELAXED  /* no sync: kill -9 loses nothing, a power cut the last moments,
                    and leaves some recent whole churn */
} hob_durability;

typedef struct hob_store_options {
    hob_durability durability;
    bool read_only;          /* never write; the store must exist */
    bool must_exist;         /* do not make a new one */
    size_t segment_size;     /* bytes of a journal segment; 0: 1 MiB to begin with */
    unsigned segments;       /* in the ring; 0: 8 */
    unsigned flush_interval; /* relaxed: milliseconds between syncs; 0: 100 */
    bool verify;             /* check every record at open */
} hob_store_options;

typedef struct hob_store_information {
    const char *engine; /* "memory" or "gdbm" */
    const char *path;   /* NULL in memory */
    uint64_t last_lsn, durable_lsn, checkpoint_lsn;
    uint64_t records, live_bytes, file_bytes, journal_bytes;
    uint64_t syncs, checkpoints;
} hob_store_information;

/* In this process only: for tests and for what need not survive it.  [any]  */
HOB_API hob_store *hob_memory_store(void);
/* A folder; made when it is not there (its parent must be).  OPTIONS may be NULL.
   Errors: EBUSY (the message names the owner), EDAMAGED, EIO, EVERSION, ENOTFOUND.
   [any]  */
HOB_API int hob_gdbm_store(const char *path, const hob_store_options *options,
                           hob_store **store, hob_error *error);
/* Bring the GDBM file forward now; else it happens in the background.  [any]  */
HOB_API int hob_store_checkpoint(hob_store *store, hob_error *error);
HOB_API void hob_store_get_information(hob_store *store,
                                       hob_store_information *information);
/* Waits for what was submitted, makes it durable, gives the lock back.  No vat may
   use the store any more.  STORE is closed also when an error comes back.  [any]  */
HOB_API int hob_store_close(hob_store *store, hob_error *error);

#ifdef __cplusplus
}
#endif

#endif
