/* memory.c -- the one way to memory of the collector.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A thin layer over libgc.  It exists so that one build (HOB_TORTURE) can fail
   the n-th allocation and collect at each, which is how the tests reach the
   branches that handle a NULL; they keep rule 4 (a failed save changes nothing)
   and rule 10 (nothing aborts) where memory is out.

   Guile tells the collector not to honour pointers into the middle of an object
   when they stand in the heap.  So whoever keeps something from here in another
   object keeps the pointer that was given out, and no other.  */

#include <config.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#ifndef GC_THREADS
#define GC_THREADS 1
#endif
#include <gc/gc.h>

#include "format.h"

#ifdef HOB_TORTURE

#include <stdatomic.h>

/* The one piece of state outside a runtime: it exists in the test build only.  */
static atomic_ulong allocations;
static atomic_ulong failing;
static atomic_bool collecting;

unsigned long hobi_torture(unsigned long n, bool collect) {
    failing = n;
    collecting = collect;
    return atomic_exchange(&allocations, 0);
}

static bool refused(void) {
    unsigned long number = atomic_fetch_add(&allocations, 1) + 1;
    if (collecting) {
        GC_gcollect();
    }
    return number == failing;
}

#else

static inline bool refused(void) {
    return false;
}

#endif

void *hobi_alloc(size_t size) {
    return refused() ? NULL : GC_malloc(size);
}

void *hobi_alloc_atomic(size_t size) {
    return refused() ? NULL : GC_malloc_atomic(size);
}

char *hobi_copy_text(const char *text, size_t length) {
    char *copy = length < SIZE_MAX ? hobi_alloc_atomic(length + 1) : NULL;
    if (!copy) {
        return NULL;
    }
    if (length) {
        memcpy(copy, text, length);
    }
    copy[length] = '\0';
    return copy;
}

/* Work stacks become large and are held by their first byte; a false pointer
   somewhere into the middle of one shall not keep it.  */
static void *alloc_array(size_t size) {
    enum { LARGE = 100000 };
    if (size < LARGE) {
        return hobi_alloc(size);
    }
    return refused() ? NULL : GC_malloc_ignore_off_page(size);
}

void *hobi_grow(const void *array, size_t *capacity, size_t need, size_t item_size) {
    enum { LEAST = 8 };
    size_t old = *capacity;
    size_t wanted = old < SIZE_MAX / 2 ? old * 2 : SIZE_MAX;
    wanted = wanted < need ? need : wanted;
    wanted = wanted < LEAST ? LEAST : wanted;
    if (wanted > SIZE_MAX / item_size) {
        return NULL;
    }
    void *grown = alloc_array(wanted * item_size);
    if (grown) {
        if (old) {
            memcpy(grown, array, old * item_size);
        }
        *capacity = wanted;
    }
    return grown;
}

char *hobi_format_args(const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    char *text = length < 0 ? NULL : hobi_alloc_atomic((size_t)length + 1);
    if (text) {
        vsnprintf(text, (size_t)length + 1, format, again);
    }
    va_end(again);
    return text;
}

char *hobi_format(const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = hobi_format_args(format, args);
    va_end(args);
    return text;
}
