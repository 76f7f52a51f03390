/* gui/rows.c -- which lanes a score has, and how high each is.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "gui/rows.h"

enum { ROW_MIN = 17, ROW_MAX = 90 };

static int by_place(const void *left, const void *right)
{
    const struct row *a = left, *b = right;

    if (a->kernel != b->kernel)
        return a->kernel ? 1 : -1;
    if (a->entity != b->entity) /* entities are sorted by level: the deepest first */
        return a->entity > b->entity ? -1 : 1;
    return a->thread < b->thread ? -1 : a->thread > b->thread;
}

static bool same(const struct row *a, const struct row *b)
{
    return a->kernel == b->kernel && a->entity == b->entity && a->thread == b->thread;
}

static void unique(struct rows *rows)
{
    unsigned n = 0;

    qsort(rows->row, rows->n, sizeof *rows->row, by_place);
    for (unsigned i = 0; i < rows->n; i++)
        if (!n || !same(&rows->row[n - 1], &rows->row[i]))
            rows->row[n++] = rows->row[i];
    rows->n = n;
}

static struct row row_of(const struct model *m, unsigned to, uint32_t thread)
{
    if (!(to & 1))
        return (struct row){.kernel = true};
    return (struct row){.entity = model_entity(m, to), .thread = thread};
}

static void merge_threads(struct rows *rows)
{
    for (unsigned i = 0; i < rows->n; i++)
        if (!rows->row[i].kernel)
            rows->row[i].thread = INDEX_ANY;
    unique(rows);
}

static void place(struct rows *rows, double room)
{
    double h = rows->n ? room / rows->n : room;

    h = h < ROW_MIN ? ROW_MIN : h > ROW_MAX ? ROW_MAX : h;
    for (unsigned i = 0; i < rows->n; i++) {
        rows->row[i].y = h * i;
        rows->row[i].h = h;
        rows->row[i].first = !i || rows->row[i].kernel != rows->row[i - 1].kernel ||
                             rows->row[i].entity != rows->row[i - 1].entity;
    }
    rows->height = h * rows->n;
}

bool rows_make(struct rows *rows, const struct model *m, bool threads, double room)
{
    *rows = (struct rows){.row = calloc(index_lanes(m->index) + 1, sizeof *rows->row)};
    if (!rows->row)
        return false;
    for (unsigned i = 0; i < index_lanes(m->index); i++) {
        const struct index_lane *l = index_lane(m->index, i);
        if (l->what == INDEX_RUN)
            rows->row[rows->n++] = row_of(m, l->to, l->thread);
    }
    unique(rows);
    if (!threads)
        merge_threads(rows);
    place(rows, room);
    return true;
}

void rows_free(struct rows *rows)
{
    free(rows->row);
    *rows = (struct rows){.n = 0};
}

unsigned rows_find(const struct rows *rows, const struct model *m, unsigned to, uint32_t thread)
{
    struct row wanted = row_of(m, to, thread);

    for (unsigned i = 0; i < rows->n; i++) {
        const struct row *r = &rows->row[i];
        if (r->kernel == wanted.kernel && r->entity == wanted.entity &&
            (r->kernel || r->thread == thread || r->thread == INDEX_ANY))
            return i;
    }
    return rows->n ? rows->n - 1 : 0;
}

void rows_label(const struct rows *rows, const struct model *m, unsigned n, char *text, size_t max)
{
    const struct row *r = &rows->row[n];
    const char *name = m->entity[r->entity].label;

    if (r->kernel || r->thread == INDEX_ANY)
        snprintf(text, max, "%s", name);
    else if (r->first)
        snprintf(text, max, "%s, thread %" PRIu32, name, r->thread);
    else
        snprintf(text, max, "thread %" PRIu32, r->thread);
}
