/* rt/rt.c -- the test guests' runtime: console, options, traps, pages, ring 3. See rt.h.
 * SPDX-License-Identifier: MIT */
#include <stdarg.h>

#include "abi/simcall/simcall.h"
#include "sim/tests/guests/rt/rt.h"

#define COM1 0x3f8
#define PAGE 4096ull

/* Layouts of the PVH start info (version 1), as far as they are read here. */
struct start_info {
    uint32_t magic, version, flags, modules;
    uint64_t modlist, cmdline, rsdp, memmap;
    uint32_t ranges, reserved;
};
struct start_range {
    uint64_t at, size;
    uint32_t type, reserved;
};

struct gate {
    uint16_t low, selector;
    uint8_t ist, type;
    uint16_t middle;
    uint32_t high, reserved;
};

extern uint32_t rt_start_info;
extern uint64_t rt_gdt[], rt_pml4[512];
extern uint8_t rt_entries[256][16], image_end[];
void rt_user_left(void);
void rt_user_exit(void);
void rt_load(void);
void rt_start(void);
void rt_trap(struct rt_frame *f);

struct gate rt_idt[256];
uint8_t rt_tss[104] __attribute__((aligned(16)));
static uint8_t user_stack[RT_STACK] __attribute__((aligned(16)));
static rt_trap_fn *handlers[256];
static uint64_t page_next, page_end;

/* The compiler may turn loops and assignments into calls of these two. */
void *memset(void *to, int c, size_t n);
void *memcpy(void *restrict to, const void *restrict from, size_t n);

void *memset(void *to, int c, size_t n)
{
    void *at = to;

    __asm__ volatile("rep stosb" : "+D"(at), "+c"(n) : "a"(c) : "memory");
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    void *at = to;

    __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(n)::"memory");
    return to;
}

/* ---- console ---- */

void rt_putc(char c)
{
    while (!(rt_in8(COM1 + 5) & 0x20))
        continue;
    rt_out8(COM1, (uint8_t)c);
}

static void print_number(unsigned long v, unsigned base)
{
    char digits[20];
    int n = 0;

    do {
        digits[n++] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v != 0);
    while (n > 0)
        rt_putc(digits[--n]);
}

static void print_text(const char *text)
{
    while (*text)
        rt_putc(*text++);
}

static void print_signed(long v)
{
    if (v < 0)
        rt_putc('-');
    print_number(v < 0 ? 0 - (unsigned long)v : (unsigned long)v, 10);
}

void rt_print(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    for (const char *p = format; *p; p++) {
        if (*p != '%') {
            rt_putc(*p);
            continue;
        }
        bool wide = p[1] == 'l';
        p += wide ? 2 : 1;
        if (*p == 's')
            print_text(va_arg(args, const char *));
        else if (*p == 'c')
            rt_putc((char)va_arg(args, int));
        else if (*p == 'd')
            print_signed(wide ? va_arg(args, long) : va_arg(args, int));
        else
            print_number(wide ? va_arg(args, unsigned long) : va_arg(args, unsigned),
                         *p == 'x' ? 16 : 10);
    }
    va_end(args);
}

static void serial_init(void)
{
    rt_out8(COM1 + 1, 0);    /* no interrupts */
    rt_out8(COM1 + 3, 0x80); /* divisor latch: 115200 baud */
    rt_out8(COM1, 1);
    rt_out8(COM1 + 1, 0);
    rt_out8(COM1 + 3, 3);   /* 8 bits, no parity, 1 stop bit */
    rt_out8(COM1 + 2, 0);   /* no FIFOs: switching them on would drop what has come already */
    rt_out8(COM1 + 4, 0xb); /* DTR, RTS, OUT2: interrupts reach the PIC */
}

_Noreturn void rt_exit(int code)
{
    while (!(rt_in8(COM1 + 5) & 0x40)) /* let the last character out */
        continue;
    simcall_EXIT((unsigned long)code & 0xff, 0, 0);
    rt_out32(SIMCALL_QEMU_EXIT_PORT, (uint32_t)code & 0xff);
    for (const char *c = "Shutdown"; *c; c++) /* ends Bochs as it comes from its authors */
        rt_out8(0x8900, (uint8_t)*c);
    for (;;)
        __asm__ volatile("cli; hlt");
}

/* ---- start info ---- */

static const struct start_info *start_info(void)
{
    return rt_window(rt_start_info);
}

const char *rt_cmdline(void)
{
    return start_info()->cmdline ? rt_window(start_info()->cmdline) : "";
}

/* Points behind "name=" where it begins a word of the command line; NULL = not there. */
static const char *option_find(const char *name)
{
    for (const char *p = rt_cmdline(); *p; p++) {
        size_t i = 0;
        while (name[i] && p[i] == name[i])
            i++;
        if (!name[i] && p[i] == '=' && (p == rt_cmdline() || p[-1] == ' '))
            return p + i + 1;
    }
    return NULL;
}

unsigned long rt_option(const char *name, unsigned long otherwise)
{
    const char *p = option_find(name);
    unsigned long v = 0;

    if (!p || *p < '0' || *p > '9')
        return otherwise;
    while (*p >= '0' && *p <= '9')
        v = v * 10 + (unsigned long)(*p++ - '0');
    return v;
}

