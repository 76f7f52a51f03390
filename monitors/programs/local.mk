# monitors/programs/local.mk -- what this folder adds to the build: a program is a .c file of its name.
# SPDX-License-Identifier: MIT
MON_PROGRAM = compute hello
MON_ELFS += $(MON_PROGRAM:%=monitors/programs/%.elf)
monitors/programs/%.elf: monitors/programs/%.o
	$(MON_LINK)
EXTRA_DIST += %D%/README.md $(MON_PROGRAM:%=monitors/programs/%.c)
