/* disk.c -- the one way to the files of a store.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Thin: each function is one system call, begun again when a signal broke it, and
   a sentence when it failed.  That all of them are here keeps rule 10 testable:
   whatever the system can refuse, the test layer (disk.h) can refuse too.

   A failed sync is given back, never tried again: the kernel may have dropped the
   page that it could not write, and a second sync would call it safe.  */

#include <config.h>

#include "disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int fault(const struct hobi_disk *disk, enum hobi_disk_operation operation,
                 const char *name, size_t *size) {
    if (!disk->faults) {
        return 0;
    }
    size_t none = 0;
    return disk->faults->before(disk->faults->data, operation, name,
                                size ? size : &none);
}

int hobi_disk_ask(const struct hobi_disk *disk, enum hobi_disk_operation operation,
                  const char *name, struct hobi_failure *failure) {
    int error = fault(disk, operation, name, NULL);
    return error ? hobi_fail_system(failure, "using", name, error) : 0;
}

int hobi_disk_open(const struct hobi_disk *disk, const char *name, int flags,
                   struct hobi_file *file, struct hobi_failure *failure) {
    *file = (struct hobi_file){.fd = -1};
    snprintf(file->name, sizeof file->name, "%s", name);
    int error = fault(disk, HOB_DISK_OPEN, name, NULL);
    if (!error) {
        do {
            file->fd = openat(disk->folder, name, flags | O_CLOEXEC, 0600);
        } while (file->fd < 0 && errno == EINTR);
        error = errno;
    }
    if (file->fd >= 0) {
        return 0;
    }
    hobi_fail_system(failure, "opening", name, error);
    return error == ENOENT ? failure->code = HOB_ENOTFOUND : failure->code;
}

void hobi_disk_close(struct hobi_file *file) {
    if (file->fd >= 0) {
        close(file->fd);
        file->fd = -1;
    }
}

bool hobi_disk_exists(const struct hobi_disk *disk, const char *name) {
    return faccessat(disk->folder, name, F_OK, 0) == 0;
}

