/* sweeps.c -- memory touched in known patterns, each between BEGIN and END of its own number, so
 * that what a TLB or a cache misses can be worked out on paper (sim/lua/tests/sweeps.lua does).
 * Each loop is one load a turn and touches no other memory. SPDX-License-Identifier: MIT */
#include "abi/simcall/simcall.h"
#include "sim/tests/guests/rt/rt.h"

#define PAGE   4096u
#define PAGES  256u
#define GLOBAL 0x100u
#define ROUNDS 10

static uint8_t area[256 * 1024] __attribute__((aligned(65536)));

/* `turns` loads from `at`, `stride` apart. */
static void sweep(const void *at, uint64_t stride, uint64_t turns)
{
    __asm__ volatile("1: movb (%0), %%al; add %2, %0; dec %1; jnz 1b"
                     : "+r"(at), "+r"(turns)
                     : "r"(stride)
                     : "rax", "memory", "cc");
}

/* The same a few times over, still without a load besides. */
static void sweeps(const void *at, uint64_t stride, uint64_t turns, uint64_t rounds)
{
    const void *from = at;
    uint64_t left = turns;

    __asm__ volatile("2: mov %4, %0; mov %5, %1; 1: movb (%0), %%al; add %3, %0; dec %1; jnz 1b;"
                     "dec %2; jnz 2b"
                     : "+&r"(at), "+&r"(left), "+&r"(rounds)
                     : "r"(stride), "r"(from), "r"(turns)
                     : "rax", "memory", "cc");
}

static void set_cr4(uint64_t set)
{
    uint64_t v;

    __asm__ volatile("mov %%cr4, %0; or %1, %0; mov %0, %%cr4" : "=&r"(v) : "r"(set) : "memory");
}

static void caches(void)
{
    simcall_BEGIN(1, 0, 0); /* twice what the cache holds, over and over */
    sweeps(area, 64, 1024, ROUNDS);
    simcall_END(1, 0, 0);
    simcall_BEGIN(2, 0, 0); /* one line */
    sweep(area, 0, 1000);
    simcall_END(2, 0, 0);
    simcall_BEGIN(3, 0, 0); /* one line more than a set has room for */
    sweeps(area + 128, PAGE, 9, ROUNDS);
    simcall_END(3, 0, 0);
    simcall_BEGIN(4, 0, 0); /* as many as it has room for */
    sweeps(area + 64, PAGE, 8, ROUNDS);
    simcall_END(4, 0, 0);
    simcall_BEGIN(5, 0, 0); /* a string: 512 elements in 64 lines */
    void *to = area + 128 * 1024;
    uint64_t n = 512;
    __asm__ volatile("rep stosq" : "+D"(to), "+c"(n) : "a"(0) : "memory");
    simcall_END(5, 0, 0);
}

static void translations(void)
{
    uint8_t *at = (uint8_t *)RT_USER;
    uint64_t page = rt_page();

    for (unsigned i = 0; i < PAGES; i++)
        rt_map(rt_cr3(), RT_USER + i * PAGE,
               page);        /* one frame: lines are the same, pages are not */
    simcall_BEGIN(11, 0, 0); /* fits */
    sweeps(at, PAGE, 32, ROUNDS);
    simcall_END(11, 0, 0);
    rt_set_cr3(rt_cr3());
    simcall_BEGIN(12, 0, 0); /* does not */
    sweeps(at, PAGE, 128, ROUNDS);
    simcall_END(12, 0, 0);
    simcall_BEGIN(13, 0, 0); /* CR3 */
    sweep(at, PAGE, 16);
    rt_set_cr3(rt_cr3());
    sweep(at, PAGE, 16);
    simcall_END(13, 0, 0);
    simcall_BEGIN(14, 0, 0); /* one page out of 16 */
    rt_invlpg(RT_USER + 5 * PAGE);
    sweep(at, PAGE, 16);
    simcall_END(14, 0, 0);
    set_cr4(1 << 7);
    for (unsigned i = 0; i < 8; i++)
        *rt_map_entry(rt_cr3(), RT_USER + i * PAGE) |= GLOBAL;
    rt_set_cr3(rt_cr3());
    simcall_BEGIN(15, 0, 0); /* 8 global pages stay, 8 others go */
    sweep(at, PAGE, 16);
    rt_set_cr3(rt_cr3());
    sweep(at, PAGE, 16);
    simcall_END(15, 0, 0);
}

int guest_main(void)
{
    caches();
    translations();
    rt_print("sweeps: done\n");
    return 0;
}
