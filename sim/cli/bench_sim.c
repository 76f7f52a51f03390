/* sim/cli/bench_sim.c -- `flatfish bench sim`: the same three guests on stock Bochs, on Flatfish
 * with more and more armed, and on QEMU. Every run is a process of its own. In a round each subject
 * runs once; they share a CPU and take turns of some milliseconds (bench_child.c), and each round
 * begins with another one. What is compared: the process's CPU time (user + system), less that of
 * the shortest run (n=1, median), for one unit of the guest's work; round by round, against stock
 * Bochs in the same round. Our trace and QEMU's log are compared by the clock as well, each alone.
 * Before anything is measured all subjects must print the same text for
 * the same small n. SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/bench.h"
#include "sim/cli/bench_subject.h"
#include "sim/cli/command.h"
#include "sim/cli/paths.h"

enum { RUNS_MAX = 1000, START_RUNS = 5 };

struct guest {
    const char *name;
    const char *what; /* the unit that n counts */
    uint64_t small;   /* n of the check and of the first calibration */
    bool logged;      /* QEMU's -d int writes its crossings down (system calls it does not) */
};

static const struct guest guests[] = {
    {"compute", "rounds of sort, sieve and matrix product", 20, false},
    {"pingpong", "system calls from user mode and back", 100000, false},
    {"faults", "page faults, each filled in by the guest's kernel", 20000, true},
};

enum { GUESTS = sizeof guests / sizeof guests[0] };

struct series { /* one subject on one guest */
    const struct subject *subject;
    uint64_t n;
    double start, wall_start; /* CPU and wall seconds of a run with n=1 */
    double seconds[RUNS_MAX]; /* CPU, less start */
    double ratio[RUNS_MAX];   /* speed, stock = 1 */
    double wall[RUNS_MAX];    /* alone, less wall_start; of what disk and log are compared by */
};

struct plan {
    const struct guest *guest;
    struct subject_place place;
    struct series series[SUBJECTS];
    unsigned count, runs;
    double target;         /* seconds on stock Bochs */
    uint64_t instructions; /* of a run of series[0].n */
};

static struct plan plan;

/* One subject alone. */
static int run_once(const struct subject *s, uint64_t n, struct bench_child *used,
                    char console[CONSOLE_MAX])
{
    const struct subject_work work = {s, n};

    return subjects_run(&plan.place, &work, 1, 0, used, console);
}

/* ---- before measuring ---- */

static void progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void progress(const char *format, ...)
{
    va_list ap;

    if (!isatty(STDERR_FILENO))
        return;
    va_start(ap, format);
    fprintf(stderr, "\r\033[K");
    vfprintf(stderr, format, ap);
    va_end(ap);
    fflush(stderr);
}

static int check_same(void)
{
    char first[CONSOLE_MAX], text[CONSOLE_MAX];
    struct bench_child used;

    for (unsigned i = 0; i < plan.count; i++) {
        const struct subject *s = plan.series[i].subject;
        progress("%s: same result on %s?", plan.guest->name, s->text);
        if (run_once(s, plan.guest->small, &used, i ? text : first) != 0)
            return -1;
        if (i && strcmp(text, first) != 0)
            return cli_failure("bench: %s prints '%.60s' on %s, but '%.60s' on %s",
                               plan.guest->name, text, s->text, first,
                               plan.series[0].subject->text),
                   -1;
    }
    return 0;
}

static int start_measure(struct series *s)
{
    char text[CONSOLE_MAX];
    double cpu[START_RUNS], wall[START_RUNS];
    struct bench_child used;

    for (unsigned i = 0; i < START_RUNS; i++) {
        progress("%s: start-up of %s", plan.guest->name, s->subject->text);
        if (run_once(s->subject, 1, &used, text) != 0)
            return -1;
        cpu[i] = used.cpu;
        wall[i] = used.wall;
    }
    s->start = bench_spread(cpu, START_RUNS).median;
    s->wall_start = bench_spread(wall, START_RUNS).median;
    return 0;
}

