/* sim/cli/script_run.h -- one Lua program that makes its own machines, from beginning to end.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CLI_SCRIPT_RUN_H
#define SIM_CLI_SCRIPT_RUN_H

#include <stdbool.h>

struct script_job {
    int argc; /* its own words */
    char **argv;
    unsigned jobs; /* processes at a time; 0 = as many as there are CPUs */
    const char *csv;
    bool fresh; /* results of before do not count */
};

/* The exit code; what went wrong has been said. */
int script_run_file(const char *path, const struct script_job *job);

#endif
