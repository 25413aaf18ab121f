/* print-plain.c -- how values print that hold no others.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Text is written so that Guile reads it back as it was: strings with \xHH for
   what does not show, symbols in #{...}# when a reader would take them
   for something else.  The test for that errs towards the braces: 1/2/3 is a symbol
   and gets them, because it looks like a number.

   Doubles print with as many digits as it takes to read the same number back, and
   with a point whatever the locale says.  */

#include <config.h>

#include "print.h"

#include <stdio.h>
#include <stdlib.h>

#include "integer.h"
#include "utf8.h"

static bool is_control(uint32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* A character of a string, escaped if it must be.  */
static int print_in_string(uint32_t c, const char *bytes, size_t width,
                           hob_buffer *text) {
    static const char letters[] = "abtnvfr"; /* U+0007 to U+000D */
    char escape[8];
    if (c == '"' || c == '\\') {
        snprintf(escape, sizeof escape, "\\%c", (char)c);
    } else if (c >= 7 && c <= 13) {
        snprintf(escape, sizeof escape, "\\%c", letters[c - 7]);
    } else if (is_control(c)) {
        snprintf(escape, sizeof escape, "\\x%02x", (unsigned)c);
    } else {
        return hobi_buffer_append(text, bytes, width);
    }
    return hobi_buffer_append_text(text, escape);
}

static int print_in_braces(uint32_t c, const char *bytes, size_t width,
                           hob_buffer *text) {
    char escape[8];
    if (c != '}' && c != '\\' && !is_control(c)) {
        return hobi_buffer_append(text, bytes, width);
    }
    snprintf(escape, sizeof escape, "\\x%x;", (unsigned)c);
    return hobi_buffer_append_text(text, escape);
}

typedef int print_character(uint32_t, const char *, size_t, hob_buffer *);

static int print_characters(hob_value value, print_character *print, size_t limit,
                            hob_buffer *text) {
    const char *at = hobi_chars(value), *end = at + value->count;
    int code = HOB_OK;
    while (!code && at < end && text->size <= limit) {
        size_t width;
        uint32_t c = hobi_utf8_read(at, &width);
        code = print(c, at, width, text);
        at += width;
    }
    return code;
}

static int print_string(hob_value value, size_t limit, hob_buffer *text) {
    if (hobi_buffer_append(text, "\"", 1) ||
        print_characters(value, print_in_string, limit, text)) {
        return HOB_ENOMEM;
    }
    return hobi_buffer_append(text, "\"", 1);
}

/* May a reader take this for a number?  */
static bool looks_numeric(const char *name) {
    if (strcmp(name, "+i") == 0 || strcmp(name, "-i") == 0) {
        return true;
    }
    if (name[0] == '+' || name[0] == '-') {
        name++;
        if (strncmp(name, "inf.0", 5) == 0 || strncmp(name, "nan.0", 5) == 0) {
            return true;
        }
    }
    size_t length = strlen(name);
    return (name[0] == '.' || (name[0] >= '0' && name[0] <= '9')) &&
           strspn(name, "0123456789+-./eEiI@") == length &&
           strpbrk(name, "0123456789") && !strchr("+-", name[length - 1]);
}

static const char delimiters[] = "()[]{}\"';`,|\\";

static bool is_odd_name(hob_value value) {
    const char *name = hobi_chars(value);
    if (value->count == 0 || name[0] == '#' || strcmp(name, ".") == 0) {
        return true;
    }
    size_t width;
    for (size_t i = 0; i < value->count; i += width) {
        uint32_t c = hobi_utf8_read(name + i, &width);
        if (c == ' ' || is_control(c) || (c < 0x80 && strchr(delimiters, (int)c))) {
            return true;
        }
    }
    return looks_numeric(name);
}

static int print_name(hob_value value, size_t limit, hob_buffer *text) {
    if (!is_odd_name(value)) {
        size_t room = limit == SIZE_MAX ? limit : limit + 1;
        size_t length = value->count < room ? value->count : room;
        return hobi_buffer_append(text, hobi_chars(value), length);
    }
    if (hobi_buffer_append(text, "#{", 2) ||
        print_characters(value, print_in_braces, limit, text)) {
        return HOB_ENOMEM;
    }
    return hobi_buffer_append(text, "}#", 2);
}

static int print_bytes(hob_value value, size_t limit, hob_buffer *text) {
    const unsigned char *bytes = (const unsigned char *)hobi_chars(value);
    int code = hobi_buffer_append_text(text, "#u8(");
    for (size_t i = 0; !code && i < value->count && text->size <= limit; i++) {
        char number[8];
        snprintf(number, sizeof number, i ? " %u" : "%u", (unsigned)bytes[i]);
        code = hobi_buffer_append_text(text, number);
    }
    return code ? code : hobi_buffer_append(text, ")", 1);
}

static int print_scalar(uint32_t c, hob_buffer *text) {
    static const struct {
        uint32_t scalar;
        const char *name;
    } named[] = {{0, "nul"},     {7, "alarm"},    {8, "backspace"},
                 {9, "tab"},     {10, "newline"}, {13, "return"},
                 {27, "escape"}, {' ', "space"},  {127, "delete"}};
    char form[16] = "#\\";
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        if (named[i].scalar == c) {
            snprintf(form, sizeof form, "#\\%s", named[i].name);
            return hobi_buffer_append_text(text, form);
        }
    }
    if (is_control(c)) {
        snprintf(form, sizeof form, "#\\x%x", (unsigned)c);
        return hobi_buffer_append_text(text, form);
    }
    return hobi_buffer_append(text, form, 2 + hobi_utf8_write(c, form + 2));
}

