#!/bin/sh
# test-counter.sh -- claims about examples/counter.
# SPDX-License-Identifier: LGPL-3.0-or-later
set -u
: "${abs_top_builddir:?}"

folder=$(mktemp -d "${TMPDIR:-/tmp}/hob-counter.XXXXXX") || exit 99
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
counter=$abs_top_builddir/examples/counter
cd "$folder" || exit 99
failed=0

# claim TEXT EXPECTED FOUND
claim() {
    if [ "$2" = "$3" ]; then
        return
    fi
    failed=$((failed + 1))
    printf 'FAIL: %s\nexpected:\n%s\nfound:\n%s\n' "$1" "$2" "$3"
}

claim 'the first run counts 1 and refuses what nobody has' \
    'count 1: alice 100 bob 99 carol 101
a million coins: there are only 101 in the account' \
    "$("$counter" 2>&1)"
claim 'the second run goes on, and the refused round left no trace' \
    'count 2: alice 101 bob 99 carol 100
count 3: alice 100 bob 100 carol 100
a million coins: there are only 100 in the account' \
    "$("$counter" counter-store 2 2>&1)"
claim 'another store is another counter' 'count 1: alice 100 bob 99 carol 101' \
    "$("$counter" other | head -n 1)"
claim 'without rounds nothing is counted' \
    'a million coins: there are only 100 in the account' \
    "$("$counter" counter-store 0 2>&1)"

# In the background, until it has printed something.
start_counting() {
    rm -f lines
    "$counter" counter-store 1000000 >lines 2>&1 &
    counting=$!
    tries=0
    until [ -s lines ] || [ "$tries" -ge 300 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
}

# What was printed is there after kill -9, and at most one round more.
kills=0
while [ "$kills" -lt 5 ]; do
    kills=$((kills + 1))
    start_counting
    sleep "0.0$((kills * 7 % 10))"
    kill -9 "$counting"
    wait "$counting" 2>/dev/null
    printed=$(sed -n 's/^count \([0-9]*\):.*[0-9]$/\1/p' lines | tail -n 1)
    next=$("$counter" counter-store 2>&1 | head -n 1)
    number=$(printf '%s\n' "$next" | sed -n 's/^count \([0-9]*\):.*/\1/p')
    case $((${number:-0} - ${printed:-0})) in
    1 | 2) ;;
    *) claim 'after kill -9 the count goes on from what was printed' "$printed + 1" "$next" ;;
    esac
    # The coin is where the count says: count and ledger were saved together.
    case $((${number:-0} % 3)) in
    0) balances='alice 100 bob 100 carol 100' ;;
    1) balances='alice 100 bob 99 carol 101' ;;
    2) balances='alice 101 bob 99 carol 100' ;;
    esac
    claim 'after kill -9 the ledger is of the same round as the count' \
        "count $number: $balances" "$next"
done

start_counting
"$counter" counter-store 0 >/dev/null 2>refusal
claim 'a store in use: exit 1' 1 $?
case $(cat refusal) in
*'in use'*) ;;
*) claim 'a store in use says so' '... in use ...' "$(cat refusal)" ;;
esac
kill -9 "$counting"
wait "$counting" 2>/dev/null

"$counter" none/store >/dev/null 2>refusal
claim 'a folder that cannot be made: exit 1' 1 $?
"$counter" counter-store many >/dev/null 2>refusal
claim 'a number that is none: exit 2' 2 $?

if [ "$failed" -ne 0 ]; then
    echo "$failed claims of $0 do not hold"
    exit 1
fi
