# tests/local.mk -- every suite, and the builds in which they run.
# SPDX-License-Identifier: LGPL-3.0-or-later
#
# Three kinds: programs in C (libcheck; the name of a program is the name of its
# only source), Scheme files (SRFI-64) and shell scripts.  No two may have the same
# name without its ending.  All run through pre-inst-env.

C_SUITES = \
	tests/persist/check-command \
	tests/persist/check-environment \
	tests/persist/check-exhaustion \
	tests/persist/check-journal \
	tests/persist/check-keeper \
	tests/persist/check-kinds \
	tests/persist/check-persistent-vat \
	tests/persist/check-record \
	tests/persist/check-recovery \
	tests/persist/check-restore \
	tests/persist/check-save \
	tests/persist/check-store \
	tests/persist/check-vat-kill \
	tests/persist/crash-power \
	tests/persist/crash-store \
	tests/runtime/check-host \
	tests/runtime/check-mailbox \
	tests/runtime/check-object \
	tests/runtime/check-promise \
	tests/runtime/check-scheduler \
	tests/runtime/check-syrup-limits \
	tests/runtime/check-syrup \
	tests/runtime/check-turn \
	tests/runtime/check-value \
	tests/runtime/check-vat \
	tests/runtime/fuzz-syrup

SCHEME_SUITES = \
	tests/scheme/test-abstract-types.scm \
	tests/scheme/test-actor-lib-common.scm \
	tests/scheme/test-actor-lib-facet.scm \
	tests/scheme/test-actor-lib-inbox.scm \
	tests/scheme/test-actor-lib-io.scm \
	tests/scheme/test-actor-lib-joiners.scm \
	tests/scheme/test-actor-lib-nonce-registry.scm \
	tests/scheme/test-actor-lib-on.scm \
	tests/scheme/test-actor-lib-opportunistic.scm \
	tests/scheme/test-actor-lib-pubsub.scm \
	tests/scheme/test-actor-lib-pushdown.scm \
	tests/scheme/test-actor-lib-queue.scm \
	tests/scheme/test-actor-lib-ring-buffer.scm \
	tests/scheme/test-actor-lib-sealers.scm \
	tests/scheme/test-actor-lib-selfish-spawn.scm \
	tests/scheme/test-actor-lib-simple-mint.scm \
	tests/scheme/test-actor-lib-swappable.scm \
	tests/scheme/test-actor-lib-ticker.scm \
	tests/scheme/test-actor-lib-timers.scm \
	tests/scheme/test-actor-lib-ward.scm \
	tests/scheme/test-actormap.scm \
	tests/scheme/test-assert-type.scm \
	tests/scheme/test-await.scm \
	tests/scheme/test-cell.scm \
	tests/scheme/test-define-actor.scm \
	tests/scheme/test-environment.scm \
	tests/scheme/test-exceptions.scm \
	tests/scheme/test-fifo.scm \
	tests/scheme/test-ghash.scm \
	tests/scheme/test-graphviz.scm \
	tests/scheme/test-hashmap.scm \
	tests/scheme/test-interrupt.scm \
	tests/scheme/test-kinds.scm \
	tests/scheme/test-memory.scm \
	tests/scheme/test-methods.scm \
	tests/scheme/test-migrations.scm \
	tests/scheme/test-objects.scm \
	tests/scheme/test-ordered-set.scm \
	tests/scheme/test-persistence.scm \
	tests/scheme/test-portraits.scm \
	tests/scheme/test-promises.scm \
	tests/scheme/test-random-name.scm \
	tests/scheme/test-refusals.scm \
	tests/scheme/test-ring-buffer.scm \
	tests/scheme/test-simple-sealers.scm \
	tests/scheme/test-turns.scm \
	tests/scheme/test-values.scm \
	tests/scheme/test-vat.scm \
	tests/scheme/test-weak-box.scm \
	tests/scheme/test-worker.scm

SHELL_SUITES = \
	tests/doc/test-manual.sh \
	tests/examples/test-counter.sh \
	tests/examples/test-packages.sh \
	tests/persist/test-command.sh

