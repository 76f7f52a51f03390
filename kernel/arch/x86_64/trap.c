/* kernel/arch/x86_64/trap.c -- sorts traps: interrupts and the lazy FPU are dealt with here, every
 * other exception of user mode is the core's business, every one of kernel mode is a bug.
 * SPDX-License-Identifier: MIT */
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/instr.h"

#define VECTOR_DEBUG  1
#define VECTOR_NO_FPU 7
#define VECTOR_PAGE   14

void trap_user(unsigned vector, uint64_t error);
void trap_kernel(unsigned vector, uint64_t error, uint64_t rip);

static bool is_interrupt(unsigned vector)
{
    return vector >= VECTOR_TIMER;
}

static void interrupt(unsigned vector)
{
    if (vector == VECTOR_TIMER) {
        arch_timer_ack();
        core_tick();
    } else if (vector == VECTOR_CONSOLE) {
        arch_listen_ack();
        core_input();
    }
}

void trap_user(unsigned vector, uint64_t error)
{
    if (vector == VECTOR_NO_FPU) {
        arch_fpu_use();
        return;
    }
    if (arch_frame->rip >= FK_USER_END)
        arch_frame_clean(arch_frame);
    if (is_interrupt(vector))
        interrupt(vector);
    else
        core_exception(vector, error, vector == VECTOR_PAGE ? READ_CR(2) : 0);
    if (arch_resched)
        core_reschedule();
}

void trap_kernel(unsigned vector, uint64_t error, uint64_t rip)
{
    if (is_interrupt(vector)) {
        interrupt(vector);
        return;
    }
    /* The trap flag is cleared at entry, but the step over the syscall itself may arrive here. */
    if (vector == VECTOR_DEBUG)
        return;
    (void)error;
    kernel_panic(vector == VECTOR_PAGE ? "page fault in the kernel" : "trap in the kernel", rip);
}
