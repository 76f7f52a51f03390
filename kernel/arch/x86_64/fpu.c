/* kernel/arch/x86_64/fpu.c -- x87, SSE and AVX state, switched only when a thread touches it.
 * `arch_fpu_holds` is the area whose contents are in the registers (newer than memory);
 * CR0.TS is set exactly when that is not the running thread's.
 * SPDX-License-Identifier: MIT */
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/instr.h"

#define CR4_OSFXSR     (1 << 9)
#define CR4_OSXMMEXCPT (1 << 10)
#define CR4_OSXSAVE    (1 << 18)
#define HEADER         512 /* offset of the XSAVE header */
#define MXCSR          24

void *arch_fpu_holds;
bool arch_fpu_off;
static bool has_xsave;
static uint64_t features; /* of XCR0 */
static uint32_t mxcsr_mask;
static char initial[ARCH_XSTATE_BYTES] __attribute__((aligned(64)));

static void save(void *area)
{
    if (has_xsave)
        __asm__ volatile("xsave64 (%0)" : : "r"(area), "a"((uint32_t)features), "d"(0) : "memory");
    else
        __asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

static void restore(const void *area)
{
    if (has_xsave)
        __asm__ volatile("xrstor64 (%0)" : : "r"(area), "a"((uint32_t)features), "d"(0) : "memory");
    else
        __asm__ volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

static void xsave_init(void)
{
    WRITE_CR(4, READ_CR(4) | CR4_OSXSAVE);
    uint32_t leaf[4];
    cpuid(13, 0, leaf);
    features = leaf[0] & 7;
    __asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)features), "d"(0));
}

void arch_fpu_init(void)
{
    uint32_t leaf[4];
    WRITE_CR(4, READ_CR(4) | CR4_OSFXSR | CR4_OSXMMEXCPT);
    cpuid(1, 0, leaf);
    has_xsave = leaf[2] >> 26 & 1;
    if (has_xsave)
        xsave_init();
    __asm__ volatile("fninit");
    uint32_t mxcsr = 0x1f80;
    __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
    save(initial);
    mxcsr_mask = *(uint32_t *)(initial + MXCSR + 4);
    if (!mxcsr_mask)
        mxcsr_mask = 0xffbf; /* SDM 1 11.6.6 */
    arch_fpu_set_off(true);
}

static void *running(void)
{
    return arch_frame ? (char *)arch_frame + ARCH_XSTATE_AT : NULL;
}

void arch_fpu_reset(void *area)
{
    __builtin_memcpy(area, initial, ARCH_XSTATE_BYTES);
}

void arch_fpu_use(void)
{
    arch_fpu_set_off(false);
    if (arch_fpu_holds)
        save(arch_fpu_holds);
    arch_fpu_holds = running();
    restore(arch_fpu_holds);
}

void arch_fpu_store(void *area)
{
    if (area != arch_fpu_holds)
        return;
    arch_fpu_set_off(false);
    save(area);
    arch_fpu_set_off(running() != arch_fpu_holds);
}

void arch_fpu_forget(void *area)
{
    if (area == arch_fpu_holds)
        arch_fpu_holds = NULL;
    arch_fpu_set_off(running() != arch_fpu_holds || !arch_fpu_holds);
}

/* xrstor faults on header bits that name no feature and on reserved MXCSR bits: refuse those here.
 */
bool arch_fpu_valid(const void *state)
{
    const char *from = state;
    uint64_t header[8];
    uint32_t mxcsr;
    __builtin_memcpy(&mxcsr, from + MXCSR, sizeof(mxcsr));
    __builtin_memcpy(header, from + HEADER, sizeof(header));
    if (mxcsr & ~mxcsr_mask)
        return false;
    for (int i = 1; i < 8; i++)
        if (header[i])
            return false;
    return !(header[0] & ~features);
}
