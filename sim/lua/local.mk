# sim/lua/local.mk -- the Lua host: one file a part of the module `flatfish`.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md
sim_libsim_a_SOURCES += \
	%D%/script.h %D%/host.h %D%/host.c %D%/fail.c %D%/script.c %D%/module.c %D%/run.c %D%/call.c %D%/guard.c %D%/sandbox.c %D%/hook.c %D%/name.c \
	%D%/fields.def %D%/field.c %D%/filter.c %D%/record.c %D%/event.c %D%/timer.c %D%/probe.c \
	%D%/cells.h %D%/cells.c %D%/count.c %D%/account.c %D%/observe.c %D%/control.c %D%/space.c %D%/memory.c \
	%D%/walk.c %D%/message.c %D%/objects.c %D%/registers.c %D%/symbol.c %D%/machine.c \
	%D%/drawing.c %D%/console.c %D%/pool.c %D%/file.c %D%/outside.c %D%/confine.c
TESTS += %D%/tests/run.lua
EXTRA_DIST += %D%/tests/README.md %D%/tests/run.lua %D%/tests/back.lua %D%/tests/bytecode.lua \
	%D%/tests/callback.lua %D%/tests/callback_pcall.lua %D%/tests/close.lua %D%/tests/collide.lua \
	%D%/tests/concat.lua %D%/tests/coroutine_pcall.lua %D%/tests/coroutines.lua \
	%D%/tests/count_stepped.lua %D%/tests/digest.lua %D%/tests/endless_c.lua %D%/tests/error_run.lua \
	%D%/tests/error_where.lua %D%/tests/files.lua %D%/tests/finish_drives.lua %D%/tests/flood.lua \
	%D%/tests/friend.lua %D%/tests/gc.lua %D%/tests/gc_later.lua %D%/tests/goto_loop.lua \
	%D%/tests/hooks.lua %D%/tests/hostile_error.lua %D%/tests/loop.lua %D%/tests/machine_loop.lua \
	%D%/tests/many.lua %D%/tests/memory.lua %D%/tests/mistyped.lua %D%/tests/misuse.lua \
	%D%/tests/near.lua %D%/tests/observe.lua %D%/tests/observe_goto.lua %D%/tests/outside.lua \
	%D%/tests/pattern.lua %D%/tests/pattern_callback.lua %D%/tests/pcall_deep.lua \
	%D%/tests/pcall_loop.lua %D%/tests/probe_callback.lua %D%/tests/random.lua %D%/tests/rep.lua \
	%D%/tests/require.lua %D%/tests/seal.lua %D%/tests/slow_buffers.lua %D%/tests/slow_filters.lua \
	%D%/tests/sort.lua %D%/tests/strings.lua %D%/tests/sweeps.lua %D%/tests/timers.lua \
	%D%/tests/unpack.lua %D%/tests/yield.lua

# What draws, loaded when something is drawn: flatfish itself is linked with no drawing library.
pkglibexec_PROGRAMS += %D%/canvas.so
sim_lua_canvas_so_SOURCES = %D%/canvas.h %D%/canvas.c %D%/stroke.c %D%/fill.c %D%/lettering.c
sim_lua_canvas_so_CFLAGS = $(AM_CFLAGS) $(LUALIB_CFLAGS) $(CAIRO_CFLAGS) -fPIC
sim_lua_canvas_so_LDADD = $(LUALIB_LIBS) $(CAIRO_LIBS) -lm
sim_lua_canvas_so_LINK = $(CC) $(AM_CFLAGS) $(CFLAGS) $(LDFLAGS) -shared -o $@
