/* sim/cli/cmd_grade.c -- `flatfish grade`: many submissions of a lab, by one command that a teacher
 * can trust. The work is in labs/grade.lua. SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "sim/cli/command.h"
#include "sim/cli/distinct.h"
#include "sim/cli/lab_run.h"

struct grade_settings {
    const char *csv, *json, *junit, *reports;
    struct option_number jobs, least;
    bool overlap, fresh;
};

enum { SUBMISSIONS = 100000 };

static int run_grade(const void *settings, int argc, char **argv)
{
    const struct grade_settings *s = settings;
    char least[32];
    const struct lab_word words[] = {{"csv", s->csv},
                                     {"json", s->json},
                                     {"junit", s->junit},
                                     {"reports", s->reports},
                                     {"min", s->least.given ? least : NULL},
                                     {"overlap", s->overlap ? "yes" : NULL},
                                     {NULL, NULL}};
    const struct distinct_file files[] = {
        {"--csv", s->csv, true}, {"--json", s->json, true}, {"--junit", s->junit, true}};
    int code = distinct_check("grade", files, sizeof files / sizeof *files);

    if (code != 0)
        return code;
    snprintf(least, sizeof least, "%" PRIu64, s->least.n);
    if (argc < 2)
        return cli_usage("grade: which lab, and whose? flatfish grade LAB SUBMISSION... (a folder "
                         "or a .tar.gz each)");
    return lab_run("grade.lua", words, argc, argv,
                   (struct script_job){.jobs = (unsigned)s->jobs.n, .fresh = s->fresh});
}

#define AT(member) offsetof(struct grade_settings, member)

static const struct option_row grade_options[] = {
    {"csv", "FILE", OPTION_STRING, AT(csv), 0, 0, NULL,
     "Points of each property and the sum, a line a submission, for a gradebook."},
    {"json", "FILE", OPTION_STRING, AT(json), 0, 0, NULL, "All results, with reasons."},
    {"junit", "FILE", OPTION_STRING, AT(junit), 0, 0, NULL,
     "The same as JUnit XML, for a CI server."},
    {"reports", "FOLDER", OPTION_STRING, AT(reports), 0, 0, NULL,
     "A page for each student, with a picture of each failed run's last crossings."},
    {"overlap", NULL, OPTION_FLAG, AT(overlap), 0, 0, NULL,
     "Also say which submissions share much of their text."},
    {"min", "POINTS", OPTION_NUMBER, AT(least), 0, 100, NULL,
     "Exit code 1 when a submission has fewer points."},
    {"j", "N", OPTION_NUMBER, AT(jobs), 1, 64, NULL,
     "Machines at the same time (as many as there are CPUs)."},
    {"fresh", NULL, OPTION_FLAG, AT(fresh), 0, 0, NULL,
     "Do everything again; do not use results of before."},
    {.name = NULL},
};

const struct command cmd_grade = {
    .name = "grade",
    .brief = "grade submissions of a lab: same submission, same points, always",
    .usage = "LAB SUBMISSION... [OPTION...]",
    .text = "A SUBMISSION is a folder or what 'flatfish lab submit' made; its name is the\n"
            "student's. Programs are built by our own rules and run in the simulated machine\n"
            "only, scripts in the sandbox only, with fixed budgets of instructions and memory.\n"
            "Results are kept in the cache folder: a run that was interrupted goes on.\n",
    .options = grade_options,
    .settings_size = sizeof(struct grade_settings),
    .max_args = SUBMISSIONS,
    .run = run_grade,
};
