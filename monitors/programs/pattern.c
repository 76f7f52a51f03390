/* monitors/programs/pattern.c -- touches pages of its memory in an order that the options say, and
 * nothing else meanwhile: the pages are all that a pager below which it runs sees.
 *   pages=N   how many (8)          refs=HEX   up to 16 page numbers, a digit each
 *   warm=N    first touch so many others (0)   times=N    how often the refs (1)
 *   kind=loop | random   instead of refs: 0..N-1 again and again, or at random
 *   length=N  of those (100)        write=1    write instead of read
 *   order=1   announce the order to the pool beforehand   touched=1  touch each page once before
 * The touches are between BEGIN and END of region 1. SPDX-License-Identifier: MIT */
#include "abi/simcall/simcall.h"
#include "monitors/lib/mon.h"

#define WARM 4096

/* The order is computed step by step in registers: a list of it would be a page that is used, too.
 */
struct steps {
    uint64_t refs, state, pages;
    uint32_t digits, at, length, write;
    bool random;
};

static inline __attribute__((always_inline)) uint32_t step(struct steps *s)
{
    if (s->digits) {
        uint32_t place = s->digits - 1 - s->at;
        s->at = s->at + 1 == s->digits ? 0 : s->at + 1;
        return (uint32_t)(s->refs >> 4 * place & 15);
    }
    if (s->random) {
        s->state = s->state * 6364136223846793005ull + 1442695040888963407ull;
        return (uint32_t)((s->state >> 32) * s->pages >> 32);
    }
    uint32_t page = s->at;
    s->at = page + 1 == s->pages ? 0 : page + 1;
    return page;
}

static __attribute__((noinline)) void touch(volatile char *memory, const struct steps *steps)
{
    struct steps s = *steps;
    simcall_BEGIN(1, 0, 0);
    for (uint32_t left = s.length; left; left--) {
        volatile char *at = memory + (uint64_t)step(&s) * FK_PAGE;
        if (s.write)
            *at = 1;
        else
            (void)*at;
    }
    simcall_END(1, 0, 0);
}

static void warm(volatile char *memory, uint64_t pages)
{
    for (uint64_t i = 0; i < pages; i++)
        (void)memory[i * FK_PAGE];
}

static void announce(uint64_t region, struct steps s)
{
    uint32_t *order = malloc(s.length * sizeof(*order));
    if (!order)
        mon_fatal("out of memory");
    for (uint32_t i = 0; i < s.length; i++)
        order[i] = step(&s);
    for (uint32_t at = 0, part; at < s.length; at += part) {
        part = s.length - at < WARM ? s.length - at : WARM;
        long outcome =
            mempool_order(mon.ref[PARENT_MEMPOOL], region, order + at, part * sizeof(*order));
        if (outcome)
            mon_fatal("the order of pages is not taken: %s", strerror((int)-outcome));
    }
}

static void *memory_of(uint64_t pages, uint64_t *region)
{
    *region = mon_ref();
    void *memory = *region && !mempool_alloc(mon.ref[PARENT_MEMPOOL], pages * FK_PAGE, *region)
                       ? mon_window(*region, pages * FK_PAGE, 0, FK_READ | FK_WRITE)
                       : NULL;
    if (!memory)
        mon_fatal("no memory for %lu pages", pages);
    return memory;
}

int main(void)
{
    const char *refs = mon_option("refs"), *kind = mon_option("kind");
    uint64_t pages = mon_option_number("pages", 8), extra = mon_option_number("warm", 0), region,
             other, times = mon_option_number("times", 1);
    struct steps s = {.pages = pages,
                      .write = mon_option_number("write", 0) != 0,
                      .random = kind && !strcmp(kind, "random"),
                      .length = (uint32_t)mon_option_number("length", 100)};
    if (refs) {
        s.refs = strtoul(refs, NULL, 16);
        s.digits = (uint32_t)strlen(refs);
        s.length = (uint32_t)(s.digits * times);
    }
    if (!pages || (refs && (pages < 16 || s.digits > 16)))
        mon_fatal("refs names pages up to 15: write pages=16 or more, and at most 16 digits");
    char *memory = memory_of(pages, &region);
    if (mon_option_number("order", 0))
        announce(region, s);
    if (mon_option_number("touched", 0))
        warm(memory, pages);
    warm(memory_of(extra + 1, &other), extra);
    touch(memory, &s);
    printf("pattern: %u touches\n", s.length);
    return 0;
}
