/* monitors/programs/allocation.c -- allocates and frees, in two parts: blocks of the heap in an
 * order that looks random, and regions of the memory pool, which go over the border. Every block
 * keeps its own content while others come and go. SPDX-License-Identifier: MIT */
#include "monitors/programs/work.h"

enum { BLOCKS, STEPS, REGIONS, ROUNDS };
enum { HEAP = 2, POOL }; /* parts of the measured region */
#define BLOCK_MAX 2000

static struct work_option options[] = {
    [BLOCKS] = {"blocks", 200, 1, 10000, "heap blocks at the same time"},
    [STEPS] = {"steps", 20000, 0, 10000000, "how often one of them is replaced"},
    [REGIONS] = {"regions", 8, 1, 64, "regions at the same time"},
    [ROUNDS] = {"rounds", 50, 0, 100000, "how often all of them are replaced"},
    {0},
};

struct slot {
    unsigned char *block;
    size_t bytes;
    unsigned char mark;
};

static uint64_t wrong;

static void slot_free(struct slot *slot)
{
    wrong +=
        slot->bytes && (slot->block[0] != slot->mark || slot->block[slot->bytes - 1] != slot->mark);
    free(slot->block);
    *slot = (struct slot){0};
}

static void slot_fill(struct slot *slot, uint64_t random)
{
    slot->bytes = random % BLOCK_MAX + 1;
    slot->mark = (unsigned char)(random >> 16);
    slot->block = malloc(slot->bytes);
    if (!slot->block)
        mon_fatal("out of memory; try fewer blocks");
    slot->block[0] = slot->block[slot->bytes - 1] = slot->mark;
}

static uint64_t heap_part(struct slot *slots)
{
    uint64_t state = 7, sum = 0, count = options[BLOCKS].value;
    work_begin(HEAP);
    for (uint64_t i = 0; i < options[STEPS].value; i++) {
        uint64_t random = work_random(&state);
        struct slot *slot = &slots[random % count];
        sum = work_sum(sum, slot->bytes);
        slot_free(slot);
        slot_fill(slot, work_random(&state));
    }
    for (uint64_t i = 0; i < count; i++)
        slot_free(&slots[i]);
    work_end(HEAP);
    return sum;
}

/* Fresh memory is zero, whoever had it before. */
static uint64_t *region_new(uint64_t pages)
{
    uint64_t *at = mon_pages(pages * FK_PAGE);
    if (!at)
        mon_fatal("out of memory; try fewer regions");
    for (uint64_t page = 0; page < pages; page++) {
        wrong += at[page * (FK_PAGE / 8)] != 0;
        at[page * (FK_PAGE / 8)] = page + 1;
    }
    return at;
}

static void pool_part(uint64_t **regions)
{
    work_begin(POOL);
    for (uint64_t round = 0; round < options[ROUNDS].value; round++)
        for (uint64_t i = 0; i < options[REGIONS].value; i++) {
            if (regions[i])
                mon_pages_free(regions[i]);
            regions[i] = region_new(1 + (i + round) % 4);
        }
    work_end(POOL);
}

int main(void)
{
    work_options("allocates and frees memory", options);
    struct slot *slots = calloc(options[BLOCKS].value, sizeof(*slots));
    uint64_t **regions = calloc(options[REGIONS].value, sizeof(*regions));
    if (!slots || !regions)
        mon_fatal("out of memory; try fewer blocks");
    work_begin(WORK_MAIN);
    uint64_t sum = heap_part(slots);
    pool_part(regions);
    work_end(WORK_MAIN);
    printf("allocation: %lu blocks, %lu regions, %lu wrong, checksum %016lx\n",
           options[STEPS].value, options[ROUNDS].value * options[REGIONS].value, wrong, sum);
    return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
