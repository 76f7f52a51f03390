/* sim/lua/objects.c -- threads, regions, mappings and ports of the guest's kernel (sim/object.h).
 * flatfish.threads(), regions(), mappings(), ports(): lists of plain tables, of all spaces or one.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "sim/event.h"
#include "sim/lua/host.h"
#include "sim/mem.h"
#include "sim/name.h"
#include "sim/object.h"

/* ---- as Lua tables ---- */

static void set(lua_State *L, const char *field, uint64_t n)
{
    lua_pushinteger(L, (lua_Integer)n);
    lua_setfield(L, -2, field);
}

static void set_text(lua_State *L, const char *field, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, field);
}

static void space_name_of(uint32_t id, char *out, size_t max)
{
    unsigned i = sim_space_of_id(id);

    if (i)
        sim_space_name(i, out, max);
    else
        strcpy(out, id ? "?" : "none");
}

static void set_space(lua_State *L, uint32_t id)
{
    char text[64];

    set(L, "space_id", id);
    space_name_of(id, text, sizeof text);
    set_text(L, "space", text);
}

static void push_frame(lua_State *L, uint64_t at)
{
    static const char *const names[] = {"rax", "rbx", "rcx", "rdx",    "rsi",     "rdi",    "rbp",
                                        "rsp", "r8",  "r9",  "r10",    "r11",     "r12",    "r13",
                                        "r14", "r15", "rip", "rflags", "fs_base", "gs_base"};
    uint64_t word[sizeof names / sizeof names[0]];

    if (!at || sim_virt_read(SIM_CR3_NOW, at, word, sizeof word) != sizeof word)
        return;
    lua_createtable(L, 0, 20);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        set(L, names[i], word[i]);
    lua_setfield(L, -2, "regs");
}

/* "L3 memtest thread 7": whom a thread waits for, in words. */
static void push_wait(lua_State *L, const struct fk_debug_thread *t)
{
    union sim_object o;
    char space[64];

    if (t->state != FK_DEBUG_T_WAITING)
        return;
    set_text(L, "wait_kind", sim_object_kind(t->wait_kind));
    set(L, "wait_id", t->wait_id);
    lua_pushstring(L, sim_object_kind(t->wait_kind));
    if (t->wait_kind < FK_DEBUG_KINDS) {
        lua_pushfstring(L, "%s %d", sim_object_kind(t->wait_kind), (int)t->wait_id);
        lua_remove(L, -2);
        if (sim_object_find((enum fk_debug_kind)t->wait_kind, t->wait_id, &o)) {
            space_name_of(o.head.owner, space, sizeof space);
            lua_pushfstring(L, "%s of %s", lua_tostring(L, -1), space);
            lua_remove(L, -2);
        }
    }
    lua_setfield(L, -2, "waits_for");
}

static void push_thread(lua_State *L, const union sim_object *o)
{
    static const char *const states[] = {"running", "ready", "stopped", "waiting", "notime"};
    const struct fk_debug_thread *t = &o->thread;
    char behalf[64];

    set_space(L, t->space);
    set_text(L, "state", t->state <= FK_DEBUG_T_NOTIME ? states[t->state] : "?");
    set(L, "client", t->client);
    set(L, "server", t->server);
    space_name_of(t->behalf, behalf, sizeof behalf);
    set_text(L, "behalf", behalf);
    set(L, "used", t->used);
    if (t->call && sim_call_name(t->call))
        set_text(L, "call", sim_call_name(t->call));
    push_wait(L, t);
    push_frame(L, t->frame);
}

static void push_region(lua_State *L, const union sim_object *o)
{
    set_space(L, o->region.space);
    set(L, "start", o->region.start);
    set(L, "size", o->region.size);
    set(L, "prot", o->region.prot);
    set(L, "keeper", o->region.keeper);
}

static void push_mapping(lua_State *L, const union sim_object *o)
{
    set_space(L, o->mapping.space);
    set(L, "start", o->mapping.start);
    set(L, "size", o->mapping.size);
    set(L, "offset", o->mapping.offset);
    set(L, "prot", o->mapping.prot);
    set(L, "region", o->mapping.region);
}

static void push_port(lua_State *L, const union sim_object *o)
{
    set_space(L, o->head.owner);
    set_text(L, "link_kind", sim_object_kind(o->other.link_kind));
    set(L, "link", o->other.link_id);
}

static uint32_t space_of(enum fk_debug_kind kind, const union sim_object *o)
{
    switch (kind) {
    case FK_DEBUG_THREAD:
        return o->thread.space;
    case FK_DEBUG_REGION:
        return o->region.space;
    case FK_DEBUG_MAPPING:
        return o->mapping.space;
    default:
        return o->head.owner;
    }
}

static int list(lua_State *L, enum fk_debug_kind kind,
                void (*push)(lua_State *, const union sim_object *))
{
    bool all = lua_isnoneornil(L, 1);
    const struct sim_space *s = all ? NULL : sim_space(space_check(L, 1));
    struct sim_object_walk w;
    union sim_object o;
    lua_Integer n = 0;

    host_need_machine(L);
    lua_newtable(L);
    for (bool some = sim_object_first(&w, kind, &o); some; some = sim_object_next(&w, kind, &o)) {
        if (!all && (!s || s->id == 0 || s->id != space_of(kind, &o))) /* id 0 = belongs to none */
            continue;
        lua_newtable(L);
        set(L, "id", o.head.id);
        set(L, "address", o.head.user_va);
        set(L, "owner_id", o.head.owner);
        push(L, &o);
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

static int l_flatfish_threads(lua_State *L)
{
    return list(L, FK_DEBUG_THREAD, push_thread);
}

static int l_flatfish_regions(lua_State *L)
{
    return list(L, FK_DEBUG_REGION, push_region);
}

static int l_flatfish_mappings(lua_State *L)
{
    return list(L, FK_DEBUG_MAPPING, push_mapping);
}

static int l_flatfish_ports(lua_State *L)
{
    return list(L, FK_DEBUG_PORT, push_port);
}

void open_objects(lua_State *L)
{
    static const luaL_Reg functions[] = {{"threads", l_flatfish_threads},
                                         {"regions", l_flatfish_regions},
                                         {"mappings", l_flatfish_mappings},
                                         {"ports", l_flatfish_ports},
                                         {NULL, NULL}};

    luaL_setfuncs(L, functions, 0);
}
