/* sim/cli/bench_view.c -- `flatfish bench view`: what a live viewer costs the machine, on the guest
 * that does nothing but cross (pingpong). No viewer = 1.00: `flatfish run` as it is. Rounds: all
 * subjects at the same time on one CPU, in turns, so that a busy moment hits all alike; their
 * viewers run beside them and are not measured. Compared is CPU time less that of starting (n=1),
 * round by round, and the median is what counts. SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/cli/bench.h"
#include "sim/cli/command.h"
#include "sim/cli/paths.h"

enum { RUNS = 7, RUNS_MAX = 100, WAIT_MS = 20000 };
#define CALLS       20000000
#define CALLS_QUICK 4000000

/* Snapshots are what going back needs; a run that is watched takes them. */
static const struct subject {
    const char *name, *text;
    bool snapshots, viewer;
    double least; /* the promise; 0 = none */
} subjects[] = {
    {"none", "no viewer", false, false, 0},
    {"snapshots", "no viewer, but snapshots", true, false, 0},
    {"viewer", "a viewer that draws all it is told", true, true, 0.90},
};

enum { SUBJECTS = sizeof subjects / sizeof subjects[0], VIEWER = 2 };

static struct {
    char self[PATH_MAX], kernel[PATH_MAX], viewer[PATH_MAX];
    char socket[PATH_MAX + 80], out[SUBJECTS + 1][PATH_MAX + 80];
    double start[SUBJECTS], ratio[SUBJECTS][RUNS_MAX];
} plan;

static void names_make(void)
{
    char name[32];

    for (unsigned i = 0; i <= SUBJECTS; i++) {
        snprintf(name, sizeof name, "out%u", i);
        snprintf(plan.out[i], sizeof plan.out[i], "%s", bench_path(name));
    }
    snprintf(plan.socket, sizeof plan.socket, "%s", bench_path("socket"));
}

/* Until it listens. */
static int viewer_start(void)
{
    char listens[sizeof plan.socket + 16];
    char *words[] = {plan.viewer, listens, "bench=1", NULL};
    struct bench_run run = {.argv = words, .out = plan.out[SUBJECTS], .err = plan.out[SUBJECTS]};
    struct stat st;

    snprintf(listens, sizeof listens, "listen=%s", plan.socket);
    if (bench_beside_start(0, &run) != 0)
        return -1;
    for (int waited = 0; stat(plan.socket, &st) != 0; waited += 10) {
        if (waited > WAIT_MS || bench_interrupted())
            return cli_failure("bench: the viewer does not come: see %s", run.err), -1;
        usleep(10000);
    }
    return 0;
}

/* One round; CPU seconds of each. */
static int round_run(uint64_t n, unsigned first, double cpu[SUBJECTS])
{
    char append[32], view[sizeof plan.socket + 16];
    char *words[SUBJECTS][10];
    struct bench_run runs[SUBJECTS];

    snprintf(append, sizeof append, "n=%" PRIu64, n);
    snprintf(view, sizeof view, "--view=%s", plan.socket);
    for (unsigned i = 0; i < SUBJECTS; i++) {
        char *line[] = {plan.self, "run", "--kernel", plan.kernel, "--append",
                        append,    NULL,  NULL,       NULL,        NULL};
        line[6] = subjects[i].snapshots ? "--snapshots" : NULL;
        line[7] = subjects[i].viewer ? view : NULL;
        memcpy(words[i], line, sizeof line);
        runs[i] = (struct bench_run){.argv = words[i], .out = plan.out[i], .err = plan.out[i]};
    }
    if (viewer_start() != 0 || bench_children_run(runs, SUBJECTS, first) != 0)
        return -1;
    for (unsigned i = 0; i < SUBJECTS; i++) {
        if (runs[i].used.status != 0)
            return cli_failure("bench: %s: exit code %d", subjects[i].text, runs[i].used.status),
                   -1;
        cpu[i] = runs[i].used.cpu;
    }
    if (bench_beside_wait(0) != 0)
        return cli_failure("bench: the viewer failed: see %s", plan.out[SUBJECTS]), -1;
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

    printf("speed, no viewer = 1.00 %26s %8s %8s %8s\n", "min", "median", "max", "promise");
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

static int view_bench(const struct bench_settings *s, json_t *out)
{
    uint64_t n = s->quick ? CALLS_QUICK : CALLS;
    unsigned runs = s->runs.given ? (unsigned)s->runs.n : s->quick ? 3 : RUNS;
    json_t *rows = json_array();

    json_object_set_new(out, "subjects", rows);
    json_object_set_new(out, "calls", json_integer((json_int_t)n));
    if (runs > RUNS_MAX)
        return cli_usage("bench view: at most %d runs", RUNS_MAX);
    if (paths_self(plan.self, sizeof plan.self) != 0 ||
        paths_viewer(plan.viewer, sizeof plan.viewer) != 0 ||
        paths_guest("pingpong", plan.kernel, sizeof plan.kernel) != 0)
        return cli_failure("bench: the viewer or the guest pingpong is not here: build them with "
                           "'make'");
    if (!bench_dir_make(s->dir))
        return EXIT_FAILURE;
    names_make();
    printf("pingpong: %" PRIu64 " crossings a run, %u runs, all at the same time in turns\n", 2 * n,
           runs);
    if (measure(n, runs) != 0)
        return bench_interrupted() ? 130 : EXIT_FAILURE;
    return table(runs, rows);
}

const struct bench bench_view = {
    .name = "view",
    .schema = "flatfish-bench-view",
    .run = view_bench,
};
