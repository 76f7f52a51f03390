/* sim/bochs/probe.cc -- what happens when an instruction is decoded: probes, magic NOPs, and the
 * instructions that look at the clock get a handler of ours in front of their own.
 *
 * A handler in front costs nothing anywhere else and leaves guest memory untouched. The original
 * handler is worked out again from the decoded instruction when it is needed, since Bochs copies
 * decoded instructions about. Invariant: a planted handler changes neither time nor any result.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#define NEED_CPU_REG_SHORTCUTS 1
#include "sim/bochs/engine.h"
#include "abi/simcall/simcall.h"

#define CPU BX_CPU(0)

/* The handler that Bochs chose for this instruction, before we put ours in front. */
static BxExecutePtr_tR original(const bxInstruction_c *i)
{
    bxInstruction_c copy = *i;
    CPU->assignHandler(&copy, CPU->fetchModeMask);
    return copy.execute1;
}

static gva linear(gva rip)
{
    return CPU->cpu_mode == BX_MODE_LONG_64 ? rip : CPU->get_laddr(BX_SEG_REG_CS, rip);
}

/* Physical address of the instruction at `rip`; SIM_NO_PA when it is not in the page that Bochs
 * fetches from now (an instruction across two pages). */
static gpa physical(gva rip)
{
    gva offset = rip + CPU->eipPageBias;
    return offset < CPU->eipPageWindowSize ? CPU->pAddrFetchPage + offset : SIM_NO_PA;
}

static void clock_handler(bxInstruction_c *i) BX_CPP_AttrRegparmN(1);
static void rep_handler(bxInstruction_c *i) BX_CPP_AttrRegparmN(1);
static void simcall_handler(bxInstruction_c *i) BX_CPP_AttrRegparmN(1);
static void probe_handler(bxInstruction_c *i) BX_CPP_AttrRegparmN(1);

/* Does it look at the clock or set a timer? */
static bool reads_clock(unsigned op)
{
    switch (op) {
    case BX_IA_RDTSC:
    case BX_IA_RDTSCP:
    case BX_IA_RDMSR:
    case BX_IA_WRMSR:
    case BX_IA_WRMSRNS:
    case BX_IA_RDMSRLIST:
    case BX_IA_WRMSRLIST:
#if BX_SUPPORT_EVEX
    case BX_IA_RDMSR_EqId:
    case BX_IA_WRMSRNS_IdEq:
#endif
        return true;
    default:
        return false;
    }
}

bool probe_is_string(unsigned op)
{
    switch (op) {
    case BX_IA_REP_MOVSQ_YqXq:
    case BX_IA_REP_CMPSQ_XqYq:
    case BX_IA_REP_STOSQ_YqRAX:
    case BX_IA_REP_LODSQ_RAXXq:
    case BX_IA_REP_SCASQ_RAXYq:
        return true;
    default:
        return op >= BX_IA_REP_CMPSB_XbYb && op <= BX_IA_REP_STOSW_YwAX;
    }
}

static void plain_handler(bxInstruction_c *i)
{
    unsigned op = i->getIaOpcode();
    if (op == BX_IA_NOP && (i->modRMForm.displ32u & SIMCALL_MAGIC_MASK) == SIMCALL_MAGIC &&
        !i->modC0() && i->ilen() == 8)
        i->execute1 = simcall_handler;
    else if (i->repUsedL() && probe_is_string(op))
        i->execute1 = rep_handler;
    else if (reads_clock(op))
        i->execute1 = clock_handler;
}

/* What a decoded instruction runs when nobody looks. */
BxExecutePtr_tR probe_plain(const bxInstruction_c *i)
{
    bxInstruction_c copy = *i;
    CPU->assignHandler(&copy, CPU->fetchModeMask);
    plain_handler(&copy);
    return copy.execute1;
}

BxExecutePtr_tR probe_behind(const bxInstruction_c *i)
{
    return observing ? observe_handler() : probe_plain(i);
}

void bxs_decode(bxInstruction_c *i, const Bit8u *bytes)
{
    if (observing)
        i->execute1 = observe_handler();
    else
        plain_handler(i);
    Bit64u offset = bytes - CPU->eipFetchPtr; /* huge when decoded from a copy: across two pages */
    gva rip = offset < CPU->eipPageWindowSize ? offset - CPU->eipPageBias : CPU->prev_rip;
    if (up_probe_wanted(physical(rip), linear(rip)))
        i->execute1 = probe_handler;
}

bool probe_planted(const bxInstruction_c *i)
{
    return i->execute1 == probe_handler;
}

static void clock_handler(bxInstruction_c *i)
{
    engine_sync();
    return original(i)(i);
}

static void rep_handler(bxInstruction_c *i)
{
    engine_rep_begins();
    return original(i)(i);
}

static void simcall_handler(bxInstruction_c *i)
{
    CPU->gen_reg[BX_64BIT_REG_RAX].rrx = up_simcall(i->modRMForm.displ32u & ~SIMCALL_MAGIC_MASK);
    BX_NEXT_TRACE(i);
}

static void probe_handler(bxInstruction_c *i)
{
    if (engine.skip_probe != CPU->icount) {
        gva after = CPU->gen_reg[BX_64BIT_REG_RIP].rrx;
        unsigned op = i->getIaOpcode();
        CPU->gen_reg[BX_64BIT_REG_RIP].rrx = CPU->prev_rip;
        bool stop = up_probe_hit(physical(CPU->prev_rip), linear(CPU->prev_rip));
        CPU->gen_reg[BX_64BIT_REG_RIP].rrx = after;
        /* Who writes to code that runs leaves a dummy in its place: to be fetched again. */
        if (stop || i->getIaOpcode() != op) {
            engine.skip_probe = CPU->icount;
            engine_stand_still();
        }
    }
    return probe_behind(i)(i);
}

extern "C" void bxs_flush_code(void)
{
    flushICaches();
}
