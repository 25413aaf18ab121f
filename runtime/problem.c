/* problem.c -- errors as values that break promises, and back.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A behaviour may fail with any value.  A failure of the library's own, or one
   that only has a text, becomes the tagged value  error: (code text).  */

#include <config.h>

#include <string.h>

#include "turn.h"

hob_value hobi_problem(const hob_error *error) {
    if (error->problem != NULL)
        return error->problem;
    const char *text =
        error->message != NULL ? error->message : hob_strerror(error->code);
    hob_value fields[] = {hob_integer(error->code), hob_string_from(text)};
    if (fields[1] == NULL) /* it is not UTF-8 */
        fields[1] = hob_string_from(hob_strerror(error->code));
    if (fields[1] == NULL)
        return hob_nil();
    hob_value label = hob_symbol_from("error"), list = hob_list(2, fields);
    hob_value problem = label == NULL || list == NULL ? NULL : hob_tagged(label, list);
    return problem != NULL ? problem : hob_nil();
}

static bool own_problem(hob_value problem) {
    return hob_type_of(problem) == HOB_TAGGED &&
           hob_is_symbol(hob_tagged_label(problem), "error") &&
           hob_type_of(hob_tagged_datum(problem)) == HOB_LIST &&
           hob_count(hob_tagged_datum(problem)) == 2;
}

void hobi_error_from_problem(hob_error *error, hob_value problem) {
    *error = (hob_error){.code = HOB_EFAILED, .problem = problem};
    if (!own_problem(problem)) {
        error->message = hob_print(problem, 200);
        return;
    }
    int64_t code = HOB_EFAILED;
    hob_get_int64(hob_item(hob_tagged_datum(problem), 0), &code);
    error->code = code < 0 && code > -1000 ? (int)code : HOB_EFAILED;
    error->message = hob_text(hob_item(hob_tagged_datum(problem), 1), NULL);
}
