/* counter.c -- a counter and a ledger that outlive the process, in C alone.
   SPDX-License-Identifier: LGPL-3.0-or-later

       cc counter.c -o counter $(pkg-config --cflags --libs hob-persist)
       ./counter                 run it again: it goes on where it was
       ./counter DIR ROUNDS      another store, and more than one round

   The vat has two roots: a counter, and a ledger that refers to three accounts.  A
   round counts and moves one coin on; it is one churn, so that after any crash the
   store has all of it or none, and what was printed is there.  In the end a round
   fails: nobody has a million coins.  It leaves no trace, not even in the count.  */

#include <hob-persist.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { ACCOUNTS = 3 };

/* --------------------------------------------------------- kinds of objects

   An object has a state, which is a value.  It changes by hob_become alone, and
   when anything in the turn fails the change is undone.  */

static int first_argument(hob_turn *turn, size_t count, const hob_value *args,
                          hob_value *state) {
    if (count != 1)
        return hob_fail(turn, "one argument is needed, not %zu", count);
    *state = args[0];
    return HOB_OK;
}

/* Each call counts one more.  */
static int count_on(hob_turn *turn, hob_value state, size_t count,
                    const hob_value *args, hob_value *answer) {
    (void)count, (void)args;
    int64_t number = 0;
    if (!hob_get_int64(state, &number))
        return hob_fail(turn, "the counter holds %s", hob_print(state, 80));
    *answer = hob_integer(number + 1);
    return hob_become(turn, *answer);
}

/* () is the balance; (N) puts N in, or takes -N out.  */
static int keep_account(hob_turn *turn, hob_value state, size_t count,
                        const hob_value *args, hob_value *answer) {
    int64_t balance = 0, amount = 0;
    *answer = state;
    if (count == 0)
        return HOB_OK;
    if (!hob_get_int64(state, &balance) || !hob_get_int64(args[0], &amount))
        return hob_fail(turn, "an account takes a number");
    int64_t after = 0;
    if (__builtin_add_overflow(balance, amount, &after) || after < 0)
        return hob_fail(turn, "there are only %" PRId64 " in the account", balance);
    *answer = hob_integer(after);
    return hob_become(turn, *answer);
}

/* What it changes before it fails is undone with the turn.  */
static int transfer(hob_turn *turn, hob_value accounts, const hob_value *args,
                    hob_value *answer) {
    int64_t amount = 0;
    hob_value from = hob_map_ref(accounts, args[0]),
              to = hob_map_ref(accounts, args[1]);
    if (from == NULL || to == NULL || !hob_get_int64(args[2], &amount) || amount < 0)
        return hob_fail(turn, "a ledger takes two of its names and a number");
    hob_value more = hob_integer(amount), less = hob_integer(-amount);
    int code = hob_call(turn, to, 1, &more, answer);
    return code != HOB_OK ? code : hob_call(turn, from, 1, &less, answer);
}

static int balances(hob_turn *turn, hob_value accounts, hob_value *answer) {
    hob_value pairs[2 * ACCOUNTS];
    for (size_t i = 0; i < ACCOUNTS; i++) {
        pairs[2 * i] = hob_item(accounts, 2 * i);
        int code =
            hob_call(turn, hob_item(accounts, 2 * i + 1), 0, NULL, &pairs[2 * i + 1]);
        if (code != HOB_OK)
            return code;
    }
    *answer = hob_map(ACCOUNTS, pairs);
    return HOB_OK;
}

/* (FROM TO N) moves N; () is the balances by name.  The state is the accounts by
   name, references to objects.  */
static int keep_ledger(hob_turn *turn, hob_value state, size_t count,
                       const hob_value *args, hob_value *answer) {
    return count == 3 ? transfer(turn, state, args, answer)
                      : balances(turn, state, answer);
}

static const hob_kind counter_kind = {
    .name = "counter", .version = 1, .construct = first_argument, .behave = count_on};
static const hob_kind account_kind = {.name = "account",
                                      .version = 1,
                                      .construct = first_argument,
                                      .behave = keep_account};
static const hob_kind ledger_kind = {
    .name = "ledger", .version = 1, .construct = first_argument, .behave = keep_ledger};

/* ------------------------------------------------------------------- the vat */

enum { COUNTER, LEDGER, ROOTS };

static const char *const names[ACCOUNTS] = {"alice", "bob", "carol"};

/* The roots of a new vat; called only when the store has none.  */
static int make_roots(hob_turn *turn, void *data, size_t count, hob_value *roots) {
    (void)data, (void)count;
    hob_value pairs[2 * ACCOUNTS], zero = hob_integer(0), hundred = hob_integer(100);
    int code = hob_spawn(turn, &counter_kind, 1, &zero, &roots[COUNTER]);
    for (size_t i = 0; i < ACCOUNTS && code == HOB_OK; i++) {
        pairs[2 * i] = hob_symbol_from(names[i]);
        code = hob_spawn(turn, &account_kind, 1, &hundred, &pairs[2 * i + 1]);
    }
    if (code != HOB_OK)
        return code;
    hob_value accounts = hob_map(ACCOUNTS, pairs);
    return hob_spawn(turn, &ledger_kind, 1, &accounts, &roots[LEDGER]);
}

