/* kinds.h -- how many objects of which kind and version a vat has stored.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef HOBI_KINDS_H
#define HOBI_KINDS_H

#include "environment.h"

typedef struct hobi_kind_count {
    hob_value name, version;
    int64_t count;
} hobi_kind_count;

typedef struct hobi_kinds {
    hobi_kind_count *items;
    size_t count, capacity;
} hobi_kinds;

/* DELTA more objects of NAME and VERSION.  ENOMEM.  */
int hobi_kinds_add(hobi_kinds *kinds, hob_value name, hob_value version, int64_t delta);
/* Add all of MORE.  */
int hobi_kinds_merge(hobi_kinds *kinds, const hobi_kinds *more);
/* As a list of (name version count), and back; EDAMAGED.  */
hob_value hobi_kinds_to_value(const hobi_kinds *kinds);
int hobi_kinds_from_value(hobi_kinds *kinds, hob_value value);
/* ENOTFOUND or EVERSION, with all that ENVIRONMENT cannot restore (rule 5) in the
   message and, as a list of (name version count), in the problem.  */
int hobi_kinds_check(const hobi_kinds *kinds, const hob_environment *environment,
                     const char *where, hob_error *error);

#endif
