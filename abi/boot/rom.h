/* abi/boot/rom.h -- the boot ROM's layout: what the ROM and who puts it into a machine agree on.
 *
 * The ROM is 64 KiB at physical 0xffff0000. Its last 64 bytes:
 *   offset 0xffc0  8 bytes  "FFBOOT1" and a NUL: this is such a ROM
 *   offset 0xffe0  4 bytes  ENTRY, physical address of 32-bit code; 0 in the file
 *   offset 0xffe4  4 bytes  START, physical address of the PVH start info, passed in ebx
 *   offset 0xfff0           the reset vector
 * ENTRY and START are written into the ROM's memory (or a copy of the file) before the CPU starts.
 * With ENTRY = 0 the ROM halts with interrupts off.
 * SPDX-License-Identifier: MIT */
#ifndef ABI_BOOT_ROM_H
#define ABI_BOOT_ROM_H

#define ROM_BASE     0xffff0000
#define ROM_BYTES    0x10000
#define ROM_MAGIC    "FFBOOT1"
#define ROM_MAGIC_AT 0xffc0
#define ROM_ENTRY_AT 0xffe0
#define ROM_START_AT 0xffe4
#define ROM_RESET_AT 0xfff0

#endif
