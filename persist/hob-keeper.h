/* hob-keeper.h -- saving and restoring, step by step, for a host language.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Included by hob-persist.h; a program in C needs none of it.  A keeper is what
   keeps the objects of one vat in a store.  The steps are apart because portraits
   and constructors are the host's code, which no C frame may stand below:

     restore: hob_keeper_open; for each hob_keeper_next_asleep: hob_keeper_record,
              then the host builds the object and hob_object_installs it
     save:    hob_keeper_save_begin; for each hob_keeper_save_next the host takes the
              portrait and gives it to hob_keeper_save_object; hob_keeper_save_finish

   All of this file: [host], in an open churn of the vat.  */

#ifndef HOB_KEEPER_H
#define HOB_KEEPER_H

typedef struct hob_keeper hob_keeper;

/* A kind of the host under NAME; SPEC is what hob_record gives back.  */
HOB_API int hob_environment_add_host(hob_environment *environment, hob_value name,
                                     const void *spec, hob_error *error);

/* Join VAT to its part of the store.  After it, hob_keeper_fresh tells whether there
   was nothing; else the roots are there, asleep.  */
HOB_API int hob_keeper_open(hob_vat *vat, hob_store *store,
                            const hob_environment *environment, const char *key,
                            hob_keeper **keeper, hob_error *error);
/* Of VAT, or NULL.  */
HOB_API hob_keeper *hob_vat_keeper(const hob_vat *vat);
HOB_API bool hob_keeper_fresh(const hob_keeper *keeper);
HOB_API size_t hob_keeper_root_count(const hob_keeper *keeper);
HOB_API hob_value hob_keeper_root(const hob_keeper *keeper, size_t index);
HOB_API hob_value hob_keeper_roots_version(const hob_keeper *keeper);
/* Saved with the next save.  ETYPE: a root is not a near object.  */
HOB_API int hob_keeper_set_roots(hob_keeper *keeper, hob_value version, size_t count,
                                 const hob_value *roots, hob_error *error);
/* The vat's 32 random bytes, for ever the same.  */
HOB_API const unsigned char *hob_keeper_vat_id(const hob_keeper *keeper);

/* What the store has of an object.  */
typedef struct hob_record {
    hob_value name, version, debug_name, portrait;
    const hob_kind *kind; /* of C, or NULL */
    const void *spec;     /* of the host, or NULL */
} hob_record;

/* The next object that is still asleep, nearest to the roots first; NULL: none.  */
HOB_API hob_value hob_keeper_next_asleep(hob_keeper *keeper);
/* EDAMAGED with the object's number when the record is missing or unreadable; ECYCLE
   when the object's own construction asked for it.  Marks the object as being
   restored until hob_object_install.  */
HOB_API int hob_keeper_record(hob_keeper *keeper, hob_value refr, hob_record *record,
                              hob_error *error);
/* Build an object of C from its record.  Runs user code (restore).  */
HOB_API int hob_keeper_wake(hob_keeper *keeper, hob_value refr,
                            const hob_record *record, hob_error *error);
/* The object comes from data of another version: it counts as changed, and is no
   longer one of NAME and VERSION.  */
HOB_API int hob_keeper_upgraded(hob_keeper *keeper, hob_value refr,
                                const hob_record *old);
/* An object that a restore procedure made elsewhere moves in under REFR; what was
   its own refr (OTHER) becomes a promise for it.  */
HOB_API int hob_keeper_move_in(hob_keeper *keeper, hob_value refr, hob_value other,
                               hob_error *error);

/* EVERYTHING: all that the roots reach, not only what changed.  */
HOB_API int hob_keeper_save_begin(hob_keeper *keeper, bool everything,
                                  hob_error *error);
HOB_API hob_value hob_keeper_save_next(hob_keeper *keeper);
/* PORTRAIT as data of VERSION under the kind NAME.  The near objects in it come up
   in hob_keeper_save_next when the store does not have them.  Errors:
   ENOTSTORABLE with object, kind and path; ENOTFOUND when the environment does not
   have NAME.  */
HOB_API int hob_keeper_save_object(hob_keeper *keeper, hob_value refr, hob_value name,
                                   hob_value version, hob_value portrait,
                                   hob_error *error);
/* The same for an object of C.  Runs user code (portrait).  */
HOB_API int hob_keeper_save_c(hob_keeper *keeper, hob_value refr, hob_error *error);
/* Hand all of it to the store as one batch.  TICKET 0: there was nothing.  */
HOB_API int hob_keeper_save_finish(hob_keeper *keeper, uint64_t *ticket,
                                   hob_error *error);
/* After an error: as if the save had not begun (rule 4).  */
HOB_API void hob_keeper_save_abort(hob_keeper *keeper);
HOB_API int hob_keeper_wait(hob_keeper *keeper, uint64_t ticket, hob_error *error);
/* Outputs of several churns may share a sync.  */
HOB_API bool hob_keeper_grouped(const hob_keeper *keeper);

#endif
