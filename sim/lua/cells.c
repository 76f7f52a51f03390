/* sim/lua/cells.c -- the table behind counts: see cells.h. Called from inside the machine: no Lua.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "sim/lua/cells.h"

enum { CELLS = 1 << 20, CELLS_SANDBOX = 1 << 14 };

static uint64_t hash(const struct cells *c, const uint64_t *key)
{
    uint64_t h = 0;

    for (unsigned i = 0; i < c->by_n; i++) {
        h = (h ^ key[i]) * 0x9e3779b97f4a7c15ull;
        h ^= h >> 29;
    }
    return h;
}

static struct cell **bucket_of(struct cells *c, const uint64_t *key)
{
    return &c->bucket[hash(c, key) & (c->buckets - 1)];
}

/* Without memory it stays as it is, only slower. */
static void grow(struct cells *c)
{
    size_t old = c->buckets;
    struct cell **was = c->bucket, **now = calloc(old ? old * 4 : 64, sizeof *now);

    if (!now)
        return;
    c->bucket = now;
    c->buckets = old ? old * 4 : 64;
    for (size_t i = 0; i < old; i++) {
        for (struct cell *cell = was[i], *next; cell; cell = next) {
            struct cell **to = bucket_of(c, cell->key);
            next = cell->next;
            cell->next = *to;
            *to = cell;
        }
    }
    free(was);
}

void cells_uses(struct cells *c, enum field f)
{
    static const enum field made_from_number[] = {FIELD_number, FIELD_vector, FIELD_error,
                                                  FIELD_call, FIELD_label};

    if (f == FIELD_icount || f == FIELD_addr || f == FIELD_page || f == FIELD_symbol)
        c->cached = false;
    c->reasons |= f == FIELD_reason;
    for (size_t i = 0; i < sizeof made_from_number / sizeof made_from_number[0]; i++)
        c->numbers |= f == made_from_number[i];
}

void cells_uses_filter(struct cells *c)
{
    enum field f;

    for (unsigned i = 0; filter_asks(c->filter, i, &f); i++)
        cells_uses(c, f);
}

/* A guest without a debug block may count its calls in rax: the number says nothing there. */
static void masks(struct cells *c)
{
    c->number_mask[0] = c->numbers || c->reasons ? UINT32_MAX : 0;
    c->number_mask[1] = c->numbers || (c->reasons && kernel_known()) ? UINT32_MAX : 0;
}

int cells_open(struct cells *c)
{
    masks(c);
    grow(c);
    return c->bucket ? 0 : -1;
}

static struct cell *find(struct cells *c, const uint64_t *key)
{
    struct cell *cell = *bucket_of(c, key), **to;

    for (; cell; cell = cell->next)
        if (memcmp(cell->key, key, sizeof cell->key) == 0)
            return cell;
    if (c->cells >= c->buckets)
        grow(c);
    cell =
        c->cells < (host.config.sandbox ? CELLS_SANDBOX : CELLS) ? calloc(1, sizeof *cell) : NULL;
    if (!cell) {
        c->full = true;
        return NULL;
    }
    memcpy(cell->key, key, sizeof cell->key);
    to = bucket_of(c, key);
    cell->next = *to;
    *to = cell;
    c->cells++;
    return cell;
}

struct cell *cells_decide(struct cells *c, const struct trace_record *r)
{
    uint64_t key[BY] = {0};

    if (!(c->kinds >> r->kind & 1) || !filter_meets(c->filter, r))
        return NULL;
    for (unsigned i = 0; i < c->by_n; i++)
        key[i] = field_get(c->by[i], r);
    return find(c, key);
}

void cells_forget(struct cells *c)
{
    memset(c->memo, 0, sizeof c->memo);
    masks(c);
    filter_forget(c->filter);
}

void cells_clear(struct cells *c)
{
    cells_forget(c);
    for (size_t i = 0; i < c->buckets; i++) {
        for (struct cell *cell = c->bucket[i], *next; cell; cell = next) {
            next = cell->next;
            free(cell->bin);
            free(cell);
        }
        c->bucket[i] = NULL;
    }
    c->cells = 0;
    c->full = false;
}

void cells_close(struct cells *c)
{
    cells_clear(c);
    filter_free(c->filter);
    free(c->bucket);
}
