/* sort.h -- a stable sort that needs no memory but what it is given.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Not qsort: that may sort in memory from malloc, where the collector does not
   see values, and it does not keep the order of equal items, on which "of equal
   keys the last one counts" rests.  */

#ifndef HOBI_SORT_H
#define HOBI_SORT_H

#include <stddef.h>

typedef int hobi_sort_compare(const void *a, const void *b, const void *data);

/* Sorts COUNT items of SIZE bytes.  SCRATCH has room for as many; where the items
   hold values, it is memory that the collector scans.  */
void hobi_sort(void *items, void *scratch, size_t count, size_t size,
               hobi_sort_compare *compare, const void *data);

#endif
