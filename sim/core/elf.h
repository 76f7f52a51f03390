/* sim/core/elf.h -- what the loader needs of a PVH kernel: its entry and its segments.
 * Nothing in the bytes is trusted: every offset, size and count is checked against the file, and
 * every address against the machine, before it is handed on. Whoever calls keeps `bytes` alive.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CORE_ELF_H
#define SIM_CORE_ELF_H

#include "sim/machine.h"

#define ELF_SEGMENTS 64 /* loadable segments a kernel may have; real ones have 2 to 6 */

struct elf_segment {
    gpa at;               /* p_paddr */
    const uint8_t *bytes; /* into the caller's file bytes */
    uint64_t n;           /* p_filesz */
    uint64_t zero;        /* bytes to clear behind them: p_memsz - p_filesz */
};

struct elf_kernel {
    uint32_t entry; /* physical; from the PVH note */
    unsigned segments;
    struct elf_segment segment[ELF_SEGMENTS]; /* sorted by address, disjoint, never empty */
};

/* Where a segment may lie is the caller's knowledge: `fits` returns NULL, or why [at, at + n) may
 * not be used, in words that end a sentence. at + n does not wrap. */
typedef const char *elf_fits_fn(void *ctx, gpa at, uint64_t n);

/* `name` is for error texts. 0, or -1 with sim_error(). */
int elf_kernel_parse(struct elf_kernel *kernel, const char *name, const uint8_t *bytes, size_t n,
                     elf_fits_fn *fits, void *ctx);

#endif
