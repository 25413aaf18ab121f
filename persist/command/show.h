/* show.h -- stored values as text and as JSON.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Values as object.h reads them, with its references.  Both recurse, so what they are
   given is nested at most SHOW_DEPTH deep.  They append; ENOMEM.  */

#ifndef SHOW_H
#define SHOW_H

#include "keeper.h"

enum { SHOW_DEPTH = 2000 };

int show_text(hob_value value, hob_buffer *buffer);
int show_json(hob_value value, hob_buffer *buffer);
/* TEXT, of LENGTH bytes of UTF-8, with the quotes.  */
int show_json_string(const char *text, size_t length, hob_buffer *buffer);

#endif
