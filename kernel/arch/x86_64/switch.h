/* kernel/arch/x86_64/switch.h -- the parts of a thread switch that are too short to be called.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_ARCH_SWITCH_H
#define KERNEL_ARCH_SWITCH_H

#include "kernel/arch/x86_64/instr.h"

extern bool arch_has_bases;  /* user mode may write fs and gs bases (FSGSBASE) */
extern void *arch_fpu_holds; /* see fpu.c */
extern bool arch_fpu_off;    /* CR0.TS */
extern paddr arch_root;      /* in CR3 */

static inline uint64_t arch_now(void)
{
    return rdtsc();
}

/* Only if arch_has_bases. */
static inline void arch_bases_switch(struct fk_debug_frame *from, const struct fk_debug_frame *to)
{
    __asm__ volatile("rdfsbase %0" : "=r"(from->fs_base));
    __asm__ volatile("rdgsbase %0" : "=r"(from->gs_base));
    __asm__ volatile("wrfsbase %0" : : "r"(to->fs_base));
    __asm__ volatile("wrgsbase %0" : : "r"(to->gs_base));
}

static inline void arch_bases_save(struct fk_debug_frame *frame)
{
    if (!arch_has_bases)
        return;
    __asm__ volatile("rdfsbase %0" : "=r"(frame->fs_base));
    __asm__ volatile("rdgsbase %0" : "=r"(frame->gs_base));
}

void arch_bases_by_msr(const struct fk_debug_frame *frame);

static inline void arch_bases_load(const struct fk_debug_frame *frame)
{
    if (!arch_has_bases) {
        arch_bases_by_msr(frame);
        return;
    }
    __asm__ volatile("wrfsbase %0" : : "r"(frame->fs_base));
    __asm__ volatile("wrgsbase %0" : : "r"(frame->gs_base));
}

static inline void arch_fpu_set_off(bool off)
{
    if (off == arch_fpu_off)
        return;
    arch_fpu_off = off;
    if (off)
        WRITE_CR(0, READ_CR(0) | 8); /* TS */
    else
        __asm__ volatile("clts");
}

/* This area's thread runs next. */
static inline void arch_fpu_switch(void *area)
{
    arch_fpu_set_off(area != arch_fpu_holds);
}

static inline void paging_load(paddr root)
{
    if (root == arch_root)
        return;
    arch_root = root;
    WRITE_CR(3, root);
}

#endif
