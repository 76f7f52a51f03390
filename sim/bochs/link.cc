/* sim/bochs/link.cc -- from the end of one trace of decoded code straight on to the next.
 *
 * Stands in front of Bochs's linkTrace (wrap.syms), which every taken branch calls: the one
 * function on the path of all code. It goes on only where no trace can reach a timer or a wanted
 * stop, which is one compare with bxs_due (clock.cc); otherwise it returns to Bochs's main loop.
 * Invariant: a trace runs from here exactly as it would from the main loop.
 * SPDX-License-Identifier: MIT */
#include "sim/bochs/engine.h"

#define CPU BX_CPU(0)
#define STACK_MOST                                                                                 \
    0x10000 /* bytes; a handler that is no tail call leaves its frame until we return */

extern "C" {
extern Bit64u bxs_due;
void __wrap__ZN8BX_CPU_C9linkTraceEP15bxInstruction_c(bxInstruction_c *i);
}

static bool stack_is_deep(void)
{
    const Bit8u *here = (const Bit8u *)__builtin_frame_address(0);
    return (size_t)((const volatile Bit8u *)CPU->cpuloop_stack_anchor - here) > STACK_MOST;
}

/* The decoded trace at RIP, remembered in the branch for the next time; NULL when there is none. */
static bxInstruction_c *find_next(bxInstruction_c *branch)
{
    if (CPU->gen_reg[BX_64BIT_REG_RIP].rrx + CPU->eipPageBias >= CPU->eipPageWindowSize)
        CPU->prefetch(); /* may fault: never returns then */
    gva offset = CPU->gen_reg[BX_64BIT_REG_RIP].rrx + CPU->eipPageBias;
    bxICacheEntry_c *e = CPU->iCache.find_entry(CPU->pAddrFetchPage + offset, CPU->fetchModeMask);
    if (!e)
        return NULL;
    branch->setNextTrace(e->i, CPU->iCache.traceLinkTimeStamp);
    return e->i;
}

void __wrap__ZN8BX_CPU_C9linkTraceEP15bxInstruction_c(bxInstruction_c *i)
{
    if (CPU->async_event || CPU->icount >= bxs_due || stack_is_deep())
        return;
    bx_pc_system.tickn((Bit32u)(CPU->icount - CPU->icount_last_sync));
    CPU->icount_last_sync = CPU->icount;
    bxInstruction_c *next = i->getNextTrace(CPU->iCache.traceLinkTimeStamp);
    if (!next && !(next = find_next(i)))
        return;
    CPU->gen_reg[BX_64BIT_REG_RIP].rrx += next->ilen();
    return next->execute1(next);
}
