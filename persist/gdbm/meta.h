/* meta.h -- what a GDBM file of a store says of itself.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef HOBI_META_H
#define HOBI_META_H

#include "layout.h"
#include "store.h"

struct hobi_meta {
    unsigned char id[HOBI_STORE_ID_SIZE];
    uint64_t lsn;      /* complete up to here */
    uint64_t updating; /* not 0: being brought to this LSN, so complete at none */
    uint64_t count;    /* records */
    uint64_t live;     /* bytes of their keys and values */
    uint64_t sum;      /* of the hashes of all records, modulo 2^64 */
};

enum { HOBI_META_SIZE = 300 }; /* no text is longer */

/* As text; how many bytes, without the zero byte at its end.  */
int hobi_meta_print(const struct hobi_meta *meta, char text[HOBI_META_SIZE]);
/* False: TEXT is not what hobi_meta_print made, to the last byte.  */
bool hobi_meta_parse(const char *text, struct hobi_meta *meta);

#endif
