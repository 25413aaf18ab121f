/* frame.h -- one group of batches, as the journal has it.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef HOBI_FRAME_H
#define HOBI_FRAME_H

#include "layout.h"
#include "store.h"

enum {
    HOBI_FRAME_HEADER = 64,
    HOBI_FRAME_STEP = 64 /* frames begin at multiples of it */
};

struct hobi_frame_header {
    uint64_t payload;   /* bytes after the header */
    uint64_t first_lsn; /* of its first batch; the others follow one by one */
    uint64_t durable;   /* known to be durable when the frame was written */
    uint64_t time;      /* nanoseconds since 1970 */
    uint64_t segment;   /* number of the segment it stands in */
    uint32_t batches;
    uint32_t previous; /* checksum of the frame before */
    uint32_t crc;
};

/* Bytes of a batch in a frame.  */
size_t hobi_batch_size(size_t count, const hobi_change *changes);
void hobi_batch_write(unsigned char *to, size_t count, const hobi_change *changes);

/* Write the header before the payload that stands at FRAME + HOBI_FRAME_HEADER, and
   set HEADER->crc.  */
void hobi_frame_seal(unsigned char *frame, uint64_t salt,
                     struct hobi_frame_header *header);
/* False: no valid frame of this segment begins here.  */
bool hobi_frame_read(const unsigned char *bytes, size_t size, uint64_t salt,
                     uint64_t segment, struct hobi_frame_header *header);

typedef int hobi_frame_visit(void *data, const hobi_change *change);
/* Visit the changes of the batches FROM to TO, LSNs, as far as they are in this
   valid frame.  HOB_EDAMAGED: a batch does not fit its frame.  */
int hobi_frame_changes(const unsigned char *frame,
                       const struct hobi_frame_header *header, uint64_t from,
                       uint64_t to, hobi_frame_visit *visit, void *data);

#endif
