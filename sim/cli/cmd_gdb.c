/* sim/cli/cmd_gdb.c -- `flatfish gdb`: a machine that waits for a debugger, and stock GDB with the
 * `nest` commands connected to it. The options of the machine are those of `flatfish run`, which
 * also judges them; how the two processes live and die together is pair.c's.
 * SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/command.h"
#include "sim/cli/distinct.h"
#include "sim/cli/gdb_config.h"
#include "sim/cli/pair.h"
#include "sim/cli/paths.h"
#include "sim/cli/run.h"

enum { OLDEST = 13, ARGUMENTS = 16 };

struct gdb_settings {
    struct run_settings run;
    struct option_list ex;
    bool batch;
    const char *debugger, *console, *print_config;
    struct option_rest args;
};

struct job { /* of the machine's process */
    struct run_settings run;
    int argc;
    char **argv;
};

static int machine(void *ctx, int ready, int console)
{
    struct job *job = ctx;

    job->run.gdb_ready = ready;
    job->run.console = console;
    return cmd_run.run(&job->run, job->argc, job->argv);
}

/* ---- the debugger ---- */

/* One line, from the debugger itself, says whether it will do. */
static int debugger_check(const char *program)
{
    char *const argv[] = {(char *)(uintptr_t)program,
                          (char *)(uintptr_t) "-nx",
                          (char *)(uintptr_t) "-batch",
                          (char *)(uintptr_t) "-ex",
                          (char *)(uintptr_t) "python print('version', gdb.VERSION)",
                          NULL};
    char said[4096], *version;
    int code = pair_ask(argv, said, sizeof said);

    if (code == 127 || code < 0)
        return cli_failure("gdb: there is no '%.60s': install the Debian package gdb, or name "
                           "another with --debugger",
                           program);
    version = strstr(said, "version ");
    if (!version)
        return cli_failure("gdb: '%.60s' has no Python, which the nest commands are written in: "
                           "install the Debian package gdb (not gdb-minimal)",
                           program);
    version = strpbrk(version, "0123456789"); /* "Fedora Linux 13.1-3" happens, too */
    if (!version || atoi(version) < OLDEST)
        return cli_failure("gdb: '%.60s' is version %.12s: it must be %d or later", program,
                           version ? version : "?", OLDEST);
    return 0;
}

/* All but what follows `--` is ours; a list of words for execvp, never freed. */
static char **debugger_words(const struct gdb_settings *s, const char *socket, const char *support)
{
    static char connect[PATH_MAX + 64], source[PATH_MAX + 64];
    char **words = calloc(ARGUMENTS + 2 * s->ex.count + (size_t)s->args.argc, sizeof *words);
    const char *const first[] = {s->debugger, "-q", "-ex", source, "-ex", connect};
    size_t n = 0;

    if (!words)
        return NULL;
    snprintf(source, sizeof source, "source %s", support);
    snprintf(connect, sizeof connect, "target extended-remote %s", socket);
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        words[n++] = (char *)(uintptr_t)first[i];
    if (s->batch)
        words[n++] = (char *)(uintptr_t) "-batch";
    for (unsigned i = 0; i < s->ex.count; i++) {
        words[n++] = (char *)(uintptr_t) "-ex";
        words[n++] = (char *)(uintptr_t)s->ex.value[i];
    }
    for (int i = 0; i < s->args.argc; i++)
        words[n++] = s->args.argv[i];
    return words;
}

/* ---- the command ---- */

/* The machine judges its own files; the console's is opened here, before it is asked. */
static int console_check(const struct gdb_settings *s)
{
    const struct run_settings *r = &s->run;
    const struct distinct_file files[] = {
        {"--kernel", r->kernel, false}, {"--initrd", r->initrd, false},
        {"--disk", r->disk, false},     {"--cdrom", r->cdrom, false},
        {"--resume", r->resume, false}, {"--script", r->script, false},
        {"--input", r->input, false},   {"--stats", r->stats, true},
        {"--log", r->log, true},        {"--console", s->console, true},
    };

    return distinct_check("gdb", files, sizeof files / sizeof *files);
}

static int start(const struct gdb_settings *s, const char *support, int argc, char **argv)
{
    struct job job = {.run = s->run, .argc = argc, .argv = argv};
    struct pair pair = {.machine = machine, .ctx = &job, .console = s->console};

    job.run.gdb = pair_socket();
    job.run.quiet = true;
    if (!job.run.gdb)
        return EXIT_FAILURE;
    pair.debugger = debugger_words(s, job.run.gdb, support);
    return pair.debugger ? pair_run(&pair) : cli_failure("out of memory");
}

static int gdb_run(const void *settings, int argc, char **argv)
{
    struct gdb_settings s = *(const struct gdb_settings *)settings;
    char support[PATH_MAX];
    int code;

    s.debugger = s.debugger ? s.debugger : "gdb";
    if (paths_gdb(support, sizeof support) != 0)
        return cli_failure("gdb: nest.py is not there: build or install Flatfish again");
    if (s.print_config)
        return gdb_config_print(s.print_config, s.debugger, support, argc, argv);
    if ((code = console_check(&s)) != 0 || (code = debugger_check(s.debugger)) != 0)
        return code;
    return start(&s, support, argc, argv);
}

#define AT(member)  offsetof(struct gdb_settings, run.member)
#define OWN(member) offsetof(struct gdb_settings, member)

static const struct option_row gdb_options[] = {
    {"batch", NULL, OPTION_FLAG, OWN(batch), 0, 0, NULL,
     "GDB executes what it was told to, asks nothing, and ends."},
    {"ex", "COMMAND", OPTION_LIST, OWN(ex), 1, 0, NULL,
     "A GDB command to begin with, also written -ex; may be repeated."},
    {"debugger", "PROGRAM", OPTION_STRING, OWN(debugger), 0, 0, NULL,
     "Another GDB, 13 or later and with Python (gdb)."},
    {"console", "FILE", OPTION_STRING, OWN(console), 0, 0, NULL,
     "What the guest says on its console: to this file, or another terminal (standard error, each "
     "line marked [guest])."},
    {"print-config", "gdb|vscode", OPTION_STRING, OWN(print_config), 0, 0, "gdb",
     "Start nothing: print the lines for a .gdbinit, or a launch.json."},
    {"", NULL, OPTION_REST, OWN(args), 0, 0, NULL, ""},
#include "sim/cli/run_options.def"
    {.name = NULL},
};

const struct command cmd_gdb = {
    .name = "gdb",
    .brief = "debug a nest with GDB: all levels at once, forwards and backwards",
    .usage = "(NEST | --kernel FILE | --pc | --resume FILE) [OPTION...] [-- GDB-ARGUMENT...]",
    .text =
        "Starts the machine and GDB, which finds it where the innermost program is about\n"
        "to begin (--gdb-at says otherwise), each level with its own symbols. When GDB ends,\n"
        "the machine does. What follows -- is for GDB; the guest reads --input or --input-at.\n\n"
        "In GDB: 'help nest' lists the commands for nests; docs/gdb.md is a lesson.\n\n"
        "Exit code: GDB's; the machine's when it failed before GDB could begin.\n",
    .options = gdb_options,
    .settings_size = sizeof(struct gdb_settings),
    .signals = true,
    .max_args = 256,
    .run = gdb_run,
};
