# monitors/ckpt/local.mk -- what this folder adds to the build. SPDX-License-Identifier: MIT
MON_CKPT = border image main names pickle state stop
MON_ELFS += monitors/ckpt/ckpt.elf
monitors/ckpt/ckpt.elf: $(MON_CKPT:%=monitors/ckpt/%.o)
	$(MON_LINK)
# All but its heart, for the lab in which that is written (labs/04-state).
monitors/ckpt/libckpt.a: $(filter-out %/state.o,$(MON_CKPT:%=monitors/ckpt/%.o))
	$(AM_V_AR)rm -f $@ && $(AR) rcD $@ $^
EXTRA_DIST += %D%/README.md %D%/ckpt.h $(MON_CKPT:%=%D%/%.c) %D%/tests/README.md %D%/tests/points.lua \
	%D%/tests/runs.lua
TESTS += %D%/tests/points.sh %D%/tests/runs.sh
dist_noinst_SCRIPTS += %D%/tests/points.sh %D%/tests/runs.sh
-include $(MON_CKPT:%=monitors/ckpt/%.d)
