/* sim/cli/bench_gdb.c -- `flatfish bench gdb`: what stock GDB costs, and how fast it is.
 *
 * Two parts. The guest that does nothing but cross (pingpong) runs as `flatfish run` does, held by
 * GDB, and held with 100 breakpoints among its code whose conditions say no (how they are compared:
 * bench_turns.c); GDB itself runs beside and is not counted. Then GDB in a nest of three levels
 * steps, steps back and looks for a write of long ago (sim/gdb/python/bench.py): rates and seconds
 * by the host's clock, as a user waits for them. SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/bench.h"
#include "sim/cli/command.h"
#include "sim/cli/paths.h"

enum { RUNS = 7, STARTS = 3, OUTPUT = 1 << 16 };
enum { KERNEL_AT = 0x100000, APART = 61, FAR_MILLION = 200 };
#define CALLS       30000000
#define CALLS_QUICK 3000000
#define NEST        "pager(frames=512)/memtest(mib=1,passes=200)"

static const struct bench_way ways[] = {
    {"alone", "no debugger", 0},
    {"held", "held by GDB", 0},
    {"breakpoints", "held by GDB, 100 breakpoints", 0.97},
};
static const int breakpoints_of[] = {0, 0, 100};

static const struct measure {
    const char *name, *text, *unit;
    double least, most; /* the promise; 0 = none */
} measures[] = {
    {"step-program", "stepi 10000 in a program", "steps/s", 2000, 0},
    {"step-cpu", "stepi 10000 of the CPU", "steps/s", 2000, 0},
    {"step-typed", "stepi, each printed", "steps/s", 0, 0},
    {"back-cpu", "reverse-stepi 200 of the CPU", "steps/s", 0, 0},
    {"back-program", "reverse-stepi 200 in a program", "steps/s", 0, 0},
    {"back-to-write", "reverse-continue, 200 million back", "s", 0, 5},
};

enum { SUBJECTS = sizeof ways / sizeof *ways };
enum { MEASURES = sizeof measures / sizeof *measures };
_Static_assert((int)SUBJECTS <= (int)BENCH_RUNS, "all run at the same time");
_Static_assert((int)SUBJECTS - 1 <= (int)BENCH_BESIDE, "and each has a GDB beside it");

static struct {
    char self[PATH_MAX], kernel[PATH_MAX], script[PATH_MAX];
    char path[SUBJECTS][4][PATH_MAX + 64]; /* output, socket, commands for GDB, what GDB says */
    double value[MEASURES][BENCH_ROUNDS_MAX];
} plan;

enum { OUT, SOCKET, COMMANDS, SAID };

/* ---- what a breakpoint costs ---- */

static int commands_write(const char *path, const char *socket, int breakpoints)
{
    FILE *f = fopen(path, "we");

    if (f) {
        fprintf(f, "set pagination off\ntarget extended-remote %s\n", socket);
        for (int i = 0; i < breakpoints; i++)
            fprintf(f, "break *0x%x if $rax == 0x123456789abcdef\n", KERNEL_AT + i * APART);
        fprintf(f, "continue\n");
    }
    if (!f || ferror(f) | fclose(f))
        return cli_failure("bench: cannot write %s", path), -1;
    return 0;
}

static int files_prepare(void)
{
    static const char *const names[] = {"out", "socket", "commands", "said"};
    char name[32];

    for (unsigned i = 0; i < SUBJECTS; i++) {
        for (unsigned k = 0; k < sizeof names / sizeof *names; k++) {
            snprintf(name, sizeof name, "%s%u", names[k], i);
            snprintf(plan.path[i][k], sizeof plan.path[i][k], "%s", bench_path(name));
        }
        if (commands_write(plan.path[i][COMMANDS], plan.path[i][SOCKET], breakpoints_of[i]))
            return -1;
    }
    return 0;
}

static int gdb_start(unsigned i)
{
    /* Not before the machine listens. */
    static char wait[] = "until [ -S \"$1\" ]; do sleep 0.02; done; exec gdb -nx -batch -x \"$2\"";
    char *words[] = {(char[]){"sh"},       (char[]){"-c"},         wait, (char[]){"sh"},
                     plan.path[i][SOCKET], plan.path[i][COMMANDS], NULL};
    struct bench_run run = {.argv = words, .out = plan.path[i][SAID], .err = plan.path[i][SAID]};

    if (i == 0)
        return 0;
    bench_remove(plan.path[i][SOCKET]);
    return bench_beside_start(i - 1, &run);
}

static int gdb_end(unsigned i)
{
    static char text[OUTPUT];
    int status;

    if (i == 0)
        return 0;
    status = bench_beside_wait(i - 1);
    bench_text_read(plan.path[i][SAID], text, sizeof text);
    if (status != 0 || !strstr(text, "the machine has ended: exit"))
        return bench_failed("GDB, beside the guest", status, plan.path[i][SAID]);
    return 0;
}

static void line_make(unsigned i, char *append, char **words)
{
    static char gdb[SUBJECTS][PATH_MAX + 80];
    char *line[] = {plan.self,   "run",  "--kernel", plan.kernel, "--mem",           "64",
                    "--timeout", "3600", "--append", append,      i ? gdb[i] : NULL, NULL};

    snprintf(gdb[i], sizeof gdb[i], "--gdb=%s", plan.path[i][SOCKET]);
    memcpy(words, line, sizeof line);
}

