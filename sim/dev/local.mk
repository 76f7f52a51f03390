# sim/dev/local.mk -- what this folder adds to the build.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md
# The overlay's part of the PC's disks; compiled with the rest of the overlay (sim/bochs/local.mk).
EXTRA_DIST += sim/bochs/disk.cc sim/bochs/disk.h sim/bochs/cdrom.cc
sim_libsim_a_SOURCES += %D%/uart.c %D%/uart.h
