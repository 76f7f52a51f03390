# monitors/local.mk -- the root nester, the nesters and the programs, and the archive that they boot
# from. To add a nester or a program: one line below. SPDX-License-Identifier: MIT
MON_LIB = await call child describe dispatch env image kinds malloc nester nest object options pool print process program proxy server \
	start stdio stdlib string suggest thread vm watch
MON_LIB_H = calls describe kinds libc mon nest nester nester_private peek pool proto proxy server worker
MON_LIB_OBJECTS = $(MON_LIB:%=monitors/lib/%.o) monitors/lib/guard.o monitors/lib/signal_entry.o
MON_ELFS =

EXTRA_DIST += monitors/README.md monitors/lib/README.md monitors/lib/guard.S monitors/lib/signal_entry.S \
	$(MON_LIB:%=monitors/lib/%.c) $(MON_LIB_H:%=monitors/lib/%.h)
CLEANFILES += monitors/*/*.o monitors/*/*.d monitors/*/*.elf monitors/*/*.a

include $(top_srcdir)/monitors/ckpt/local.mk
include $(top_srcdir)/monitors/kserver/local.mk
include $(top_srcdir)/monitors/null/local.mk
include $(top_srcdir)/monitors/pager/local.mk
include $(top_srcdir)/monitors/skel/local.mk
include $(top_srcdir)/monitors/procmgr/local.mk
include $(top_srcdir)/monitors/programs/local.mk
include $(top_srcdir)/monitors/tracer/local.mk
include $(top_srcdir)/monitors/tests/local.mk

monitors/%.o: monitors/%.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(GUEST_CC) -c -o $@ $<
monitors/%.o: monitors/%.S
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(GUEST_CC) -c -o $@ $<
monitors/lib/libmon.a: $(MON_LIB_OBJECTS) kernel/user/stubs.o
	$(AM_V_AR)rm -f $@ && $(AR) rcD $@ $(MON_LIB_OBJECTS) kernel/user/stubs.o

# A program is one .o or several, listed as prerequisites of its .elf.
MON_LINK_FLAGS = -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096
MON_LINK = $(AM_V_CCLD)$(CC) $(MON_LINK_FLAGS) -Wl,-T,$(top_srcdir)/kernel/user/user.ld -u _start \
	-o $@ $(filter %.o,$^) monitors/lib/libmon.a
$(MON_ELFS): monitors/lib/libmon.a kernel/user/user.ld

# The file system that the root nester starts with: every program under /bin.
kernel/nests.tar: $(MON_ELFS) $(top_srcdir)/tools/nests-tar
	$(AM_V_GEN)$(top_srcdir)/tools/nests-tar $@ $(MON_ELFS)
kernel_DATA += kernel/nests.tar
CLEANFILES += kernel/nests.tar

# The same programs with their debug information, for whoever asks for lines and structures.
kernel/nests-debug.tar: kernel/nests.tar
	$(AM_V_GEN)tar --format=ustar --owner=0 --group=0 --numeric-owner --mtime=@0 --sort=name \
		--transform='s,.*/,bin/,' -cf $@ $(MON_ELFS)
kernel_DATA += kernel/nests-debug.tar
CLEANFILES += kernel/nests-debug.tar

-include $(MON_LIB_OBJECTS:.o=.d) $(MON_ELFS:.elf=.d)
