/* monitors/programs/trap.c -- C part of the trap handler. SPDX-License-Identifier: MIT */
#include "monitors/programs/trap.h"
#include "monitors/lib/mon.h"

#define STACK 4096

void trap_entry(void); /* trap_entry.S */
void trap_taken(uint64_t cause, uint64_t address, uint64_t access);

static void (*page_fault)(uint64_t address, uint64_t access);
static char stack[STACK] __attribute__((aligned(16)));

/* Without handlers the same instruction raises the same exception for the space's keeper. */
void trap_taken(uint64_t cause, uint64_t address, uint64_t access)
{
    static const uint64_t none[FK_HANDLERS];
    if (cause == FK_TRAP_PAGE_FAULT)
        page_fault(address, access);
    else
        fk_thread_handlers(fk_at(none), 0);
}

void trap_catch(void (*handler)(uint64_t address, uint64_t access))
{
    const uint64_t handlers[FK_HANDLERS] = {fk_at((void *)trap_entry), 0, 0, 0};
    page_fault = handler;
    fk_thread_handlers(fk_at(handlers), fk_at(stack + STACK));
    fk_thread_enable();
}

uint64_t trap_region(uint64_t pages, uint64_t *object)
{
    void *memory = mon_pages(pages * FK_PAGE);
    uint64_t region = mon_object(FK_DEBUG_REGION);
    const struct fk_region_state state = {
        .start = fk_at(memory), .size = pages * FK_PAGE, .prot = FK_READ | FK_WRITE};
    const struct fk_region_links links = {.space = mon.ref[PARENT_SPACE]};
    if (!memory || !region || fk_region_set_state(region, fk_at(&state), fk_at(&links)))
        return 0;
    *object = region;
    return mon_ref_to(region, FK_DEBUG_REGION);
}
