/* record.c -- objects as bytes.
   SPDX-License-Identifier: LGPL-3.0-or-later

   An object's record is the Syrup list (kind-name version debug-name portrait); an
   object without a debug name has nil there.  References in a portrait:

     <near ID>                    an object of the same vat
     <far VAT-ID ID>              an object of another persistent vat
     <promise 'fulfilled VALUE>   a near promise, settled
     <promise 'broken TEXT>
     <promise 'unresolved>

   A promise that was not resolved, and a reference to another vat, come back as a
   broken promise that says so: the resolver, or the other vat, is not there any
   more.  What is no data (procedures of the host, resolvers) is refused.  */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include "buffer.h"
#include "keeper.h"

/* What a promise is fulfilled with may hold others, and itself; each takes C stack.  */
enum { MOST_NESTED = 100 };

/* ----------------------------------------------------------------- writing */

/* A field that is NULL is one that there was no memory for.  */
static int write_record(hob_buffer *buffer, const char *label, size_t count,
                        const hob_value *fields, hob_error *error) {
    char head[32];
    int length = snprintf(head, sizeof head, "<%zu'%s", strlen(label), label);
    int code = hobi_buffer_append(buffer, head, (size_t)length);
    for (size_t i = 0; i < count && code == HOB_OK; i++)
        code = fields[i] == NULL ? HOB_ENOMEM
                                 : hob_syrup_encode(fields[i], NULL, buffer, error);
    return code == HOB_OK ? hobi_buffer_append(buffer, ">", 1) : code;
}

static int write_unresolved(hob_buffer *buffer, hob_error *error) {
    const hob_value state = hob_symbol_from("unresolved");
    return write_record(buffer, "promise", 1, &state, error);
}

static int write_broken(hob_buffer *buffer, const char *why, hob_error *error) {
    hob_value fields[] = {hob_symbol_from("broken"), hob_string_from(why)};
    if (fields[1] == NULL) /* it is not UTF-8 */
        fields[1] = hob_string_from("broken");
    return write_record(buffer, "promise", 2, fields, error);
}

static int write_fulfilled(hob_keeper *keeper, hob_value value, hob_buffer *buffer,
                           hob_error *error);

static const char *problem_text(hob_value problem) {
    hob_error error = {0};
    hobi_error_from_problem(&error, problem);
    return error.message != NULL ? error.message : "broken";
}

static int write_promise(hob_keeper *keeper, const hobi_refr *promise,
                         hob_buffer *buffer, hob_error *error) {
    if (promise->vat != keeper->vat || hobi_has(promise, HOBI_UNRESOLVED))
        return write_unresolved(buffer, error);
    if (hobi_has(promise, HOBI_BROKEN))
        return write_broken(buffer, problem_text((hob_value)promise->a), error);
    return write_fulfilled(keeper, (hob_value)promise->a, buffer, error);
}

static int write_far(const hobi_refr *refr, hob_buffer *buffer, hob_error *error) {
    const hob_keeper *other = hob_vat_keeper(refr->vat);
    if (other == NULL)
        return write_unresolved(buffer, error);
    const hob_value fields[] = {hob_bytes(other->vat_id, HOBI_VAT_ID_SIZE),
                                hob_integer((int64_t)refr->id)};
    return write_record(buffer, "far", 2, fields, error);
}

static int no_data(const hob_keeper *keeper, hob_value value, hob_error *error) {
    const hob_host_language *host = hobi_runtime_host(keeper->vat->runtime);
    const char *text = host != NULL && host->print != NULL
                           ? host->print(hob_host_pointer(value))
                           : NULL;
    return hobi_error(error, HOB_ENOTSTORABLE, "%s is no data",
                      text != NULL ? text : "it");
}

static int write_refr(void *data, hob_value value, hob_buffer *buffer,
                      hob_error *error) {
    hob_keeper *keeper = data;
    if (hob_type_of(value) == HOB_HOST)
        return no_data(keeper, value, error);
    hobi_refr *refr = hobi_to_refr(value);
    if (hobi_refr_is_promise(value))
        return write_promise(keeper, refr, buffer, error);
    if (refr->vat != keeper->vat)
        return write_far(refr, buffer, error);
    hob_value target = hobi_follow(keeper->vat, value);
    if (hobi_type(hobi_to_refr(target)) == HOB_REFR_RESOLVER)
        return hobi_error(error, HOB_ENOTSTORABLE,
                          "it is a resolver, whose promise ends with the process");
    if (hobi_type(hobi_to_refr(target)) == HOB_REFR_DEAD)
        return hobi_error(error, HOB_ENOTSTORABLE,
                          "the turn that spawned it was undone");
    int code = hobi_save_reach(keeper, hobi_to_refr(target));
    if (code != HOB_OK)
        return hobi_error(error, code, "saving an object");
    const hob_value id = hob_integer((int64_t)hobi_to_refr(target)->id);
    return write_record(buffer, "near", 1, &id, error);
}

