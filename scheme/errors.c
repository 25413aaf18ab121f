/* errors.c -- codes of the C side become exceptions.
   SPDX-License-Identifier: LGPL-3.0-or-later

   One function raises: a procedure of the Scheme side makes the exception of the
   right type from code and detail, so that programs can match it.  Nothing here
   may hold a lock or an unfinished object when it raises.  */

#include <config.h>

#include "guile-hob.h"

static SCM optional_text(const char *text) {
    return text == NULL ? SCM_BOOL_F : scm_from_utf8_string(text);
}

void guile_hob_raise(const hob_error *error) {
    SCM problem = error->problem == NULL ? SCM_BOOL_F : guile_hob_held(error->problem);
    const char *text =
        error->message != NULL ? error->message : hob_strerror(error->code);
    scm_call_5(guile_hob.raise_error, scm_from_int(error->code), optional_text(text),
               scm_from_size_t(error->offset), problem, optional_text(error->path));
    abort(); /* raise_error does not return */
}

void guile_hob_check(int code, const hob_error *error) {
    if (code == HOB_OK)
        return;
    hob_error plain = {.code = code};
    guile_hob_raise(error != NULL && error->code != HOB_OK ? error : &plain);
}

hob_vat *guile_hob_current(const char *who) {
    hob_vat *vat = hob_vat_current();
    if (vat != NULL)
        return vat;
    const hob_error error = {.code = HOB_ENOTTURN, .message = who};
    guile_hob_raise(&error);
}