static const struct bench_turns turns = {.ways = ways,
                                         .n = SUBJECTS,
                                         .starts = STARTS,
                                         .line = line_make,
                                         .before = gdb_start,
                                         .after = gdb_end};

/* ---- how fast GDB is ---- */

static int values_take(unsigned run)
{
    static char text[OUTPUT];
    char key[64], *at;

    bench_text_read(plan.path[0][SAID], text, sizeof text);
    for (unsigned i = 0; i < MEASURES; i++) {
        snprintf(key, sizeof key, "measured %s ", measures[i].name);
        at = strstr(text, key);
        plan.value[i][run] = at ? strtod(at + strlen(key), NULL) : 0;
        if (plan.value[i][run] <= 0)
            return bench_failed(measures[i].text, 0, plan.path[0][OUT]);
    }
    return 0;
}

static int session_measure(bool quick, unsigned run)
{
    char set[64];
    const char *words[] = {plan.self, "gdb", NEST,  "--batch", "--console", "/dev/null", "--ex",
                           set,       "--",  "-nx", "-x",      plan.script, NULL};
    struct bench_child used;

    snprintf(set, sizeof set, "python FAR, STEPS = %d, %d", FAR_MILLION * 1000000,
             quick ? 2000 : 10000);
    if (bench_child_run((char *const *)(uintptr_t)words, plan.path[0][SAID], plan.path[0][OUT],
                        &used) != 0)
        return -1;
    if (used.status != 0)
        return bench_failed("a session with GDB", used.status, plan.path[0][OUT]);
    return values_take(run);
}

/* ---- what is said ---- */

static int row(const char *name, const char *text, const char *unit, const double *values,
               unsigned runs, double least, double most, json_t *rows)
{
    struct bench_spread s = bench_spread(values, runs);
    char promise[24] = "";
    int digits = s.median < 100 ? 3 : 0;

    if (least > 0 || most > 0)
        snprintf(promise, sizeof promise, "%s %.4g",
                 least > 0 ? ">=" : "<=", least > 0 ? least : most);
    printf("  %-36s %9.*f %9.*f %9.*f %-8s %8s\n", text, digits, s.min, digits, s.median, digits,
           s.max, unit, promise);
    json_array_append_new(rows,
                          json_pack("{s:s, s:s, s:o, s:f, s:f}", "subject", name, "unit", unit,
                                    "value", bench_spread_json(s), "least", least, "most", most));
    if ((least > 0 && s.median < least) || (most > 0 && s.median > most))
        return cli_failure("bench: %s: slower than promised", text);
    return 0;
}

static int table(unsigned runs, json_t *rows)
{
    int code = 0, now;

    printf("  %-36s %9s %9s %9s %-8s %8s\n", "", "min", "median", "max", "", "promise");
    for (unsigned i = 0; i < SUBJECTS; i++) {
        now = row(ways[i].name, ways[i].text, "speed", bench_turns_ratios(i), runs, ways[i].least,
                  0, rows);
        code = now ? now : code;
    }
    for (unsigned i = 0; i < MEASURES; i++) {
        now = row(measures[i].name, measures[i].text, measures[i].unit, plan.value[i], runs,
                  measures[i].least, measures[i].most, rows);
        code = now ? now : code;
    }
    return code;
}

static int places_find(void)
{
    char *slash;

    if (paths_self(plan.self, sizeof plan.self) != 0 ||
        paths_guest("pingpong", plan.kernel, sizeof plan.kernel) != 0)
        return cli_failure("bench: the guest pingpong is not here: build it with 'make'");
    if (paths_gdb(plan.script, sizeof plan.script) != 0 || !(slash = strrchr(plan.script, '/')))
        return cli_failure("bench: nest.py is not there: build or install Flatfish again");
    snprintf(slash, sizeof plan.script - (size_t)(slash - plan.script), "/bench.py");
    return 0;
}

static int gdb_bench(const struct bench_settings *s, json_t *out)
{
    uint64_t n = s->quick ? CALLS_QUICK : CALLS;
    unsigned runs = s->runs.given ? (unsigned)s->runs.n : s->quick ? 3 : RUNS;
    json_t *rows = json_array();
    int code;

    json_object_set_new(out, "subjects", rows);
    json_object_set_new(out, "calls", json_integer((json_int_t)n));
    if (runs > BENCH_ROUNDS_MAX)
        return cli_usage("bench gdb: at most %d runs", BENCH_ROUNDS_MAX);
    if ((code = places_find()) != 0)
        return code;
    if (!bench_dir_make(s->dir) || files_prepare() != 0)
        return EXIT_FAILURE;
    printf("pingpong, %" PRIu64 " calls, all at the same time in turns; then %s; %u runs\n", n,
           NEST, runs);
    fflush(stdout);
    for (unsigned run = 0; run < runs; run++) {
        if (session_measure(s->quick, run) != 0 || (run == 0 && bench_turns_start(&turns) != 0) ||
            bench_turns_round(&turns, n, run) != 0)
            return bench_interrupted() ? 130 : EXIT_FAILURE;
    }
    return table(runs, rows);
}

const struct bench bench_gdb = {
    .name = "gdb",
    .schema = "flatfish-bench-gdb",
    .run = gdb_bench,
};
