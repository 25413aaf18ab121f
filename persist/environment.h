/* environment.h -- which kind a name in a store means.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef HOBI_ENVIRONMENT_H
#define HOBI_ENVIRONMENT_H

#include "hob-persist.h"

typedef struct hobi_entry {
    hob_value name;
    const hob_kind *kind; /* of C, or NULL */
    const void *spec;     /* of the host, or NULL */
} hobi_entry;

/* Sorted by name.  */
struct hob_environment {
    hobi_entry *entries;
    size_t count, capacity;
};

const hobi_entry *hobi_environment_find(const hob_environment *environment,
                                        hob_value name);
const hobi_entry *hobi_environment_find_kind(const hob_environment *environment,
                                             const hob_kind *kind);

#endif
