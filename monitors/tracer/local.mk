# monitors/tracer/local.mk -- what this folder adds to the build. SPDX-License-Identifier: MIT
TRACER = log name operation proxy tracer
MON_ELFS += monitors/tracer/tracer.elf
monitors/tracer/tracer.elf: $(TRACER:%=monitors/tracer/%.o)
	$(MON_LINK)
EXTRA_DIST += %D%/README.md %D%/tracer.h $(TRACER:%=%D%/%.c)
-include $(TRACER:%=monitors/tracer/%.d)
