/* sim/lua/symbol.c -- places by name: "kernel:port_send", "pager:evict+4", "L3:main", "0x1000".
 * What stands before the colon is an image, a space's name or a level; it decides both where the
 * symbol is looked up and in which space the place is meant.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/event.h"
#include "sim/lua/host.h"
#include "sim/name.h"
#include "sim/sym.h"

static bool level_parse(const char *text, size_t n, int *level)
{
    char *end;

    if (n < 2 || text[0] != 'L')
        return false;
    *level = (int)strtol(text + 1, &end, 10);
    return end == text + n && *level >= 0;
}

/* "rest" of the image that a space of this level runs. */
static int level_place(struct place *p, const char *rest)
{
    char name[32], whole[128];
    int space;

    if (!*rest)
        return sim_fail("\"%s\" names no symbol: write L%d:SYMBOL", p->text, p->level);
    snprintf(name, sizeof name, "L%d", p->level);
    space = sim_space_find(name);
    p->pending = space < 0;
    if (p->pending)
        return 0;
    const char *image = space_image((unsigned)space);
    p->pending = !image; /* it gets its name soon */
    if (!image)
        return 0;
    snprintf(whole, sizeof whole, "%s:%s", image, rest);
    return sim_sym_address(whole, &p->at);
}

int place_parse(const char *text, struct place *p)
{
    const char *colon = strchr(text, ':');
    size_t n = colon ? (size_t)(colon - text) : 0;

    *p = (struct place){.level = -1};
    if (strlen(text) >= sizeof p->text)
        return sim_fail("a place's name has at most %zu characters", sizeof p->text - 1);
    strcpy(p->text, text);
    if (n && level_parse(text, n, &p->level))
        return level_place(p, colon + 1);
    if (n && n < sizeof p->space && strncmp(text, "kernel:", 7) != 0)
        memcpy(p->space, text, n);
    if (sim_sym_address(text, &p->at) == 0)
        return 0;
    /* a space whose program has another name */
    int space = p->space[0] ? sim_space_find(p->space) : -1;
    const char *image = space >= 0 ? space_image((unsigned)space) : NULL;
    char whole[256];
    if (!image || strcmp(image, p->space) == 0)
        return -1;
    snprintf(whole, sizeof whole, "%s:%s", image, colon + 1);
    return sim_sym_address(whole, &p->at);
}

bool place_here(const struct place *p)
{
    unsigned domain = sim_domain_now();
    const struct sim_space *s = sim_space(domain / 2);

    if (p->level >= 0)
        return s && (domain & 1) && s->level == (unsigned)p->level;
    if (!p->space[0] || !kernel_known())
        return true;
    return s && strcmp(s->name, p->space) == 0;
}

/* address(text): a number, or nil and a message with near names. */
static int l_flatfish_address(lua_State *L)
{
    struct place p;

    if (place_parse(luaL_checkstring(L, 1), &p) == 0 && !p.pending) {
        lua_pushinteger(L, (lua_Integer)p.at);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, p.pending ? "no space of that level yet" : sim_error());
    return 2;
}

/* symbol(address [, image or space]): "name+0x1f"; line(): "file.c:12". nil, message = unknown. */
static int look(lua_State *L, int (*fn)(const char *, gva, char *, size_t))
{
    char text[256];
    const char *image = NULL;

    if (lua_type(L, 2) == LUA_TSTRING)
        image = lua_tostring(L, 2);
    else if (!lua_isnoneornil(L, 2))
        image = space_image(space_check(L, 2));
    if (fn(image, check_u64(L, 1), text, sizeof text) == 0) {
        lua_pushstring(L, text);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, sim_error());
    return 2;
}

static int l_flatfish_symbol(lua_State *L)
{
    return look(L, sim_sym_name);
}

static int l_flatfish_line(lua_State *L)
{
    return look(L, sim_sym_line);
}

void open_symbol(lua_State *L)
{
    static const luaL_Reg functions[] = {{"address", l_flatfish_address},
                                         {"symbol", l_flatfish_symbol},
                                         {"line", l_flatfish_line},
                                         {NULL, NULL}};

    luaL_setfuncs(L, functions, 0);
}
