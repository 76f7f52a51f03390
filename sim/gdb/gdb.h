/* sim/gdb/gdb.h -- a debugger for the machine: what a command does to be one.
 *
 * gdb_open() listens. While the machine stands, gdb_serve() talks with the client and runs the
 * machine for it; it returns when the machine is nobody's any more. While the machine runs by
 * itself, gdb_poll() from the host tick says when somebody wants it back.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_GDB_GDB_H
#define SIM_GDB_GDB_H

#include <stdbool.h>

#include "sim/machine.h"

struct gdb_config {
    /* Runs the machine, as sim_run(); NULL = sim_run itself. */
    enum sim_stop (*run)(uint64_t until);
    /* The next count at which the command has something to do, and the doing of it: -1 = the run is
     * over. NULL = nothing. */
    uint64_t (*due)(void);
    int (*at_due)(void);
    /* The user, a time limit or a failure ends the run. NULL = never. */
    bool (*ended)(void);
    bool owned; /* the machine is the client's: when that goes, it is to end */
    /* One line for the user of the command: who came, who went. NULL = silence. */
    void (*say)(const char *line);
};

enum gdb_end {
    GDB_GOES_ON, /* the client let go: the machine runs by itself */
    GDB_KILLED,  /* the client ended the machine */
    GDB_OVER     /* the machine has ended and the client has seen it, or config.ended() */
};

/* `where`: a port on the loopback, 0 = any, or the path of a socket. 0, or -1 with sim_error(). */
int gdb_open(const char *where, const struct gdb_config *config);
const char *gdb_address(void); /* as a client types it */
/* Waits for a client if none is there, then serves it. */
enum gdb_end gdb_serve(void);
/* From the host tick: true = somebody wants the machine, stop and call gdb_serve(). */
bool gdb_poll(void);
/* Why the machine stood when gdb_serve() returned. */
enum sim_stop gdb_stopped(void);
void gdb_close(void);

#endif
