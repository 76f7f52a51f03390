/* wild.c -- a kernel gone wild: n= random reads and writes of ports, MSRs, control and debug
 * registers, the APICs, video memory and PCI space from seed=. Faults are skipped. The guest may go
 * down in any way; what must survive is the machine's maker. what= picks one kind (0 ports .. 5
 * PCI). SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/random.h"
#include "sim/tests/guests/rt/rt.h"

static uint64_t seed, faults;

/* Every instruction that may fault here is followed by a jump of two bytes over nothing, and has
 * its length in r15: a fault skips it. */
static void on_fault(struct rt_frame *f)
{
    faults++;
    f->rip += f->r15;
}

static void on_interrupt(struct rt_frame *f)
{
    (void)f;
    rt_pic_ack(15);
}

/* instruction must be `length` bytes long; operands in rax, rcx, rdx. */
#define TRY(length, instruction, a, c, d)                                                          \
    do {                                                                                           \
        uint64_t a_ = (a), c_ = (c), d_ = (d);                                                     \
        __asm__ volatile("mov $" #length ", %%r15d; " instruction                                  \
                         : "+a"(a_), "+c"(c_), "+d"(d_)::"r15", "memory", "cc");                   \
    } while (0)

static uint64_t any(void)
{
    uint64_t r = random_next(&seed);

    return r & 1 ? r : r & 2 ? r & 0xff : r & 4 ? r & 0xffffffff : 1ull << (r >> 8 & 63);
}

/* Not the ports that end the run or reset the machine: others do that soon enough. */
static uint16_t any_port(void)
{
    static const uint16_t busy[] = {0x20,  0x21,  0xa0,  0xa1,  0x40,  0x43,  0x60,  0x61,  0x70,
                                    0x71,  0x3f8, 0x3f9, 0x3fa, 0x3fb, 0x3fc, 0x1f0, 0x1f7, 0x3c0,
                                    0x3c4, 0x3d4, 0xe9,  0x80,  0x00,  0x0b,  0x4d0};
    uint64_t r = random_next(&seed);
    uint16_t port = r & 1 ? busy[(r >> 8) % (sizeof busy / 2)] : (uint16_t)(r >> 8);

    return port == 0xf4 || port == 0x64 || port == 0xcf9 || port == 0x92 ? 0x80 : port;
}

static void ports(void)
{
    uint16_t port = any_port();

    switch (random_next(&seed) % 6) {
    case 0:
        TRY(1, "outb %%al, %%dx", any(), 0, port);
        break;
    case 1:
        TRY(2, "outw %%ax, %%dx", any(), 0, port);
        break;
    case 2:
        TRY(1, "outl %%eax, %%dx", any(), 0, port);
        break;
    case 3:
        TRY(1, "inb %%dx, %%al", any(), 0, port);
        break;
    case 4:
        TRY(2, "inw %%dx, %%ax", any(), 0, port);
        break;
    default:
        TRY(1, "inl %%dx, %%eax", any(), 0, port);
        break;
    }
}

static void msrs(void)
{
    uint64_t r = random_next(&seed), v = any();
    uint64_t msr = r & 1   ? (r >> 8 & 0xfff)
                   : r & 2 ? 0xc0000080 + (r >> 8 & 7)
                           : 0xc0000000 + (r >> 8 & 0x1ffff);

    if (r & 4)
        TRY(2, "rdmsr", 0, msr, 0);
    else if (msr != 0xc0000080)
        TRY(2, "wrmsr", v, msr, v >> 32);
}

static void registers(void)
{
    switch (random_next(&seed) % 8) {
    case 0:
        TRY(3, "mov %%rax, %%cr2", any(), 0, 0);
        break;
    case 1:
        TRY(4, "mov %%rax, %%cr8", any() & 0xf, 0, 0);
        break;
    case 2:
        TRY(3, "mov %%rax, %%cr4", 0x620 ^ (1ull << (any() & 31)), 0, 0);
        break;
    case 3:
        TRY(3, "mov %%rax, %%dr0", any(), 0, 0);
        break;
    case 4:
        TRY(3, "mov %%rax, %%dr6", any(), 0, 0);
        break;
    case 5:
        TRY(3, "mov %%rax, %%dr7", any() & ~0x2000ull, 0, 0);
        break;
    case 6:
        TRY(3, "xsetbv", any(), any() & 3, any());
        break;
    default:
        TRY(3, "mov %%rax, %%cr0", 0x80010033 ^ (1ull << (any() & 31 & ~1u)), 0, 0);
        break;
    }
}

/* Memory-mapped devices: 4 bytes at a random place of a region. */
static void devices(uint64_t base, uint64_t bytes)
{
    volatile uint32_t *at = rt_window(base + (random_next(&seed) % bytes & ~3ull));

    if (random_next(&seed) & 1)
        *at = (uint32_t)any();
    else
        (void)*at;
}

static void pci(void)
{
    rt_out32(0xcf8, 0x80000000 | (uint32_t)(random_next(&seed) & 0xfffffc));
    if (random_next(&seed) & 1)
        rt_out32(0xcfc, (uint32_t)any());
    else
        TRY(1, "inl %%dx, %%eax", 0, 0, 0xcfc);
}

static void step(uint64_t kind)
{
    switch (kind) {
    case 0:
        ports();
        break;
    case 1:
        msrs();
        break;
    case 2:
        registers();
        break;
    case 3:
        devices(0xfec00000, 0x1000);
        devices(0xfee00000, 0x1000);
        break;
    case 4:
        devices(0xa0000, 0x60000);
        break;
    default:
        pci();
        break;
    }
}

int guest_main(void)
{
    uint64_t n = rt_option("n", 2000), what = rt_option("what", 6);

    seed = rt_option("seed", 1) * 0x9e3779b97f4a7c15 + 1;
    for (unsigned v = 0; v < 256; v++)
        rt_trap_set(v, v < 32 ? on_fault : on_interrupt);
    for (uint64_t i = 0; i < n; i++) {
        step(what < 6 ? what : random_next(&seed) % 6);
        if (i % 64 == 0)
            __asm__ volatile("mov $0, %%r15d; sti; nop; nop; cli" ::: "r15");
    }
    rt_print("wild: %lu steps\n", n);
    return 0;
}