/* Puts a point where the locale has something else.  */
static void mend_point(char *form) {
    size_t before = strspn(form, "+-0123456789e");
    size_t other = strcspn(form + before, "+-0123456789e");
    if (other > 0) {
        form[before] = '.';
        memmove(form + before + 1, form + before + other,
                strlen(form + before + other) + 1);
    }
}

static int print_double(double number, hob_buffer *text) {
    if (number != number) {
        return hobi_buffer_append_text(text, "+nan.0");
    }
    if (number - number != 0) {
        return hobi_buffer_append_text(text, number > 0 ? "+inf.0" : "-inf.0");
    }
    char form[40];
    int digits = 15;
    do {
        snprintf(form, sizeof form, "%.*g", digits, number);
    } while (strtod(form, NULL) != number && ++digits <= 17);
    mend_point(form);
    if (!strpbrk(form, ".e")) {
        strcat(form, ".0");
    }
    return hobi_buffer_append_text(text, form);
}

static int print_integer(hob_value value, hob_buffer *text) {
    if (hobi_integer_sign(value) < 0 && hobi_buffer_append(text, "-", 1)) {
        return HOB_ENOMEM;
    }
    return hobi_integer_digits(value, text);
}

static int print_rational(hob_value value, hob_buffer *text) {
    if (print_integer(hob_numerator(value), text) || hobi_buffer_append(text, "/", 1)) {
        return HOB_ENOMEM;
    }
    return print_integer(hob_denominator(value), text);
}

static int print_refr(hob_value value, hob_buffer *text) {
    const char *form = hobi_refr_text(value);
    return form ? hobi_buffer_append_text(text, form) : HOB_ENOMEM;
}

int hobi_print_plain(hob_value value, hob_type type, size_t limit, hob_buffer *text) {
    switch (type) {
    case HOB_VOID:
        return hobi_buffer_append_text(text, "#<void>");
    case HOB_NIL:
        return hobi_buffer_append_text(text, "#<nil>");
    case HOB_BOOLEAN:
        return hobi_buffer_append_text(text, hob_truth(value) ? "#t" : "#f");
    case HOB_INTEGER:
        return print_integer(value, text);
    case HOB_RATIONAL:
        return print_rational(value, text);
    case HOB_DOUBLE:
        return print_double(hobi_double_value(value), text);
    case HOB_CHARACTER:
        return print_scalar((uint32_t)value->count, text);
    case HOB_STRING:
        return print_string(value, limit, text);
    case HOB_KEYWORD:
        if (hobi_buffer_append(text, "#:", 2)) {
            return HOB_ENOMEM;
        }
        return print_name(value, limit, text);
    case HOB_SYMBOL:
        return print_name(value, limit, text);
    case HOB_BYTES:
        return print_bytes(value, limit, text);
    case HOB_REFR:
    case HOB_PROMISE:
        return print_refr(value, text);
    default:
        return hobi_buffer_append_text(text, "#<host value>");
    }
}
