# sim/tests/fuzz/local.mk -- libFuzzer targets. `make fuzz-elf` builds one (it needs clang); `make
# check` runs each for a moment where clang with libFuzzer is installed, and skips it elsewhere.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md %D%/fuzz_lib.sh %D%/fuzz_elf.c %D%/fuzz_elf.sh
TESTS += sim/tests/fuzz/fuzz_elf.sh
CLEANFILES += sim/tests/fuzz/fuzz_elf
FUZZ_CC = clang -std=gnu17 -g -O1 -D_GNU_SOURCE -I$(top_srcdir) -I$(top_srcdir)/sim/include \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined

FUZZ_ELF = sim/core/error.c sim/core/elf.c sim/core/sym.c sim/core/sym_image.c sim/core/sym_dwarf.c
fuzz-elf: sim/tests/fuzz/fuzz_elf
sim/tests/fuzz/fuzz_elf: sim/tests/fuzz/fuzz_elf.c $(FUZZ_ELF)
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && $(FUZZ_CC) $(ELF_CFLAGS) $^ $(ELF_LIBS) -o $@
.PHONY: fuzz-elf

EXTRA_DIST += %D%/fuzz_options.c %D%/fuzz_options.sh
TESTS += sim/tests/fuzz/fuzz_options.sh
CLEANFILES += sim/tests/fuzz/fuzz_options
fuzz-options: sim/tests/fuzz/fuzz_options
sim/tests/fuzz/fuzz_options: sim/tests/fuzz/fuzz_options.c sim/cli/options.c
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && $(FUZZ_CC) $^ -o $@
.PHONY: fuzz-options

EXTRA_DIST += %D%/fuzz_gdb.c %D%/fuzz_gdb.sh %D%/gdb_corpus.lua %D%/machine.c %D%/machine.h
TESTS += sim/tests/fuzz/fuzz_gdb.sh
CLEANFILES += sim/tests/fuzz/fuzz_gdb
FUZZ_GDB = sim/tests/fuzz/machine.c sim/core/error.c sim/core/name.c sim/core/vector.c sim/core/socket.c sim/gdb/conn.c sim/gdb/session.c \
	sim/gdb/text.c sim/gdb/ids.c sim/gdb/memory.c sim/gdb/registers.c sim/gdb/stops.c sim/gdb/catch.c sim/gdb/lives.c sim/gdb/known.c \
	sim/gdb/resume.c sim/gdb/reverse.c sim/gdb/entry.c sim/gdb/agent.c sim/gdb/cause.c sim/gdb/past.c sim/gdb/monitor.c \
	sim/gdb/rows.c sim/gdb/pkt_data.c sim/gdb/pkt_run.c sim/gdb/pkt_thread.c sim/gdb/pkt_break.c sim/gdb/pkt_file.c \
	sim/gdb/pkt_query.c
fuzz-gdb: sim/tests/fuzz/fuzz_gdb
sim/tests/fuzz/fuzz_gdb: sim/tests/fuzz/fuzz_gdb.c $(FUZZ_GDB)
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && $(FUZZ_CC) $^ -pthread -o $@
.PHONY: fuzz-gdb

EXTRA_DIST += %D%/fuzz_wire.c %D%/fuzz_wire.sh %D%/wire_corpus.lua
TESTS += sim/tests/fuzz/fuzz_wire.sh
CLEANFILES += sim/tests/fuzz/fuzz_wire
FUZZ_WIRE = sim/tests/fuzz/machine.c sim/core/error.c sim/core/socket.c sim/trace/ring.c sim/view/door.c sim/view/wire.c sim/view/feed.c \
	sim/view/answer.c sim/view/drive.c
fuzz-wire: sim/tests/fuzz/fuzz_wire
sim/tests/fuzz/fuzz_wire: sim/tests/fuzz/fuzz_wire.c $(FUZZ_WIRE)
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && $(FUZZ_CC) $^ -o $@
.PHONY: fuzz-wire
