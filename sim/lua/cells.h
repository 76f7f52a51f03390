/* sim/lua/cells.h -- the table behind counts: one cell for each combination of fields' raw values.
 *
 * The same few (kind, from, to, reason, ...) come again and again, so a small direct-mapped cache
 * leads from a record's 16 deciding bytes to its cell: two compares an event. Whatever those bytes
 * do not decide (addr, icount) is looked up each time.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_LUA_CELLS_H
#define SIM_LUA_CELLS_H

#include "sim/lua/host.h"

enum { BY = 6, CACHE = 1024, BINS = 65 };

struct cell {
    uint64_t key[BY];
    uint64_t n, sum, least, most;
    uint64_t last; /* histogram of gaps: count of the event before */
    uint64_t *bin; /* histogram: bin b holds values of b significant bits; else NULL */
    struct cell *next;
};

struct memo {
    uint64_t a, b;
    struct cell *cell; /* NULL = this record does not count */
    bool known;
};

struct cells {
    struct filter *filter;
    uint64_t kinds;
    unsigned by_n;
    enum field by[BY];
    bool cached;             /* the memo may be used */
    bool numbers, reasons;   /* some field is made from the record's number; from `reason` */
    uint32_t number_mask[2]; /* what of the number decides; [1]: of system calls */
    bool full;
    struct cell **bucket;
    size_t buckets, cells;
    struct memo memo[CACHE];
};

/* A field that cells are made by; those that the filter asks for. */
void cells_uses(struct cells *c, enum field f);
void cells_uses_filter(struct cells *c);
int cells_open(struct cells *c); /* 0, -1 = no memory */
void cells_close(struct cells *c);
void cells_clear(struct cells *c);
void cells_forget(struct cells *c); /* spaces have changed */
/* The cell of this record, made when new; NULL = it does not count. */
struct cell *cells_decide(struct cells *c, const struct trace_record *r);

static inline struct cell *cells_find(struct cells *c, const struct trace_record *r)
{
    uint64_t word[2];
    struct memo *m;

    if (__builtin_expect(!c->cached, 0))
        return cells_decide(c, r);
    __builtin_memcpy(word, &r->reason, sizeof word);
    word[0] &= 0xffffffff00000000 | c->number_mask[r->kind == TRACE_SYSCALL];
    m = &c->memo[(word[0] * 0x9e3779b97f4a7c15ull ^ word[1] * 0xc2b2ae3d27d4eb4full) >> 54];
    if (__builtin_expect(m->a == word[0] && m->b == word[1] && m->known, 1))
        return m->cell;
    *m = (struct memo){word[0], word[1], cells_decide(c, r), true};
    return m->cell;
}

#endif
