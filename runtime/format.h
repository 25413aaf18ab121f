/* format.h -- printf into the collector's memory, for functions with arguments.
   SPDX-License-Identifier: LGPL-3.0-or-later

   hobi_format (memory.h) for those who have a va_list already.  */

#ifndef HOBI_FORMAT_H
#define HOBI_FORMAT_H

#include <stdarg.h>

#include "memory.h"

/* NULL only when memory is out.  ARGS is used up.  */
char *hobi_format_args(const char *format, va_list args) HOB_PRINTF(1, 0);

#endif
