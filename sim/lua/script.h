/* sim/lua/script.h -- the Lua host, as the command line sees it: one script beside one machine.
 *
 * Order of calls: script_open, (the machine is made, by the caller or by the script itself),
 * script_load, script_run as often as wanted, script_end, script_close. Without a script,
 * script_run is sim_run. A script's mistake never ends the process: script_failed() and
 * script_message() say what it was, in one or more lines that name script, line and what the
 * machine was doing. SPDX-License-Identifier: MIT */
#ifndef SIM_LUA_SCRIPT_H
#define SIM_LUA_SCRIPT_H

#include "sim/machine.h"

struct script_config {
    const char *lib;        /* folder of our own Lua files: lib/, cost/, NAME.lua */
    const char *data;       /* sim_config.data_dir of machines that a script makes */
    const char *subject;    /* what the machine runs, for titles; NULL = the script makes it */
    bool sandbox;           /* no files, no processes, limits on everything */
    uint64_t limit_steps;   /* Lua instructions of one call-back or sandboxed script; 0 = default */
    uint64_t limit_bytes;   /* memory of the script, 0 = default */
    unsigned limit_seconds; /* CPU time of a sandboxed script in all; 0 = default */
    unsigned jobs;          /* processes of an experiment, 0 = as many as there are CPUs */
    const char *csv;        /* where its rows go, NULL = nowhere */
    bool fresh;             /* its results of before do not count */
    /* Finds what is installed: kind "guest", "kernel" or "module", a name; 0 or -1. NULL = there
     * is nothing. */
    int (*find)(const char *kind, const char *name, char *out, size_t max);
    /* Kernel, initrd and command line of a nest into the configuration; 0, or -1 after a line on
     * stderr. NULL = there are no nests. */
    int (*nest)(const char *nest, struct sim_config *to);
    /* Next count at which the caller wants the machine to stand, and what it does there: -1 = the
     * run ends. NULL = none. */
    uint64_t (*due)(void);
    int (*at_due)(void);
    void (*stands)(void); /* the machine stands again: show what it said so far; NULL = nothing */
    bool (*ended)(void);  /* asked after a stop on request: did the user end the run? NULL = no */
};

int script_open(const struct script_config *config); /* 0, or -1 with script_message() */
void script_close(void);

/* The run reads this file (NULL: none): the script will write nothing in its place. */
void script_reads(const char *path);
/* Runs the file with these arguments (global `arg`). `name` is what messages call it. */
int script_load(const char *path, int argc, char **argv);
/* One line of an interactive session: values are printed. -1: script_message(); 1: the line is not
 * finished; 2: it was flatfish.quit(), script_stopped() has the code. */
int script_line(const char *text);
/* Names that could follow `text`, for completion: the n-th, or NULL. Valid until the next call. */
const char *script_complete(const char *text, unsigned n);

/* As sim_run(), with the script's timers; stops early when script or user want it. */
enum sim_stop script_run(uint64_t until);
bool script_running(void);       /* inside script_run(); a signal handler may ask */
enum sim_stop script_last(void); /* what the script's own runs ended with; NONE = it ran nothing */
bool script_failed(void);
bool script_stopped(int *code); /* by flatfish.stop(); *code is kept when it gave none */
const char *script_message(void);
/* The machine has ended: calls on("finish"). 0 or -1. */
int script_end(enum sim_stop why);

#endif
