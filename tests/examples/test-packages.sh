#!/bin/sh
# test-packages.sh -- claims about examples/packages.scm.
# SPDX-License-Identifier: LGPL-3.0-or-later
set -u
: "${abs_top_srcdir:?}" "${GUILE:?}"

folder=$(mktemp -d "${TMPDIR:-/tmp}/hob-packages.XXXXXX") || exit 99
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
cd "$folder" || exit 99
failed=0

packages() {
    "$GUILE" "$abs_top_srcdir/examples/packages.scm" "$@" 2>&1 </dev/null
}

# claim TEXT EXPECTED FOUND
claim() {
    if [ "$2" = "$3" ]; then
        return
    fi
    failed=$((failed + 1))
    printf 'FAIL: %s\nexpected:\n%s\nfound:\n%s\n' "$1" "$2" "$3"
}

# shows TEXT LINE OUTPUT: one of the lines is LINE.
shows() {
    claim "$1" "$2" "$(printf '%s\n' "$3" | grep -Fx -e "$2" || printf '%s\n' "$3")"
}

# refuses TEXT STATUS PART COMMAND...: it exits with STATUS and says PART.
refuses() {
    claim_text=$1 status=$2 part=$3
    shift 3
    output=$(packages "$@")
    found=$?
    case $output in
    *"$part"*) claim "$claim_text" "$status" "$found" ;;
    *) claim "$claim_text" "$part" "$output" ;;
    esac
}

# A cycle (shell needs library needs base needs shell), alternatives, one package
# that is not there, one that only others provide, and one that was removed.
cat >list <<'END'
Package: shell
Status: install ok installed
Description: a shell with a word in Latin-1
Version: 5.2-1
Pre-Depends: library (>= 2)
Depends: editor | pager, library

Package: library
Version: 2.36
Depends: base:any
Description: what
 Depends: is not
 a field here

Package: base
Version: 1:0.5~rc1
Depends: shell,
 missing (<< 3) [amd64]
Provides: ground (= 4)

Package: editor
Version: 9
Provides: pager, ground
Depends: ground

# A comment.
Package: gone
Status: deinstall ok config-files
Version: 1
Depends: nothing
END
printf 'Package: caf-e\nVersion: 1\nDescription: caf\351\n' >latin

output=$(packages --store store --from list --from latin --batch 2 load)
claim 'load exits with 0' 0 $?
shows 'load counts what it loaded' \
    '5 packages in 3 batches: 5 new, 0 changed, 0 as before' \
    "$(printf '%s\n' "$output" | sed 's/, [0-9.]* s:/:/')"

claim 'query shows version, needs with alternatives, needers and times asked' \
    'shell 5.2-1
  needs (3):
    library, editor | pager, library
  is needed by (1):
    base
  was asked for 1 time' \
    "$(packages --store store query shell)"
shows 'a question is counted, and the count is kept' '  was asked for 2 times' \
    "$(packages query shell --store=store)"
claim 'a package that is not there says so, and who needs it' \
    'missing is not there: no list that was loaded describes it
  is needed by (1):
    base
  was asked for 1 time' \
    "$(packages --store store query missing)"
claim 'a package that others provide says who they are' \
    'ground is not there itself, but others provide it
  is needed by (1):
    editor
  is provided by (2):
    base, editor
  was asked for 1 time' \
    "$(packages --store store query ground)"
refuses 'what was removed from the machine is not there' 1 \
    'there is no package gone' --store store query gone

claim 'path finds the shortest way' \
    'shell
  needs library
  needs base
  needs missing
3 steps' \
    "$(packages --store store path shell missing)"
claim 'path goes through alternatives and providers' \
    'shell
  needs, among alternatives, editor
  needs ground
2 steps' \
    "$(packages --store store path shell ground)"
claim 'path says when there is none' 'there is no way from missing to shell' \
    "$(packages --store store path missing shell)"

output=$(packages --store store stats)
claim 'stats exits with 0' 0 $?
shows 'stats counts packages and batches' '5 packages, loaded in 3 batches' "$output"
shows 'stats counts placeholders' \
    '3 placeholders, needed or provided and not there; others provide 2' "$output"
shows 'stats counts references' '8 references to what is needed' "$output"
# ground is no package itself, so what needs it reaches who provides it: editor
# is in the cycle through ground, and pager through its provider.
shows 'stats finds the largest cycle' '  the largest cycle (6):' "$output"
shows 'the cycle goes through providers' \
    '    base, editor, ground, library, pager, shell' "$output"
shows 'stats knows the most needed' '          1 base' "$output"

output=$(packages --store store --from list --from latin load)
claim 'a second load exits with 0' 0 $?
shows 'a second load finds all there' \
    '5 packages in 1 batch: 0 new, 0 changed, 5 as before' \
    "$(printf '%s\n' "$output" | sed 's/, [0-9.]* s:/:/')"

