/* sim/gdb/reverse.c -- backwards: the last place before here at which something would have stopped.
 *
 * The past is searched in stretches between snapshots, the latest first: each is run once, every
 * hit only noted; when a stretch had hits, the machine goes to the last of them. One instruction
 * back is one count back; for a thread it is the last count at which that thread was about to
 * execute an instruction of its own.
 * SPDX-License-Identifier: MIT */
#include "sim/event.h"
#include "sim/gdb/target.h"
#include "sim/snap.h"

static struct {
    struct id id;
    bool left;       /* it left user mode in this stretch, */
    uint64_t icount; /* last by the instruction that began at this count */
} leaving;

static uint64_t earliest;

/* What was changed by hand is not repeated by going forth again: the way back ends there. Who
 * stands there and wants further back (`behind`) has it undone. */
void reverse_from_here(bool behind)
{
    uint64_t change = sim_snapshot_change(sim_icount() + !behind);

    earliest = sim_snapshot_count() ? sim_snapshot_icount(0) : 0;
    earliest = change > earliest ? change : earliest;
}

uint64_t reverse_earliest(void)
{
    return earliest;
}

/* The `n`-th snapshot before `here`, or the first there is. Going to one costs as much as running
 * millions of instructions, so that a search takes twice as many at once each time. */
uint64_t reverse_stretch(uint64_t here, unsigned n)
{
    unsigned before = 0;

    while (before < sim_snapshot_count() && sim_snapshot_icount(before) < here)
        before++;
    return before > n ? sim_snapshot_icount(before - n) : reverse_earliest();
}

static bool arrive(uint64_t icount, struct stop *out)
{
    if (!resume_goto(icount))
        return true;
    *out = (struct stop){.kind = STOP_BEGIN, .id = target_running()};
    return false;
}

static void at_begin(struct stop *out)
{
    if (arrive(reverse_earliest(), out))
        *out = (struct stop){.kind = STOP_BEGIN, .id = target_running()};
}

/* Runs [from, to) with hits noted in `hit`; false = the user broke in: the machine is at `home`. */
static bool search(uint64_t from, uint64_t to, struct stop *hit, uint64_t home, struct stop *out)
{
    bool whole;

    if (!arrive(from, out))
        return false;
    stop_arm(hit, false);
    whole = resume_until(to, out) || sim_icount() >= to; /* the machine may end there */
    stop_arm(NULL, false);
    if (!whole && resume_goto(home))
        return false;
    return whole;
}

/* Goes to a hit. One in the handler of an interrupt lies behind the delivery, which is at the same
 * count: that is done again. */
static void go_to(const struct stop *hit, struct stop *out)
{
    struct stop again;

    if (!arrive(hit->icount, out))
        return;
    *out = *hit;
    if ((hit->kind == STOP_BREAK || hit->kind == STOP_HARD) && target_pc() == hit->addr)
        return;
    if (hit->kind == STOP_WATCH || (hit->kind == STOP_CATCH && !hit->how)) {
        if (!out->id.tid)
            out->id = target_running();
        return;
    }
    resume_continue(&again);
    *out = again;
}

void reverse_continue(struct stop *out)
{
    uint64_t home = sim_icount(), to = home;
    struct stop hit;

    reverse_from_here(true);
    catch_from_here();
    for (unsigned n = 1; to > reverse_earliest(); n *= 2) {
        uint64_t from = reverse_stretch(to, n);
        if (!search(from, to, &hit, home, out))
            return;
        if (hit.kind != STOP_PLAIN) {
            go_to(&hit, out);
            return;
        }
        to = from;
    }
    at_begin(out);
}

/* ---- one instruction ---- */

static void on_leave(void *ctx, const struct trace_record *r)
{
    struct id now = target_current();

    (void)ctx;
    if (!(r->from & 1) || r->to & 1 || now.pid != leaving.id.pid || now.tid != leaving.id.tid)
        return;
    leaving.left = true;
    leaving.icount = r->icount - 1;
}

#define LEAVES                                                                                     \
    (1ull << TRACE_SYSCALL | 1ull << TRACE_EXCEPTION | 1ull << TRACE_INTERRUPT |                   \
     1ull << TRACE_INT | 1ull << TRACE_SYSENTER)

/* To the last instruction with which the thread left user mode before here; false = `out` says why
 * not. */
static bool to_leaving(struct id id, struct stop *out)
{
    uint64_t home = sim_icount(), to = home;
    struct stop none;

    leaving.id = id;
    leaving.left = false;
    for (unsigned n = 1; to > reverse_earliest() && !leaving.left; n *= 2) {
        uint64_t from = reverse_stretch(to, n);
        int listener = sim_listen(LEAVES, on_leave, NULL);
        bool whole = search(from, to, &none, home, out);
        sim_unlisten(listener);
        if (!whole)
            return false;
        to = from;
    }
    if (leaving.left)
        return arrive(leaving.icount, out);
    at_begin(out);
    return false;
}

static bool back_cpu(struct stop *out)
{
    if (sim_icount() > reverse_earliest())
        return arrive(sim_icount() - (sim_interrupted() ? 0 : 1), out);
    at_begin(out);
    return false;
}

static void on_return(void *ctx, const struct trace_record *r)
{
    bool *returned = ctx;

    *returned = r->to & 1;
}

#define RETURNS                                                                                    \
    (1ull << TRACE_IRET | 1ull << TRACE_SYSRET | 1ull << TRACE_SYSEXIT | 1ull << TRACE_FARCALL)

/* Goes to this place, and says whether it was the kernel's last instruction before it that led
 * there. */
static bool arrive_returning(uint64_t to, bool *returned, struct stop *out)
{
    int listener;

    *returned = false;
    if (to <= reverse_earliest())
        return arrive(to, out);
    if (!arrive(to - 1, out))
        return false;
    listener = sim_listen(RETURNS, on_return, returned);
    sim_run(to);
    sim_unlisten(listener);
    return true;
}

/* An instruction that was interrupted, or tried again after a fault, began where it was tried
 * first: there the way forth has stopped, so the way back does. */
static bool to_first_try(struct id id, uint64_t to, struct stop *out)
{
    bool returned;

    for (;;) {
        uint64_t rip;
        if (!arrive_returning(to, &returned, out))
            return false;
        rip = target_pc();
        if (!returned)
            return true;
        if (!to_leaving(id, out) || target_pc() != rip)
            return arrive(to, out);
        to = sim_icount();
    }
}

/* A place that is met again only because the instruction there was tried twice is passed over: the
 * way back has the steps of the way there. A thread without the CPU is still at the instruction
 * with which it left. */
static bool back_thread(struct id id, struct stop *out)
{
    bool own = target_on_cpu(id), returned;
    uint64_t rip = target_pc(), to;

    for (;;) {
        if (target_on_cpu(id)) {
            if (sim_icount() <= reverse_earliest())
                return back_cpu(out);
            to = sim_icount() - (sim_interrupted() ? 0 : 1);
            if (!arrive_returning(to, &returned, out))
                return false;
            if (target_on_cpu(id))
                return !returned || to_first_try(id, to, out);
        }
        if (!to_leaving(id, out))
            return false;
        if (!own || target_pc() != rip)
            return to_first_try(id, sim_icount(), out);
    }
}

void reverse_step(struct id id, struct stop *out)
{
    bool done;

    reverse_from_here(true);
    done = id.pid == PID_KERNEL ? back_cpu(out) : back_thread(id, out);

    if (done)
        *out = (struct stop){.kind = STOP_PLAIN, .id = id};
}
