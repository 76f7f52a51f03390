/* sim/cli/cmd_run.c -- `flatfish run`: builds the machine the options describe, runs it, reports.
 * Order matters: the command line is judged before anything is made (run_check.c), output files are
 * opened before the first instruction (run_output.c), and everything written is renamed into place
 * only after the run (run_loop.c) ended and its numbers are known.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "sim/cli/command.h"
#include "sim/cli/paths.h"
#include "sim/cli/run.h"
#include "sim/core/digest.h"
#include "sim/event.h"
#include "sim/gdb/gdb.h"
#include "sim/lua/script.h"
#include "sim/snap.h"
#include "sim/sym.h"

enum { MEM_DEFAULT = 256, SNAPSHOT_MIB = 1024 };

/* ---- before the first instruction ---- */

static void config_fill(const struct run_settings *s, struct sim_config *c)
{
    *c = (struct sim_config){
        .kernel = s->kernel,
        .initrd = s->initrd,
        .append = s->append,
        .pc = s->pc,
        .disk = s->disk,
        .cdrom = s->cdrom,
        .mem_mib = s->mem.given ? (unsigned)s->mem.n : MEM_DEFAULT,
        .cpu = s->cpu,
        .ips = s->ips.n,
        .jitter = s->jitter.given,
        .jitter_seed = s->jitter.n,
        .log_path = s->log,
        .data_dir = paths_data(),
    };
}

static int machine_make(struct run_state *state, const struct sim_config *config)
{
    const struct run_settings *s = state->settings;
    int code, made = s->resume ? sim_resume(s->resume, config) : sim_create(config);

    if (made != 0)
        return sim_mistaken() ? cli_usage("run: %s", sim_error()) : cli_failure("%s", sim_error());
    if ((code = run_check_machine(s)) != 0)
        return code;
    state->start_icount = sim_icount();
    run_limit(state);
    sim_account(run_accounts(s));
    if (s->initrd && (s->script || s->stop_at || s->gdb || s->view))
        sim_sym_add_archive(s->initrd); /* programs without symbols run all the same */
    if (s->stall.given)
        sim_stall(s->stall.n);
    return run_save_check();
}

static int tools_attach(const struct run_settings *s)
{
    const struct script_config doors = {.due = run_due, .at_due = run_at_due, .ended = run_outside};
    const struct gdb_config debugger = {
        .run = script_run, .due = run_due, .at_due = run_at_due, .ended = run_outside};
    int code;

    if (s->digest && sim_digest_start() != 0)
        return cli_failure("--digest: %s", sim_error());
    if (s->snapshots.given &&
        sim_snapshot_schedule((unsigned)s->snapshots.n, (uint64_t)SNAPSHOT_MIB << 20) != 0)
        return cli_failure("--snapshots: %s", sim_error());
    if ((code = run_script_open(s, &doors)) != 0 || (code = run_place_plant(s)) != 0)
        return code;
    if ((code = run_gdb_open(s, &debugger)) != 0 || (code = run_view_open(s)) != 0)
        return code;
    return run_trace_open(s);
}

/* ---- after the last instruction ---- */

static int finish(const struct run_state *state, const struct sim_config *config)
{
    const struct run_settings *s = state->settings;
    struct sim_digest digest;
    int code = run_exit_code(state), failed = 0;

    failed = run_trace_close();
    if (s->digest)
        sim_digest_take(&digest);
    run_report(state);
    failed |= run_screen_show(s);
    failed |= run_save_end(state);
    failed |= run_log_end(s);
    if (run_stats_write(state, config, s->digest ? &digest : NULL, failed ? EXIT_FAILURE : code) !=
        0)
        failed = EXIT_FAILURE;
    if (s->digest)
        printf("digest: %s\n", digest.whole);
    return failed ? EXIT_FAILURE : code;
}

static int run_all(struct run_state *state, const struct sim_config *config)
{
    const struct run_settings *s = state->settings;
    int code;

    if ((code = input_open(s)) != 0 || run_output_open(s) != 0)
        return code ? code : EXIT_FAILURE;
    if ((code = machine_make(state, config)) != 0 || (code = tools_attach(s)) != 0)
        return code;
    if ((code = input_start()) != 0 || (code = console_open(s)) != 0)
        return code;
    run_loop(state);
    run_gdb_close();
    run_view_close();
    run_script_close(state);
    console_close();
    if (console_ended(&state->signal) == RUN_BY_OUTPUT)
        state->end = RUN_BY_OUTPUT; /* what the guest said last is lost: no success */
    return finish(state, config);
}

