# monitors/kserver/local.mk -- what this folder adds to the build. SPDX-License-Identifier: MIT
MON_KSERVER = clock console content fileops initrd main memory names sched
MON_ELFS += monitors/kserver/kserver.elf
monitors/kserver/kserver.elf: $(MON_KSERVER:%=monitors/kserver/%.o)
	$(MON_LINK)
EXTRA_DIST += %D%/README.md %D%/files.h %D%/kserver.h $(MON_KSERVER:%=monitors/kserver/%.c)
-include $(MON_KSERVER:%=monitors/kserver/%.d)
