/* hob-persist.h -- vats whose objects outlive the process.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The one public header of libhob-persist, which builds on hob.h and keeps its
   conventions for memory, threads and errors.  A program that links this library
   also links GDBM, which is under the GPL, version 3 or later.  */

#ifndef HOB_PERSIST_H
#define HOB_PERSIST_H

#include "hob.h"

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
   use the store any more: one that does gets ECLOSED.  STORE is closed also when an
   error comes back.  [any]  */
HOB_API int hob_store_close(hob_store *store, hob_error *error);

/* ------------------------------------------------------------ environments

   Code is not stored: a record names its kind, and the environment says what the
   name means in this program.  All of this part: [any], one thread at a time for
   one environment; it may not change once a vat uses it.  */

typedef struct hob_environment hob_environment;

HOB_API hob_environment *hob_environment_new(void);
/* NAME is any storable value; NULL: the symbol that KIND is named.  EEXISTS when
   the environment has the name already.  */
HOB_API int hob_environment_add(hob_environment *environment, hob_value name,
                                const hob_kind *kind, hob_error *error);
/* All of OTHER too.  EEXISTS when both give one name to different kinds.  */
HOB_API int hob_environment_compose(hob_environment *environment,
                                    const hob_environment *other, hob_error *error);
/* The list (SPACE NAME), for kinds of a library.  */
HOB_API hob_value hob_namespaced(const char *space, const char *name);

/* --------------------------------------------------------- persistent vats */

/* Make the COUNT first objects of a new vat.  A root is a near object.  */
typedef int hob_roots(hob_turn *turn, void *data, size_t count, hob_value *roots);

typedef struct hob_persistent_options {
    hob_vat_options vat;
    hob_store *store;
    const hob_environment *environment;
    const char *key; /* which vat of the store; NULL: "main" */
} hob_persistent_options;

/* A vat whose objects, as far as the roots reach them, are saved at the end of each
   churn.  When the store has it, it is restored: ROOTS gets the roots as they were;
   else MAKE is run in it and the result saved.  Kinds that the store names are
   looked up before anything runs; EVERSION or ENOTFOUND lists all that are missing
   and leaves the store untouched (rule 5).  EBUSY: the vat is open and running.
   Runs user code (constructors, restore functions, MAKE).  [any, no turn]  */
HOB_API int hob_persistent_vat(hob_runtime *runtime,
                               const hob_persistent_options *options, hob_roots *make,
                               void *data, size_t count, hob_value *roots,
                               hob_vat **vat, hob_error *error);
/* Save every object that the roots reach now, changed or not.  Runs user code
   (portraits).  [any, no turn]  */
HOB_API int hob_vat_save(hob_vat *vat, hob_error *error);

#include "hob-keeper.h"

#ifdef __cplusplus
}
#endif

#endif
