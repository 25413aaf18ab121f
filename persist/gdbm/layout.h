/* layout.h -- how numbers lie in the files: little-endian, at any address.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef HOBI_LAYOUT_H
#define HOBI_LAYOUT_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

enum { HOBI_BLOCK = 4096, HOBI_STORE_ID_SIZE = 16, HOBI_FORMAT = 1 };

static inline void hobi_put32(void *to, uint32_t number) {
    number = htole32(number);
    memcpy(to, &number, sizeof number);
}
static inline void hobi_put64(void *to, uint64_t number) {
    number = htole64(number);
    memcpy(to, &number, sizeof number);
}
static inline uint32_t hobi_get32(const void *from) {
    uint32_t number;
    memcpy(&number, from, sizeof number);
    return le32toh(number);
}
static inline uint64_t hobi_get64(const void *from) {
    uint64_t number;
    memcpy(&number, from, sizeof number);
    return le64toh(number);
}

/* NUMBER, or the next multiple of STEP, a power of two, above it.  */
static inline uint64_t hobi_round_up(uint64_t number, uint64_t step) {
    return (number + step - 1) & ~(step - 1);
}

#endif