static int write_outcome(hob_keeper *keeper, hob_value value, hob_buffer *buffer,
                         hob_error *error) {
    const hob_host_language *host = hobi_runtime_host(keeper->vat->runtime);
    hob_syrup_context context = {.data = keeper, .write = write_refr};
    if (hobi_is_host(value) && host != NULL)
        value = host->import(hob_host_pointer(value));
    if (value == NULL)
        return HOB_ENOMEM;
    int code = hobi_buffer_append_text(buffer, "<7'promise9'fulfilled");
    if (code == HOB_OK)
        code = hob_syrup_encode(value, &context, buffer, error);
    return code == HOB_OK ? hobi_buffer_append(buffer, ">", 1) : code;
}

static int write_fulfilled(hob_keeper *keeper, hob_value value, hob_buffer *buffer,
                           hob_error *error) {
    if (keeper->save.nesting == MOST_NESTED)
        return hobi_error(
            error, HOB_ENOTSTORABLE,
            "it is a promise fulfilled with a promise, and so on %d deep, "
            "perhaps with itself",
            MOST_NESTED);
    keeper->save.nesting++;
    int code = write_outcome(keeper, value, buffer, error);
    keeper->save.nesting--;
    return code;
}

static int encode(hob_keeper *keeper, const hob_record *record, hob_buffer *buffer,
                  hob_error *error) {
    hob_syrup_context context = {.data = keeper, .write = write_refr};
    const hob_value head[] = {record->name, record->version,
                              record->debug_name != NULL ? record->debug_name
                                                         : hob_nil()};
    int code = hobi_buffer_append(buffer, "[", 1);
    for (int i = 0; i < 3 && code == HOB_OK; i++)
        code = hob_syrup_encode(head[i], NULL, buffer, error);
    if (code == HOB_OK)
        code = hob_syrup_encode(record->portrait, &context, buffer, error);
    return code == HOB_OK ? hobi_buffer_append(buffer, "]", 1) : code;
}

/* A debug name is for people: one that cannot be stored is left out (W43).  */
static int storable_name(hob_value name, hob_value *storable) {
    hob_buffer scratch = {0};
    int code =
        name == NULL ? HOB_ENOTSTORABLE : hob_syrup_encode(name, NULL, &scratch, NULL);
    *storable = code == HOB_OK ? name : NULL;
    return code == HOB_ENOMEM ? code : HOB_OK;
}

int hobi_encode_object(hob_keeper *keeper, hobi_refr *refr, const hob_record *record,
                       hob_error *error) {
    hob_record named = *record;
    hob_error why = {0};
    hob_buffer *buffer = &keeper->save.bytes;
    size_t before = buffer->size;
    int code = storable_name(hob_refr_name(hobi_from_refr(refr)), &named.debug_name);
    if (code == HOB_OK)
        code = encode(keeper, &named, buffer, &why);
    if (code == HOB_OK)
        return code;
    buffer->size = before;
    hobi_error(error, code, "cannot save %s of kind %s: %s",
               hob_print(hobi_from_refr(refr), 80), hob_print(record->name, 100),
               why.message != NULL ? why.message : hob_strerror(code));
    if (error != NULL)
        error->path = why.path;
    return code;
}

/* ----------------------------------------------------------------- reading */

static int read_near(hob_keeper *keeper, hob_value id, hob_value *value,
                     hob_error *error) {
    int64_t number = 0;
    if (!hob_get_int64(id, &number) || number <= 0)
        return hobi_error(error, HOB_EDAMAGED,
                          "a reference without an object's number");
    hobi_refr *refr = hobi_keeper_refr(keeper, (uint64_t)number);
    if (refr == NULL)
        return hobi_error(error, HOB_ENOMEM, "restoring an object");
    *value = hobi_from_refr(refr);
    return HOB_OK;
}

static int settled_promise(hob_keeper *keeper, bool broken, hob_value outcome,
                           hob_value *value) {
    hob_turn *turn = &keeper->vat->turn;
    hobi_refr *promise = NULL;
    int code = hobi_promise_new(turn, &promise);
    if (code == HOB_OK)
        code = hobi_settle(turn, promise, broken, outcome, NULL);
    *value = hobi_from_refr(promise);
    return code;
}

static int broken_promise(hob_keeper *keeper, int code, const char *why,
                          hob_value *value) {
    hob_error error = {0};
    hobi_error(&error, code, "%s", why);
    return settled_promise(keeper, true, hobi_problem(&error), value);
}

