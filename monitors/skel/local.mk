# monitors/skel/local.mk -- what this folder adds to the build. SPDX-License-Identifier: MIT
MON_ELFS += monitors/skel/skel.elf
monitors/skel/skel.elf: monitors/skel/skel.o
	$(MON_LINK)
EXTRA_DIST += %D%/README.md %D%/skel.c
