/* hob.c -- the command: what is in a store, without the program that wrote it.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Each subcommand opens a store for reading only and writes nothing to it, so that it
   can be used on a store that may be damaged, on a backup and on a medium that cannot
   be written.  It runs no code of any kind of object and needs no environment.

   Exit status: 0 good; 1 damage was found; 2 usage, or the store cannot be read.  */

#include <config.h>

#include "command.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <string.h>

static const struct subcommand *const subcommands[] = {&info_command, &verify_command,
                                                       &dump_command};

enum { SUBCOMMANDS = sizeof subcommands / sizeof *subcommands };

static void complain_with(const struct subcommand *sub, const char *format,
                          va_list list) {
    fprintf(stderr, sub != NULL ? "hob %s: " : "hob: ", sub != NULL ? sub->name : "");
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
}

int complain(const struct subcommand *sub, const char *format, ...) {
    va_list list;
    va_start(list, format);
    complain_with(sub, format, list);
    va_end(list);
    return FAILED;
}

int complain_of_use(const struct subcommand *sub, const char *format, ...) {
    va_list list;
    va_start(list, format);
    complain_with(sub, format, list);
    va_end(list);
    fprintf(stderr, "Try: hob%s%s --help\n", sub != NULL ? " " : "",
            sub != NULL ? sub->name : "");
    return FAILED;
}

void print_help(const struct subcommand *sub) {
    printf("Usage: hob %s %s\n\n%s.\n\n%s", sub->name, sub->arguments, sub->summary,
           sub->help);
}

int open_store(const struct subcommand *sub, const char *path, bool verify,
               hob_store **store, hob_error *error) {
    const hob_store_options options = {.read_only = true, .verify = verify};
    int code = hob_gdbm_store(path, &options, store, error);
    if (code == HOB_OK)
        return GOOD;
    if (code == HOB_EDAMAGED)
        return DAMAGED;
    complain(sub, "%s", error->message);
    if (code == HOB_EBUSY)
        fputs("A store that a program has open cannot be looked into, not even for "
              "reading: end that program first, or look at a copy made while nobody "
              "had it open.\n",
              stderr);
    return FAILED;
}

static int help(void) {
    puts("Usage: hob SUBCOMMAND [OPTION...] STORE ...\n\n"
         "Look into a store of persistent vats, which is a folder.\n");
    for (int i = 0; i < SUBCOMMANDS; i++)
        printf("  %-8s%s\n", subcommands[i]->name, subcommands[i]->summary);
    puts("\n  hob SUBCOMMAND --help   says more of one\n"
         "  hob --version           tells the version\n\n"
         "Nothing is ever written to the store.\n\n"
         "Exit status: 0 good; 1 damage was found; 2 usage, or the store cannot be "
         "read.");
    return GOOD;
}

static int version(void) {
    puts(PACKAGE_STRING);
    return GOOD;
}

static int run(int argc, char **argv) {
    if (argc < 2)
        return complain_of_use(NULL, "which subcommand?");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return help();
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
        return version();
    for (int i = 0; i < SUBCOMMANDS; i++)
        if (strcmp(argv[1], subcommands[i]->name) == 0)
            return subcommands[i]->run(argc - 1, argv + 1);
    return complain_of_use(NULL, "there is no subcommand %s", argv[1]);
}

int main(int argc, char **argv) {
    if (hob_thread_attach() != HOB_OK)
        return complain(NULL, "out of memory");
    opterr = 0;
    int status = run(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout))
        return complain(NULL, "cannot write the output: %s", strerror(errno));
    return status;
}
