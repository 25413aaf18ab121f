/* journal.h -- the ring of segments, and the frames on their way into it.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef HOBI_JOURNAL_H
#define HOBI_JOURNAL_H

#include "frame.h"
#include "segment.h"

/* A frame being filled, or waiting for its write.  BYTES holds header, payload and
   room up to the end of the last block.  */
struct hobi_frame {
    struct hobi_frame *next;
    struct hobi_segment *segment;
    uint64_t offset; /* in the segment's file */
    uint64_t first_lsn;
    uint32_t batches;
    size_t size; /* of header and payload */
    size_t capacity;
    unsigned char *bytes;
};

struct hobi_journal {
    const struct hobi_disk *disk;
    unsigned char store_id[HOBI_STORE_ID_SIZE];

    size_t segment_size; /* of segments made from now on */
    unsigned ring;       /* how many there shall be */
    bool grows;          /* segment_size may become larger */
    struct hobi_segment **segments;
    size_t count, capacity;
    uint64_t next_number;

    struct hobi_segment *active; /* where the next frame goes, at `position` */
    uint64_t position;
    struct hobi_frame *open;            /* in the active segment */
    struct hobi_frame *first, **behind; /* sealed, in order */
    struct hobi_frame *spare;
    size_t pending; /* bytes reserved since frames were last taken */

    uint64_t last_lsn, written_lsn, durable_lsn;
    uint64_t live_bytes, frozen_bytes; /* journal bytes above the current file */
    uint64_t syncs;

    uint32_t chain; /* of the frame written last: belongs to the writer */
};

void hobi_journal_init(struct hobi_journal *journal, const struct hobi_disk *disk,
                       const unsigned char *store_id, size_t segment_size,
                       unsigned ring);
void hobi_journal_free(struct hobi_journal *journal);

/* All of the following but hobi_journal_write, _sync and _make: with the engine's
   mutex.  */

/* Room for a batch of SIZE bytes in the open frame, which is made for it if need
   be.  HOB_ENOTFOUND: no free segment is large enough; hobi_journal_make one and
   try again.  */
int hobi_journal_reserve(struct hobi_journal *journal, size_t size,
                         struct hobi_failure *failure);
/* Where the batch goes that was reserved; gives it its LSN.  */
unsigned char *hobi_journal_append(struct hobi_journal *journal, size_t size,
                                   uint64_t *lsn);
/* All frames that wait, for the one writer.  A sync shall follow if SYNC.  */
struct hobi_frame *hobi_journal_take(struct hobi_journal *journal, bool sync);
void hobi_journal_recycle(struct hobi_journal *journal, struct hobi_frame *frames);
/* Write FRAMES.  On failure the journal has ended.  */
int hobi_journal_write(struct hobi_journal *journal, struct hobi_frame *frames,
                       uint64_t durable, struct hobi_failure *failure);

/* The segments written since their last sync; at most one caller at a time.  */
enum { HOBI_JOURNAL_UNSYNCED = 64 };
size_t hobi_journal_unsynced(struct hobi_journal *journal,
                             struct hobi_file files[HOBI_JOURNAL_UNSYNCED]);

/* Batches up to LSN are in both files.  */
void hobi_journal_release(struct hobi_journal *journal, uint64_t lsn);
size_t hobi_journal_spare(const struct hobi_journal *journal);
static inline uint64_t hobi_journal_ring_bytes(const struct hobi_journal *journal) {
    return (uint64_t)journal->segment_size * journal->ring;
}
uint64_t hobi_journal_file_bytes(const struct hobi_journal *journal);
/* Take an opened segment into the ring.  */
int hobi_journal_adopt(struct hobi_journal *journal, struct hobi_segment *segment,
                       struct hobi_failure *failure);
/* Size of a segment that can take a batch of SIZE bytes.  */
uint64_t hobi_journal_segment_for(const struct hobi_journal *journal, size_t size);

#endif
