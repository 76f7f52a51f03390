/* sim/core/observe.c -- counts of executed instructions by class, and models of TLBs and caches.
 * The overlay tells what ran and what it asked for (observe.cc there); see sim/observe.h.
 * Invariants: the classes of all rows add up to the instructions that ran since observing began;
 * counts and buffers are machine state, whether and how it is observed is the tool's.
 * SPDX-License-Identifier: MIT */
#include "sim/core/observe.h"

#include <stdlib.h>
#include <string.h>

#include "sim/core/assoc.h"
#include "sim/core/cross.h"
#include "sim/core/machine.h"
#include "sim/core/shim.h"
#include "sim/observe.h"

enum { ROWS = 4096, HASH = ROWS * 2 };

struct table {
    unsigned rows;
    uint16_t hash[HASH]; /* row number + 1 */
    struct sim_observed row[ROWS];
};

/* Machine state. `row`: of the instruction that runs. */
static struct {
    struct table *table;
    struct sim_observed *row;
    struct assoc buffer[SIM_BUFFERS];
    uint64_t stamp;
} seen MACHINE_STATE = {NULL, NULL, {{0, 0, NULL}}, 0};

/* The tool's. `stamp`: of which observing the counts must be. */
static bool on;
static uint64_t since, stamp;
static struct sim_size wanted[SIM_BUFFERS];
static struct sim_observed *kept; /* from the last time it was on */
static size_t kept_n;

/* ---- rows ---- */

static bool is_of(const struct sim_observed *r, unsigned domain, unsigned behalf)
{
    return r->domain == domain && r->behalf == behalf;
}

/* When there is no room the first row takes it. */
static struct sim_observed *row_of(struct table *t, unsigned domain, unsigned behalf)
{
    unsigned h = (domain * 31 + behalf * 2654435761u) % HASH;

    for (; t->hash[h]; h = (h + 1) % HASH)
        if (is_of(&t->row[t->hash[h] - 1], domain, behalf))
            return &t->row[t->hash[h] - 1];
    if (t->rows == ROWS)
        return t->row;
    t->row[t->rows].domain = (uint16_t)domain;
    t->row[t->rows].behalf = (uint16_t)behalf;
    t->hash[h] = (uint16_t)++t->rows;
    return &t->row[t->rows - 1];
}

void up_begins(void)
{
    if (!seen.row || !is_of(seen.row, cross_now.domain, cross_now.behalf))
        seen.row = row_of(seen.table, cross_now.domain, cross_now.behalf);
}

void up_executed(unsigned cls, uint64_t n)
{
    if (seen.row)
        seen.row->executed[cls] += n;
}

/* ---- buffers ---- */

static bool ask(enum sim_buffer b, uint64_t place, uint64_t key)
{
    seen.row->asked[b]++;
    bool there = assoc_ask(&seen.buffer[b], place, key);
    seen.row->missed[b] += !there;
    return there;
}

/* A TLB's key: the page, whose PCID, and whether it is everybody's. */
#define PAGE_BITS 45
#define PAGE_MASK ((1ull << PAGE_BITS) - 1)
#define PCID_MASK (0xfffull << PAGE_BITS)
#define GLOBAL    (1ull << 62)

void up_translated(uint64_t va, unsigned pcid, bool global, bool code)
{
    enum sim_buffer b = code ? SIM_BUFFER_code_tlb : SIM_BUFFER_data_tlb;
    uint64_t page = va >> 12 & PAGE_MASK;

    if (seen.buffer[b].sets)
        ask(b, page, page | (global ? GLOBAL : (uint64_t)pcid << PAGE_BITS));
}

static void ask_line(enum sim_buffer b, gpa at)
{
    uint64_t line = at / wanted[b].bytes;

    if (seen.buffer[b].sets && ask(b, line, line))
        return;
    if (b != SIM_BUFFER_second_cache && seen.buffer[SIM_BUFFER_second_cache].sets)
        ask_line(SIM_BUFFER_second_cache, at);
}

void up_cached(gpa at, bool code)
{
    ask_line(code ? SIM_BUFFER_code_cache : SIM_BUFFER_data_cache, at);
}

bool up_wants_lines(bool code)
{
    return seen.buffer[code ? SIM_BUFFER_code_cache : SIM_BUFFER_data_cache].sets ||
           seen.buffer[SIM_BUFFER_second_cache].sets;
}

