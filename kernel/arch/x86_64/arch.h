/* kernel/arch/x86_64/arch.h -- all that the core asks of the machine, on one page.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_ARCH_ARCH_H
#define KERNEL_ARCH_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "abi/fk/objects.h"
#include "kernel/arch/x86_64/layout.h"

typedef uint64_t vaddr;
typedef uint64_t paddr;
struct budget;

/* The frame that the next exit to user mode loads, and what is to be done before that: 1 = look who
 * runs; or tell some whom the kernel owes a word. */
#define RESCHED_TELL 2
extern struct fk_debug_frame *arch_frame;
extern volatile uint64_t arch_resched;

/* What the loader told us (PVH start info), copied out before anything else. */
struct arch_boot {
    paddr memory_start, memory_end; /* the range of RAM that holds the image */
    paddr initrd, initrd_end;
    char command[1024];
};
void arch_boot_read(paddr start_info, struct arch_boot *boot);

/* cpu.c: tables, protection features, entry points. `arch_init` needs the page pool. */
void arch_init(void);
_Noreturn void arch_enter(void);         /* entry.S: load arch_frame, go */
_Noreturn void arch_exit(unsigned code); /* simulator, then QEMU, then halt */
void arch_announce(vaddr debug_block);
void arch_frame_clean(struct fk_debug_frame *frame); /* force what user mode may not choose */
bool arch_frame_valid(const struct fk_debug_frame *frame);

/* serial.c */
void arch_putc(char c);
int arch_getc(void); /* -1 = nothing there */
bool arch_input(void);
void arch_listen(void); /* core_input is called once when there is something, or is already */
void arch_listen_ack(void);

/* timer.c: `arch_now` counts cycles; the tick calls core_tick. */
void arch_timer_init(void);
uint64_t arch_nanoseconds(void);
extern uint64_t arch_cycles_per_second;
void arch_timer_ack(void);
bool arch_preempt(void); /* let interrupts in for a moment; true = leave the kernel soon */
void arch_idle(void);    /* sleep until an interrupt */

/* fpu.c: extended state, switched lazily. `area` is 64-byte aligned, ARCH_XSTATE_BYTES long. */
#define ARCH_XSTATE_BYTES FK_XSTATE_BYTES
#define ARCH_XSTATE_AT    384 /* a thread's area is so far behind its frame */
void arch_fpu_init(void);
void arch_fpu_reset(void *area);
void arch_fpu_use(void);                /* it touched the unit */
void arch_fpu_store(void *area);        /* make the area current, if the unit holds it */
void arch_fpu_forget(void *area);       /* its contents or its memory change */
bool arch_fpu_valid(const void *state); /* could have been stored by this CPU */

/* paging.c: page tables are a cache; losing an entry costs a fault and nothing else. */
static inline void *phys(paddr pa)
{
    return (void *)(pa + PHYS_BASE);
}
void paging_init(paddr memory_end);
paddr paging_create(struct budget *payer);                /* 0 = cannot be paid */
void paging_destroy(paddr root, struct budget *payer);    /* all has been reclaimed */
void *paging_find(paddr root, vaddr va, unsigned access); /* NULL = not cached; access 0 = peek */
bool paging_install(paddr root, vaddr va, paddr pa, unsigned prot, unsigned access,
                    struct budget *payer);
/* A stretch of what it takes to give back one table. false = there is none. */
bool paging_reclaim(paddr root, struct budget *payer);
/* Visits a stretch of the entries of [*at, end) and moves *at on. Answers how much that was, in
 * steps of about eight instructions. Harvest: collect and clear the marks. */
enum paging_visit { PAGING_CLEAR, PAGING_HARVEST };
unsigned paging_visit(paddr root, vaddr *at, vaddr end, enum paging_visit what);
/* Grows whenever an entry of any table goes away or a right is lowered, and whenever a link between
 * objects changes: what was found before may then be gone. */
extern uint64_t paging_epoch;
paddr paging_kernel(void); /* a table with no user half */

#include "kernel/arch/x86_64/switch.h" /* arch_now, arch_*_switch, paging_load: inline */

/* Up-calls of the core, made from entry.S and trap.c. */
void core_outcome(long outcome);
void core_reschedule(void);
void core_exception(unsigned vector, uint64_t error, vaddr address);
void core_tick(void);
void core_input(void);
void core_page_seen(paddr pa, bool used, bool written);
long sys_no_call(void);
_Noreturn void kernel_panic(const char *why, uint64_t value);
_Noreturn void kernel_refuse(const char *why, uint64_t value); /* the loader's or user's mistake */
void kernel_main(paddr start_info);
#endif
