# persist/local.mk -- libhob-persist, which keeps vats on disk, and the hob command.
# SPDX-License-Identifier: LGPL-3.0-or-later

PERSIST_CPPFLAGS = $(RUNTIME_CPPFLAGS) -I$(top_srcdir)/persist

lib_LTLIBRARIES += libhob-persist.la
libhob_persist_la_CPPFLAGS = $(PERSIST_CPPFLAGS)
libhob_persist_la_LDFLAGS = $(HOB_LDFLAGS) -no-undefined -version-info 0:0:0
libhob_persist_la_LIBADD = libhob.la $(GDBM_LIBS) $(GC_LIBS) $(GMP_LIBS) $(PTHREAD_LIBS)
libhob_persist_la_SOURCES = \
	persist/store.h

include_HEADERS += \
	persist/hob-persist.h

bin_PROGRAMS += hob
hob_CPPFLAGS = $(PERSIST_CPPFLAGS)
hob_LDFLAGS = $(HOB_LDFLAGS)
hob_LDADD = libhob-persist.la libhob.la $(GDBM_LIBS) $(GC_LIBS)
hob_SOURCES = \

