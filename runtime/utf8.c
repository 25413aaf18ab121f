/* utf8.c -- what is UTF-8 and what is not.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The check runs over every string that is made or decoded, and nearly all text
   is ASCII: hence the eight bytes at a time.  For the rest, the first byte tells
   the width and the range of the second byte; the range is what keeps out
   overlong forms, surrogates and what lies above U+10FFFF (Unicode, table 3-7).  */

#include <config.h>

#include <string.h>

#include "utf8.h"

static size_t ascii_span(const char *text, size_t length) {
    size_t at = 0;
    for (uint64_t word; length - at >= sizeof word; at += sizeof word) {
        memcpy(&word, text + at, sizeof word);
        if (word & UINT64_C(0x8080808080808080)) {
            break;
        }
    }
    while (at < length && (unsigned char)text[at] < 0x80) {
        at++;
    }
    return at;
}

struct shape {
    size_t width;
    unsigned char low, high; /* of the second byte */
};

static struct shape shape_of(unsigned char first) {
    switch (first) {
    case 0xc2 ... 0xdf:
        return (struct shape){2, 0x80, 0xbf};
    case 0xe0:
        return (struct shape){3, 0xa0, 0xbf};
    case 0xed:
        return (struct shape){3, 0x80, 0x9f};
    case 0xe1 ... 0xec:
    case 0xee ... 0xef:
        return (struct shape){3, 0x80, 0xbf};
    case 0xf0:
        return (struct shape){4, 0x90, 0xbf};
    case 0xf1 ... 0xf3:
        return (struct shape){4, 0x80, 0xbf};
    case 0xf4:
        return (struct shape){4, 0x80, 0x8f};
    default:
        return (struct shape){0, 0, 0};
    }
}

/* How many bytes the character at TEXT has; 0 if it is none.  */
static size_t width_of(const unsigned char *text, size_t length) {
    struct shape shape = shape_of(text[0]);
    if (shape.width == 0 || shape.width > length || text[1] < shape.low ||
        text[1] > shape.high) {
        return 0;
    }
    for (size_t i = 2; i < shape.width; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return shape.width;
}

size_t hobi_utf8_span(const char *text, size_t length) {
    size_t at = ascii_span(text, length);
    while (at < length) {
        size_t width = width_of((const unsigned char *)text + at, length - at);
        if (width == 0) {
            break;
        }
        at += width;
        at += ascii_span(text + at, length - at);
    }
    return at;
}

uint32_t hobi_utf8_read(const char *text, size_t *width) {
    const unsigned char *t = (const unsigned char *)text;
    if (t[0] < 0x80) {
        *width = 1;
        return t[0];
    }
    *width = shape_of(t[0]).width;
    uint32_t scalar = t[0] & (0x7fu >> *width);
    for (size_t i = 1; i < *width; i++) {
        scalar = scalar << 6 | (t[i] & 0x3fu);
    }
    return scalar;
}

size_t hobi_utf8_write(uint32_t scalar, char *text) {
    if (scalar < 0x80) {
        text[0] = (char)scalar;
        return 1;
    }
    size_t width = scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4;
    for (size_t i = width - 1; i > 0; i--) {
        text[i] = (char)(0x80 | (scalar & 0x3f));
        scalar >>= 6;
    }
    text[0] = (char)((0xf00u >> width) | scalar);
    return width;
}
