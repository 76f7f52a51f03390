/* sim/trace/tally.c -- open addressing, at most two thirds full.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "sim/trace/tally.h"

static struct tally_row *slot(struct tally_row *row, size_t room, uint64_t key)
{
    size_t at = (key * 0x9e3779b97f4a7c15ull) >> 32 & (room - 1);

    while (row[at].used && row[at].key != key)
        at = (at + 1) & (room - 1);
    return &row[at];
}

static void grow(struct tally *t)
{
    size_t room = t->room ? t->room * 2 : 256;
    struct tally_row *row = calloc(room, sizeof *row);

    if (!row) {
        t->no_memory = true;
        return;
    }
    for (size_t i = 0; i < t->room; i++)
        if (t->row[i].used)
            *slot(row, room, t->row[i].key) = t->row[i];
    free(t->row);
    t->row = row;
    t->room = room;
}

void tally_add(struct tally *t, uint64_t key, uint64_t count, uint64_t sum)
{
    struct tally_row *r;

    if (t->used * 3 >= t->room * 2)
        grow(t);
    if (t->no_memory)
        return;
    r = slot(t->row, t->room, key);
    t->used += !r->used;
    r->used = true;
    r->key = key;
    r->count += count;
    r->sum += sum;
}

static int by_weight(const void *left, const void *right)
{
    const struct tally_row *a = left, *b = right;

    if (a->sum != b->sum)
        return a->sum < b->sum ? 1 : -1;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    return a->key < b->key ? -1 : a->key > b->key;
}

size_t tally_sort(struct tally *t)
{
    size_t n = 0;

    for (size_t i = 0; i < t->room; i++)
        if (t->row[i].used)
            t->row[n++] = t->row[i];
    if (n)
        qsort(t->row, n, sizeof *t->row, by_weight);
    return n;
}

void tally_free(struct tally *t)
{
    free(t->row);
    *t = (struct tally){.row = NULL};
}
