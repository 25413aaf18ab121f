/* random.c -- bytes that nobody can guess.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#include <config.h>

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "keeper.h"

int hobi_random_bytes(unsigned char *bytes, size_t size, hob_error *error) {
    if (getentropy(bytes, size) == 0)
        return HOB_OK;
    return hobi_error(error, HOB_EIO, "no random bytes for the id of a vat: %s",
                      strerror(errno));
}
