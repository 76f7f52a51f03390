# monitors/null/local.mk -- what this folder adds to the build. SPDX-License-Identifier: MIT
MON_ELFS += monitors/null/null.elf
monitors/null/null.elf: monitors/null/null.o
	$(MON_LINK)
EXTRA_DIST += %D%/README.md %D%/null.c
