/* replay.c -- the journal, read back.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Segments are taken by number.  The walk begins in the last one whose first LSN is
   not above the first LSN wanted, and follows frames while each is valid, has the
   next LSN and knows its predecessor's checksum.  At the first that is not, it goes
   on with the next segment that continues exactly there, skipping those that do not:
   they are tails that an earlier recovery dropped.  Where none continues, the
   journal ends (rule 2: at a whole batch).

   Whether that end is a torn tail or damage, hobi_replay_look_behind finds out: it
   reads every block behind the end for frames that still are valid and say of a
   later LSN that it was durable.  A frame that follows a sync begins at a block's
   border, so that block by block is enough.  Rule 9: such damage is reported.  */

#include <config.h>

#include "replay.h"

#include <stdlib.h>

/* One segment in memory, and the place reached in it.  */
struct window {
    unsigned char *bytes;
    size_t size;
    size_t at;
};

static int by_number(const void *a, const void *b) {
    uint64_t x = (*(struct hobi_segment *const *)a)->number;
    uint64_t y = (*(struct hobi_segment *const *)b)->number;
    return x < y ? -1 : x > y;
}

static void sort(struct hobi_replay *replay) {
    if (replay->count) {
        qsort(replay->segments, replay->count, sizeof(struct hobi_segment *),
              by_number);
    }
}

static int load(struct hobi_replay *replay, struct hobi_segment *segment,
                struct window *window, struct hobi_failure *failure) {
    free(window->bytes);
    *window = (struct window){.at = HOBI_SEGMENT_FRAMES};
    size_t size =
        (size_t)(segment->size < segment->declared ? segment->size : segment->declared);
    window->bytes = malloc(size);
    if (!window->bytes) {
        return hobi_fail(failure, HOB_ENOMEM, "no memory to read %s",
                         segment->file.name);
    }
    return hobi_disk_read(replay->disk, &segment->file, window->bytes, size, 0,
                          &window->size, failure);
}

static bool next_frame(const struct window *window, const struct hobi_segment *segment,
                       struct hobi_frame_header *header) {
    return window->at < window->size &&
           hobi_frame_read(window->bytes + window->at, window->size - window->at,
                           segment->salt, segment->number, header);
}

/* The next frame in this segment: at the next step, or, after a sync, at the next
   block's border.  */
static bool follow(struct hobi_replay *replay, struct window *window,
                   const struct hobi_segment *segment,
                   struct hobi_frame_header *header) {
    size_t border = (size_t)hobi_round_up(window->at, HOBI_BLOCK);
    for (;; window->at = border) {
        if (next_frame(window, segment, header) &&
            header->first_lsn == replay->last_lsn + 1 &&
            header->previous == replay->chain) {
            return true;
        }
        if (window->at == border) {
            return false;
        }
    }
}

static int walk_segment(struct hobi_replay *replay, struct hobi_segment *segment,
                        uint64_t from, uint64_t to, hobi_frame_visit *visit, void *data,
                        struct window *window, struct hobi_failure *failure) {
    struct hobi_frame_header header;
    int rc = load(replay, segment, window, failure);
    replay->last = segment;
    while (!rc && replay->last_lsn < to && follow(replay, window, segment, &header)) {
        rc = hobi_frame_changes(window->bytes + window->at, &header, from, to, visit,
                                data);
        if (rc) {
            hobi_fail(failure, rc, "reading back a frame of %s: %s", segment->file.name,
                      hob_strerror(rc));
        }
        replay->last_lsn += header.batches;
        replay->chain = header.crc;
        window->at = (size_t)hobi_round_up(
            window->at + HOBI_FRAME_HEADER + header.payload, HOBI_FRAME_STEP);
    }
    return rc;
}

/* The last segment that begins at or before LSN.  */
static size_t find_begin(const struct hobi_replay *replay, uint64_t lsn) {
    size_t begin = replay->count;
    for (size_t i = 0; i < replay->count; i++) {
        const struct hobi_segment *segment = replay->segments[i];
        if (segment->number && segment->first_lsn <= lsn) {
            begin = i;
        }
    }
    return begin;
}

int hobi_replay_walk(struct hobi_replay *replay, uint64_t from, uint64_t to,
                     hobi_frame_visit *visit, void *data,
                     struct hobi_failure *failure) {
    sort(replay);
    replay->last_lsn = from - 1;
    replay->last = NULL;
    struct window window = {0};
    int rc = 0;
    for (size_t i = find_begin(replay, from); i < replay->count && !rc; i++) {
        struct hobi_segment *segment = replay->segments[i];
        if (!replay->last) {
            replay->last_lsn = segment->first_lsn - 1;
            replay->chain = segment->chain;
        } else if (segment->first_lsn != replay->last_lsn + 1 ||
                   segment->chain != replay->chain) {
            continue;
        }
        rc = walk_segment(replay, segment, from, to, visit, data, &window, failure);
    }
    free(window.bytes);
    return rc;
}

void hobi_replay_end_at(struct hobi_replay *replay, uint64_t lsn, uint32_t chain) {
    sort(replay);
    size_t last = find_begin(replay, lsn);
    replay->last = last < replay->count ? replay->segments[last] : NULL;
    replay->last_lsn = lsn;
    replay->chain = chain;
}

static void look_in(struct hobi_replay *replay, const struct hobi_segment *segment,
                    struct window *window) {
    struct hobi_frame_header header;
    for (; window->at < window->size; window->at += HOBI_BLOCK) {
        if (next_frame(window, segment, &header) &&
            header.first_lsn > replay->last_lsn && header.durable > replay->durable) {
            replay->durable = header.durable;
        }
    }
}

int hobi_replay_look_behind(struct hobi_replay *replay, struct hobi_failure *failure) {
    struct window window = {0};
    int rc = 0;
    replay->durable = 0;
    replay->cut = false;
    for (size_t i = 0; i < replay->count && !rc; i++) {
        struct hobi_segment *segment = replay->segments[i];
        if (!segment->number ||
            (replay->last && segment->number < replay->last->number)) {
            continue;
        }
        replay->cut |= segment->size < segment->declared;
        rc = load(replay, segment, &window, failure);
        if (!rc) {
            look_in(replay, segment, &window);
        }
    }
    free(window.bytes);
    return rc;
}

void hobi_replay_mark(struct hobi_replay *replay) {
    uint64_t next = replay->last_lsn + 1;
    bool part = false;
    for (size_t i = replay->count; i-- > 0;) {
        struct hobi_segment *segment = replay->segments[i];
        part |= segment == replay->last;
        segment->last_lsn = 0;
        if (part && segment->number && segment->first_lsn <= next) {
            segment->last_lsn = next - 1;
            next = segment->first_lsn;
        }
    }
}
