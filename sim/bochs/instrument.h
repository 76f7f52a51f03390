/* sim/bochs/instrument.h -- the hooks that Bochs compiles into its CPU loop: all of ours in there.
 *
 * Bochs's makefiles do not track this file: sim/bochs/bochs.mk rebuilds Bochs when it changes, so
 * keep it small and stable. Hooks are empty (free), a call on a rare path, or one compare:
 *   before a trace from the main loop  icount >= bxs_due -> bxs_trace()  (exact stops and timers)
 *   after a burst of a repeated string instruction       -> bxs_repeat() (exact counts)
 *   at a far branch                    bxs_events != 0   -> bxs_far_branch() (crossings)
 *   at a page table access             bxs_watching != 0 -> bxs_walked() (watchpoints)
 *   when an instruction is decoded                       -> bxs_decode() (probes, magic NOPs)
 * There is none for an instruction or a data access: the fast paths are Bochs's own.
 * The functions are in clock.cc, hooks.cc, watch.cc and probe.cc.
 * SPDX-License-Identifier: MIT */
#ifndef FLATFISH_INSTRUMENT_H
#define FLATFISH_INSTRUMENT_H

class bxInstruction_c;

extern "C" {
extern Bit64u bxs_due;        /* icount from which on bxs_trace() is wanted */
extern Bit32u bxs_events;     /* anybody is interested in crossings */
extern Bit32u bxs_watching;   /* any data watchpoint */
extern Bit32u bxs_int_vector; /* of the interrupt or exception delivered last */
void bxs_walked(void);
void bxs_repeat(void);
void bxs_far_branch(unsigned what, Bit64u rip);
void bxs_exception(unsigned vector, unsigned error);
void bxs_hwinterrupt(unsigned vector, Bit64u rip);
void bxs_tlb(unsigned what, Bit64u value);
void bxs_vmexit(Bit32u reason, Bit64u qualification);
void bxs_halt(void);
void bxs_reset(unsigned type);
void bxs_io(void);
}
void bxs_trace(bxInstruction_c *i);
void bxs_decode(bxInstruction_c *i, const Bit8u *bytes);

#define BXS_RARE(x) __builtin_expect(!!(x), 0)

#define BX_INSTR_INIT_ENV()
#define BX_INSTR_EXIT_ENV()
#define BX_INSTR_INITIALIZE(cpu_id)
#define BX_INSTR_EXIT(cpu_id)
#define BX_INSTR_RESET(cpu_id, type)             bxs_reset(type)
#define BX_INSTR_HLT(cpu_id)                     bxs_halt()
#define BX_INSTR_MWAIT(cpu_id, addr, len, flags) /* sleeping calls BX_INSTR_HLT for it too */
#define BX_INSTR_DEBUG_PROMPT()
#define BX_INSTR_DEBUG_CMD(cmd)
#define BX_INSTR_CNEAR_BRANCH_TAKEN(cpu_id, branch_eip, new_eip)
#define BX_INSTR_CNEAR_BRANCH_NOT_TAKEN(cpu_id, branch_eip)
#define BX_INSTR_UCNEAR_BRANCH(cpu_id, what, branch_eip, new_eip)
#define BX_INSTR_FAR_BRANCH(cpu_id, what, prev_cs, prev_eip, new_cs, new_eip)                      \
    do {                                                                                           \
        if (bxs_events)                                                                            \
            bxs_far_branch(what, new_eip);                                                         \
    } while (0)
#define BX_INSTR_OPCODE(cpu_id, i, opcode, len, is32, is64) bxs_decode(i, opcode)
#define BX_INSTR_EXCEPTION(cpu_id, vector, error_code)      bxs_exception(vector, error_code)
#define BX_INSTR_INTERRUPT(cpu_id, vector)                  (bxs_int_vector = (vector))
#define BX_INSTR_HWINTERRUPT(cpu_id, vector, cs, eip)       bxs_hwinterrupt(vector, eip)
#define BX_INSTR_CLFLUSH(cpu_id, laddr, paddr)
#define BX_INSTR_CACHE_CNTRL(cpu_id, what)
#define BX_INSTR_TLB_CNTRL(cpu_id, what, new_cr3) bxs_tlb(what, new_cr3)
#define BX_INSTR_PREFETCH_HINT(cpu_id, what, seg, offset)
/* Bochs's main loop calls this before a trace with the argument spelled `i`; inside a trace, before
 * each instruction, it is spelled `(...)`. Only the first is wanted, and is free elsewhere. */
#define BX_INSTR_BEFORE_EXECUTION(cpu_id, i)                                                       \
    do {                                                                                           \
        if (sizeof(#i) == sizeof("i") && BXS_RARE(BX_CPU_THIS_PTR icount >= bxs_due))              \
            bxs_trace(i);                                                                          \
    } while (0)
#define BX_INSTR_AFTER_EXECUTION(cpu_id, i)
#define BX_INSTR_REPEAT_ITERATION(cpu_id, i) bxs_repeat()
#define BX_INSTR_LIN_ACCESS(cpu_id, lin, phy, len, memtype, rw)
#define BX_INSTR_PHY_ACCESS(cpu_id, phy, len, memtype, rw)                                         \
    do {                                                                                           \
        if (BXS_RARE(bxs_watching))                                                                \
            bxs_walked();                                                                          \
    } while (0)
#define BX_INSTR_INP(addr, len) bxs_io()
#define BX_INSTR_INP2(addr, len, val)
#define BX_INSTR_OUTP(addr, len, val) bxs_io()
#define BX_INSTR_WRMSR(cpu_id, addr, value)
#define BX_INSTR_VMEXIT(cpu_id, reason, qualification) bxs_vmexit(reason, qualification)

#endif
