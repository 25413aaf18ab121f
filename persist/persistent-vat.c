/* persistent-vat.c -- opening a vat of C objects in a store.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The first churn of the vat restores it, or makes and saves its roots; it is
   committed before anybody gets the vat, so a vat that is there was saved (W14).  */

#include <config.h>

#include "keeper.h"

struct opening {
    const hob_persistent_options *options;
    hob_roots *make;
    void *data;
    size_t count;
    hob_value *roots;
};

static int make_roots(hob_turn *turn, hob_keeper *keeper,
                      const struct opening *opening) {
    hob_error error = {0};
    int code = opening->make(turn, opening->data, opening->count, opening->roots);
    if (code != HOB_OK)
        return code;
    code = hob_keeper_set_roots(keeper, hob_integer(0), opening->count, opening->roots,
                                &error);
    if (code != HOB_OK)
        turn->error = error;
    return code;
}

static int wake_all(hob_turn *turn, hob_keeper *keeper) {
    for (hob_value refr; (refr = hob_keeper_next_asleep(keeper)) != NULL;) {
        hob_record record;
        hob_error error = {0};
        int code = hob_keeper_record(keeper, refr, &record, &error);
        if (code == HOB_OK)
            code = hob_keeper_wake(keeper, refr, &record, &error);
        if (code != HOB_OK) {
            turn->error = error;
            return code;
        }
    }
    return HOB_OK;
}

static int give_roots(hob_turn *turn, const hob_keeper *keeper,
                      const struct opening *opening) {
    if (keeper->root_count != opening->count)
        return hobi_error(&turn->error, HOB_EVERSION,
                          "vat %s was saved with %zu roots, and this program asks for "
                          "%zu",
                          keeper->key, keeper->root_count, opening->count);
    for (size_t i = 0; i < opening->count; i++)
        opening->roots[i] = hobi_from_refr(keeper->roots[i]);
    return HOB_OK;
}

static int fill(hob_turn *turn, hob_keeper *keeper, const struct opening *opening) {
    if (keeper->fresh)
        return make_roots(turn, keeper, opening);
    int code = give_roots(turn, keeper, opening);
    return code == HOB_OK ? wake_all(turn, keeper) : code;
}

/* What was restored before an error, and upgraded, is not saved: the store stays as
   it was for a program that can open it.  */
static int open_turn(hob_turn *turn, void *data, hob_value *answer) {
    const struct opening *opening = data;
    const hob_persistent_options *options = opening->options;
    hob_keeper *keeper = NULL;
    hob_error error = {0};
    *answer = hob_void();
    int code = hob_keeper_open(turn->vat, options->store, options->environment,
                               options->key, &keeper, &error);
    if (code != HOB_OK) {
        turn->error = error;
        return code;
    }
    code = fill(turn, keeper, opening);
    if (code != HOB_OK)
        turn->vat->saver = (hobi_saver){0};
    return code;
}

int hob_persistent_vat(hob_runtime *runtime, const hob_persistent_options *options,
                       hob_roots *make, void *data, size_t count, hob_value *roots,
                       hob_vat **vat, hob_error *error) {
    struct opening opening = {options, make, data, count, roots};
    if (options->store == NULL || options->environment == NULL || make == NULL)
        return hobi_error(
            error, HOB_EINVAL,
            "a persistent vat needs a store, an environment and a function "
            "that makes its roots");
    hob_vat *opened = hob_vat_new(runtime, &options->vat);
    if (opened == NULL)
        return hobi_error(error, HOB_ENOMEM, "making a vat");
    int code = hob_vat_run(opened, open_turn, &opening, NULL, error);
    if (code == HOB_OK)
        *vat = opened;
    else
        hob_vat_halt(opened);
    return code;
}

static int save_everything(hob_turn *turn, void *data, hob_value *answer) {
    hob_keeper *keeper = hob_vat_keeper(turn->vat);
    uint64_t ticket = 0;
    (void)data;
    *answer = hob_void();
    if (keeper == NULL)
        return hobi_error(&turn->error, HOB_EINVAL, "vat %s is not a persistent one",
                          hob_vat_name(turn->vat));
    hob_error error = {0};
    int code = hob_keeper_save_begin(keeper, true, &error);
    for (hob_value refr;
         code == HOB_OK && (refr = hob_keeper_save_next(keeper)) != NULL;)
        code = hob_keeper_save_c(keeper, refr, &error);
    if (code == HOB_OK)
        code = hob_keeper_save_finish(keeper, &ticket, &error);
    else
        hob_keeper_save_abort(keeper);
    if (code == HOB_OK)
        code = hob_keeper_wait(keeper, ticket, &error);
    if (code != HOB_OK)
        turn->error = error;
    return code;
}

int hob_vat_save(hob_vat *vat, hob_error *error) {
    return hob_vat_run(vat, save_everything, NULL, NULL, error);
}