int hobi_disk_list(const struct hobi_disk *disk,
                   int (*visit)(void *data, const char *name,
                                struct hobi_failure *failure),
                   void *data, struct hobi_failure *failure) {
    int fd = openat(disk->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (!folder) {
        int error = errno;
        if (fd >= 0) {
            close(fd);
        }
        return hobi_fail_system(failure, "listing", "the folder", error);
    }
    int rc = 0;
    const struct dirent *entry;
    // cppcheck-suppress readdirCalled ; no other thread has this DIR
    while (!rc && (errno = 0, entry = readdir(folder))) {
        rc = visit(data, entry->d_name, failure);
    }
    if (!rc && errno) {
        rc = hobi_fail_system(failure, "listing", "the folder", errno);
    }
    closedir(folder);
    return rc;
}

int hobi_disk_size(const struct hobi_file *file, uint64_t *size,
                   struct hobi_failure *failure) {
    struct stat status;
    if (fstat(file->fd, &status) < 0) {
        return hobi_fail_system(failure, "looking at", file->name, errno);
    }
    *size = (uint64_t)status.st_size;
    return 0;
}

int hobi_disk_read(const struct hobi_disk *disk, const struct hobi_file *file,
                   void *bytes, size_t size, uint64_t offset, size_t *got,
                   struct hobi_failure *failure) {
    int error = fault(disk, HOB_DISK_READ, file->name, NULL);
    char *at = bytes;
    *got = 0;
    while (!error && *got < size) {
        ssize_t n = pread(file->fd, at + *got, size - *got, (off_t)(offset + *got));
        if (n == 0) {
            break;
        }
        if (n > 0) {
            *got += (size_t)n;
        } else if (errno != EINTR) {
            error = errno;
        }
    }
    return error ? hobi_fail_system(failure, "reading", file->name, error) : 0;
}

static int write_all(int fd, const char *bytes, size_t size, uint64_t offset) {
    for (size_t done = 0; done < size;) {
        ssize_t n = pwrite(fd, bytes + done, size - done, (off_t)(offset + done));
        if (n >= 0) {
            done += (size_t)n;
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

int hobi_disk_write(const struct hobi_disk *disk, const struct hobi_file *file,
                    const void *bytes, size_t size, uint64_t offset,
                    struct hobi_failure *failure) {
    size_t allowed = size;
    int refused = fault(disk, HOB_DISK_WRITE, file->name, &allowed);
    if (!refused) {
        allowed = size;
    } else if (allowed >= size) {
        allowed = 0;
    }
    int error = write_all(file->fd, bytes, allowed, offset);
    error = refused ? refused : error;
    return error ? hobi_fail_system(failure, "writing", file->name, error) : 0;
}

int hobi_disk_fill(const struct hobi_disk *disk, const struct hobi_file *file,
                   uint64_t from, uint64_t to, struct hobi_failure *failure) {
    enum { PIECE = 1 << 18 };
    void *zeros = calloc(1, PIECE);
    if (!zeros) {
        return hobi_fail(failure, HOB_ENOMEM, "no memory to fill %s", file->name);
    }
    int rc = 0;
    while (!rc && from < to) {
        size_t size = to - from < PIECE ? (size_t)(to - from) : PIECE;
        rc = hobi_disk_write(disk, file, zeros, size, from, failure);
        from += size;
    }
    free(zeros);
    return rc;
}

int hobi_disk_sync(const struct hobi_disk *disk, const struct hobi_file *file,
                   struct hobi_failure *failure) {
    int error = fault(disk, HOB_DISK_SYNC, file->name, NULL);
    if (!error && fdatasync(file->fd) < 0) {
        error = errno;
    }
    return error ? hobi_fail_system(failure, "syncing", file->name, error) : 0;
}

int hobi_disk_sync_folder(const struct hobi_disk *disk, struct hobi_failure *failure) {
    int error = fault(disk, HOB_DISK_SYNC_FOLDER, ".", NULL);
    if (!error && fsync(disk->folder) < 0) {
        error = errno;
    }
    return error ? hobi_fail_system(failure, "syncing", "the folder", error) : 0;
}

int hobi_disk_rename(const struct hobi_disk *disk, const char *from, const char *to,
                     struct hobi_failure *failure) {
    int error = fault(disk, HOB_DISK_RENAME, from, NULL);
    if (!error && renameat(disk->folder, from, disk->folder, to) < 0) {
        error = errno;
    }
    return error ? hobi_fail_system(failure, "renaming", from, error) : 0;
}

int hobi_disk_remove(const struct hobi_disk *disk, const char *name,
                     struct hobi_failure *failure) {
    int error = fault(disk, HOB_DISK_REMOVE, name, NULL);
    if (!error && unlinkat(disk->folder, name, 0) < 0 && errno != ENOENT) {
        error = errno;
    }
    return error ? hobi_fail_system(failure, "removing", name, error) : 0;
}

int hobi_disk_truncate(const struct hobi_disk *disk, const struct hobi_file *file,
                       uint64_t size, struct hobi_failure *failure) {
    int error = fault(disk, HOB_DISK_TRUNCATE, file->name, NULL);
    if (!error && ftruncate(file->fd, (off_t)size) < 0) {
        error = errno;
    }
    return error ? hobi_fail_system(failure, "truncating", file->name, error) : 0;
}

int hobi_disk_lock(const struct hobi_disk *disk, const struct hobi_file *file,
                   bool shared, struct hobi_failure *failure) {
    int error = fault(disk, HOB_DISK_LOCK, file->name, NULL);
    if (!error && flock(file->fd, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) < 0) {
        error = errno;
    }
    if (error == EWOULDBLOCK) {
        return hobi_fail(failure, HOB_EBUSY, "%s is locked", file->name);
    }
    return error ? hobi_fail_system(failure, "locking", file->name, error) : 0;
}
