/* sim/lua/observe.c -- flatfish.observe{tlb=, cache=} and observed(): instructions by class,
 * misses. SPDX-License-Identifier: MIT */
#include "sim/observe.h"
#include <string.h>

#include "sim/event.h"
#include "sim/lua/host.h"

enum { ROWS = 4096 };

static const char *const classes[SIM_CLASSES] = {
#define SIM_CLASS(name, text) #name,
#include "sim/class.def"
#undef SIM_CLASS
};

const char *class_name(unsigned n)
{
    return n < SIM_CLASSES ? classes[n] : NULL;
}

static const char *const buffers[SIM_BUFFERS] = {
#define SIM_BUFFER(name, text) #name,
#include "sim/buffer.def"
#undef SIM_BUFFER
};

static unsigned number(lua_State *L, const char *field, unsigned most)
{
    int is_number;
    lua_Integer n;

    lua_getfield(L, -1, field);
    n = lua_tointegerx(L, -1, &is_number);
    if (!is_number || n < 0 || n > most)
        luaL_error(L, "observe: %s: a number up to %d", field, (int)most);
    lua_pop(L, 1);
    return (unsigned)n;
}

/* The table on top: {entries =, ways =}. A misspelt name would be a buffer that nobody models. */
static struct sim_size tlb(lua_State *L)
{
    static const char *const names[] = {"entries", "ways", NULL};

    check_names(L, -1, "measure of a TLB", names);
    unsigned entries = number(L, "entries", SIM_BUFFER_ENTRIES);

    return (struct sim_size){entries, number(L, "ways", SIM_BUFFER_ENTRIES), 4096};
}

/* The table on top: {bytes =, ways =, line =}. */
static struct sim_size cache(lua_State *L)
{
    static const char *const names[] = {"bytes", "ways", "line", NULL};

    check_names(L, -1, "measure of a cache", names);
    unsigned bytes = number(L, "bytes", 1u << 30), line = number(L, "line", SIM_LINE_BYTES);

    if (line == 0 || bytes % line)
        luaL_error(L, "observe: a cache of %d bytes in lines of %d", (int)bytes, (int)line);
    return (struct sim_size){bytes / line, number(L, "ways", SIM_BUFFER_ENTRIES), line};
}

/* Where in observe's table each buffer is described, and how. */
static const struct where {
    const char *group, *field;
    struct sim_size (*size)(lua_State *L);
} where[SIM_BUFFERS] = {
    [SIM_BUFFER_data_tlb] = {"tlb", "data", tlb},
    [SIM_BUFFER_code_tlb] = {"tlb", "code", tlb},
    [SIM_BUFFER_data_cache] = {"cache", "data", cache},
    [SIM_BUFFER_code_cache] = {"cache", "code", cache},
    [SIM_BUFFER_second_cache] = {"cache", "second", cache},
};

static const char *const groups[] = {"tlb", "cache", NULL};
static const char *const tlbs[] = {"data", "code", NULL};
static const char *const caches[] = {"data", "code", "second", NULL};

/* Pushes t[field] of the table on top: a table, or false after pushing nothing. */
static bool push_part(lua_State *L, const char *field)
{
    if (lua_getfield(L, -1, field) == LUA_TTABLE)
        return true;
    if (!lua_isnil(L, -1))
        luaL_error(L, "observe: %s must be a table", field);
    lua_pop(L, 1);
    return false;
}

/* Of the table on top. */
static struct sim_size size_of(lua_State *L, const struct where *w)
{
    struct sim_size size = {0, 0, 0};

    if (!push_part(L, w->group))
        return size;
    check_names(L, -1, w->size == tlb ? "TLB" : "cache", w->size == tlb ? tlbs : caches);
    if (push_part(L, w->field)) {
        size = w->size(L);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return size;
}

/* observe([{tlb = {data =, code =}, cache = {data =, code =, second =}}]), observe(false) */
static int l_flatfish_observe(lua_State *L)
{
    struct sim_size want[SIM_BUFFERS] = {{0, 0, 0}};

    host_need_machine(L);
    if (lua_isboolean(L, 1) && !lua_toboolean(L, 1)) {
        sim_observe_off();
        return 0;
    }
    lua_settop(L, 1);
    if (!lua_isnil(L, 1)) {
        check_names(L, 1, "part of observe", groups);
        for (unsigned b = 0; b < SIM_BUFFERS; b++)
            want[b] = size_of(L, &where[b]);
    }
    guard_machine_too(); /* large buffers make it slow without end */
    if (sim_observe(want) != 0)
        return luaL_error(L, "observe: %s", sim_error());
    return 0;
}

static void set(lua_State *L, const char *field, uint64_t n)
{
    lua_pushinteger(L, (lua_Integer)n);
    lua_setfield(L, -2, field);
}

static void push_classes(lua_State *L, const struct sim_observed *row)
{
    uint64_t sum = 0;

    lua_createtable(L, 0, SIM_CLASSES);
    for (unsigned c = 0; c < SIM_CLASSES; c++) {
        set(L, classes[c], row->executed[c]);
        sum += row->executed[c];
    }
    lua_setfield(L, -2, "class");
    set(L, "instructions", sum);
}

static void push_buffers(lua_State *L, const char *field, const uint64_t *counts)
{
    lua_createtable(L, 0, SIM_BUFFERS);
    for (unsigned b = 0; b < SIM_BUFFERS; b++)
        set(L, buffers[b], counts[b]);
    lua_setfield(L, -2, field);
}

static void push_row(lua_State *L, const struct sim_observed *row)
{
    char name[64];

    lua_createtable(L, 0, 8);
    name_domain(row->domain, name, sizeof name);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "domain");
    lua_pushboolean(L, row->domain & 1);
    lua_setfield(L, -2, "user");
    set(L, "index", row->domain / 2);
    set(L, "behalf_index", row->behalf);
    set(L, "level", domain_level(row->domain));
    push_buffers(L, "asked", row->asked);
    push_buffers(L, "missed", row->missed);
    push_classes(L, row);
}

/* observed(): rows {domain, user, level, class = {alu = n, ...}, asked = {data_tlb = n, ...},
 * missed}. */
static int l_flatfish_observed(lua_State *L)
{
    struct sim_observed *rows = lua_newuserdatauv(L, ROWS * sizeof *rows, 0);
    size_t n = sim_observed(rows, ROWS);

    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        push_row(L, &rows[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

void close_observe(void)
{
    sim_observe_off();
}

void open_observe(lua_State *L)
{
    lua_pushcfunction(L, l_flatfish_observe);
    lua_setfield(L, -2, "observe");
    lua_pushcfunction(L, l_flatfish_observed);
    lua_setfield(L, -2, "observed");
}
