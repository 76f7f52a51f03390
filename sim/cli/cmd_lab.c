/* sim/cli/cmd_lab.c -- `flatfish lab`: what a student needs of the course. The work is in
 * labs/lab.lua. SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "sim/cli/command.h"
#include "sim/cli/lab_run.h"

struct lab_settings {
    const char *only;
    struct option_number jobs, least;
    bool fresh;
};

static int run_lab(const void *settings, int argc, char **argv)
{
    const struct lab_settings *s = settings;
    char least[32];
    const struct lab_word words[] = {
        {"only", s->only}, {"min", s->least.given ? least : NULL}, {NULL, NULL}};

    snprintf(least, sizeof least, "%" PRIu64, s->least.n);
    if (argc == 0)
        return cli_usage("lab: list, start, check, build or submit? (see 'flatfish help lab')");
    return lab_run("lab.lua", words, argc, argv,
                   (struct script_job){.jobs = (unsigned)s->jobs.n, .fresh = s->fresh});
}

#define AT(member) offsetof(struct lab_settings, member)

static const struct option_row lab_options[] = {
    {"only", "NAME", OPTION_STRING, AT(only), 0, 0, NULL, "check: this property alone."},
    {"min", "POINTS", OPTION_NUMBER, AT(least), 0, 100, NULL,
     "check: exit code 1 when there are fewer points."},
    {"j", "N", OPTION_NUMBER, AT(jobs), 1, 64, NULL,
     "check: machines at the same time (as many as there are CPUs)."},
    {"fresh", NULL, OPTION_FLAG, AT(fresh), 0, 0, NULL,
     "check: do everything again; do not use results of before."},
    {.name = NULL},
};

const struct command cmd_lab = {
    .name = "lab",
    .brief = "take a lab of the course: start it, check it, hand it in",
    .usage = "list | start LAB [FOLDER] | check|build|submit [LAB|FOLDER]",
    .text = "  list    the labs, and how long each takes\n"
            "  start   makes FOLDER (labLAB) with the handout and the files to begin with\n"
            "  check   builds what is there and shows the points of each property\n"
            "  build   builds it as the grader does, and leaves the programs in FOLDER/build\n"
            "  submit  packs what will be graded into one file, FOLDER/FOLDER.tar.gz\n\n"
            "LAB is a number or a name; its folder is this one if that is the lab's, or labLAB.\n"
            "What a check runs, runs in the simulated machine.\n",
    .options = lab_options,
    .settings_size = sizeof(struct lab_settings),
    .max_args = 3,
    .run = run_lab,
};
