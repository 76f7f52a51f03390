/* sim/lua/walk.c -- space:walk(va): where an address of a level really is, and by whose leave.
 *
 * Two answers in one table: what the page table says now, and the chain of mappings and regions
 * that it is a cache of, from this space up to the one that has the page.
 * SPDX-License-Identifier: MIT */
#include "sim/chain.h"
#include "sim/event.h"
#include "sim/lua/host.h"
#include "sim/mem.h"
#include "sim/name.h"
#include "sim/object.h"

static void set(lua_State *L, const char *field, uint64_t n)
{
    lua_pushinteger(L, (lua_Integer)n);
    lua_setfield(L, -2, field);
}

static void set_flag(lua_State *L, const char *field, bool on)
{
    lua_pushboolean(L, on);
    lua_setfield(L, -2, field);
}

static void push_walk(lua_State *L, uint64_t cr3, gva va)
{
    struct sim_walk w;

    sim_walk(cr3, va, &w);
    lua_newtable(L);
    set(L, "va", va);
    set_flag(L, "present", w.present);
    if (w.present) {
        set(L, "pa", w.pa);
        set(L, "page", w.page);
        set_flag(L, "write", w.write);
        set_flag(L, "user", w.user);
        set_flag(L, "exec", w.exec);
        set_flag(L, "accessed", w.accessed);
        set_flag(L, "dirty", w.dirty);
    }
    lua_createtable(L, (int)w.levels, 0);
    for (unsigned i = 0; i < w.levels && i < 5; i++) {
        lua_pushinteger(L, (lua_Integer)w.entry[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "entries");
}

static const char *space_name(uint32_t id, uint32_t *level, char *out, size_t max)
{
    unsigned i = sim_space_of_id(id);

    *out = 0;
    *level = i ? sim_space(i)->level : 0;
    if (i)
        sim_space_name(i, out, max);
    return out;
}

/* {space, level, va, mapping, prot, region, ...}, appended to the table on top. */
static void push_link(void *ctx, const struct sim_link *l)
{
    lua_State *L = ctx;
    char name[64];
    uint32_t level;

    lua_newtable(L);
    lua_pushstring(L, space_name(l->space, &level, name, sizeof name));
    lua_setfield(L, -2, "space");
    set(L, "level", level);
    set(L, "va", l->va);
    set(L, "mapping", l->mapping.head.id);
    set(L, "prot", l->mapping.prot);
    if (l->linked) {
        set(L, "region", l->region.head.id);
        set(L, "region_prot", l->region.prot);
        set(L, "keeper", l->region.keeper);
    }
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

/* chain, from the space itself upwards; where it leads: memory, or why there is none. */
static void push_chain(lua_State *L, unsigned index, uint64_t va)
{
    char text[160];
    const struct sim_space *s = sim_space(index);
    struct sim_link last;
    gpa pa;

    lua_newtable(L);
    enum sim_chain end = sim_chain(s ? s->id : 0, va, push_link, L, &last, &pa);
    lua_setfield(L, -2, "chain");
    if (end == SIM_CHAIN_MEMORY) {
        set(L, "memory", pa);
    } else {
        sim_chain_says(end, &last, text, sizeof text);
        lua_pushstring(L, text);
        lua_setfield(L, -2, "missing");
    }
}

static int l_space_walk(lua_State *L)
{
    unsigned index = space_check(L, 1);
    uint64_t va = check_u64(L, 2);

    host_need_machine(L);
    push_walk(L, space_cr3(index), va);
    push_chain(L, index, va);
    return 1;
}

void open_walk(lua_State *L)
{
    lua_pushcfunction(L, l_space_walk);
    lua_setfield(L, -2, "walk");
}
