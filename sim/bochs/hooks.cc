/* sim/bochs/hooks.cc -- the hooks of instrument.h: exact time, exact stops, and crossings.
 *
 * Invariant: at every instruction boundary at which a timer, a stop or a slip of the clock is due,
 * the CPU leaves its trace there, never later. Bochs alone looks at its timers only where a trace
 * of decoded code ends; where that is depends on what was decoded before, and so on probes and
 * snapshots. With these hooks the answer depends on nothing but the guest: `bxs_due` is a lower
 * bound of the next such boundary, and bxs_boundary() works out the rest.
 * SPDX-License-Identifier: MIT */
#include "sim/bochs/engine.h"

struct engine engine MACHINE_STATE = {~0ull, 0, ~0ull, 0, ~0ull, 0, 0, false, false, false, false};
volatile sig_atomic_t engine_poked;
bool engine_running;

extern "C" {
Bit64u bxs_due MACHINE_STATE = 0;
Bit32u bxs_watching = 0;
Bit32u bxs_int_vector MACHINE_STATE = 0;
}

#define CPU BX_CPU(0)

/* Ticks the clock by the instructions since it was last looked at, `upto` being the next icount. */
static void tick_until(Bit64u upto)
{
    Bit32u owed = (Bit32u)(upto - CPU->icount_last_sync);
    CPU->icount_last_sync = upto;
    if (owed)
        bx_pc_system.tickn(owed);
}

void engine_sync(void)
{
    tick_until(CPU->icount);
}

static Bit64u jitter_next(void)
{
    Bit64u x = engine.jitter; /* xorshift64* */
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    engine.jitter = x;
    return x * 0x2545f4914f6cdd1dull;
}

/* The clock slips by up to 255 ticks every 1,000 to 17,000 instructions. */
static void slip(Bit64u next)
{
    engine_sync();
    bx_pc_system.tickn((jitter_next() >> 33) & 255);
    engine.jitter_at = next + 1000 + ((jitter_next() >> 33) & 16383);
}

extern "C" void bxs_jitter(uint64_t seed)
{
    engine.jitter = seed ? seed * 2654435761u + 1 : 0;
    engine.jitter_at = seed ? CPU->icount + 1000 : ~0ull;
    engine_look();
}

static void rearm(Bit64u next)
{
    Bit64u due = CPU->icount_last_sync + bx_pc_system.getNumCpuTicksLeftNextEvent();
    if (due <= next || engine.slept) {
        CPU->async_event |= due <= next ? ENGINE_STOP_TRACE : 0;
        engine.slept -= engine.slept ? 1 : 0;
        bxs_due = 0; /* the timers fire now: look again after the next instruction */
        return;
    }
    if (due > engine.alarm_at)
        due = engine.alarm_at;
    if (due > engine.jitter_at)
        due = engine.jitter_at;
    bxs_due = due > next ? due - 1 : 0;
}

/* Slow path at the end of the instruction with number CPU->icount (not yet counted). */
static void boundary(Bit64u next)
{
    if (engine_poked) {
        engine_poked = 0;
        up_poke();
    }
    if (next >= engine.jitter_at)
        slip(next);
    if (next >= engine.alarm_at) {
        engine.alarm_at = ~0ull;
        up_alarm(next);
    }
    if (engine.halted_for_ever) {
        engine.halted_for_ever = false;
        up_stopped(SIM_STOP_HALTED, "halted with interrupts off: nothing can wake it");
    }
    rearm(next);
}

extern "C" void bxs_boundary(void)
{
    if (BXS_RARE(bxs_watching))
        up_watch_hits();
    boundary(CPU->icount + 1);
}

/* One burst of a repeated string instruction is done; it is counted as soon as we return, so time
 * is brought up to that point. Otherwise the size of the next burst, which Bochs bounds by the
 * next timer, would depend on when the clock was last looked at. */
extern "C" void bxs_repeat(void)
{
    tick_until(CPU->icount + 1);
    if (BXS_RARE(CPU->icount >= bxs_due))
        bxs_boundary();
}

/* Faults and VM exits end an instruction without passing bxs_boundary(). */
static void boundary_by_jump(void)
{
    if (CPU->icount >= bxs_due)
        boundary(CPU->icount + 1);
}

extern "C" void bxs_io(void)
{
    engine_sync();
    engine_look(); /* the device may set a timer */
}

static bool in_guest(void)
{
    return CPU->in_vmx_guest || CPU->in_svm_guest;
}

static void guest_check(void);

static bool user_now(void)
{
    return CPU->user_pl;
}

