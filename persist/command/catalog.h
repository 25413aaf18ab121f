/* catalog.h -- the vats of a store, without their objects.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef CATALOG_H
#define CATALOG_H

#include "keeper.h"

/* One vat, as far as its records can be read.  */
struct entry {
    const char *key;
    int64_t number;
    hob_value id;            /* 32 bytes */
    bool saved;              /* it has roots: its first save went well */
    hob_value roots_version; /* NULL: not SAVED, or unreadable */
    hob_value roots;         /* list of ids, or NULL */
    int64_t ceiling;         /* 0: unknown */
    hobi_kinds kinds;        /* what its table says */
};

struct catalog {
    struct entry *entries;
    size_t count;
};

/* Something is wrong with the record KEY.  */
typedef void tell_problem(void *data, const char *key, const char *what);

/* Each problem is told, and the rest read all the same.  ENOMEM.  */
int read_catalog(hob_store *store, struct catalog *catalog, tell_problem *tell,
                 void *data);
/* NULL: none has this number.  */
struct entry *find_entry(const struct catalog *catalog, int64_t number);

/* What a key is that of.  */
struct place {
    int64_t number; /* of the vat; 0: none */
    uint64_t id;    /* of the object; 0: it is no object's */
    bool known;     /* a program of this version could have written it */
};

struct place read_key(hobi_bytes key);

#endif
