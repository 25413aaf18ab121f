/* stored.h -- a record as it lies in a GDBM file.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef HOBI_STORED_H
#define HOBI_STORED_H

#include "store.h"

/* Is this the key, in the file, of the record about the file itself?  */
bool hobi_stored_is_meta(hobi_bytes stored);
/* The key in the file for KEY.  ESCAPED gets malloc memory that it stands in, or NULL;
   false when memory is out.  */
bool hobi_stored_key(hobi_bytes key, hobi_bytes *stored, void **escaped);
/* Turn a key of the file back, in place; its size.  */
size_t hobi_stored_plain_key(char *stored, size_t size);

/* Bytes for a value of SIZE bytes, where now OLD bytes are; 0: none.  */
size_t hobi_stored_slot(size_t size, size_t old);
/* Fill a slot; the checksum.  */
uint32_t hobi_stored_write(char *slot, size_t slot_size, hobi_bytes key,
                           hobi_bytes value);
/* Find the value in a slot.  False: it is damaged.  */
bool hobi_stored_read(hobi_bytes slot, hobi_bytes key, hobi_bytes *value,
                      uint32_t *check);
/* The checksum of a record.  */
uint32_t hobi_stored_check(hobi_bytes key, hobi_bytes value);
/* The same record has the same hash in whichever slot it lies.  */
uint64_t hobi_stored_hash(uint32_t check, size_t key_size, size_t value_size);
/* The place of a record in GDBM's own order, 31 bits.  */
uint32_t hobi_stored_order(hobi_bytes key);
/* The same from the key in the file.  */
uint32_t hobi_stored_order_of_file(const char *stored, size_t size);

#endif
