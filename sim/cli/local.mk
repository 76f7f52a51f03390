# sim/cli/local.mk -- the command `flatfish`: one file a sub-command.
# SPDX-License-Identifier: MIT
cli_sources = \
	%D%/main.c %D%/command.h %D%/commands.def %D%/options.c %D%/options.h \
	%D%/paths.c %D%/paths.h %D%/outfile.c %D%/outfile.h \
	%D%/cmd_help.c %D%/cmd_trace.c \
	%D%/cmd_run.c %D%/run.h %D%/run_console.c %D%/run_input.c %D%/run_report.c
cli_cppflags = $(AM_CPPFLAGS) -DPKGDATADIR='"$(pkgdatadir)"'
EXTRA_DIST += sim/cli/README.md

# The command without its machine: a scripted stand-in, for tests of the command line alone.
check_PROGRAMS += sim/tests/flatfish-fake
sim_tests_flatfish_fake_SOURCES = $(cli_sources) sim/tests/fake_machine.c
sim_tests_flatfish_fake_CPPFLAGS = $(cli_cppflags)
sim_tests_flatfish_fake_LDADD = sim/libsim.a $(SIM_LIBS)

# The product. Its machine comes from sim/bochs/local.mk.
bin_PROGRAMS += flatfish
flatfish_SOURCES = $(cli_sources)
flatfish_CPPFLAGS = $(cli_cppflags)
flatfish_LDADD = $(FLATFISH_MACHINE) $(SIM_LIBS)
flatfish_DEPENDENCIES = $(BOCHS_OBJECT) sim/libmachine.a sim/libsim.a
flatfish_LINK = $(FLATFISH_LINK)
