# sim/gdb/local.mk -- the machine as GDB sees it.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md %D%/python/README.md
sim_libsim_a_SOURCES += \
	%D%/gdb.h %D%/session.h %D%/session.c %D%/target.h %D%/ids.c %D%/memory.c %D%/registers.def \
	%D%/registers.c %D%/stops.c %D%/catch.c %D%/lives.c %D%/known.c %D%/resume.c %D%/reverse.c %D%/entry.c %D%/agent.c %D%/text.h \
	%D%/text.c %D%/conn.h %D%/conn.c %D%/packets.def %D%/pkt_data.c %D%/pkt_run.c %D%/pkt_thread.c \
	%D%/pkt_break.c %D%/pkt_file.c %D%/pkt_query.c %D%/monitor.c %D%/rows.c %D%/rows.h %D%/rows.def %D%/cause.c %D%/past.c

# What GDB itself loads: the `nest` commands.
gdbsupportdir = $(pkgdatadir)/gdb
dist_gdbsupport_DATA = %D%/python/nest.py %D%/python/bench.py
gdbpartsdir = $(gdbsupportdir)/flatfish
dist_gdbparts_DATA = \
	%D%/python/flatfish/__init__.py %D%/python/flatfish/wire.py %D%/python/flatfish/look.py \
	%D%/python/flatfish/backtrace.py %D%/python/flatfish/moves.py %D%/python/flatfish/printers.py
EXTRA_DIST += %D%/python/flatfish/README.md
