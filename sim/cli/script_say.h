/* sim/cli/script_say.h -- what commands that run scripts share. script_say(): what went wrong in a
 * script, on stderr; returns EXIT_FAILURE. script_nest(): for struct script_config.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CLI_SCRIPT_SAY_H
#define SIM_CLI_SCRIPT_SAY_H

#include "sim/machine.h"

int script_say(void);
int script_nest(const char *text, struct sim_config *to);

#endif
