/* sim/core/boot.h -- the boot image: what must lie in RAM before the first instruction of a kernel.
 *
 * By the PVH convention: the kernel's segments at their physical addresses, the initrd high in
 * memory, and in the boot area the start info (version 1), module list, memory map and command
 * line. The boot ROM (sim/firmware) then enters `entry` in 32-bit protected mode, flat segments,
 * paging and interrupts off, ebx = `start_info`.
 * Pure functions: files in, list out; no machine is touched. Pieces are disjoint, inside memory,
 * and never in the hole below 1 MiB.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CORE_BOOT_H
#define SIM_CORE_BOOT_H

#include "sim/machine.h"

#define BOOT_AREA       0x7000ull /* start info, module list, memory map: one page; then ... */
#define BOOT_CMDLINE    0x8000ull /* ... the command line with its NUL: one page */
#define BOOT_AREA_END   0x9000ull
#define BOOT_APPEND_MAX 4095 /* longest command line */
#define BOOT_MEM_MIN    (16ull << 20)
#define BOOT_MEM_MAX    (3072ull << 20)

struct boot_piece {
    gpa at;
    const uint8_t *bytes; /* owned by the image */
    uint64_t n;           /* bytes to copy */
    uint64_t zero;        /* bytes to clear behind them */
};

struct boot_image {
    uint32_t entry;      /* physical; 32-bit code */
    uint32_t start_info; /* physical; for ebx */
    uint64_t kernel_end; /* first byte behind the highest kernel segment */
    unsigned pieces;
    struct boot_piece *piece;
    uint8_t *kernel, *initrd, *area; /* backing of the pieces */
};

/* Fills `image`. `initrd` and `append` may be NULL. `mem` = the machine's memory in bytes. Returns
 * 0, or -1 with sim_error() (then there is nothing to free). */
int boot_image_load(struct boot_image *image, const char *kernel, const char *initrd,
                    const char *append, uint64_t mem);
void boot_image_free(struct boot_image *image);

#endif
