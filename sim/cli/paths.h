/* sim/cli/paths.h -- where this command and its data are, installed or in a build folder.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CLI_PATHS_H
#define SIM_CLI_PATHS_H

#include <stddef.h>

/* The folder of ROMs and guests, for sim_config.data_dir: FLATFISH_DATA_DIR from the environment,
 * else the build folder that the running program lies in, else the installed one. Never NULL. */
const char *paths_data(void);

/* Full name of the running program. 0 or -1. */
int paths_self(char *out, size_t max);

#endif
