/* overlay.h -- changes that no GDBM file has yet, by key.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef HOBI_OVERLAY_H
#define HOBI_OVERLAY_H

#include "store.h"

/* The last word on one key.  Never changes once made; held by any number of
   overlays and readers.  */
struct hobi_update {
    unsigned holders; /* atomic */
    uint32_t hash;
    uint32_t key_size, value_size;
    bool removed;
    unsigned char bytes[]; /* the key, then the value */
};

/* NULL when memory is out.  The caller holds it.  */
struct hobi_update *hobi_update_new(const hobi_change *change);
struct hobi_update *hobi_update_hold(struct hobi_update *update);
void hobi_update_drop(struct hobi_update *update);
uint32_t hobi_update_hash(const void *key, size_t size);

static inline const unsigned char *hobi_update_value(const struct hobi_update *update) {
    return update->bytes + update->key_size;
}

struct hobi_overlay {
    struct hobi_update **slots;
    size_t capacity; /* 0 or a power of two */
    size_t count;
};

struct hobi_overlay *hobi_overlay_new(void);
/* NULL is no overlay.  */
void hobi_overlay_free(struct hobi_overlay *overlay);
/* Make room, so that COUNT times hobi_overlay_put cannot fail.  */
int hobi_overlay_reserve(struct hobi_overlay *overlay, size_t count);
/* Holds ENTRY; drops the one that it replaces.  */
void hobi_overlay_put(struct hobi_overlay *overlay, struct hobi_update *update);
/* NULL when the overlay says nothing of the key.  Not held for the caller.  */
struct hobi_update *hobi_overlay_find(const struct hobi_overlay *overlay,
                                      const void *key, size_t size, uint32_t hash);
/* All of FROM put into TO.  */
int hobi_overlay_add(struct hobi_overlay *to, const struct hobi_overlay *from);

#endif
