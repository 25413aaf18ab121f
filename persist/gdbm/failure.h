/* failure.h -- what went wrong, in memory that no collector knows.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The threads of the engine are unknown to the collector, so they cannot fill a
   hob_error.  Below the functions that a caller's thread entered, an error is one
   of these: a code and a sentence, copied whole.  It also lies in the engine as
   the first reason why a store has stopped.  */

#ifndef HOBI_FAILURE_H
#define HOBI_FAILURE_H

#include "hob-persist.h"

struct hobi_failure {
    int code; /* 0: none */
    char text[300];
};

/* Fill FAILURE (never NULL) and give CODE back.  */
int hobi_fail(struct hobi_failure *failure, int code, const char *format, ...)
    HOB_PRINTF(3, 4);
/* HOB_EIO: "DOING NAME: " and what the system says of ERROR, an errno.  */
int hobi_fail_system(struct hobi_failure *failure, const char *doing, const char *name,
                     int error);
/* On a caller's thread only: the same as a hob_error.  */
int hobi_fail_tell(const struct hobi_failure *failure, hob_error *error);

#endif
