# sim/tests/machine.mk -- tests of the whole machine through its C API.
# SPDX-License-Identifier: MIT
check_PROGRAMS += sim/tests/t_machine
TESTS += sim/tests/t_machine
sim_tests_t_machine_SOURCES = %D%/t_machine.c
sim_tests_t_machine_LDADD = $(FLATFISH_MACHINE) $(SIM_LIBS)
sim_tests_t_machine_DEPENDENCIES = $(flatfish_DEPENDENCIES) $(GUEST_ELFS)
sim_tests_t_machine_LINK = $(FLATFISH_LINK)
