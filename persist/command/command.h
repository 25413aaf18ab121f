/* command.h -- what the subcommands of hob share.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef COMMAND_H
#define COMMAND_H

#include <stdio.h>

#include "keeper.h"

/* What a process may end with.  */
enum { GOOD = 0, DAMAGED = 1, FAILED = 2 };

/* One word of the command line after "hob".  RUN gets the words from that one on.  */
struct subcommand {
    const char *name;
    const char *arguments; /* as the help shows them */
    const char *summary;   /* one line */
    const char *help;      /* what more there is to say */
    int (*run)(int argc, char **argv);
};

extern const struct subcommand info_command, verify_command, dump_command;

/* "hob SUB: ..." on stderr; FAILED.  */
int complain(const struct subcommand *sub, const char *format, ...) HOB_PRINTF(2, 3);
/* The same, and where to find help.  */
int complain_of_use(const struct subcommand *sub, const char *format, ...)
    HOB_PRINTF(2, 3);
void print_help(const struct subcommand *sub);
/* Open for reading only.  GOOD, or FAILED and it was complained of; an EDAMAGED is the
   caller's to tell: DAMAGED, and ERROR says what.  */
int open_store(const struct subcommand *sub, const char *path, bool verify,
               hob_store **store, hob_error *error);

#endif
