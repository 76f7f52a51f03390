/* sim/bochs/hooks.cc -- the hooks of instrument.h that see control pass: crossings, halts, resets.
 *
 * Each is told to sim/core with the icount at which control arrives on the other side: one more
 * than now for what an instruction does, now for an interrupt between two instructions.
 * SPDX-License-Identifier: MIT */
#include "sim/bochs/engine.h"
#include "sim/core/cross.h"

struct engine engine MACHINE_STATE = {.alarm_at = ~0ull,
                                      .jitter = 0,
                                      .jitter_at = ~0ull,
                                      .guarded = ~0ull,
                                      .timer_at = 0,
                                      .rep_ticks = 0,
                                      .skip_probe = ~0ull,
                                      .delivered_at = ~0ull,
                                      .exit_detail = 0,
                                      .exit_reason = 0,
                                      .exiting = false,
                                      .guest = false,
                                      .smm = false,
                                      .direct = false,
                                      .watch_hit = false};
volatile sig_atomic_t engine_poked;
bool engine_running;

extern "C" {
Bit32u bxs_int_vector MACHINE_STATE = 0;
Bit32u bxs_events = 0; /* the tool's */
}

#define CPU BX_CPU(0)

static bool in_guest(void)
{
    return CPU->in_vmx_guest || CPU->in_svm_guest;
}

static void guest_check(void);

static bool user_now(void)
{
    return CPU->user_pl;
}

/* By Bochs's number of the far branch, from BX_INSTR_IS_JMP on. */
static const Bit8u far_kinds[] = {
    TRACE_FARCALL, TRACE_FARCALL, TRACE_FARCALL, TRACE_FARCALL,  TRACE_FARCALL, TRACE_IRET,
    TRACE_INT,     TRACE_SYSCALL, TRACE_SYSRET,  TRACE_SYSENTER, TRACE_SYSEXIT, TRACE_IRET,
};

extern "C" void bxs_far_branch(unsigned what, Bit64u rip)
{
    Bit64u at = CPU->icount + 1;
    unsigned user = user_now(), kind = far_kinds[what - BX_INSTR_IS_JMP];
    guest_check();
    switch (kind) {
    case TRACE_SYSCALL:
        cross(kind, at, (Bit32u)CPU->gen_reg[BX_64BIT_REG_RAX].rrx,
              CPU->gen_reg[BX_64BIT_REG_RCX].rrx, user);
        return;
    case TRACE_SYSENTER:
        cross(kind, at, (Bit32u)CPU->gen_reg[BX_64BIT_REG_RAX].rrx, rip, user);
        return;
    case TRACE_INT:
        cross(kind, at, bxs_int_vector, CPU->far_branch.prev_rip, user);
        return;
    case TRACE_FARCALL:
        if (cross_now.space * 2 + user == cross_now.domain)
            return; /* no other privilege */
    }
    cross(kind, at, 0, rip, user);
}

extern "C" void bxs_exception(unsigned vector, unsigned error)
{
    Bit64u addr = vector == BX_PF_EXCEPTION ? CPU->cr2 : CPU->prev_rip;
    if (BXS_RARE(observing))
        observe_exception();
    up_exception(vector, error, vector == BX_PF_EXCEPTION ? CPU->cr2 : 0, CPU->icount + 1,
                 CPU->prev_rip);
    if (!bxs_events)
        return;
    guest_check();
    cross(TRACE_EXCEPTION, CPU->icount + 1, vector | error << 8, addr, 0);
}

extern "C" void bxs_hwinterrupt(unsigned vector, Bit64u rip)
{
    engine.delivered_at = CPU->icount;
    if (!bxs_events)
        return;
    guest_check();
    cross(TRACE_INTERRUPT, CPU->icount, vector, rip, 0);
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

/* A VM guest is being entered or left. Bochs has no hook for entries, nor for SVM exits; this one
 * is common to all four, and comes while in_guest() still, or already, says no. (Also for system
 * management mode, and for an entry that failed: guest_check() mends what that gets wrong.) */
static void context_switch(Bit64u at)
{
    engine_look();
    if (CPU->in_smm || engine.smm) { /* on the way out, in_smm is false already */
        engine.smm = CPU->in_smm;
        return;
    }
    if (engine.guest)
        guest_leave(at);
    else if (!engine.exiting)
        guest_enter(at);
    engine.exiting = false;
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
    if (BXS_RARE(observing))
        observe_tlb(what, value);
    if (!bxs_events)
        return;
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
    }
}

extern "C" void bxs_vmexit(Bit32u reason, Bit64u qualification)
{
    engine.exiting = true;
    engine.exit_reason = reason & 0xffff;
    engine.exit_detail = qualification;
}

/* With interrupts off, hlt is for ever; so is mwait where no device writes to memory, unless it
 * asks to be woken by a masked interrupt. Its relatives have a timer of their own (SDM 2B, MWAIT).
 */
bool engine_asleep_for_ever(void)
{
    bool sleeps = CPU->activity_state == BX_CPU_C::BX_ACTIVITY_STATE_HLT ||
                  (engine.direct && CPU->activity_state == BX_CPU_C::BX_ACTIVITY_STATE_MWAIT);

    return sleeps && !CPU->get_IF() && !in_guest();
}

extern "C" void bxs_halt(void)
{
    engine_look(); /* asleep, time passes without instructions */
    up_note(TRACE_HALT, CPU->icount + 1, 0, CPU->prev_rip);
    if (engine_asleep_for_ever())
        engine_leave();
}

/* Bochs answers a PC's restart by an INIT of the CPU alone, which leaves the SMM base and the
 * shadow RAM to a firmware that counts on neither. A board restarts whole, unless the CMOS shutdown
 * code says that the program only wants to get out of protected mode. */
extern "C" void bxs_reset(unsigned type)
{
    engine_look();
    if (engine_running && !engine.direct && type == BX_RESET_SOFTWARE &&
        DEV_cmos_get_reg(0x0f) == 0) {
        CPU->reset(BX_RESET_HARDWARE);
        DEV_reset_devices(BX_RESET_HARDWARE);
    }
    if (engine_running && engine.direct)
        up_stopped(SIM_STOP_RESET, type == BX_RESET_HARDWARE ? "the guest reset the machine"
                                                             : "the guest reset the CPU");
}
