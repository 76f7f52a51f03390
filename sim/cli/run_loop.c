/* sim/cli/run_loop.c -- a run from its first instruction to its last: who drives the machine (the
 * loop here, the script or the debugger), what must happen on the way, and why it ended. Invariant:
 * whoever drives stops at the count that run_due() names and calls run_at_due() there. cmd_run.c
 * sets everything up before and reports after. SPDX-License-Identifier: MIT */
#include "sim/cli/run.h"

#include <time.h>

#include "sim/cli/command.h"
#include "sim/gdb/gdb.h"
#include "sim/lua/script.h"

static uint64_t limit = UINT64_MAX; /* the count of --max-instr */
static bool broken;                 /* the host tick, or a file, met a failure and said so */

void run_limit(const struct run_state *state)
{
    const struct option_number *max = &state->settings->max_instr;

    if (!max->given || __builtin_add_overflow(state->start_icount, max->n, &limit))
        limit = UINT64_MAX;
}

static void tick(void *ctx)
{
    int signal;

    (void)ctx;
    console_poll();
    run_trace_tick();
    broken = broken || input_tick() != 0;
    if (broken || console_ended(&signal) != RUN_BY_MACHINE || run_gdb_wants() || run_view_wants())
        sim_stop_request();
}

uint64_t run_due(void)
{
    return run_save_due(limit);
}

int run_at_due(void)
{
    broken = broken || run_save_at_due() != 0;
    return broken || sim_icount() >= limit ? -1 : 0;
}

bool run_outside(void)
{
    int signal;

    return broken || run_place_reached() || run_trace_broken() ||
           console_ended(&signal) != RUN_BY_MACHINE;
}

static double host_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Why a stop that the machine did not choose came; the order settles ties. */
static enum run_end ended_by(struct run_state *state)
{
    enum run_end by = console_ended(&state->signal);
    enum run_end script = run_script_ended(state);

    if (broken || run_trace_broken() || script == RUN_BY_FAILURE)
        return RUN_BY_FAILURE;
    if (run_place_reached())
        return RUN_BY_STOP_AT;
    if (script != RUN_BY_MACHINE)
        return script;
    if (by == RUN_BY_MACHINE && state->stop == SIM_STOP_ICOUNT && sim_icount() >= limit)
        return RUN_BY_MAX_INSTR;
    return by;
}

static bool goes_on(struct run_state *state)
{
    if (state->stop != SIM_STOP_ICOUNT && state->stop != SIM_STOP_REQUEST) {
        if (run_script_ended(state) == RUN_BY_FAILURE)
            state->end = RUN_BY_FAILURE;
        return false;
    }
    state->end = ended_by(state);
    return state->end == RUN_BY_MACHINE;
}

static void loop_once(struct run_state *state)
{
    do {
        if (run_at_due() != 0) {
            state->end = broken ? RUN_BY_FAILURE : RUN_BY_MAX_INSTR;
            return;
        }
        state->stop = script_run(run_view_until(run_due()));
    } while (goes_on(state) && (!run_gdb_wants() || run_gdb_serve(state)) &&
             run_view_goes_on(state, false));
}

/* A machine that ended by itself, or at the count it was given, may be looked at and go back. */
static bool ended_by_itself(const struct run_state *state)
{
    return state->end == RUN_BY_MAX_INSTR ||
           (state->end == RUN_BY_MACHINE && state->stop != SIM_STOP_ICOUNT &&
            state->stop != SIM_STOP_REQUEST);
}

static void loop(struct run_state *state)
{
    loop_once(state);
    while (ended_by_itself(state) && run_view_goes_on(state, true)) {
        state->end = RUN_BY_MACHINE;
        loop_once(state);
    }
}

/* The script first: it may leave nothing to do. */
void run_loop(struct run_state *state)
{
    const struct run_settings *s = state->settings;
    double start = host_now();
    int code;

    sim_host_tick(tick, NULL);
    code = run_script_load(s);
    state->stop = s->script && script_last() != SIM_STOP_NONE ? script_last() : SIM_STOP_REQUEST;
    if (code == 0)
        code = run_gdb_start(s);
    state->mistake = code == EXIT_USAGE ? code : 0;
    if (code != 0)
        state->end = RUN_BY_FAILURE;
    else if (goes_on(state) && run_gdb_serve(state) && goes_on(state) &&
             run_view_goes_on(state, false))
        loop(state);
    if (s->gdb && state->end == RUN_BY_MACHINE)
        goes_on(state); /* why it stands, when the debugger held it to the end */
    state->seconds = host_now() - start;
}
