# kernel/local.mk -- the microkernel, its user stubs, and its in-guest tests.
# SPDX-License-Identifier: MIT
FK_CORE = calls chain check common console derive exception fast initrd ipc kmem kprintf main mapping memory move \
	object port ref region request root sched space state sync syscall thread timers tree
FK_ARCH = cpu fpu paging serial start timer trap
FK_ARCH_ASM = boot entry
FK_CORE_H = derive ipc kmem kprintf line list memory object port root sched syscall thread tree
FK_TESTS = t_start t_objects t_ipc t_memory t_sync t_thread t_sched t_bench t_insane t_stop t_fuzz t_limits \
	t_step t_policy t_turns t_fast t_wide t_bounds t_anywhere t_nomem t_matrix t_rights t_wakes t_answers t_storm t_depth

FK_FLAGS = -mcmodel=kernel -Wstrict-prototypes -Wmissing-prototypes
FK_LINK_FLAGS = -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments
FK_OBJECTS = $(FK_ARCH_ASM:%=kernel/arch/x86_64/%.o) $(FK_ARCH:%=kernel/arch/x86_64/%.o) \
	$(FK_CORE:%=kernel/core/%.o)
FK_USER_OBJECTS = kernel/user/stubs.o kernel/user/print.o
FK_TEST_OBJECTS = kernel/tests/harness.o kernel/tests/insane.o kernel/tests/rebirth.o
FK_PLAYS = plays play_ipc play_turns play_sync play_memory play_objects play_threads theatre
FK_TEST_ELFS = $(FK_TESTS:%=kernel/tests/%.elf)

kerneldir = $(pkgdatadir)/kernel
kernel_DATA = kernel/fk.elf kernel/bench.tar
check_DATA += kernel/tests/initrd.tar
TESTS += kernel/tests/suite.sh kernel/tests/boot_limits.sh kernel/tests/paused.sh
dist_noinst_SCRIPTS += kernel/tests/suite.sh kernel/tests/boot_limits.sh kernel/tests/paused.sh
CLEANFILES += kernel/fk.elf kernel/libfk.a kernel/bench.tar kernel/tests/*.elf kernel/tests/initrd.tar \
	kernel/*/*.o kernel/*/*.d kernel/arch/x86_64/*.o kernel/arch/x86_64/*.d

EXTRA_DIST += kernel/README.md kernel/core/README.md kernel/arch/x86_64/README.md
EXTRA_DIST += kernel/arch/x86_64/arch.h kernel/arch/x86_64/instr.h \
	kernel/arch/x86_64/layout.h kernel/arch/x86_64/switch.h kernel/arch/x86_64/unwind.inc \
	kernel/arch/x86_64/kernel.ld \
	$(FK_ARCH:%=kernel/arch/x86_64/%.c) $(FK_ARCH_ASM:%=kernel/arch/x86_64/%.S) \
	$(FK_CORE:%=kernel/core/%.c) $(FK_CORE_H:%=kernel/core/%.h) \
	kernel/user/README.md kernel/user/fk.h kernel/user/print.h kernel/user/print.c \
	kernel/user/stubs.S kernel/user/user.ld \
	kernel/tests/README.md kernel/tests/test.h kernel/tests/stretch.h kernel/tests/harness.c kernel/tests/insane.S \
	kernel/tests/hold.S kernel/tests/wild.h kernel/tests/wild.c \
	kernel/tests/rebirth.h kernel/tests/rebirth.c kernel/tests/anywhere.h kernel/tests/mailbox.h \
	kernel/tests/plays.def $(FK_PLAYS:%=kernel/tests/%.c) \
	kernel/tests/run.lua kernel/tests/cases.lua $(FK_TESTS:%=kernel/tests/%.c)

kernel/core/%.o: kernel/core/%.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(GUEST_CC) $(FK_FLAGS) -c -o $@ $<
kernel/arch/x86_64/%.o: kernel/arch/x86_64/%.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(GUEST_CC) $(FK_FLAGS) -c -o $@ $<
kernel/arch/x86_64/%.o: kernel/arch/x86_64/%.S
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(GUEST_CC) $(FK_FLAGS) -c -o $@ $<
kernel/user/%.o: kernel/user/%.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(GUEST_CC) -c -o $@ $<
kernel/user/%.o: kernel/user/%.S
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(GUEST_CC) -c -o $@ $<
kernel/tests/%.o: kernel/tests/%.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(GUEST_CC) -c -o $@ $<
kernel/tests/%.o: kernel/tests/%.S
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(GUEST_CC) -c -o $@ $<

kernel/fk.elf: $(FK_OBJECTS) kernel/arch/x86_64/kernel.ld
	$(AM_V_CCLD)$(CC) $(FK_LINK_FLAGS) -Wl,-T,$(top_srcdir)/kernel/arch/x86_64/kernel.ld -o $@ $(FK_OBJECTS)
# All but its table of calls, for the lab in which one is added (labs/07-call).
kernel/libfk.a: $(FK_OBJECTS)
	$(AM_V_AR)rm -f $@ && $(AR) rcD $@ $(filter-out %/syscall.o,$(FK_OBJECTS))
kernel/tests/%.elf: kernel/tests/%.o $(FK_TEST_OBJECTS) $(FK_USER_OBJECTS) kernel/user/user.ld
	$(AM_V_CCLD)$(CC) -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096 \
		-Wl,-T,$(top_srcdir)/kernel/user/user.ld -o $@ $(filter %.o,$^)
kernel/tests/t_anywhere.elf kernel/tests/t_nomem.elf: $(FK_PLAYS:%=kernel/tests/%.o) \
	kernel/tests/hold.o
kernel/tests/t_fuzz.elf kernel/tests/t_storm.elf: kernel/tests/wild.o
kernel/tests/initrd.tar: $(FK_TEST_ELFS)
	$(AM_V_GEN)cd kernel/tests && tar --format=ustar --sort=name --mtime=@0 --owner=0 --group=0 \
		--numeric-owner -cf initrd.tar $(FK_TESTS:%=%.elf)
kernel/bench.tar: kernel/tests/t_bench.elf
	$(AM_V_GEN)cd kernel/tests && tar --format=ustar --mtime=@0 --owner=0 --group=0 \
		--numeric-owner -cf ../bench.tar t_bench.elf
.SECONDARY: $(FK_TESTS:%=kernel/tests/%.o) $(FK_TEST_OBJECTS) $(FK_USER_OBJECTS)

-include $(FK_OBJECTS:.o=.d) $(FK_USER_OBJECTS:.o=.d) $(FK_TEST_OBJECTS:.o=.d) $(FK_PLAYS:%=kernel/tests/%.d) \
	$(FK_TESTS:%=kernel/tests/%.d) kernel/tests/wild.d
