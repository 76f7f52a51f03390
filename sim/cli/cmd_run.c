/* sim/cli/cmd_run.c -- `flatfish run`: builds the machine the options describe, runs it, reports.
 * Order matters: the command line is judged before anything is made, output files are opened before
 * the first instruction (a run must not be lost to a mistyped path), and everything written is
 * renamed into place only after the run ended and its numbers are known.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/run.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "sim/cli/command.h"
#include "sim/cli/distinct.h"
#include "sim/cli/outfile.h"
#include "sim/cli/paths.h"
#include "sim/core/stats.h"
#include "sim/event.h"
#include "sim/gdb/gdb.h"
#include "sim/lua/script.h"
#include "sim/probe.h"
#include "sim/screen.h"
#include "sim/snap.h"
#include "sim/sym.h"

enum { MEM_DEFAULT = 256, SNAPSHOT_MIB = 1024, NO_ICOUNT_LIMIT = 0 };

static struct {
    struct run_state state;
    struct sim_config config;
    struct outfile stats, screenshot, save;
    char *save_path;  /* without @ICOUNT */
    uint64_t save_at; /* UINT64_MAX = at the end */
    bool saved;
    bool broken;    /* the host tick met a failure and said so */
    bool at_stop;   /* the --stop-at probe was hit */
    uint64_t limit; /* the count of --max-instr */
} run;

/* ---- the command line ---- */

static int check_boot(const struct run_settings *s)
{
    if (s->resume && (s->kernel || s->pc))
        return cli_usage("run: --resume brings its machine along: leave out --kernel and --pc");
    if (s->resume && (s->mem.given || s->cpu || s->ips.given || s->jitter.given))
        return cli_usage("run: --resume goes on with the machine as it was saved: "
                         "leave out --mem, --cpu, --ips and --jitter");
    if (s->kernel && s->pc)
        return cli_usage("run: --kernel and --pc are two ways to boot: choose one");
    if (!s->kernel && !s->pc && !s->resume)
        return cli_usage("run: what shall run? A nest such as null/hello, --kernel FILE, --pc or "
                         "--resume FILE");
    if ((s->initrd || s->append) && !s->kernel)
        return cli_usage("run: --initrd and --append go with --kernel");
    if ((s->disk || s->cdrom) && !s->pc)
        return cli_usage("run: --disk and --cdrom go with --pc");
    if (s->pc && !s->disk && !s->cdrom)
        return cli_usage("run: --pc needs something to boot: --disk IMAGE or --cdrom ISO");
    if ((s->screen || s->screenshot) && !s->pc && !s->resume)
        return cli_usage("run: only a --pc machine has a screen: "
                         "leave out --screen and --screenshot");
    if ((s->keys.count || s->keys_at.count) && !s->pc && !s->resume)
        return cli_usage("run: only a --pc machine has a keyboard: leave out --keys and --keys-at, "
                         "or type by --input-at");
    return 0;
}

static int check_screen(struct run_settings *s)
{
    s->live = s->screen && strcmp(s->screen, "live") == 0;
    if (s->screen && !s->live && strcmp(s->screen, "end") != 0)
        return cli_usage("run: --screen=%.30s: it is 'end' or 'live'", s->screen);
    if (s->live && !console_can_live())
        return cli_usage("run: --screen=live needs a terminal, for input and output: "
                         "use --screen or --screenshot here");
    return 0;
}

static int check_rest(const struct run_settings *s)
{
    if (s->sandbox && !s->script)
        return cli_usage("run: --sandbox is for a script: give --script FILE");
    if (s->sandbox_time.given && !s->sandbox)
        return cli_usage("run: --sandbox-time is the sandbox's: give --sandbox, too");
    if (s->args.argc && !s->script && !s->nest)
        return cli_usage("run: what follows -- is for a nest or a script: give one");
    if (s->script && access(s->script, R_OK) != 0)
        return cli_failure("--script %s: %s", s->script, strerror(errno));
    if (s->trace_last.given && !s->trace)
        return cli_usage("run: --trace-last needs --trace DIR to write to");
    if (s->gdb_at && !s->gdb)
        return cli_usage("run: --gdb-at is for --gdb: give that, too");
    if (s->force && !s->trace)
        return cli_usage("run: --force is for --trace DIR: other files are replaced anyway");
    return 0;
}

