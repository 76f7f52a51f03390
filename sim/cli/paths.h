/* sim/cli/paths.h -- where this command and its data are, installed or in a build folder.
 * FLATFISH_DATA_DIR in the environment overrides both; it is laid out as installed.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CLI_PATHS_H
#define SIM_CLI_PATHS_H

#include <stddef.h>

/* The folder of the boot ROM, for sim_config.data_dir. Never NULL. */
const char *paths_data(void);

/* The installed guest program of this name ("hello"); 0, or -1 when it is not there. */
int paths_guest(const char *name, char *out, size_t max);

/* A file of the microkernel: "fk.elf", "bench.tar"; 0 or -1. */
int paths_kernel(const char *name, char *out, size_t max);

/* A cost model: "equal"; 0 or -1. */
int paths_cost(const char *name, char *out, size_t max);

/* The folder of the Lua scripts. Never NULL. */
const char *paths_scripts(void);

/* What GDB is to source: the `nest` commands; 0 or -1. */
int paths_gdb(char *out, size_t max);

/* A shared object that is loaded when it is needed: "canvas.so"; 0 or -1. */
int paths_module(const char *name, char *out, size_t max);

/* The program flatfish-view; 0 or -1. */
int paths_viewer(char *out, size_t max);

/* A file of the course, as it is named below labs/; 0 or -1. */
int paths_lab(const char *name, char *out, size_t max);

/* What a script asks for by kind ("guest", "kernel", "module", "lab", "sdk": what programs of the
 * guest are built with) and name; 0 or -1. */
int paths_find(const char *kind, const char *name, char *out, size_t max);

/* A program or script of the build's tools folder ("build-stock-bochs"); 0 or -1. */
int paths_tool(const char *name, char *out, size_t max);

/* Full name of the running program. 0 or -1. */
int paths_self(char *out, size_t max);

#endif
