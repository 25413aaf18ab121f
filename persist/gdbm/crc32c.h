/* crc32c.h -- the checksum of everything that the engine writes.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef HOBI_CRC32C_H
#define HOBI_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32C (Castagnoli).  CRC is 0 to begin, or the checksum of what stands before
   DATA: hobi_crc32c (hobi_crc32c (0, a, n), b, m) is that of a followed by b.  */
uint32_t hobi_crc32c(uint32_t crc, const void *data, size_t size);

#endif
