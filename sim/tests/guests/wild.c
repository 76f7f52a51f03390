/* wild.c -- a kernel gone wild: n= random reads and writes of ports, MSRs, control and debug
 * registers, the APICs, video memory and PCI space, of every width and at odd addresses, code where
 * no memory is, an APIC laid over code, and commands to the keyboard, disk and timer, from seed=.
 * Faults are skipped. The guest may go down in any way; what must survive is the machine's maker.
 * what= picks one kind (0 ports .. 8 commands; 9 all of them).
 * SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/random.h"
#include "sim/tests/guests/rt/rt.h"

enum { KINDS = 9 };

extern char image_end[];
static uint64_t seed, faults;

/* Every instruction that may fault here is followed by a jump of two bytes over nothing, and has
 * its length in r15: a fault skips it. */
static void on_fault(struct rt_frame *f)
{
    faults++;
    if (f->rip >= 0x100000 && f->rip < (uint64_t)image_end) {
        f->rip += f->r15;
        return;
    }
    f->rip = *(uint64_t *)f->rsp; /* called what is no code: back to the caller */
    f->rsp += 8;
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

/* Any width, at any byte, of everything that is not RAM. */
static void widths(void)
{
    static const uint64_t places[] = {0xfee00000, 0xfec00000, 0xfed00000, 0xa0000,    0xc0000,
                                      0xf0000,    0xfffff000, 0xe0000000, 0xb8000,    0xfffe0000,
                                      0xfd000000, 0xfee01000, 0x9f000,    0xfffc0000, 0xc0000000};
    uint64_t r = random_next(&seed), base = places[r % (sizeof places / sizeof places[0])];
    volatile uint8_t *at = rt_window(base + (r >> 8 & 0xfff));
    static uint8_t bytes[64];
    uint8_t *to = bytes;
    uint64_t n = sizeof bytes;

    switch (r >> 32 & 7) {
    case 0:
        *at = (uint8_t)any();
        break;
    case 1:
        *(volatile uint16_t *)at = (uint16_t)any();
        break;
    case 2:
        *(volatile uint64_t *)at = any();
        break;
    case 3:
        __asm__ volatile("mov $2, %%r15d; rep movsb"
                         : "+S"(at), "+D"(to), "+c"(n)::"r15", "memory");
        break;
    case 4:
        (void)*at;
        break;
    case 5:
        (void)*(volatile uint16_t *)at;
        break;
    default:
        (void)*(volatile uint64_t *)at;
        break;
    }
}

/* Code in video memory, in devices, behind the memory's end; and an APIC moved over the code. */
static void codes(void)
{
    static const uint64_t places[] = {0xa0000,    0xb8000,    0xfee00000, 0xfec00000,  0xfed00000,
                                      0xd0000000, 0xfffff000, 0x80000000, 0x7fffffff8, 0xc0000ff};
    uint64_t r = random_next(&seed), base = places[r % (sizeof places / sizeof places[0])];

    if (r >> 32 & 1) {
        base = r >> 36 & 15 ? (any() & 0x7fe00000) | 0x200000 : (uint64_t)guest_main & ~0xfffull;
        TRY(2, "wrmsr", base | 0x900, 0x1b, 0);
        (void)*(volatile uint64_t *)rt_window(base + (r & 0xff8));
        TRY(2, "wrmsr", 0xfee00900, 0x1b, 0);
        return;
    }
    __asm__ volatile("mov $0, %%r15d; call *%0" ::"r"(rt_window(base)) : "r15", "memory", "cc");
}

/* What drivers send: the keyboard controller but for its reset and A20 lines, the floppy and hard
 * disk controllers, DMA, and the timer at its fastest; and the string instructions to all of them.
 */
static void commands(void)
{
    static const uint16_t at[] = {0x60,  0x64,  0x3f2, 0x3f4, 0x3f5, 0x3f5, 0x3f7, 0x1f0,
                                  0x1f1, 0x1f2, 0x1f6, 0x1f7, 0x170, 0x176, 0x177, 0x3f6,
                                  0x08,  0x0b,  0x0a,  0x05,  0x81,  0x40,  0x42,  0x43,
                                  0x61,  0x70,  0x71,  0x20,  0x21,  0xa0,  0xa1,  0x3c4};
    static uint32_t bytes[64];
    uint64_t r = random_next(&seed), n = r >> 40 & 15, where = (uint64_t)bytes;
    uint16_t port = at[r % (sizeof at / sizeof at[0])];
    uint8_t value = (uint8_t)(r >> 16);

    if (port == 0x64 && (value >= 0xf0 || value == 0xd1 || value == 0xdd))
        value = 0xd4;
    switch (r >> 32 & 7) {
    case 0:
        __asm__ volatile("rep outsb" : "+S"(where), "+c"(n) : "d"(port == 0x64 ? 0x60 : port));
        break;
    case 1:
        __asm__ volatile("rep insl" : "+D"(where), "+c"(n) : "d"(port) : "memory");
        break;
    case 2:
        __asm__ volatile("rep insw" : "+D"(where), "+c"(n) : "d"(port) : "memory");
        break;
    case 3:
        (void)rt_in8(port);
        break;
    default:
        rt_out8(port, value);
        break;
    }
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
    case 6:
        widths();
        break;
    case 7:
        codes();
        break;
    case 8:
        commands();
        break;
    default:
        pci();
        break;
    }
}

int guest_main(void)
{
    uint64_t n = rt_option("n", 2000), what = rt_option("what", KINDS);

    seed = rt_option("seed", 1) * 0x9e3779b97f4a7c15 + 1;
    for (unsigned v = 0; v < 256; v++)
        rt_trap_set(v, v < 32 ? on_fault : on_interrupt);
    for (uint64_t i = 0; i < n; i++) {
        step(what < KINDS ? what : random_next(&seed) % KINDS);
        if (i % 64 == 0)
            __asm__ volatile("mov $0, %%r15d; sti; nop; nop; cli" ::: "r15");
    }
    rt_print("wild: %lu steps\n", n);
    return 0;
}
