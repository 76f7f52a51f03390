# monitors/pager/local.mk -- what this folder adds to the build. SPDX-License-Identifier: MIT
MON_PAGER = frames main page policy store streak
MON_ELFS += monitors/pager/pager.elf
monitors/pager/pager.elf: $(MON_PAGER:%=monitors/pager/%.o)
	$(MON_LINK)
# All but its heart, for the lab in which that is written (labs/03-memory).
monitors/pager/libpager.a: monitors/pager/frames.o monitors/pager/main.o monitors/pager/store.o
	$(AM_V_AR)rm -f $@ && $(AR) rcD $@ $^
EXTRA_DIST += %D%/README.md %D%/pager.h %D%/policy.h $(MON_PAGER:%=%D%/%.c) \
	%D%/tests/README.md %D%/tests/patterns.lua
TESTS += %D%/tests/patterns.sh
dist_noinst_SCRIPTS += %D%/tests/patterns.sh
-include $(MON_PAGER:%=monitors/pager/%.d)
