# bench/local.mk -- measurements; `make bench` builds and runs them all.
# SPDX-License-Identifier: LGPL-3.0-or-later
#
# Programs in C (the name of a program is the name of its only source) and Scheme
# files, which are compiled first: nothing measures the interpreter.  Both print one
# line a figure.

C_BENCHES = \
	bench/churns \
	bench/turns

SCHEME_BENCHES = \
	bench/turns.scm

EXTRA_PROGRAMS = $(C_BENCHES)
EXTRA_DIST += $(SCHEME_BENCHES)
CLEANFILES += $(C_BENCHES) bench/program.go

bench: all $(C_BENCHES)
	@for program in $(C_BENCHES); do \
	  ./pre-inst-env ./$$program || exit 1; \
	done
	@for script in $(SCHEME_BENCHES); do \
	  ./pre-inst-env $(GUILD) compile -O2 -o bench/program.go $(srcdir)/$$script \
	    >/dev/null && \
	  ./pre-inst-env $(GUILE) -c '(load-compiled "bench/program.go")' || exit 1; \
	done
