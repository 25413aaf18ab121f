/* meta.c -- what a GDBM file of a store says of itself.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The record under the key `meta` is text, for people and gdbmtool as much as for the
   engine:

     lsn=12 updating=0 count=3 live=60 sum=0123456789abcdef
     store=00112233445566778899aabbccddeeff format=1 check=89abcdef

   in one line; check is the CRC-32C of what stands before " check=".  While a file is
   being brought forward, `updating` names where to, synced before the first change: so
   the file tells about itself even when STATE does not.

   Rule 9: whatever text is not exactly what would be written for the numbers read
   from it is damaged.  */

#include <config.h>

#include "meta.h"

#include <inttypes.h>
#include <stdio.h>

#include "crc32c.h"

static void hexadecimal(const unsigned char *bytes, size_t size, char *text) {
    for (size_t i = 0; i < size; i++) {
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    }
}

int hobi_meta_print(const struct hobi_meta *meta, char text[HOBI_META_SIZE]) {
    char id[2 * HOBI_STORE_ID_SIZE + 1];
    hexadecimal(meta->id, sizeof meta->id, id);
    int n = snprintf(text, HOBI_META_SIZE,
                     "lsn=%" PRIu64 " updating=%" PRIu64 " count=%" PRIu64
                     " live=%" PRIu64 " sum=%016" PRIx64 " store=%s format=%d",
                     meta->lsn, meta->updating, meta->count, meta->live, meta->sum, id,
                     HOBI_FORMAT);
    uint32_t check = hobi_crc32c(0, text, (size_t)n);
    return n +
           snprintf(text + n, HOBI_META_SIZE - (size_t)n, " check=%08" PRIx32, check);
}

bool hobi_meta_parse(const char *text, struct hobi_meta *meta) {
    char id[33], again[HOBI_META_SIZE];
    int format;
    *meta = (struct hobi_meta){0};
    int n = sscanf(text,
                   "lsn=%" SCNu64 " updating=%" SCNu64 " count=%" SCNu64
                   " live=%" SCNu64 " sum=%" SCNx64 " store=%32s format=%d",
                   &meta->lsn, &meta->updating, &meta->count, &meta->live, &meta->sum,
                   id, &format);
    if (n != 7 || format != HOBI_FORMAT || strlen(id) != 32) {
        return false;
    }
    for (size_t i = 0; i < sizeof meta->id; i++) {
        unsigned byte;
        if (sscanf(id + 2 * i, "%2x", &byte) != 1) {
            return false;
        }
        meta->id[i] = (unsigned char)byte;
    }
    /* Printed again it must be the same text, checksum and all.  */
    hobi_meta_print(meta, again);
    return strcmp(text, again) == 0;
}
