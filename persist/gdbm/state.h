/* state.h -- which of the two GDBM files counts.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef HOBI_STATE_H
#define HOBI_STATE_H

#include "disk.h"
#include "layout.h"

struct hobi_state {
    unsigned char id[HOBI_STORE_ID_SIZE]; /* random, one a store */
    uint64_t generation;
    unsigned current; /* 0: even.gdbm, 1: odd.gdbm */
    bool other_clean; /* false: the other one may be half written */
    uint64_t lsn[2];  /* of even, of odd: complete up to here */
    uint64_t size[2]; /* of the files, in bytes */
    uint64_t durable; /* the journal or the files hold at least up to here */
    uint64_t ended;   /* after a clean shutdown: no segment has this number or a higher
                         one; else 0 */
    uint32_t chain;   /* then: checksum of the journal's last frame */
};

/* HOB_ENOTFOUND: there is no STATE; HOB_EDAMAGED: neither slot is valid;
   HOB_EVERSION.  */
int hobi_state_read(const struct hobi_disk *disk, struct hobi_state *state,
                    struct hobi_failure *failure);
/* The next generation of STATE, written and synced into the older slot.  On
   failure nobody knows which slot counts: stop and go through recovery.  */
int hobi_state_write(const struct hobi_disk *disk, struct hobi_state *state,
                     struct hobi_failure *failure);
/* Make the file: all of it or none, by a rename.  */
int hobi_state_create(const struct hobi_disk *disk, struct hobi_state *state,
                      struct hobi_failure *failure);

static inline const char *hobi_state_file(unsigned which) {
    return which ? "odd.gdbm" : "even.gdbm";
}

#endif
