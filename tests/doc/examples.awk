# examples.awk -- the examples of a Texinfo file, as programs.
# SPDX-License-Identifier: LGPL-3.0-or-later
#
# Comments in the manual say what an example is:
#
#   @c run scheme    a program begins with the next @lisp
#   @c run c         the same in C, an @example with an @verbatim in it
#   @c more          the next block goes on with the program
#   @c prints        the next @example is what the program so far has printed last
#   @c again         the program is run once more, in the same folder
#   @c not run       the next block is no program
#
# A @lisp or @verbatim block without one of these before it is an error: nobody would
# notice when it stops being true.  All output of a run goes into one
# comparison, so that the pieces of a program share it.
#
# Set: out, the folder to write into.  Writes N.scm or N.c, and N.1, N.2 ...: what
# the runs of program N print.

function fail(text) {
    printf "%s:%d: %s\n", FILENAME, FNR, text > "/dev/stderr"
    bad = 1
}

function plain(line) {
    gsub(/@\{/, "{", line)
    gsub(/@\}/, "}", line)
    gsub(/@@/, "@", line)
    return line
}

function begin_run() {
    run++
    want = out "/" number "." run
    printf "" > want
}

/^@c run / {
    number++
    run = 0
    ending = $3 == "scheme" ? ".scm" : ".c"
    program = out "/" number ending
    printf "%s:%d\n", FILENAME, FNR > (out "/" number ".where")
    begin_run()
    next_block = "program"
    next
}
/^@c more$/    { next_block = "program"; next }
/^@c again$/   { begin_run(); next }
/^@c prints$/  { next_block = "output"; next }
/^@c not run$/ { next_block = "text"; next }

/^@(lisp|verbatim|example)$/ && !block {
    if ($0 == "@example" && next_block == "") {
        block = "example"
        goal = "text"
        next
    }
    if (next_block == "") {
        fail("an example that does not say whether it runs")
        next_block = "text"
    }
    if (next_block == "output" && $0 != "@example")
        fail("what a program prints is an @example")
    block = substr($0, 2)
    goal = next_block
    next_block = ""
    next
}

block && $0 == "@end " block { block = ""; next }
block == "example" && /^@(end )?verbatim$/ { raw = $1 == "@verbatim"; next }

block && goal == "program" { print (raw ? $0 : plain($0)) > program }
block && goal == "output"  { print plain($0) > want }

END { exit bad }
