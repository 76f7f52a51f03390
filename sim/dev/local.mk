# sim/dev/local.mk -- what this folder adds to the build.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md
sim_libsim_a_SOURCES += %D%/uart.c %D%/uart.h %D%/vga.c %D%/vga.h
