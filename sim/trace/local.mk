# sim/trace/local.mk -- the trace: CTF 1.8 written and read, `flatfish trace`.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md
sim_libsim_a_SOURCES += \
	%D%/meta.h %D%/meta.c %D%/store.h %D%/store.c \
	%D%/ring.h %D%/ring.c %D%/writer.h %D%/writer.c \
	%D%/report.h %D%/tally.h %D%/tally.c %D%/summary.c %D%/export.c
