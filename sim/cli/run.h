/* sim/cli/run.h -- what the parts of `flatfish run` share: the settings as parsed, and the parts'
 * doors. cmd_run.c calls, in this order: run_check, the outputs, the machine, console, input,
 * run_loop, run_report.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CLI_RUN_H
#define SIM_CLI_RUN_H

#include "sim/cli/options.h"
#include "sim/machine.h"

struct run_settings {
    const char *kernel, *initrd, *append, *cpu, *disk, *cdrom;
    const char *screenshot, *stop_at, *stats, *trace, *script, *log, *save, *resume, *input,
        *screen;
    const char *gdb, *gdb_at, *view;
    /* From `flatfish gdb`; 0 = not: a byte is written to the first when the debugger may come, the
     * console's output goes to the second instead of standard output. */
    int gdb_ready, console;
    bool pc, digest, quiet, raw, force, sandbox;
    bool live; /* --screen=live */
    bool nest; /* kernel, initrd and append come from one: */
    const char *nest_text;
    struct option_rest args;
    struct option_number mem, ips, max_instr, timeout, jitter, stall, trace_last, snapshots,
        sandbox_time, idle_probes;
    struct option_list input_at, keys, keys_at;
};

/* Why the command (not only the machine) ended the run; RUN_BY_MACHINE: enum sim_stop says. */
enum run_end {
    RUN_BY_MACHINE,
    RUN_BY_MAX_INSTR,
    RUN_BY_TIMEOUT,
    RUN_BY_STOP_AT,
    RUN_BY_SIGNAL, /* Ctrl-C, SIGTERM, SIGHUP */
    RUN_BY_ESCAPE, /* Ctrl-A x */
    RUN_BY_SCRIPT, /* it said so */
    RUN_BY_GDB,    /* the debugger ended it */
    RUN_BY_OUTPUT, /* standard output is gone */
    RUN_BY_FAILURE /* something of ours went wrong and was said already */
};

struct run_state {
    const struct run_settings *settings;
    enum sim_stop stop;
    enum run_end end;
    int signal;            /* RUN_BY_SIGNAL */
    uint64_t start_icount; /* not 0 after --resume */
    double seconds;        /* host time inside sim_run() */
    int script_code;       /* RUN_BY_SCRIPT */
    int mistake;           /* RUN_BY_FAILURE: EXIT_USAGE when it is the command line's, else 0 */
};

/* run_nest.c: fills in kernel, initrd and append for a nest, argv[0], and its arguments. 0 or an
 * exit code. */
int run_nest(struct run_settings *s, int argc, char **argv);

/* run_check.c: 0, or the exit code of a mistake in the options as a whole. */
int run_check(struct run_settings *s);
/* The same once the machine is there: what --resume brings along is known only then. */
int run_check_machine(const struct run_settings *s);

/* run_loop.c: from the first instruction to the last. run_limit() once the machine is there. Who
 * drives the machine in its place runs it to run_due() at most, calls run_at_due() there (-1: the
 * run is over) and asks run_outside() after a stop whether anybody else ended the run. */
void run_limit(const struct run_state *state);
void run_loop(struct run_state *state);
uint64_t run_due(void);
int run_at_due(void);
bool run_outside(void);

/* When nobody will see the account, none is kept, nor is known which space runs; a saved machine
 * takes its account along. */
static inline bool run_accounts(const struct run_settings *s)
{
    return !s->quiet || s->stats || s->save || s->script || s->gdb || s->stop_at || s->view;
}

/* run_place.c. Programs of a nest lie at the same addresses: a symbol counts where the image that
 * runs has it there, "pager:main" in the spaces that run the pager alone. An address counts
 * everywhere. */
struct run_place {
    char program[64];   /* "" = any */
    const char *symbol; /* in the text that was parsed; NULL = an address */
};
void run_place_parse(const char *text, struct run_place *place);
bool run_place_is(const struct run_place *place, gva pc); /* where the machine stands */
/* --stop-at and --idle-probes. 0 or an exit code. */
int run_place_plant(const struct run_settings *s);
bool run_place_reached(void);

/* run_output.c: the files of --stats, --screenshot, --save and --log. 0, or an exit code after a
 * line; but run_output_open() and run_save_at_due() 0 or -1. run_save_parse() leaves only the path
 * in s->save; run_save_due() is the count, `end` at most, at which run_save_at_due() must be
 * called.
 */
