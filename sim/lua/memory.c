/* sim/lua/memory.c -- guest memory, physical or through the page table of a space.
 * m = flatfish.memory(space), flatfish.phys; m:read(va, n), m:write(va, bytes), m:u8..u64(va [,
 * value]), m:string(va). What is not there: nil and a message; nothing ever faults the guest.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "sim/lua/host.h"
#include "sim/mem.h"

#define MEMORY "flatfish.memory"

enum { READ_MAX = 64 << 20, STRING_MAX = 4096 };

struct memory {
    bool phys;
    unsigned space;
};

static size_t get(const struct memory *m, uint64_t at, void *to, size_t n)
{
    return m->phys ? sim_phys_read(at, to, n) : sim_virt_read(space_cr3(m->space), at, to, n);
}

static size_t put(const struct memory *m, uint64_t at, const void *from, size_t n)
{
    return m->phys ? sim_phys_write(at, from, n) : sim_virt_write(space_cr3(m->space), at, from, n);
}

static int missing(lua_State *L, const struct memory *m, uint64_t at)
{
    char name[64] = "physical memory", text[128];

    if (!m->phys)
        name_space(m->space, name, sizeof name);
    snprintf(text, sizeof text, "0x%llx is not there in %s now", (unsigned long long)at, name);
    lua_pushnil(L);
    lua_pushstring(L, text);
    return 2;
}

static struct memory *memory_check(lua_State *L)
{
    host_need_machine(L);
    return luaL_checkudata(L, 1, MEMORY);
}

static int l_memory_read(lua_State *L)
{
    const struct memory *m = memory_check(L);
    uint64_t at = check_u64(L, 2);
    lua_Integer n = luaL_checkinteger(L, 3);
    luaL_Buffer b;

    luaL_argcheck(L, n >= 0 && n <= READ_MAX, 3, "0 to 64 MiB");
    char *to = luaL_buffinitsize(L, &b, (size_t)n);
    size_t got = get(m, at, to, (size_t)n);
    if (got != (size_t)n)
        return missing(L, m, at + got);
    luaL_pushresultsize(&b, got);
    return 1;
}

static int l_memory_write(lua_State *L)
{
    const struct memory *m = memory_check(L);
    uint64_t at = check_u64(L, 2);
    size_t n;
    const char *bytes = luaL_checklstring(L, 3, &n);
    size_t done = put(m, at, bytes, n);

    if (done != n)
        return missing(L, m, at + done);
    lua_pushboolean(L, true);
    return 1;
}

static int word(lua_State *L, size_t n)
{
    const struct memory *m = memory_check(L);
    uint64_t at = check_u64(L, 2), value = 0;

    if (!lua_isnoneornil(L, 3)) {
        value = check_u64(L, 3);
        if (put(m, at, &value, n) != n)
            return missing(L, m, at);
    } else if (get(m, at, &value, n) != n) {
        return missing(L, m, at);
    }
    lua_pushinteger(L, (lua_Integer)value);
    return 1;
}

static int l_memory_u8(lua_State *L)
{
    return word(L, 1);
}

static int l_memory_u16(lua_State *L)
{
    return word(L, 2);
}

static int l_memory_u32(lua_State *L)
{
    return word(L, 4);
}

static int l_memory_u64(lua_State *L)
{
    return word(L, 8);
}

/* Up to a NUL, or what can be read of 4096 bytes. */
static int l_memory_string(lua_State *L)
{
    const struct memory *m = memory_check(L);
    uint64_t at = check_u64(L, 2);
    char text[STRING_MAX];
    size_t got = get(m, at, text, sizeof text);

    if (got == 0)
        return missing(L, m, at);
    lua_pushlstring(L, text, strnlen(text, got));
    return 1;
}

static struct memory *push(lua_State *L, bool phys, unsigned space)
{
    struct memory *m = lua_newuserdatauv(L, sizeof *m, 0);

    *m = (struct memory){phys, space};
    luaL_setmetatable(L, MEMORY);
    return m;
}

static int l_flatfish_memory(lua_State *L)
{
    push(L, false, space_check(L, 1));
    return 1;
}

void open_memory(lua_State *L)
{
    static const luaL_Reg methods[] = {{"read", l_memory_read},     {"write", l_memory_write},
                                       {"u8", l_memory_u8},         {"u16", l_memory_u16},
                                       {"u32", l_memory_u32},       {"u64", l_memory_u64},
                                       {"string", l_memory_string}, {NULL, NULL}};

    luaL_newmetatable(L, MEMORY);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    lua_pushcfunction(L, l_flatfish_memory);
    lua_setfield(L, -2, "memory");
    push(L, true, 0);
    lua_setfield(L, -2, "phys");
}
