# bench/local.mk -- measurements; `make bench` builds and runs them all.
# SPDX-License-Identifier: LGPL-3.0-or-later
#
# Programs in C (the name of a program is the name of its only source) and Scheme
# files.  Both print one line a figure.

C_BENCHES =

SCHEME_BENCHES =

EXTRA_PROGRAMS = $(C_BENCHES)
EXTRA_DIST += $(SCHEME_BENCHES)
CLEANFILES += $(C_BENCHES)

bench: all $(C_BENCHES)
	@for program in $(C_BENCHES); do \
	  ./pre-inst-env ./$$program || exit 1; \
	done
	@for script in $(SCHEME_BENCHES); do \
	  ./pre-inst-env $(GUILE) --no-auto-compile -s $(srcdir)/$$script || exit 1; \
	done
