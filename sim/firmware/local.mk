# sim/firmware/local.mk -- the boot ROM and the empty video ROM, made by the host's assembler.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md %D%/rom.S %D%/vga.S %D%/rom.ld %D%/checksum.lua
pkgdata_DATA += %D%/boot.rom %D%/vga.rom
CLEANFILES += %D%/boot.rom %D%/vga.rom %D%/*.elf %D%/*.raw %D%/*.o

ROM_CC = $(CC) -m32 -nostdinc -I$(top_srcdir) -x assembler-with-cpp -c
ROM_LD = $(CC) -m32 -nostdlib -static -no-pie -Wl,--build-id=none

%D%/%.elf: %D%/%.S %D%/rom.ld $(top_srcdir)/abi/boot/rom.h
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(ROM_CC) $< -o $(@:.elf=.o) && \
	  $(ROM_LD) -Wl,-T,$(top_srcdir)/sim/firmware/rom.ld $(@:.elf=.o) -o $@
%D%/%.raw: %D%/%.elf
	$(AM_V_GEN)$(OBJCOPY) -O binary -j .rom $< $@

%D%/boot.rom: %D%/rom.raw
	$(AM_V_GEN)test $$(wc -c < $<) -eq 65536 && cat $< > $@
%D%/vga.rom: %D%/vga.raw %D%/checksum.lua
	$(AM_V_GEN)$(LUA) $(top_srcdir)/sim/firmware/checksum.lua $< $@ 512
.SECONDARY: sim/firmware/rom.elf sim/firmware/vga.elf sim/firmware/rom.raw sim/firmware/vga.raw
