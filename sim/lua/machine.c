/* sim/lua/machine.c -- flatfish.machine{...}: a script makes its own machine, once a process.
 * Also its console: what the guest prints is kept (the last MiB) and, when asked, shown.
 * SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/event.h"
#include "sim/lua/host.h"
#include "sim/sym.h"

enum { KEEP = 1 << 20, MEM_DEFAULT = 256 };

static struct {
    char *bytes;
    size_t n;
    bool show;
} console;

static void on_output(void *ctx, const uint8_t *bytes, size_t n)
{
    (void)ctx;
    if (console.show) {
        fwrite(bytes, 1, n, stdout);
        fflush(stdout);
    }
    if (!console.bytes && !(console.bytes = malloc(2 * KEEP)))
        return;
    if (n > KEEP) {
        bytes += n - KEEP;
        n = KEEP;
    }
    if (console.n + n > 2 * KEEP) {
        memmove(console.bytes, console.bytes + console.n - KEEP, KEEP);
        console.n = KEEP;
    }
    memcpy(console.bytes + console.n, bytes, n);
    console.n += n;
}

/* console(): what the guest has printed so far (under `flatfish run` it goes to the terminal). */
static int l_flatfish_console(lua_State *L)
{
    lua_pushlstring(L, console.bytes ? console.bytes : "", console.n);
    return 1;
}

static const char *text_of(lua_State *L, const char *field)
{
    const char *text;

    lua_getfield(L, 1, field);
    text = lua_tostring(L, -1);
    if (!text && !lua_isnil(L, -1))
        luaL_error(L, "machine: %s is a text, not a %s", field, luaL_typename(L, -1));
    return text; /* stays on the stack, so that it lives */
}

static uint64_t number_of(lua_State *L, const char *field, uint64_t absent, uint64_t most)
{
    int whole = true;
    lua_Integer n = (lua_Integer)absent;

    lua_getfield(L, 1, field);
    if (!lua_isnil(L, -1))
        n = lua_tointegerx(L, -1, &whole);
    if (!whole || n < 0 || (uint64_t)n > most)
        luaL_error(L, "machine: %s is a whole number up to %I", field, (LUAI_UACINT)most);
    lua_pop(L, 1);
    return (uint64_t)n;
}

/* A mistyped option must not be silence, nor one that another makes void. */
static void check_options(lua_State *L)
{
    static const char *const known[] = {"kernel", "initrd", "append",  "mem",     "cpu",
                                        "ips",    "jitter", "guest",   "show",    "disk",
                                        "cdrom",  "nest",   "symbols", "account", NULL};
    unsigned kernels = 0;

    check_names(L, 1, "option of machine", known);
    for (int i = 0; known[i]; i++) {
        bool boots = strcmp(known[i], "kernel") == 0 || strcmp(known[i], "guest") == 0 ||
                     strcmp(known[i], "nest") == 0;
        lua_getfield(L, 1, known[i]);
        kernels += boots && !lua_isnil(L, -1);
        lua_pop(L, 1);
    }
    if (kernels > 1)
        luaL_error(L, "machine: one of nest, kernel and guest");
}

static const char *kernel_of(lua_State *L)
{
    static char path[PATH_MAX];
    const char *guest = text_of(L, "guest");

    if (!guest)
        return text_of(L, "kernel");
    if (!host.config.find || host.config.find("guest", guest, path, sizeof path) != 0)
        luaL_error(L, "machine: no guest '%s' is installed", guest);
    return path;
}

static void add_symbols(lua_State *L)
{
    lua_getfield(L, 1, "symbols");
    if (lua_isnil(L, -1))
        return;
    if (!lua_istable(L, -1))
        luaL_error(L, "machine: symbols = {image = file}, not a %s", luaL_typename(L, -1));
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
        if (sim_sym_add_file(luaL_checkstring(L, -2), luaL_checkstring(L, -1)) != 0)
            luaL_error(L, "machine: %s", sim_error());
}

static int l_flatfish_machine(lua_State *L)
{
    struct sim_config c = {.data_dir = host.config.data};

    luaL_checktype(L, 1, LUA_TTABLE);
    if (host.machine)
        return luaL_error(L, "there is a machine already: one a process (flatfish.experiment makes "
                             "more processes)");
    if (host.config.sandbox)
        return luaL_error(L, "the sandbox has no files to boot from");
    check_options(L);
    luaL_checkstack(L, 16, NULL);
    c.kernel = kernel_of(L);
    c.initrd = text_of(L, "initrd");
    c.append = text_of(L, "append");
    c.cpu = text_of(L, "cpu");
    c.disk = text_of(L, "disk");
    c.cdrom = text_of(L, "cdrom");
    c.pc = c.disk || c.cdrom;
    c.mem_mib = (unsigned)number_of(L, "mem", MEM_DEFAULT, UINT32_MAX);
    c.ips = number_of(L, "ips", 0, UINT32_MAX);
    c.jitter_seed = number_of(L, "jitter", 0, INT64_MAX);
    c.jitter = c.jitter_seed != 0;
    lua_getfield(L, 1, "show");
    console.show = lua_toboolean(L, -1);
    const char *nest = text_of(L, "nest");
    if (nest && (!host.config.nest || host.config.nest(nest, &c) != 0)) {
        lua_pushnil(L);
        lua_pushfstring(L, "this is no nest: %s", nest);
        return 2;
    }
    if (sim_create(&c) != 0) {
        lua_pushnil(L);
        lua_pushstring(L, sim_error());
        return 2;
    }
    host.machine = true;
    script_reads(c.kernel);
    script_reads(c.initrd);
    script_reads(c.disk);
    script_reads(c.cdrom);
    sim_console_output(on_output, NULL);
    if (c.initrd)
        sim_sym_add_archive(c.initrd);
    add_symbols(L);
    lua_getfield(L, 1, "account");
    sim_account(lua_isnil(L, -1) || lua_toboolean(L, -1));
    lua_pushboolean(L, true);
    return 1;
}

/* path(kind, name): of an installed guest or kernel file; nil = not there. */
static int l_flatfish_path(lua_State *L)
{
    char path[PATH_MAX];
    const char *kind = luaL_checkstring(L, 1), *name = luaL_checkstring(L, 2);

    if (host.config.find && *name && *name != '/' && !strstr(name, "..") &&
        host.config.find(kind, name, path, sizeof path) == 0) {
        lua_pushstring(L, path);
        return 1;
    }
    lua_pushnil(L);
    lua_pushfstring(L, "no %s '%s' is installed", kind, name);
    return 2;
}

void open_machine(lua_State *L)
{
    static const luaL_Reg functions[] = {{"machine", l_flatfish_machine},
                                         {"console", l_flatfish_console},
                                         {"path", l_flatfish_path},
                                         {NULL, NULL}};

    luaL_setfuncs(L, functions, 0);
}
