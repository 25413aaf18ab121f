/* failure.c -- what went wrong, in memory that no collector knows.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Keeps rule 10: every path by which the disk can refuse ends in one of these.
   A sentence that is too long is cut, never refused.  */

#include <config.h>

#include "failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"

int hobi_fail(struct hobi_failure *failure, int code, const char *format, ...) {
    /* The arguments may stand in FAILURE itself.  */
    char text[sizeof failure->text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    failure->code = code;
    memcpy(failure->text, text, sizeof text);
    return code;
}

int hobi_fail_system(struct hobi_failure *failure, const char *doing, const char *name,
                     int error) {
    int code = error == ENOMEM ? HOB_ENOMEM : HOB_EIO;
    return hobi_fail(failure, code, "%s %s: %s", doing, name, strerror(error));
}

int hobi_fail_tell(const struct hobi_failure *failure, hob_error *error) {
    return hobi_error(error, failure->code, "%s", failure->text);
}
