/* frame.c -- one group of batches, as the journal has it.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A frame is what one write puts into a segment.  Numbers are little-endian.

      0   4  "HobF"
      4   4  CRC-32C over the segment's salt (8 bytes), the header from byte 8 on,
             and the payload
      8   8  bytes of payload
     16   8  LSN of the first batch
     24   4  number of batches
     28   4  checksum (bytes 4 to 7) of the frame before, in whichever segment
     32   8  LSN known to be durable when this was written
     40   8  nanoseconds since 1970
     48   8  number of the segment
     56   8  zero
     64      payload: the batches, one after the other

   A batch: 4 bytes number of records, 4 bytes zero, the records.  A record: 4 bytes
   size of the key, 4 bytes size of the value (0xffffffff: the key is removed), key,
   value.  The rest of the frame's last block of 4096 bytes is zeros.

   A frame begins at a block's border, except after a frame that no sync has covered
   yet: then at the next multiple of 64.  So a block that was ever synced is never
   written again, and a power cut can only tear what nobody was promised.

   Each field keeps rule 2 in its way.  The salt: what an earlier life of the segment
   left is no frame.  Previous and first LSN: an order that leftovers cannot fake.
   Durable: tells a torn tail, which is dropped, from damage in what was promised,
   which is reported and never dropped.  */

#include <config.h>

#include "frame.h"

#include "crc32c.h"

static const char magic[4] = "HobF";
enum { BATCH_HEADER = 8, RECORD_HEADER = 8 };
static const uint32_t removed_mark = UINT32_MAX;

static size_t value_size(const hobi_change *change) {
    return change->removed ? 0 : change->value.size;
}

size_t hobi_batch_size(size_t count, const hobi_change *changes) {
    size_t size = BATCH_HEADER;
    for (size_t i = 0; i < count; i++) {
        size += RECORD_HEADER + changes[i].key.size + value_size(&changes[i]);
    }
    return size;
}

void hobi_batch_write(unsigned char *to, size_t count, const hobi_change *changes) {
    hobi_put32(to, (uint32_t)count);
    hobi_put32(to + 4, 0);
    to += BATCH_HEADER;
    for (size_t i = 0; i < count; i++) {
        const hobi_change *change = &changes[i];
        size_t size = value_size(change);
        hobi_put32(to, (uint32_t)change->key.size);
        hobi_put32(to + 4, change->removed ? removed_mark : (uint32_t)size);
        to += RECORD_HEADER;
        memcpy(to, change->key.data, change->key.size);
        to += change->key.size;
        if (size) {
            memcpy(to, change->value.data, size);
        }
        to += size;
    }
}

static uint32_t checksum(const unsigned char *frame, size_t payload, uint64_t salt) {
    unsigned char bytes[8];
    hobi_put64(bytes, salt);
    return hobi_crc32c(hobi_crc32c(0, bytes, sizeof bytes), frame + 8,
                       HOBI_FRAME_HEADER - 8 + payload);
}

void hobi_frame_seal(unsigned char *frame, uint64_t salt,
                     struct hobi_frame_header *header) {
    memset(frame, 0, HOBI_FRAME_HEADER);
    memcpy(frame, magic, sizeof magic);
    hobi_put64(frame + 8, header->payload);
    hobi_put64(frame + 16, header->first_lsn);
    hobi_put32(frame + 24, header->batches);
    hobi_put32(frame + 28, header->previous);
    hobi_put64(frame + 32, header->durable);
    hobi_put64(frame + 40, header->time);
    hobi_put64(frame + 48, header->segment);
    header->crc = checksum(frame, header->payload, salt);
    hobi_put32(frame + 4, header->crc);
}

bool hobi_frame_read(const unsigned char *bytes, size_t size, uint64_t salt,
                     uint64_t segment, struct hobi_frame_header *header) {
    if (size < HOBI_FRAME_HEADER || memcmp(bytes, magic, sizeof magic) != 0) {
        return false;
    }
    *header = (struct hobi_frame_header){
        .crc = hobi_get32(bytes + 4),
        .payload = hobi_get64(bytes + 8),
        .first_lsn = hobi_get64(bytes + 16),
        .batches = hobi_get32(bytes + 24),
        .previous = hobi_get32(bytes + 28),
        .durable = hobi_get64(bytes + 32),
        .time = hobi_get64(bytes + 40),
        .segment = hobi_get64(bytes + 48),
    };
    return header->payload <= size - HOBI_FRAME_HEADER && header->segment == segment &&
           header->batches > 0 && header->crc == checksum(bytes, header->payload, salt);
}

/* The record at AT, which ends before END; NULL when it does not.  */
static const unsigned char *read_record(const unsigned char *at,
                                        const unsigned char *end, hobi_change *change) {
    if (end - at < RECORD_HEADER) {
        return NULL;
    }
    size_t key = hobi_get32(at), value = hobi_get32(at + 4);
    bool removed = value == removed_mark;
    value = removed ? 0 : value;
    at += RECORD_HEADER;
    if (key == 0 || key + value > (size_t)(end - at)) {
        return NULL;
    }
    *change = (hobi_change){{at, key}, {at + key, value}, removed};
    return at + key + value;
}

int hobi_frame_changes(const unsigned char *frame,
                       const struct hobi_frame_header *header, uint64_t from,
                       uint64_t to, hobi_frame_visit *visit, void *data) {
    const unsigned char *at = frame + HOBI_FRAME_HEADER;
    const unsigned char *end = at + header->payload;
    for (uint32_t i = 0; i < header->batches; i++) {
        if (end - at < BATCH_HEADER) {
            return HOB_EDAMAGED;
        }
        uint32_t records = hobi_get32(at);
        uint64_t lsn = header->first_lsn + i;
        at += BATCH_HEADER;
        for (uint32_t j = 0; j < records; j++) {
            hobi_change change;
            at = read_record(at, end, &change);
            if (!at) {
                return HOB_EDAMAGED;
            }
            int rc = lsn >= from && lsn <= to ? visit(data, &change) : 0;
            if (rc) {
                return rc;
            }
        }
    }
    return 0;
}
