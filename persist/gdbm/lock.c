/* lock.c -- who owns a store.
   SPDX-License-Identifier: LGPL-3.0-or-later

   STORE/LOCK is held by flock, so that it is free again whenever its owner is
   gone, however it went.  Its text says who wrote last:

     pid=4711 host=name program=name since=2025-01-31T12:00:00Z

   Nobody trusts the text; it is there for the sentence that a second opener gets.
   Readers hold the lock shared and write nothing.  Two owners at a time would each
   append to the journal where the other does: every rule below 5 would fall.  */

#include <config.h>

#include "lock.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char name[] = "LOCK";

static void program_name(char *text, int size) {
    FILE *file = fopen("/proc/self/comm", "re");
    if (!file || !fgets(text, size, file)) {
        snprintf(text, (size_t)size, "?");
    }
    text[strcspn(text, "\n")] = '\0';
    if (file) {
        fclose(file);
    }
}

static int write_owner(const struct hobi_disk *disk, const struct hobi_file *lock,
                       struct hobi_failure *failure) {
    char host[65] = "?", program[33], since[32], text[200];
    gethostname(host, sizeof host - 1);
    program_name(program, sizeof program);
    time_t now = time(NULL);
    struct tm parts;
    strftime(since, sizeof since, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &parts));
    int n = snprintf(text, sizeof text, "pid=%ld host=%s program=%s since=%s\n",
                     (long)getpid(), host, program, since);
    int rc = hobi_disk_truncate(disk, lock, 0, failure);
    return rc ? rc : hobi_disk_write(disk, lock, text, (size_t)n, 0, failure);
}

static int say_busy(const struct hobi_disk *disk, const struct hobi_file *lock,
                    struct hobi_failure *failure) {
    char text[200];
    size_t got = 0;
    struct hobi_failure ignored;
    hobi_disk_read(disk, lock, text, sizeof text - 1, 0, &got, &ignored);
    text[got] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return hobi_fail(failure, HOB_EBUSY, "the store is in use: %s",
                     *text ? text : "the owner left no name");
}

int hobi_lock_take(const struct hobi_disk *disk, bool shared, struct hobi_file *lock,
                   struct hobi_failure *failure) {
    int flags = shared ? O_RDONLY : O_RDWR | O_CREAT;
    int rc = hobi_disk_open(disk, name, flags, lock, failure);
    if (rc == HOB_ENOTFOUND && shared) {
        return 0; /* on a medium that nobody can write, a copy may lack it */
    }
    if (rc) {
        return rc;
    }
    rc = hobi_disk_lock(disk, lock, shared, failure);
    if (rc == HOB_EBUSY) {
        rc = say_busy(disk, lock, failure);
    } else if (!rc && !shared) {
        rc = write_owner(disk, lock, failure);
    }
    if (rc) {
        hobi_disk_close(lock);
    }
    return rc;
}
