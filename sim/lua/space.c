/* sim/lua/space.c -- spaces as Lua objects, and the nest they form.
 * A space object is its index in the machine's table, which is never reused: an object kept over
 * the space's death still answers, with live = false. Index SIM_SPACES stands for the kernel
 * itself. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/event.h"
#include "sim/lua/host.h"
#include "sim/mem.h"
#include "sim/name.h"
#include "sim/object.h"

#define SPACE "flatfish.space"

/* The n-th space that lives, by name. */
static const char *space_at(unsigned n)
{
    static char name[64];

    for (unsigned i = 0; i < sim_space_count(); i++)
        if (sim_space(i)->live && n-- == 0) {
            sim_space_name(i, name, sizeof name);
            return name;
        }
    return NULL;
}

unsigned space_check(lua_State *L, int arg)
{
    if (lua_type(L, arg) == LUA_TSTRING) {
        int index = sim_space_find(lua_tostring(L, arg));
        return index >= 0 ? (unsigned)index
                          : (unsigned)name_unknown(L, "space", lua_tostring(L, arg), space_at);
    }
    return *(unsigned *)luaL_checkudata(L, arg, SPACE);
}

void space_push(lua_State *L, unsigned index)
{
    unsigned *box = lua_newuserdatauv(L, sizeof *box, 0);

    *box = index;
    luaL_setmetatable(L, SPACE);
}

uint64_t space_cr3(unsigned index)
{
    const struct sim_space *s = sim_space(index);

    return !s || s->cr3 == 0 ? SIM_CR3_NOW : s->cr3 & ~0xfffull;
}

const char *space_image(unsigned index)
{
    return index == SIM_SPACES ? "kernel" : sim_space_image(index);
}

/* ---- the object ---- */

static void push_parent(lua_State *L, const struct sim_space *s)
{
    unsigned i = s ? sim_space_of_id(s->parent) : 0;

    if (i)
        space_push(L, i);
    else
        lua_pushnil(L);
}

static void push_children(lua_State *L, uint32_t id)
{
    lua_Integer n = 0;

    lua_newtable(L);
    for (unsigned i = 1; i < sim_space_count(); i++) {
        const struct sim_space *s = sim_space(i);
        if (!s->live || !s->id || s->parent != id)
            continue;
        space_push(L, i);
        lua_rawseti(L, -2, ++n);
    }
}

static bool push_attribute(lua_State *L, unsigned index, const char *key)
{
    const struct sim_space *s = sim_space(index);
    char name[64];

    if (strcmp(key, "name") == 0) {
        sim_space_name(index, name, sizeof name);
        lua_pushstring(L, name);
    } else if (strcmp(key, "level") == 0)
        lua_pushinteger(L, s ? s->level : 0);
    else if (strcmp(key, "id") == 0)
        lua_pushinteger(L, s ? s->id : 0);
    else if (strcmp(key, "index") == 0)
        lua_pushinteger(L, index);
    else if (strcmp(key, "cr3") == 0)
        lua_pushinteger(L, s ? (lua_Integer)s->cr3 : 0);
    else if (strcmp(key, "live") == 0)
        lua_pushboolean(L, !s || s->live);
    else if (strcmp(key, "parent") == 0)
        push_parent(L, s);
    else if (strcmp(key, "children") == 0)
        push_children(L, s ? s->id : 0);
    else if (strcmp(key, "image") == 0)
        lua_pushstring(L, space_image(index));
    else
        return false;
    return true;
}

/* Upvalue 1: the module, whose functions walk, threads ... are methods, too. */
static int l_space_index(lua_State *L)
{
    static const char *const methods[] = {"walk", "threads", "regions", "mappings", "ports", NULL};
    unsigned index = space_check(L, 1);
    const char *key = luaL_checkstring(L, 2);

    if (push_attribute(L, index, key))
        return 1;
    if (strcmp(key, "mem") == 0) {
        lua_getfield(L, lua_upvalueindex(1), "memory");
        lua_pushvalue(L, 1);
        lua_call(L, 1, 1);
        return 1;
    }
    for (int i = 0; methods[i]; i++)
        if (strcmp(methods[i], key) == 0) {
            lua_getfield(L, lua_upvalueindex(1), key);
            return 1;
        }
    return luaL_error(L,
                      "a space has no '%s' (name level id index cr3 live parent children image "
                      "mem walk threads regions mappings ports)",
                      key);
}

