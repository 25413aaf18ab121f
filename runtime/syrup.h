/* syrup.h -- what the encoder and the decoder agree on.
   SPDX-License-Identifier: LGPL-3.0-or-later

   syrup.c has the format.  */

#ifndef HOBI_SYRUP_H
#define HOBI_SYRUP_H

#include "value.h"

/* Map keys and set members may stand in each other this deep.  Both are sorted by
   their encoding, so each such level moves what is inside it once more; without a
   bound a small message could cost the square of its size (rule 8).  */
enum { HOBI_SYRUP_KEY_DEPTH = 256 };

static inline size_t hobi_syrup_max_depth(const hob_syrup_context *context) {
    return context && context->max_depth ? context->max_depth : HOB_SYRUP_DEPTH;
}

static inline size_t hobi_syrup_max_size(const hob_syrup_context *context) {
    return context && context->max_size ? context->max_size : SIZE_MAX;
}

/* The value of a record.  ITEMS are its label and then its fields, COUNT in all;
   OFFSET is where it stands, for the error.  */
int hobi_syrup_read_record(const hob_syrup_context *context, size_t offset,
                           size_t count, const hob_value *items, hob_value *value,
                           hob_error *error);

#endif
