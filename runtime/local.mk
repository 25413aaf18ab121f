# runtime/local.mk -- libhob: values, refrs, turns, promises, vats.
# SPDX-License-Identifier: LGPL-3.0-or-later

# A floor of the house may include only what is below it, so each has include
# folders of its own.
RUNTIME_CPPFLAGS = $(HOB_CPPFLAGS) -I$(top_srcdir)/runtime $(GC_CFLAGS)

# What the library is made of; the tests link it as it is, with what is hidden from
# the world.
noinst_LTLIBRARIES += libhob-inside.la
libhob_inside_la_CPPFLAGS = $(RUNTIME_CPPFLAGS)
libhob_inside_la_LIBADD = $(GC_LIBS) $(GMP_LIBS) $(PTHREAD_LIBS)

lib_LTLIBRARIES += libhob.la
libhob_la_LDFLAGS = $(HOB_LDFLAGS) -no-undefined -version-info 0:0:0
libhob_la_LIBADD = libhob-inside.la
libhob_la_SOURCES =

libhob_inside_la_SOURCES = \
	runtime/buffer.c \
	runtime/buffer.h \
	runtime/churn.c \
	runtime/decode.c \
	runtime/drive.c \
	runtime/encode-path.c \
	runtime/encode-plain.c \
	runtime/encode.c \
	runtime/encode.h \
	runtime/error.c \
	runtime/format.h \
	runtime/host.c \
	runtime/integer.c \
	runtime/integer.h \
	runtime/mailbox.c \
	runtime/memory.c \
	runtime/memory.h \
	runtime/message.c \
	runtime/message.h \
	runtime/node.h \
	runtime/object.c \
	runtime/order.c \
	runtime/print-plain.c \
	runtime/print.c \
	runtime/print.h \
	runtime/problem.c \
	runtime/promise.c \
	runtime/rational.c \
	runtime/rational.h \
	runtime/refr.c \
	runtime/refr.h \
	runtime/runtime.c \
	runtime/scheduler.c \
	runtime/scheduler.h \
	runtime/send.c \
	runtime/sort.c \
	runtime/sort.h \
	runtime/syrup.c \
	runtime/syrup.h \
	runtime/ticket.c \
	runtime/turn.c \
	runtime/turn.h \
	runtime/utf8.c \
	runtime/utf8.h \
	runtime/value-make.c \
	runtime/value.c \
	runtime/value.h \
	runtime/vat.c \
	runtime/vat.h

include_HEADERS += \
	runtime/hob-host.h \
	runtime/hob.h
