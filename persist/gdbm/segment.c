/* segment.c -- one preallocated file of the journal.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A segment is a file jN with a header and frames (frame.c).  The header stands at
   byte 0 and again at byte 4096, so that one damaged block does not hide a segment:
   its frames would pass for a torn tail.  The first frame is at byte 8192.  Numbers
   are little-endian.

      0   8  "HobSegm1"
      8   4  format, 1
     12   4  CRC-32C of the block with these four bytes zero
     16  16  store id
     32   8  number of the segment: grows from one begun segment to the next
     40   8  salt, random, fresh each time the segment is begun
     48   8  LSN of the first batch
     56   8  size of the file when the segment was begun
     64   4  checksum of the last frame before this segment
     68      zeros

   The file is written full of zeros before its first use: appending to a file, or
   writing into a hole, makes every sync carry the file's layout too and takes twice
   the time.  It is made under another name and renamed when it is whole; so a jN
   that is too short was cut by somebody, and that is damage (rule 9).  */

#include <config.h>

#include "segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "crc32c.h"

static const char magic[8] = "HobSegm1";
enum { CRC_AT = 12 };

static void file_name(unsigned slot, char *name, size_t size) {
    snprintf(name, size, "j%u", slot);
}

static uint32_t checksum(unsigned char *block) {
    unsigned char kept[4];
    memcpy(kept, block + CRC_AT, 4);
    memset(block + CRC_AT, 0, 4);
    uint32_t crc = hobi_crc32c(0, block, HOBI_BLOCK);
    memcpy(block + CRC_AT, kept, 4);
    return crc;
}

static bool read_copy(unsigned char *block, const unsigned char *store_id,
                      struct hobi_segment *segment) {
    if (memcmp(block, magic, sizeof magic) != 0 ||
        hobi_get32(block + CRC_AT) != checksum(block) ||
        memcmp(block + 16, store_id, HOBI_STORE_ID_SIZE) != 0) {
        return false;
    }
    segment->number = hobi_get64(block + 32);
    segment->salt = hobi_get64(block + 40);
    segment->first_lsn = hobi_get64(block + 48);
    segment->declared = hobi_get64(block + 56);
    segment->chain = hobi_get32(block + 64);
    segment->headed = true;
    return true;
}

static int read_header(const struct hobi_disk *disk, struct hobi_segment *segment,
                       const unsigned char *store_id, struct hobi_failure *failure) {
    unsigned char blocks[2 * HOBI_BLOCK];
    size_t got;
    int rc =
        hobi_disk_read(disk, &segment->file, blocks, sizeof blocks, 0, &got, failure);
    if (!rc && got == sizeof blocks && !read_copy(blocks, store_id, segment)) {
        read_copy(blocks + HOBI_BLOCK, store_id, segment);
    }
    return rc;
}

static struct hobi_segment *new_segment(unsigned slot, struct hobi_failure *failure) {
    struct hobi_segment *segment = calloc(1, sizeof *segment);
    if (segment) {
        segment->slot = slot;
        segment->file.fd = -1;
    } else {
        hobi_fail(failure, HOB_ENOMEM, "no memory for a journal segment");
    }
    return segment;
}

void hobi_segment_free(struct hobi_segment *segment) {
    if (segment) {
        hobi_disk_close(&segment->file);
        free(segment);
    }
}

static int open_in(const struct hobi_disk *disk, int flags,
                   const unsigned char *store_id, struct hobi_segment *segment,
                   struct hobi_failure *failure) {
    char name[24];
    file_name(segment->slot, name, sizeof name);
    int rc = hobi_disk_open(disk, name, flags, &segment->file, failure);
    rc = rc ? rc : hobi_disk_size(&segment->file, &segment->size, failure);
    segment->size &= ~(uint64_t)(HOBI_BLOCK - 1);
    if (!rc && segment->size < HOBI_SEGMENT_LEAST) {
        rc = hobi_fail(failure, HOB_EDAMAGED, "%s was cut to %llu bytes", name,
                       (unsigned long long)segment->size);
    }
    return rc ? rc : read_header(disk, segment, store_id, failure);
}

