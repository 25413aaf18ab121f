/* encode.h -- where the encoder stands in a value.
   SPDX-License-Identifier: LGPL-3.0-or-later

   encode.c keeps these levels; encode-path.c reads from them how one gets to the
   value at fault.  */

#ifndef HOBI_ENCODE_H
#define HOBI_ENCODE_H

#include "value.h"

/* Appends VALUE, which is of TYPE and holds no other values; no refr, promise or
   host value.  0 or HOB_ENOMEM.  */
int hobi_encode_plain(hob_value value, hob_type type, hob_buffer *buffer);

/* Where in the buffer, counted from the first, a key or member was written.  */
struct hobi_encoded {
    size_t at, size;
    size_t index; /* of its entry in the map or set */
};

/* A value whose contents are being written.

   A map of several entries goes through two phases.  First its keys are written
   behind each other, as a draft; sorted, and taken back into KEYS.  Then for each
   of them the key is copied and its value written.  A set of several members is
   written as it comes and put in order at its end.  */
struct hobi_encode_level {
    hob_value value;
    size_t next;                  /* how many of its parts have been begun */
    size_t brackets;              /* open around its parts */
    size_t key_depth;             /* how many keys and members it stands in */
    size_t begin;                 /* offset in the buffer of the first key or member */
    struct hobi_encoded *entries; /* what is to be sorted, or NULL */
    unsigned char *keys;          /* of a map in its second phase, else NULL */
};

/* True when the part begun last is a map's key or a set's member.  */
static inline bool hobi_encode_in_key(const struct hobi_encode_level *level) {
    switch (hobi_node_type(level->value)) {
    case HOB_SET:
        return true;
    case HOB_MAP:
        return level->entries ? !level->keys : level->next == 1;
    default:
        return false;
    }
}

/* How one gets to the value that is being written through LEVELS, such as [2].key;
   NULL when memory is out.  */
const char *hobi_encode_path(const struct hobi_encode_level *levels, size_t depth);

#endif
