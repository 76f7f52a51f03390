/* sim/tests/trace_matches.c -- does a trace tell the same story as the run's statistics?
 * trace_matches STATS.json DIR: events by kind, and instructions by (space, privilege, on behalf of
 * which space), must be equal to the last one. Says what differs; exit code 0 or 1.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "sim/trace/tally.h"
#include "trace/walk.h"

static unsigned differences;

static void differ(const char *what, uint64_t trace, uint64_t stats)
{
    if (trace != stats && ++differences <= 10)
        printf("%s: %" PRIu64 " in the trace, %" PRIu64 " in the statistics\n", what, trace, stats);
}

static uint64_t integer(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static uint64_t row_key(uint64_t domain, uint64_t behalf)
{
    return domain << 16 | behalf;
}

/* The instructions after the last event belong to the span that was open. */
static void read_trace(struct trace_reader *t, uint64_t icount, uint64_t kinds[TRACE_KINDS],
                       struct tally *rows)
{
    struct trace_pick pick = {.to = UINT64_MAX, .kinds = UINT64_MAX};
    struct trace_record r;
    struct walk w;

    walk_begin(&w, t, &pick);
    while (walk_next(&w, &r)) {
        kinds[r.kind]++;
        if (w.crossed)
            tally_add(rows, row_key(w.done.by.to, w.done.by.behalf), 1, w.done.end - w.done.begin);
    }
    tally_add(rows, row_key(w.done.by.to, w.done.by.behalf), 1, icount - w.done.begin);
}

static void compare_kinds(const json_t *stats, const uint64_t kinds[TRACE_KINDS])
{
    const json_t *events = json_object_get(stats, "events");
    uint64_t total = 0;

    for (unsigned k = 1; k < TRACE_KINDS; k++) {
        differ(trace_kind_name(k), kinds[k],
               integer(json_object_get(events, "by_kind"), trace_kind_name(k)));
        total += kinds[k];
    }
    differ("events", total, integer(events, "total"));
}

static uint64_t sum_of(const struct tally *rows, size_t n, uint64_t key)
{
    for (size_t i = 0; i < n; i++)
        if (rows->row[i].key == key)
            return rows->row[i].sum;
    return 0;
}

static void compare_rows(const json_t *stats, struct tally *rows)
{
    const json_t *charges = json_object_get(json_object_get(stats, "charges"), "rows"), *c;
    size_t n = tally_sort(rows), i;
    uint64_t trace = 0, all = 0;

    json_array_foreach(charges, i, c)
    {
        uint64_t domain = integer(c, "space") * 2 + json_is_true(json_object_get(c, "user"));
        char what[80];
        snprintf(what, sizeof what, "instructions of space %" PRIu64 " %s for %" PRIu64, domain / 2,
                 domain % 2 ? "user" : "kernel", integer(c, "behalf"));
        differ(what, sum_of(rows, n, row_key(domain, integer(c, "behalf"))),
               integer(c, "instructions"));
        all += integer(c, "instructions");
    }
    for (i = 0; i < n; i++)
        trace += rows->row[i].sum;
    differ("all instructions", trace, all);
    differ("the run's instructions", trace, integer(stats, "icount"));
}

int main(int argc, char **argv)
{
    json_t *stats = argc == 3 ? json_load_file(argv[1], 0, NULL) : NULL;
    uint64_t kinds[TRACE_KINDS] = {0};
    struct tally rows = {.row = NULL};
    struct trace_reader *t;
    char err[256] = "";

    t = argc == 3 ? trace_read_open(argv[2], err, sizeof err) : NULL;
    if (!stats || !t) {
        printf("usage: trace_matches STATS.json DIR %s\n", err);
        return 1;
    }
    read_trace(t, integer(stats, "icount"), kinds, &rows);
    if (trace_damage(t) || trace_facts(t)->state != TRACE_CLOSED)
        differ("the trace is damaged or open", 1, 0);
    compare_kinds(stats, kinds);
    compare_rows(stats, &rows);
    trace_read_close(t);
    tally_free(&rows);
    json_decref(stats);
    return differences != 0;
}
