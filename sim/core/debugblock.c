/* sim/core/debugblock.c -- names, levels and "on behalf of", read from the guest's debug block.
 *
 * The kernel announces the block once (simcall DEBUG_BLOCK); afterwards one compare of its
 * `changes` word a crossing says whether the list of spaces must be read again. Everything in the
 * block is a guest's word: lists are followed a bounded number of steps, by checked reads only.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "abi/fk/debug.h"
#include "sim/core/cross.h"
#include "sim/core/event.h"
#include "sim/core/shim.h"
#include "sim/mem.h"

struct block {
    const struct fk_debug_current *current; /* in guest memory; NULL = none announced */
    gva at;
    uint32_t changes;
    bool fresh;
    uint16_t index_of[SIM_SPACES]; /* space id modulo the table -> space index */
};

static struct block *block MACHINE_STATE = NULL;

bool debugblock_there(void)
{
    return block && block->current;
}

uint64_t sim_debug_block(void)
{
    return block && block->current ? block->at : 0;
}

static bool sane(const struct fk_debug_block *b)
{
    return b->magic == FK_DEBUG_MAGIC && b->version == FK_DEBUG_VERSION && b->bytes >= sizeof *b;
}

int debugblock_announce(gva at)
{
    struct fk_debug_block b;
    struct sim_walk w;
    gva current = at + offsetof(struct fk_debug_block, current);
    if (!block)
        block = bxs_calloc(1, sizeof *block);
    if (!block)
        return -1;
    memset(block, 0, sizeof *block);
    cross_now.debugged = false;
    if (at == 0 || sim_virt_read(SIM_CR3_NOW, at, &b, sizeof b) != sizeof b || !sane(&b))
        return -1;
    if (current % 16 || sim_walk(SIM_CR3_NOW, current, &w) < 0)
        return -1; /* aligned, so that the record lies in one page */
    block->current = (const void *)bxs_ram(w.pa, sizeof *block->current);
    cross_now.debugged = block->current != NULL;
    block->at = at;
    return block->current ? 0 : -1;
}

static void adopt(const struct fk_debug_space *s, uint64_t at)
{
    uint64_t key = s->cr3 & ~0xfffull;
    unsigned index = event_space_of(key, false, at);
    struct sim_space *have = index ? event_space(index) : NULL;
    if (have && have->id && have->id != s->head.id)
        have->live = false; /* the root is another space's now */
    index = event_space_of(key, true, at);
    if (!index)
        return;
    have = event_space(index);
    have->live = true;
    block->index_of[s->head.id % SIM_SPACES] = (uint16_t)index;
    char name[FK_DEBUG_NAME];
    memcpy(name, s->name, sizeof name);
    name[FK_DEBUG_NAME - 1] = 0;
    bool same = have->id == s->head.id && have->level == s->level &&
                (!name[0] || !strcmp(have->name, name));
    if (same)
        return;
    have->id = s->head.id;
    have->level = s->level;
    have->parent = s->parent;
    if (name[0])
        memcpy(have->name, name, sizeof name);
    else if (!strcmp(have->name, SIM_KERNEL_START))
        event_space_unnamed(have);
    event_note(TRACE_SPACE, at, index, key);
}

static void bury(uint64_t at)
{
    for (unsigned i = 1; i < sim_space_count(); i++) {
        struct sim_space *s = event_space(i);
        if (s->id && s->live && block->index_of[s->id % SIM_SPACES] != i) {
            s->live = false;
            event_note(TRACE_SPACE, at, i, s->cr3);
        }
    }
}

/* Page tables that are no space's are the kernel's own: it starts on them, and is idle on the last.
 */
static void name_kernel(uint64_t at)
{
    for (unsigned i = 0; i < sim_space_count(); i++) {
        struct sim_space *s = event_space(i);
        if (s->id || s->cr3 & 1 || !strcmp(s->name, SIM_KERNEL_START))
            continue;
        snprintf(s->name, sizeof s->name, "%s", SIM_KERNEL_START);
        if (i)
            event_note(TRACE_SPACE, at, i, s->cr3);
    }
}

static void read_spaces(uint64_t at)
{
    uint64_t next = 0;
    gva head = block->at + offsetof(struct fk_debug_block, list) + 8 * FK_DEBUG_SPACE;
    sim_event_flush(); /* whoever tells of earlier events shall see the names of their time */
    memset(block->index_of, 0, sizeof block->index_of);
    sim_virt_read(SIM_CR3_NOW, head, &next, sizeof next);
    for (unsigned steps = 0; next && steps < SIM_SPACES; steps++) {
        struct fk_debug_space s;
        if (sim_virt_read(SIM_CR3_NOW, next, &s, sizeof s) != sizeof s)
            break;
        adopt(&s, at);
        next = s.head.next;
    }
    bury(at);
    name_kernel(at);
    event_spaces_changed(at);
}

void debugblock_look(uint64_t at)
{
    struct fk_debug_current now = *block->current;
    if (!block->fresh || now.changes != block->changes) {
        block->fresh = true;
        block->changes = now.changes;
        read_spaces(at);
    }
    event_set_behalf(block->index_of[now.behalf % SIM_SPACES], now.thread);
}
