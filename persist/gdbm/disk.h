/* disk.h -- the one way to the files of a store.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Every open, read, write, sync, rename, truncate, removal and lock of the engine
   goes through here, and every call into GDBM that reads or writes asks
   hobi_disk_ask first.  So a test can put a layer below a store that refuses the
   n-th operation, or cuts a write short, and see whether the store holds.

   All functions give 0 or fill FAILURE, which names the file.  */

#ifndef HOBI_DISK_H
#define HOBI_DISK_H

#include "failure.h"

enum hobi_disk_operation {
    HOB_DISK_OPEN,
    HOB_DISK_READ,
    HOB_DISK_WRITE,
    HOB_DISK_SYNC,
    HOB_DISK_SYNC_FOLDER,
    HOB_DISK_RENAME,
    HOB_DISK_REMOVE,
    HOB_DISK_TRUNCATE,
    HOB_DISK_LOCK,
    HOB_DISK_TABLE_READ, /* the last three are GDBM's */
    HOB_DISK_TABLE_WRITE,
    HOB_DISK_TABLE_SYNC
};

/* BEFORE is asked before each operation, by any thread; what it gives, if not 0,
   is the errno with which the operation fails.  It may lessen SIZE of a write that
   it lets fail: that much is written before.  */
struct hobi_disk_faults {
    int (*before)(void *data, enum hobi_disk_operation operation, const char *name,
                  size_t *size);
    void *data;
};

/* The folder of a store.  */
struct hobi_disk {
    int folder;
    const struct hobi_disk_faults *faults; /* NULL outside tests */
};

struct hobi_file {
    int fd; /* -1: not open */
    char name[24];
};

int hobi_disk_open(const struct hobi_disk *disk, const char *name, int flags,
                   struct hobi_file *file, struct hobi_failure *failure);
void hobi_disk_close(struct hobi_file *file);
/* Visit the name of each file in the folder.  */
int hobi_disk_list(const struct hobi_disk *disk,
                   int (*visit)(void *data, const char *name,
                                struct hobi_failure *failure),
                   void *data, struct hobi_failure *failure);
bool hobi_disk_exists(const struct hobi_disk *disk, const char *name);
int hobi_disk_size(const struct hobi_file *file, uint64_t *size,
                   struct hobi_failure *failure);
/* GOT is less than SIZE only at the end of the file.  */
int hobi_disk_read(const struct hobi_disk *disk, const struct hobi_file *file,
                   void *bytes, size_t size, uint64_t offset, size_t *got,
                   struct hobi_failure *failure);
int hobi_disk_write(const struct hobi_disk *disk, const struct hobi_file *file,
                    const void *bytes, size_t size, uint64_t offset,
                    struct hobi_failure *failure);
/* Really written zeros from the byte FROM up to the byte TO: a later sync of these
   blocks then carries no change of the file's layout with it.  */
int hobi_disk_fill(const struct hobi_disk *disk, const struct hobi_file *file,
                   uint64_t from, uint64_t to, struct hobi_failure *failure);
int hobi_disk_sync(const struct hobi_disk *disk, const struct hobi_file *file,
                   struct hobi_failure *failure);
int hobi_disk_sync_folder(const struct hobi_disk *disk, struct hobi_failure *failure);
int hobi_disk_rename(const struct hobi_disk *disk, const char *from, const char *to,
                     struct hobi_failure *failure);
/* It is no failure when there is no such file.  */
int hobi_disk_remove(const struct hobi_disk *disk, const char *name,
                     struct hobi_failure *failure);
int hobi_disk_truncate(const struct hobi_disk *disk, const struct hobi_file *file,
                       uint64_t size, struct hobi_failure *failure);
/* HOB_EBUSY, with a text that the caller replaces, when somebody holds it.  */
int hobi_disk_lock(const struct hobi_disk *disk, const struct hobi_file *file,
                   bool shared, struct hobi_failure *failure);
/* Before a call into GDBM.  */
int hobi_disk_ask(const struct hobi_disk *disk, enum hobi_disk_operation operation,
                  const char *name, struct hobi_failure *failure);

#endif
