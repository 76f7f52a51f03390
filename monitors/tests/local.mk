# monitors/tests/local.mk -- what this folder adds to the build. SPDX-License-Identifier: MIT
TESTS += %D%/nests.sh %D%/cost.sh %D%/fair.sh %D%/keys.sh %D%/osdi96.sh %D%/stacks.sh %D%/tracer.sh
dist_noinst_SCRIPTS += %D%/nests.sh %D%/cost.sh %D%/fair.sh %D%/keys.sh %D%/osdi96.sh %D%/stacks.sh %D%/tracer.sh
MON_TEST = asker between dying moved rogue spoil
MON_TEST_ELFS = $(MON_TEST:%=monitors/tests/%.elf)

$(MON_TEST_ELFS): monitors/lib/libmon.a kernel/user/user.ld
monitors/tests/%.elf: monitors/tests/%.o
	$(MON_LINK)
# The same file system with the tests' programs in it, one of them damaged.
monitors/tests/tests.tar: $(MON_ELFS) $(MON_TEST_ELFS) $(top_srcdir)/tools/nests-tar %D%/damaged.lua
	$(AM_V_GEN)$(LUA) $(top_srcdir)/%D%/damaged.lua monitors/programs/hello.elf monitors/tests && \
		$(top_srcdir)/tools/nests-tar $@ $(MON_ELFS) $(MON_TEST_ELFS) monitors/tests/*.bad
check_DATA += monitors/tests/tests.tar
CLEANFILES += monitors/tests/tests.tar monitors/tests/*.bad
EXTRA_DIST += %D%/README.md %D%/cases.lua %D%/lib.lua %D%/run.lua %D%/cost.lua %D%/fair.lua %D%/keys.lua %D%/damaged.lua %D%/measure.lua %D%/stacks.lua %D%/tracer.lua \
	$(MON_TEST:%=monitors/tests/%.c)
-include $(MON_TEST:%=monitors/tests/%.d)
check_PROGRAMS += monitors/tests/t_nest
TESTS += monitors/tests/t_nest
monitors_tests_t_nest_SOURCES = %D%/t_nest.c monitors/lib/nest.c
monitors_tests_t_nest_CPPFLAGS = $(AM_CPPFLAGS)
