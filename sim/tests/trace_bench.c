/* sim/tests/trace_bench.c -- what the trace costs a run: nanoseconds an event, best and median of
 * several rounds. Not a test: run it by hand, `trace_bench [DIR [MILLIONS]]`.
 * SPDX-License-Identifier: MIT */
#include <time.h>

#include "sim/tests/trace_make.h"

enum { BATCH = 1024, ROUNDS = 7 };

static struct trace_record own[BATCH], *batch = own;
static uint64_t icount;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* The cost of making the batch itself is measured alone and taken off. */
static void fill(void)
{
    for (unsigned i = 0; i < BATCH; i++)
        batch[i] = make_ordinary(&icount, i);
}

static double once(const char *dir, uint64_t last, size_t batches, bool with_close)
{
    struct trace_options o = {.dir = dir, .last = last, .force = true};
    struct trace_writer *w = dir ? trace_open(&o) : NULL;
    struct sim_sink sink = {.room = NULL};
    double start = now();

    if (w)
        sink = trace_sink(w);
    if (dir && !w) {
        fprintf(stderr, "%s\n", trace_error());
        exit(1);
    }
    for (size_t i = 0; i < batches; i++) {
        batch = sink.room ? sink.room(w) : own;
        fill();
        if (w)
            trace_take(w, batch, BATCH);
        else
            __asm__ volatile("" ::"r"(batch) : "memory");
    }
    if (!with_close)
        start -= now();
    if (w && trace_close(w))
        fprintf(stderr, "%s\n", trace_error());
    return with_close ? now() - start : -start;
}

static int by_size(const void *a, const void *b)
{
    return *(const double *)a < *(const double *)b ? -1 : *(const double *)a > *(const double *)b;
}

static double median(const char *what, const char *dir, uint64_t last, size_t n, bool with_close,
                     double base)
{
    double ns[ROUNDS];

    for (int i = 0; i < ROUNDS; i++)
        ns[i] = once(dir, last, n, with_close) * 1e9 / ((double)n * BATCH) - base;
    qsort(ns, ROUNDS, sizeof *ns, by_size);
    printf("%-28s min %6.2f  median %6.2f  max %6.2f ns an event\n", what, ns[0], ns[ROUNDS / 2],
           ns[ROUNDS - 1]);
    return ns[ROUNDS / 2];
}

static void read_back(const char *dir)
{
    char err[256];
    struct trace_reader *t = trace_read_open(dir, err, sizeof err);
    struct trace_record r;
    size_t n = 0;
    double start = now();

    while (t && trace_read_next(t, &r))
        n++;
    printf("%-28s %.2f ns an event, %.2f bytes an event\n", "read back", (now() - start) * 1e9 / n,
           (double)trace_facts(t)->bytes / n);
    trace_read_close(t);
}

int main(int argc, char **argv)
{
    size_t n = (argc > 2 ? strtoul(argv[2], NULL, 10) : 20) * 1000000 / BATCH;
    const char *dir = argc > 1 ? argv[1] : make_dir("bench");
    double base;

    printf("%zu events a round, %d rounds, batches of %d\n", n * BATCH, ROUNDS, BATCH);
    base = median("making the events", NULL, 0, n, false, 0);
    median("ring of 10 thousand", dir, 10000, n, false, base);
    median("ring of 1 million", dir, 1000000, n, false, base);
    median("disk, as the run feels it", dir, 0, n, false, base);
    median("disk, with the end", dir, 0, n, true, base);
    read_back(dir);
    if (argc < 2)
        make_dir("bench");
    make_end();
    return 0;
}