static int open_vat(hob_runtime *runtime, hob_store *store, hob_value *roots,
                    hob_vat **vat, hob_error *error) {
    hob_environment *environment = hob_environment_new();
    if (environment == NULL)
        return HOB_ENOMEM;
    const hob_kind *kinds[] = {&counter_kind, &account_kind, &ledger_kind};
    for (size_t i = 0; i < 3; i++) {
        int code = hob_environment_add(environment, NULL, kinds[i], error);
        if (code != HOB_OK)
            return code;
    }
    const hob_persistent_options options = {
        .vat = {.name = "counter"}, .store = store, .environment = environment};
    return hob_persistent_vat(runtime, &options, make_roots, NULL, ROOTS, roots, vat,
                              error);
}

/* ------------------------------------------------------------ what a run does */

struct round {
    const hob_value *roots;
    int64_t coins;
};

/* Count, move coins from whose turn it is to the next, and give the number and the
   balances.  */
static int play(hob_turn *turn, void *data, hob_value *answer) {
    const struct round *round = data;
    hob_value shown[2], ledger = round->roots[LEDGER];
    int64_t number = 0;
    int code = hob_call(turn, round->roots[COUNTER], 0, NULL, &shown[0]);
    if (code != HOB_OK)
        return code;
    hob_get_int64(shown[0], &number);
    const hob_value args[] = {hob_symbol_from(names[number % ACCOUNTS]),
                              hob_symbol_from(names[(number + 1) % ACCOUNTS]),
                              hob_integer(round->coins)};
    code = hob_call(turn, ledger, 3, args, answer);
    if (code == HOB_OK)
        code = hob_call(turn, ledger, 0, NULL, &shown[1]);
    *answer = code == HOB_OK ? hob_list(2, shown) : NULL;
    return code;
}

static void print_round(hob_value answer) {
    hob_value accounts = hob_item(answer, 1);
    printf("count %s:", hob_print(hob_item(answer, 0), 0));
    for (size_t i = 0; i < ACCOUNTS; i++)
        printf(" %s %s", hob_text(hob_item(accounts, 2 * i), NULL),
               hob_print(hob_item(accounts, 2 * i + 1), 0));
    printf("\n");
    fflush(stdout);
}

static int play_rounds(hob_vat *vat, const hob_value *roots, long rounds,
                       hob_error *error) {
    struct round round = {roots, 1};
    hob_value answer;
    for (long i = 0; i < rounds; i++) {
        int code = hob_vat_run(vat, play, &round, &answer, error);
        if (code != HOB_OK)
            return code;
        print_round(answer);
    }
    round.coins = 1000000;
    hob_error refusal = {0};
    int code = hob_vat_run(vat, play, &round, &answer, &refusal);
    printf("a million coins: %s\n", code == HOB_OK ? "moved" : refusal.message);
    return HOB_OK;
}

static int run(hob_runtime *runtime, hob_store *store, long rounds, hob_error *error) {
    hob_value roots[ROOTS];
    hob_vat *vat = NULL;
    int code = open_vat(runtime, store, roots, &vat, error);
    if (code == HOB_OK)
        code = play_rounds(vat, roots, rounds, error);
    if (vat != NULL)
        hob_vat_halt(vat);
    return code;
}

static int fail(int code, const hob_error *error) {
    fprintf(stderr, "counter: %s\n",
            error->message != NULL ? error->message : hob_strerror(code));
    return 1;
}

int main(int argc, char **argv) {
    const char *path = argc > 1 ? argv[1] : "counter-store";
    char *end = "";
    long rounds = argc > 2 ? strtol(argv[2], &end, 10) : 1;
    if (argc > 3 || rounds < 0 || *end != '\0') {
        fprintf(stderr, "Usage: counter [STORE [ROUNDS]]\n");
        return 2;
    }
    hob_error error = {0}, closing = {0};
    hob_store *store = NULL;
    hob_runtime *runtime = hob_runtime_new(NULL);
    if (runtime == NULL)
        return fail(HOB_ENOMEM, &error);
    int code = hob_gdbm_store(path, NULL, &store, &error);
    if (code != HOB_OK)
        return fail(code, &error);
    code = run(runtime, store, rounds, &error);
    int closed = hob_store_close(store, &closing);
    hob_runtime_free(runtime);
    if (code != HOB_OK)
        return fail(code, &error);
    return closed == HOB_OK ? 0 : fail(closed, &closing);
}
