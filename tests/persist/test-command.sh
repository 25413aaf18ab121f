#!/bin/sh
# test-command.sh -- the command hob on the store of a Guile program.
# SPDX-License-Identifier: LGPL-3.0-or-later
#
# check-command.c has the rest: damage, each type of value, mistakes.

set -u
folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT
store=$folder/store
failures=0

fail() {
    echo "FAIL: $*"
    failures=$((failures + 1))
}

# expect STATUS TEXT COMMAND...: the command ends so, and prints a line with TEXT.
expect() {
    wanted=$1 text=$2
    shift 2
    "$@" >"$folder/output" 2>&1 </dev/null
    status=$?
    [ $status -eq "$wanted" ] || fail "$*: status $status, not $wanted"
    grep -q -F -e "$text" "$folder/output" || {
        fail "$*: nothing like '$text' in:"
        cat "$folder/output"
    }
}

cat >"$folder/counter.scm" <<'EOF'
(use-modules (hob) (hob persistence-store gdbm))
(define-actor (^counter bcom #:optional (n 0))
  (lambda () (bcom (^counter bcom (+ n 1)) n)))
(define env (make-persistence-env `((counter ,^counter))))
(define-values (vat counter)
  (spawn-persistent-vat env (lambda () (spawn ^counter))
                        (make-gdbm-store (cadr (command-line)))))
(with-vat vat ($ counter) ($ counter))
EOF
"${GUILE:-guile}" --no-auto-compile "$folder/counter.scm" "$store" || {
    echo "the store could not be made"
    exit 99
}

files() {
    (cd "$store" && cksum ./*)
}

before=$(files)
expect 0 'objects  1,' hob info "$store"
expect 0 'counter, version 0: 1' hob info "$store"
hob verify "$store" >"$folder/output" 2>&1 || fail "hob verify: status $?"
[ -s "$folder/output" ] && fail "hob verify says something of a good store"
expect 0 '1/o/1 = counter, version 0' hob dump "$store"
expect 0 '"portrait":[2]' hob dump --json "$store" 1/o/1
[ "$before" = "$(files)" ] || fail "the store was written to"

expect 2 'No such file or directory' hob info "$folder/nowhere"
[ -e "$folder/nowhere" ] && fail "a store was made"
expect 2 'there is no subcommand' hob tidy "$store"
expect 0 'Usage: hob verify' hob verify --help
expect 0 'hob ' hob --version

# Output that cannot be written is a failure.
if [ -w /dev/full ]; then
    hob dump "$store" >/dev/full 2>"$folder/output"
    [ $? -eq 2 ] || fail "a full disk is no failure"
    grep -q 'cannot write the output' "$folder/output" || fail "nothing was said of it"
fi

[ $failures -eq 0 ]