static void forget_translations(uint64_t key, uint64_t mask)
{
    assoc_forget(&seen.buffer[SIM_BUFFER_data_tlb], key, mask);
    assoc_forget(&seen.buffer[SIM_BUFFER_code_tlb], key, mask);
}

void up_forget_page(uint64_t va)
{
    forget_translations(va >> 12, PAGE_MASK);
}

void up_forget_pcid(unsigned pcid)
{
    forget_translations((uint64_t)pcid << PAGE_BITS, PCID_MASK | GLOBAL);
}

void up_forget_space(void)
{
    forget_translations(0, GLOBAL);
}

void up_forget_all(void)
{
    forget_translations(0, 0);
}

void up_forget_line(gpa at)
{
    for (enum sim_buffer b = SIM_BUFFER_data_cache; b < SIM_BUFFERS; b++)
        if (seen.buffer[b].sets)
            assoc_forget(&seen.buffer[b], at / wanted[b].bytes, ~0ull >> 1);
}

void up_forget_lines(void)
{
    for (enum sim_buffer b = SIM_BUFFER_data_cache; b < SIM_BUFFERS; b++)
        assoc_forget(&seen.buffer[b], 0, 0);
}

/* ---- on and off ---- */

static bool is_cache(unsigned b)
{
    return b >= SIM_BUFFER_data_cache;
}

static int check(const struct sim_size *s, bool cache)
{
    bool line =
        !cache || (s->bytes >= 8 && s->bytes <= SIM_LINE_BYTES && (s->bytes & (s->bytes - 1)) == 0);

    if (s->entries == 0 ||
        (s->ways && s->entries % s->ways == 0 && line && s->entries <= SIM_BUFFER_ENTRIES))
        return 0;
    if (!line)
        return sim_fail("a cache has lines of 8 to %d bytes, a power of 2", SIM_LINE_BYTES);
    return sim_fail("a TLB or cache has ways, and entries that are a multiple of them and at most "
                    "%d",
                    SIM_BUFFER_ENTRIES);
}

static void drop(void)
{
    bxs_free(seen.table);
    seen.table = NULL;
    seen.row = NULL;
    for (unsigned b = 0; b < SIM_BUFFERS; b++)
        assoc_free(&seen.buffer[b]);
}

int observe_again(void)
{
    drop();
    seen.stamp = stamp;
    seen.table = bxs_calloc(1, sizeof *seen.table);
    int made = seen.table ? 0 : -1;
    for (unsigned b = 0; b < SIM_BUFFERS && made == 0; b++)
        made = assoc_make(&seen.buffer[b], wanted[b].entries, wanted[b].ways);
    if (made < 0) {
        drop();
        return sim_fail("no memory to observe instructions");
    }
    bxs_observe(true);
    machine_flush_code();
    return 0;
}

void observe_pause(void)
{
    bxs_observe(false);
    machine_flush_code();
}

uint64_t observe_since(void)
{
    return on ? since : 0;
}

bool observe_stale(void)
{
    return on && (seen.stamp != stamp || !seen.table);
}

int sim_observe(const struct sim_size want[SIM_BUFFERS])
{
    for (unsigned b = 0; b < SIM_BUFFERS; b++)
        if (check(&want[b], is_cache(b)) != 0)
            return -1;
    sim_observe_off();
    memcpy(wanted, want, sizeof wanted);
    since = bxs_icount();
    stamp++;
    on = observe_again() == 0;
    return on ? 0 : -1;
}

/* The counts are put aside, where going back does not change them. */
void sim_observe_off(void)
{
    if (!on)
        return;
    size_t n = sim_observed(NULL, 0);
    free(kept);
    kept = calloc(n + 1, sizeof *kept);
    kept_n = kept ? sim_observed(kept, n) : 0;
    observe_pause();
    on = false;
    drop();
}

size_t sim_observed(struct sim_observed *out, size_t max)
{
    if (observe_stale())
        return 0;
    bxs_observe_settle();
    const struct sim_observed *from = on ? seen.table->row : kept;
    size_t n = on ? seen.table->rows : kept_n;
    if (n && max)
        memcpy(out, from, (n < max ? n : max) * sizeof *out);
    return n;
}
