/* monitors/programs/memtest.c -- walks through its memory from one end to the other, pass after
 * pass: each word is compared with what the pass before left, and written anew. What paging costs
 * when it is needed, and when it is not. SPDX-License-Identifier: MIT */
#include "monitors/programs/work.h"

enum { MIB, PASSES };
enum { FIRST_TOUCH = 2, LATER_PASSES }; /* parts of the measured region */

static struct work_option options[] = {
    [MIB] = {"mib", 4, 1, 1024, "memory to walk through, in MiB"},
    [PASSES] = {"passes", 4, 1, 1000000000, "how often, besides the first time"},
    {0},
};

static uint64_t pattern(uint64_t index, uint64_t pass)
{
    return index * 0x9e3779b97f4a7c15ull + pass;
}

/* A pass before the first one left zeroes. */
static uint64_t walk(uint64_t *memory, uint64_t words, uint64_t pass)
{
    uint64_t wrong = 0;
    for (uint64_t i = 0; i < words; i++) {
        wrong += memory[i] != (pass ? pattern(i, pass) : 0);
        memory[i] = pattern(i, pass + 1);
    }
    return wrong;
}

int main(void)
{
    work_options("walks through memory", options);
    uint64_t bytes = options[MIB].value << 20, passes = options[PASSES].value;
    uint64_t *memory = mon_pages(bytes);
    if (!memory)
        mon_fatal("there are no %lu MiB; try mib=1", options[MIB].value);
    work_begin(WORK_MAIN);
    work_begin(FIRST_TOUCH);
    uint64_t wrong = walk(memory, bytes / 8, 0);
    work_end(FIRST_TOUCH);
    work_begin(LATER_PASSES);
    for (uint64_t pass = 1; pass <= passes; pass++)
        wrong += walk(memory, bytes / 8, pass);
    work_end(LATER_PASSES);
    work_end(WORK_MAIN);
    printf("memtest: %lu MiB, %lu passes, %lu words wrong, checksum %016lx\n", options[MIB].value,
           passes + 1, wrong, work_sum_bytes(0, memory, bytes));
    return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
