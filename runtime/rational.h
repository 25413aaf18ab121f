/* rational.h -- the order of exact fractions.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef HOBI_RATIONAL_H
#define HOBI_RATIONAL_H

#include "value.h"

/* By magnitude: -1, 0 or 1.  Both are rationals.  */
int hobi_rational_compare(hob_value a, hob_value b);

#endif
