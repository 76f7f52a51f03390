/* sim/core/observe.c -- counts of executed instructions by class, and two small TLB models.
 * The overlay tells what ran and what it touched (observe.cc there); see sim/observe.h. All of this
 * is the tool's state. Invariant: the classes of all rows add up to the instructions that ran.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "sim/core/cross.h"
#include "sim/core/machine.h"
#include "sim/core/shim.h"
#include "sim/observe.h"

enum { ROWS = 4096, HASH = ROWS * 2 };

struct tlb {
    unsigned sets, ways;
    uint64_t *tag; /* sets x ways, the one used last first; 0 = empty */
};

static struct sim_observed *row_table, *row; /* row: of the instruction that runs */
static unsigned rows;
static uint16_t row_hash[HASH]; /* row number + 1 */
static struct tlb tlbs[2];      /* data, code */

/* ---- rows ---- */

static bool is_of(const struct sim_observed *r, unsigned domain, unsigned behalf)
{
    return r->domain == domain && r->behalf == behalf;
}

/* When there is no room the first row takes it. */
static struct sim_observed *row_of(unsigned domain, unsigned behalf)
{
    unsigned h = (domain * 31 + behalf * 2654435761u) % HASH;

    for (; row_hash[h]; h = (h + 1) % HASH)
        if (is_of(&row_table[row_hash[h] - 1], domain, behalf))
            return &row_table[row_hash[h] - 1];
    if (rows == ROWS)
        return row_table;
    row_table[rows].domain = (uint16_t)domain;
    row_table[rows].behalf = (uint16_t)behalf;
    row_hash[h] = (uint16_t)++rows;
    return &row_table[rows - 1];
}

void up_begins(void)
{
    if (!row || !is_of(row, cross_now.domain, cross_now.behalf))
        row = row_of(cross_now.domain, cross_now.behalf);
}

void up_executed(unsigned cls, uint64_t n)
{
    if (row && !machine_replaying())
        row->executed[cls] += n;
}

/* ---- TLBs ---- */

static uint64_t tag_of(uint64_t va, unsigned pcid)
{
    return 1ull << 63 | (uint64_t)pcid << 45 | (va >> 12 & ((1ull << 45) - 1));
}

static bool hits(uint64_t *set, unsigned ways, uint64_t tag)
{
    unsigned at = 0;

    while (at < ways - 1 && set[at] != tag)
        at++;
    bool hit = set[at] == tag;
    memmove(set + 1, set, at * sizeof *set);
    set[0] = tag;
    return hit;
}

void up_touched(uint64_t va, unsigned pcid, bool code)
{
    struct tlb *t = &tlbs[code];

    if (!t->sets)
        return;
    if (!hits(t->tag + (va >> 12) % t->sets * t->ways, t->ways, tag_of(va, pcid)) &&
        !machine_replaying())
        row->missed[code]++;
}

void up_forget_page(uint64_t va)
{
    for (struct tlb *t = tlbs; t < tlbs + 2; t++)
        for (unsigned i = 0; i < t->sets * t->ways; i++)
            if (tag_of(t->tag[i] << 12, 0) == tag_of(va, 0))
                t->tag[i] = 0;
}

void up_forget_pcid(unsigned pcid)
{
    for (struct tlb *t = tlbs; t < tlbs + 2; t++)
        for (unsigned i = 0; i < t->sets * t->ways; i++)
            if ((t->tag[i] >> 45 & 0xfff) == pcid)
                t->tag[i] = 0;
}

void up_forget_all(void)
{
    for (struct tlb *t = tlbs; t < tlbs + 2; t++)
        if (t->tag)
            memset(t->tag, 0, (size_t)t->sets * t->ways * sizeof *t->tag);
}

static int tlb_make(struct tlb *t, struct sim_tlb want)
{
    free(t->tag);
    *t = (struct tlb){0, 0, NULL};
    if (!want.entries)
        return 0;
    if (!want.ways || want.entries % want.ways || want.entries > SIM_TLB_ENTRIES)
        return sim_fail("a TLB has ways, and entries that are a multiple of them and at most %d",
                        SIM_TLB_ENTRIES);
    t->tag = calloc(want.entries, sizeof *t->tag);
    if (!t->tag)
        return sim_fail("no memory for a TLB");
    t->sets = want.entries / want.ways;
    t->ways = want.ways;
    return 0;
}

/* ---- on and off ---- */

int sim_observe(struct sim_tlb data, struct sim_tlb code)
{
    sim_observe_off();
    if (tlb_make(&tlbs[0], data) != 0 || tlb_make(&tlbs[1], code) != 0)
        return -1;
    free(row_table);
    row_table = calloc(ROWS, sizeof *row_table);
    memset(row_hash, 0, sizeof row_hash);
    rows = 0;
    row = NULL;
    if (!row_table)
        return sim_fail("no memory to observe instructions");
    bxs_observe(true);
    machine_flush_code();
    return 0;
}

void sim_observe_off(void)
{
    bxs_observe_settle();
    bxs_observe(false);
    machine_flush_code();
}

size_t sim_observed(struct sim_observed *out, size_t max)
{
    bxs_observe_settle();
    for (size_t i = 0; i < rows && i < max; i++)
        out[i] = row_table[i];
    return rows;
}
