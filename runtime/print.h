/* print.h -- how single values print.
   SPDX-License-Identifier: LGPL-3.0-or-later

   print.c walks, print-plain.c writes what holds no other values.  */

#ifndef HOBI_PRINT_H
#define HOBI_PRINT_H

#include "buffer.h"
#include "value.h"

/* Appends VALUE, which is of TYPE and holds no other values.  Of long text no more
   than what brings TEXT to LIMIT bytes or a few above.  0 or HOB_ENOMEM.  */
int hobi_print_plain(hob_value value, hob_type type, size_t limit, hob_buffer *text);

#endif
