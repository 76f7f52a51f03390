/* sim/cli/cmd_script.c -- `flatfish script NAME` and `flatfish experiment NAME`: Lua programs that
 * make their own machines. NAME is one of the installed scripts, or a file. Everything after it
 * belongs to the script. An experiment is a script whose result is a table of rows.
 * SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdlib.h>

#include "sim/cli/command.h"
#include "sim/cli/distinct.h"
#include "sim/cli/outfile.h"
#include "sim/cli/script_find.h"
#include "sim/cli/script_run.h"

struct script_settings {
    struct option_rest args;
    struct option_number jobs;
    const char *csv;
    bool fresh;
};

/* ---- running one ---- */

/* Before hours of runs, not after: the file can be written, and is not the script. */
static int csv_check(const struct script_settings *s, const char *path)
{
    const struct distinct_file files[] = {{"FILE.lua", path, false}, {"--csv", s->csv, true}};
    struct outfile csv;
    int code = distinct_check("experiment", files, sizeof files / sizeof *files);

    if (code != 0 || !s->csv)
        return code;
    if (outfile_open(&csv, s->csv) != 0)
        return EXIT_FAILURE;
    outfile_drop(&csv);
    return 0;
}

static int run(const struct script_settings *s, const char *path)
{
    return script_run_file(path, &(struct script_job){.argc = s->args.argc,
                                                      .argv = s->args.argv,
                                                      .jobs = (unsigned)s->jobs.n,
                                                      .csv = s->csv,
                                                      .fresh = s->fresh});
}

static int script_run_named(const void *settings, int argc, char **argv, const char *command)
{
    char path[PATH_MAX];
    int code;

    if (argc == 0)
        return script_list();
    if (script_find(argv[0], path, sizeof path) != 0)
        return script_unknown(command, argv[0]);
    code = csv_check(settings, path);
    return code != 0 ? code : run(settings, path);
}

static int run_script(const void *settings, int argc, char **argv)
{
    return script_run_named(settings, argc, argv, "script");
}

static int run_experiment(const void *settings, int argc, char **argv)
{
    if (argc == 0)
        return cli_usage("experiment: which one? a file, or a name ('flatfish script' lists them)");
    return script_run_named(settings, argc, argv, "experiment");
}

#define AT(member) offsetof(struct script_settings, member)

static const struct option_row script_options[] = {
    {"", NULL, OPTION_REST, AT(args), 1, 0, NULL, ""},
    {.name = NULL},
};

static const struct option_row experiment_options[] = {
    {"j", "N", OPTION_NUMBER, AT(jobs), 1, 64, NULL,
     "Runs at the same time (as many as there are CPUs)."},
    {"csv", "FILE", OPTION_STRING, AT(csv), 0, 0, NULL, "Write the rows here."},
    {"fresh", NULL, OPTION_FLAG, AT(fresh), 0, 0, NULL,
     "Run everything again; do not use results of before."},
    {"", NULL, OPTION_REST, AT(args), 0, 0, NULL, ""},
    {.name = NULL},
};

const struct command cmd_script = {
    .name = "script",
    .brief = "run a Lua script that measures, prices or draws",
    .usage = "[NAME|FILE.lua [ARG...]]",
    .text = "Without a name: lists what there is. What follows NAME are the script's own\n"
            "words; 'flatfish script NAME --help' explains them. A script makes its machine\n"
            "itself; to run one beside a machine of yours: --script in 'flatfish help run'.\n",
    .options = script_options,
    .settings_size = sizeof(struct script_settings),
    .max_args = 1,
    .run = run_script,
};

const struct command cmd_experiment = {
    .name = "experiment",
    .brief = "run a sweep of machines in parallel and tabulate it",
    .usage = "NAME|FILE.lua [OPTION...] [-- ARG...]",
    .text = "Results are kept in the cache folder, by the contents of everything that\n"
            "decides them: what was done already is not run again, so a sweep that was\n"
            "interrupted goes on where it was. What follows -- are the script's own words.\n",
    .options = experiment_options,
    .settings_size = sizeof(struct script_settings),
    .max_args = 1,
    .run = run_experiment,
};