/* The n that takes about the target time; grows in steps until the time is well above start-up. */
static int calibrate(struct series *s, uint64_t most)
{
    char text[CONSOLE_MAX];
    struct bench_child used;

    for (uint64_t n = plan.guest->small;; n *= 4) {
        double t;
        if (n > most)
            n = most;
        progress("%s: how long on %s? n=%" PRIu64, plan.guest->name, s->subject->text, n);
        if (run_once(s->subject, n, &used, text) != 0)
            return -1;
        t = used.cpu - s->start;
        if (t < plan.target / 8 && n < most)
            continue;
        t = t > 0.001 ? t : 0.001;
        s->n = (uint64_t)((double)n * plan.target / t) + 1;
        s->n = s->n > most ? most : s->n;
        return 0;
    }
}

/* Exact instructions of a run: the same on every simulator but for the last few of the console. */
static int instructions_count(void)
{
    const struct subject count = {
        "count", "Flatfish, counting", OURS, {"--stats", bench_path("stats.json")}, false};
    char text[CONSOLE_MAX];
    struct bench_child used;
    json_t *o;

    progress("%s: counting instructions", plan.guest->name);
    if (run_once(&count, plan.series[0].n, &used, text) != 0)
        return -1;
    o = json_load_file(bench_path("stats.json"), 0, NULL);
    plan.instructions = (uint64_t)json_integer_value(json_object_get(o, "icount"));
    json_decref(o);
    return plan.instructions ? 0 : (cli_failure("bench: no statistics"), -1);
}

static int prepare(void)
{
    if (check_same() != 0)
        return -1;
    for (unsigned i = 0; i < plan.count; i++) {
        if (start_measure(&plan.series[i]) != 0)
            return -1;
    }
    if (calibrate(&plan.series[0], 1ull << 40) != 0)
        return -1;
    for (unsigned i = 1; i < plan.count; i++) {
        struct series *s = &plan.series[i];
        s->n = plan.series[0].n;
        if (s->subject->log_int && calibrate(s, s->n) != 0)
            return -1;
    }
    return instructions_count();
}

/* ---- measuring ---- */

static int round_measure(unsigned run)
{
    char text[CONSOLE_MAX];
    struct subject_work work[SUBJECTS];
    struct bench_child used[SUBJECTS];

    progress("%s: round %u of %u", plan.guest->name, run + 1, plan.runs);
    for (unsigned i = 0; i < plan.count; i++)
        work[i] = (struct subject_work){plan.series[i].subject, plan.series[i].n};
    if (subjects_run(&plan.place, work, plan.count, run % plan.count, used, text) != 0)
        return -1;
    for (unsigned i = 0; i < plan.count; i++) {
        struct series *s = &plan.series[i], *stock = &plan.series[0];
        s->seconds[run] = used[i].cpu - s->start;
        if (s->seconds[run] <= 0)
            return cli_failure("bench: %s on %s was too short to measure; give more --seconds",
                               plan.guest->name, s->subject->text),
                   -1;
        s->ratio[run] = (stock->seconds[run] / (double)stock->n) / (s->seconds[run] / (double)s->n);
    }
    return 0;
}

static struct series *series_named(const char *name)
{
    for (unsigned i = 0; i < plan.count; i++) {
        if (strcmp(plan.series[i].subject->name, name) == 0)
            return &plan.series[i];
    }
    return NULL;
}

/* Our trace and QEMU's log, where both are measured and hold the same. */
static bool both_logs(struct series *logs[2])
{
    logs[0] = series_named("disk");
    logs[1] = series_named("qemu-int");
    return plan.guest->logged && logs[0] && logs[1];
}

/* A user waits by the clock, for writing too: each alone, as nobody waits in turns. */
static int clock_measure(unsigned run)
{
    char text[CONSOLE_MAX];
    struct bench_child used;
    struct series *logs[2];

    if (!both_logs(logs))
        return 0;
    for (unsigned i = 0; i < 2; i++) {
        struct series *s = logs[(run + i) % 2];
        if (run_once(s->subject, s->n, &used, text) != 0)
            return -1;
        s->wall[run] = used.wall - s->wall_start;
    }
    return 0;
}

