/* sim/bochs/engine.h -- what the overlay's own files share: Bochs's headers and the engine's state.
 * The only place that includes Bochs. Nothing here is visible outside sim/bochs.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_BOCHS_ENGINE_H
#define SIM_BOCHS_ENGINE_H

#include <setjmp.h>
#include <signal.h>
#include "bochs.h"
#include "gui/siminterface.h"
#include "param_names.h"
#include "cpu/cpu.h"
#include "cpu/apic.h"
#include "cpu/svm.h"
#include "cpu/decoder/ia_opcodes.h"
#include "memory/memory-bochs.h"
#include "pc_system.h"
#include "iodev/iodev.h"
#include "sim/core/shim.h"
#include "abi/trace/record.h"
#undef LOG_THIS
#define LOG_THIS genlog->

#define SIM_NO_PA (~0ull)

enum { ENGINE_STOP_TRACE = BX_ASYNC_EVENT_STOP_TRACE };

struct engine {
    Bit64u alarm_at;     /* icount at which the machine is to stand, ~0 = none */
    Bit64u jitter;       /* state of the jitter generator, 0 = off */
    Bit64u jitter_at;    /* icount of the next slip of the clock */
    Bit64u guarded;      /* icount for which the guard is set, ~0 = none */
    Bit64u timer_at;     /* tick of the next timer, as last worked out; 0 = not known */
    Bit64u rep_ticks;    /* the clock when the burst of a string instruction under way began */
    Bit64u skip_probe;   /* icount at which the machine stood before a probe, ~0 = none */
    Bit64u delivered_at; /* icount at which the last interrupt was delivered, ~0 = none */
    Bit64u exit_detail;  /* of the VM exit under way */
    Bit32u exit_reason;
    bool exiting;   /* between Bochs's VMX exit hook and the host's first instruction */
    bool guest;     /* inside a VMX or SVM guest */
    bool smm;       /* inside system management mode, which is nobody's guest */
    bool direct;    /* our own boot ROM, no PC firmware */
    bool watch_hit; /* to be told where the machine stands next */
};
extern struct engine engine; /* machine state: goes back in time */
extern volatile sig_atomic_t engine_poked;
extern bool engine_running; /* inside cpu_loop: a panic may jump back to it */

/* host.cc. The machine cannot be made, or go on: stops it. Returns only when it was not running. */
extern bool engine_starting;
void engine_give_up(const char *text);
void engine_log(const char *what, const char *text);
void panic_open(void); /* panic.cc: the machine is there */

/* clock.cc. Brings Bochs's clock up to the current instruction, so that what reads it sees exact
 * time. */
void engine_sync(void);
/* The same before the first burst of a repeated string instruction. */
void engine_rep_begins(void);
/* What is due, or wanted, may have changed: end this trace and work it out anew. */
void engine_look(void);
/* Leave an instruction that has not begun: never returns. */
__attribute__((noreturn)) void engine_stand_still(void);
void clock_open(void);

/* hooks.cc. Nothing can wake the CPU. */
bool engine_asleep_for_ever(void);

/* Leave bxs_run()'s loop at the next boundary, to see there what is wanted. */
static inline void engine_leave(void)
{
    bx_pc_system.kill_bochs_request = 1;
    BX_CPU(0)->async_event |= 1;
}

/* Bochs keeps some of its tables to itself, but the language lets an explicit instantiation name
 * any member: `template struct opened<TAG, &class::member>;` makes door(door_of<TAG>()) that
 * member. Tags are unique in sim/bochs. */
#pragma GCC diagnostic ignored "-Wnon-template-friend"
template <int Tag> struct door_of {
    friend constexpr auto door(door_of);
};
template <int Tag, auto Member> struct opened {
    friend constexpr auto door(door_of<Tag>)
    {
        return Member;
    }
};
/* probe.cc. The handler of a decoded instruction but for probes, and but for the observer, too; and
 * whether a probe is on it. */
BxExecutePtr_tR probe_behind(const bxInstruction_c *i);
BxExecutePtr_tR probe_plain(const bxInstruction_c *i);
bool probe_planted(const bxInstruction_c *i);
bool probe_is_string(unsigned op); /* movs, cmps, stos, lods, scas */

/* observe.cc. What it is told while `observing`. */
extern bool observing;
BxExecutePtr_tR observe_handler(void);
void observe_exception(void);
void observe_tlb(unsigned what, Bit64u value);
void observe_restored(void);

/* watch.cc */
void watch_restored(void);
void watch_look_again(void); /* the tool has written to memory: page tables, for all we know */
bool watch_lets_past(const struct memory_handler_struct *h, bx_phy_address at);

#endif
