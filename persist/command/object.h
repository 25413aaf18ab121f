/* object.h -- an object's record, without the vat that it belongs to.
   SPDX-License-Identifier: LGPL-3.0-or-later  */

#ifndef COMMAND_OBJECT_H
#define COMMAND_OBJECT_H

#include "keeper.h"

/* References stand in a value as tagged values whose label is one of these, which no
   stored value has.  The datum: an id, a list of a vat's id and an object's, a list of
   the fields.  */
typedef enum reference {
    NO_REFERENCE,
    NEAR_REFERENCE,
    FAR_REFERENCE,
    PROMISE_REFERENCE
} reference;

reference reference_of(hob_value value);

/* Called with the id of each object that a record refers to.  */
typedef void see_near(void *data, uint64_t id);

/* SEE may be NULL; DEPTH 0: any.  EDAMAGED, ELIMIT, ENOMEM.  */
int read_object(hobi_bytes record, see_near *see, void *data, size_t depth,
                hob_record *object, hob_error *error);

#endif
