/* crash-store.c -- processes that are killed while they commit.
   SPDX-License-Identifier: LGPL-3.0-or-later

   A child commits batch after batch and tells of each, through a pipe, when it has been
   acknowledged.  At a random moment it gets SIGKILL.  Then the WHOLE store must equal
   the state after some batch from the last acknowledged to the last submitted.  The ring
   is so small that checkpoints run most of the time and segments are reused.

     crash-store [kills of each kind]      many kills also with HOB_LONG  */

#include <config.h>

#include "scratch.h"

#include <signal.h>
#include <sys/wait.h>

struct kind {
    const char *name;
    size_t batch; /* records */
    hob_durability durability;
    bool chain;             /* one store for all kills */
    unsigned window;        /* microseconds in which the kill comes */
    unsigned checkpoint_at; /* a checkpoint by hand every so many batches; 0: none */
};

static const struct kind kinds[] = {
    {"one record", 1, HOB_DURABLE, false, 20000, 0},
    {"ten records", 10, HOB_DURABLE, false, 30000, 0},
    {"a hundred records", 100, HOB_DURABLE, false, 60000, 0},
    {"in a chain", 10, HOB_DURABLE, true, 20000, 0},
    {"in a chain, a hundred", 100, HOB_DURABLE, true, 40000, 7},
    {"in a chain, relaxed", 10, HOB_RELAXED, true, 20000, 50},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static unsigned kills = 20;

static hob_store_options tiny(const struct kind *kind) {
    return (hob_store_options){.durability = kind->durability,
                               .segment_size = 64 << 10,
                               .segments = 4,
                               .flush_interval = 3};
}

/* Never returns.  */
static void commit_for_ever(const struct kind *kind, const char *path,
                            struct model *model, int acknowledge) {
    hob_store_options options = tiny(kind);
    hob_store *store;
    struct model_batch batch;
    if (hob_gdbm_store(path, &options, &store, NULL) != 0) {
        _exit(2);
    }
    for (uint64_t number = model->at + 1;; number++) {
        uint64_t lsn;
        model_make(model, number, &batch);
        if (hobi_store_submit(store, batch.count, batch.changes, &lsn, NULL) ||
            hobi_store_wait(store, lsn, NULL)) {
            _exit(3);
        }
        if (write(acknowledge, &number, sizeof number) != sizeof number) {
            _exit(4);
        }
        if (kind->checkpoint_at && number % kind->checkpoint_at == 0 &&
            hob_store_checkpoint(store, NULL) != 0) {
            _exit(5);
        }
    }
}

/* Kill a committer; the last batch acknowledged.  */
static uint64_t kill_one(const struct kind *kind, const char *path, struct model *model,
                         uint64_t *chance) {
    int ends[2];
    uint64_t acknowledged = model->at, number;
    ck_assert_int_eq(pipe(ends), 0);
    fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
    fflush(stdout);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        close(ends[0]);
        commit_for_ever(kind, path, model, ends[1]);
    }
    close(ends[1]);
    /* Most of the time after it has begun, sometimes while it opens.  */
    if (scratch_below(chance, 5) > 0 &&
        read(ends[0], &number, sizeof number) == sizeof number) {
        acknowledged = number;
    }
    usleep((unsigned)scratch_below(chance, kind->window));
    kill(child, SIGKILL);
    int status;
    waitpid(child, &status, 0);
    ck_assert_msg(WIFSIGNALED(status), "the committer ended by itself: %d",
                  WEXITSTATUS(status));
    while (read(ends[0], &number, sizeof number) == sizeof number) {
        acknowledged = number;
    }
    close(ends[0]);
    return acknowledged;
}

static void check_one(const struct kind *kind, const char *path, struct model *model,
                      uint64_t acknowledged) {
    hob_store_options options = tiny(kind);
    options.verify = true;
    hob_store *store = scratch_open(path, &options);
    model_check(model, store, acknowledged, acknowledged + 1);
    scratch_close(store);
}

START_TEST(a_killed_store_is_at_a_whole_batch_with_all_that_was_acknowledged) {
    const struct kind *kind = &kinds[_i];
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 10], image[SCRATCH_PATH + 10];
    uint64_t chance = scratch_seed(), total = 0;
    scratch_folder(folder);
    snprintf(path, sizeof path, "%s/store", folder);
    snprintf(image, sizeof image, "%s/image", folder);
    struct model model = {.seed = chance, .batch = kind->batch};
    for (unsigned i = 0; i < kills; i++) {
        if (!kind->chain) {
            scratch_remove(path);
            total += model.at;
            model = (struct model){.seed = chance + i, .batch = kind->batch};
        }
        uint64_t acknowledged = kill_one(kind, path, &model, &chance);
        if (access(path, F_OK) != 0) {
            continue; /* killed before the folder was made */
        }
        /* Sometimes the next committer does the recovery, sometimes this process.  */
        bool aside = kind->chain && scratch_below(&chance, 2);
        if (aside) {
            scratch_copy(path, image);
        }
        check_one(kind, aside ? image : path, &model, acknowledged);
    }
    printf("%s: %u kills, %" PRIu64 " batches\n", kind->name, kills, total + model.at);
    scratch_remove_all(folder);
}
END_TEST

int main(int count, char **arguments) {
    if (scratch_long()) {
        kills = 500;
    }
    if (count > 1) {
        kills = (unsigned)strtoul(arguments[1], NULL, 10);
    }
    Suite *suite = suite_create("crash-store");
    TCase *tests = tcase_create("crash-store");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, kills > 100 ? 1800 : 60);
    tcase_add_loop_test(
        tests, a_killed_store_is_at_a_whole_batch_with_all_that_was_acknowledged, 0,
        KINDS);
    return scratch_run(suite);
}
