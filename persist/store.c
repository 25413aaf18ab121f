/* store.c -- keys, values and LSNs: the way to whichever engine it is.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Only dispatch.  What each operation promises stands in store.h, how it is kept in
   store-memory.c and gdbm/; the suite check-store holds both to it.  */

#include <config.h>

#include "store.h"

int hobi_store_read(hob_store *store, hobi_bytes key, hobi_bytes *value,
                    hob_error *error) {
    return store->operations->read(store, key, value, error);
}

int hobi_store_submit(hob_store *store, size_t count, const hobi_change *changes,
                      uint64_t *lsn, hob_error *error) {
    return store->operations->submit(store, count, changes, lsn, error);
}

int hobi_store_wait(hob_store *store, uint64_t lsn, hob_error *error) {
    return store->operations->wait(store, lsn, error);
}

int hobi_store_iterate(hob_store *store, hobi_visit *visit, void *data,
                       hob_error *error) {
    return store->operations->iterate(store, visit, data, error);
}

int hob_store_checkpoint(hob_store *store, hob_error *error) {
    return store->operations->checkpoint(store, error);
}

void hob_store_get_information(hob_store *store, hob_store_information *information) {
    store->operations->information(store, information);
}

bool hobi_store_grouped(const hob_store *store) {
    return store->operations->grouped != NULL && store->operations->grouped(store);
}

int hob_store_close(hob_store *store, hob_error *error) {
    if (store->forget_vats != NULL)
        store->forget_vats(store);
    return store->operations->close(store, error);
}
