/* object.c -- an object's record, without the vat that it belongs to.
   SPDX-License-Identifier: LGPL-3.0-or-later

   persist/record.c says what a record is; this holds it to that, but makes no refrs
   and no promises.  A reference becomes a tagged value whose label is a host value:
   as host values are never stored, nothing stored can be taken for one.  */

#include <config.h>

#include "object.h"

#include <string.h>

static const uint64_t marks[4];

static hob_value mark_of(reference which) {
    return hob_host(&marks[which]);
}

reference reference_of(hob_value value) {
    if (hob_type_of(value) != HOB_TAGGED ||
        hob_type_of(hob_tagged_label(value)) != HOB_HOST)
        return NO_REFERENCE;
    const uint64_t *mark = hob_host_pointer(hob_tagged_label(value));
    return (reference)(mark - marks);
}

struct reader {
    see_near *see;
    void *data;
};

static int make_reference(reference which, hob_value datum, hob_value *value,
                          hob_error *error) {
    *value = datum == NULL ? NULL : hob_tagged(mark_of(which), datum);
    return *value != NULL ? HOB_OK : hobi_error(error, HOB_ENOMEM, "out of memory");
}

static bool is_id(hob_value value, int64_t *id) {
    return hob_get_int64(value, id) && *id > 0;
}

static bool is_far(size_t count, const hob_value *fields) {
    int64_t id = 0;
    size_t size = 0;
    if (count != 2 || hob_type_of(fields[0]) != HOB_BYTES || !is_id(fields[1], &id))
        return false;
    hob_text(fields[0], &size);
    return size == HOBI_VAT_ID_SIZE;
}

static bool is_promise(size_t count, const hob_value *fields) {
    if (count == 1)
        return hob_is_symbol(fields[0], "unresolved");
    if (count != 2)
        return false;
    return hob_is_symbol(fields[0], "fulfilled") ||
           (hob_is_symbol(fields[0], "broken") && hob_type_of(fields[1]) == HOB_STRING);
}

static int read_reference(void *data, const char *label, size_t count,
                          const hob_value *fields, hob_value *value, hob_error *error) {
    const struct reader *reader = data;
    int64_t id = 0;
    if (strcmp(label, "near") == 0 && count == 1 && is_id(fields[0], &id)) {
        if (reader->see != NULL)
            reader->see(reader->data, (uint64_t)id);
        return make_reference(NEAR_REFERENCE, fields[0], value, error);
    }
    if (strcmp(label, "far") == 0 && is_far(count, fields))
        return make_reference(FAR_REFERENCE, hob_list(count, fields), value, error);
    if (strcmp(label, "promise") == 0 && is_promise(count, fields))
        return make_reference(PROMISE_REFERENCE, hob_list(count, fields), value, error);
    return hobi_error(error, HOB_EDAMAGED, "a <%s> record that means nothing", label);
}

static int unpack(hob_value list, hob_record *object, hob_error *error) {
    if (hob_type_of(list) != HOB_LIST || hob_tail(list) != NULL || hob_count(list) != 4)
        return hobi_error(error, HOB_EDAMAGED,
                          "it is not a list of kind, version, name and portrait");
    *object = (hob_record){.name = hob_item(list, 0),
                           .version = hob_item(list, 1),
                           .debug_name = hob_item(list, 2),
                           .portrait = hob_item(list, 3)};
    if (hob_type_of(object->debug_name) == HOB_NIL)
        object->debug_name = NULL;
    return HOB_OK;
}

int read_object(hobi_bytes record, see_near *see, void *data, size_t depth,
                hob_record *object, hob_error *error) {
    struct reader reader = {see, data};
    const hob_syrup_context context = {
        .data = &reader, .read = read_reference, .max_depth = depth};
    hob_value list = NULL;
    hob_error why = {0};
    int code = hob_syrup_decode(record.data, record.size, &context, &list, NULL, &why);
    if (code == HOB_OK)
        return unpack(list, object, error);
    return hobi_error_at(error, code == HOB_ESYNTAX ? HOB_EDAMAGED : code, why.offset,
                         "%s (at byte %zu)",
                         why.message != NULL ? why.message : hob_strerror(code),
                         why.offset);
}
