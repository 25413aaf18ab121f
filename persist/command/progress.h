/* progress.h -- a bar on a terminal, while something takes long.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* Begin zeroed.  */
struct progress {
    const char *what;
    uint64_t done, total;
    int shown; /* percent; 0: nothing stands there */
    bool silent;
};

/* Silent, unless stderr is a terminal.  */
void progress_begin(struct progress *progress, const char *what, uint64_t total);
void progress_step(struct progress *progress);
/* Take the bar away, before anything else is written or at the end.  */
void progress_clear(struct progress *progress);

#endif
