/* sim/trace/summary.c -- a trace on one or two screens: events by kind, crossings, spaces, levels.
 * Instructions are counted from the spans between crossings, so their sum is the length of the
 * range; --kind narrows the tables of events and of crossings, never the account of instructions.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>

#include "sim/trace/tally.h"
#include "sim/trace/report.h"

enum { MANY = 40 };

struct sums {
    uint64_t kind[TRACE_KINDS];
    struct tally crossing; /* from << 16 | to: times, instructions until the next crossing */
    struct tally space;    /* index << 1 | user: entries, instructions */
    struct tally behalf;   /* index: spans, instructions */
    struct tally level;    /* level << 1 | user; UINT32_MAX = not known */
    uint64_t total;
};

static uint64_t level_of(const struct trace_reader *t, unsigned index)
{
    const struct trace_extra *x = trace_space(t, index);

    return x && x->id ? x->level : UINT32_MAX;
}

static void add_span(struct sums *s, const struct walk *w)
{
    const struct trace_span *d = &w->done;
    uint64_t n = d->end - d->begin;

    if (d->by.kind && walk_picks(w, d->by.kind))
        tally_add(&s->crossing, (uint64_t)d->by.from << 16 | d->by.to, 1, n);
    tally_add(&s->space, d->by.to, d->by.kind != 0, n);
    tally_add(&s->behalf, d->by.behalf, 1, n);
    s->total += n;
}

/* By level once all names are known: they come with the events. */
static void add_levels(struct sums *s, const struct trace_reader *t)
{
    for (size_t i = 0; i < s->space.room; i++) {
        const struct tally_row *row = &s->space.row[i];
        if (row->used)
            tally_add(&s->level, level_of(t, row->key >> 1) << 1 | (row->key & 1), row->count,
                      row->sum);
    }
}

static double percent(uint64_t part, uint64_t whole)
{
    return whole ? 100.0 * part / whole : 0;
}

static void put_kinds(FILE *to, const struct sums *s)
{
    fprintf(to, "\nEvents by kind\n");
    for (unsigned k = 1; k < TRACE_KINDS; k++)
        if (s->kind[k])
            fprintf(to, "  %-12s %14" PRIu64 "\n", trace_kind_name(k), s->kind[k]);
}

static void put_crossings(FILE *to, struct sums *s, const struct trace_reader *t)
{
    size_t n = tally_sort(&s->crossing);
    char from[WALK_NAME], into[WALK_NAME];

    fprintf(to, "\nCrossings, with the instructions run until the next one\n"
                "           times   instructions  each  from -> to\n");
    for (size_t i = 0; i < n && i < MANY; i++) {
        const struct tally_row *r = &s->crossing.row[i];
        fprintf(to, "  %14" PRIu64 " %14" PRIu64 " %5.0f  %s -> %s\n", r->count, r->sum,
                (double)r->sum / r->count, walk_domain(t, r->key >> 16, from),
                walk_domain(t, r->key & 0xffff, into));
    }
    if (n > MANY)
        fprintf(to, "  ... and %zu pairs more (flatfish trace export --format csv has all)\n",
                n - MANY);
}

/* One row a space: needs both its domains together, so they are looked up by key. */
static const struct tally_row *find(const struct tally *t, size_t n, uint64_t key)
{
    static const struct tally_row none;

    for (size_t i = 0; i < n; i++)
        if (t->row[i].key == key)
            return &t->row[i];
    return &none;
}

static void put_space(FILE *to, const struct sums *s, const struct trace_reader *t, unsigned index,
                      size_t spaces, size_t behalfs)
{
    const struct tally_row *kernel = find(&s->space, spaces, (uint64_t)index << 1);
    const struct tally_row *user = find(&s->space, spaces, (uint64_t)index << 1 | 1);
    const struct tally_row *behalf = find(&s->behalf, behalfs, index);
    const struct trace_extra *x = trace_space(t, index);
    char name[WALK_NAME], level[16] = "-";

    if (x && x->id)
        snprintf(level, sizeof level, "%" PRIu32, x->level);
    fprintf(to, "  %5u %5s %14" PRIu64 " %14" PRIu64 " %14" PRIu64 " %12" PRIu64 "  %s%s\n", index,
            level, user->sum, kernel->sum, behalf->sum, user->count + kernel->count,
            walk_space(t, index, name), x && x->id && !x->live ? " (gone)" : "");
}

