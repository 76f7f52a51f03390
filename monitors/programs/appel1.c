/* monitors/programs/appel1.c -- the benchmark that Appel and Li (1991) call "prot1+trap+unprot":
 * writes to a protected page; the handler opens this one and protects another. Each page has a
 * mapping of its own, so each change is one kernel call on one page. SPDX-License-Identifier: MIT
 */
#include "monitors/programs/trap.h"
#include "monitors/programs/work.h"

enum { PAGES, TRAPS };

static struct work_option options[] = {
    [PAGES] = {"pages", 100, 2, 10000, "how many pages there are"},
    [TRAPS] = {"traps", 1000, 1, 10000000, "how many writes to protected ones"},
    {0},
};

static uint64_t *mapping, start;
static volatile uint64_t open_page, traps, wrong; /* the handler changes them */

static void protect(uint64_t page, unsigned rights)
{
    const struct fk_mapping_state state = {
        .start = start + page * FK_PAGE, .size = FK_PAGE, .offset = page * FK_PAGE, .prot = rights};
    fk_mapping_set_state(mapping[page], fk_at(&state), 0);
}

static void fault(uint64_t address, uint64_t access)
{
    uint64_t page = (address - start) / FK_PAGE;
    wrong += access != FK_WRITE || page >= options[PAGES].value || page == open_page;
    if (page >= options[PAGES].value)
        mon_fatal("a fault at %#lx, where nothing is", address);
    protect(open_page, FK_READ);
    protect(page, FK_READ | FK_WRITE);
    open_page = page;
    traps++;
}

static void map_pages(uint64_t pages)
{
    uint64_t object, region = trap_region(pages, &object);
    mapping = calloc(pages, sizeof(*mapping));
    start = mon_area(pages * FK_PAGE);
    for (uint64_t i = 0; region && mapping && start && i < pages; i++) {
        mapping[i] = mon_map(mon.ref[PARENT_SPACE], region, start + i * FK_PAGE, FK_PAGE,
                             i * FK_PAGE, i == open_page ? FK_READ | FK_WRITE : FK_READ);
        if (!mapping[i])
            break;
    }
    if (!mapping || !mapping[pages - 1])
        mon_fatal("out of memory; try fewer pages");
}

static volatile uint64_t *word_of(uint64_t page)
{
    return (volatile uint64_t *)(start + page * FK_PAGE);
}

int main(void)
{
    work_options("traps, opening one page and protecting another", options);
    uint64_t pages = options[PAGES].value, state = 3, sum = 0;
    map_pages(pages);
    trap_catch(fault);
    work_begin(WORK_MAIN);
    for (uint64_t i = 0; i < options[TRAPS].value; i++)
        ++*word_of((open_page + 1 + work_random(&state) % (pages - 1)) % pages);
    work_end(WORK_MAIN);
    for (uint64_t page = 0; page < pages; page++)
        sum += *word_of(page);
    wrong += sum != options[TRAPS].value || traps != sum;
    printf("appel1: %lu pages, %lu traps, %lu wrong\n", pages, traps, wrong);
    return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