static int read_promise(hob_keeper *keeper, size_t count, const hob_value *fields,
                        hob_value *value, hob_error *error) {
    if (count == 2 && hob_is_symbol(fields[0], "fulfilled"))
        return settled_promise(keeper, false, fields[1], value);
    if (count == 2 && hob_is_symbol(fields[0], "broken") &&
        hob_type_of(fields[1]) == HOB_STRING)
        return broken_promise(keeper, HOB_EBROKEN, hob_text(fields[1], NULL), value);
    if (count == 1 && hob_is_symbol(fields[0], "unresolved"))
        return broken_promise(
            keeper, HOB_EBROKEN,
            "the promise was not resolved when the process that would "
            "have resolved it ended",
            value);
    return hobi_error(error, HOB_EDAMAGED, "a promise record that means nothing");
}

static int read_refr(void *data, const char *label, size_t count,
                     const hob_value *fields, hob_value *value, hob_error *error) {
    hob_keeper *keeper = data;
    if (strcmp(label, "near") == 0 && count == 1)
        return read_near(keeper, fields[0], value, error);
    if (strcmp(label, "promise") == 0)
        return read_promise(keeper, count, fields, value, error);
    if (strcmp(label, "far") == 0 && count == 2)
        return broken_promise(keeper, HOB_ENOTFOUND,
                              "the reference was to an object of another vat, which "
                              "this process has not been joined to",
                              value);
    return hobi_error(error, HOB_EDAMAGED, "a <%s> record with %zu fields", label,
                      count);
}

static int unpack(hob_value list, hob_record *record) {
    if (hob_type_of(list) != HOB_LIST || hob_tail(list) != NULL || hob_count(list) != 4)
        return HOB_EDAMAGED;
    record->name = hob_item(list, 0);
    record->version = hob_item(list, 1);
    record->debug_name = hob_item(list, 2);
    record->portrait = hob_item(list, 3);
    if (hob_type_of(record->debug_name) == HOB_NIL)
        record->debug_name = NULL;
    return HOB_OK;
}

int hobi_decode_object(hob_keeper *keeper, uint64_t id, hob_record *record,
                       hob_error *error) {
    char key[HOBI_KEY_SIZE];
    hobi_bytes bytes;
    hob_value list = NULL;
    hob_error why = {0};
    hob_syrup_context context = {.data = keeper, .read = read_refr};
    hobi_object_key(key, keeper->number, id);
    int code = hobi_store_read(keeper->store, hobi_text_bytes(key), &bytes, &why);
    if (code == HOB_ENOTFOUND)
        return hobi_error(error, HOB_EDAMAGED,
                          "object %s is referred to, but the store has no record of it",
                          key);
    if (code == HOB_OK)
        code = hob_syrup_decode(bytes.data, bytes.size, &context, &list, NULL, &why);
    if (code == HOB_OK)
        code = unpack(list, record);
    if (code == HOB_ESYNTAX)
        code = HOB_EDAMAGED;
    if (code != HOB_OK)
        hobi_error_at(error, code, why.offset, "the record of object %s: %s", key,
                      why.message != NULL ? why.message : hob_strerror(code));
    return code;
}

/* They stand first, and have no references.  */
int hobi_stored_kind(hob_keeper *keeper, uint64_t id, hob_value *name,
                     hob_value *version, hob_error *error) {
    char key[HOBI_KEY_SIZE];
    hobi_bytes bytes;
    size_t used = 0;
    hobi_object_key(key, keeper->number, id);
    int code = hobi_store_read(keeper->store, hobi_text_bytes(key), &bytes, error);
    if (code != HOB_OK)
        return code;
    const unsigned char *at = bytes.data;
    if (bytes.size == 0 || at[0] != '[')
        return hobi_error(error, HOB_EDAMAGED, "the record of object %s is no list",
                          key);
    code = hob_syrup_decode(at + 1, bytes.size - 1, NULL, name, &used, error);
    if (code == HOB_OK)
        code = hob_syrup_decode(at + 1 + used, bytes.size - 1 - used, NULL, version,
                                &used, error);
    return code;
}

int hobi_read_value(hob_store *store, const char *key, hob_value *value,
                    hob_error *error) {
    hobi_bytes bytes;
    hob_error why = {0};
    int code = hobi_store_read(store, hobi_text_bytes(key), &bytes, error);
    if (code != HOB_OK)
        return code;
    code = hob_syrup_decode(bytes.data, bytes.size, NULL, value, NULL, &why);
    if (code == HOB_OK || code == HOB_ENOMEM)
        return code;
    return hobi_error_at(error, HOB_EDAMAGED, why.offset, "the record %s: %s", key,
                         why.message);
}
