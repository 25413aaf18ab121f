/* guile-hob.h -- what the files of the Guile extension share.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The extension is thin: primitives whose names begin with % and that check what
   only C can get wrong.  What a user sees is Scheme (hob/core.scm and the others).

   A refr is a Scheme object as it is: its first word is the vtable of the foreign
   type <refr>, so going from one side to the other costs nothing.  Everything else
   of C (vats, tickets, stores, environments, keepers) is a foreign object that
   holds a pointer.  */

#ifndef GUILE_HOB_H
#define GUILE_HOB_H

#include <libguile.h>

#include "hob-persist.h"
#include "memory.h"

/* One runtime for a Guile process; set once, by scm_init_hob.  */
struct guile_hob {
    hob_runtime *runtime;
    SCM refr_vtable;
    /* Procedures of the Scheme side, given by %set-hooks!.  */
    SCM drive, call, raise_error;
    SCM map_to_pairs, pairs_to_map, set_to_list, list_to_set;
    SCM map_vtable, set_vtable, tagged_vtable, zilch;
    SCM make_tagged, error_to_exception, print;
};
extern struct guile_hob guile_hob;

typedef enum guile_hob_type {
    GUILE_HOB_VAT,
    GUILE_HOB_TICKET,
    GUILE_HOB_STORE,
    GUILE_HOB_ENVIRONMENT,
    GUILE_HOB_KEEPER,
    GUILE_HOB_TYPES
} guile_hob_type;

SCM guile_hob_wrap(guile_hob_type type, const void *pointer);
/* Raises wrong-type-arg.  */
void *guile_hob_unwrap(guile_hob_type type, SCM object, const char *who);

/* stores.c: raises when it was closed.  */
hob_store *guile_hob_store(SCM store, const char *who);

/* import.c, export.c */
/* A deep copy as data; what is no data is an opaque host value.  ECYCLE with the
   path when OBJECT contains itself.  */
int guile_hob_to_value(SCM object, hob_value *value, hob_error *error);
SCM guile_hob_from_value(hob_value value);
/* As it is: no copy, for within a vat.  */
hob_value guile_hob_hold(SCM object);
SCM guile_hob_held(hob_value value);
hob_value guile_hob_import(const void *object);
const void *guile_hob_export(hob_value value);

/* errors.c */
/* Raise the exception for ERROR; does not return.  */
void guile_hob_raise(const hob_error *error) SCM_NORETURN;
void guile_hob_check(int code, const hob_error *error);
/* The vat whose turn this thread runs; raises when there is none.  */
hob_vat *guile_hob_current(const char *who);

static inline bool guile_hob_is_refr(SCM object) {
    return SCM_STRUCTP(object) &&
           scm_is_eq(SCM_STRUCT_VTABLE(object), guile_hob.refr_vtable);
}
static inline hob_value guile_hob_refr(SCM object) {
    return (hob_value)SCM_UNPACK_POINTER(object);
}
static inline SCM guile_hob_scm(const void *pointer) {
    return SCM_PACK_POINTER((void *)(uintptr_t)pointer);
}

void guile_hob_init_refrs(void);
void guile_hob_init_vats(void);
void guile_hob_init_keepers(void);
void guile_hob_init_stores(void);

#endif
