# sim/bochs/local.mk -- what this folder adds to the build.
# SPDX-License-Identifier: MIT
include $(top_srcdir)/sim/bochs/bochs.mk