uint64_t rt_memory_end(void)
{
    const struct start_range *range = rt_window(start_info()->memmap);

    for (uint32_t i = 0; i < start_info()->ranges; i++)
        if (range[i].type == 1 && range[i].at <= 0x100000 && range[i].at + range[i].size > 0x100000)
            return range[i].at + range[i].size;
    return (uint64_t)image_end;
}

/* ---- traps ---- */

void rt_gate_set(unsigned vector, void (*entry)(void))
{
    uint64_t at = (uint64_t)entry;

    rt_idt[vector & 255] = (struct gate){.low = (uint16_t)at,
                                         .selector = RT_CODE64,
                                         .type = 0xee, /* interrupt gate, ring 3 may use it */
                                         .middle = (uint16_t)(at >> 16),
                                         .high = (uint32_t)(at >> 32)};
}

void rt_trap_set(unsigned vector, rt_trap_fn *fn)
{
    handlers[vector & 255] = fn;
}

void rt_trap(struct rt_frame *f)
{
    if (handlers[f->vector & 255]) {
        handlers[f->vector & 255](f);
        return;
    }
    rt_print("trap %lu error %lx at %lx\n", f->vector, f->error, f->rip);
    rt_exit(99);
}

static void traps_init(void)
{
    uint64_t tss = (uint64_t)rt_tss;

    for (unsigned i = 0; i < 256; i++)
        rt_gate_set(i, (void (*)(void))rt_entries[i]);
    rt_gate_set(RT_VECTOR_RETURN, rt_user_left);
    rt_tss[102] = sizeof rt_tss; /* no I/O permission map */
    rt_gdt[RT_TASK / 8] =
        (sizeof rt_tss - 1) | (tss & 0xffffff) << 16 | 0x89ull << 40 | (tss >> 24 & 0xff) << 56;
    rt_gdt[RT_TASK / 8 + 1] = tss >> 32;
    rt_load();
}

static void pic_init(void)
{
    static const uint8_t master[] = {0x20, 4, 1}, slave[] = {0x28, 2, 1};

    rt_out8(0x20, 0x11);
    rt_out8(0xa0, 0x11);
    for (int i = 0; i < 3; i++) {
        rt_out8(0x21, master[i]);
        rt_out8(0xa1, slave[i]);
    }
    rt_out8(0x21, 0xff);
    rt_out8(0xa1, 0xff);
}

void rt_pic_enable(unsigned line)
{
    uint16_t port = line < 8 ? 0x21 : 0xa1;

    rt_out8(port, rt_in8(port) & (uint8_t) ~(1u << (line & 7)));
}

void rt_pic_ack(unsigned line)
{
    if (line >= 8)
        rt_out8(0xa0, 0x20);
    rt_out8(0x20, 0x20);
}

/* ---- pages ---- */

void *rt_window(uint64_t pa)
{
    return (void *)(RT_WINDOW + pa);
}

uint64_t rt_page(void)
{
    uint64_t pa = page_next;

    if (pa + PAGE > page_end)
        return 0;
    page_next += PAGE;
    memset(rt_window(pa), 0, PAGE);
    return pa;
}

uint64_t rt_page_mark(void)
{
    return page_next;
}

void rt_page_release(uint64_t mark)
{
    page_next = mark;
}

static uint64_t *table_below(uint64_t *entry)
{
    if (!(*entry & 1)) {
        uint64_t pa = rt_page();
        if (!pa) {
            rt_print("out of memory for page tables\n");
            rt_exit(98);
        }
        *entry = pa | 7;
    }
    return rt_window(*entry & 0xffffffffff000);
}

uint64_t *rt_map_entry(uint64_t cr3, uint64_t va)
{
    uint64_t *table = rt_window(cr3 & 0xffffffffff000);

    for (int shift = 39; shift > 12; shift -= 9)
        table = table_below(&table[va >> shift & 511]);
    return &table[va >> 12 & 511];
}

void rt_map(uint64_t cr3, uint64_t va, uint64_t pa)
{
    *rt_map_entry(cr3, va) = pa ? pa | 7 : 0;
}

uint64_t rt_space_new(void)
{
    uint64_t top = rt_page(), low = rt_page();
    uint64_t *old_low;

    if (!top || !low) {
        rt_print("out of memory for a space\n");
        rt_exit(98);
    }
    memcpy(rt_window(top), rt_pml4, PAGE);
    old_low = rt_window(rt_pml4[0] & 0xffffffffff000);
    ((uint64_t *)rt_window(low))[0] = old_low[0];
    ((uint64_t *)rt_window(top))[0] = low | 7;
    return top;
}

/* ---- ring 3 ---- */

uint64_t rt_user_run(uint64_t (*fn)(uint64_t arg), uint64_t arg, uint64_t flags)
{
    uint64_t *top = (uint64_t *)(user_stack + sizeof user_stack) - 1;

    *top = (uint64_t)rt_user_exit;
    return rt_user_enter((uint64_t)fn, RT_USER_CODE64, (uint64_t)top, flags, arg);
}

void rt_start(void)
{
    serial_init();
    traps_init();
    pic_init();
    page_next = ((uint64_t)image_end + PAGE - 1) & ~(PAGE - 1);
    page_end = rt_memory_end();
    if (page_end > 0x100000000)
        page_end = 0x100000000; /* the window's end */
    rt_exit(guest_main());
}
