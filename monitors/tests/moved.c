/* monitors/tests/moved.c -- a program whose memory moves between two checkpoints: it writes numbers
 * to its pages, other ones at `write` milliseconds, makes a process right away (before which a
 * process manager moves all memory), and says at `end` whether the pages are as it left them; the
 * other process is there until then. With keys=1 a thread of it waits for the interrupt key for
 * ever, so that a nester that it is in cannot be copied. SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

#define PAGES 40
#define WORDS (FK_PAGE / 8)

static uint64_t pages[PAGES * WORDS] __attribute__((aligned(FK_PAGE)));
static uint64_t begun;

static void wait_until(const char *option, uint64_t ms)
{
    fk_clock_wait(begun + mon_option_number(option, ms) * 1000000);
}

static void fill(uint64_t factor)
{
    for (uint64_t i = 0; i < PAGES * WORDS; i++)
        pages[i] = i * factor;
}

static uint64_t wrong(uint64_t factor)
{
    uint64_t count = 0;
    for (uint64_t i = 0; i < PAGES * WORDS; i++)
        count += pages[i] != i * factor;
    return count;
}

static void wait_for_key(void *unused)
{
    uint64_t count = 0;
    (void)unused;
    console_interrupt(mon.ref[PARENT_CONSOLE], count, &count);
}

int main(void)
{
    uint64_t pid = 0, status;
    begun = (uint64_t)fk_clock_read();
    if (mon_option_number("keys", 0))
        mon_thread(wait_for_key, NULL, 0);
    fill(3);
    wait_until("write", 20);
    fill(5);
    long outcome = mon_fork(&pid);
    if (!outcome && !pid) {
        wait_until("end", 20);
        return 0;
    }
    if (outcome)
        printf("moved: fork: %s\n", strerror((int)-outcome));
    else
        process_wait(mon.ref[PARENT_PROCESS], pid, 0, &pid, &status);
    wait_until("end", 20);
    printf("moved: %lu words wrong\n", wrong(5));
    return 0;
}
