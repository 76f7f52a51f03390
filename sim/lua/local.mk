# sim/lua/local.mk -- the Lua host: one file a part of the module `flatfish`.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md
sim_libsim_a_SOURCES += \
	%D%/script.h %D%/host.h %D%/script.c %D%/guard.c %D%/sandbox.c %D%/hook.c %D%/name.c \
	%D%/fields.def %D%/field.c %D%/filter.c %D%/record.c %D%/event.c %D%/timer.c %D%/probe.c \
	%D%/cells.h %D%/cells.c %D%/count.c %D%/account.c %D%/control.c %D%/space.c %D%/memory.c \
	%D%/walk.c %D%/objects.h %D%/objects.c %D%/registers.c %D%/symbol.c %D%/machine.c \
	%D%/canvas.c %D%/console.c %D%/pool.c %D%/file.c
