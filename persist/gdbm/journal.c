/* journal.c -- the ring of segments, and the frames on their way into it.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A batch gets its place on disk when it is submitted: the open frame grows while
   its segment has room, else it is sealed and the next one opens in another segment.
   So all that can be refused (memory, a new segment on a full disk) is refused
   before anybody sees the batch, which keeps rule 4; afterwards only a write or a
   sync can fail, and that ends the journal.

     submit: reserve, append        writer: take, write, (sync), recycle

         open frame  --reserve finds it full-->  sealed frames  --take-->  written
              \________________________take________________________/

   The writer takes all that waits at once: that is the group in group commit.  After
   a take that a sync follows, the next frame begins at a block's border (frame.c).

   A segment is busy until both GDBM files have all of it; then it is free and begun
   anew, in any order: the numbers of their lives tell what follows what.  */

#include <config.h>

#include "journal.h"

#include <stdlib.h>
#include <time.h>

void hobi_journal_init(struct hobi_journal *journal, const struct hobi_disk *disk,
                       const unsigned char *store_id, size_t segment_size,
                       unsigned ring) {
    enum { BEGIN = 1 << 20, RING = 8, LEAST_RING = 2 };
    *journal = (struct hobi_journal){
        .disk = disk,
        .segment_size = hobi_round_up(segment_size ? segment_size : BEGIN, HOBI_BLOCK),
        .ring = ring ? ring : RING,
        .grows = segment_size == 0,
        .next_number = 1,
    };
    if (journal->segment_size < HOBI_SEGMENT_LEAST) {
        journal->segment_size = HOBI_SEGMENT_LEAST;
    }
    if (journal->ring < LEAST_RING) {
        journal->ring = LEAST_RING;
    }
    memcpy(journal->store_id, store_id, sizeof journal->store_id);
    journal->behind = &journal->first;
}

static void free_frames(struct hobi_frame *frame) {
    while (frame) {
        struct hobi_frame *next = frame->next;
        free(frame->bytes);
        free(frame);
        frame = next;
    }
}

void hobi_journal_free(struct hobi_journal *journal) {
    for (size_t i = 0; i < journal->count; i++) {
        hobi_segment_free(journal->segments[i]);
    }
    free(journal->segments);
    free_frames(journal->first);
    free_frames(journal->spare);
    free_frames(journal->open);
}

/* --------------------------------------------------------------- reserving */

static size_t padded(size_t size) {
    return (size_t)hobi_round_up(size, HOBI_BLOCK) + HOBI_BLOCK;
}

static int frame_room(struct hobi_frame *frame, size_t size,
                      struct hobi_failure *failure) {
    size_t need = padded(size);
    if (need <= frame->capacity) {
        return 0;
    }
    size_t capacity = need < frame->capacity * 2 ? frame->capacity * 2 : need;
    unsigned char *bytes = realloc(frame->bytes, capacity);
    if (!bytes) {
        return hobi_fail(failure, HOB_ENOMEM, "no memory for a journal frame");
    }
    frame->bytes = bytes;
    frame->capacity = capacity;
    return 0;
}

/* A frame that once was very large shall not keep its memory.  */
static void keep_spare(struct hobi_journal *journal, struct hobi_frame *frame) {
    enum { LARGE = 1 << 20 };
    if (frame->capacity > LARGE) {
        frame->next = NULL;
        free_frames(frame);
    } else {
        frame->next = journal->spare;
        journal->spare = frame;
    }
}

static int open_frame(struct hobi_journal *journal, size_t size,
                      struct hobi_failure *failure) {
    struct hobi_frame *frame = journal->spare;
    if (frame) {
        journal->spare = frame->next;
    } else {
        frame = calloc(1, sizeof *frame);
    }
    if (!frame) {
        return hobi_fail(failure, HOB_ENOMEM, "no memory for a journal frame");
    }
    int rc = frame_room(frame, HOBI_FRAME_HEADER + size, failure);
    if (rc) {
        keep_spare(journal, frame);
        return rc;
    }
    frame->next = NULL;
    frame->segment = journal->active;
    frame->offset = journal->position;
    frame->first_lsn = journal->last_lsn + 1;
    frame->batches = 0;
    frame->size = HOBI_FRAME_HEADER;
    journal->open = frame;
    return 0;
}

