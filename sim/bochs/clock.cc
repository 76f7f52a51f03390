/* sim/bochs/clock.cc -- exact time: no timer and no stop is ever seen late, at no cost per
 * instruction.
 *
 * Bochs looks at its clock only where a trace of decoded code (at most 32 instructions) ends, so a
 * timer would fire up to 31 instructions late, depending on what happens to be decoded. Here traces
 * follow one another freely (link.cc) only as long as none of them can reach the next timer. From
 * then on the machine goes trace by trace, and a trace that would reach beyond the timer's tick is
 * ended by a stop handler planted in it, until the timer has fired.
 * The same is done near an instruction count at which somebody wants it to stop. A repeated string
 * instruction counts one for each element, in whatever bursts Bochs does it; no burst goes beyond
 * Bochs's next timer, so a timer of our own, the guard, fires at that count, too.
 * Invariant: at every instruction boundary Bochs's clock is less than the next timer's time,
 * whatever was decoded, probed or restored; so guest time depends on the guest alone.
 * SPDX-License-Identifier: MIT */
#include "sim/bochs/engine.h"

#define CPU BX_CPU(0)

static void stop_handler(bxInstruction_c *i) BX_CPP_AttrRegparmN(1);
#define NONE (~0ull) /* no count at which anything is due */

extern "C" {
Bit64u bxs_due MACHINE_STATE = 0;
}
static int guard_id MACHINE_STATE = 0;

template struct opened<1, &bx_pc_system_c::timer>;
template struct opened<2, &bx_pc_system_c::numTimers>;

/* Tick at which the next timer but the guard fires. There always is one: Bochs's null timer. */
static Bit64u next_timer(void)
{
    const auto &timer = bx_pc_system.*door(door_of<1>());
    unsigned n = bx_pc_system.*door(door_of<2>());
    Bit64u next = ~0ull;
    for (unsigned i = 0; i < n; i++)
        if (timer[i].active && timer[i].timeToFire < next && i != (unsigned)guard_id)
            next = timer[i].timeToFire;
    return next;
}

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

void engine_look(void)
{
    bxs_due = 0;
    CPU->async_event |= ENGINE_STOP_TRACE;
}

/* ---- jitter: the clock slips by up to 255 ticks every 1,000 to 17,000 instructions ---- */

static Bit64u jitter_next(void)
{
    Bit64u x = engine.jitter; /* xorshift64* */
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    engine.jitter = x;
    return (x * 0x2545f4914f6cdd1dull) >> 33;
}

static void slip(void)
{
    bx_pc_system.tickn(jitter_next() & 255);
    engine.jitter_at = CPU->icount + 1000 + (jitter_next() & 16383);
}

extern "C" void bxs_jitter(uint64_t seed)
{
    engine.jitter = seed * 2654435761u + 1;
    engine.jitter_at = CPU->icount + 1000;
    engine_look();
}

/* ---- careful or not ---- */

static void guard_fired(void *self)
{
    (void)self;
    engine.guarded = NONE;
    engine_look();
}

void clock_open(void)
{
    static char self;
    guard_id = bx_pc_system.register_timer_ticks(&self, guard_fired, 1, false, false, "guard");
}

/* Back to the boundary before this instruction, out of whatever called us. */
void engine_stand_still(void)
{
    CPU->gen_reg[BX_64BIT_REG_RIP].rrx = CPU->prev_rip;
    CPU->debug_trap &= ~BX_DEBUG_SINGLE_STEP_BIT; /* set anew when the machine goes on */
    CPU->async_event |= 1;
    CPU->icount--; /* the jump counts one */
    longjmp(BX_CPU_C::jmp_buf_env, 1);
}

/* One instruction, then look again. */
static void one_instruction(void)
{
    CPU->async_event |= ENGINE_STOP_TRACE;
    if (CPU->icount + 1 >= engine.alarm_at) {
        engine.alarm_at = ~0ull;
        bxs_stop(); /* takes effect when this one instruction is done */
    }
}

/* The guard fires one instruction before `count` at the latest: sooner when the machine sleeps. */
static void guard_set(Bit64u count)
{
    if (count == engine.guarded || count <= CPU->icount + 1)
        return;
    engine.guarded = count;
    if (count != NONE)
        bx_pc_system.activate_timer_ticks(guard_id, count - CPU->icount - 1, false);
}

/* Instructions in the trace that begins with `i`, at most; its last one is Bochs's own. */
static unsigned trace_length(const bxInstruction_c *i)
{
    gva offset = CPU->gen_reg[BX_64BIT_REG_RIP].rrx + CPU->eipPageBias;
    const bxICacheEntry_c *e =
        CPU->iCache.find_entry(CPU->pAddrFetchPage + offset, CPU->fetchModeMask);
    return e && e->i == i ? e->tlen - 1 : 0;
}

static const bxInstruction_c *stop_at; /* the instruction before which this trace is to end */

