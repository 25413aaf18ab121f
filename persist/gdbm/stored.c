/* stored.c -- a record as it lies in a GDBM file.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The key as it was given, but with '!' after its first four bytes when these are
   "meta", which is the key of the record about the file.  Then a slot: the value,
   zeros up to the slot's size, 4 bytes size of the value, 4 bytes CRC-32C of key,
   value and these four bytes, little-endian.  The value comes first, so that any tool
   that reads GDBM and Syrup can read it.

   GDBM leaks space when records change their sizes, to nine times what lives after
   twenty updates of each.  Therefore a record keeps its slot while it fits and the
   slot is not far too large, and new slots come in classes: multiples of 32, for
   large ones of an eighth to a sixteenth of the size.  What leaks nonetheless is won
   back by rebuilding the file (checkpoint.c).

   Rule 9: GDBM checks nothing and gives a flipped bit back as data.  */

#include <config.h>

#include "stored.h"

#include <stdlib.h>
#include <string.h>

#include "crc32c.h"
#include "layout.h"

static const char meta[] = "meta";
enum { META_SIZE = 4, TRAILER = 8 };

/* --------------------------------------------------------------------- keys */

bool hobi_stored_is_meta(hobi_bytes stored) {
    return stored.size == META_SIZE && memcmp(stored.data, meta, META_SIZE) == 0;
}

static bool needs_escape(hobi_bytes key) {
    return key.size >= META_SIZE && memcmp(key.data, meta, META_SIZE) == 0;
}

bool hobi_stored_key(hobi_bytes key, hobi_bytes *stored, void **escaped) {
    *escaped = NULL;
    *stored = key;
    if (!needs_escape(key)) {
        return true;
    }
    char *copy = malloc(key.size + 1);
    if (!copy) {
        return false;
    }
    memcpy(copy, meta, META_SIZE);
    copy[META_SIZE] = '!';
    memcpy(copy + META_SIZE + 1, (const char *)key.data + META_SIZE,
           key.size - META_SIZE);
    *escaped = copy;
    *stored = (hobi_bytes){copy, key.size + 1};
    return true;
}

size_t hobi_stored_plain_key(char *stored, size_t size) {
    if (size <= META_SIZE || !needs_escape((hobi_bytes){stored, size})) {
        return size;
    }
    memmove(stored + META_SIZE, stored + META_SIZE + 1, size - META_SIZE - 1);
    return size - 1;
}

/* The hash by which GDBM spreads keys over its directory: records applied in its
   order share the pages that they change.  */
enum { HASH_MASK = 0x7fffffff };

static uint32_t hash_begin(size_t size) {
    return 0x238f13afu * (uint32_t)size;
}

static uint32_t hash_add(uint32_t hash, size_t i, unsigned char byte) {
    return (hash + ((uint32_t)byte << (i * 5 % 24))) & HASH_MASK;
}

static uint32_t hash_end(uint32_t hash) {
    return (1103515243u * hash + 12345u) & HASH_MASK;
}

uint32_t hobi_stored_order_of_file(const char *stored, size_t size) {
    uint32_t hash = hash_begin(size);
    for (size_t i = 0; i < size; i++) {
        hash = hash_add(hash, i, (unsigned char)stored[i]);
    }
    return hash_end(hash);
}

uint32_t hobi_stored_order(hobi_bytes key) {
    if (!needs_escape(key)) {
        return hobi_stored_order_of_file(key.data, key.size);
    }
    const unsigned char *bytes = key.data;
    uint32_t hash = hash_begin(key.size + 1);
    for (size_t i = 0; i <= key.size; i++) {
        unsigned char mark = '!';
        hash = hash_add(hash, i,
                        i < META_SIZE    ? bytes[i]
                        : i == META_SIZE ? mark
                                         : bytes[i - 1]);
    }
    return hash_end(hash);
}

/* -------------------------------------------------------------------- slots */

size_t hobi_stored_slot(size_t size, size_t old) {
    enum { LEAST = 32, TOO_LARGE = 4 };
    size_t need = size + TRAILER, step = LEAST;
    while (step * 16 <= need) {
        step *= 2;
    }
    size_t slot = (size_t)hobi_round_up(need, step);
    return old >= need && old <= slot * TOO_LARGE ? old : slot;
}

uint32_t hobi_stored_check(hobi_bytes key, hobi_bytes value) {
    unsigned char size[4];
    hobi_put32(size, (uint32_t)value.size);
    uint32_t crc = hobi_crc32c(0, key.data, key.size);
    crc = hobi_crc32c(crc, value.data, value.size);
    return hobi_crc32c(crc, size, sizeof size);
}

uint32_t hobi_stored_write(char *slot, size_t slot_size, hobi_bytes key,
                           hobi_bytes value) {
    uint32_t check = hobi_stored_check(key, value);
    if (value.size) {
        memcpy(slot, value.data, value.size);
    }
    memset(slot + value.size, 0, slot_size - TRAILER - value.size);
    hobi_put32(slot + slot_size - 8, (uint32_t)value.size);
    hobi_put32(slot + slot_size - 4, check);
    return check;
}

bool hobi_stored_read(hobi_bytes slot, hobi_bytes key, hobi_bytes *value,
                      uint32_t *check) {
    if (slot.size < TRAILER) {
        return false;
    }
    size_t room = slot.size - TRAILER;
    const char *trailer = (const char *)slot.data + room;
    *value = (hobi_bytes){slot.data, hobi_get32(trailer)};
    *check = hobi_get32(trailer + 4);
    return value->size <= room && *check == hobi_stored_check(key, *value);
}

uint64_t hobi_stored_hash(uint32_t check, size_t key_size, size_t value_size) {
    uint64_t x = (uint64_t)check << 32 ^ (uint64_t)key_size << 24 ^ value_size;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}
