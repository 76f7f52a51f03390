# sim/tests/machine.mk -- tests of the whole machine through its C API.
# SPDX-License-Identifier: MIT
check_PROGRAMS += sim/tests/t_machine
TESTS += sim/tests/t_machine
sim_tests_t_machine_SOURCES = %D%/t_machine.c
sim_tests_t_machine_LDADD = $(FLATFISH_MACHINE) $(SIM_LIBS)
sim_tests_t_machine_DEPENDENCIES = $(flatfish_DEPENDENCIES) $(GUEST_ELFS)
sim_tests_t_machine_LINK = $(FLATFISH_LINK)

check_PROGRAMS += sim/tests/t_snap
TESTS += sim/tests/t_snap
sim_tests_t_snap_SOURCES = %D%/t_snap.c %D%/machine_cases.h
sim_tests_t_snap_LDADD = $(FLATFISH_MACHINE) $(SIM_LIBS)
sim_tests_t_snap_DEPENDENCIES = $(flatfish_DEPENDENCIES) $(GUEST_ELFS)
sim_tests_t_snap_LINK = $(FLATFISH_LINK)

check_PROGRAMS += sim/tests/t_stops
TESTS += sim/tests/t_stops
sim_tests_t_stops_SOURCES = %D%/t_stops.c %D%/machine_cases.h
sim_tests_t_stops_LDADD = $(FLATFISH_MACHINE) $(SIM_LIBS)
sim_tests_t_stops_DEPENDENCIES = $(flatfish_DEPENDENCIES) $(GUEST_ELFS)
sim_tests_t_stops_LINK = $(FLATFISH_LINK)

check_PROGRAMS += sim/tests/t_probe
TESTS += sim/tests/t_probe
sim_tests_t_probe_SOURCES = %D%/t_probe.c %D%/machine_cases.h
sim_tests_t_probe_LDADD = $(FLATFISH_MACHINE) $(SIM_LIBS)
sim_tests_t_probe_DEPENDENCIES = $(flatfish_DEPENDENCIES) $(GUEST_ELFS)
sim_tests_t_probe_LINK = $(FLATFISH_LINK)
