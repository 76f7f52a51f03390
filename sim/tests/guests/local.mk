# sim/tests/guests/local.mk -- small PVH programs that the simulator's tests and benchmarks boot.
# SPDX-License-Identifier: MIT
GUESTS = hello compute pingpong faults timer spaces echo triple halt nomem storm selfmod rep marks \
	int80 vmx svm mwait crashme wild hostile moment walker sweeps traps
GUESTS_BENCH = compute pingpong faults
GUESTS_DEMO = hello spaces
GUEST_ELFS = $(GUESTS:%=sim/tests/guests/%.elf)
GUEST_RT = sim/tests/guests/rt/start.o sim/tests/guests/rt/rt.o

EXTRA_DIST += %D%/README.md %D%/cases.lua %D%/run.lua %D%/exact.lua \
	%D%/guests_qemu.sh %D%/guests_rom.sh %D%/guests_flatfish.sh %D%/guests_exact.sh \
	%D%/guests_hostile.sh %D%/guests_quick.sh %D%/rt/guest.ld %D%/rt/layout.h %D%/rt/rt.h %D%/rt/random.h \
	%D%/rt/start.S %D%/rt/rt.c $(GUESTS:%=%D%/%.c)
check_PROGRAMS += sim/tests/boot_dump
sim_tests_boot_dump_SOURCES = sim/tests/boot_dump.c
sim_tests_boot_dump_LDADD = sim/libsim.a $(ELF_LIBS)
TESTS += %D%/guests_qemu.sh %D%/guests_rom.sh %D%/guests_flatfish.sh \
	%D%/guests_exact.sh %D%/guests_hostile.sh %D%/guests_quick.sh
noinst_DATA += $(GUEST_ELFS)
CLEANFILES += %D%/*.elf %D%/*.o %D%/*.d %D%/rt/*.o %D%/rt/*.d
guestsdir = $(pkgdatadir)/guests
guests_DATA = $(patsubst %,sim/tests/guests/%.elf,$(GUESTS_BENCH) $(GUESTS_DEMO))

%D%/%.o: %D%/%.c
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(GUEST_CC) -c $< -o $@
%D%/rt/%.o: %D%/rt/%.S
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(GUEST_CC) -c $< -o $@
%D%/%.elf: %D%/%.o $(GUEST_RT) %D%/rt/guest.ld
	$(AM_V_CCLD)$(CC) -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack \
	  -Wl,-z,max-page-size=4096 -Wl,-T,$(top_srcdir)/%D%/rt/guest.ld $< $(GUEST_RT) -o $@
.SECONDARY: $(GUEST_RT) $(GUESTS:%=sim/tests/guests/%.o)
-include $(GUESTS:%=sim/tests/guests/%.d) $(GUEST_RT:.o=.d)
