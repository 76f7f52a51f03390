/* Property: a ring of N holds exactly the last N events at the end, and memory in proportion to N,
 * however many events pass; before the end nothing that looks like a trace of the run is there.
 * SPDX-License-Identifier: MIT */
#include <sys/resource.h>

#include "sim/tests/trace_make.h"

enum { N = 300000 };
static struct trace_record all[N];

/* As the machine does it: into the sink's own memory, where it has some, or else from elsewhere. */
static void deliver(struct trace_writer *w, const struct trace_record *r, size_t n)
{
    struct sim_sink sink = trace_sink(w);

    while (n) {
        struct trace_record *to = make_random() % 4 ? sink.room(sink.ctx) : NULL;
        size_t part = 1 + make_random() % (to ? SIM_BATCH : 3 * SIM_BATCH);
        part = part < n ? part : n;
        if (make_random() % 8 == 0)
            sink.room(sink.ctx); /* asked for, not used */
        if (to)
            memcpy(to, r, part * sizeof *r);
        sink.take(sink.ctx, to ? to : r, part);
        r += part;
        n -= part;
    }
}

static void ring(uint64_t last, size_t n, uint32_t packet)
{
    const char *dir = make_dir("ring");
    struct trace_options o = {.dir = dir, .last = last, .packet = packet, .lookup = make_lookup};
    struct trace_writer *w = trace_open(&o);
    size_t kept = last < n ? last : n;
    char damage[256];
    struct trace_reader *t;

    CHECK(w != NULL);
    if (w)
        deliver(w, all, n);
    t = trace_read_open(dir, damage, sizeof damage);
    CHECK(t && trace_facts(t)->state == TRACE_OPEN && trace_facts(t)->packets == 0);
    trace_read_close(t);
    CHECK(trace_close(w) == 0);
    CHECK(make_compare(dir, all + n - kept, kept, damage) == kept && !damage[0]);
    t = trace_read_open(dir, damage, sizeof damage);
    CHECK(t && trace_facts(t)->dropped == n - kept && trace_facts(t)->events == kept);
    CHECK(t && trace_facts(t)->state == TRACE_CLOSED);
    CHECK(t && trace_space(t, 3) && !strcmp(trace_space(t, 3)->text, "space3"));
    trace_read_close(t);
}

static long peak_kib(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

/* 30 million events through a ring of 100 thousand (3.2 MB). */
static void bounded(void)
{
    const char *dir = make_dir("ring");
    struct trace_options o = {.dir = dir, .last = 100000};
    struct trace_writer *w = trace_open(&o);
    uint64_t icount = 0;
    long before = peak_kib();

    for (unsigned i = 0; w && i < 30000000 / 1000; i++) {
        for (unsigned k = 0; k < 1000; k++)
            all[k] = make_ordinary(&icount, k);
        trace_take(w, all, 1000);
    }
    CHECK(peak_kib() - before < 8192);
    CHECK(trace_close(w) == 0);
    CHECK(peak_kib() - before < 8192);
}

int main(void)
{
    static const uint64_t lasts[] = {1, 2, 99, 1000, 4096, 99999, N - 1, N, N + 1, 1u << 20};
    uint64_t icount = 0;
    struct trace_options o = {.dir = make_dir("ring"), .last = UINT64_MAX / 2};

    CHECK(!trace_open(&o) && strstr(trace_error(), "memory"));
    for (unsigned i = 0; i < N; i++)
        all[i] = i / 1000 % 2 ? make_any(&icount) : make_ordinary(&icount, i);
    for (unsigned i = 0; i < sizeof lasts / sizeof *lasts; i++) {
        ring(lasts[i], N, 0);
        ring(lasts[i], N, 4096);
    }
    ring(10, 0, 0);
    ring(10, 5, 0);
    bounded();
    make_dir("ring");
    make_end();
    return check_report("t_trace_ring");
}
