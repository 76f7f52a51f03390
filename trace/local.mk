# trace/local.mk -- what the simulator and the viewer read traces with.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md
TRACE_SOURCES = trace/codec.h trace/reader.h trace/reader.c trace/reader_own.h trace/reader_meta.c \
	trace/walk.h trace/walk.c
sim_libsim_a_SOURCES += $(TRACE_SOURCES)
