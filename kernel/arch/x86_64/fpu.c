/* kernel/arch/x86_64/fpu.c -- x87, SSE and AVX state, switched only when a thread touches it.
 * `unit_holds` is the area whose contents are in the registers (newer than memory), `runs` that of
 * the running thread; CR0.TS is set exactly when the two differ.
 * SPDX-License-Identifier: MIT */
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/instr.h"

#define CR0_TS         8
#define CR4_OSFXSR     (1 << 9)
#define CR4_OSXMMEXCPT (1 << 10)
#define CR4_OSXSAVE    (1 << 18)
#define HEADER         512 /* offset of the XSAVE header */
#define MXCSR          24

static void *unit_holds, *runs;
static bool has_xsave, ts_set;
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

static void set_ts(bool on)
{
    if (on == ts_set)
        return;
    if (on)
        WRITE_CR(0, READ_CR(0) | CR0_TS);
    else
        __asm__ volatile("clts");
    ts_set = on;
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
    set_ts(true);
}

void arch_fpu_reset(void *area)
{
    __builtin_memcpy(area, initial, ARCH_XSTATE_BYTES);
}

void arch_fpu_switch(void *area)
{
    runs = area;
    set_ts(runs != unit_holds);
}

void arch_fpu_use(void)
{
    set_ts(false);
    if (unit_holds)
        save(unit_holds);
    restore(runs);
    unit_holds = runs;
}

void arch_fpu_store(void *area)
{
    if (area != unit_holds)
        return;
    set_ts(false);
    save(area);
    set_ts(runs != unit_holds);
}

void arch_fpu_forget(void *area)
{
    if (area == unit_holds)
        unit_holds = NULL;
    set_ts(runs != unit_holds || !runs);
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
