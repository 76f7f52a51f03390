/* sim/cli/distinct.h -- no output file of a command takes the place of one of its other files.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CLI_DISTINCT_H
#define SIM_CLI_DISTINCT_H

#include <stdbool.h>

struct distinct_file {
    const char *option, *path; /* path NULL = not given */
    bool written;
};

/* 0, or the exit code after a line that begins with `command`. */
int distinct_check(const char *command, const struct distinct_file *files, unsigned n);

#endif
