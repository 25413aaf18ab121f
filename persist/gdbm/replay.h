/* replay.h -- the journal, read back.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef HOBI_REPLAY_H
#define HOBI_REPLAY_H

#include "frame.h"
#include "segment.h"

struct hobi_replay {
    const struct hobi_disk *disk;
    struct hobi_segment **segments; /* any order */
    size_t count;
    /* Found.  */
    uint64_t last_lsn;         /* of the last valid batch */
    uint32_t chain;            /* checksum of the last valid frame */
    uint64_t durable;          /* the highest that a frame after it tells of */
    struct hobi_segment *last; /* where the walk ended; NULL: nothing was walked */
    bool cut; /* a segment at or after the end is shorter than it was */
};

/* Visit the changes of the batches FROM to TO in order; UINT64_MAX: to the end.  It is
   no failure when the journal ends earlier, or begins later: see last_lsn.  */
int hobi_replay_walk(struct hobi_replay *replay, uint64_t from, uint64_t to,
                     hobi_frame_visit *visit, void *data, struct hobi_failure *failure);
/* Instead of a walk: it is known that LSN is the last, and CHAIN the checksum of its
   frame.  */
void hobi_replay_end_at(struct hobi_replay *replay, uint64_t lsn, uint32_t chain);
/* After a walk to the end: look in the frames after it for what they say to be
   durable.  */
int hobi_replay_look_behind(struct hobi_replay *replay, struct hobi_failure *failure);
/* After a walk to the end: set each segment's last_lsn; 0 where nothing of the
   segment is part of the journal any more.  */
void hobi_replay_mark(struct hobi_replay *replay);

#endif