static void put_spaces(FILE *to, struct sums *s, const struct trace_reader *t)
{
    size_t spaces = tally_sort(&s->space), behalfs = tally_sort(&s->behalf), shown = 0;
    static bool seen[1 << 16];

    memset(seen, 0, sizeof seen);
    fprintf(to, "\nSpaces, by instructions\n  index level           user         kernel  on its "
                "behalf      entries  name\n");
    for (size_t i = 0; i < spaces + behalfs; i++) {
        unsigned index = i < spaces ? s->space.row[i].key >> 1 : s->behalf.row[i - spaces].key;
        if (seen[index])
            continue;
        seen[index] = true;
        if (shown++ < MANY)
            put_space(to, s, t, index, spaces, behalfs);
    }
    if (shown > MANY)
        fprintf(to, "  ... and %zu spaces more\n", shown - MANY);
}

static void put_levels(FILE *to, struct sums *s)
{
    size_t n = tally_sort(&s->level);

    fprintf(to, "\nLevels\n  level           user         kernel       %%\n");
    for (size_t i = 0; i < n; i++) {
        uint64_t level = s->level.row[i].key >> 1;
        const struct tally_row *user = find(&s->level, n, level << 1 | 1);
        const struct tally_row *kernel = find(&s->level, n, level << 1);
        char text[24] = "-";
        if (find(&s->level, i, s->level.row[i].key ^ 1)->used)
            continue; /* the other half of this level came first */
        if (level != UINT32_MAX)
            snprintf(text, sizeof text, "%" PRIu64, level);
        fprintf(to, "  %5s %14" PRIu64 " %14" PRIu64 " %6.2f%%\n", text, user->sum, kernel->sum,
                percent(user->sum + kernel->sum, s->total));
    }
}

static void put_head(FILE *to, const struct walk *w, const struct sums *s)
{
    static const char *const state[] = {
        [TRACE_OPEN] = "not closed: still being written, or its run was cut",
        [TRACE_FULL] = "ends early: the disk was full; what had room is here",
        [TRACE_CLOSED] = "whole",
    };
    const struct trace_facts *f = trace_facts(w->reader);
    const char *damage = trace_damage(w->reader);

    if (f->about[0])
        fprintf(to, "Run           %s\n", f->about);
    fprintf(to, "State         %s%s\n", damage ? "damaged: " : "",
            damage ? damage : state[f->state]);
    fprintf(to, "Events        %" PRIu64 " in %" PRIu64 " bytes, %zu packets", f->events, f->bytes,
            f->packets);
    if (f->dropped)
        fprintf(to, "; the last of %" PRIu64, f->events + f->dropped);
    if (f->discarded)
        fprintf(to, "; %" PRIu64 " could not be stored", f->discarded);
    fprintf(to, "\nInstructions  %" PRIu64 " .. %" PRIu64 "\n", f->first, f->last);
    if (w->pick.from || w->pick.to != UINT64_MAX)
        fprintf(to, "Range         %" PRIu64 " .. %" PRIu64 ": %" PRIu64 " events\n", w->pick.from,
                w->pick.to, w->events);
    fprintf(to, "Accounted     %" PRIu64 " instructions\n", s->total);
}

bool trace_summary(FILE *to, struct trace_reader *t, const struct trace_pick *pick)
{
    struct sums s = {.total = 0};
    struct trace_record r;
    struct walk w;
    bool good;

    walk_begin(&w, t, pick);
    while (walk_next(&w, &r)) {
        if (walk_picks(&w, r.kind))
            s.kind[r.kind]++;
        if (w.crossed)
            add_span(&s, &w);
    }
    if (w.known)
        add_span(&s, &w);
    add_levels(&s, t);
    put_head(to, &w, &s);
    put_kinds(to, &s);
    put_crossings(to, &s, t);
    put_spaces(to, &s, t);
    put_levels(to, &s);
    good = !s.crossing.no_memory && !s.space.no_memory && !s.behalf.no_memory && !s.level.no_memory;
    tally_free(&s.crossing);
    tally_free(&s.space);
    tally_free(&s.behalf);
    tally_free(&s.level);
    return good;
}
