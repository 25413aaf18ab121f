# scheme/local.mk -- the Guile extension and the (hob ...) modules.
# SPDX-License-Identifier: LGPL-3.0-or-later

# The extension is loaded, never linked with; its init function is its only symbol.
extensiondir = $(guileextensiondir)
extension_LTLIBRARIES = guile-hob.la
guile_hob_la_CPPFLAGS = $(PERSIST_CPPFLAGS) -I$(top_srcdir)/scheme $(GUILE_CFLAGS)
guile_hob_la_LDFLAGS = $(HOB_LDFLAGS) -module -avoid-version -no-undefined \
	-export-symbols-regex '^scm_init_hob$$'
guile_hob_la_LIBADD = libhob-persist.la libhob.la $(GUILE_LIBS) $(GC_LIBS) $(GMP_LIBS)
guile_hob_la_SOURCES = \
	scheme/errors.c \
	scheme/export.c \
	scheme/guile-hob.c \
	scheme/guile-hob.h \
	scheme/import.c \
	scheme/keepers.c \
	scheme/refrs.c \
	scheme/stores.c \
	scheme/vats.c

MODULES = \
	scheme/hob.scm \
	scheme/hob/abstract-types.scm \
	scheme/hob/actor-lib/cell.scm \
	scheme/hob/actor-lib/common.scm \
	scheme/hob/actor-lib/facet.scm \
	scheme/hob/actor-lib/inbox.scm \
	scheme/hob/actor-lib/io.scm \
	scheme/hob/actor-lib/joiners.scm \
	scheme/hob/actor-lib/let-on.scm \
	scheme/hob/actor-lib/methods.scm \
	scheme/hob/actor-lib/nonce-registry.scm \
	scheme/hob/actor-lib/on.scm \
	scheme/hob/actor-lib/opportunistic.scm \
	scheme/hob/actor-lib/pubsub.scm \
	scheme/hob/actor-lib/pushdown.scm \
	scheme/hob/actor-lib/queue.scm \
	scheme/hob/actor-lib/ring-buffer.scm \
	scheme/hob/actor-lib/sealers.scm \
	scheme/hob/actor-lib/selfish-spawn.scm \
	scheme/hob/actor-lib/simple-mint.scm \
	scheme/hob/actor-lib/swappable.scm \
	scheme/hob/actor-lib/ticker.scm \
	scheme/hob/actor-lib/timers.scm \
	scheme/hob/actor-lib/ward.scm \
	scheme/hob/actormap.scm \
	scheme/hob/churn.scm \
	scheme/hob/core.scm \
	scheme/hob/define-actor.scm \
	scheme/hob/environment.scm \
	scheme/hob/exceptions.scm \
	scheme/hob/hooks.scm \
	scheme/hob/keeper.scm \
	scheme/hob/migrations.scm \
	scheme/hob/objects.scm \
	scheme/hob/persistence-store/gdbm.scm \
	scheme/hob/persistence-store/memory.scm \
	scheme/hob/primitives.scm \
	scheme/hob/promises.scm \
	scheme/hob/utils/assert-type.scm \
	scheme/hob/utils/fifo.scm \
	scheme/hob/utils/ghash.scm \
	scheme/hob/utils/graphviz.scm \
	scheme/hob/utils/hashmap.scm \
	scheme/hob/utils/keyed-error.scm \
	scheme/hob/utils/ordered-set.scm \
	scheme/hob/utils/random-name.scm \
	scheme/hob/utils/ring-buffer.scm \
	scheme/hob/utils/simple-sealers.scm \
	scheme/hob/utils/weak-box.scm \
	scheme/hob/utils/worker.scm \
	scheme/hob/vat.scm

MADE_MODULES = scheme/hob/config.scm
COMPILED_MODULES = $(MODULES:.scm=.go) $(MADE_MODULES:.scm=.go)
EXTRA_DIST += $(MODULES) scheme/hob/config.scm.in
CLEANFILES += $(COMPILED_MODULES) $(MADE_MODULES) scheme/hob/config.stamp \
	scheme/depends.mk

all-local: $(COMPILED_MODULES)

# A module's source, in the build tree when it was made there.
IN_TREE = test -f "$$source" || source="$(srcdir)/$$source"