/* FILE or FILE@COUNT. */
static int save_parse(const char *text)
{
    const char *at = strrchr(text, '@');

    run.save_at = UINT64_MAX;
    if (at && !option_number_parse(at + 1, &run.save_at))
        return cli_usage("run: --save: '%.60s' is not an instruction count", at + 1);
    run.save_path = strndup(text, at ? (size_t)(at - text) : strlen(text));
    if (!run.save_path)
        return cli_failure("out of memory");
    if (!*run.save_path)
        return cli_usage("run: --save: the file name is empty");
    return 0;
}

/* What a trace in this folder is written to; NULL without one. */
static const char *in_trace(const char *dir, const char *name)
{
    static char paths[2][PATH_MAX + 16];
    static unsigned turn;
    char *path = paths[turn++ % 2];

    if (!dir)
        return NULL;
    snprintf(path, sizeof *paths, "%s/%s", dir, name);
    return path;
}

static int check_files(const struct run_settings *s)
{
    const struct distinct_file files[] = {
        {"--kernel", s->kernel, false},
        {"--initrd", s->initrd, false},
        {"--disk", s->disk, false},
        {"--cdrom", s->cdrom, false},
        {"--resume", s->resume, false},
        {"--script", s->script, false},
        {"--input", s->input, false},
        {"--stats", s->stats, true},
        {"--save", run.save_path, true},
        {"--screenshot", s->screenshot, true},
        {"--log", s->log, true},
        {"--trace", s->trace, true},
        {"--trace", in_trace(s->trace, "events"), true},
        {"--trace", in_trace(s->trace, "metadata"), true},
    };

    return distinct_check("run", files, sizeof files / sizeof *files);
}

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

static uint64_t script_due(void);
static int script_at_due(void);
static bool script_outside(void);

/* ---- before the first instruction ---- */

static int outputs_open(const struct run_settings *s)
{
    if (s->stats && outfile_open(&run.stats, s->stats) != 0)
        return -1;
    if (s->screenshot && outfile_open(&run.screenshot, s->screenshot) != 0)
        return -1;
    if (s->save && outfile_open(&run.save, run.save_path) != 0)
        return -1;
    outfile_release(&run.screenshot);
    outfile_release(&run.save);
    return 0;
}

static uint64_t limit(const struct run_settings *s)
{
    uint64_t end;

    if (!s->max_instr.given || __builtin_add_overflow(run.state.start_icount, s->max_instr.n, &end))
        return UINT64_MAX;
    return end;
}

static int machine_make(const struct run_settings *s)
{
    int made = s->resume ? sim_resume(s->resume, &run.config) : sim_create(&run.config);

    if (made != 0)
        return sim_mistaken() ? cli_usage("run: %s", sim_error()) : cli_failure("%s", sim_error());
    run.state.start_icount = sim_icount();
    if (s->save && run.save_at < sim_icount())
        return cli_usage("run: --save: the saved machine goes on at instruction %" PRIu64
                         ", behind %" PRIu64 ": give a later count",
                         sim_icount(), run.save_at);
    run.limit = limit(s);
    /* When nobody will see the account, none is kept; a saved machine takes its account along. */
    sim_account(!s->quiet || s->stats || s->save || s->script || s->gdb);
    if (s->initrd && (s->script || s->stop_at || s->gdb))
        sim_sym_add_archive(s->initrd); /* programs without symbols run all the same */
    if (s->stall.given)
        sim_stall(s->stall.n);
    return 0;
}

static void stop_at_hit(void *ctx, int probe, gva pc)
{
    (void)ctx, (void)probe, (void)pc;
    run.at_stop = true;
    sim_stop_request();
}

static int stop_at_plant(const char *text)
{
    gva at;

    if (sim_sym_address(text, &at) != 0)
        return cli_usage("run: --stop-at: %s", sim_error());
    if (sim_probe_virt(SIM_CR3_ANY, at, stop_at_hit, NULL) < 0)
        return cli_failure("--stop-at: %s", sim_error());
    return 0;
}

/* A probe that is hit is taken out: those that stay are never hit. */
static void idle_hit(void *ctx, int probe, gva pc)
{
    (void)ctx, (void)pc;
    sim_probe_remove(probe);
}

/* Half by physical, half by virtual address, over the first pages of a directly booted kernel:
 * among the code that runs, where they would cost most. */
static int idle_plant(uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        uint64_t at = 0x100000 + i * 61;
        int probe = i % 2 ? sim_probe_phys(at, idle_hit, NULL)
                          : sim_probe_virt(SIM_CR3_ANY, at, idle_hit, NULL);
        if (probe < 0)
            return cli_failure("--idle-probes: %s", sim_error());
    }
    return 0;
}

