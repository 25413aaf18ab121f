/* integer.h -- exact integers of any size, for the files that handle numbers.
   SPDX-License-Identifier: LGPL-3.0-or-later

   All take integers of either form, inline or a node of limbs.  */

#ifndef HOBI_INTEGER_H
#define HOBI_INTEGER_H

#include "buffer.h"
#include "value.h"

/* NUMBER becomes a read-only view of INTEGER; LIMB is where an inline one is laid
   out.  Valid while both are; not for mpz_clear.  */
void hobi_integer_read(hob_value integer, mpz_t number, mp_limb_t *limb);

/* -1, 0 or 1.  */
int hobi_integer_sign(hob_value integer);
int hobi_integer_compare(hob_value a, hob_value b);

/* Appends the digits of the magnitude, without a sign.  */
int hobi_integer_digits(hob_value integer, hob_buffer *buffer);

/* From decimal digits, which the caller has checked.  */
hob_value hobi_integer_from_digits(const char *digits, size_t count, bool negative);

#endif
