/* sim/cli/lab_run.h -- the course's two commands are Lua programs in labs/: how they get their
 * words. SPDX-License-Identifier: MIT */
#ifndef SIM_CLI_LAB_RUN_H
#define SIM_CLI_LAB_RUN_H

#include "sim/cli/script_run.h"

struct lab_word {
    const char *name, *value; /* becomes name=value; a NULL value is left out */
};

/* Runs labs/SCRIPT with the given words first (up to one without a name), then the positional ones.
 * Returns the exit code. */
int lab_run(const char *script, const struct lab_word *first, int argc, char **argv,
            struct script_job job);

#endif
