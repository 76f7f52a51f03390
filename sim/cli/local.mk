# sim/cli/local.mk -- the command `flatfish`: one file a sub-command.
# SPDX-License-Identifier: MIT
cli_sources = \
	%D%/main.c %D%/say.c %D%/command.h %D%/commands.c %D%/commands.def %D%/options.c %D%/options.h \
	%D%/hold.c %D%/hold.h %D%/paths.c %D%/paths.h %D%/outfile.c %D%/outfile.h \
	%D%/distinct.c %D%/distinct.h \
	%D%/cmd_help.c %D%/cmd_demo.c %D%/cmd_trace.c %D%/cmd_view.c %D%/cmd_script.c %D%/cmd_repl.c %D%/repl.h %D%/repl_line.c \
	%D%/cmd_run.c %D%/run.h %D%/run_check.c %D%/run_loop.c %D%/run_output.c %D%/run_place.c %D%/run_console.c %D%/escape.c %D%/escape.h %D%/run_input.c %D%/run_keys.c %D%/run_screen.c %D%/run_script.c \
	%D%/cmd_gdb.c %D%/run_options.def %D%/pair.c %D%/pair.h %D%/gdb_config.c %D%/gdb_config.h \
	%D%/cmd_lab.c %D%/cmd_grade.c %D%/lab_run.c %D%/lab_run.h %D%/script_run.c %D%/script_run.h \
	%D%/script_say.h %D%/script_find.c %D%/script_find.h %D%/run_report.c %D%/run_trace.c %D%/run_gdb.c %D%/run_view.c %D%/run_nest.c monitors/lib/nest.c monitors/lib/nest.h \
	%D%/cmd_bench.c %D%/bench.h %D%/bench_sim.c %D%/bench_subject.c %D%/bench_subject.h \
	%D%/bench_snap.c %D%/bench_kernel.c %D%/bench_lua.c %D%/bench_gdb.c %D%/bench_view.c %D%/bench_turns.c %D%/cost.c %D%/cost.h %D%/bench_stock.c %D%/bench_child.c
cli_cppflags = $(AM_CPPFLAGS) $(LUALIB_CFLAGS) -DPKGDATADIR='"$(pkgdatadir)"' \
	-DPKGLIBEXECDIR='"$(pkglibexecdir)"' \
	-DSOURCE_DIR='"$(abs_top_srcdir)"' -DBOCHS_TARBALL='"$(BOCHS_TARBALL)"'
EXTRA_DIST += sim/cli/README.md

# The command without its machine: a scripted stand-in, for tests of the command line alone.
check_PROGRAMS += sim/tests/flatfish-fake
sim_tests_flatfish_fake_SOURCES = $(cli_sources) sim/tests/fake_machine.c
sim_tests_flatfish_fake_CPPFLAGS = $(cli_cppflags) $(EDIT_CFLAGS)
sim_tests_flatfish_fake_LDADD = sim/libsim.a $(SIM_LIBS)

check_PROGRAMS += sim/tests/t_options sim/tests/t_terminal sim/tests/t_repl sim/tests/t_turns
TESTS += sim/tests/t_options sim/tests/t_terminal sim/tests/t_repl sim/tests/t_turns
check_PROGRAMS += sim/tests/t_hold
TESTS += sim/tests/t_hold
sim_tests_t_hold_SOURCES = sim/tests/t_hold.c
sim_tests_t_hold_DEPENDENCIES = flatfish $(GUEST_ELFS)
sim_tests_t_turns_SOURCES = sim/tests/t_turns.c %D%/bench_child.c
sim_tests_t_turns_CPPFLAGS = $(cli_cppflags)
sim_tests_t_turns_LDADD = $(SIM_LIBS)
sim_tests_t_options_SOURCES = sim/tests/t_options.c %D%/options.c
sim_tests_t_terminal_SOURCES = sim/tests/t_terminal.c
sim_tests_t_repl_SOURCES = sim/tests/t_repl.c
sim_tests_t_repl_LDADD = -lutil
sim_tests_t_repl_DEPENDENCIES = flatfish $(GUEST_ELFS)

# The product. Its machine comes from sim/bochs/local.mk.
bin_PROGRAMS += flatfish
flatfish_SOURCES = $(cli_sources)
flatfish_CPPFLAGS = $(cli_cppflags) $(EDIT_CFLAGS)
flatfish_LDADD = $(FLATFISH_MACHINE) $(SIM_LIBS)
flatfish_DEPENDENCIES = $(BOCHS_OBJECT) sim/libmachine.a sim/libsim.a
flatfish_LINK = $(FLATFISH_LINK)
