# examples/local.mk -- programs to read; they use what an installed Hob offers.
# SPDX-License-Identifier: LGPL-3.0-or-later

noinst_PROGRAMS += examples/counter
examples_counter_CPPFLAGS = $(PERSIST_CPPFLAGS)
examples_counter_LDADD = libhob-persist.la libhob.la
examples_counter_SOURCES = examples/counter.c

EXTRA_DIST += \
	examples/packages.scm \
	examples/packages/ask.scm \
	examples/packages/control-file.scm \
	examples/packages/crash.scm \
	examples/packages/display.scm \
	examples/packages/expected.scm \
	examples/packages/failure.scm \
	examples/packages/graph.scm \
	examples/packages/near.scm \
	examples/packages/store.scm \
	examples/packages/walks.scm

# Uninstalled they are found compiled, as the modules of Hob are: interpreted they
# are several times slower.
EXAMPLE_MODULES = \
	examples/packages/ask.scm \
	examples/packages/control-file.scm \
	examples/packages/crash.scm \
	examples/packages/display.scm \
	examples/packages/expected.scm \
	examples/packages/failure.scm \
	examples/packages/graph.scm \
	examples/packages/near.scm \
	examples/packages/store.scm \
	examples/packages/walks.scm

COMPILED_EXAMPLES = $(EXAMPLE_MODULES:.scm=.go)
CLEANFILES += $(COMPILED_EXAMPLES)
all-local: $(COMPILED_EXAMPLES)
$(COMPILED_EXAMPLES): $(COMPILED_MODULES) $(EXAMPLE_MODULES)
