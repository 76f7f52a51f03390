/* sim/lua/run.c -- the machine runs until something is due, a script's timer or the caller's, or
 * something ends the run.
 * SPDX-License-Identifier: MIT */
#include "sim/event.h"
#include "sim/lua/host.h"

static uint64_t caller_due(void)
{
    return host.config.due ? host.config.due() : UINT64_MAX;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* What is due where the machine stands; true = the run is to end. */
static bool things_due(void)
{
    if (host.L && timer_due() <= sim_icount())
        timer_fire();
    if (caller_due() <= sim_icount() && host.config.at_due && host.config.at_due() != 0)
        host.outside = true;
    return host.outside || host.failed || host.stopped;
}

enum sim_stop script_run(uint64_t until)
{
    enum sim_stop why = SIM_STOP_REQUEST;

    host.stopped = false;
    host.running = true;
    guard_enter_machine();
    while (!things_due()) {
        uint64_t due = host.L ? timer_due() : UINT64_MAX;
        why = sim_icount() >= until ? SIM_STOP_ICOUNT
                                    : sim_run(least(until, least(due, caller_due())));
        if (why == SIM_STOP_REQUEST && host.config.ended && host.config.ended())
            host.outside = true;
        if (why == SIM_STOP_REQUEST && host.replan)
            why = SIM_STOP_ICOUNT;
        host.replan = false;
        if (why != SIM_STOP_ICOUNT || sim_icount() >= until) {
            things_due();
            break;
        }
        why = SIM_STOP_REQUEST;
    }
    if (host.config.stands)
        host.config.stands();
    guard_leave_machine();
    host.running = false;
    host.last = why;
    return why;
}

bool script_running(void)
{
    return host.running;
}

enum sim_stop script_last(void)
{
    return host.last;
}

int script_end(enum sim_stop why)
{
    if (host.L && !host.failed)
        event_end(sim_stop_name(why));
    return host.failed ? -1 : 0;
}
