/* sim/cli/script_find.h -- scripts by name. A word without folder and ending is an installed
 * script's; anything else is a file that ends in .lua. SPDX-License-Identifier: MIT */
#ifndef SIM_CLI_SCRIPT_FIND_H
#define SIM_CLI_SCRIPT_FIND_H

#include <stddef.h>

/* Prints the installed ones with their first lines; an exit code. */
int script_list(void);

/* The file that `name` means: 0, or -1 when there is none that can be read. */
int script_find(const char *name, char *path, size_t max);

/* Says that there is no such script, and which name is near; EXIT_USAGE. */
int script_unknown(const char *command, const char *name);

#endif
