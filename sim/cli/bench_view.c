/* sim/cli/bench_view.c -- `flatfish bench view`: what a live viewer costs the machine, on the guest
 * that does nothing but cross (pingpong). No viewer = 1.00: `flatfish run` as it is. The viewer
 * runs beside and is not measured. How they are compared: bench_turns.c. SPDX-License-Identifier:
 * MIT */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/cli/bench.h"
#include "sim/cli/command.h"
#include "sim/cli/paths.h"

enum { RUNS = 7, WAIT_MS = 20000 };
#define CALLS       20000000
#define CALLS_QUICK 4000000

/* Snapshots are what going back needs; a run that is watched takes them. */
enum { NONE, SNAPSHOTS, VIEWER, SUBJECTS };
static const struct bench_way ways[SUBJECTS] = {
    [NONE] = {"none", "no viewer", 0},
    [SNAPSHOTS] = {"snapshots", "no viewer, but snapshots", 0},
    [VIEWER] = {"viewer", "a viewer that draws all it is told", 0.90},
};

static struct {
    char self[PATH_MAX], kernel[PATH_MAX], viewer[PATH_MAX];
    char socket[PATH_MAX + 80], view[PATH_MAX + 96], said[PATH_MAX + 80];
} plan;

static void names_make(void)
{
    snprintf(plan.socket, sizeof plan.socket, "%s", bench_path("socket"));
    snprintf(plan.view, sizeof plan.view, "--view=%s", plan.socket);
    snprintf(plan.said, sizeof plan.said, "%s", bench_path("said"));
}

/* Until it listens. */
static int viewer_start(unsigned way)
{
    char listens[sizeof plan.socket + 16];
    char *words[] = {plan.viewer, listens, "bench=1", NULL};
    struct bench_run run = {.argv = words, .out = plan.said, .err = plan.said};
    struct stat st;

    if (way != VIEWER)
        return 0;
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

static int viewer_end(unsigned way)
{
    if (way == VIEWER && bench_beside_wait(0) != 0)
        return cli_failure("bench: the viewer failed: see %s", plan.said), -1;
    return 0;
}

static void line_make(unsigned way, char *append, char **words)
{
    char *line[] = {plan.self, "run", "--kernel", plan.kernel, "--append",
                    append,    NULL,  NULL,       NULL};

    line[6] = way != NONE ? "--snapshots" : NULL;
    line[7] = way == VIEWER ? plan.view : NULL;
    memcpy(words, line, sizeof line);
}

static int view_bench(const struct bench_settings *s, json_t *out)
{
    static const struct bench_turns turns = {.ways = ways,
                                             .n = SUBJECTS,
                                             .starts = 1,
                                             .unit = "no viewer = 1.00",
                                             .line = line_make,
                                             .before = viewer_start,
                                             .after = viewer_end};
    uint64_t n = s->quick ? CALLS_QUICK : CALLS;
    unsigned runs = s->runs.given ? (unsigned)s->runs.n : s->quick ? 3 : RUNS;
    json_t *rows = json_array();

    json_object_set_new(out, "subjects", rows);
    json_object_set_new(out, "calls", json_integer((json_int_t)n));
    if (runs > BENCH_ROUNDS_MAX)
        return cli_usage("bench view: at most %d runs", BENCH_ROUNDS_MAX);
    if (paths_self(plan.self, sizeof plan.self) != 0 ||
        paths_viewer(plan.viewer, sizeof plan.viewer) != 0 ||
        paths_guest("pingpong", plan.kernel, sizeof plan.kernel) != 0)
        return cli_failure("bench: the viewer or the guest pingpong is not here: build them with "
                           "'make'");
    if (!bench_dir_make(s->dir))
        return EXIT_FAILURE;
    names_make();
    return bench_turns(&turns, n, runs, rows);
}

const struct bench bench_view = {
    .name = "view",
    .schema = "flatfish-bench-view",
    .run = view_bench,
};
