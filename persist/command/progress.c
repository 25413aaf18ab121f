/* progress.c -- a bar on a terminal, while something takes long.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#include <config.h>

#include "progress.h"

#include <stdio.h>
#include <unistd.h>

enum { WIDTH = 40 };

void progress_begin(struct progress *progress, const char *what, uint64_t total) {
    progress_clear(progress);
    *progress = (struct progress){
        .what = what, .total = total, .silent = total == 0 || !isatty(STDERR_FILENO)};
}

static void draw(const struct progress *progress) {
    char bar[WIDTH + 1];
    int full = progress->shown * WIDTH / 100;
    for (int i = 0; i < WIDTH; i++)
        bar[i] = i < full ? '#' : ' ';
    bar[WIDTH] = '\0';
    fprintf(stderr, "\r%s [%s] %3d%%", progress->what, bar, progress->shown);
}

void progress_step(struct progress *progress) {
    progress->done++;
    if (progress->silent)
        return;
    uint64_t percent = progress->done * 100 / progress->total;
    int now = percent > 100 ? 100 : (int)percent;
    if (now == progress->shown)
        return;
    progress->shown = now;
    draw(progress);
}

void progress_clear(struct progress *progress) {
    if (progress->shown > 0)
        fputs("\r\033[K", stderr);
    progress->shown = 0;
}
