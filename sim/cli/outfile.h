/* sim/cli/outfile.h -- an output file that is either whole or not there.
 * It is written under a temporary name in the same directory and renamed when whole. What is not
 * committed is removed, also when the process ends by exit() or a signal.
 * A path that names a device or a pipe is written directly.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CLI_OUTFILE_H
#define SIM_CLI_OUTFILE_H

#include <stdio.h>

struct outfile {
    const char *path; /* what the user asked for; owned by the caller */
    char *temp;       /* where it is written; NULL = not open */
    FILE *to;
};

/* Each returns 0, or -1 after one line on stderr. */
int outfile_open(struct outfile *f, const char *path);
int outfile_commit(struct outfile *f);

void outfile_drop(struct outfile *f);
/* Async-signal-safe: removes all that is not committed, before a handler ends the process. */
void outfile_abandon(void);

/* For writers that open a path by themselves: closes `to`, so that they write `temp`. */
void outfile_release(struct outfile *f);
/* Their message, after the option it belongs to, with the user's name in place of `temp`; returns
 * EXIT_FAILURE. */
int outfile_failure(const struct outfile *f, const char *option, const char *text);

#endif
