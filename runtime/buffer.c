/* buffer.c -- bytes that grow at their end.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A buffer doubles, so that appending stays linear, and is replaced rather than
   resized: when memory is out, the bytes that were there are there still (rule 4).
   What it holds is not scanned for pointers.  */

#include <config.h>

#include "buffer.h"

int hobi_buffer_enlarge(hob_buffer *buffer, size_t more) {
    enum { LEAST = 128 };
    if (more > SIZE_MAX / 2 - buffer->size) {
        return HOB_ENOMEM;
    }
    size_t wanted = buffer->size + more;
    wanted = wanted < buffer->capacity * 2 ? buffer->capacity * 2 : wanted;
    wanted = wanted < LEAST ? LEAST : wanted;
    unsigned char *data = hobi_alloc_atomic(wanted);
    if (!data) {
        return HOB_ENOMEM;
    }
    if (buffer->size) {
        memcpy(data, buffer->data, buffer->size);
    }
    buffer->data = data;
    buffer->capacity = wanted;
    return HOB_OK;
}
