# labs/local.mk -- the course as it is installed, and what programs of the guest are built with outside this tree. The
# teacher's package (labs/teacher) is in no distribution. SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md
LAB_FILES = lab.lua grade.lua lib/answers.lua lib/build.lua lib/catalog.lua lib/folder.lua lib/gradebook.lua lib/overlap.lua \
	lib/session.lua lib/submission.lua lib/trial.lua lib/words.lua \
	00-look/README.md 00-look/check.lua 00-look/start/answers.txt \
	01-trap/README.md 01-trap/check.lua 01-trap/start/answers.txt \
	02-border/README.md 02-border/check.lua 02-border/start/spy.c 02-border/start/guard.c \
	02-border/traveller.c 02-border/burglar.c 02-border/verify.c \
	03-memory/README.md 03-memory/check.lua 03-memory/start/page.c 03-memory/start/policy.c 03-memory/walker.c \
	04-state/README.md 04-state/check.lua 04-state/start/state.c 04-state/relay.c \
	05-cost/README.md 05-cost/check.lua 05-cost/start/cost.lua \
	06-lottery/README.md 06-lottery/check.lua 06-lottery/start/lottery.c 06-lottery/burner.c \
	07-call/README.md 07-call/check.lua 07-call/driver.lua 07-call/stops.lua 07-call/start/call.c 07-call/adder.c 07-call/list/abi/fk/syscalls.def
EXTRA_DIST += %D%/lib/README.md
coursedir = $(pkgdatadir)
nobase_dist_course_DATA = $(LAB_FILES:%=labs/%)
EXTRA_DIST += %D%/tests/README.md %D%/tests/labs.sh %D%/tests/hostile.sh %D%/tests/words.sh
TESTS += %D%/tests/labs.sh %D%/tests/hostile.sh %D%/tests/words.sh

# What programs of the guest are built with, under the names that their sources use.
sdkdir = $(pkgdatadir)/sdk
nobase_sdk_DATA = labs/guest-cc.lua kernel/user/fk.h kernel/user/user.ld monitors/lib/libmon.a monitors/programs/work.h \
	$(MON_LIB_H:%=monitors/lib/%.h) abi/assert.h abi/simcall/simcall.h abi/simcall/simcalls.def \
	abi/fk/bootinfo.h abi/fk/debug.h abi/fk/errors.def abi/fk/ipc.h abi/fk/objects.h abi/fk/syscall.h abi/fk/syscalls.def \
	abi/proto/proto.h abi/proto/all.def abi/proto/protocols.def abi/proto/names.def abi/proto/errors.def abi/proto/signals.def \
	abi/proto/clock.def abi/proto/console.def abi/proto/file.def abi/proto/filesystem.def abi/proto/mempool.def \
	abi/proto/parent.def abi/proto/process.def abi/proto/scheduler.def \
	monitors/ckpt/libckpt.a monitors/ckpt/ckpt.h \
	monitors/pager/libpager.a monitors/pager/pager.h monitors/pager/policy.h \
	kernel/libfk.a kernel/core/syscall.c kernel/arch/x86_64/kernel.ld $(FK_CORE_H:%=kernel/core/%.h) \
	kernel/arch/x86_64/arch.h kernel/arch/x86_64/layout.h kernel/arch/x86_64/switch.h kernel/arch/x86_64/instr.h

# The compiler and flags of our own guest programs, as the course's builder reads them.
labs/guest-cc.lua: Makefile $(top_srcdir)/labs/local.mk $(top_srcdir)/monitors/local.mk \
		$(top_srcdir)/kernel/local.mk
	$(AM_V_GEN)$(MKDIR_P) $(@D) && { echo 'return {'; \
	for w in $(CC); do printf '    cc = "%s",\n' "$$w"; break; done; \
	printf '    headers = "%s",\n    flags = {' "$$($(CC) -print-file-name=include)"; \
	for w in $(filter-out -Werror,$(GUEST_CFLAGS)); do printf ' "%s",' "$$w"; done; printf ' },\n    link = {'; \
	for w in $(MON_LINK_FLAGS); do printf ' "%s",' "$$w"; done; printf ' },\n    kernel = {'; \
	for w in $(FK_FLAGS); do printf ' "%s",' "$$w"; done; printf ' },\n    kernel_link = {'; \
	for w in $(FK_LINK_FLAGS); do printf ' "%s",' "$$w"; done; printf ' },\n}\n'; } >$@.new && mv $@.new $@
CLEANFILES += labs/guest-cc.lua
