/* sim/cli/bench_lua.c -- `flatfish bench lua`: what scripts cost, on the guest that does nothing
 * but cross (pingpong). No script = 1.00: `flatfish run` as it is without options, with its
 * account. Rounds: all subjects at the same time on one CPU, in turns, so that a busy moment hits
 * all alike; compared is CPU time less that of starting (n=1), round by round, and the median is
 * what counts. SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/bench.h"
#include "sim/cli/command.h"
#include "sim/cli/paths.h"

enum { RUNS = 7, RUNS_MAX = 100, WORDS = 16 };
#define CALLS       10000000
#define CALLS_QUICK 2000000

static const struct subject {
    const char *name, *text;
    const char *script; /* NULL = none */
    double least;       /* the promise; 0 = none */
} subjects[] = {
    {"none", "no script", NULL, 0},
    {"count", "count{by = {\"level\", \"reason\"}}", "flatfish.count{by={'level','reason'}}\n",
     0.85},
    {"stay", "count with the instructions of each stay",
     "flatfish.count{by={'from','to'},sum='stay'}\n", 0},
    {"histogram", "histogram of stays by reason", "flatfish.histogram{by={'reason'},of='stay'}\n",
     0},
    {"probe", "a probe that is never hit",
     "flatfish.probe('call_loop+1', function() flatfish.stop(3) end)\n", 0},
    {"filter", "a call-back that its filter keeps away",
     "flatfish.on('crossing', {thread=7}, function() flatfish.stop(3) end)\n", 0},
    {"call-back", "a Lua call-back at every crossing",
     "local n = 0\nflatfish.on('crossing', function(e) n = n + 1 end)\n", 0.25},
};

enum { SUBJECTS = sizeof subjects / sizeof subjects[0] };
_Static_assert((int)SUBJECTS <= (int)BENCH_RUNS, "all run at the same time");

static struct {
    char self[PATH_MAX], kernel[PATH_MAX];
    char script[SUBJECTS][PATH_MAX + 80], out[SUBJECTS][PATH_MAX + 80];
    double start[SUBJECTS], ratio[SUBJECTS][RUNS_MAX];
} plan;

static int scripts_write(void)
{
    char name[32];

    for (unsigned i = 0; i < SUBJECTS; i++) {
        snprintf(name, sizeof name, "out%u", i);
        snprintf(plan.out[i], sizeof plan.out[i], "%s", bench_path(name));
        snprintf(name, sizeof name, "script%u.lua", i);
        snprintf(plan.script[i], sizeof plan.script[i], "%s", bench_path(name));
        FILE *f = fopen(plan.script[i], "we");
        bool bad = !f || fputs(subjects[i].script ? subjects[i].script : "", f) < 0;
        if (f && fclose(f) != 0)
            bad = true;
        if (bad)
            return cli_failure("bench: cannot write %s", plan.script[i]);
    }
    return 0;
}

/* One round; CPU seconds of each. */
static int round_run(uint64_t n, unsigned first, double cpu[SUBJECTS])
{
    static char *words[SUBJECTS][WORDS];
    struct bench_run runs[SUBJECTS];
    char append[32];

    snprintf(append, sizeof append, "n=%" PRIu64, n);
    for (unsigned i = 0; i < SUBJECTS; i++) {
        char *line[] = {plan.self,      "run",   "--kernel",
                        plan.kernel,    "--mem", "64",
                        "--append",     append,  subjects[i].script ? "--script" : NULL,
                        plan.script[i], NULL};
        memcpy(words[i], line, sizeof line);
        runs[i] = (struct bench_run){.argv = words[i], .out = plan.out[i], .err = plan.out[i]};
    }
    if (bench_children_run(runs, SUBJECTS, first) != 0)
        return -1;
    for (unsigned i = 0; i < SUBJECTS; i++) {
        if (runs[i].used.status != 0)
            return cli_failure("bench: %s: exit code %d", subjects[i].text, runs[i].used.status),
                   -1;
        cpu[i] = runs[i].used.cpu;
    }
    return 0;
}

static int measure(uint64_t n, unsigned runs)
{
    double cpu[SUBJECTS];

    if (round_run(1, 0, plan.start) != 0)
        return -1;
    for (unsigned r = 0; r < runs; r++) {
        if (round_run(n, r % SUBJECTS, cpu) != 0)
            return -1;
        for (unsigned i = 0; i < SUBJECTS; i++)
            plan.ratio[i][r] = (cpu[0] - plan.start[0]) / (cpu[i] - plan.start[i]);
    }
    return 0;
}

static int table(unsigned runs, json_t *rows)
{
    int code = 0;

    printf("speed, no script = 1.00 %26s %8s %8s %8s\n", "min", "median", "max", "promise");
    for (unsigned i = 0; i < SUBJECTS; i++) {
        struct bench_spread s = bench_spread(plan.ratio[i], runs);
        char promise[16] = "";
        if (subjects[i].least > 0)
            snprintf(promise, sizeof promise, ">= %.2f", subjects[i].least);
        printf("  %-41s %7.3f %8.3f %8.3f %8s\n", subjects[i].text, s.min, s.median, s.max,
               promise);
        json_array_append_new(rows,
                              json_pack("{s:s, s:o, s:f}", "subject", subjects[i].name, "ratio",
                                        bench_spread_json(s), "promise", subjects[i].least));
        if (s.median < subjects[i].least)
            code = cli_failure("bench: %s: slower than promised", subjects[i].text);
    }
    return code;
}

static int lua_bench(const struct bench_settings *s, json_t *out)
{
    uint64_t n = s->quick ? CALLS_QUICK : CALLS;
    unsigned runs = s->runs.given ? (unsigned)s->runs.n : s->quick ? 3 : RUNS;
    json_t *rows = json_array();

    json_object_set_new(out, "subjects", rows);
    json_object_set_new(out, "calls", json_integer((json_int_t)n));
    if (runs > RUNS_MAX)
        return cli_usage("bench lua: at most %d runs", RUNS_MAX);
    if (paths_self(plan.self, sizeof plan.self) != 0 ||
        paths_guest("pingpong", plan.kernel, sizeof plan.kernel) != 0)
        return cli_failure("bench: the guest pingpong is not here: build it with 'make'");
    if (!bench_dir_make(s->dir) || scripts_write() != 0)
        return EXIT_FAILURE;
    printf("pingpong: %" PRIu64 " crossings a run, %u runs, all at the same time in turns\n", 2 * n,
           runs);
    if (measure(n, runs) != 0)
        return bench_interrupted() ? 130 : EXIT_FAILURE;
    return table(runs, rows);
}

const struct bench bench_lua = {
    .name = "lua",
    .schema = "flatfish-bench-lua",
    .run = lua_bench,
};
