/* sim/core/probe.c -- the set of probes and watchpoints.
 *
 * The engine asks at each decoding whether an instruction is wanted, and plants its handler; on a
 * hit it asks again, with the address space in force. So the set may be larger than what is
 * planted, never smaller: changing it flushes decoded code. All of this is the tool's state.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "sim/core/machine.h"
#include "sim/core/shim.h"
#include "sim/mem.h"
#include "sim/probe.h"

#define PROBES 65536
#define NO_PA  (~0ull)

enum where { UNUSED, PHYSICAL, VIRTUAL };

struct probe {
    enum where where;
    uint64_t cr3;
    uint64_t at;
    sim_probe_fn *fn;
    void *ctx;
    int next; /* in the bucket; -1 = last */
};

static struct probe *probes;
static unsigned probe_max, probe_count;
static unsigned free_from; /* all before it are in use */
static int buckets[4096];

static unsigned bucket_of(uint64_t at)
{
    return (at ^ at >> 12) & 4095;
}

static int probe_slot(void)
{
    for (; free_from < probe_max; free_from++)
        if (probes[free_from].where == UNUSED)
            return (int)free_from++;
    unsigned more = probe_max ? probe_max * 2 : 64;
    struct probe *p = more <= PROBES ? realloc(probes, more * sizeof *p) : NULL;
    if (!p)
        return sim_fail("too many probes: at most %d", PROBES);
    if (!probes)
        memset(buckets, -1, sizeof buckets);
    probes = p;
    memset(probes + probe_max, 0, (more - probe_max) * sizeof *p);
    int slot = (int)probe_max;
    probe_max = more;
    return slot;
}

static int probe_add(enum where where, uint64_t cr3, uint64_t at, sim_probe_fn *fn, void *ctx)
{
    int i = probe_slot();
    if (i < 0)
        return -1;
    int *bucket = &buckets[bucket_of(at)];
    probes[i] = (struct probe){where, cr3, at, fn, ctx, *bucket};
    *bucket = i;
    probe_count++;
    machine_flush_code();
    return i;
}

int sim_probe_phys(gpa at, sim_probe_fn *fn, void *ctx)
{
    return probe_add(PHYSICAL, 0, at, fn, ctx);
}

int sim_probe_virt(uint64_t cr3, gva at, sim_probe_fn *fn, void *ctx)
{
    return probe_add(VIRTUAL, cr3 == SIM_CR3_ANY ? cr3 : cr3 & ~0xfffull, at, fn, ctx);
}

void sim_probe_remove(int id)
{
    if (id < 0 || (unsigned)id >= probe_max || probes[id].where == UNUSED)
        return;
    int *link = &buckets[bucket_of(probes[id].at)];
    while (*link != id)
        link = &probes[*link].next;
    *link = probes[id].next;
    probes[id].where = UNUSED;
    if ((unsigned)id < free_from)
        free_from = (unsigned)id;
    probe_count--;
    machine_flush_code();
}

static bool any_at(enum where where, uint64_t at)
{
    for (int i = buckets[bucket_of(at)]; i >= 0; i = probes[i].next)
        if (probes[i].where == where && probes[i].at == at)
            return true;
    return false;
}

/* Where an instruction lies across two pages the engine does not know its physical address. */
static gpa place(gpa at, gva rip)
{
    struct sim_walk w;
    if (at != NO_PA)
        return at;
    return sim_walk(SIM_CR3_NOW, rip, &w) == 0 ? w.pa : NO_PA;
}

bool up_probe_wanted(gpa at, gva rip)
{
    if (!probe_count)
        return false;
    return any_at(VIRTUAL, rip) || any_at(PHYSICAL, place(at, rip));
}

static bool meets(const struct probe *p, gpa at, gva rip, uint64_t cr3)
{
    if (p->where == PHYSICAL)
        return p->at == at;
    return p->where == VIRTUAL && p->at == rip && (p->cr3 == SIM_CR3_ANY || p->cr3 == cr3);
}

static void call_all(uint64_t key, gpa at, gva rip, uint64_t cr3)
{
    for (int i = buckets[bucket_of(key)], next; i >= 0; i = next) {
        next = probes[i].next; /* the callback may remove this one */
        if (meets(&probes[i], at, rip, cr3) && probes[i].at == key)
            probes[i].fn(probes[i].ctx, i, rip);
    }
}

bool up_probe_hit(gpa at, gva rip)
{
    if (!probe_count || machine_replaying())
        return false;
    uint64_t cr3 = sim_reg_get(SIM_REG_cr3) & ~0xfffull;
    at = place(at, rip);
    call_all(rip, at, rip, cr3);
    if (at != rip)
        call_all(at, at, rip, cr3);
    return machine_stopping();
}