struct sim_digest;
int run_save_parse(struct run_settings *s);
int run_output_open(const struct run_settings *s);
void run_output_drop(void);
int run_save_check(void);
uint64_t run_save_due(uint64_t end);
int run_save_at_due(void);
int run_save_end(const struct run_state *state);
int run_log_end(const struct run_settings *s);
int run_screen_show(const struct run_settings *s);
int run_stats_write(const struct run_state *state, const struct sim_config *config,
                    const struct sim_digest *digest, int code);

/* run_screen.c: the PC's screen, drawn in the terminal. live_draw() writes to `put` what has
 * changed since the last call, everything when `all`; `keys` goes into the status line. */
typedef void live_put(const char *bytes, size_t n);
void live_draw(live_put *put, bool all, const char *keys);
extern const char live_enter[], live_leave[]; /* for the terminal, before and after */

/* run_keys.c: the keyboard. keys_parse() reads the TEXT of --keys: `out` holds strlen(text) *
 * SIM_CHORD_MAX movements. 0 or an exit code.
 * keys_typed() takes what the terminal sent, all of it; keys_poll(), called at every tick, hands it
 * to the guest; `still` = nothing came since the last time, so that a lone ESC is the key. It
 * returns false when some of it is no key that there is. */
int keys_parse(const char *option, const char *text, uint8_t *out, size_t *n);
enum { KEYS_TYPED_MAX = 4096 }; /* at once */
void keys_typed(const uint8_t *bytes, size_t n);
bool keys_poll(bool still);
bool keys_waiting(void); /* the guest has not been given all: do not read more */

/* run_console.c: the terminal, standard input and output, signals, --timeout.
 * console_signals() comes first of all: from there on a signal ends the run and not the process.
 * After console_open the terminal is given back on every way out of the process. */
void console_signals(void);
/* A live screen needs a terminal of our own, both ways. */
bool console_can_live(void);
int console_open(const struct run_settings *s);
void console_close(void);
void console_flush(void);
/* Called from the machine's host tick: takes what was typed. */
void console_poll(void);
/* What the user or the host did to end the run; RUN_BY_MACHINE = nothing. */
enum run_end console_ended(int *signal);
/* True when standard input is a plain file: then run_input.c feeds it at fixed counts. */
bool console_input_is_file(void);

/* run_input.c: input at fixed times of the machine, from --input-at, --keys and from files.
 * input_start() once the machine is there; input_tick() from the machine's host tick. */
int input_open(const struct run_settings *s);
int input_start(void);
int input_tick(void);
void input_close(void);

/* run_trace.c: --trace. run_trace_tick() now and then, so that a killed run's trace is complete but
 * for the last moment. All do nothing without --trace. */
int run_trace_open(const struct run_settings *s);
bool run_trace_broken(void);
void run_trace_tick(void);
int run_trace_close(void);

/* run_script.c: --script. run_script_find() makes a script's name its file; run_script_load() runs
 * the file, once the machine is there and everything else is ready: the script may drive the
 * machine already. Without --script they do nothing. */
struct script_config;
int run_script_find(struct run_settings *s); /* 0 or an exit code */
int run_script_open(const struct run_settings *s, const struct script_config *doors);
int run_script_load(const struct run_settings *s);
/* After a stop: does the script end the run? RUN_BY_MACHINE = no. */
enum run_end run_script_ended(struct run_state *state);
void run_script_close(struct run_state *state);

/* run_gdb.c: --gdb. run_gdb_start() once everything is ready: brings the machine to where the
 * debugger is to find it. run_gdb_serve() talks with it as long as it has the machine; true = the
 * machine runs by itself now. run_gdb_tick() from the host tick: true = it wants the machine. All
 * do nothing without --gdb. */
struct gdb_config;
int run_gdb_open(const struct run_settings *s, const struct gdb_config *doors);
int run_gdb_start(const struct run_settings *s);
bool run_gdb_wants(void);
bool run_gdb_serve(struct run_state *state);
void run_gdb_close(void);

/* run_view.c: --view. run_view_door() is the path of one that is joined later, NULL for another;
 * run_view_wants() from the host tick: true = the viewer wants the machine.
 * run_view_until() is how far it may run now; run_view_goes_on(), after every stop, does what the
 * viewer asks and says whether the machine is to run on, also when it stands at its `end`. All do
 * nothing without --view. */
const char *run_view_door(const char *view);
int run_view_open(const struct run_settings *s);
bool run_view_wants(void);
uint64_t run_view_until(uint64_t due);
bool run_view_goes_on(const struct run_state *state, bool end);
void run_view_close(void);

/* run_report.c: the exit code, the one line that says why, the summary, --stop-at's registers. */
const char *run_end_name(const struct run_state *state);
int run_exit_code(const struct run_state *state);
void run_report(const struct run_state *state);

#endif
