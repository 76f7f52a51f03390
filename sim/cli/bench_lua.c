/* sim/cli/bench_lua.c -- `flatfish bench lua`: what scripts cost, on the guest that does nothing
 * but cross (pingpong). No script = 1.00: `flatfish run` as it is without options, with its
 * account. How they are compared: bench_turns.c. SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/bench.h"
#include "sim/cli/command.h"
#include "sim/cli/paths.h"

enum { RUNS = 7 };
#define CALLS       10000000
#define CALLS_QUICK 2000000

static const struct bench_way ways[] = {
    {"none", "no script", 0},
    {"count", "count{by = {\"level\", \"reason\"}}", 0.85},
    {"stay", "count with the instructions of each stay", 0},
    {"histogram", "histogram of stays by reason", 0},
    {"probe", "a probe that is never hit", 0},
    {"filter", "a call-back that its filter keeps away", 0},
    {"call-back", "a Lua call-back at every crossing", 0.25},
};

static const char *const scripts[] = {
    NULL,
    "flatfish.count{by={'level','reason'}}\n",
    "flatfish.count{by={'from','to'},sum='stay'}\n",
    "flatfish.histogram{by={'reason'},of='stay'}\n",
    "flatfish.probe('call_loop+1', function() flatfish.stop(3) end)\n",
    "flatfish.on('crossing', {thread=7}, function() flatfish.stop(3) end)\n",
    "local n = 0\nflatfish.on('crossing', function(e) n = n + 1 end)\n",
};

enum { SUBJECTS = sizeof ways / sizeof *ways };
_Static_assert((int)SUBJECTS == sizeof scripts / sizeof *scripts, "each has one");
_Static_assert((int)SUBJECTS <= (int)BENCH_RUNS, "all run at the same time");

static struct {
    char self[PATH_MAX], kernel[PATH_MAX];
    char script[SUBJECTS][PATH_MAX + 80];
} plan;

static int scripts_write(void)
{
    char name[32];

    for (unsigned i = 0; i < SUBJECTS; i++) {
        snprintf(name, sizeof name, "script%u.lua", i);
        snprintf(plan.script[i], sizeof plan.script[i], "%s", bench_path(name));
        FILE *f = fopen(plan.script[i], "we");
        bool bad = !f || fputs(scripts[i] ? scripts[i] : "", f) < 0;
        if (f && fclose(f) != 0)
            bad = true;
        if (bad)
            return cli_failure("bench: cannot write %s", plan.script[i]);
    }
    return 0;
}

static void line_make(unsigned i, char *append, char **words)
{
    char *line[] = {plan.self,      "run",   "--kernel",
                    plan.kernel,    "--mem", "64",
                    "--append",     append,  scripts[i] ? "--script" : NULL,
                    plan.script[i], NULL};

    memcpy(words, line, sizeof line);
}

static int lua_bench(const struct bench_settings *s, json_t *out)
{
    static const struct bench_turns turns = {
        .ways = ways, .n = SUBJECTS, .starts = 1, .unit = "no script = 1.00", .line = line_make};
    uint64_t n = s->quick ? CALLS_QUICK : CALLS;
    unsigned runs = s->runs.given ? (unsigned)s->runs.n : s->quick ? 3 : RUNS;
    json_t *rows = json_array();

    json_object_set_new(out, "subjects", rows);
    json_object_set_new(out, "calls", json_integer((json_int_t)n));
    if (runs > BENCH_ROUNDS_MAX)
        return cli_usage("bench lua: at most %d runs", BENCH_ROUNDS_MAX);
    if (paths_self(plan.self, sizeof plan.self) != 0 ||
        paths_guest("pingpong", plan.kernel, sizeof plan.kernel) != 0)
        return cli_failure("bench: the guest pingpong is not here: build it with 'make'");
    if (!bench_dir_make(s->dir) || scripts_write() != 0)
        return EXIT_FAILURE;
    return bench_turns(&turns, n, runs, rows);
}

const struct bench bench_lua = {
    .name = "lua",
    .schema = "flatfish-bench-lua",
    .run = lua_bench,
};
