/* buffer.h -- bytes that grow at their end.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The hob_buffer of hob.h.  Where a buffer has room, writing costs no call: the
   encoder stands on the way of each message between vats and of each save.  */

#ifndef HOBI_BUFFER_H
#define HOBI_BUFFER_H

#include <string.h>

#include "memory.h"

/* Room for MORE bytes behind the SIZE that are there, or HOB_ENOMEM with BUFFER as
   it was.  Call hobi_buffer_reserve.  */
HOBI_API int hobi_buffer_enlarge(hob_buffer *buffer, size_t more);

static inline int hobi_buffer_reserve(hob_buffer *buffer, size_t more) {
    return buffer->capacity - buffer->size >= more ? HOB_OK
                                                   : hobi_buffer_enlarge(buffer, more);
}

static inline int hobi_buffer_append(hob_buffer *buffer, const void *bytes,
                                     size_t count) {
    if (hobi_buffer_reserve(buffer, count)) {
        return HOB_ENOMEM;
    }
    if (count) {
        memcpy(buffer->data + buffer->size, bytes, count);
        buffer->size += count;
    }
    return HOB_OK;
}

static inline int hobi_buffer_append_text(hob_buffer *buffer, const char *text) {
    return hobi_buffer_append(buffer, text, strlen(text));
}

enum { HOBI_DECIMAL_WIDTH = 20 }; /* digits of UINT64_MAX */

/* Writes NUMBER in decimal; the caller has reserved HOBI_DECIMAL_WIDTH bytes.  */
static inline void hobi_buffer_put_decimal(hob_buffer *buffer, uint64_t number) {
    unsigned char digits[HOBI_DECIMAL_WIDTH];
    size_t first = HOBI_DECIMAL_WIDTH;
    do {
        digits[--first] = (unsigned char)('0' + number % 10);
        number /= 10;
    } while (number);
    memcpy(buffer->data + buffer->size, digits + first, HOBI_DECIMAL_WIDTH - first);
    buffer->size += HOBI_DECIMAL_WIDTH - first;
}

#endif
