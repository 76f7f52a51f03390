/* sim/gdb/resume.c -- forwards: running on, stepping the CPU, stepping one thread over whatever
 * happens in between.
 *
 * There is one CPU, so resuming anybody resumes the machine. A thread's step is its own next
 * instruction: when that traps, the machine runs until the thread is back in user mode and has done
 * it. Stops that come on the way (a breakpoint in the pager) end the step there.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "sim/event.h"
#include "sim/gdb/target.h"
#include "sim/snap.h"

static struct gdb_config config;
static enum sim_stop last = SIM_STOP_REQUEST;
static struct {
    uint64_t icount; /* where the machine ends, as far as is known: UINT64_MAX = nowhere, */
    enum sim_stop why;
} end = {.icount = UINT64_MAX};
static struct stop armed; /* what stop_arm() fills */
static struct id awaited; /* the thread that a step waits for; */
static bool back;         /* it is in user mode again */

void resume_open(const struct gdb_config *c)
{
    config = *c;
    last = SIM_STOP_REQUEST;
    end.icount = UINT64_MAX;
}

enum sim_stop resume_last(void)
{
    return last;
}

static bool over(enum sim_stop why)
{
    return why != SIM_STOP_NONE && why != SIM_STOP_ICOUNT && why != SIM_STOP_REQUEST &&
           why != SIM_STOP_STALL;
}

bool resume_ended(struct stop *out)
{
    if (!over(last))
        return false;
    end.icount = sim_icount();
    end.why = last;
    *out = (struct stop){.kind = STOP_END, .id = target_running()};
    snprintf(out->text, sizeof out->text, "the machine has ended: %s%s%.90s", sim_stop_name(last),
             sim_stop_text() && *sim_stop_text() ? ": " : "",
             sim_stop_text() ? sim_stop_text() : "");
    return true;
}

/* ---- running ---- */

static void filled(struct stop *out)
{
    *out = armed;
    armed.kind = STOP_PLAIN;
    if (out->kind == STOP_FETCH) {
        resume_goto(out->icount); /* a breakpoint stops before the instruction */
        out->kind = STOP_BREAK;
    }
    if (!out->id.tid && out->kind != STOP_GONE)
        out->id = target_running();
}

/* What stands in the way of going on, after the machine has stopped; false = nothing. */
static bool halted(struct stop *out)
{
    if (armed.kind != STOP_PLAIN) {
        filled(out);
        return true;
    }
    if (resume_ended(out))
        return true;
    if (gdb_poll() || (config.ended && config.ended()) || last == SIM_STOP_STALL) {
        *out = (struct stop){.kind = STOP_INTERRUPT, .id = target_running()};
        return true;
    }
    return false;
}

static uint64_t sooner(uint64_t until)
{
    uint64_t due = config.due ? config.due() : UINT64_MAX;

    return due < until ? due : until;
}

/* True: the count is reached, or a thread that is awaited is back. */
bool resume_until(uint64_t until, struct stop *out)
{
    for (;;) {
        uint64_t to = sooner(until);
        if (sim_icount() < to || to == until)
            last = config.run ? config.run(to) : sim_run(to);
        if (halted(out))
            return false;
        if (back || sim_icount() >= until)
            return true;
        if (sim_icount() >= sooner(until) && config.at_due && config.at_due() != 0) {
            *out = (struct stop){.kind = STOP_INTERRUPT, .id = target_running()};
            return false;
        }
    }
}

void resume_continue(struct stop *out)
{
    if (resume_ended(out))
        return;
    back = false;
    stop_arm(&armed, true);
    resume_until(UINT64_MAX, out);
    stop_arm(NULL, false);
}

/* ---- stepping ---- */

/* One instruction of the CPU; false = something stopped it, or ended the machine. */
static bool step_cpu(struct stop *out)
{
    last = sim_step();
    if (armed.kind != STOP_PLAIN) {
        filled(out);
        return false;
    }
    return !resume_ended(out);
}

static void on_return(void *ctx, const struct trace_record *r)
{
    struct id now = target_current();

    (void)ctx;
    if (back || !(r->to & 1) || now.pid != awaited.pid || now.tid != awaited.tid)
        return;
    back = true;
    sim_stop_request();
}

#define RETURNS                                                                                    \
    (1ull << TRACE_IRET | 1ull << TRACE_SYSRET | 1ull << TRACE_SYSEXIT | 1ull << TRACE_FARCALL)

static bool run_until_back(struct id id, struct stop *out)
{
    int listener = sim_listen(RETURNS, on_return, NULL);
    bool reached;

    awaited = id;
    back = false;
    reached = resume_until(UINT64_MAX, out);
    back = false;
    sim_unlisten(listener);
    return reached;
}

/* Whether the instruction at `rip` is done: back at the same place means that it was only
 * interrupted, or is about to be tried again. */
static bool step_thread(struct id id, struct stop *out)
{
    for (;;) {
        uint64_t rip;
        if (!target_on_cpu(id) && !run_until_back(id, out))
            return false;
        rip = target_pc();
        if (!step_cpu(out))
            return false;
        if (target_on_cpu(id))
            return true;
        if (!run_until_back(id, out))
            return false;
        if (target_pc() != rip)
            return true;
    }
}

static bool step(struct id id, struct stop *out)
{
    if (id.pid == PID_KERNEL)
        return step_cpu(out);
    return step_thread(id, out);
}

void resume_step(struct id id, struct stop *out)
{
    resume_range(id, 1, 0, out);
}

void resume_range(struct id id, uint64_t low, uint64_t high, struct stop *out)
{
    uint64_t rip;

    if (resume_ended(out))
        return;
    stop_arm(&armed, true);
    do {
        if (!step(id, out)) {
            stop_arm(NULL, false);
            return;
        }
        rip = target_pc();
        if (gdb_poll())
            break;
    } while (rip >= low && rip < high);
    stop_arm(NULL, false);
    *out = (struct stop){.kind = STOP_PLAIN, .id = id};
}

/* ---- going to a count ---- */

static void on_delivery(void *ctx, const struct trace_record *r)
{
    (void)ctx, (void)r;
    sim_stop_request();
}

void resume_deliver(void)
{
    int listener = sim_listen(1ull << TRACE_INTERRUPT, on_delivery, NULL);

    sim_run(sim_icount() + 1);
    sim_unlisten(listener);
}

const char *resume_goto(uint64_t icount)
{
    const char *why = sim_goto(icount) != 0 ? sim_error() : NULL;

    if (over(sim_stop_why())) /* on the way there, or there */
        last = sim_stop_why();
    else if (!why)
        last = sim_icount() >= end.icount ? end.why : SIM_STOP_REQUEST;
    return why;
}

void resume_diverge(void)
{
    if (sim_icount() < end.icount)
        end.icount = UINT64_MAX;
}
