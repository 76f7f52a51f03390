# sim/tests/gdb/local.mk -- transcripts of GDB's protocol.
# SPDX-License-Identifier: MIT
EXTRA_DIST += \
	%D%/README.md %D%/cover.sh %D%/breaks.rsp %D%/clients.rsp %D%/comes.rsp %D%/detach.rsp %D%/detached.rsp %D%/ends.rsp %D%/files.rsp %D%/framing.rsp \
	%D%/handshake.rsp %D%/interrupt.rsp %D%/life.rsp %D%/memory.rsp %D%/monitor.rsp %D%/registers.rsp \
	%D%/reverse.rsp %D%/rows.rsp %D%/run.rsp %D%/spaces.rsp %D%/threads.rsp %D%/wild.rsp
check_PROGRAMS += sim/tests/gdb/rsp
TESTS += %D%/cover.sh
sim_tests_gdb_rsp_SOURCES = %D%/rsp.c
