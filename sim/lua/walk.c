/* sim/lua/walk.c -- space:walk(va): where an address of a level really is, and by whose leave.
 *
 * Two answers in one table: what the page table says now, and the chain of mappings and regions
 * that it is a cache of, from this space up to the one that has the page.
 * SPDX-License-Identifier: MIT */
#include "sim/event.h"
#include "sim/lua/host.h"
#include "sim/mem.h"
#include "sim/object.h"

enum { LINKS = 512 }; /* the kernel follows no more */

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
        name_space(i, out, max);
    return out;
}

static void push_link(lua_State *L, uint32_t space, uint64_t va, const union sim_object *mapping,
                      const union sim_object *region)
{
    char name[64];
    uint32_t level;

    lua_newtable(L);
    lua_pushstring(L, space_name(space, &level, name, sizeof name));
    lua_setfield(L, -2, "space");
    set(L, "level", level);
    set(L, "va", va);
    set(L, "mapping", mapping->head.id);
    set(L, "prot", mapping->mapping.prot);
    if (!region)
        return;
    set(L, "region", region->head.id);
    set(L, "region_prot", region->region.prot);
    set(L, "keeper", region->region.keeper);
}

/* chain: {space, level, va, mapping, prot, region, ...} from the space itself upwards. */
static void push_chain(lua_State *L, uint32_t space, uint64_t va)
{
    union sim_object mapping, region;

    lua_newtable(L);
    for (lua_Integer n = 1; n <= LINKS && sim_object_mapping(space, va, &mapping); n++) {
        const struct fk_debug_mapping *m = &mapping.mapping;
        bool linked = m->region && sim_object_find(FK_DEBUG_REGION, m->region, &region);
        push_link(L, space, va, &mapping, linked ? &region : NULL);
        lua_rawseti(L, -2, n);
        if (!linked || region.region.space == 0)
            return;
        va = region.region.start + m->offset + (va - m->start);
        space = region.region.space;
    }
}

static int l_space_walk(lua_State *L)
{
    unsigned index = space_check(L, 1);
    uint64_t va = check_u64(L, 2);
    const struct sim_space *s = sim_space(index);

    host_need_machine(L);
    push_walk(L, space_cr3(index), va);
    push_chain(L, s ? s->id : 0, va);
    lua_setfield(L, -2, "chain");
    return 1;
}

void open_walk(lua_State *L)
{
    lua_pushcfunction(L, l_space_walk);
    lua_setfield(L, -2, "walk");
}
