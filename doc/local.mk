# doc/local.mk -- the manual.
# SPDX-License-Identifier: LGPL-3.0-or-later

dist_man_MANS = doc/hob.1

info_TEXINFOS += \
	doc/hob.texi

doc_hob_TEXINFOS = \
	doc/actor-lib.texi \
	doc/actormaps.texi \
	doc/actors.texi \
	doc/data.texi \
	doc/differences.texi \
	doc/driving.texi \
	doc/exceptions.texi \
	doc/format.texi \
	doc/introduction.texi \
	doc/library.texi \
	doc/messages.texi \
	doc/objects.texi \
	doc/persistence.texi \
	doc/vats.texi
