# monitors/programs/local.mk -- what this folder adds to the build: a program is a .c file of its
# name, and what is listed below. SPDX-License-Identifier: MIT
MON_WORKLOAD = allocation appel1 appel2 compute forktest ipcbench memtest mk proctest readtest
MON_PROGRAM = $(MON_WORKLOAD) cat export hello pattern pooltest sh
MON_PROGRAM_PARTS = mk_tools sh_parse trap work
MON_ELFS += $(MON_PROGRAM:%=monitors/programs/%.elf)
# A later make is to find them: objects on the way from a rule to another would be deleted.
.SECONDARY: $(MON_PROGRAM:%=monitors/programs/%.o)
monitors/programs/%.elf: monitors/programs/%.o
	$(MON_LINK)
$(MON_WORKLOAD:%=monitors/programs/%.elf): monitors/programs/work.o
monitors/programs/appel1.elf monitors/programs/appel2.elf: monitors/programs/trap.o \
	monitors/programs/trap_entry.o
monitors/programs/mk.elf: monitors/programs/mk_tools.o
monitors/programs/sh.elf: monitors/programs/sh_parse.o
EXTRA_DIST += %D%/README.md $(MON_PROGRAM:%=monitors/programs/%.c) \
	$(MON_PROGRAM_PARTS:%=monitors/programs/%.c) %D%/trap_entry.S %D%/mk.h %D%/sh.h %D%/trap.h \
	%D%/work.h
-include $(MON_PROGRAM_PARTS:%=monitors/programs/%.d)