# Written anew only when it changes, because every module depends on it.
scheme/hob/config.stamp: scheme/hob/config.scm.in Makefile
	$(AM_V_GEN)$(MKDIR_P) scheme/hob && \
	$(SED) -e 's|[@]guileextensiondir[@]|$(guileextensiondir)|' \
	  -e 's|[@]PACKAGE_VERSION[@]|$(PACKAGE_VERSION)|' \
	  $(srcdir)/scheme/hob/config.scm.in > config.new && \
	if cmp -s config.new scheme/hob/config.scm; then rm config.new; \
	else mv config.new scheme/hob/config.scm; fi && touch $@
scheme/hob/config.scm: scheme/hob/config.stamp
	@test -f $@ || { rm -f $<; $(MAKE) $<; }

# Guile inlines small procedures and expands macros across modules: a module must
# be compiled again after each module that it uses.  Which those are is read from
# its define-module and use-modules forms (which end at an empty line).
scheme/depends.mk: $(MODULES) scheme/local.mk
	$(AM_V_GEN)$(MKDIR_P) scheme && \
	for module in $(MODULES); do \
	  source=$$module; $(IN_TREE); \
	  $(SED) -n -e 's/;.*//' -e '/^(define-module/,/^$$/p' -e '/^(use-modules/,/^$$/p' \
	    "$$source" | $(SED) -e '/#:autoload/d' | tr '(' '\n' | \
	  $(SED) -n -e 's/^\(hob[^()]*\)).*/\1/p' | tr ' ' '/' | sort -u | \
	  while read used; do \
	    case " $(MODULES) $(MADE_MODULES) " in \
	    *" scheme/$$used.scm "*) \
	      test "scheme/$$used.scm" = "$$module" || \
	        echo "$${module%.scm}.go: scheme/$$used.go" ;; \
	    esac; \
	  done; \
	done > $@.new && mv $@.new $@
-include scheme/depends.mk

# Compiling a module loads what it uses, hence the extension: it has to be there,
# but a change in it does not make compiled Scheme stale.
$(COMPILED_MODULES): | guile-hob.la libhob-persist.la libhob.la pre-inst-env
$(COMPILED_MODULES): scheme/hob/config.scm

GUILEC_WARNINGS = -Wunbound-variable -Warity-mismatch -Wformat
# The examples are modules too.
GUILEC_FLAGS = -O2 -L $(srcdir)/examples $(GUILEC_WARNINGS)
AM_V_GUILEC = $(AM_V_GUILEC_@AM_V@)
AM_V_GUILEC_ = $(AM_V_GUILEC_@AM_DEFAULT_V@)
AM_V_GUILEC_0 = @echo "  GUILEC  " $@;
SUFFIXES = .scm .go
# guild succeeds when it warns; with --enable-werror the rule does not.
.scm.go:
	$(AM_V_GUILEC)$(MKDIR_P) $(@D) && \
	if said=`$(top_builddir)/pre-inst-env $(GUILD) compile $(GUILEC_FLAGS) \
	  -o $@ $< 2>&1`; then bad=no; else bad=yes; fi; \
	echo "$$said" | $(SED) '/^wrote /d'; \
	case "$(HOB_WERROR),$$said" in yes,*warning:*) bad=yes ;; esac; \
	test $$bad = no || { rm -f $@; exit 1; }

# Guile ignores a compiled file older than its source, hence the order.
install-data-local: $(COMPILED_MODULES)
	@for module in $(MODULES) $(MADE_MODULES); do \
	  source=$$module; $(IN_TREE); \
	  name=$${module#scheme/}; name=$${name%.scm}; \
	  site="$(DESTDIR)$(guilesitedir)/$$name.scm"; \
	  ccache="$(DESTDIR)$(guileccachedir)/$$name.go"; \
	  echo " $(INSTALL_DATA) $$source $$site"; \
	  $(MKDIR_P) "$${site%/*}" "$${ccache%/*}" && \
	  $(INSTALL_DATA) "$$source" "$$site" && \
	  $(INSTALL_DATA) "scheme/$$name.go" "$$ccache" || exit 1; \
	done

uninstall-local:
	@for module in $(MODULES) $(MADE_MODULES); do \
	  name=$${module#scheme/}; name=$${name%.scm}; \
	  rm -f "$(DESTDIR)$(guilesitedir)/$$name.scm" \
	    "$(DESTDIR)$(guileccachedir)/$$name.go" || exit 1; \
	done
	-for folder in "$(DESTDIR)$(guilesitedir)/hob" "$(DESTDIR)$(guileccachedir)/hob"; do \
	  test ! -d "$$folder" || find "$$folder" -depth -type d -exec rmdir {} \; ; \
	done
