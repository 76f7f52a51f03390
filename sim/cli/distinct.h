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

/* The same for a folder of a command's own: no file of the list is written into it. */
int distinct_folder(const char *command, const char *option, const char *folder,
                    const struct distinct_file *files, unsigned n);

#endif
