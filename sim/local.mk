# sim/local.mk -- the simulator: libsim.a (C, above the C API or behind it without Bochs), the
# overlay and Bochs (sim/bochs), and the one command `flatfish` (sim/cli).
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md
noinst_LIBRARIES += sim/libsim.a
sim_libsim_a_SOURCES = \
	%D%/include/sim/machine.h %D%/include/sim/regs.h %D%/include/sim/regs.def \
	%D%/include/sim/mem.h %D%/include/sim/event.h %D%/include/sim/fault.h %D%/include/sim/probe.h %D%/include/sim/observe.h %D%/include/sim/class.def %D%/include/sim/buffer.def \
	%D%/include/sim/snap.h %D%/include/sim/object.h %D%/include/sim/chain.h %D%/include/sim/name.h %D%/include/sim/socket.h %D%/include/sim/sym.h %D%/include/sim/screen.h \
	%D%/include/sim/keyboard.h %D%/include/sim/keys.def %D%/include/sim/output.h
sim_libsim_a_CFLAGS = $(AM_CFLAGS) $(ELF_CFLAGS) $(NETTLE_CFLAGS) $(JANSSON_CFLAGS) $(PNG_CFLAGS) \
	$(LUALIB_CFLAGS) $(EDIT_CFLAGS)
SIM_LIBS = $(ELF_LIBS) $(NETTLE_LIBS) $(JANSSON_LIBS) $(PNG_LIBS) $(LUALIB_LIBS) $(EDIT_LIBS) -lm

include $(top_srcdir)/sim/core/local.mk
include $(top_srcdir)/sim/mem/local.mk
include $(top_srcdir)/sim/dev/local.mk
include $(top_srcdir)/sim/snap/local.mk
include $(top_srcdir)/sim/trace/local.mk
include $(top_srcdir)/sim/lua/local.mk
include $(top_srcdir)/sim/gdb/local.mk
include $(top_srcdir)/sim/view/local.mk
include $(top_srcdir)/sim/firmware/local.mk
include $(top_srcdir)/sim/bochs/local.mk
include $(top_srcdir)/sim/cli/local.mk
include $(top_srcdir)/sim/tests/local.mk
