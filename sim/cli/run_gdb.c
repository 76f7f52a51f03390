/* sim/cli/run_gdb.c -- `flatfish run --gdb`: the machine waits for a debugger and runs for it.
 * A nest waits when the innermost program is about to execute its first instruction, so that all
 * levels are there to be looked at; any other guest before its first. --gdb-at says otherwise.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "monitors/lib/nest.h"
#include "sim/cli/command.h"
#include "sim/event.h"
#include "sim/gdb/gdb.h"
#include "sim/probe.h"
#include "sim/snap.h"
#include "sim/sym.h"

enum { SNAPSHOTS = 32, SNAPSHOT_MIB = 1024, ROOT_LEVEL = 1 };

static bool there, ready; /* it stands where the debugger is to find it */
static struct gdb_config config;

static struct {
    char name[NEST_NAME + 1];
    unsigned level;
} innermost;

static void say(const char *line)
{
    cli_say("%s", line);
}

/* ---- where the debugger finds the machine ---- */

/* The last program of the first branch, and how deep it lies. */
static void innermost_find(const char *text)
{
    static char now[NEST_MAX], below[NEST_MAX];
    struct nest_part part;

    innermost.level = ROOT_LEVEL;
    innermost.name[0] = 0;
    if (!nest_sibling(text, 0, now, sizeof now))
        return;
    while (*now) {
        nest_first(now, &part);
        innermost.level++;
        strcpy(innermost.name, part.name);
        if (!nest_below(now, below, sizeof below) || !*below ||
            !nest_sibling(below, 0, now, sizeof now))
            return;
    }
}

static void on_entry(void *ctx, const struct trace_record *r)
{
    const struct sim_space *s = sim_space(r->to / 2);

    (void)ctx;
    if (r->to & 1 && s && s->level == innermost.level &&
        strncmp(s->name, innermost.name, sizeof s->name) == 0)
        sim_stop_request();
}

static void on_place(void *ctx, int probe, gva pc)
{
    (void)probe;
    if (run_place_is(ctx, pc))
        sim_stop_request();
}

/* Runs until something asks it to stop. */
static int run_there(const char *what)
{
    enum sim_stop why;

    do {
        why = config.run(config.due());
        if (config.ended())
            return EXIT_FAILURE;
        if (why == SIM_STOP_ICOUNT && config.at_due() != 0)
            return EXIT_FAILURE;
    } while (why == SIM_STOP_ICOUNT);
    if (why == SIM_STOP_REQUEST)
        return 0;
    return cli_failure("--gdb: the machine ended (%s) before it reached %s", sim_stop_name(why),
                       what);
}

static int to_innermost(void)
{
    int listener = sim_listen(1ull << TRACE_IRET | 1ull << TRACE_SYSRET, on_entry, NULL);
    int code =
        run_there("the innermost program; --gdb-at start waits before the first instruction");

    sim_unlisten(listener);
    return code;
}

static int to_place(const char *text)
{
    struct run_place place;
    int probe, code;
    gva at;

    if (sim_sym_address(text, &at) != 0)
        return cli_usage("run: --gdb-at: %s", sim_error());
    run_place_parse(text, &place);
    if ((probe = sim_probe_virt(SIM_CR3_ANY, at, on_place, &place)) < 0)
        return cli_failure("--gdb-at: %s", sim_error());
    code = run_there("that place");
    sim_probe_remove(probe);
    return code;
}

static int go_there(const struct run_settings *s)
{
    bool nest = s->gdb_at ? strcmp(s->gdb_at, "nest") == 0 : s->nest;

    if (s->gdb_at && !nest && strcmp(s->gdb_at, "start") != 0)
        return to_place(s->gdb_at);
    if (nest && !s->nest)
        return cli_usage("run: --gdb-at nest: there is no nest to wait for");
    return nest && innermost.name[0] ? to_innermost() : 0;
}

static int tell(const struct run_settings *s)
{
    if (!s->gdb_ready)
        cli_say("waiting for a debugger: gdb -ex 'target extended-remote %s'", gdb_address());
    else if (write(s->gdb_ready, "", 1) != 1)
        return cli_failure("--gdb: 'flatfish gdb' is gone");
    return 0;
}

/* Nobody can connect before the machine is there: GDB waits two seconds for an answer, no more. */
int run_gdb_start(const struct run_settings *s)
{
    int code = there ? go_there(s) : 0;

    if (!there || code != 0)
        return code;
    if (gdb_open(s->gdb, &config) != 0)
        return sim_mistaken() ? cli_usage("run: --gdb: %s", sim_error())
                              : cli_failure("--gdb: %s", sim_error());
    ready = true;
    return tell(s);
}

/* ---- serving ---- */

int run_gdb_open(const struct run_settings *s, const struct gdb_config *doors)
{
    const char *nest = s->nest && s->append ? strstr(s->append, "nest=") : NULL;
    static char text[NEST_MAX];

    if (!s->gdb)
        return 0;
    config = *doors;
    config.say = s->quiet ? NULL : say;
    config.owned = s->gdb_ready != 0;
    if (nest) {
        snprintf(text, sizeof text, "%s", nest + strlen("nest="));
        char *rest = strstr(text, " -- ");
        if (rest)
            *rest = 0;
        innermost_find(text);
    }
    there = true;
    if (!s->snapshots.given &&
        (sim_snapshot_schedule(SNAPSHOTS, (uint64_t)SNAPSHOT_MIB << 20) != 0 || sim_snapshot() < 0))
        return cli_failure("--gdb: %s", sim_error());
    return 0;
}

bool run_gdb_wants(void)
{
    return ready && gdb_poll();
}

bool run_gdb_serve(struct run_state *state)
{
    if (!there)
        return true;
    switch (gdb_serve()) {
    case GDB_GOES_ON:
        state->stop = gdb_stopped();
        return true;
    case GDB_KILLED:
        state->end = RUN_BY_GDB;
        state->stop = SIM_STOP_REQUEST;
        return false;
    case GDB_OVER:
        break;
    }
    state->stop = gdb_stopped();
    return false;
}

void run_gdb_close(void)
{
    if (ready)
        gdb_close();
    there = ready = false;
}
