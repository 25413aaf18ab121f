# doc/local.mk -- the manual.
# SPDX-License-Identifier: LGPL-3.0-or-later

info_TEXINFOS += \
	doc/hob.texi
