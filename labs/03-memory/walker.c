/* labs/03-memory/walker.c -- walks through pages of its memory and looks whether each still has
 * what was written there last. Each step is told to step(), where a checker listens, before it is
 * made: what the pager below which it runs has to do is known from that exactly. kind=fill   all in
 * order, first written, then passes=N times read and written (pages=N) kind=read   all in order,
 * first written, then passes=N times only read kind=work   length=N steps: every other one to a
 * small set of pages that changes once at half time, the rest through all pages in turn; seed=N
 *   objects=N   first makes a mutex in each of N more pages, and uses all of them at the end
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

enum { PAGES = 1024, HOT = 14 };

void begin(const void *memory, uint64_t pages);
void step(uint64_t page, uint64_t number);
void done(uint64_t wrong, uint64_t steps);

__attribute__((noinline)) void begin(const void *memory, uint64_t pages)
{
    __asm__ volatile("" ::"r"(memory), "r"(pages) : "memory");
}

__attribute__((noinline)) void step(uint64_t page, uint64_t number)
{
    __asm__ volatile("" ::"r"(page), "r"(number) : "memory");
}

__attribute__((noinline)) void done(uint64_t wrong, uint64_t steps)
{
    __asm__ volatile("" ::"r"(wrong), "r"(steps) : "memory");
}

static char *memory;
static uint64_t pages, steps, wrong;
static uint32_t last[PAGES]; /* what was written to each page last, 0 = nothing */

/* The words of a page that count: somewhere in it, at another place in each. */
static volatile uint32_t *word(uint64_t page)
{
    return (volatile uint32_t *)(memory + page * FK_PAGE + page * 52 % (FK_PAGE - 4) / 4 * 4);
}

static void visit(uint64_t page, bool write)
{
    step(page, steps++);
    wrong += *word(page) != last[page];
    if (write)
        *word(page) = last[page] = (uint32_t)(steps << 10 | page) + 1;
}

static void in_order(uint64_t passes, bool write)
{
    for (uint64_t page = 0; page < pages; page++)
        visit(page, true);
    for (uint64_t pass = 0; pass < passes; pass++)
        for (uint64_t page = 0; page < pages; page++)
            visit(page, write);
}

static uint64_t some(uint64_t *state, uint64_t of)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (*state >> 32) * of >> 32;
}

static void work(uint64_t length, uint64_t seed)
{
    uint64_t hot = some(&seed, pages - HOT), next = 0;
    for (uint64_t i = 0; i < length; i++) {
        if (i == length / 2)
            hot = (hot + pages / 2) % (pages - HOT);
        uint64_t page = i % 2 ? hot + some(&seed, HOT) : next++ % pages;
        visit(page, some(&seed, 4) == 0);
    }
}

/* ---- kernel objects in memory that is paged ---- */

static void *memory_of(uint64_t count)
{
    void *at = mon_pages(count * FK_PAGE);
    if (!at)
        mon_fatal("no memory for %lu pages", count);
    return at;
}

static char *objects_make(uint64_t count)
{
    char *at = memory_of(count + !count);
    for (uint64_t i = 0; i < count; i++)
        if (fk_mutex_create(fk_at(at + i * FK_PAGE)))
            mon_fatal("no mutex can be made");
    return at;
}

static void objects_use(char *at, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        fk_mutex_lock(fk_at(at + i * FK_PAGE));
        fk_mutex_unlock(fk_at(at + i * FK_PAGE));
    }
}

int main(void)
{
    const char *kind = mon_option("kind");
    uint64_t objects = mon_option_number("objects", 0), passes = mon_option_number("passes", 2);
    pages = mon_option_number("pages", 100);
    if (pages < 4 * HOT || pages > PAGES)
        mon_fatal("pages=%lu cannot work; write a number from %d to %d", pages, 4 * HOT, PAGES);
    char *mutexes = objects_make(objects);
    memory = memory_of(pages);
    begin(memory, pages);
    if (kind && !strcmp(kind, "work"))
        work(mon_option_number("length", 1200), mon_option_number("seed", 1));
    else
        in_order(passes, !kind || strcmp(kind, "read"));
    objects_use(mutexes, objects);
    done(wrong, steps);
    printf("walker: %lu steps, %lu wrong\n", steps, wrong);
    return wrong != 0;
}
