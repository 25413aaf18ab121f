/* check-vat-kill.c -- kill -9 while vats work, and what is there afterwards.
   SPDX-License-Identifier: LGPL-3.0-or-later

   The suite starts itself again as a worker, on the same store each time, and kills it
   at some moment.  In the worker two persistent vats send each other a number, one
   more each time, and their main thread counts in a third object.  Each of these
   objects spreads its number over three cells in the same churn.  The worker looks at
   all of it when it opens the store, and tells on a pipe, one line each:

     open N    the store was good, and the count in it is N
     try N     the count N is given to the vat
     done N    the vat says that it is saved
     bad TEXT  something is not as it must be

   So a churn that is half there, one that was acknowledged and is lost, and a message
   that left before its churn was durable, are all found.  The worker is no test, so it
   can use no assertion of check's.  */

#include <config.h>

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "stage.h"

extern char **environ;

enum { CELLS = 3, FRESH_EVERY = 8 };

/* ------------------------------------------------------------------ objects  */

/* A player's state is a list of its number and its cells.  */
static int new_cells(hob_turn *turn, hob_value number, hob_value *items) {
    int code = HOB_OK;
    for (int i = 1; i <= CELLS && code == HOB_OK; i++)
        code = hob_spawn(turn, &cell, 1, &number, &items[i]);
    return code;
}

static int set_cells(hob_turn *turn, hob_value number, hob_value *items) {
    int code = HOB_OK;
    for (int i = 1; i <= CELLS && code == HOB_OK; i++) {
        hob_value ignored = NULL;
        code = hob_call(turn, items[i], 1, &number, &ignored);
    }
    return code;
}

static int become_number(hob_turn *turn, hob_value state, hob_value number) {
    hob_value items[CELLS + 1] = {number};
    for (int i = 1; i <= CELLS; i++)
        items[i] = hob_item(state, (size_t)i);
    int code = to_int(number) % FRESH_EVERY == 0 ? new_cells(turn, number, items)
                                                 : set_cells(turn, number, items);
    return code != HOB_OK ? code : hob_become(turn, hob_list(CELLS + 1, items));
}

/* (number) or (number other): the other gets the next number.  */
static int play(hob_turn *turn, hob_value state, size_t count, const hob_value *args,
                hob_value *answer) {
    *answer = state;
    if (count == 0)
        return HOB_OK;
    int code = become_number(turn, state, args[0]);
    if (code != HOB_OK || count == 1)
        return code;
    const hob_value next[] = {num(to_int(args[0]) + 1), hob_self(turn)};
    return hob_send_only(turn, args[1], 2, next);
}

static int player_construct(hob_turn *turn, size_t count, const hob_value *args,
                            hob_value *state) {
    hob_value items[CELLS + 1] = {num(0)};
    (void)count, (void)args;
    int code = new_cells(turn, items[0], items);
    *state = hob_list(CELLS + 1, items);
    return code;
}

static const hob_kind player = {
    .name = "player", .construct = player_construct, .behave = play};

static int make_players(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    int code = HOB_OK;
    (void)data;
    for (size_t i = 0; i < count && code == HOB_OK; i++)
        code = hob_spawn(turn, &player, 0, NULL, &roots[i]);
    return code;
}

/* ------------------------------------------------------------------- worker  */

static void tell_parent(const char *word, int64_t number) {
    printf("%s %" PRId64 "\n", word, number);
    fflush(stdout);
}

static void bad(const char *what) {
    printf("bad %s\n", what);
    fflush(stdout);
    _exit(1);
}

struct view {
    hob_value player;
    int64_t number;
};

static int look_at_player(hob_turn *turn, void *data, hob_value *answer) {
    struct view *view = data;
    hob_value state = NULL;
    if (hob_call(turn, view->player, 0, NULL, &state) != HOB_OK)
        bad("a player cannot be asked");
    view->number = to_int(hob_item(state, 0));
    for (int i = 1; i <= CELLS; i++) {
        hob_value number = NULL;
        if (hob_call(turn, hob_item(state, (size_t)i), 0, NULL, &number) != HOB_OK)
            bad("a cell cannot be asked");
        if (!hob_equal(number, num(view->number)))
            bad(hobi_format("a cell has %s where its player has %" PRId64, text(number),
                            view->number));
    }
    *answer = state;
    return HOB_OK;
}

