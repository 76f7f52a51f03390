/* sim/core/stats.h -- what a run did, as numbers: a short text and a JSON file (docs/stats.md).
 * Everything is read from the machine as it stands; only `seconds` comes from the host.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CORE_STATS_H
#define SIM_CORE_STATS_H

#include <stdio.h>

#include "sim/core/digest.h"
#include "sim/event.h"
#include "sim/machine.h"

#define STATS_VERSION 1

struct stats_run { /* what the machine does not know about its run */
    const struct sim_config *config;
    const char *command_version;
    const char *stop;      /* why it ended, a word of docs/stats.md */
    const char *stop_text; /* in words, NULL = nothing to add */
    int exit_status;       /* of the command */
    uint64_t start_icount;
    double seconds;                  /* host time inside the machine */
    const struct sim_digest *digest; /* NULL = not asked for */
    const char *trace_dir;           /* NULL = none written */
};

/* Returns 0, or -1 with sim_error(). Writing errors are left in `to` (ferror). */
int stats_json(FILE *to, const struct stats_run *run);
/* The summary for people: instructions, speed, crossings, the account of each space. */
int stats_text(FILE *to, const struct stats_run *run);

const char *stats_kind_name(enum trace_kind kind); /* "syscall"; NULL = no such kind */

#endif
