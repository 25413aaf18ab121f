/* overlay.c -- changes that no GDBM file has yet, by key.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A hash table with open addressing of pointers to updates that count their
   holders.  Entries never change, so that a checkpoint, an iteration and a reader
   can go on with the ones they hold while commits put newer ones in their place:
   that is how reads stay on one LSN (rule 2) without stopping anybody.

   The table itself belongs to whoever holds the engine's mutex.  Nothing is ever
   taken out but by replacing; the whole table goes after its checkpoint.  */

#include <config.h>

#include "overlay.h"

#include <stdlib.h>
#include <string.h>

#include "crc32c.h"

uint32_t hobi_update_hash(const void *key, size_t size) {
    return hobi_crc32c(0, key, size) * 0x9e3779b1u;
}

struct hobi_update *hobi_update_new(const hobi_change *change) {
    size_t value_size = change->removed ? 0 : change->value.size;
    struct hobi_update *update = malloc(sizeof *update + change->key.size + value_size);
    if (!update) {
        return NULL;
    }
    *update = (struct hobi_update){
        .holders = 1,
        .hash = hobi_update_hash(change->key.data, change->key.size),
        .key_size = (uint32_t)change->key.size,
        .value_size = (uint32_t)value_size,
        .removed = change->removed,
    };
    memcpy(update->bytes, change->key.data, change->key.size);
    if (value_size) {
        memcpy(update->bytes + change->key.size, change->value.data, value_size);
    }
    return update;
}

struct hobi_update *hobi_update_hold(struct hobi_update *update) {
    __atomic_add_fetch(&update->holders, 1, __ATOMIC_RELAXED);
    return update;
}

void hobi_update_drop(struct hobi_update *update) {
    if (update && __atomic_sub_fetch(&update->holders, 1, __ATOMIC_ACQ_REL) == 0) {
        free(update);
    }
}

struct hobi_overlay *hobi_overlay_new(void) {
    return calloc(1, sizeof(struct hobi_overlay));
}

void hobi_overlay_free(struct hobi_overlay *overlay) {
    if (!overlay) {
        return;
    }
    for (size_t i = 0; i < overlay->capacity; i++) {
        hobi_update_drop(overlay->slots[i]);
    }
    free(overlay->slots);
    free(overlay);
}

/* The slot that holds the key, or the empty one where it would go.  */
static struct hobi_update **place(const struct hobi_overlay *overlay, const void *key,
                                  size_t size, uint32_t hash) {
    size_t mask = overlay->capacity - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct hobi_update *update = overlay->slots[i];
        if (!update || (update->hash == hash && update->key_size == size &&
                        memcmp(update->bytes, key, size) == 0)) {
            return &overlay->slots[i];
        }
    }
}

int hobi_overlay_reserve(struct hobi_overlay *overlay, size_t count) {
    size_t capacity = overlay->capacity ? overlay->capacity : 64;
    while (capacity / 4 * 3 < overlay->count + count) {
        if (capacity > SIZE_MAX / 2 / sizeof(struct hobi_update *)) {
            return HOB_ENOMEM;
        }
        capacity *= 2;
    }
    if (capacity == overlay->capacity) {
        return 0;
    }
    struct hobi_overlay grown = {.capacity = capacity, .count = overlay->count};
    grown.slots = calloc(capacity, sizeof *grown.slots);
    if (!grown.slots) {
        return HOB_ENOMEM;
    }
    for (size_t i = 0; i < overlay->capacity; i++) {
        struct hobi_update *update = overlay->slots[i];
        if (update) {
            *place(&grown, update->bytes, update->key_size, update->hash) = update;
        }
    }
    free(overlay->slots);
    *overlay = grown;
    return 0;
}

void hobi_overlay_put(struct hobi_overlay *overlay, struct hobi_update *update) {
    struct hobi_update **slot =
        place(overlay, update->bytes, update->key_size, update->hash);
    overlay->count += !*slot;
    hobi_update_drop(*slot);
    *slot = hobi_update_hold(update);
}

struct hobi_update *hobi_overlay_find(const struct hobi_overlay *overlay,
                                      const void *key, size_t size, uint32_t hash) {
    return overlay && overlay->capacity ? *place(overlay, key, size, hash) : NULL;
}

int hobi_overlay_add(struct hobi_overlay *to, const struct hobi_overlay *from) {
    int rc = from ? hobi_overlay_reserve(to, from->count) : 0;
    for (size_t i = 0; !rc && from && i < from->capacity; i++) {
        if (from->slots[i]) {
            hobi_overlay_put(to, from->slots[i]);
        }
    }
    return rc;
}
