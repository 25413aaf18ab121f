/* churns.c -- what a saved churn costs, beside the same bytes without Hob.
   SPDX-License-Identifier: LGPL-3.0-or-later

   One line a figure: name, value, unit, and the ratio to the floor of its kind.
   The floor of durable is an overwrite of one block and fdatasync; of relaxed, the
   overwrite alone.  Hob and floor take turns, round by round, since the speed of a
   disk drifts; medians of ROUNDS.  */

#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hob-persist.h"

enum { ROUNDS = 9, DURABLE = 400, RELAXED = 20000, BLOCK = 4096, BLOCKS = 256 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *times) {
    qsort(times, ROUNDS, sizeof *times, by_size);
    return times[ROUNDS / 2];
}

static void give_up(const char *what, const hob_error *error) {
    fprintf(stderr, "%s: %s\n", what, error != NULL ? error->message : "failed");
    exit(1);
}

/* --------------------------------------------------------------------- Hob */

static int add_one(hob_turn *turn, hob_value state, size_t count, const hob_value *args,
                   hob_value *answer) {
    int64_t number = 0;
    (void)count, (void)args;
    hob_get_int64(state, &number);
    *answer = hob_integer(number + 1);
    return hob_become(turn, *answer);
}

static const hob_kind counter = {.name = "counter", .version = 1, .behave = add_one};

static int make_root(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    (void)data, (void)count;
    return hob_spawn(turn, &counter, 0, NULL, roots);
}

static int ask(hob_turn *turn, void *data, hob_value *answer) {
    return hob_call(turn, *(hob_value *)data, 0, NULL, answer);
}

struct subject {
    hob_vat *vat;
    hob_value counter;
    hob_store *store;
};

static void open_subject(struct subject *subject, hob_runtime *runtime,
                         const char *path, hob_durability durability) {
    hob_error error = {0};
    const hob_store_options store = {.durability = durability};
    hob_environment *environment = hob_environment_new();
    hob_persistent_options options = {.environment = environment};
    if (hob_environment_add(environment, NULL, &counter, &error) != HOB_OK ||
        hob_gdbm_store(path, &store, &options.store, &error) != HOB_OK ||
        hob_persistent_vat(runtime, &options, make_root, NULL, 1, &subject->counter,
                           &subject->vat, &error) != HOB_OK)
        give_up(path, &error);
    subject->store = options.store;
}

static double run_churns(struct subject *subject, int count) {
    hob_error error = {0};
    double start = now();
    for (int i = 0; i < count; i++)
        if (hob_vat_run(subject->vat, ask, &subject->counter, NULL, &error) != HOB_OK)
            give_up("a churn", &error);
    return (now() - start) / count;
}

/* ------------------------------------------------------------------- floor */

static int open_floor(const char *path) {
    static char zeros[BLOCK];
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    for (int i = 0; fd >= 0 && i < BLOCKS; i++)
        if (write(fd, zeros, BLOCK) != BLOCK)
            give_up(path, NULL);
    if (fd < 0 || fsync(fd) != 0)
        give_up(path, NULL);
    return fd;
}

static double run_floor(int fd, int count, bool sync) {
    static char block[BLOCK];
    double start = now();
    for (int i = 0; i < count; i++) {
        memset(block, i, sizeof block);
        if (pwrite(fd, block, BLOCK, (off_t)(i % BLOCKS) * BLOCK) != BLOCK ||
            (sync && fdatasync(fd) != 0))
            give_up("the floor", NULL);
    }
    return (now() - start) / count;
}

static void compare(hob_runtime *runtime, const char *name, const char *folder,
                    hob_durability durability, int count) {
    char path[4096];
    double ours[ROUNDS], floors[ROUNDS];
    struct subject subject = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    open_subject(&subject, runtime, path, durability);
    snprintf(path, sizeof path, "%s/%s-floor", folder, name);
    int fd = open_floor(path);
    for (int i = 0; i < ROUNDS; i++) {
        floors[i] = run_floor(fd, count, durability == HOB_DURABLE);
        ours[i] = run_churns(&subject, count);
    }
    close(fd);
    double floor_time = median(floors), time = median(ours);
    printf("%s-floor %.1f us 1.00\n", name, floor_time / 1e3);
    printf("%s-churn %.1f us %.2f\n", name, time / 1e3, time / floor_time);
    hob_vat_halt(subject.vat);
    hob_store_close(subject.store, NULL);
}

int main(void) {
    char folder[] = "bench-churns-XXXXXX", command[64];
    if (mkdtemp(folder) == NULL)
        give_up(folder, NULL);
    hob_runtime *runtime = hob_runtime_new(NULL);
    compare(runtime, "durable", folder, HOB_DURABLE, DURABLE);
    compare(runtime, "relaxed", folder, HOB_RELAXED, RELAXED);
    hob_runtime_free(runtime);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 ? 0 : 1;
}