static int64_t number_of(hob_vat *vat, hob_value object) {
    struct view view = {object, 0};
    hob_error error = {0};
    if (hob_vat_run(vat, look_at_player, &view, NULL, &error) != HOB_OK)
        bad(error.message);
    return view.number;
}

static hob_vat *open_players(struct stage *s, const char *key, size_t count,
                             hob_value *roots) {
    const hob_persistent_options options = {
        .store = s->store, .environment = s->environment, .key = key};
    hob_vat *vat = NULL;
    int code = hob_persistent_vat(s->runtime, &options, make_players, NULL, count,
                                  roots, &vat, &s->error);
    if (code != HOB_OK)
        bad(s->error.message);
    return vat;
}

struct tally {
    const char *start;
    size_t records;
};

static int tally_record(void *data, hobi_bytes key, hobi_bytes value) {
    struct tally *tally = data;
    size_t length = strlen(tally->start);
    (void)value;
    tally->records += key.size > length && memcmp(key.data, tally->start, length) == 0;
    return 0;
}

/* Objects in the store as the vat's table counts them.  */
static void check_counts(const struct stage *s, int vat) {
    hob_value kinds = NULL;
    int64_t sum = 0;
    struct tally tally = {hobi_format("%d/o/", vat), 0};
    if (hobi_read_value(s->store, hobi_format("%d/kinds", vat), &kinds, NULL) != HOB_OK)
        bad("no table of kinds");
    for (size_t i = 0; i < hob_count(kinds); i++)
        sum += to_int(hob_item(hob_item(kinds, i), 2));
    if (hobi_store_iterate(s->store, tally_record, &tally, NULL) != 0)
        bad("the records cannot be listed");
    if ((size_t)sum != tally.records)
        bad(hobi_format("%zu records are counted as %" PRId64, tally.records, sum));
}

static int count_up(hob_turn *turn, void *data, hob_value *answer) {
    const struct view *view = data;
    const hob_value number = num(view->number);
    return hob_call(turn, view->player, 1, &number, answer);
}

static void work(struct stage *s) {
    hob_value ping[2] = {NULL, NULL}, pong = NULL;
    hob_vat *a = open_players(s, "ping", 2, ping);
    hob_vat *b = open_players(s, "pong", 1, &pong);
    int64_t p = number_of(a, ping[0]), q = number_of(b, pong);
    struct view count = {ping[1], number_of(a, ping[1])};
    if (p - q > 1 || q - p > 1 || (p == q && p != 0))
        bad(hobi_format("the players are at %" PRId64 " and %" PRId64, p, q));
    check_counts(s, 1);
    check_counts(s, 2);
    tell_parent("open", count.number);
    const hob_value next[] = {num((p > q ? p : q) + 1), p > q ? ping[0] : pong};
    if (hob_post(p > q ? pong : ping[0], 2, next, -1, NULL) != HOB_OK)
        bad("the game cannot begin");
    for (;;) {
        count.number++;
        tell_parent("try", count.number);
        if (hob_vat_run(a, count_up, &count, NULL, &s->error) != HOB_OK)
            bad(s->error.message);
        tell_parent("done", count.number);
    }
}

static int run_worker(const char *path, int mode) {
    struct stage s = {.engine = STAGE_GDBM};
    const hob_store_options options = {.durability = (hob_durability)mode,
                                       .segment_size = 64 << 10,
                                       .segments = 4,
                                       .flush_interval = 20};
    s.runtime = hob_runtime_new(NULL);
    s.environment = hob_environment_new();
    hob_environment_add(s.environment, NULL, &cell, NULL);
    hob_environment_add(s.environment, NULL, &player, NULL);
    if (hob_gdbm_store(path, &options, &s.store, &s.error) != HOB_OK)
        bad(s.error.message);
    work(&s);
    return 0;
}