static void seal_open(struct hobi_journal *journal) {
    struct hobi_frame *frame = journal->open;
    if (!frame) {
        return;
    }
    journal->open = NULL;
    if (frame->batches == 0) {
        keep_spare(journal, frame);
        return;
    }
    journal->position = hobi_round_up(frame->offset + frame->size, HOBI_FRAME_STEP);
    *journal->behind = frame;
    journal->behind = &frame->next;
}

/* One of the ring's size, or, for what needs more, a larger one: a small batch shall not
   keep the segment of a huge one.  */
static struct hobi_segment *oldest_free(const struct hobi_journal *journal,
                                        uint64_t least) {
    uint64_t most = (uint64_t)journal->segment_size * 2;
    struct hobi_segment *best = NULL;
    for (size_t i = 0; i < journal->count; i++) {
        struct hobi_segment *segment = journal->segments[i];
        if (segment->use == HOB_SEGMENT_FREE && segment->size >= least &&
            (segment->size <= most || least > most) &&
            (!best || segment->number < best->number)) {
            best = segment;
        }
    }
    return best;
}

static int next_segment(struct hobi_journal *journal, size_t size,
                        struct hobi_failure *failure) {
    uint64_t need = HOBI_SEGMENT_FRAMES + padded(HOBI_FRAME_HEADER + size);
    struct hobi_segment *segment = oldest_free(journal, need);
    if (!segment) {
        return hobi_fail(failure, HOB_ENOTFOUND, "the journal has no free segment");
    }
    int rc = hobi_segment_begin(segment, journal->next_number, journal->last_lsn + 1,
                                failure);
    if (rc) {
        return rc;
    }
    seal_open(journal);
    journal->next_number++;
    if (journal->active) {
        journal->live_bytes += journal->active->size - journal->position;
    }
    journal->active = segment;
    journal->position = HOBI_SEGMENT_FRAMES;
    journal->live_bytes += HOBI_SEGMENT_FRAMES;
    return 0;
}

static bool fits(const struct hobi_journal *journal, size_t size) {
    if (!journal->active) {
        return false;
    }
    const struct hobi_frame *open = journal->open;
    uint64_t end =
        open ? open->offset + open->size : journal->position + HOBI_FRAME_HEADER;
    return hobi_round_up(end + size, HOBI_BLOCK) <= journal->active->size;
}

int hobi_journal_reserve(struct hobi_journal *journal, size_t size,
                         struct hobi_failure *failure) {
    int rc = fits(journal, size) ? 0 : next_segment(journal, size, failure);
    if (rc) {
        return rc;
    }
    return journal->open
               ? frame_room(journal->open, journal->open->size + size, failure)
               : open_frame(journal, size, failure);
}

unsigned char *hobi_journal_append(struct hobi_journal *journal, size_t size,
                                   uint64_t *lsn) {
    struct hobi_frame *frame = journal->open;
    unsigned char *to = frame->bytes + frame->size;
    size_t more = frame->batches ? size : size + HOBI_FRAME_HEADER;
    frame->size += size;
    frame->batches++;
    journal->pending += more;
    journal->live_bytes += more;
    *lsn = ++journal->last_lsn;
    frame->segment->last_lsn = *lsn;
    return to;
}

/* ----------------------------------------------------------------- writing */

struct hobi_frame *hobi_journal_take(struct hobi_journal *journal, bool sync) {
    seal_open(journal);
    struct hobi_frame *frames = journal->first;
    journal->first = NULL;
    journal->behind = &journal->first;
    journal->pending = 0;
    if (sync) {
        uint64_t border = hobi_round_up(journal->position, HOBI_BLOCK);
        journal->live_bytes += border - journal->position;
        journal->position = border;
    }
    for (struct hobi_frame *frame = frames; frame; frame = frame->next) {
        frame->segment->unsynced = true;
    }
    return frames;
}

void hobi_journal_recycle(struct hobi_journal *journal, struct hobi_frame *frames) {
    while (frames) {
        struct hobi_frame *next = frames->next;
        keep_spare(journal, frames);
        frames = next;
    }
}

