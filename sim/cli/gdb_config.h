/* sim/cli/gdb_config.h -- what another front end than the command line has to be told: `flatfish
 * gdb
 * --print-config`.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CLI_GDB_CONFIG_H
#define SIM_CLI_GDB_CONFIG_H

/* For "gdb" or "vscode", with the nest's words or none; an exit code. */
int gdb_config_print(const char *form, const char *debugger, const char *support, int argc,
                     char **argv);

#endif
