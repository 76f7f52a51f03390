/* monitors/programs/appel2.c -- the benchmark that Appel and Li (1991) call "protN+trap+unprot":
 * protects all pages at once, then writes to each in an order that looks random; the handler opens
 * it. All pages are one mapping with a table, as a pager would have it: protecting all is one
 * flush, opening one is a word of memory. SPDX-License-Identifier: MIT */
#include "monitors/programs/trap.h"
#include "monitors/programs/work.h"

enum { PAGES, ROUNDS };

static struct work_option options[] = {
    [PAGES] = {"pages", 100, 1, 10000, "how many pages there are"},
    [ROUNDS] = {"rounds", 10, 1, 1000000, "how often all are protected and opened"},
    {0},
};

static uint64_t region, *order, start;
static volatile uint64_t *table, traps, wrong; /* the handler uses them */

static void fault(uint64_t address, uint64_t access)
{
    uint64_t page = (address - start) / FK_PAGE;
    if (page >= options[PAGES].value)
        mon_fatal("a fault at %#lx, where nothing is", address);
    wrong += access != FK_WRITE || table[page] & FK_WRITE;
    table[page] |= FK_WRITE;
    traps++;
}

static void map_pages(uint64_t pages)
{
    uint64_t mapping = mon_object(FK_DEBUG_MAPPING);
    table = calloc(pages, sizeof(*table));
    order = calloc(pages, sizeof(*order));
    start = mon_area(pages * FK_PAGE);
    const struct fk_mapping_links links = {mon.ref[PARENT_SPACE], trap_region(pages, &region)};
    const struct fk_mapping_state state = {
        .start = start, .size = pages * FK_PAGE, .prot = FK_READ | FK_WRITE, .table = fk_at(table)};
    if (!mapping || !table || !order || !start || !links.region ||
        fk_mapping_set_state(mapping, fk_at(&state), fk_at(&links)))
        mon_fatal("out of memory; try fewer pages");
    for (uint64_t i = 0; i < pages; i++)
        order[i] = i;
}

static void shuffle(uint64_t pages, uint64_t *state)
{
    for (uint64_t i = pages; i > 1; i--) {
        uint64_t other = work_random(state) % i, page = order[i - 1];
        order[i - 1] = order[other];
        order[other] = page;
    }
}

static void protect_all(uint64_t pages)
{
    for (uint64_t i = 0; i < pages; i++)
        table[i] = i * FK_PAGE | FK_READ;
    fk_region_flush(region, 0, pages * FK_PAGE);
}

static volatile uint64_t *word_of(uint64_t page)
{
    return (volatile uint64_t *)(start + page * FK_PAGE);
}

int main(void)
{
    work_options("protects all pages, then traps on each", options);
    uint64_t pages = options[PAGES].value, rounds = options[ROUNDS].value, state = 5;
    map_pages(pages);
    trap_catch(fault);
    work_begin(WORK_MAIN);
    for (uint64_t round = 0; round < rounds; round++) {
        shuffle(pages, &state);
        protect_all(pages);
        for (uint64_t i = 0; i < pages; i++)
            *word_of(order[i]) += 1;
    }
    work_end(WORK_MAIN);
    for (uint64_t page = 0; page < pages; page++)
        wrong += *word_of(page) != rounds;
    wrong += traps != pages * rounds;
    printf("appel2: %lu pages, %lu traps, %lu wrong\n", pages, traps, wrong);
    return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