static int tools_attach(const struct run_settings *s)
{
    const struct script_config doors = {
        .due = script_due, .at_due = script_at_due, .ended = script_outside};
    const struct gdb_config debugger = {
        .run = script_run, .due = script_due, .at_due = script_at_due, .ended = script_outside};
    int code;

    if (s->digest && sim_digest_start() != 0)
        return cli_failure("--digest: %s", sim_error());
    if (s->snapshots.given &&
        sim_snapshot_schedule((unsigned)s->snapshots.n, (uint64_t)SNAPSHOT_MIB << 20) != 0)
        return cli_failure("--snapshots: %s", sim_error());
    if ((code = idle_plant(s->idle_probes.n)) != 0 || (code = run_script_open(s, &doors)) != 0)
        return code;
    if (s->stop_at && (code = stop_at_plant(s->stop_at)) != 0)
        return code;
    if ((code = run_gdb_open(s, &debugger)) != 0)
        return code;
    return run_trace_open(s);
}

/* ---- the run ---- */

static int save_now(void)
{
    run.saved = true; /* tried once: a failure has been said, and is not said again */
    if (sim_save(run.save.temp) != 0)
        return outfile_failure(&run.save, "--save", sim_error());
    return outfile_commit(&run.save) == 0 ? 0 : EXIT_FAILURE;
}

static void tick(void *ctx)
{
    int signal;

    (void)ctx;
    console_poll();
    run_trace_tick();
    run.broken = run.broken || input_tick() != 0;
    if (run.broken || console_ended(&signal) != RUN_BY_MACHINE || run_gdb_wants())
        sim_stop_request();
}

/* --save FILE@COUNT is due at some instruction; everything else runs to the end. */
static uint64_t next_due(uint64_t end)
{
    bool saving = run.save.temp && !run.saved;

    return saving && run.save_at < end ? run.save_at : end;
}

static int due_now(void)
{
    bool saving = run.save.temp && !run.saved;

    return saving && run.save_at <= sim_icount() && save_now() != 0 ? -1 : 0;
}

static double host_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Why a stop that the machine did not choose came; the order settles ties. */
static enum run_end ended_by(uint64_t end)
{
    enum run_end by = console_ended(&run.state.signal);

    enum run_end script = run_script_ended(&run.state);

    if (run.broken || run_trace_broken() || script == RUN_BY_FAILURE)
        return RUN_BY_FAILURE;
    if (run.at_stop)
        return RUN_BY_STOP_AT;
    if (script != RUN_BY_MACHINE)
        return script;
    if (by == RUN_BY_MACHINE && run.state.stop == SIM_STOP_ICOUNT && sim_icount() >= end)
        return RUN_BY_MAX_INSTR;
    return by;
}

/* What a script that drives the machine itself must respect. */
static uint64_t script_due(void)
{
    return next_due(run.limit);
}

static int script_at_due(void)
{
    run.broken = run.broken || due_now() != 0;
    return run.broken || sim_icount() >= run.limit ? -1 : 0;
}

static bool script_outside(void)
{
    int signal;

    return run.broken || run.at_stop || run_trace_broken() ||
           console_ended(&signal) != RUN_BY_MACHINE;
}

static bool goes_on(void)
{
    struct run_state *state = &run.state;

    if (state->stop != SIM_STOP_ICOUNT && state->stop != SIM_STOP_REQUEST) {
        if (run_script_ended(state) == RUN_BY_FAILURE)
            state->end = RUN_BY_FAILURE;
        return false;
    }
    state->end = ended_by(run.limit);
    return state->end == RUN_BY_MACHINE;
}

static void loop(void)
{
    struct run_state *state = &run.state;

    do {
        if (due_now() != 0) {
            state->end = RUN_BY_FAILURE;
            break;
        }
        if (sim_icount() >= run.limit) {
            state->end = RUN_BY_MAX_INSTR;
            break;
        }
        state->stop = script_run(next_due(run.limit));
    } while (goes_on() && (!run_gdb_wants() || run_gdb_serve(state)));
}

/* The script first: it may leave nothing to do. */
static int run_machine(const struct run_settings *s)
{
    struct run_state *state = &run.state;
    double start = host_now();
    int code = run_script_load(s);

    state->stop = s->script && script_last() != SIM_STOP_NONE ? script_last() : SIM_STOP_REQUEST;
    if (code == 0)
        code = run_gdb_start(s);
    if (code != 0)
        state->end = RUN_BY_FAILURE;
    else if (goes_on() && run_gdb_serve(state) && goes_on())
        loop();
    if (s->gdb && state->end == RUN_BY_MACHINE)
        goes_on(); /* why it stands, when the debugger held it to the end */
    state->seconds = host_now() - start;
    return code;
}

