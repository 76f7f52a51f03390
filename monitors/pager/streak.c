/* monitors/pager/streak.c -- who gets nowhere. An instruction, or a kernel call, begins again when
 * a page was missing, and needs all its pages at once: with fewer frames for them, each one that
 * comes drives out another, for ever. One thread at a time is watched: the pages that it missed at
 * one instruction are its streak. When they are missing again and again, all of them stay until it
 * has got further; so it does get further, if they can be here together. If they never can, it is
 * lent frames until it has got further, which tells how many it takes. page.c calls this with its
 * lock. SPDX-License-Identifier: MIT */
#include "monitors/pager/pager.h"

#define REPEATS  200  /* pages missing anew before all of them stay: others are a loop's */
#define OTHERS   64   /* faults of other threads after which it is somebody else's turn */
#define PATIENCE 1000 /* failures in a row: a loop over so few pages has ended before */

static struct {
    uint64_t thread, rip;
    uint32_t page[STREAK];
    uint32_t pages;
    uint32_t last;     /* of its pages */
    uint32_t repeats;  /* how often one of them was missing anew */
    uint32_t others;   /* faults of other threads since */
    uint32_t failures; /* how often its pages could not be here together */
    struct {
        uint64_t thread, rip;
        uint32_t page;
    } peer; /* whose page was missing between two of its own */
} streak;

static bool stays(void)
{
    return streak.repeats >= REPEATS;
}

static bool is_in(uint32_t page)
{
    for (uint32_t i = 0; i < streak.pages; i++)
        if (streak.page[i] == page)
            return true;
    return false;
}

static void begin(uint64_t thread, uint64_t rip)
{
    streak.thread = thread;
    streak.rip = rip;
    streak.pages = streak.others = streak.repeats = streak.failures = 0;
}

static void add(uint32_t page)
{
    if (streak.pages == STREAK) /* a loop */
        begin(streak.thread, streak.rip);
    streak.page[streak.pages++] = page;
}

/* Both ends of a call may miss pages in turn: then it takes them together. */
static void add_of_peer(uint64_t thread, uint64_t rip, uint32_t page)
{
    bool again = streak.peer.thread == thread && streak.peer.rip == rip && streak.peer.page == page;
    if (again && stays() && !is_in(page) && streak.pages < STREAK)
        add(page);
    streak.peer.thread = thread;
    streak.peer.rip = rip;
    streak.peer.page = page;
}

uint32_t streak_fault(uint64_t thread, uint64_t rip, uint32_t page)
{
    uint32_t needs = 0;
    if (thread != streak.thread && streak.others++ < OTHERS) {
        add_of_peer(thread, rip, page);
        return 0;
    }
    if (thread != streak.thread || rip != streak.rip) {
        needs = streak_hopeless() ? streak.pages : 0;
        begin(thread, rip);
    }
    streak.others = 0;
    streak.last = page;
    if (is_in(page))
        streak.repeats++;
    else
        add(page);
    return needs;
}

bool streak_holds(uint32_t page)
{
    return stays() && is_in(page);
}

/* Some pages may be of what it had done before: now they are counted anew. */
bool streak_failed(void)
{
    streak.failures += !streak.others;
    if (!streak_hopeless())
        return false;
    streak.page[0] = streak.last;
    streak.pages = !streak.others;
    return true;
}

bool streak_hopeless(void)
{
    return streak.failures >= PATIENCE;
}
