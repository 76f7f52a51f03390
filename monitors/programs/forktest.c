/* monitors/programs/forktest.c -- a tree of processes: each forks `fan` more down to `depth`, does
 * some work in memory of its own, waits for all, and ends with the number of processes below and
 * including it. SPDX-License-Identifier: MIT */
#include "monitors/programs/work.h"

enum { DEPTH, FAN, TIMES, KIB };

static struct work_option options[] = {
    [DEPTH] = {"depth", 3, 0, 7, "generations below the first process"},
    [FAN] = {"fan", 2, 1, 8, "children of each"},
    [TIMES] = {"times", 1, 1, 1000, "how many trees, one after another"},
    [KIB] = {"kib", 32, 1, 65536, "memory that each process writes, in KiB"},
    {0},
};

static uint64_t *memory, words;

/* Whoever shares a page with somebody else sees the other's mark. */
static void work(uint64_t mark)
{
    for (uint64_t i = 0; i < words; i++)
        memory[i] = mark + i;
    for (uint64_t i = 0; i < words; i++)
        if (memory[i] != mark + i)
            mon_fatal("word %lu of its memory was changed by another process", i);
}

static uint64_t tree(uint64_t generations, uint64_t mark)
{
    uint64_t count = 1, fan = generations ? options[FAN].value : 0;
    for (uint64_t i = 0; i < fan; i++)
        if (!work_fork())
            exit((int)tree(generations - 1, mark * (options[FAN].value + 1) + i + 1));
    work(mark << 32);
    for (uint64_t i = 0; i < fan; i++)
        count += work_wait();
    return count;
}

static uint64_t expected(void)
{
    uint64_t count = 1, level = 1;
    for (uint64_t i = 0; i < options[DEPTH].value; i++)
        count += level *= options[FAN].value;
    return count;
}

int main(void)
{
    work_options("forks a tree of processes", options);
    work_process();
    if (expected() > 255)
        mon_fatal("depth=%lu fan=%lu makes %lu processes; at most 255 can be counted",
                  options[DEPTH].value, options[FAN].value, expected());
    words = options[KIB].value * 128;
    memory = mon_pages(words * 8);
    if (!memory)
        mon_fatal("out of memory; try kib=1");
    uint64_t wrong = 0;
    work_begin(WORK_MAIN);
    for (uint64_t i = 0; i < options[TIMES].value; i++)
        wrong += tree(options[DEPTH].value, 1) != expected();
    work_end(WORK_MAIN);
    printf("forktest: %lu trees of %lu processes, %lu wrong\n", options[TIMES].value, expected(),
           wrong);
    return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