static int l_space_eq(lua_State *L)
{
    lua_pushboolean(L, space_check(L, 1) == space_check(L, 2));
    return 1;
}

static int l_space_tostring(lua_State *L)
{
    unsigned index = space_check(L, 1);
    const struct sim_space *s = sim_space(index);
    char name[64];

    sim_space_name(index, name, sizeof name);
    if (s && s->id)
        lua_pushfstring(L, "L%d %s", (int)s->level, name);
    else
        lua_pushstring(L, name);
    return 1;
}

/* ---- the nest ---- */

static int l_nest_find(lua_State *L)
{
    int index = sim_space_find(luaL_checkstring(L, 2));

    if (index >= 0) {
        space_push(L, (unsigned)index);
        return 1;
    }
    lua_pushnil(L);
    lua_pushfstring(L, "no space '%s' now", lua_tostring(L, 2));
    return 2;
}

/* nest:list(): all spaces that live, or that ever were (list(true)). */
static int l_nest_list(lua_State *L)
{
    bool dead = lua_toboolean(L, 2);
    lua_Integer n = 0;

    lua_newtable(L);
    for (unsigned i = 0; i < sim_space_count(); i++) {
        if (!sim_space(i)->live && !dead)
            continue;
        space_push(L, i);
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

static void add_tree(lua_State *L, luaL_Buffer *b, uint32_t parent, unsigned depth)
{
    for (unsigned i = 1; i < sim_space_count() && depth < 256; i++) {
        const struct sim_space *s = sim_space(i);
        char name[64], line[400];
        if (!s->live || !s->id || s->parent != parent || s->id == parent)
            continue;
        sim_space_name(i, name, sizeof name);
        snprintf(line, sizeof line, "%*sL%u %s (space %u)\n", (int)(depth * 2), "", s->level, name,
                 s->id);
        luaL_addstring(b, line);
        add_tree(L, b, s->id, depth + 1);
    }
}

/* nest:tree(): text, a line a space, children indented below their parent. */
static int l_nest_tree(lua_State *L)
{
    luaL_Buffer b;

    luaL_buffinit(L, &b);
    if (kernel_known())
        luaL_addstring(&b, "L0 kernel\n");
    add_tree(L, &b, 0, 1);
    luaL_pushresult(&b);
    return 1;
}

static int l_flatfish_nest(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"find", l_nest_find}, {"list", l_nest_list}, {"tree", l_nest_tree}, {NULL, NULL}};

    host_need_machine(L);
    luaL_newlib(L, methods);
    return 1;
}

static int l_flatfish_space(lua_State *L)
{
    host_need_machine(L);
    if (lua_isnoneornil(L, 1))
        space_push(L, sim_domain_now() / 2);
    else
        space_push(L, space_check(L, 1));
    return 1;
}

/* behalf(): the space on whose behalf the machine works, which may wait for a server meanwhile. */
static int l_flatfish_behalf(lua_State *L)
{
    uint32_t thread;

    host_need_machine(L);
    space_push(L, sim_behalf_now(&thread));
    return 1;
}

void open_space(lua_State *L)
{
    luaL_newmetatable(L, SPACE);
    lua_pushvalue(L, -2);
    lua_pushcclosure(L, l_space_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, l_space_eq);
    lua_setfield(L, -2, "__eq");
    lua_pushcfunction(L, l_space_tostring);
    lua_setfield(L, -2, "__tostring");
    host_seal(L);
    lua_pop(L, 1);
    lua_pushcfunction(L, l_flatfish_nest);
    lua_setfield(L, -2, "nest");
    lua_pushcfunction(L, l_flatfish_space);
    lua_setfield(L, -2, "space");
    lua_pushcfunction(L, l_flatfish_behalf);
    lua_setfield(L, -2, "behalf");
}
