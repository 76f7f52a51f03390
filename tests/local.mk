# tests/local.mk -- what this folder adds to the build.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md %D%/cli_lib.sh %D%/run_machine.sh %D%/cli_run.sh %D%/cli_manpages.sh
TESTS += %D%/run_machine.sh %D%/cli_run.sh %D%/cli_manpages.sh
EXTRA_DIST += \
	%D%/setup_lib.sh %D%/setup_again.sh %D%/setup_checkers.sh %D%/setup_bochs.sh %D%/setup_wrapper.sh
TESTS += %D%/setup_again.sh %D%/setup_checkers.sh %D%/setup_bochs.sh %D%/setup_wrapper.sh
EXTRA_DIST += %D%/gdb_lib.sh %D%/gdb_nest.sh %D%/gdb_lesson.sh %D%/gdb_steps.sh %D%/gdb_steps.py %D%/gdb_walk.py %D%/gdb_command.sh %D%/gdb_pc.sh %D%/gdb_levels.sh %D%/gdb_lives.sh %D%/gdb_same.sh %D%/gdb_walk.sh
TESTS += %D%/gdb_nest.sh %D%/gdb_lesson.sh %D%/gdb_steps.sh %D%/gdb_command.sh %D%/gdb_pc.sh %D%/gdb_levels.sh %D%/gdb_lives.sh %D%/gdb_same.sh %D%/gdb_walk.sh
EXTRA_DIST += %D%/machines.lua
EXTRA_DIST += %D%/trace_run.sh
TESTS += %D%/trace_run.sh
EXTRA_DIST += \
	%D%/linux_boot.sh %D%/linux/README.md %D%/linux/linux-image.sh %D%/linux/image.lua \
	%D%/linux/loader.S %D%/linux/init
TESTS += %D%/linux_boot.sh
EXTRA_DIST += %D%/pc_lib.sh %D%/pc_machine.sh %D%/pc/README.md %D%/pc/sector.inc %D%/pc/boot.S %D%/pc/modes.S %D%/pc/stray.S %D%/pc/iso.lua
EXTRA_DIST += %D%/pc_keys.sh %D%/pc/keys.S %D%/pc/terminal.lua
TESTS += %D%/pc_machine.sh %D%/pc_keys.sh
EXTRA_DIST += %D%/bench_kernel.sh %D%/bench_stock.sh %D%/bench_gdb.sh
TESTS += %D%/bench_kernel.sh %D%/bench_stock.sh %D%/bench_gdb.sh
check_PROGRAMS += tests/stop_anywhere
TESTS += tests/stop_anywhere
tests_stop_anywhere_SOURCES = %D%/stop_anywhere.c %D%/stop_machine.c %D%/stop_machine.h %D%/stop_cover.c \
	%D%/stop_cover.h
tests_stop_anywhere_LDADD = $(FLATFISH_MACHINE) $(SIM_LIBS)
tests_stop_anywhere_DEPENDENCIES = $(flatfish_DEPENDENCIES) kernel/fk.elf kernel/tests/initrd.tar
tests_stop_anywhere_LINK = $(FLATFISH_LINK)
check_PROGRAMS += tests/page_rights
TESTS += tests/page_rights
tests_page_rights_SOURCES = %D%/page_rights.c
tests_page_rights_LDADD = $(FLATFISH_MACHINE) $(SIM_LIBS)
tests_page_rights_DEPENDENCIES = $(flatfish_DEPENDENCIES) kernel/fk.elf kernel/tests/initrd.tar
tests_page_rights_LINK = $(FLATFISH_LINK)
EXTRA_DIST += %D%/lua_docs.lua
TESTS += %D%/lua_docs.lua
EXTRA_DIST += %D%/lua_scripts.sh %D%/lua_sweep.lua %D%/lua_eyes.lua
EXTRA_DIST += %D%/lua_results.sh
TESTS += %D%/lua_scripts.sh %D%/lua_results.sh
EXTRA_DIST += %D%/drawing.sh
TESTS += %D%/drawing.sh
