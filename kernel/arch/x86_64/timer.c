/* kernel/arch/x86_64/timer.c -- time: a tick every millisecond from the local APIC (or from the PIT
 * where there is no APIC), and the cycle counter, both measured once against the PIT.
 * The kernel runs with interrupts off; arch_preempt and arch_idle are the two windows.
 * SPDX-License-Identifier: MIT */
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/instr.h"

#define PIT_HZ         1193182
#define TICK_HZ        1000
#define MEASURE_MS     10
#define TRIES          50
#define PARTS          64
#define MSR_APIC_BASE  0x1b
#define APIC_ENABLE    (1 << 11)
#define APIC_EOI       0xb0
#define APIC_SPURIOUS  0xf0
#define APIC_LVT_TIMER 0x320
#define APIC_LVT_LINT0 0x350
#define APIC_PIC       0x700 /* what the PIC sends goes straight through */
#define APIC_INITIAL   0x380
#define APIC_CURRENT   0x390
#define APIC_DIVIDE    0x3e0
#define APIC_PERIODIC  (1 << 17)
#define PIC1           0x20
#define PIC2           0xa0

uint64_t arch_cycles_per_second;
static volatile uint32_t *apic; /* NULL = there is none */
static uint64_t boot_cycles;

static void apic_write(unsigned at, uint32_t value)
{
    apic[at / 4] = value;
}

/* Lines 0-15 become vectors 32-47, all masked. */
static void pic_init(void)
{
    static const uint8_t words[][2] = {
        {PIC1, 0x11},  {PIC2, 0x11},  {PIC1 + 1, 32}, {PIC2 + 1, 40},   {PIC1 + 1, 4},
        {PIC2 + 1, 2}, {PIC1 + 1, 1}, {PIC2 + 1, 1},  {PIC1 + 1, 0xff}, {PIC2 + 1, 0xff}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        out8(words[i][0], words[i][1]);
}

static void apic_init(void)
{
    uint32_t leaf[4];
    cpuid(1, 0, leaf);
    if (!(leaf[3] & 1 << 9))
        return;
    uint64_t base = rdmsr(MSR_APIC_BASE);
    if (!(base & APIC_ENABLE))
        return;
    apic = phys(base & 0xffffff000ull);
    apic_write(APIC_SPURIOUS, 0x100 | VECTOR_SPURIOUS);
    apic_write(APIC_LVT_LINT0, APIC_PIC);
    apic_write(APIC_DIVIDE, 3); /* by 16 */
}

struct measure {
    unsigned ms;
    uint64_t cycles, ticks; /* of the APIC */
    uint64_t parts;         /* of this many, one may not belong to it */
};

/* While channel 2 counts down; its output shows in port 0x61 bit 5. A machine that is not alone on
 * its host may stand still at any point: that makes no difference in the middle, but what passes
 * while it begins, or before its end is seen, is in doubt. */
static struct measure measure(unsigned ms)
{
    unsigned count = PIT_HZ * ms / 1000;
    uint64_t before = rdtsc(), seen;
    out8(0x61, (in8(0x61) & 0xfc) | 1);
    out8(0x43, 0xb0);
    out8(0x42, count & 0xff);
    out8(0x42, count >> 8);
    if (apic)
        apic_write(APIC_INITIAL, 0xffffffff);
    uint64_t start = rdtsc(), now = start;
    do { /* at `seen` it was not over */
        seen = now;
        now = rdtsc();
    } while (!(in8(0x61) & 0x20));
    uint64_t ticks = apic ? 0xffffffff - apic[APIC_CURRENT / 4] : 0, end = rdtsc();
    uint64_t doubt = start - before + end - seen;
    return (struct measure){ms, end - start, ticks, (end - start) / (doubt + 1)};
}

/* The first one that is good to one part in PARTS; else the best. Each is shorter than the one
 * before, should the host stand still in a rhythm. */
static struct measure measure_well(void)
{
    struct measure best = measure(MEASURE_MS);
    for (unsigned i = 1; i < TRIES && best.parts < PARTS; i++) {
        struct measure again = measure(MEASURE_MS - i % MEASURE_MS);
        if (again.parts > best.parts)
            best = again;
    }
    return best;
}

static void pit_tick(void)
{
    unsigned count = PIT_HZ / TICK_HZ;
    out8(0x43, 0x34);
    out8(0x40, count & 0xff);
    out8(0x40, count >> 8);
    out8(PIC1 + 1, in8(PIC1 + 1) & 0xfe);
}

void arch_timer_init(void)
{
    pic_init();
    apic_init();
    struct measure found = measure_well();
    arch_cycles_per_second = found.cycles * 1000 / found.ms;
    if (apic) {
        uint32_t ticks = found.ticks * 1000 / TICK_HZ / found.ms;
        apic_write(APIC_LVT_TIMER, APIC_PERIODIC | VECTOR_TIMER);
        apic_write(APIC_INITIAL, ticks ? ticks : 1);
    } else {
        pit_tick();
    }
    boot_cycles = rdtsc();
}

uint64_t arch_nanoseconds(void)
{
    uint64_t cycles = rdtsc() - boot_cycles, hz = arch_cycles_per_second;
    return cycles / hz * 1000000000 + cycles % hz * 1000000000 / hz;
}

void arch_timer_ack(void)
{
    if (apic)
        apic_write(APIC_EOI, 0);
    else
        out8(PIC1, 0x20);
}

bool arch_preempt(void)
{
    __asm__ volatile("sti; nop; cli" : : : "memory");
    return arch_resched & ~RESCHED_TELL;
}

void arch_idle(void)
{
    __asm__ volatile("sti; hlt; cli" : : : "memory");
}
