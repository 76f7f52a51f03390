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

# The command without the short cuts of quick.cc, to hold the other one against.
check_DATA += sim/tests/flatfish-slow
CLEANFILES += sim/tests/flatfish-slow sim/tests/quick-slow.o
sim/tests/quick-slow.o: sim/bochs/quick.cc sim/bochs/engine.h $(BOCHS_READY)
	$(AM_V_CXX)$(CXX) $(DEFS) $(DEFAULT_INCLUDES) $(INCLUDES) $(AM_CPPFLAGS) $(CPPFLAGS) \
	    $(sim_libmachine_a_CXXFLAGS) $(CXXFLAGS) -DQUICK=0 -c $< -o $@
sim/tests/flatfish-slow: sim/tests/quick-slow.o flatfish
	$(AM_V_CXXLD)$(FLATFISH_LINK) $(flatfish_OBJECTS) sim/tests/quick-slow.o \
	    $(filter-out sim/bochs/libmachine_a-quick.%,$(FLATFISH_MACHINE)) $(SIM_LIBS)