/* Stands in for the handler of the instruction at which a trace is to end: leaves it as if the
 * trace had been no longer. Where a stop was planted and not reached it stays, even in copies that
 * Bochs makes; met later it is only the instruction itself, and puts its handler back. */
static void stop_handler(bxInstruction_c *i)
{
    bool now = i == stop_at;
    i->execute1 = probe_behind(i);
    if (!now)
        return i->execute1(i);
    stop_at = NULL;
    CPU->gen_reg[BX_64BIT_REG_RIP].rrx = CPU->prev_rip;
}

/* The first `n` instructions of the trace; a taken branch may end it before. */
static void part_of_trace(bxInstruction_c *i, Bit64u n)
{
    if (probe_planted(i + n)) {
        one_instruction();
        return;
    }
    stop_at = i + n;
    i[n].execute1 = stop_handler;
}

/* Ticks to the next timer. What was worked out holds until it is reached, or a timer is set. */
static Bit64u ticks_to_timer(void)
{
    Bit64u now = bx_pc_system.time_ticks();
    if (engine.timer_at <= now)
        engine.timer_at = next_timer();
    return engine.timer_at - now;
}

/* Before the first instruction of a trace, when icount >= bxs_due. */
void bxs_trace(bxInstruction_c *i)
{
    if (CPU->icount >= engine.alarm_at) { /* it came with the fault of a fetch */
        engine.alarm_at = ~0ull;
        bxs_stop();
    }
    if (bx_pc_system.kill_bochs_request)
        engine_stand_still(); /* asked for while an interrupt was delivered */
    if (CPU->icount >= engine.jitter_at)
        slip();
    Bit64u to_timer = ticks_to_timer();
    Bit64u count = engine.alarm_at < engine.jitter_at ? engine.alarm_at : engine.jitter_at;
    Bit64u to_count = count - CPU->icount;
    /* A timer may be reached; the last instruction before a stop is always one by itself, because
     * the stop must be asked for before the boundary at which interrupts are looked for. */
    Bit64u left = to_timer < to_count - 1 ? to_timer : to_count - 1;
    unsigned length;
    guard_set(count);
    stop_at = NULL;
    bxs_due = 0; /* after this trace, look again */
    if (left >= BX_MAX_TRACE_LENGTH)
        bxs_due = CPU->icount + left - (BX_MAX_TRACE_LENGTH - 1);
    else if (left == 0 || (length = trace_length(i)) == 0)
        one_instruction();
    else if (length > left)
        part_of_trace(i, left);
}

/* A burst of a repeated string instruction is done and will be counted as one when we return. Bochs
 * has ticked its clock for the other elements of the burst: they are counted here. */
extern "C" void bxs_repeat(void)
{
    Bit64u burst = bx_pc_system.time_ticks() - engine.rep_ticks;
    CPU->icount += burst;
    CPU->icount_last_sync += burst;
    tick_until(CPU->icount + 1);
    engine.rep_ticks = bx_pc_system.time_ticks();
    if (CPU->icount + 1 >= bxs_due)
        CPU->async_event |= ENGINE_STOP_TRACE;
}

void engine_rep_begins(void)
{
    engine_sync();
    engine.rep_ticks = bx_pc_system.time_ticks();
}

/* A device is about to be asked or told something: it may read the clock or set a timer. */
extern "C" void bxs_io(void)
{
    engine_sync();
    engine_look();
}

extern "C" void bxs_alarm(uint64_t at)
{
    engine.alarm_at = at;
    engine_look();
}

/* ---- linked between Bochs's files (wrap.syms); a call from here reaches the real one ---- */

static void timers_moved(void)
{
    engine.timer_at = 0;
    engine_look();
}

extern "C" {
void __wrap__ZN14bx_pc_system_c14activate_timerEjjb(bx_pc_system_c *s, unsigned i, Bit32u us,
                                                    bool c)
{
    s->activate_timer(i, us, c);
    timers_moved();
}

void __wrap__ZN14bx_pc_system_c19activate_timer_nsecEjmb(bx_pc_system_c *s, unsigned i, Bit64u ns,
                                                         bool c)
{
    s->activate_timer_nsec(i, ns, c);
    timers_moved();
}

void __wrap__ZN14bx_pc_system_c20activate_timer_ticksEjmb(bx_pc_system_c *s, unsigned i,
                                                          Bit64u ticks, bool c)
{
    s->activate_timer_ticks(i, ticks, c);
    timers_moved();
}

void __wrap__ZN15bx_local_apic_c4readEmPvj(bx_local_apic_c *a, bx_phy_address at, void *to,
                                           unsigned n)
{
    engine_sync();
    a->read(at, to, n);
}

void __wrap__ZN15bx_local_apic_c5writeEmPvj(bx_local_apic_c *a, bx_phy_address at, void *from,
                                            unsigned n)
{
    engine_sync();
    a->write(at, from, n);
}
}
