/* keeper.h -- what keeps the objects of one vat in a store.
   SPDX-License-Identifier: LGPL-3.0-or-later

   Records of vat number N in a store (all values are Syrup):

     vats     list of (key number vat-id)               every vat of the store
     N/vat    list (roots-version (root-id ...))
     N/ids    integer: no id at or above it was ever given out and saved
     N/kinds  list of (kind-name version count)
     N/o/ID   list (kind-name version debug-name portrait)     one object

   A reference in a portrait is a record: <near ID>, <far VAT-ID ID>, or
   <promise ...> (record.c).  */

#ifndef HOBI_KEEPER_H
#define HOBI_KEEPER_H

#include "kinds.h"
#include "store.h"
#include "vat.h"

enum { HOBI_VAT_ID_SIZE = 32, HOBI_KEY_SIZE = 64 };

/* An object to be saved, and as what the store counts it now (NULL: not).  */
typedef struct hobi_save_item {
    hobi_refr *refr;
    hob_value counted_name, counted_version;
    bool other_kind; /* it became one: only its record knows what it was */
} hobi_save_item;

typedef struct hobi_save {
    bool active, everything;
    hobi_save_item *items; /* all, those before NEXT are handed out */
    size_t count, capacity, next;
    hob_buffer bytes; /* the values, one after the other */
    size_t *ends;     /* where each value ends */
    uint64_t *ids;    /* and whose it is */
    size_t records, records_capacity, ids_capacity;
    hobi_kinds delta;
    unsigned nesting; /* promises within promises, where the encoder is */
} hobi_save;

/* id -> refr while a vat is restored; open addressing, a power of two.  */
typedef struct hobi_refr_table {
    hobi_refr **slots;
    size_t count, capacity;
} hobi_refr_table;

struct hob_keeper {
    hob_vat *vat;
    hob_store *store;
    const hob_environment *environment;
    const char *key;
    int64_t number;
    unsigned char vat_id[HOBI_VAT_ID_SIZE];
    bool fresh;
    bool closed; /* another vat took its place, or the store was closed; under the
                    store's lock */
    hob_value roots_version;
    hobi_refr **roots;
    size_t root_count;
    bool roots_changed;
    uint64_t id_ceiling;
    hobi_kinds kinds;
    hobi_save save;
    /* Restoring: refrs in the order they were first named.  */
    hobi_refr_table known;
    hobi_refr **asleep;
    size_t asleep_count, asleep_capacity, asleep_next;
    hobi_save_item *upgraded;
    size_t upgraded_count, upgraded_capacity;
};

/* keeper.c */
void hobi_key(char *buffer, int64_t number, const char *what);
void hobi_object_key(char *buffer, int64_t number, uint64_t id);
hobi_bytes hobi_text_bytes(const char *text);
/* With the store's lock, or where a look too early does no harm.  ECLOSED.  */
int hobi_keeper_check_open(const hob_keeper *keeper, hob_error *error);

/* record.c */
int hobi_encode_object(hob_keeper *keeper, hobi_refr *refr, const hob_record *record,
                       hob_error *error);
int hobi_decode_object(hob_keeper *keeper, uint64_t id, hob_record *record,
                       hob_error *error);
/* Kind and version of the record that object ID has now.  */
int hobi_stored_kind(hob_keeper *keeper, uint64_t id, hob_value *name,
                     hob_value *version, hob_error *error);
/* Decode a record without references.  */
int hobi_read_value(hob_store *store, const char *key, hob_value *value,
                    hob_error *error);

/* restore.c */
/* The refr of object ID; made, asleep, when it is not known.  */
hobi_refr *hobi_keeper_refr(hob_keeper *keeper, uint64_t id);
void hobi_keeper_forget_refrs(hob_keeper *keeper);

/* save.c */
/* REFR was found in a portrait.  */
int hobi_save_reach(hob_keeper *keeper, hobi_refr *refr);

/* random.c */
int hobi_random_bytes(unsigned char *bytes, size_t size, hob_error *error);

#endif