/* ---- watchpoints: kept by virtual address, seen by physical page ---- */

#define WATCHES     64
#define WATCH_PAGES 8
#define HITS        16

struct watch {
    uint64_t cr3, at, size;
    unsigned how;
    sim_watch_fn *fn; /* NULL = unused */
    void *ctx;
    unsigned pages;
    gpa page[WATCH_PAGES]; /* where each page of the range lies now; NO_PA = nowhere */
};

static struct watch watches[WATCHES];
static unsigned watch_count;
static struct hit {
    int watch;
    gva at;
    unsigned n, how;
} hits[HITS];
static unsigned hit_count;

static void watch_find(struct watch *w)
{
    for (unsigned i = 0; i < w->pages; i++) {
        struct sim_walk walk;
        gva va = (w->at & ~0xfffull) + i * 4096ull;
        uint64_t cr3 = w->cr3 == SIM_CR3_ANY ? SIM_CR3_NOW : w->cr3;
        w->page[i] = sim_walk(cr3, va, &walk) == 0 ? walk.pa & ~0xfffull : NO_PA;
    }
}

static int watch_cover(const struct watch *w)
{
    for (unsigned i = 0; i < w->pages; i++)
        if (w->page[i] != NO_PA && bxs_watch_page(w->page[i]) < 0)
            return -1;
    return 0;
}

static int watch_all(void)
{
    int bad = 0;
    for (int i = 0; i < WATCHES; i++) {
        if (!watches[i].fn)
            continue;
        watch_find(&watches[i]);
        bad |= watch_cover(&watches[i]);
    }
    return bad;
}

/* The CPU has read a page table, and has yet to use what it read. */
void up_walked(void)
{
    if (watch_all() == 0)
        return;
    bxs_watch_none(); /* full of pages that once were watched: once more, with those of now */
    watch_all();
}

int sim_watch(uint64_t cr3, gva at, size_t n, unsigned how, sim_watch_fn *fn, void *ctx)
{
    uint64_t pages = n ? ((at + n - 1) >> 12) - (at >> 12) + 1 : 0;
    if (n == 0 || !(how & 3) || !fn)
        return sim_fail("a watchpoint needs at least one byte, a kind of access and a callback");
    if (pages > WATCH_PAGES || pages == 0)
        return sim_fail("a watchpoint can span at most %d pages", WATCH_PAGES);
    for (int i = 0; i < WATCHES; i++) {
        struct watch *w = &watches[i];
        if (w->fn)
            continue;
        *w = (struct watch){.cr3 = cr3 == SIM_CR3_ANY ? cr3 : cr3 & ~0xfffull,
                            .at = at,
                            .size = n,
                            .how = how,
                            .fn = fn,
                            .ctx = ctx,
                            .pages = (unsigned)pages};
        watch_count++;
        bxs_watch(true);
        up_walked();
        return i;
    }
    return sim_fail("too many watchpoints: at most %d", WATCHES);
}

void sim_watch_remove(int id)
{
    if (id < 0 || id >= WATCHES || !watches[id].fn)
        return;
    watches[id].fn = NULL;
    if (--watch_count)
        return;
    bxs_watch(false);
    bxs_watch_none();
}

/* The first watched byte among [at, at + len), as a virtual address. */
static bool overlap(const struct watch *w, gpa at, unsigned len, gva *where)
{
    for (unsigned i = 0; i < w->pages; i++) {
        if (w->page[i] == NO_PA || w->page[i] != (at & ~0xfffull))
            continue;
        gva va = (w->at & ~0xfffull) + i * 4096ull + (at & 0xfff);
        *where = va > w->at ? va : w->at;
        return va + len > w->at && va < w->at + w->size;
    }
    return false;
}

bool up_access(gpa at, unsigned len, unsigned how)
{
    unsigned before = hit_count;
    for (int i = 0; i < WATCHES; i++) {
        const struct watch *w = &watches[i];
        gva where;
        if (!w->fn || !(w->how & how) || !overlap(w, at, len, &where))
            continue;
        if (hit_count < HITS)
            hits[hit_count++] = (struct hit){i, where, len, how};
    }
    return hit_count != before;
}

void up_watch_hits(void)
{
    for (unsigned i = 0; i < hit_count && !machine_replaying(); i++) {
        struct watch *w = &watches[hits[i].watch];
        uint64_t value = 0, cr3 = w->cr3 == SIM_CR3_ANY ? SIM_CR3_NOW : w->cr3;
        if (!w->fn)
            continue;
        sim_virt_read(cr3, w->at, &value, w->size < 8 ? w->size : 8);
        w->fn(w->ctx, hits[i].watch, hits[i].at, hits[i].n, hits[i].how, value);
    }
    hit_count = 0;
}