/* How many times as fast the trace is as the log, by the clock: median of the rounds. */
static double clock_ratio(const struct series *disk, const struct series *log)
{
    double ratio[RUNS_MAX];

    for (unsigned i = 0; i < plan.runs; i++) {
        double ours = disk->wall[i] / (double)disk->n, theirs = log->wall[i] / (double)log->n;
        ratio[i] = ours > 0 ? theirs / ours : 0;
    }
    return bench_spread(ratio, plan.runs).median;
}

static int measure(void)
{
    for (unsigned run = 0; run < plan.runs; run++) {
        if (round_measure(run) != 0 || clock_measure(run) != 0)
            return -1;
    }
    progress("%s", "");
    return 0;
}

/* ---- what is said ---- */

static double mips(const struct series *s)
{
    double seconds = bench_spread(s->seconds, plan.runs).median;

    return (double)plan.instructions * ((double)s->n / (double)plan.series[0].n) / seconds / 1e6;
}

static void table(void)
{
    struct series *logs[2];

    printf("\n%s: n=%" PRIu64 " %s\n", plan.guest->name, plan.series[0].n, plan.guest->what);
    printf("%" PRIu64 " instructions a run, %u runs\n", plan.instructions, plan.runs);
    printf("%-30s %26s\n", "", "speed, stock Bochs = 1.00");
    printf("%-30s %8s %8s %8s %9s %9s\n", "", "min", "median", "max", "CPU s", "MIPS");
    for (unsigned i = 0; i < plan.count; i++) {
        const struct series *s = &plan.series[i];
        struct bench_spread r = bench_spread(s->ratio, plan.runs);
        printf("%-30s %8.3f %8.3f %8.3f %9.3f %9.1f%s\n", s->subject->text, r.min, r.median, r.max,
               bench_spread(s->seconds, plan.runs).median, mips(s),
               s->n == plan.series[0].n ? "" : "  (smaller n)");
    }
    if (both_logs(logs))
        printf("Flatfish with trace to disk is %.1f times as fast as QEMU with -d int by CPU time, "
               "%.1f times by the clock.\n",
               bench_spread(logs[0]->ratio, plan.runs).median /
                   bench_spread(logs[1]->ratio, plan.runs).median,
               clock_ratio(logs[0], logs[1]));
    fflush(stdout);
}

static json_t *series_json(const struct series *s)
{
    json_t *runs = json_array(), *ratios = json_array();

    for (unsigned i = 0; i < plan.runs; i++) {
        json_array_append_new(runs, json_real(s->seconds[i]));
        json_array_append_new(ratios, json_real(s->ratio[i]));
    }
    return json_pack("{s:s, s:s, s:I, s:f, s:o, s:o, s:o, s:f}", "name", s->subject->name, "text",
                     s->subject->text, "n", (json_int_t)s->n, "start_seconds", s->start, "seconds",
                     runs, "ratios", ratios, "ratio",
                     bench_spread_json(bench_spread(s->ratio, plan.runs)), "mips", mips(s));
}

static json_t *guest_json(void)
{
    json_t *list = json_array(), *o;
    struct series *logs[2];

    for (unsigned i = 0; i < plan.count; i++)
        json_array_append_new(list, series_json(&plan.series[i]));
    o = json_pack("{s:s, s:s, s:I, s:I, s:i, s:o}", "name", plan.guest->name, "unit",
                  plan.guest->what, "n", (json_int_t)plan.series[0].n, "instructions",
                  (json_int_t)plan.instructions, "runs", (int)plan.runs, "subjects", list);
    if (both_logs(logs))
        json_object_set_new(o, "trace_to_log_clock", json_real(clock_ratio(logs[0], logs[1])));
    return o;
}

/* ---- the whole ---- */