cat >newer <<'END'
Package: shell
Version: 5.3
Depends: missing

Package: missing
Version: 1
END
output=$(packages --store store --from newer load)
shows 'a newer list changes what it has' \
    '2 packages in 1 batch: 1 new, 1 changed, 0 as before' \
    "$(printf '%s\n' "$output" | sed 's/, [0-9.]* s:/:/')"
claim 'a placeholder is filled, and keeps who needs it and its count' \
    'missing 1
  is needed by (2):
    base, shell
  was asked for 2 times' \
    "$(packages --store store query missing)"
claim 'what is not needed any more forgets who needed it' \
    'library 2.36
  needs (1):
    base
  was asked for 1 time' \
    "$(packages --store store query library)"

# Mistakes.
refuses 'a name that is not there gets suggestions' 1 \
    'there is no package shlel; did you mean shell?' --store store query shlel
refuses 'a name like none gets no suggestion' 1 'none with a similar name' \
    --store store query zzzzzzzz
refuses 'a store that is not there is not made by a question' 1 \
    'there is no store in nowhere' --store nowhere stats
refuses 'a file that is not there is named' 1 'there is no file nofile' \
    --store other --from nofile load
claim 'nothing was made for it' '' "$(ls -d other nowhere 2>/dev/null)"
refuses 'a store cannot be made in a folder that is not there' 1 'no/where' \
    --store no/where --from list load
refuses 'a command is needed' 2 'Usage:' --store store
refuses 'a command that is none' 2 'there is no command lode' --store store lode
refuses 'a command with too little' 2 'path takes other arguments' path shell
refuses 'an option that is none' 2 'there is no option --form' --form list load
refuses 'an option without its value' 2 '--store needs a value' load --store
refuses 'a batch of nothing' 2 'not a number above 0' --batch 0 load
refuses 'a durability that is none' 2 'durable, grouped or relaxed' \
    --durability some load

printf 'Package: a\nVersion: 1\n\nPackage: b\nVersion 1\n' >malformed
refuses 'a line that is no field is named by file and line' 1 'malformed:5: ' \
    --store bad --from malformed load
printf 'Package: a\nVersion: 1\n\n\nPackage: b\n\n' >malformed
refuses 'a paragraph without a version is named by file and line' 1 \
    'malformed:5: a paragraph without the field Version' --store bad --from malformed load
printf '\n folded\n' >malformed
refuses 'a paragraph cannot begin with more of a field' 1 'malformed:2: ' \
    --store bad --from malformed load
printf 'Package: a\nVersion: 1\nDepends: b,\n c d\n' >malformed
refuses 'a dependency that is no name is named by file and line' 1 \
    'malformed:3: "c d", in Depends, is not' --store bad --from malformed load
refuses 'batches before the malformed one are kept' 1 'there is no package b' \
    --store bad query b

# A store has one owner.
mkfifo hold
exec 9<>hold
owner=$(cat store/LOCK)
(
    exec 9<&-
    packages --store store --from hold load >holder
) &
holder=$!
tries=0
until [ "$tries" -ge 300 ] || [ "$(cat store/LOCK)" != "$owner" ]; do
    sleep 0.1
    tries=$((tries + 1))
done
refuses 'a store in use says so' 1 'in use' --store store query shell
exec 9>&-
wait "$holder"
claim 'and its owner goes on' 0 $?

# Killed again and again.
i=0
while [ "$i" -lt 30 ]; do
    printf 'Package: p%s\nVersion: 1\nDepends: p%s, q | p%s\nProvides: v%s\n\n' \
        "$i" "$(((i + 7) % 30))" "$(((i * i) % 30))" "$((i % 3))"
    i=$((i + 1))
done >many
output=$(packages --store store --from many --batch 3 --kills 6 crash)
claim 'crash exits with 0' 0 $?
case $output in
*' kills, 10 batches: after each exactly the acknowledged'*': OK') ;;
*) claim 'crash finds the acknowledged batches each time' '... OK' "$output" ;;
esac
shows 'crash leaves the store beside it alone' '  was asked for 3 times' \
    "$(packages --store store query shell)"
claim 'crash loads all' '30 packages, loaded in 10 batches' \
    "$(packages --store store-crash stats | head -n 1)"
output=$(packages --store store/ --from many --batch 5 --kills 3 --durability relaxed crash)
claim 'crash begins anew, and kill -9 takes nothing from a relaxed store' 0 $?
printf '' >empty
refuses 'an empty list is no mistake' 0 '0 packages in 0 batches' \
    --store store --from empty load

if [ "$failed" -ne 0 ]; then
    echo "$failed claims of $0 do not hold"
    exit 1
fi