/* -------------------------------------------------------------------- killer  */

struct round {
    pid_t worker;
    FILE *lines;
    int64_t opened, tried, done;
    char bad[400];
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void start_worker(struct round *round, const char *path, int mode) {
    char digit[] = {(char)('0' + mode), '\0'};
    char *argv[] = {(char *)"worker", (char *)path, digit, NULL};
    int ends[2];
    posix_spawn_file_actions_t actions;
    ck_assert_int_eq(pipe(ends), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    ck_assert_int_eq(
        posix_spawn(&round->worker, "/proc/self/exe", &actions, NULL, argv, environ),
        0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    round->lines = fdopen(ends[0], "r");
    ck_assert_ptr_nonnull(round->lines);
}

/* False at the end.  */
static bool read_line(struct round *round) {
    char line[500], word[8];
    long long number = 0;
    if (fgets(line, sizeof line, round->lines) == NULL ||
        strchr(line, '\n') == NULL) /* cut off by the kill */
        return false;
    if (strncmp(line, "bad ", 4) == 0)
        snprintf(round->bad, sizeof round->bad, "%.390s", line + 4);
    else if (sscanf(line, "%7s %lld", word, &number) == 2)
        *(*word == 'o'   ? &round->opened
          : *word == 't' ? &round->tried
                         : &round->done) = number;
    return true;
}

static void end_worker(struct round *round) {
    kill(round->worker, SIGKILL);
    while (read_line(round)) {}
    waitpid(round->worker, NULL, 0);
    fclose(round->lines);
}

/* The pipe is small: whoever does not read it stops the worker.  */
static void read_for(struct round *round, double seconds) {
    double end = now() + seconds;
    struct pollfd in = {.fd = fileno(round->lines), .events = POLLIN};
    while (now() < end && *round->bad == '\0') {
        int left = (int)((end - now()) * 1000);
        if (poll(&in, 1, left > 0 ? left : 0) <= 0 || !read_line(round))
            break;
    }
}

static void play_round(struct round *round, const char *path, int mode,
                       double seconds) {
    const struct round before = *round;
    start_worker(round, path, mode);
    round->opened = -1;
    while (round->opened < 0 && *round->bad == '\0' && read_line(round)) {}
    int64_t found = round->opened;
    if (found >= 0)
        read_for(round, seconds);
    end_worker(round);
    ck_assert_msg(*round->bad == '\0', "%s", round->bad);
    ck_assert_msg(found >= before.done && found <= before.tried,
                  "found %lld; %lld was acknowledged, %lld was tried", (long long)found,
                  (long long)before.done, (long long)before.tried);
}

START_TEST(after_each_kill_the_store_has_whole_churns_and_all_acknowledged) {
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 10];
    struct testing_random random = {testing_seed()};
    struct round round = {.worker = 0};
    double end = now() + (testing_long() ? 300 : 18);
    int rounds = 0;
    printf("HOB_SEED=%" PRIu64 "\n", random.state);
    snprintf(path, sizeof path, "%s/store", scratch_folder(folder));
    while (now() < end && rounds < (testing_long() ? 2000 : 100)) {
        double seconds = 1e-3 * (double)testing_below(&random, 150);
        int mode = (int)testing_below(&random, HOB_RELAXED + 1);
        play_round(&round, path, mode, seconds);
        rounds++;
    }
    printf("%d kills, %lld churns\n", rounds, (long long)round.done);
    ck_assert_int_gt(rounds, 5);
    ck_assert_int_gt(round.done, rounds);
    scratch_remove_all(folder);
}
END_TEST

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[0], "worker") == 0)
        return run_worker(argv[1], argv[2][0] - '0');
    Suite *suite = suite_create("vat kill");
    TCase *tcase = tcase_create("vat kill");
    tcase_set_timeout(tcase, 400);
    tcase_add_test(tcase,
                   after_each_kill_the_store_has_whole_churns_and_all_acknowledged);
    suite_add_tcase(suite, tcase);
    return scene_main(suite);
}
