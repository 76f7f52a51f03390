/* sim/lua/memory.c -- guest memory, physical or through the page table of a space.
 * m = flatfish.memory(space), flatfish.phys; m:read(va, n), m:write(va, bytes), m:u8..u64(va [,
 * value]), m:string(va). A page that was not touched yet is found by the chain of mappings that the
 * page table is a cache of. What is not there: nil and why; nothing ever faults the guest.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "sim/chain.h"
#include "sim/event.h"
#include "sim/lua/host.h"
#include "sim/mem.h"
#include "sim/name.h"

#define MEMORY "flatfish.memory"

enum { READ_MAX = 64 << 20, STRING_MAX = 4096 };

struct memory {
    bool phys;
    unsigned space;
    char why[160]; /* the last access ended early */
};

/* What `space` means at `at`, when its page table does not have it: the page may be there all the
 * same, only not touched yet. `why`: where it is not. */
static bool behind(const struct memory *m, uint64_t at, gpa *pa, char *why, size_t max)
{
    const struct sim_space *s = sim_space(m->space);
    struct sim_link last;
    enum sim_chain end = sim_chain(s ? s->id : 0, at, NULL, NULL, &last, pa);

    if (end != SIM_CHAIN_MEMORY)
        sim_chain_says(end, &last, why, max);
    return end == SIM_CHAIN_MEMORY;
}

static size_t page_part(uint64_t at, size_t n)
{
    size_t room = 4096 - (at & 4095);
    return n < room ? n : room;
}

static size_t move_virt(const struct memory *m, uint64_t at, void *bytes, size_t n, bool write)
{
    uint64_t cr3 = space_cr3(m->space);
    return write ? sim_virt_write(cr3, at, bytes, n) : sim_virt_read(cr3, at, bytes, n);
}

static size_t move_phys(uint64_t at, void *bytes, size_t n, bool write)
{
    return write ? sim_phys_write(at, bytes, n) : sim_phys_read(at, bytes, n);
}

/* Reads or writes; returns how much was done, and in m->why what stopped it. */
static size_t move(struct memory *m, uint64_t at, void *bytes, size_t n, bool write)
{
    uint8_t *next = bytes;
    gpa pa;

    snprintf(m->why, sizeof m->why, "no memory there");
    if (m->phys)
        return move_phys(at, bytes, n, write);
    for (size_t done = 0, part;; done += part) {
        done += move_virt(m, at + done, next + done, n - done, write);
        if (done == n || !behind(m, at + done, &pa, m->why, sizeof m->why))
            return done;
        part = move_phys(pa, next + done, page_part(at + done, n - done), write);
        if (part == 0)
            return done;
    }
}

static size_t get(struct memory *m, uint64_t at, void *to, size_t n)
{
    return move(m, at, to, n, false);
}

static size_t put(struct memory *m, uint64_t at, const void *from, size_t n)
{
    guard_machine_too();
    return move(m, at, (void *)from, n, true); /* only read */
}

static int missing(lua_State *L, const struct memory *m, uint64_t at)
{
    char name[64] = "physical memory", text[256];

    if (!m->phys)
        sim_space_name(m->space, name, sizeof name);
    snprintf(text, sizeof text, "0x%llx is not there in %s now: %s", (unsigned long long)at, name,
             m->why);
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
    struct memory *m = memory_check(L);
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
    struct memory *m = memory_check(L);
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
    struct memory *m = memory_check(L);
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
    struct memory *m = memory_check(L);
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

    *m = (struct memory){phys, space, ""};
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
    host_seal(L);
    lua_pop(L, 1);
    lua_pushcfunction(L, l_flatfish_memory);
    lua_setfield(L, -2, "memory");
    push(L, true, 0);
    lua_setfield(L, -2, "phys");
}