extern "C" void bxs_far_branch(unsigned what, Bit64u rip)
{
    Bit64u at = CPU->icount + 1;
    bool user = user_now();
    guest_check();
    switch (what) {
    case BX_INSTR_IS_SYSCALL:
        up_cross(TRACE_SYSCALL, at, (Bit32u)CPU->gen_reg[BX_64BIT_REG_RAX].rrx,
                 CPU->gen_reg[BX_64BIT_REG_RCX].rrx, user);
        return;
    case BX_INSTR_IS_SYSRET:
        up_cross(TRACE_SYSRET, at, 0, rip, user);
        return;
    case BX_INSTR_IS_SYSENTER:
        up_cross(TRACE_SYSENTER, at, (Bit32u)CPU->gen_reg[BX_64BIT_REG_RAX].rrx, rip, user);
        return;
    case BX_INSTR_IS_SYSEXIT:
        up_cross(TRACE_SYSEXIT, at, 0, rip, user);
        return;
    case BX_INSTR_IS_INT:
        up_cross(TRACE_INT, at, bxs_int_vector, CPU->far_branch.prev_rip, user);
        return;
    case BX_INSTR_IS_IRET:
        up_cross(TRACE_IRET, at, 0, rip, user);
        return;
    default:
        up_cross(TRACE_FARCALL, at, 0, rip, user);
    }
}

extern "C" void bxs_exception(unsigned vector, unsigned error)
{
    Bit64u addr = vector == BX_PF_EXCEPTION ? CPU->cr2 : CPU->prev_rip;
    if (CPU->last_exception_type == ENGINE_DOUBLE_FAULT && !in_guest())
        up_stopped(SIM_STOP_TRIPLE, "triple fault: the guest faulted while its double fault was "
                                    "being delivered");
    guest_check();
    up_cross(TRACE_EXCEPTION, CPU->icount + 1, vector | error << 8, addr, false);
    boundary_by_jump();
}

extern "C" void bxs_hwinterrupt(unsigned vector, Bit64u rip)
{
    guest_check();
    up_cross(TRACE_INTERRUPT, CPU->icount, vector, rip, false);
    engine_look();
}

/* A field of the SVM control block, which lies in guest memory. */
static Bit64u vmcb_field(unsigned offset)
{
    Bit64u v = 0;
    const uint8_t *at = bxs_ram(CPU->vmcbptr + offset, sizeof v);
    if (at)
        memcpy(&v, at, sizeof v);
    return v;
}

static void guest_enter(Bit64u at)
{
    engine.guest = true;
    up_cr3(at, CPU->cr3, true, user_now(), TRACE_VMENTER, 0, CPU->gen_reg[BX_64BIT_REG_RIP].rrx);
}

static void guest_leave(Bit64u at)
{
    engine.guest = false;
    if (!CPU->in_vmx) { /* SVM says why in its control block only */
        engine.exit_reason = (Bit32u)vmcb_field(SVM_CONTROL64_EXITCODE);
        engine.exit_detail = vmcb_field(SVM_CONTROL64_EXITINFO1);
    }
    up_cr3(at, CPU->cr3, false, user_now(), TRACE_VMEXIT, engine.exit_reason, engine.exit_detail);
}

/* A VM guest is being entered or left. Bochs has no hook for entries, nor for SVM exits; this one is
 * common to all four, and comes while in_guest() still, or already, says no. (Also for system
 * management mode, and for an entry that failed: guest_check() mends what that gets wrong.) */
static void context_switch(Bit64u at)
{
    engine_look();
    if (CPU->in_smm)
        return;
    if (engine.guest)
        guest_leave(at);
    else if (!engine.exiting)
        guest_enter(at);
    engine.exiting = false;
    boundary_by_jump();
}

/* At the next crossing what we believe is held against what is. */
static void guest_check(void)
{
    if (BXS_RARE(engine.guest != in_guest())) {
        engine.guest = in_guest();
        up_cr3(CPU->icount, CPU->cr3, engine.guest, user_now(), 0, 0, 0);
    }
}

extern "C" void bxs_tlb(unsigned what, Bit64u value)
{
    Bit64u at = CPU->icount + 1;
    switch (what) {
    case BX_INSTR_MOV_CR3:
    case BX_INSTR_TASK_SWITCH:
        up_cr3(at, CPU->cr3, in_guest(), user_now(), TRACE_CR3, 0, CPU->cr3);
        return;
    case BX_INSTR_CONTEXT_SWITCH:
        context_switch(at);
        return;
    case BX_INSTR_MOV_CR0:
        up_cr3(at, CPU->cr3, in_guest(), user_now(), 0, 0, 0);
        return;
    default:
        (void)value;
    }
}

extern "C" void bxs_vmexit(Bit32u reason, Bit64u qualification)
{
    engine.exiting = true;
    engine.exit_reason = reason & 0xffff;
    engine.exit_detail = qualification;
}

/* Only hlt with interrupts off is for ever: mwait may ask to be woken by a masked interrupt, and its
 * relatives have a timer of their own. */
extern "C" void bxs_halt(void)
{
    engine.slept = 2; /* this instruction's own end, and the first one's after waking */
    engine_look();
    up_note(TRACE_HALT, CPU->icount + 1, 0, CPU->prev_rip);
    if (CPU->activity_state == BX_CPU_C::BX_ACTIVITY_STATE_HLT && !CPU->get_IF() && !in_guest())
        engine.halted_for_ever = true;
}

extern "C" void bxs_reset(unsigned type)
{
    engine_look();
    if (engine_running && engine.direct)
        up_stopped(SIM_STOP_RESET, type == BX_RESET_HARDWARE ? "the guest reset the machine"
                                                             : "the guest reset the CPU");
}
