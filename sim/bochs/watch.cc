/* sim/bochs/watch.cc -- data watchpoints that cost nothing where nobody looks.
 *
 * A watched physical page is given a memory handler, so that Bochs keeps no host address for it and
 * every access to it comes here; all other memory keeps its fast path, and with no watch set this
 * file is never entered. A virtual watch follows its page: whenever the CPU has walked a page
 * table, just before it uses the result, the watched addresses are looked up again.
 * Invariant: no TLB entry lets an access to a watched page go straight to host memory.
 * SPDX-License-Identifier: MIT */
#include "sim/bochs/engine.h"

#define CPU             BX_CPU(0)
#define PAGES           256
#define NO_HOST_POINTER 0x800 /* in a TLB entry's page number: Bochs keeps the name to itself */

extern "C" {
Bit32u bxs_watching; /* any watch: page walks are of interest */
}
static gpa pages[PAGES]; /* watched now */
static unsigned page_count;
static char self;                /* whose handlers they are */
static Bit64u looked_at = ~0ull; /* instruction count at which the tables were looked at last */

static bool watched(gpa page)
{
    for (unsigned i = 0; i < page_count; i++)
        if (pages[i] == page)
            return true;
    return false;
}

/* Are these handlers ours alone, and is the page one of which nobody wants to know? */
bool watch_lets_past(const memory_handler_struct *h, bx_phy_address at)
{
    for (; h; h = h->next)
        if (h->param != &self)
            return false;
    return !watched(at & ~0xfffull);
}

/* Told at the end of the instruction, when the machine stands. */
static void hit(gpa at, unsigned len, unsigned how)
{
    if (!up_access(at, len, how))
        return;
    engine.watch_hit = true;
    engine_leave();
}

static bool on_read(bx_phy_address at, unsigned len, void *data, void *self)
{
    (void)self;
    memcpy(data, BX_MEM(0)->get_vector(at), len);
    hit(at, len, 1);
    return true;
}

static bool on_write(bx_phy_address at, unsigned len, void *data, void *self)
{
    (void)self;
    bxs_ram_written(at, len);
    memcpy(BX_MEM(0)->get_vector(at), data, len);
    hit(at, len, 2);
    return true;
}

/* Code is fetched, and tools look, past the handler; so are the neighbours of a watched page. */
static Bit8u *direct(bx_phy_address at, unsigned rw, void *self)
{
    (void)self;
    return rw == BX_EXECUTE || !watched(at & ~0xfffull) ? BX_MEM(0)->get_vector(at) : NULL;
}

template <unsigned N> static void forget(TLB<N> &tlb, gpa page)
{
    for (bx_TLB_entry &e : tlb.entry)
        if (e.valid() && (e.ppf & ~0xfffull) == page)
            e.lpf |= NO_HOST_POINTER;
}

/* Bochs has room for one handler in 64 KiB. Once there it stays: with nothing watched it lets
 * everything past. The table is the machine's and goes back in time, so it is asked for each time;
 * a second handler at the same place is refused by Bochs, and not needed. */
static void cover(gpa page)
{
    gpa block = page & ~0xffffull;
    BX_MEM(0)->registerMemoryHandlers(&self, on_read, on_write, direct, block, block + 0xffff);
    forget(CPU->DTLB, page);
    CPU->invalidate_stack_cache();
}

extern "C" int bxs_watch_page(gpa at)
{
    gpa page = at & ~0xfffull;
    if (watched(page))
        return 0;
    bool plain = page + 4096 <= BX_MEM(0)->get_memory_len() && (page < 0xa0000 || page >= 0x100000);
    if (!plain || page_count == PAGES)
        return -1;
    pages[page_count++] = page;
    cover(page);
    return 0;
}

extern "C" void bxs_watch_none(void)
{
    page_count = 0;
}

/* What was watched elsewhere at that time is found where it was then. */
void watch_restored(void)
{
    for (unsigned i = 0; i < page_count; i++)
        cover(pages[i]);
    looked_at = ~0ull;
    if (bxs_watching)
        up_walked();
}

void watch_look_again(void)
{
    looked_at = ~0ull;
}

extern "C" void bxs_watch(bool any)
{
    bxs_watching = any;
}

/* At each step of a walk; one look an instruction is enough, since none walks by what it writes. */
extern "C" void bxs_walked(void)
{
    if (looked_at == CPU->icount)
        return;
    looked_at = CPU->icount;
    up_walked();
}
