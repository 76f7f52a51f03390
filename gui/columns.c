/* gui/columns.c -- buckets of the index spread over columns of pixels.
 * The scale taken is the largest whose buckets are no wider than a column, so that the work is that
 * of a few buckets a column. SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "gui/columns.h"

bool columns_init(struct columns *c, unsigned rows, unsigned cols, uint64_t from, uint64_t to)
{
    *c = (struct columns){.rows = rows, .cols = cols ? cols : 1, .from = from, .to = to};
    c->cell = calloc((size_t)rows * c->cols + 1, sizeof *c->cell);
    c->total = calloc(c->cols, sizeof *c->total);
    return c->cell && c->total;
}

void columns_free(struct columns *c)
{
    free(c->cell);
    free(c->total);
    *c = (struct columns){.rows = 0};
}

double columns_x(const struct columns *c, double icount)
{
    return (icount - (double)c->from) / (double)(c->to - c->from) * c->cols;
}

static unsigned column(const struct columns *c, double icount)
{
    double x = columns_x(c, icount);

    return x <= 0 ? 0 : x >= c->cols ? c->cols - 1 : (unsigned)x;
}

static void spread(struct columns *c, unsigned row, unsigned first, unsigned last, double n,
                   bool entries)
{
    for (unsigned i = first; i <= last; i++) {
        c->cell[(size_t)row * c->cols + i] += n / (last - first + 1);
        if (!entries)
            c->total[i] += n / (last - first + 1);
    }
}

void columns_add(struct columns *c, unsigned row, uint64_t begin, uint64_t end)
{
    unsigned first = column(c, begin), last = column(c, end);

    if (row < c->rows)
        spread(c, row, first, last, end - begin, false);
}

void columns_index(struct columns *c, const struct model *m, const uint16_t *row_of, bool entries)
{
    unsigned shift = index_shift(m->index, (c->to - c->from) / c->cols);
    uint64_t last = (c->to < m->end ? c->to : m->end) >> shift;

    for (uint64_t k = (c->from > m->start ? c->from : m->start) >> shift; k <= last; k++) {
        size_t n;
        const struct index_cell *cell = index_bucket(m->index, shift, k, &n);
        double begin = (double)(k << shift), end = begin + (double)(1ull << shift);
        unsigned left = column(c, begin), right = column(c, end);
        right -= right > left && columns_x(c, end) <= right;
        for (size_t i = 0; i < n; i++)
            if (row_of[cell[i].lane] < c->rows)
                spread(c, row_of[cell[i].lane], left, right,
                       entries ? cell[i].entries : (double)cell[i].instructions, entries);
    }
}