# Used by suites, no suite themselves.
EXTRA_DIST += \
	tests/doc/examples.awk \
	tests/persist/fake-store.h \
	tests/persist/scratch.h \
	tests/persist/stage.h \
	tests/runtime/scene.h \
	tests/runtime/testing.h \
	tests/scheme/restarting.scm \
	tests/scheme/stores.scm \
	tests/scheme/testing.scm \
	tests/scheme/waiting.scm

check_PROGRAMS += $(C_SUITES)
TESTS = $(C_SUITES) $(SCHEME_SUITES) $(SHELL_SUITES)
EXTRA_DIST += $(SCHEME_SUITES) $(SHELL_SUITES)

# For what has no flags of its own, and that is the suites: they may look inside
# both libraries, and are run from the build tree only.
AM_CPPFLAGS = $(PERSIST_CPPFLAGS) $(CHECK_CFLAGS)
AM_LDFLAGS = $(HOB_LDFLAGS) -no-install
LDADD = libhob-persist-inside.la libhob-inside.la $(GDBM_LIBS) $(GC_LIBS) $(GMP_LIBS) $(CHECK_LIBS)

TEST_EXTENSIONS = .scm .sh
LOG_COMPILER = $(top_builddir)/pre-inst-env
SCM_LOG_COMPILER = $(top_builddir)/pre-inst-env $(GUILE)
AM_SCM_LOG_FLAGS = --no-auto-compile -L $(srcdir)/tests/scheme -s
SH_LOG_COMPILER = $(top_builddir)/pre-inst-env $(SHELL)
AM_TESTS_ENVIRONMENT = \
	abs_top_srcdir='$(abs_top_srcdir)'; export abs_top_srcdir; \
	abs_top_builddir='$(abs_top_builddir)'; export abs_top_builddir; \
	CC='$(CC)'; export CC; \
	GUILE='$(GUILE)'; export GUILE;

# The same suites with more rounds, longer fuzzing, every point of failure.
check-long:
	HOB_LONG=1 CK_TIMEOUT_MULTIPLIER=$${CK_TIMEOUT_MULTIPLIER-30} $(MAKE) check

# Two builds more, each in a folder of its own below this one.  Compiled Scheme
# does not depend on how the C code was built, so that they use this build's.
check-sanitizers check-torture: all
	@variant=$(@:check-%=%); $(MKDIR_P) $$variant && cd $$variant && \
	{ test -f config.status || \
	  $(abs_srcdir)/configure --quiet --enable-$$variant --enable-werror=$(HOB_WERROR) \
	    CC='$(CC)' CFLAGS='-O1 -g' CPPFLAGS='$(CPPFLAGS)' LDFLAGS='$(LDFLAGS)' \
	    PKG_CONFIG_PATH='$(PKG_CONFIG_PATH)'; } && \
	GUILE_LOAD_PATH='$(abs_top_builddir)/scheme' \
	GUILE_LOAD_COMPILED_PATH='$(abs_top_builddir)/scheme' \
	CK_TIMEOUT_MULTIPLIER=$${CK_TIMEOUT_MULTIPLIER-5} $(MAKE) check-variant

# What the two run inside of their build.
if RUN_SCHEME
VARIANT_SUITES = $(TESTS)
else
VARIANT_SUITES = $(C_SUITES)
endif
check-variant: $(lib_LTLIBRARIES) $(extension_LTLIBRARIES) $(bin_PROGRAMS) \
		$(noinst_PROGRAMS) $(check_PROGRAMS)
	$(MAKE) check-TESTS TESTS='$(VARIANT_SUITES)'

# Against what `make install` put under the prefix, as its users see it.
installcheck-local:
	PKG_CONFIG_PATH="$(DESTDIR)$(pkgconfigdir):$$PKG_CONFIG_PATH"; \
	export PKG_CONFIG_PATH; \
	$(CC) $(srcdir)/examples/counter.c -o installed-counter \
	  `$(PKG_CONFIG) --cflags --libs hob-persist` $(CFLAGS) $(LDFLAGS) && \
	rm installed-counter
	GUILE_AUTO_COMPILE=0 \
	GUILE_LOAD_PATH="$(DESTDIR)$(guilesitedir)" \
	GUILE_LOAD_COMPILED_PATH="$(DESTDIR)$(guileccachedir)" \
	$(GUILE) -c '(use-modules (hob))'

clean-local:
	-rm -rf sanitizers torture
