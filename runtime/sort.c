/* sort.c -- a stable sort that needs no memory but what it is given.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Merge sort from below: runs of one item become runs of two, of four, and so on,
   from one array into the other and back.  It does not recurse, and never compares
   more than n log n times, whatever a peer sends (rule 8).  */

#include <config.h>

#include <stdbool.h>
#include <string.h>

#include "sort.h"

struct sorting {
    size_t count, size;
    hobi_sort_compare *compare;
    const void *data;
};

/* Merges the runs [low, middle) and [middle, high) of FROM into TO.  */
static void merge(const struct sorting *s, const char *from, char *to, size_t low,
                  size_t middle, size_t high) {
    size_t left = low, right = middle;
    for (size_t out = low; out < high; out++) {
        const char *a = from + left * s->size;
        const char *b = from + right * s->size;
        bool take_a =
            left < middle && (right == high || s->compare(a, b, s->data) <= 0);
        memcpy(to + out * s->size, take_a ? a : b, s->size);
        left += take_a;
        right += !take_a;
    }
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Merges all pairs of neighbouring runs of WIDTH.  */
static void merge_all(const struct sorting *s, const char *from, char *to,
                      size_t width) {
    for (size_t low = 0; low < s->count; low += 2 * width) {
        size_t middle = least(low + width, s->count);
        merge(s, from, to, low, middle, least(middle + width, s->count));
    }
}

void hobi_sort(void *items, void *scratch, size_t count, size_t size,
               hobi_sort_compare *compare, const void *data) {
    struct sorting s = {count, size, compare, data};
    char *from = items, *to = scratch;
    for (size_t width = 1; width < count; width *= 2) {
        merge_all(&s, from, to, width);
        char *swap = from;
        from = to;
        to = swap;
    }
    if (from != items) {
        memcpy(items, from, count * size);
    }
}