static void release(void)
{
    run_gdb_close();
    run_view_close();
    run_trace_close();
    input_close();
    sim_destroy();
    run_output_drop();
}

/* What was being waited for when the signal came, a pipe that nobody opens, has been named already.
 */
static int stopped_early(int code)
{
    int signal;

    return console_ended(&signal) == RUN_BY_SIGNAL ? 128 + signal : code;
}

static int run_run(const void *settings, int argc, char **argv)
{
    static struct run_settings s;
    static struct run_state state;
    static struct sim_config config;
    int code;

    s = *(const struct run_settings *)settings;
    state.settings = &s;
    s.nest = argc > 0;
    if (argc && (code = run_nest(&s, argc, argv)) != 0)
        return code;
    if ((code = run_check(&s)) != 0)
        return code;
    console_signals();
    config_fill(&s, &config);
    code = run_all(&state, &config);
    if (code != 0 && state.end == RUN_BY_MACHINE && state.stop == SIM_STOP_NONE)
        code = stopped_early(code);
    release();
    return code;
}

#define AT(member) offsetof(struct run_settings, member)

static const struct option_row run_options[] = {
#include "sim/cli/run_options.def"
    {"stop-at", "PLACE", OPTION_STRING, AT(stop_at), 0, 0, NULL,
     "End before the instruction at a symbol, symbol+offset or address, and print registers."},
    {"raw", NULL, OPTION_FLAG, AT(raw), 0, 0, NULL,
     "Ctrl-C goes to the guest; Ctrl-A x ends the run."},
    {"", NULL, OPTION_REST, AT(args), 0, 0, NULL, ""},
    {"gdb", "PORT|PATH", OPTION_STRING, AT(gdb), 0, 0, "1234",
     "Wait for a debugger on this port of the loopback (1234), or on a socket of this path; "
     "'flatfish "
     "gdb' starts both."},
    {"view", "paused|listen:PATH|wait:PATH|PATH", OPTION_STRING, AT(view), 0, 0, "live",
     "See it live in a window: pause, step, go back; 'paused' waits before the first instruction. "
     "listen:PATH makes a socket at which 'flatfish view --attach PATH' may join the run, leave it "
     "and join again; wait:PATH waits for the first to join. PATH connects to a viewer that waits "
     "there (flatfish view --live)."},
    {"idle-probes", "N", OPTION_NUMBER, AT(idle_probes), 0, 65000, NULL,
     "Plant N probes that do nothing, to measure what they cost."},
    {"quiet", NULL, OPTION_FLAG, AT(quiet), 0, 0, NULL, "No summary; only what went wrong."},
    {.name = NULL},
};

const struct command cmd_run = {
    .name = "run",
    .brief = "run a nest, or any guest, in the simulator",
    .usage = "(NEST | --kernel FILE | --pc | --resume FILE) [OPTION...]",
    .text = "NEST is programs, outermost first, as in 'null*8/compute(n=1000)'; what comes\n"
            "after -- are arguments for the last ones (with --script: for the script).\n"
            "name(key=value,...) sets options, *N repeats, [a, b] runs two side by side;\n"
            "--initrd brings other programs.\n\n"
            "The console is standard input and output. Keys: Ctrl-C ends the run with its\n"
            "statistics, Ctrl-A x too, Ctrl-A a sends Ctrl-A.\n\n"
            "Exit code: the guest's own; 0 when --stop-at was reached; 124 when a limit\n"
            "(--max-instr, --timeout, --stall) ended the run; 128+N on signal N (130 is\n"
            "Ctrl-C); 2 for a mistake on the command line; 1 for any other failure, a triple\n"
            "fault included. --stats tells them apart from a guest's code.\n",
    .options = run_options,
    .settings_size = sizeof(struct run_settings),
    .signals = true,
    .max_args = 256,
    .run = run_run,
};
