# monitors/procmgr/local.mk -- what this folder adds to the build. SPDX-License-Identifier: MIT
MON_PROCMGR = alarm area body descriptor fork frames main objects ops pipe pools process signal still terminal
MON_ELFS += monitors/procmgr/procmgr.elf
monitors/procmgr/procmgr.elf: $(MON_PROCMGR:%=monitors/procmgr/%.o)
	$(MON_LINK)
EXTRA_DIST += %D%/README.md %D%/procmgr.h $(MON_PROCMGR:%=%D%/%.c)
-include $(MON_PROCMGR:%=monitors/procmgr/%.d)
