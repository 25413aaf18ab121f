/* twin.h -- one of the two GDBM files of a store.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef HOBI_TWIN_H
#define HOBI_TWIN_H

#include "disk.h"
#include "meta.h"
#include "overlay.h"

enum hobi_twin_mode { HOB_TWIN_READ, HOB_TWIN_WRITE, HOB_TWIN_CREATE };

/* A handle: one thread at a time.  */
struct hobi_twin {
    const struct hobi_disk *disk;
    char name[24];
    struct gdbm_file_info *table;
    struct hobi_meta meta;
    char *stored; /* room in which a record is put together */
    size_t capacity;
};

/* HOB_EBUSY: another program has it open; HOB_EDAMAGED.  */
int hobi_twin_open(const struct hobi_disk *disk, const char *name,
                   enum hobi_twin_mode mode, struct hobi_twin **twin,
                   struct hobi_failure *failure);
/* NULL is no twin.  */
void hobi_twin_close(struct hobi_twin *twin);

/* The bytes of a value, in malloc memory.  HOB_ENOTFOUND, HOB_EDAMAGED.  */
int hobi_twin_read(struct hobi_twin *twin, hobi_bytes key, void **bytes,
                   hobi_bytes *value, struct hobi_failure *failure);
/* Make ENTRY true, META included.  */
int hobi_twin_apply(struct hobi_twin *twin, const struct hobi_update *entry,
                    struct hobi_failure *failure);
/* Every record, with a handle of the caller's own.  The bytes last for the visit.  */
typedef int hobi_twin_visit(void *data, hobi_bytes key, hobi_bytes value);
int hobi_twin_iterate(struct hobi_twin *twin, hobi_twin_visit *visit, void *data,
                      struct hobi_failure *failure);

/* Write META.  */
int hobi_twin_mark(struct hobi_twin *twin, struct hobi_failure *failure);
/* All that was written is on disk.  */
int hobi_twin_sync(struct hobi_twin *twin, struct hobi_failure *failure);
/* Sync and close, with the errors of both; the size of the file.  */
int hobi_twin_finish(struct hobi_twin *twin, uint64_t *size,
                     struct hobi_failure *failure);
/* Read every record, look each up through a second handle, and compare count, size
   and sum with META.  */
int hobi_twin_verify(const struct hobi_disk *disk, const char *name,
                     struct hobi_failure *failure);
/* GDBM's own order.  */
uint32_t hobi_twin_hash(const struct hobi_update *entry);

#endif
