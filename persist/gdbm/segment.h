/* segment.h -- one preallocated file of the journal.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef HOBI_SEGMENT_H
#define HOBI_SEGMENT_H

#include "disk.h"
#include "layout.h"

enum {
    HOBI_SEGMENT_FRAMES = 2 * HOBI_BLOCK, /* where the first frame stands */
    HOBI_SEGMENT_LEAST = 8 * HOBI_BLOCK   /* no segment is smaller */
};

enum hobi_segment_use {
    HOB_SEGMENT_FREE,
    HOB_SEGMENT_BUSY,  /* has batches that a GDBM file may still need */
    HOB_SEGMENT_MAKING /* some thread creates, lengthens or removes the file */
};

struct hobi_segment {
    struct hobi_file file;
    unsigned slot; /* the n of its name jn */
    uint64_t size; /* of the file */
    enum hobi_segment_use use;
    /* Of its present life.  */
    uint64_t number;   /* above every segment begun before; 0: never used */
    uint64_t salt;     /* random */
    uint64_t declared; /* size of the file when it was begun */
    uint64_t first_lsn, last_lsn;
    uint32_t chain; /* checksum of the last frame before it */
    bool headed;    /* the header is written */
    bool unsynced;  /* written since its last sync */
};

/* Open an existing file and read its header.  NUMBER stays 0 when neither copy is
   valid.  HOB_EDAMAGED: the file is shorter than any segment.  */
int hobi_segment_open(const struct hobi_disk *disk, unsigned slot, int flags,
                      const unsigned char *store_id, struct hobi_segment **segment,
                      struct hobi_failure *failure);
/* Create jSLOT, SIZE bytes of written zeros, synced.  It appears whole or not at
   all.  */
int hobi_segment_make(const struct hobi_disk *disk, unsigned slot, uint64_t size,
                      struct hobi_segment **segment, struct hobi_failure *failure);
/* Make a free segment larger.  On failure it has the size it had.  */
int hobi_segment_lengthen(const struct hobi_disk *disk, struct hobi_segment *segment,
                          uint64_t size, struct hobi_failure *failure);
/* Give a segment that is not busy a new life.  */
int hobi_segment_begin(struct hobi_segment *segment, uint64_t number,
                       uint64_t first_lsn, struct hobi_failure *failure);
int hobi_segment_write_header(const struct hobi_disk *disk,
                              struct hobi_segment *segment,
                              const unsigned char *store_id,
                              struct hobi_failure *failure);
/* Close the file and free the struct.  */
void hobi_segment_free(struct hobi_segment *segment);

#endif
