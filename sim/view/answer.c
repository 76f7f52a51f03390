/* sim/view/answer.c -- see answer.h. Looking changes nothing in the machine.
 * SPDX-License-Identifier: MIT */
#include "sim/view/answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/chain.h"
#include "sim/event.h"
#include "sim/regs.h"
#include "sim/sym.h"
#include "sim/view/wire.h"

void answer_said(const char *format, ...)
{
    char text[VIEW_TEXT];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    wire_begin(VIEW_SAID);
    wire_put(text, strlen(text));
    wire_end();
}

/* ---- registers ---- */

/* "pager:main+0x12 (main.c:20)"; "" when nobody knows. */
static void symbol_here(char *out, size_t max)
{
    unsigned domain = sim_domain_now();
    const char *image =
        sim_debug_block() ? domain & 1 ? sim_space_image(domain / 2) : "kernel" : NULL;
    char name[128], line[96] = "";
    gva pc = sim_reg_get(SIM_REG_rip);

    *out = 0;
    if ((sim_debug_block() && !image) || sim_sym_name(image, pc, name, sizeof name) != 0)
        return;
    if (sim_sym_line(image, pc, line, sizeof line) != 0)
        line[0] = 0;
    snprintf(out, max, "%s%s%s%s%s%s", image ? image : "", image ? ":" : "", name,
             line[0] ? " (" : "", line, line[0] ? ")" : "");
}

void answer_place(void)
{
    static const enum sim_reg of[VIEW_REGS] = {
#define VIEW_REG(name) SIM_REG_##name,
#include "abi/viewer/registers.def"
#undef VIEW_REG
    };
    struct view_place place = {.icount = sim_icount()};
    char text[VIEW_TEXT];

    for (unsigned i = 0; i < VIEW_REGS; i++)
        place.reg[i] = sim_reg_get(of[i]);
    symbol_here(text, sizeof text);
    wire_begin(VIEW_PLACE);
    wire_put(&place, sizeof place);
    wire_put(text, strlen(text));
    wire_end();
}

void answer_symbol(const char *text)
{
    struct view_found found;
    gva at;

    if (sim_sym_address(text, &at) != 0) {
        answer_said("%.200s", sim_error());
        return;
    }
    found.address = at;
    wire_begin(VIEW_FOUND);
    wire_put(&found, sizeof found);
    wire_put(text, strlen(text));
    wire_end();
}

/* ---- where an address leads ---- */

struct chain {
    struct view_chain head;
    struct view_link link[VIEW_LINKS];
    struct view_sharer sharer[VIEW_SHARERS];
};

static void on_link(void *ctx, const struct sim_link *l)
{
    struct chain *c = ctx;

    if (c->head.links == VIEW_LINKS)
        return;
    c->link[c->head.links++] = (struct view_link){
        .va = l->va,
        .map_start = l->mapping.start,
        .map_size = l->mapping.size,
        .region_start = l->linked ? l->region.start : 0,
        .region_size = l->linked ? l->region.size : 0,
        .keeper = l->linked ? l->region.keeper : 0,
        .space = l->space,
        .mapping = l->mapping.head.id,
        .region = l->linked ? l->region.head.id : 0,
        .map_prot = (uint8_t)l->mapping.prot,
        .region_prot = l->linked ? (uint8_t)l->region.prot : 0,
        .guarded = l->guarded,
    };
}

static bool in_chain(const struct chain *c, uint32_t space, gva va)
{
    for (uint32_t i = 0; i < c->head.links; i++)
        if (c->link[i].space == space && c->link[i].va == va)
            return true;
    return false;
}

/* A mapping of a region of the chain, at the same place of it, leads to the same memory, unless a
 * table says otherwise: so it is followed, too. */
static void share(struct chain *c, uint32_t link, const struct fk_debug_mapping *m)
{
    uint64_t behind = link + 1 < c->head.links ? c->link[link + 1].va : c->head.pa;
    uint64_t offset = behind - c->link[link].region_start, at = m->start + (offset - m->offset);
    struct sim_link last;
    gpa pa;

    if (offset < m->offset || at - m->start >= m->size || in_chain(c, m->space, at) ||
        c->head.sharers == VIEW_SHARERS)
        return;
    if (sim_chain(m->space, at, NULL, NULL, &last, &pa) == SIM_CHAIN_MEMORY && pa == c->head.pa)
        c->sharer[c->head.sharers++] = (struct view_sharer){at, m->space, m->prot};
}

static void sharers_find(struct chain *c)
{
    struct sim_object_walk walk;
    union sim_object o;

    for (bool more = sim_object_first(&walk, FK_DEBUG_MAPPING, &o); more;
         more = sim_object_next(&walk, FK_DEBUG_MAPPING, &o))
        for (uint32_t i = 0; i < c->head.links; i++)
            if (o.mapping.region && o.mapping.region == c->link[i].region)
                share(c, i, &o.mapping);
}

void answer_chain(uint32_t space, gva va)
{
    static struct chain c;
    struct sim_link last;
    char text[VIEW_TEXT];
    enum sim_chain end;
    gpa pa = 0;

    memset(&c, 0, sizeof c);
    end = sim_chain(space, va, on_link, &c, &last, &pa);
    c.head.va = va;
    c.head.space = space;
    c.head.reached = end == SIM_CHAIN_MEMORY;
    c.head.pa = c.head.reached ? pa : 0;
    if (c.head.reached)
        sharers_find(&c);
    sim_chain_says(end, &last, text, sizeof text);
    wire_begin(VIEW_CHAIN);
    wire_put(&c.head, sizeof c.head);
    wire_put(c.link, c.head.links * sizeof *c.link);
    wire_put(c.sharer, c.head.sharers * sizeof *c.sharer);
    wire_put(text, strlen(text));
    wire_end();
}
