/* sim/cli/bench_snap.c -- `flatfish bench snap`: what a snapshot takes, and what going back takes,
 * with a guest of 256 MiB that has run for 500 million instructions (a tenth of that with --quick).
 * Times are of this host's clock: compare them with each other, not with another machine's.
 * SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/cli/bench.h"
#include "sim/cli/command.h"
#include "sim/cli/paths.h"
#include "sim/snap.h"

enum { RUNS = 7, RUNS_MAX = 64, MEM_MIB = 256, SNAPSHOTS = 64 };
#define FAR            500000000ull
#define SNAPSHOT_BYTES (1ull << 30)

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One measured act, on the machine as it stands; returns 0, or -1 with sim_error(). */
static int act_snapshot(void)
{
    return sim_run(sim_icount() + 1000) == SIM_STOP_ICOUNT && sim_snapshot() >= 0 ? 0 : -1;
}

static int act_back_one(void)
{
    return sim_goto(sim_icount() - 1);
}

static int act_back_far(void)
{
    uint64_t now = sim_icount();

    return sim_goto(1000000) == 0 ? sim_goto(now) : -1;
}

static const struct act {
    const char *name, *text;
    int (*run)(void);
} acts[] = {
    {"snapshot", "take a snapshot", act_snapshot},
    {"back-one", "go back one instruction", act_back_one},
    {"back-far", "go to the beginning, and to the end again", act_back_far},
};

static int act_measure(const struct act *act, unsigned runs, json_t *rows)
{
    double ms[RUNS_MAX];

    for (unsigned i = 0; i < runs; i++) {
        double begin = seconds();
        if (act->run() != 0)
            return cli_failure("bench: %s: %s", act->text, sim_error());
        ms[i] = (seconds() - begin) * 1000;
    }
    struct bench_spread s = bench_spread(ms, runs);
    printf("  %-44s %9.2f %9.2f %9.2f\n", act->text, s.min, s.median, s.max);
    json_array_append_new(
        rows, json_pack("{s:s, s:o}", "act", act->name, "milliseconds", bench_spread_json(s)));
    return 0;
}

static int machine_ready(uint64_t far)
{
    char kernel[PATH_MAX];

    if (paths_guest("compute", kernel, sizeof kernel) != 0)
        return cli_failure("bench: the guest compute is not here: build it with 'make'");
    struct sim_config config = {
        .kernel = kernel, .append = "n=1000000", .mem_mib = MEM_MIB, .data_dir = paths_data()};
    if (sim_create(&config) != 0 || sim_snapshot_schedule(SNAPSHOTS, SNAPSHOT_BYTES) != 0)
        return cli_failure("bench: %s", sim_error());
    if (sim_run(far) != SIM_STOP_ICOUNT)
        return cli_failure("bench: the guest stopped early: %s", sim_stop_text());
    return 0;
}

static int snap_bench(const struct bench_settings *s, json_t *out)
{
    uint64_t far = s->quick ? FAR / 10 : FAR;
    unsigned runs = s->runs.given ? (unsigned)s->runs.n : s->quick ? 3 : RUNS;
    json_t *rows = json_array();

    json_object_set_new(out, "acts", rows);
    json_object_set_new(out, "instructions", json_integer((json_int_t)far));
    if (runs > RUNS_MAX)
        return cli_usage("bench snap: at most %d --runs", RUNS_MAX);
    if (machine_ready(far) != 0)
        return EXIT_FAILURE;
    printf("a guest of %d MiB after %llu million instructions, %u snapshots taken on the way\n",
           MEM_MIB, (unsigned long long)far / 1000000, sim_snapshot_count());
    printf("  %-44s %9s %9s %9s\n", "milliseconds", "min", "median", "max");
    for (unsigned i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (act_measure(&acts[i], runs, rows) != 0)
            return EXIT_FAILURE;
    }
    sim_destroy();
    return 0;
}

const struct bench bench_snap = {
    .name = "snap",
    .schema = "flatfish-bench-snap",
    .run = snap_bench,
};