static bool wanted(const struct option_list *list, const char *name)
{
    for (unsigned i = 0; i < list->count; i++) {
        if (strcmp(list->value[i], name) == 0)
            return true;
    }
    return list->count == 0;
}

static bool known(const char *name, bool guest)
{
    for (unsigned i = 0; i < (guest ? GUESTS : SUBJECTS); i++) {
        if (strcmp(name, guest ? guests[i].name : subjects[i].name) == 0)
            return true;
    }
    return false;
}

static int names_check(const struct bench_settings *s)
{
    for (unsigned i = 0; i < s->guest.count; i++) {
        if (!known(s->guest.value[i], true))
            return cli_usage("bench: no guest '%.40s'; there are compute, pingpong and faults",
                             s->guest.value[i]);
    }
    for (unsigned i = 0; i < s->subject.count; i++) {
        if (!known(s->subject.value[i], false))
            return cli_usage("bench: no subject '%.40s' (see 'flatfish help bench')",
                             s->subject.value[i]);
    }
    return 0;
}

static bool in_path(const char *program)
{
    const char *path = getenv("PATH");
    char full[PATH_MAX];

    while (path && *path) {
        int n = (int)strcspn(path, ":");
        snprintf(full, sizeof full, "%.*s/%s", n, path, program);
        if (access(full, X_OK) == 0)
            return true;
        path += n + (path[n] == ':');
    }
    return false;
}

static void subjects_choose(const struct bench_settings *s)
{
    bool qemu = in_path("qemu-system-x86_64");

    plan.count = 0;
    for (unsigned i = 0; i < SUBJECTS; i++) {
        bool is_stock = subjects[i].engine == STOCK;
        if ((is_stock || wanted(&s->subject, subjects[i].name)) &&
            (qemu || subjects[i].engine != QEMU))
            plan.series[plan.count++].subject = &subjects[i];
    }
    if (!qemu && wanted(&s->subject, "qemu"))
        cli_say("bench: QEMU is not installed (package qemu-system-x86): left out");
}

static int guest_run(const struct guest *guest, json_t *list)
{
    plan.guest = guest;
    plan.place.guest = guest->name;
    if (paths_guest(guest->name, plan.place.kernel, sizeof plan.place.kernel) != 0)
        return cli_failure("bench: the guest %s is not there: %s", guest->name, plan.place.kernel);
    if (prepare() != 0 || measure() != 0) {
        progress("%s", "");
        return bench_interrupted() ? 130 : EXIT_FAILURE;
    }
    table();
    json_array_append_new(list, guest_json());
    return 0;
}

static int guests_run(const struct bench_settings *s, json_t *out)
{
    json_t *list = json_array();
    int code = 0;

    json_object_set_new(out, "time", json_string("user and system CPU seconds, less start-up"));
    json_object_set_new(out, "turn_ms", json_integer(BENCH_TURN_MS));
    json_object_set_new(out, "guests", list);
    for (unsigned i = 0; i < GUESTS && code == 0; i++) {
        if (wanted(&s->guest, guests[i].name))
            code = guest_run(&guests[i], list);
    }
    return code;
}

static int sim_bench(const struct bench_settings *s, json_t *out)
{
    int code = names_check(s);

    if (code != 0)
        return code;
    plan.runs = s->runs.given ? (unsigned)s->runs.n : s->quick ? 3 : 7;
    plan.target = s->seconds.given ? (double)s->seconds.n / 1000 : s->quick ? 0.5 : 3;
    if (paths_self(plan.place.self, sizeof plan.place.self) != 0)
        return cli_failure("bench: cannot find my own program");
    if (!bench_dir_make(s->dir))
        return EXIT_FAILURE;
    if (bench_stock_find(s->stock, plan.place.stock, sizeof plan.place.stock) != 0)
        return bench_interrupted() ? 130 : EXIT_FAILURE;
    subjects_choose(s);
    return guests_run(s, out);
}

const struct bench bench_sim = {
    .name = "sim",
    .schema = "flatfish-bench-sim",
    .run = sim_bench,
};
