/* memory.h -- the one way to memory of the collector.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Every allocation of libhob and libhob-persist that holds or is held by values
   goes through here, so that the torture build (--enable-torture) can fail the
   n-th one and collect at each.  A NULL is an ordinary result that every caller
   handles: it undoes what it began and gives HOB_ENOMEM.  */

#ifndef HOBI_MEMORY_H
#define HOBI_MEMORY_H

#include <stddef.h>

#include "hob.h"

/* Exported to the other libraries of Hob and to the tests; no part of the API.  */
#define HOBI_API __attribute__((visibility("default")))

/* Zeroed, and scanned for pointers.  NULL when memory is out.  */
HOBI_API void *hobi_alloc(size_t size);
/* Not zeroed, not scanned: bytes and numbers only.  */
HOBI_API void *hobi_alloc_atomic(size_t size);
/* A copy of LENGTH bytes and a zero byte, not scanned.  */
HOBI_API char *hobi_copy_text(const char *text, size_t length);
/* Grow an array of ITEM_SIZE items that holds *CAPACITY to one that holds NEED at
   least; the old array stays valid.  NULL when memory is out.  */
HOBI_API void *hobi_grow(const void *array, size_t *capacity, size_t need,
                         size_t item_size);

/* printf into the collector's memory; NULL only when memory is out.  */
HOBI_API char *hobi_format(const char *format, ...) HOB_PRINTF(1, 2);

/* Fill ERROR (may be NULL) and give CODE back.  */
HOBI_API int hobi_error(hob_error *error, int code, const char *format, ...)
    HOB_PRINTF(3, 4);
/* The same with the place in the input.  */
HOBI_API int hobi_error_at(hob_error *error, int code, size_t offset,
                           const char *format, ...) HOB_PRINTF(4, 5);

#ifdef HOB_TORTURE
/* Fail the N-th allocation from now on (0: none); with COLLECT, run a full
   collection before each.  The count so far since the last call is given back.  */
HOBI_API unsigned long hobi_torture(unsigned long n, bool collect);
#endif

#endif
