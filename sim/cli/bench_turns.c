/* sim/cli/bench_turns.c -- one guest run in several ways, all at the same time on one CPU, in
 * turns, so that a busy moment of the host hits all alike. Compared is CPU time less that of
 * starting (n=1), round by round; the first way is 1.00, and the median is what counts. What runs
 * beside (a viewer, a debugger) is not measured. Invariant: one comparison in a process.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/bench.h"
#include "sim/cli/command.h"

enum { OUTPUT = 1 << 16, STARTS_MAX = 5 };

static struct {
    char out[BENCH_RUNS][PATH_MAX + 64];
    double start[BENCH_RUNS], ratio[BENCH_RUNS][BENCH_ROUNDS_MAX];
} turns;

void bench_text_read(const char *path, char *text, size_t max)
{
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(text, 1, max - 1, f) : 0;

    text[n] = 0;
    if (f)
        fclose(f);
}

int bench_failed(const char *what, int status, const char *path)
{
    static char text[OUTPUT];
    char *line;

    bench_text_read(path, text, sizeof text);
    for (size_t n = strlen(text); n && text[n - 1] == '\n'; n--)
        text[n - 1] = 0;
    line = strrchr(text, '\n');
    return cli_failure("bench: %s: exit code %d: %.200s", what, status, line ? line + 1 : text), -1;
}

static int all_before(const struct bench_turns *t)
{
    for (unsigned i = 0; t->before && i < t->n; i++)
        if (t->before(i) != 0)
            return -1;
    return 0;
}

/* One round; CPU seconds of each. */
static int round_run(const struct bench_turns *t, uint64_t n, unsigned first, double *cpu)
{
    static char *words[BENCH_RUNS][BENCH_WORDS];
    struct bench_run runs[BENCH_RUNS];
    char append[32];

    snprintf(append, sizeof append, "n=%" PRIu64, n);
    for (unsigned i = 0; i < t->n; i++) {
        t->line(i, append, words[i]);
        snprintf(turns.out[i], sizeof turns.out[i], "%s.out", bench_path(t->ways[i].name));
        runs[i] = (struct bench_run){.argv = words[i], .out = turns.out[i], .err = turns.out[i]};
    }
    if (all_before(t) != 0 || bench_children_run(runs, t->n, first) != 0)
        return -1;
    for (unsigned i = 0; i < t->n; i++) {
        if (runs[i].used.status != 0)
            return bench_failed(t->ways[i].text, runs[i].used.status, turns.out[i]);
        if (t->after && t->after(i) != 0)
            return -1;
        cpu[i] = runs[i].used.cpu;
    }
    return 0;
}

int bench_turns_start(const struct bench_turns *t)
{
    double cpu[BENCH_RUNS], all[BENCH_RUNS][STARTS_MAX];
    unsigned starts = t->starts < STARTS_MAX ? t->starts : STARTS_MAX;

    for (unsigned r = 0; r < starts; r++) {
        if (round_run(t, 1, r % t->n, cpu) != 0)
            return -1;
        for (unsigned i = 0; i < t->n; i++)
            all[i][r] = cpu[i];
    }
    for (unsigned i = 0; i < t->n; i++)
        turns.start[i] = bench_spread(all[i], starts).median;
    return 0;
}

int bench_turns_round(const struct bench_turns *t, uint64_t n, unsigned round)
{
    double cpu[BENCH_RUNS];

    if (round_run(t, n, round % t->n, cpu) != 0)
        return -1;
    for (unsigned i = 0; i < t->n; i++)
        turns.ratio[i][round] = (cpu[0] - turns.start[0]) / (cpu[i] - turns.start[i]);
    return 0;
}

const double *bench_turns_ratios(unsigned way)
{
    return turns.ratio[way];
}

static int table(const struct bench_turns *t, unsigned rounds, json_t *rows)
{
    int code = 0;

    printf("speed, %-24s%13s %8s %8s %8s\n", t->unit, "min", "median", "max", "promise");
    for (unsigned i = 0; i < t->n; i++) {
        const struct bench_way *way = &t->ways[i];
        struct bench_spread s = bench_spread(turns.ratio[i], rounds);
        char promise[16] = "";
        if (way->least > 0)
            snprintf(promise, sizeof promise, ">= %.2f", way->least);
        printf("  %-41s %7.3f %8.3f %8.3f %8s\n", way->text, s.min, s.median, s.max, promise);
        json_array_append_new(rows, json_pack("{s:s, s:o, s:f}", "subject", way->name, "ratio",
                                              bench_spread_json(s), "promise", way->least));
        if (s.median < way->least)
            code = cli_failure("bench: %s: slower than promised", way->text);
    }
    return code;
}

int bench_turns(const struct bench_turns *t, uint64_t n, unsigned rounds, json_t *rows)
{
    printf("pingpong: %" PRIu64 " crossings a run, %u runs, all at the same time in turns\n", 2 * n,
           rounds);
    fflush(stdout);
    if (bench_turns_start(t) != 0)
        return bench_interrupted() ? 130 : EXIT_FAILURE;
    for (unsigned r = 0; r < rounds; r++)
        if (bench_turns_round(t, n, r) != 0)
            return bench_interrupted() ? 130 : EXIT_FAILURE;
    return table(t, rounds, rows);
}
