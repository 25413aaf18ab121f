/* utf8.h -- what is UTF-8 and what is not.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Strict: no overlong forms, no surrogates, nothing above U+10FFFF.  Text that
   passes has one form only, on which the canonical encoding rests.  */

#ifndef HOBI_UTF8_H
#define HOBI_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many bytes at the begin of TEXT are whole characters: LENGTH if all are, else
   the offset of the first that is none.  */
size_t hobi_utf8_span(const char *text, size_t length);

/* The character at TEXT, which is valid and not at its end; WIDTH: its bytes.  */
uint32_t hobi_utf8_read(const char *text, size_t *width);

/* Writes SCALAR to TEXT, which has room for 4 bytes; how many it took.  */
size_t hobi_utf8_write(uint32_t scalar, char *text);

static inline bool hobi_is_scalar(uint64_t number) {
    return number < 0xd800 || (number > 0xdfff && number <= 0x10ffff);
}

#endif
