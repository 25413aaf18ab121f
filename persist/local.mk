# persist/local.mk -- libhob-persist, which keeps vats on disk, and the hob command.
# SPDX-License-Identifier: LGPL-3.0-or-later

PERSIST_CPPFLAGS = $(RUNTIME_CPPFLAGS) -I$(top_srcdir)/persist

noinst_LTLIBRARIES += libhob-persist-inside.la
libhob_persist_inside_la_CPPFLAGS = $(PERSIST_CPPFLAGS)
libhob_persist_inside_la_LIBADD = $(GDBM_LIBS) $(GC_LIBS) $(GMP_LIBS) $(PTHREAD_LIBS)

lib_LTLIBRARIES += libhob-persist.la
libhob_persist_la_LDFLAGS = $(HOB_LDFLAGS) -no-undefined -version-info 0:0:0
libhob_persist_la_LIBADD = libhob-persist-inside.la libhob.la
libhob_persist_la_SOURCES =

libhob_persist_inside_la_SOURCES = \
	persist/environment.c \
	persist/environment.h \
	persist/gdbm/birth.c \
	persist/gdbm/checkpoint.c \
	persist/gdbm/commit.c \
	persist/gdbm/crc32c.c \
	persist/gdbm/crc32c.h \
	persist/gdbm/disk.c \
	persist/gdbm/disk.h \
	persist/gdbm/engine.c \
	persist/gdbm/engine.h \
	persist/gdbm/failure.c \
	persist/gdbm/failure.h \
	persist/gdbm/frame.c \
	persist/gdbm/frame.h \
	persist/gdbm/journal.c \
	persist/gdbm/journal.h \
	persist/gdbm/layout.h \
	persist/gdbm/lock.c \
	persist/gdbm/lock.h \
	persist/gdbm/meta.c \
	persist/gdbm/meta.h \
	persist/gdbm/overlay.c \
	persist/gdbm/overlay.h \
	persist/gdbm/recovery.c \
	persist/gdbm/replay.c \
	persist/gdbm/replay.h \
	persist/gdbm/ring.c \
	persist/gdbm/segment.c \
	persist/gdbm/segment.h \
	persist/gdbm/state.c \
	persist/gdbm/state.h \
	persist/gdbm/store-gdbm.c \
	persist/gdbm/stored.c \
	persist/gdbm/stored.h \
	persist/gdbm/twin.c \
	persist/gdbm/twin.h \
	persist/keeper.c \
	persist/keeper.h \
	persist/kinds.c \
	persist/kinds.h \
	persist/persistent-vat.c \
	persist/random.c \
	persist/record.c \
	persist/restore.c \
	persist/save.c \
	persist/store-memory.c \
	persist/store.c \
	persist/store.h

include_HEADERS += \
	persist/hob-keeper.h \
	persist/hob-persist.h

bin_PROGRAMS += hob
hob_CPPFLAGS = $(PERSIST_CPPFLAGS)
hob_LDFLAGS = $(HOB_LDFLAGS)
# It looks at records and tables that no program but this one may.
hob_LDADD = libhob-persist-inside.la libhob-inside.la
hob_SOURCES = \
	persist/command/catalog.c \
	persist/command/catalog.h \
	persist/command/command.h \
	persist/command/dump.c \
	persist/command/hob.c \
	persist/command/info.c \
	persist/command/object.c \
	persist/command/object.h \
	persist/command/progress.c \
	persist/command/progress.h \
	persist/command/show-json.c \
	persist/command/show-text.c \
	persist/command/show.h \
	persist/command/verify.c
