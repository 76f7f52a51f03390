/* gui/open.c -- opening, with a progress bar when it takes longer than a moment.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gui/open.h"

enum { BAR = 40 };

struct progress {
    double start, said;
    bool shown;
};

double open_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void tell(void *ctx, double part)
{
    struct progress *p = ctx;
    double now = open_now();
    char bar[BAR + 1];

    if (now - p->start < 0.5 || now - p->said < 0.1)
        return;
    p->said = now;
    p->shown = true;
    for (int i = 0; i < BAR; i++)
        bar[i] = i < part * BAR ? '#' : '.';
    bar[BAR] = 0;
    fprintf(stderr, "\rflatfish: view: index [%s] %3.0f %%", bar, part * 100);
}

struct model *open_trace(const char *dir, char *err, size_t max)
{
    struct progress p = {.start = open_now()};
    struct model *m = model_open(dir, isatty(STDERR_FILENO) ? tell : NULL, &p, err, max);

    if (p.shown)
        fprintf(stderr, "\r%*s\r", BAR + 32, "");
    if (m && !index_kept(m->index))
        fprintf(stderr,
                "flatfish: view: the index cannot be kept in %.300s: it is built again "
                "next time\n",
                dir);
    return m;
}
