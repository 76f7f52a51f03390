# sim/tests/machine.mk -- tests of the whole machine through its C API.
# SPDX-License-Identifier: MIT
check_PROGRAMS += sim/tests/t_machine
TESTS += sim/tests/t_machine
sim_tests_t_machine_SOURCES = %D%/t_machine.c
sim_tests_t_machine_LDADD = $(FLATFISH_MACHINE) $(SIM_LIBS)
sim_tests_t_machine_DEPENDENCIES = $(flatfish_DEPENDENCIES) $(GUEST_ELFS)
sim_tests_t_machine_LINK = $(FLATFISH_LINK)

check_PROGRAMS += sim/tests/t_probe
TESTS += sim/tests/t_probe
sim_tests_t_probe_SOURCES = %D%/t_probe.c
sim_tests_t_probe_LDADD = $(FLATFISH_MACHINE) $(SIM_LIBS)
sim_tests_t_probe_DEPENDENCIES = $(flatfish_DEPENDENCIES) $(GUEST_ELFS)
sim_tests_t_probe_LINK = $(FLATFISH_LINK)
