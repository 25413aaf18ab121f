/* turns.c -- what turns of C objects cost.
   SPDX-License-Identifier: LGPL-3.0-or-later

   One line a figure: name, value, unit, and the ratio to the floor, a call of a C
   function through a pointer in the same loop.  Medians of ROUNDS.  */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "hob.h"

enum { ROUNDS = 7, CALLS = 1000000 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* --------------------------------------------------------------- behaviours */

static int read_state(hob_turn *turn, hob_value state, size_t count,
                      const hob_value *args, hob_value *answer) {
    (void)turn, (void)count, (void)args;
    *answer = state;
    return HOB_OK;
}

static int add_one(hob_turn *turn, hob_value state, size_t count, const hob_value *args,
                   hob_value *answer) {
    int64_t number = 0;
    (void)count, (void)args;
    hob_get_int64(state, &number);
    *answer = hob_integer(number + 1);
    return hob_become(turn, *answer);
}

/* Sends itself what is left to do.  */
static int count_down(hob_turn *turn, hob_value state, size_t count,
                      const hob_value *args, hob_value *answer) {
    int64_t left = 0;
    (void)state, (void)count;
    hob_get_int64(args[0], &left);
    *answer = hob_void();
    hob_value next = hob_integer(left - 1);
    return left == 0 ? HOB_OK : hob_send_only(turn, hob_self(turn), 1, &next);
}

static const hob_kind reader = {.name = "reader", .behave = read_state};
static const hob_kind counter = {.name = "counter", .behave = add_one};
static const hob_kind ping = {.name = "ping", .behave = count_down};

/* -------------------------------------------------------------------- cases */

struct objects {
    hob_value reader, counter, ping;
};

static int make_objects(hob_turn *turn, void *data, hob_value *answer) {
    struct objects *objects = data;
    (void)answer;
    if (hob_spawn(turn, &reader, 0, NULL, &objects->reader) != HOB_OK ||
        hob_spawn(turn, &counter, 0, NULL, &objects->counter) != HOB_OK)
        return HOB_ENOMEM;
    return hob_spawn(turn, &ping, 0, NULL, &objects->ping);
}

static int call_often(hob_turn *turn, hob_value refr, hob_value *answer) {
    int code = HOB_OK;
    for (int i = 0; i < CALLS && code == HOB_OK; i++)
        code = hob_call(turn, refr, 0, NULL, answer);
    return code;
}

static int call_floor(hob_turn *turn, void *data, hob_value *answer) {
    hob_value (*volatile function)(int64_t) = hob_integer;
    (void)turn, (void)data;
    for (int i = 0; i < CALLS; i++)
        *answer = function(i);
    return HOB_OK;
}

static int call_reader(hob_turn *turn, void *data, hob_value *answer) {
    return call_often(turn, ((struct objects *)data)->reader, answer);
}

static int call_counter(hob_turn *turn, void *data, hob_value *answer) {
    return call_often(turn, ((struct objects *)data)->counter, answer);
}

static int spawn_often(hob_turn *turn, void *data, hob_value *answer) {
    int code = HOB_OK;
    (void)data;
    hob_value name = hob_symbol_from("reader");
    for (int i = 0; i < CALLS && code == HOB_OK; i++)
        code = hob_spawn_named(turn, name, &reader, 0, NULL, answer);
    return code;
}

static int send_ping(hob_turn *turn, void *data, hob_value *answer) {
    hob_value left = hob_integer(CALLS);
    *answer = hob_void();
    return hob_send_only(turn, ((struct objects *)data)->ping, 1, &left);
}

static double median_of(hob_vat *vat, hob_thunk *thunk, struct objects *objects) {
    double times[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        hob_error error = {0};
        double start = now();
        if (hob_vat_run(vat, thunk, objects, NULL, &error) != HOB_OK) {
            fprintf(stderr, "%s\n", error.message);
            exit(1);
        }
        times[i] = (now() - start) / CALLS;
    }
    qsort(times, ROUNDS, sizeof *times, by_size);
    return times[ROUNDS / 2];
}

int main(void) {
    static const struct {
        const char *name;
        hob_thunk *thunk;
    } cases[] = {{"c-call-read", call_reader},
                 {"c-call-become", call_counter},
                 {"c-spawn", spawn_often},
                 {"c-send-only-ping", send_ping}};
    struct objects objects;
    hob_runtime *runtime = hob_runtime_new(NULL);
    hob_vat *vat = hob_vat_new(runtime, NULL);
    if (hob_vat_run(vat, make_objects, &objects, NULL, NULL) != HOB_OK)
        return 1;
    double floor_time = median_of(vat, call_floor, &objects);
    printf("c-floor-call %.2f ns 1.00\n", floor_time);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double time = median_of(vat, cases[i].thunk, &objects);
        printf("%s %.1f ns %.2f\n", cases[i].name, time, time / floor_time);
    }
    hob_runtime_free(runtime);
    return 0;
}
