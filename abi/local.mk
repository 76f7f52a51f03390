# abi/local.mk -- what this folder adds to the build.
# SPDX-License-Identifier: MIT
EXTRA_DIST += \
	%D%/README.md %D%/assert.h %D%/boot/rom.h %D%/fk/debug.h %D%/simcall/simcall.h %D%/simcall/simcalls.def \
	%D%/trace/events.def %D%/trace/record.h %D%/trace/format.h \
	%D%/viewer/viewer.h %D%/viewer/messages.def %D%/viewer/registers.def
EXTRA_DIST += %D%/fk/bootinfo.h %D%/fk/errors.def %D%/fk/answers.def %D%/fk/ipc.h %D%/fk/objects.h \
	%D%/fk/syscall.h %D%/fk/syscalls.def
EXTRA_DIST += %D%/proto/proto.h %D%/proto/all.def %D%/proto/protocols.def %D%/proto/names.def \
	%D%/proto/errors.def %D%/proto/signals.def %D%/proto/clock.def %D%/proto/console.def %D%/proto/file.def \
	%D%/proto/filesystem.def %D%/proto/mempool.def %D%/proto/parent.def %D%/proto/process.def \
	%D%/proto/scheduler.def