static uint64_t wall_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The header of the segment, when the frame is the first in it.  */
static int begin_segment(struct hobi_journal *journal, struct hobi_segment *segment,
                         struct hobi_failure *failure) {
    if (segment->headed) {
        return 0;
    }
    segment->chain = journal->chain;
    return hobi_segment_write_header(journal->disk, segment, journal->store_id,
                                     failure);
}

static int write_frame(struct hobi_journal *journal, struct hobi_frame *frame,
                       uint64_t durable, struct hobi_failure *failure) {
    struct hobi_frame_header header = {
        .payload = frame->size - HOBI_FRAME_HEADER,
        .first_lsn = frame->first_lsn,
        .batches = frame->batches,
        .previous = journal->chain,
        .durable = durable,
        .time = wall_clock(),
        .segment = frame->segment->number,
    };
    hobi_frame_seal(frame->bytes, frame->segment->salt, &header);
    /* Whole blocks: the system need not read what else the last one held.  */
    uint64_t end = hobi_round_up(frame->offset + frame->size, HOBI_BLOCK);
    size_t size = (size_t)(end - frame->offset);
    memset(frame->bytes + frame->size, 0, size - frame->size);
    int rc = hobi_disk_write(journal->disk, &frame->segment->file, frame->bytes, size,
                             frame->offset, failure);
    journal->chain = header.crc;
    return rc;
}

int hobi_journal_write(struct hobi_journal *journal, struct hobi_frame *frames,
                       uint64_t durable, struct hobi_failure *failure) {
    int rc = 0;
    for (struct hobi_frame *frame = frames; frame && !rc; frame = frame->next) {
        rc = begin_segment(journal, frame->segment, failure);
        rc = rc ? rc : write_frame(journal, frame, durable, failure);
    }
    return rc;
}

size_t hobi_journal_unsynced(struct hobi_journal *journal,
                             struct hobi_file files[HOBI_JOURNAL_UNSYNCED]) {
    size_t n = 0;
    for (size_t i = 0; i < journal->count && n < HOBI_JOURNAL_UNSYNCED; i++) {
        struct hobi_segment *segment = journal->segments[i];
        if (segment->unsynced) {
            segment->unsynced = false;
            files[n++] = segment->file;
        }
    }
    return n;
}

/* ---------------------------------------------------------------- the ring */

void hobi_journal_release(struct hobi_journal *journal, uint64_t lsn) {
    for (size_t i = 0; i < journal->count; i++) {
        struct hobi_segment *segment = journal->segments[i];
        if (segment->use == HOB_SEGMENT_BUSY && segment != journal->active &&
            segment->last_lsn <= lsn) {
            segment->use = HOB_SEGMENT_FREE;
        }
    }
}

size_t hobi_journal_spare(const struct hobi_journal *journal) {
    size_t n = 0;
    for (size_t i = 0; i < journal->count; i++) {
        n += journal->segments[i]->use == HOB_SEGMENT_FREE;
    }
    return n;
}

uint64_t hobi_journal_file_bytes(const struct hobi_journal *journal) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < journal->count; i++) {
        bytes += journal->segments[i]->size;
    }
    return bytes;
}

int hobi_journal_adopt(struct hobi_journal *journal, struct hobi_segment *segment,
                       struct hobi_failure *failure) {
    if (journal->count == journal->capacity) {
        size_t capacity = journal->capacity ? journal->capacity * 2 : 16;
        struct hobi_segment **grown =
            realloc(journal->segments, capacity * sizeof(struct hobi_segment *));
        if (!grown) {
            return hobi_fail(failure, HOB_ENOMEM, "no memory for the journal's ring");
        }
        journal->segments = grown;
        journal->capacity = capacity;
    }
    journal->segments[journal->count++] = segment;
    if (segment->number >= journal->next_number) {
        journal->next_number = segment->number + 1;
    }
    return 0;
}

uint64_t hobi_journal_segment_for(const struct hobi_journal *journal, size_t size) {
    uint64_t need = HOBI_SEGMENT_FRAMES + padded(HOBI_FRAME_HEADER + size);
    return need > journal->segment_size ? need : journal->segment_size;
}
