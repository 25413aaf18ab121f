/* error.c -- what a code means, and how an error gets its sentence.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Every function of Hob that can fail ends in hobi_error or hobi_error_at: they
   give the code back, so that "return hobi_error (...)" is one line, and fill what
   the caller passed for the detail.  Without a place to put it nothing is
   formatted: a caller that only asks "did it work" pays for no sentence.

   They cannot fail themselves (rule 10): when memory for the sentence is out, the
   text of the code stands in for it.  */

#include <config.h>

#include <stdarg.h>

#include "format.h"

const char *hob_strerror(int code) {
    switch (code) {
#define HOB_ERROR_TEXT(name, number, text)                                             \
    case name:                                                                         \
        return text;
        HOB_ERRORS(HOB_ERROR_TEXT)
#undef HOB_ERROR_TEXT
    default:
        return "unknown error";
    }
}

static void fill_error(hob_error *error, int code, size_t offset, const char *format,
                       va_list args) {
    const char *message = hobi_format_args(format, args);
    *error = (hob_error){
        .code = code,
        .offset = offset,
        .message = message ? message : hob_strerror(code),
    };
}

int hobi_error(hob_error *error, int code, const char *format, ...) {
    if (error) {
        va_list args;
        va_start(args, format);
        fill_error(error, code, 0, format, args);
        va_end(args);
    }
    return code;
}

int hobi_error_at(hob_error *error, int code, size_t offset, const char *format, ...) {
    if (error) {
        va_list args;
        va_start(args, format);
        fill_error(error, code, offset, format, args);
        va_end(args);
    }
    return code;
}
