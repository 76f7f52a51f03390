/* sim/cli/bench_subject.h -- what `flatfish bench sim` compares: each subject, and running them.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CLI_BENCH_SUBJECT_H
#define SIM_CLI_BENCH_SUBJECT_H

#include <limits.h>

#include "sim/cli/bench.h"

enum { SUBJECTS = 7, CONSOLE_MAX = 4096 };

enum engine { STOCK, OURS, QEMU };

struct subject {
    const char *name, *text;
    enum engine engine;
    const char *extra[5]; /* OURS: options; "%T" = the trace folder */
    bool log_int;         /* QEMU: -d int to a file */
};
extern const struct subject subjects[SUBJECTS]; /* the first is stock Bochs */

struct subject_place { /* what they all run, and where the programs are */
    const char *guest; /* its name: its console's line begins with it */
    char kernel[PATH_MAX], stock[PATH_MAX + 80], self[PATH_MAX];
};

struct subject_work {
    const struct subject *subject;
    uint64_t n; /* how much the guest has to do */
};

/* Runs the guest once for each of `work`, in turns that begin with work[first]; used[] is in their
 * order, `console` is the last one's. 0, or -1 after a line on stderr. */
int subjects_run(const struct subject_place *place, const struct subject_work *work, unsigned count,
                 unsigned first, struct bench_child *used, char console[CONSOLE_MAX]);

#endif
