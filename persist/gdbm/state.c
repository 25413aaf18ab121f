/* state.c -- which of the two GDBM files counts.
   SPDX-License-Identifier: LGPL-3.0-or-later

   STORE/STATE holds two slots of 4096 bytes.  The slot of generation g is at
   (g & 1) * 4096, so that a slot torn by a power cut is always the newer one, and
   the older one still tells the truth: no journal segment that it needs is reused,
   and no file that it calls clean is written, before the newer one is synced (a
   file being written also says so itself, twin.c).  Numbers are little-endian.

      0   8  "HobState"
      8   4  format, 1
     12   4  CRC-32C of the slot with these four bytes zero
     16  16  store id
     32   8  generation
     40   4  current file: 0 even, 1 odd
     44   4  1 when the other file is complete at its LSN
     48   8  LSN of even.gdbm
     56   8  LSN of odd.gdbm
     64   8  size of even.gdbm
     72   8  size of odd.gdbm
     80   8  LSN known to be durable when this was written; in both slots after a
             clean shutdown: a journal that ends before it is damaged
     88   8  seconds since 1970, for people
     96   8  after a clean shutdown: the number that the next segment will have; while
             none has, the journal need not be read; else zero
    104   4  after a clean shutdown: checksum of the last frame
    108      zeros

   Keeps rule 2: this slot is where a checkpoint becomes true.  */

#include <config.h>

#include "state.h"

#include <fcntl.h>
#include <time.h>

#include "crc32c.h"

static const char name[] = "STATE", new_name[] = "STATE.new";
static const char magic[8] = "HobState";
enum { CRC_AT = 12 };

static uint32_t checksum(unsigned char *slot) {
    unsigned char kept[4];
    memcpy(kept, slot + CRC_AT, 4);
    memset(slot + CRC_AT, 0, 4);
    uint32_t crc = hobi_crc32c(0, slot, HOBI_BLOCK);
    memcpy(slot + CRC_AT, kept, 4);
    return crc;
}

static void encode(const struct hobi_state *state, unsigned char *slot) {
    memset(slot, 0, HOBI_BLOCK);
    memcpy(slot, magic, sizeof magic);
    hobi_put32(slot + 8, HOBI_FORMAT);
    memcpy(slot + 16, state->id, sizeof state->id);
    hobi_put64(slot + 32, state->generation);
    hobi_put32(slot + 40, state->current);
    hobi_put32(slot + 44, state->other_clean);
    for (size_t i = 0; i < 2; i++) {
        hobi_put64(slot + 48 + 8 * i, state->lsn[i]);
        hobi_put64(slot + 64 + 8 * i, state->size[i]);
    }
    hobi_put64(slot + 80, state->durable);
    hobi_put64(slot + 88, (uint64_t)time(NULL));
    hobi_put64(slot + 96, state->ended);
    hobi_put32(slot + 104, state->chain);
    hobi_put32(slot + CRC_AT, checksum(slot));
}

static bool valid(unsigned char *slot) {
    return memcmp(slot, magic, sizeof magic) == 0 &&
           hobi_get32(slot + CRC_AT) == checksum(slot) && hobi_get32(slot + 40) < 2;
}

static void decode(const unsigned char *slot, struct hobi_state *state) {
    memcpy(state->id, slot + 16, sizeof state->id);
    state->generation = hobi_get64(slot + 32);
    state->current = hobi_get32(slot + 40);
    state->other_clean = hobi_get32(slot + 44) == 1;
    for (size_t i = 0; i < 2; i++) {
        state->lsn[i] = hobi_get64(slot + 48 + 8 * i);
        state->size[i] = hobi_get64(slot + 64 + 8 * i);
    }
    state->durable = hobi_get64(slot + 80);
    state->ended = hobi_get64(slot + 96);
    state->chain = hobi_get32(slot + 104);
}

static int newest(unsigned char *slots, size_t size, struct hobi_state *state,
                  struct hobi_failure *failure) {
    bool found = false;
    for (size_t i = 0; i < 2 && (i + 1) * HOBI_BLOCK <= size; i++) {
        unsigned char *slot = slots + i * HOBI_BLOCK;
        if (!valid(slot)) {
            continue;
        }
        if (hobi_get32(slot + 8) != HOBI_FORMAT) {
            return hobi_fail(failure, HOB_EVERSION,
                             "STATE has format %u; this program knows format %d",
                             hobi_get32(slot + 8), HOBI_FORMAT);
        }
        if (!found || hobi_get64(slot + 32) > state->generation) {
            decode(slot, state);
            found = true;
        }
    }
    return found ? 0
                 : hobi_fail(failure, HOB_EDAMAGED, "neither slot of STATE is valid");
}

int hobi_state_read(const struct hobi_disk *disk, struct hobi_state *state,
                    struct hobi_failure *failure) {
    unsigned char slots[2 * HOBI_BLOCK];
    struct hobi_file file;
    size_t got;
    int rc = hobi_disk_open(disk, name, O_RDONLY, &file, failure);
    if (!rc) {
        rc = hobi_disk_read(disk, &file, slots, sizeof slots, 0, &got, failure);
        hobi_disk_close(&file);
    }
    return rc ? rc : newest(slots, got, state, failure);
}

static int write_slot(const struct hobi_disk *disk, const struct hobi_file *file,
                      struct hobi_state *state, struct hobi_failure *failure) {
    unsigned char slot[HOBI_BLOCK];
    state->generation++;
    encode(state, slot);
    return hobi_disk_write(disk, file, slot, sizeof slot,
                           (state->generation & 1) * HOBI_BLOCK, failure);
}

int hobi_state_write(const struct hobi_disk *disk, struct hobi_state *state,
                     struct hobi_failure *failure) {
    struct hobi_file file;
    int rc = hobi_disk_open(disk, name, O_WRONLY, &file, failure);
    if (rc) {
        return rc;
    }
    rc = write_slot(disk, &file, state, failure);
    rc = rc ? rc : hobi_disk_sync(disk, &file, failure);
    hobi_disk_close(&file);
    return rc;
}

int hobi_state_create(const struct hobi_disk *disk, struct hobi_state *state,
                      struct hobi_failure *failure) {
    struct hobi_file file;
    int rc =
        hobi_disk_open(disk, new_name, O_WRONLY | O_CREAT | O_TRUNC, &file, failure);
    if (rc) {
        return rc;
    }
    rc = write_slot(disk, &file, state, failure);
    rc = rc ? rc : write_slot(disk, &file, state, failure);
    rc = rc ? rc : hobi_disk_sync(disk, &file, failure);
    hobi_disk_close(&file);
    rc = rc ? rc : hobi_disk_rename(disk, new_name, name, failure);
    return rc ? rc : hobi_disk_sync_folder(disk, failure);
}
