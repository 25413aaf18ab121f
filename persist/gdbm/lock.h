/* lock.h -- who owns a store.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef HOBI_LOCK_H
#define HOBI_LOCK_H

#include "disk.h"

/* Take the lock of the store, shared for a reader.  HOB_EBUSY: the text names the
   owner.  Closing the file gives the lock back.  */
int hobi_lock_take(const struct hobi_disk *disk, bool shared, struct hobi_file *lock,
                   struct hobi_failure *failure);

#endif
