# sim/bochs/local.mk -- the overlay: Bochs itself (bochs.mk), our C++ that touches it, and the part of
# the simulator that stands directly on it. FLATFISH_MACHINE is the machine, for the link.
# SPDX-License-Identifier: MIT
include $(top_srcdir)/sim/bochs/bochs.mk
noinst_LIBRARIES += sim/libmachine.a
sim_libmachine_a_SOURCES = \
	%D%/engine.h %D%/hooks.cc %D%/clock.cc %D%/link.cc %D%/host.cc %D%/panic.cc %D%/probe.cc %D%/mem.cc %D%/regs.cc %D%/watch.cc \
	%D%/quick.cc %D%/observe.cc %D%/disk.cc %D%/disk.h %D%/cdrom.cc %D%/heap.c \
	sim/core/shim.h sim/core/machine.c sim/core/machine.h sim/core/serial.c sim/core/serial.h sim/core/input.c sim/core/input.h \
	sim/core/keyboard.c sim/core/keyboard.h \
	sim/core/fault.c sim/core/event.c sim/core/event.h sim/core/cross.h \
	sim/core/debugblock.c sim/core/probe.c sim/core/observe.c sim/core/observe.h \
	sim/core/assoc.c sim/core/assoc.h sim/core/regs.c sim/core/simcall.c \
	sim/mem/walk.c sim/core/screen.c %D%/vga.cc %D%/keyboard.cc \
	sim/snap/image.c sim/snap/image.h sim/snap/snap.c sim/snap/file.c
sim_libmachine_a_CPPFLAGS = $(AM_CPPFLAGS)
sim_libmachine_a_CXXFLAGS = $(AM_CXXFLAGS) $(BOCHS_CPPFLAGS) -Wno-overloaded-virtual
sim_libmachine_a_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)

# The objects themselves and not the archive: some only register themselves with Bochs.
# Not position-independent: a saved machine holds addresses of code.
FLATFISH_MACHINE = $(BOCHS_OBJECT) $(sim_libmachine_a_OBJECTS) sim/libsim.a $(BOCHS_LIBS)
FLATFISH_LINK = $(CXXLD) $(CXXFLAGS) $(LDFLAGS) -no-pie -o $@

$(sim_libmachine_a_OBJECTS): $(BOCHS_READY)
