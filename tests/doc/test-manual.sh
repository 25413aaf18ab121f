#!/bin/sh
# test-manual.sh -- what the manual says is so: its examples print what stands below
# them, and every public name has an entry.
# SPDX-License-Identifier: LGPL-3.0-or-later
#
# Run through pre-inst-env, with CC, GUILE, abs_top_srcdir and abs_top_builddir set, as
# `make check` does.  examples.awk says how examples are marked.
set -eu

source=$abs_top_srcdir
build=$abs_top_builddir
manual=$source/doc
work=$(mktemp -d "${TMPDIR:-/tmp}/hob-manual.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
failed=0

not_ok() {
    echo "FAIL: $1"
    failed=$((failed + 1))
}

# bounded COMMAND...: an example that hangs is one that fails.
bounded() {
    if command -v timeout >/dev/null; then timeout -k 5 120 "$@"; else "$@"; fi
}

# ---------------------------------------------------------------- examples

compile() {
    ${CC:-cc} -Wall -Werror -I"$source/runtime" -I"$source/persist" "$1" -o "${1%.c}" \
        -L"$build/.libs" -Wl,-rpath,"$build/.libs" -lhob-persist -lhob
}

run() {
    case $1 in
    *.scm) bounded "$GUILE" --no-auto-compile -s "$1" ;;
    *) bounded "${1%.c}" ;;
    esac
}

# try PROGRAM: every run of it, in a folder of its own.
try() {
    stem=${1%.*}
    where=$(cat "$stem.where")
    case $1 in
    *.c)
        if ! compile "$1" >"$stem.log" 2>&1; then
            not_ok "$where does not compile"
            cat "$stem.log"
            return
        fi
        ;;
    esac
    mkdir "$stem.folder"
    number=1
    while [ -e "$stem.$number" ]; do
        status=0
        (cd "$stem.folder" && run "$1") >"$stem.out" 2>"$stem.log" || status=$?
        if [ $status -ne 0 ]; then
            not_ok "$where ends with status $status (run $number)"
            tail -n 20 "$stem.log"
        elif ! diff -u "$stem.$number" "$stem.out" >"$stem.diff"; then
            not_ok "$where prints something else than the manual says (run $number)"
            cat "$stem.diff"
        fi
        number=$((number + 1))
    done
}

examples=0
for chapter in "$manual"/*.texi; do
    folder=$work/$(basename "$chapter" .texi)
    mkdir "$folder"
    awk -v out="$folder" -f "$source/tests/doc/examples.awk" "$chapter" ||
        not_ok "the examples of $chapter"
    for program in "$folder"/*.scm "$folder"/*.c; do
        if [ -e "$program" ]; then
            try "$program"
            examples=$((examples + 1))
        fi
    done
done
[ "$examples" -gt 0 ] || not_ok "the manual has no examples"

# ------------------------------------------------------------------- names

LC_ALL=C # one order for sort and comm
export LC_ALL

# What the manual has entries for: @def lines, index entries, and tables of codes.
cat "$manual"/*.texi |
    grep -E '^@(def[a-z]*|[a-z]*index|item|code)' |
    sed 's/@var{[^}]*}//g' |
    tr -c 'A-Za-z0-9_$<>^?!*&/:=.+%-' '\n' | sort -u >"$work/entries"
# Those that stand in running text as code count for types and constants only.
cat "$manual"/*.texi | grep -Eo '@code\{[^}]*\}' |
    tr -c 'A-Za-z0-9_&-' '\n' | sort -u >"$work/mentioned"

# without_entry WHAT NAMES FILE: names in NAMES that FILE lacks.
without_entry() {
    sort -u "$2" | comm -23 - "$3" >"$work/missing"
    while read -r name; do
        not_ok "the manual has no entry for the $1 $name"
    done <"$work/missing"
}

# The headers without comments, guards, and what they undefine again.
cat "$source"/runtime/hob.h "$source"/runtime/hob-host.h \
    "$source"/persist/hob-persist.h "$source"/persist/hob-keeper.h | tr '\n' ' ' |
    sed -e 's,/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/, ,g' >"$work/headers"
grep -Eo 'HOB_API [^;(]*\(' "$work/headers" | grep -Eo 'hob_[a-z0-9_]+\($' |
    tr -d '(' | sort -u >"$work/functions"
without_entry function "$work/functions" "$work/entries"
sort -u "$work/entries" "$work/mentioned" >"$work/either"
grep -Eo '\b(hob_[a-z0-9_]+|HOB_[A-Z0-9_]+)\b' "$work/headers" |
    grep -Ev '_H$|^HOB_ERROR_CODE$' | sort -u |
    comm -23 - "$work/functions" >"$work/names"
without_entry "C name" "$work/names" "$work/either"

# The modules are those that the manual lists.
cat >"$work/exports.scm" <<'END'
(for-each
 (lambda (text)
   (module-for-each
    (lambda (name _) (display name) (newline))
    (resolve-interface (call-with-input-string text read))))
 (cdr (command-line)))
END
modules=$(sed -n 's/^@item @code{\((hob [a-z -]*)\)} @tab.*/\1/p' "$manual"/*.texi |
    tr '\n' '|')
(
    IFS='|' # split at the bars only
    bounded "$GUILE" --no-auto-compile -s "$work/exports.scm" $modules
) >"$work/exported" || not_ok "the modules of the manual cannot be loaded"
[ -s "$work/exported" ] || not_ok "the manual lists no modules"
without_entry "Scheme name" "$work/exported" "$work/entries"

# ------------------------------------------------------------------- form

version=$(sed -n 's/^AC_INIT(\[hob\], \[\(.*\)\])$/\1/p' "$source/configure.ac")
grep -q "^@set VERSION $version\$" "$manual/hob.texi" ||
    not_ok "the manual is not for version $version"
if command -v makeinfo >/dev/null; then
    makeinfo --no-split -o "$work/hob.info" "$manual/hob.texi" >"$work/log" 2>&1 || :
    if [ -s "$work/log" ]; then
        not_ok "makeinfo complains"
        cat "$work/log"
    fi
fi

echo "$examples examples, $failed failed"
[ "$failed" -eq 0 ]