/* ---- after the last instruction ---- */

static int stats_make(const struct sim_digest *digest, int code)
{
    const struct run_settings *s = run.state.settings;
    const struct stats_run facts = {
        .config = &run.config,
        .command_version = PACKAGE_VERSION,
        .stop = run_end_name(&run.state),
        .stop_text = sim_stop_text(),
        .exit_status = code,
        .start_icount = run.state.start_icount,
        .seconds = run.state.seconds,
        .digest = digest,
        .trace_dir = s->trace,
    };

    if (!s->quiet && stats_text(stderr, &facts) != 0)
        return cli_failure("%s", sim_error());
    if (!s->stats)
        return 0;
    if (stats_json(run.stats.to, &facts) != 0 && !ferror(run.stats.to))
        return cli_failure("--stats: %s", sim_error());
    return outfile_commit(&run.stats) == 0 ? 0 : EXIT_FAILURE;
}

/* The PC's screen, as text on standard output and as a picture. */
static int screen_show(const struct run_settings *s)
{
    static char text[65536];

    if (s->screen && sim_screen_text(text, sizeof text))
        printf("%s", text);
    if (!s->screenshot)
        return 0;
    if (sim_screen_png(run.screenshot.temp) != 0)
        return outfile_failure(&run.screenshot, "--screenshot", sim_error());
    return outfile_commit(&run.screenshot) == 0 ? 0 : EXIT_FAILURE;
}

/* A run that ended well but before --save's count has not done what it was asked to. */
static int save_missed(void)
{
    const struct run_state *state = &run.state;

    cli_say("--save: the run ended at instruction %" PRIu64 ", before %" PRIu64
            ": nothing saved; give a count that it reaches",
            sim_icount(), run.save_at);
    return state->end == RUN_BY_STOP_AT || state->end == RUN_BY_SCRIPT ||
                   (state->end == RUN_BY_MACHINE && state->stop == SIM_STOP_EXIT)
               ? EXIT_FAILURE
               : 0;
}

static int finish(const struct run_settings *s)
{
    struct sim_digest digest;
    int code = run_exit_code(&run.state), failed = 0;

    failed = run_trace_close();
    if (s->digest)
        sim_digest_take(&digest);
    run_report(&run.state);
    failed |= screen_show(s);
    if (run.save.temp && !run.saved && run.save_at == UINT64_MAX)
        failed |= save_now();
    else if (run.save.temp && !run.saved)
        failed |= save_missed();
    if (sim_log_flush() != 0)
        failed = cli_failure("--log %s: %s", s->log, sim_error());
    if (stats_make(s->digest ? &digest : NULL, failed ? EXIT_FAILURE : code) != 0)
        failed = EXIT_FAILURE;
    if (s->digest)
        printf("digest: %s\n", digest.whole);
    return failed ? EXIT_FAILURE : code;
}

static int run_all(const struct run_settings *s)
{
    int code;

    if ((code = input_open(s)) != 0 || outputs_open(s) != 0)
        return code ? code : EXIT_FAILURE;
    if ((code = machine_make(s)) != 0 || (code = tools_attach(s)) != 0)
        return code;
    if ((code = input_start()) != 0 || (code = console_open(s)) != 0)
        return code;
    sim_host_tick(tick, NULL);
    run_machine(s);
    run_gdb_close();
    run_script_close(&run.state);
    console_close();
    if (console_ended(&run.state.signal) == RUN_BY_OUTPUT)
        run.state.end = RUN_BY_OUTPUT; /* what the guest said last is lost: no success */
    return finish(s);
}

static void release(void)
{
    run_gdb_close();
    run_trace_close();
    input_close();
    sim_destroy();
    outfile_drop(&run.stats);
    outfile_drop(&run.screenshot);
    outfile_drop(&run.save);
    free(run.save_path);
    run.save_path = NULL;
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
    int code;

    s = *(const struct run_settings *)settings;
    run.state.settings = &s;
    s.nest = argc > 0;
    if (argc && (code = run_nest(&s, argc, argv)) != 0)
        return code;
    if ((code = check_boot(&s)) != 0 || (code = check_screen(&s)) != 0 ||
        (code = check_rest(&s)) != 0)
        return code;
    if ((s.save && (code = save_parse(s.save)) != 0) || (code = check_files(&s)) != 0)
        return code;
    console_signals();
    config_fill(&s, &run.config);
    run.limit = UINT64_MAX;
    code = run_all(&s);
    if (code != 0 && run.state.end == RUN_BY_MACHINE && run.state.stop == SIM_STOP_NONE)
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