int hobi_segment_open(const struct hobi_disk *disk, unsigned slot, int flags,
                      const unsigned char *store_id, struct hobi_segment **segment,
                      struct hobi_failure *failure) {
    *segment = new_segment(slot, failure);
    int rc = *segment ? open_in(disk, flags, store_id, *segment, failure) : HOB_ENOMEM;
    if (rc) {
        hobi_segment_free(*segment);
        *segment = NULL;
    }
    return rc;
}

static int fill_new(const struct hobi_disk *disk, struct hobi_segment *segment,
                    struct hobi_failure *failure) {
    struct hobi_file *file = &segment->file;
    char name[24], unfinished[24];
    file_name(segment->slot, name, sizeof name);
    snprintf(unfinished, sizeof unfinished, "j%u.new", segment->slot);
    int rc =
        hobi_disk_open(disk, unfinished, O_RDWR | O_CREAT | O_TRUNC, file, failure);
    if (rc) {
        return rc;
    }
    rc = hobi_disk_fill(disk, file, 0, segment->size, failure);
    rc = rc ? rc : hobi_disk_sync(disk, file, failure);
    rc = rc ? rc : hobi_disk_rename(disk, unfinished, name, failure);
    if (rc) {
        struct hobi_failure ignored;
        hobi_disk_remove(disk, unfinished, &ignored);
    }
    snprintf(file->name, sizeof file->name, "%s", name);
    return rc ? rc : hobi_disk_sync_folder(disk, failure);
}

int hobi_segment_make(const struct hobi_disk *disk, unsigned slot, uint64_t size,
                      struct hobi_segment **segment, struct hobi_failure *failure) {
    *segment = new_segment(slot, failure);
    if (!*segment) {
        return HOB_ENOMEM;
    }
    (*segment)->size = size;
    int rc = fill_new(disk, *segment, failure);
    if (rc) {
        hobi_segment_free(*segment);
        *segment = NULL;
    }
    return rc;
}

int hobi_segment_lengthen(const struct hobi_disk *disk, struct hobi_segment *segment,
                          uint64_t size, struct hobi_failure *failure) {
    int rc = hobi_disk_fill(disk, &segment->file, segment->size, size, failure);
    rc = rc ? rc : hobi_disk_sync(disk, &segment->file, failure);
    if (rc) {
        struct hobi_failure ignored;
        hobi_disk_truncate(disk, &segment->file, segment->size, &ignored);
    } else {
        segment->size = size;
    }
    return rc;
}

int hobi_segment_begin(struct hobi_segment *segment, uint64_t number,
                       uint64_t first_lsn, struct hobi_failure *failure) {
    uint64_t salt;
    if (getrandom(&salt, sizeof salt, 0) != (ssize_t)sizeof salt) {
        return hobi_fail_system(failure, "drawing a salt for", segment->file.name,
                                errno);
    }
    segment->use = HOB_SEGMENT_BUSY;
    segment->number = number;
    segment->salt = salt;
    segment->declared = segment->size;
    segment->first_lsn = first_lsn;
    segment->last_lsn = 0;
    segment->headed = false;
    return 0;
}

int hobi_segment_write_header(const struct hobi_disk *disk,
                              struct hobi_segment *segment,
                              const unsigned char *store_id,
                              struct hobi_failure *failure) {
    unsigned char blocks[2 * HOBI_BLOCK] = {0};
    memcpy(blocks, magic, sizeof magic);
    hobi_put32(blocks + 8, HOBI_FORMAT);
    memcpy(blocks + 16, store_id, HOBI_STORE_ID_SIZE);
    hobi_put64(blocks + 32, segment->number);
    hobi_put64(blocks + 40, segment->salt);
    hobi_put64(blocks + 48, segment->first_lsn);
    hobi_put64(blocks + 56, segment->declared);
    hobi_put32(blocks + 64, segment->chain);
    hobi_put32(blocks + CRC_AT, checksum(blocks));
    memcpy(blocks + HOBI_BLOCK, blocks, HOBI_BLOCK);
    int rc = hobi_disk_write(disk, &segment->file, blocks, sizeof blocks, 0, failure);
    segment->headed = !rc;
    return rc;
}
