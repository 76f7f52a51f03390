# trace/local.mk -- what the simulator and the viewer read traces with.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md
TRACE_SOURCES = %D%/codec.h %D%/reader.h %D%/reader.c \
	%D%/reader_own.h %D%/reader_meta.c %D%/walk.h %D%/walk.c
sim_libsim_a_SOURCES += $(TRACE_SOURCES)
