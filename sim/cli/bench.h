/* sim/cli/bench.h -- what the parts of `flatfish bench` share: its settings, one measured child
 * process, the folder for what runs write, the order statistics.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CLI_BENCH_H
#define SIM_CLI_BENCH_H

#include <jansson.h>

#include "sim/cli/options.h"

struct bench_settings {
    struct option_number runs, seconds;
    struct option_list guest, subject;
    const char *json, *stock, *dir, *cost;
    bool quick;
};

/* One benchmark: `flatfish bench NAME`. `schema` names the format of its --json. Fills `out` for
 * --json; returns the exit code. */
struct bench {
    const char *name, *schema;
    int (*run)(const struct bench_settings *s, json_t *out);
};
extern const struct bench bench_sim, bench_snap, bench_kernel, bench_lua, bench_gdb, bench_view;

/* bench_child.c: child processes and what they used. Ctrl-C ends them and then us, cleanly. */
struct bench_child {
    double cpu; /* seconds in user and system mode, all threads */
    double wall;
    int status; /* exit code; 128+N for signal N */
};
struct bench_run {
    char *const *argv;
    const char *out, *err; /* files for its stdout and stderr; its stdin is empty */
    struct bench_child used;
};
enum { BENCH_RUNS = 8, BENCH_BESIDE = 2, BENCH_TURN_MS = 20 };
/* Runs one to BENCH_RUNS programs to their ends. Several share one CPU and take turns of
 * BENCH_TURN_MS, beginning with run[first], so that a busy moment of the host hits all alike.
 * 0, or -1 after a line. */
int bench_children_run(struct bench_run *run, unsigned n, unsigned first);
/* Starts a program that is not measured and takes no turns: what a measured one talks with. 0, or
 * -1 after a line. Then the waiting for its end; the exit code. */
int bench_beside_start(unsigned which, const struct bench_run *run);
int bench_beside_wait(unsigned which);
int bench_child_run(char *const argv[], const char *out, const char *err, struct bench_child *used);
/* A folder that is removed with all in it when the process ends. NULL after a line on stderr. */
const char *bench_dir_make(const char *under);
/* Name of a file in that folder; valid until the 8th next call. */
const char *bench_path(const char *name);
/* Removes a file or folder of that folder, with all in it. */
void bench_remove(const char *path);
bool bench_interrupted(void);

struct bench_spread {
    double min, median, max;
};
struct bench_spread bench_spread(const double *values, unsigned n);
json_t *bench_spread_json(struct bench_spread s);

/* bench_turns.c: one guest (pingpong) in several ways at the same time, compared round by round. */
struct bench_way {
    const char *name, *text;
    double least; /* the promise: so much of the first one's speed; 0 = none */
};
enum { BENCH_WORDS = 20, BENCH_ROUNDS_MAX = 100 };
struct bench_turns {
    const struct bench_way *ways; /* at most BENCH_RUNS */
    unsigned n, starts;           /* starts: how often starting alone is measured */
    const char *unit;             /* what 1.00 is */
    /* Its command line, NULL at its end; words stay theirs until the round is over. */
    void (*line)(unsigned way, char *append, char **words);
    /* What each needs beside it, if anything. 0, or -1 after a line. */
    int (*before)(unsigned way), (*after)(unsigned way);
};
int bench_turns_start(const struct bench_turns *t);
int bench_turns_round(const struct bench_turns *t, uint64_t n, unsigned round);
const double *bench_turns_ratios(unsigned way);
/* All of it, with a table and its rows for --json; the exit code. */
int bench_turns(const struct bench_turns *t, uint64_t n, unsigned rounds, json_t *rows);
/* A file's beginning as text. A line that says what failed, by the last line of its output; -1. */
void bench_text_read(const char *path, char *text, size_t max);
int bench_failed(const char *what, int status, const char *path);

/* bench_stock.c: Bochs as its authors made it, booting the same ELF with our boot ROM. */
int bench_stock_find(const char *given, char *out, size_t max);
/* Writes everything that one guest needs into the folder; `rc` names Bochs's configuration file,
 * `console` the file that the guest's serial port goes to. 0, or -1 after a line on stderr. */
int bench_stock_prepare(const char *kernel, const char *append, const char *rc,
                        const char *console);

/* What all simulators are told, so that they simulate the same machine. */
#define BENCH_CPU     "broadwell_ult"
#define BENCH_MEM_MIB 64

#endif
