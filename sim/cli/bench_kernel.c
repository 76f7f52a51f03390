/* sim/cli/bench_kernel.c -- `flatfish bench kernel`: boots the microkernel's own benchmark in the
 * simulator, where the cycle counter counts instructions, and prints what it reports, with the
 * events and the modelled cycles. The guest prints lines "bench NAME COUNT REGION"; it fails by
 * itself when a count is over its limit. Each round of an operation is a region of that number in
 * the trace; the shortest one is the one that was counted.
 * SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/bench.h"
#include "sim/cli/command.h"
#include "sim/cli/cost.h"
#include "sim/cli/paths.h"
#include "trace/reader.h"

enum { LINE_MAX_BYTES = 256, REGIONS = 64 };

struct region {
    uint64_t begin;                               /* icount, of the round under way */
    uint64_t least;                               /* instructions of the shortest round; 0 = none */
    uint64_t now[TRACE_KINDS], best[TRACE_KINDS]; /* events of that round */
};
static struct region regions[REGIONS];

static void round_begin(const struct trace_record *r)
{
    struct region *region = &regions[r->reason];

    region->begin = r->icount;
    memset(region->now, 0, sizeof region->now);
}

static void round_end(const struct trace_record *r)
{
    struct region *region = &regions[r->reason];
    uint64_t length = r->icount - region->begin;

    if (region->least && length >= region->least)
        return;
    region->least = length;
    memcpy(region->best, region->now, sizeof region->best);
}

/* Regions are not nested here: an event belongs to the one that began last. */
static int regions_read(const char *dir)
{
    char err[LINE_MAX_BYTES];
    struct trace_record r;
    struct region *open = NULL;
    struct trace_reader *t = trace_read_open(dir, err, sizeof err);

    if (!t)
        return cli_failure("bench: %s", err);
    while (trace_read_next(t, &r)) {
        bool edge = r.kind == TRACE_BEGIN || r.kind == TRACE_END;
        if (edge && r.reason < REGIONS) {
            (r.kind == TRACE_BEGIN ? round_begin : round_end)(&r);
            open = r.kind == TRACE_BEGIN ? &regions[r.reason] : NULL;
        } else if (open && r.kind < TRACE_KINDS) {
            open->now[r.kind]++;
        }
    }
    int code = trace_damage(t) ? cli_failure("bench: %s", trace_damage(t)) : 0;
    trace_read_close(t);
    return code;
}

/* "2 syscall, 2 sysret" */
static void events_text(const uint64_t *events, char *out, size_t max)
{
    size_t used = 0;

    *out = 0;
    for (unsigned kind = 1; kind < TRACE_KINDS && used < max; kind++)
        if (events[kind])
            used += (size_t)snprintf(out + used, max - used, "%s%llu %s", used ? ", " : "",
                                     (unsigned long long)events[kind], trace_kind_name(kind));
}

static json_t *events_json(const uint64_t *events)
{
    json_t *o = json_object();

    for (unsigned kind = 1; kind < TRACE_KINDS; kind++)
        if (events[kind])
            json_object_set_new(o, trace_kind_name(kind), json_integer((json_int_t)events[kind]));
    return o;
}

/* One line of the guest's: printed, and into the rows. */
static void row(const char *line, const struct cost_model *cost, json_t *rows)
{
    char name[64], text[LINE_MAX_BYTES];
    unsigned long long count;
    unsigned number;

    if (sscanf(line, "bench %63s %llu %u", name, &count, &number) != 3 || number >= REGIONS)
        return;
    const uint64_t *events = regions[number].best;
    double cycles = cost_cycles(cost, count, events);
    events_text(events, text, sizeof text);
    printf("  %-34s %12llu %10.0f   %s%s\n", name, count, cycles, text,
           strstr(line, "TOO MUCH") ? "  TOO MUCH" : "");
    json_array_append_new(rows, json_pack("{s:s, s:I, s:f, s:o}", "operation", name, "instructions",
                                          (json_int_t)count, "cycles", cycles, "events",
                                          events_json(events)));
}

static int console_print(const char *path, const struct cost_model *cost, json_t *rows)
{
    FILE *f = fopen(path, "re");
    char line[LINE_MAX_BYTES];

    if (!f)
        return cli_failure("bench: cannot read the guest's console");
    printf(
        "Instructions are counted, exactly, the caller's stubs included. Cycles are modelled, by\n"
        "cost model %s: %s.\n",
        cost->name, cost->title);
    if (*cost->estimates)
        printf("Estimates in it: %s.\n", cost->estimates);
    printf("\n  %-34s %12s %10s   %s\n", "operation", "instructions", "cycles", "events");
    while (fgets(line, sizeof line, f))
        row(line, cost, rows);
    fclose(f);
    return json_array_size(rows) ? 0 : cli_failure("bench: the kernel reported nothing");
}

static int kernel_bench(const struct bench_settings *s, json_t *out)
{
    char self[PATH_MAX], kernel[PATH_MAX], initrd[PATH_MAX];
    struct bench_child used;
    struct cost_model cost;
    json_t *rows = json_array();
    int code = cost_load(s->cost ? s->cost : "x86-2020s", &cost);

    json_object_set_new(out, "operations", rows);
    if (code)
        return code;
    json_object_set_new(out, "cost", json_string(cost.name));
    if (paths_self(self, sizeof self) != 0)
        return cli_failure("bench: cannot find my own program");
    if (paths_kernel("fk.elf", kernel, sizeof kernel) != 0 ||
        paths_kernel("bench.tar", initrd, sizeof initrd) != 0)
        return cli_failure("bench: the kernel is not here: build it with 'make'");
    if (!bench_dir_make(s->dir))
        return EXIT_FAILURE;
    char console[PATH_MAX], trace[PATH_MAX];
    snprintf(console, sizeof console, "%s", bench_path("console"));
    snprintf(trace, sizeof trace, "%s", bench_path("trace"));
    char *const words[] = {self,      "run",      "--kernel",         kernel,  "--initrd",
                           initrd,    "--append", "root=t_bench.elf", "--mem", "64",
                           "--trace", trace,      "--quiet",          NULL};
    if (bench_child_run(words, console, bench_path("errors"), &used) != 0)
        return bench_interrupted() ? 130 : EXIT_FAILURE;
    code = regions_read(trace);
    if (code == 0)
        code = console_print(console, &cost, rows);
    if (code == 0 && used.status != 0)
        code = cli_failure("bench: a count is over its limit, or the kernel failed: exit code %d",
                           used.status);
    return code;
}

const struct bench bench_kernel = {
    .name = "kernel",
    .schema = "flatfish-bench-kernel",
    .run = kernel_bench,
};
