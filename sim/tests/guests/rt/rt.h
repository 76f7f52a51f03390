/* rt/rt.h -- the tiny runtime of the test guests: 64-bit mode, console, traps, pages, ring 3.
 *
 * A guest defines guest_main(), whose result is the exit code of the run. It starts in ring 0 with
 * interrupts off, the PIC fully masked. Everything is static; nothing is ever freed but by rounds
 * of rt_page_mark/rt_page_release.
 * SPDX-License-Identifier: MIT */
#ifndef RT_H
#define RT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/tests/guests/rt/layout.h"

int guest_main(void);

/* Console and end of the run. rt_print knows %s %c %d %u %x, the last three with l too. */
void rt_putc(char c);
void rt_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void rt_exit(int code);

/* The command line: "n=100 poll=1". */
const char *rt_cmdline(void);
unsigned long rt_option(const char *name, unsigned long otherwise);

/* Port and CPU access. */
static inline void rt_out8(uint16_t port, uint8_t v)
{
    __asm__ volatile("outb %0, %1" ::"a"(v), "Nd"(port));
}
static inline void rt_out32(uint16_t port, uint32_t v)
{
    __asm__ volatile("outl %0, %1" ::"a"(v), "Nd"(port));
}
static inline uint8_t rt_in8(uint16_t port)
{
    uint8_t v;
    __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}
static inline uint64_t rt_rdmsr(uint32_t msr)
{
    uint32_t lo, hi;
    __asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
    return lo | (uint64_t)hi << 32;
}
static inline void rt_wrmsr(uint32_t msr, uint64_t v)
{
    __asm__ volatile("wrmsr" ::"c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)));
}
static inline uint64_t rt_cr3(void)
{
    uint64_t v;
    __asm__ volatile("mov %%cr3, %0" : "=r"(v));
    return v;
}
static inline void rt_set_cr3(uint64_t v)
{
    __asm__ volatile("mov %0, %%cr3" ::"r"(v) : "memory");
}
static inline uint64_t rt_cr2(void)
{
    uint64_t v;
    __asm__ volatile("mov %%cr2, %0" : "=r"(v));
    return v;
}
static inline void rt_invlpg(uint64_t va)
{
    __asm__ volatile("invlpg (%0)" ::"r"(va) : "memory");
}
static inline void rt_cpuid(uint32_t leaf, uint32_t out[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3])
                     : "a"(leaf), "c"(0));
}

/* Traps: every vector reaches its handler with the whole frame, which it may change. Without a
 * handler the guest prints the trap and exits with 99. */
struct rt_frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
    uint64_t vector, error;
    uint64_t rip, cs, rflags, rsp, ss;
};
typedef void rt_trap_fn(struct rt_frame *f);
void rt_trap_set(unsigned vector, rt_trap_fn *fn);
/* An entry of the guest's own, open to ring 3 too. */
void rt_gate_set(unsigned vector, void (*entry)(void));

/* Interrupt controller: PIC lines at vectors 32..47. The handler calls rt_pic_ack(). */
void rt_pic_enable(unsigned line);
void rt_pic_ack(unsigned line);

/* Pages. Physical memory behind the image up to the end of the first RAM range above 1 MiB. */
uint64_t rt_page(void); /* zeroed; 0 = none left */
uint64_t rt_page_mark(void);
void rt_page_release(uint64_t mark);
uint64_t rt_memory_end(void);
void *rt_window(uint64_t pa);
/* Maps `pa` at `va` for ring 3 in the space `cr3` (tables from rt_page). pa = 0 unmaps. */
void rt_map(uint64_t cr3, uint64_t va, uint64_t pa);
uint64_t *rt_map_entry(uint64_t cr3, uint64_t va); /* the 4 KiB page's entry itself */
uint64_t rt_space_new(void); /* shares all but the user area with the first one */

/* Ring 3: gives what fn(arg) returns there, run with the flags (RT_IF) asked for. Not reentrant.
 * Traps on the way come to the handlers above. */
#define RT_IF 0x200
uint64_t rt_user_run(uint64_t (*fn)(uint64_t arg), uint64_t arg, uint64_t flags);
/* The same for other kinds of code: enters at cs:rip with this stack and arg in rdi, and leaves
 * when it does `int RT_VECTOR_RETURN` with the result in rdi. */
uint64_t rt_user_enter(uint64_t rip, uint64_t cs, uint64_t rsp, uint64_t flags, uint64_t arg);

#endif
