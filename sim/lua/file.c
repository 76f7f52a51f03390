/* sim/lua/file.c -- what reports and experiments need of files: a digest, a whole-or-nothing write,
 * folders. Not in the sandbox. Sizes of a file come with it, so a cache can be keyed by contents.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/lua/host.h"

enum { BLOCK = 1 << 16 };

static int failure(lua_State *L, const char *path)
{
    lua_pushnil(L);
    lua_pushfstring(L, "%s: %s", path, strerror(errno));
    return 2;
}

static void push_digest(lua_State *L, struct sha256_ctx *sha)
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    char text[2 * SHA256_DIGEST_SIZE + 1];

    sha256_digest(sha, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    lua_pushstring(L, text);
}

/* sha256(text) */
static int l_flatfish_sha256(lua_State *L)
{
    struct sha256_ctx sha;
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);

    sha256_init(&sha);
    sha256_update(&sha, n, (const uint8_t *)text);
    push_digest(L, &sha);
    return 1;
}

/* sha256_file(path): of its contents, or nil and why not. */
static int l_flatfish_sha256_file(lua_State *L)
{
    static uint8_t block[BLOCK];
    const char *path = luaL_checkstring(L, 1);
    FILE *f = fopen(path, "rbe");
    struct sha256_ctx sha;
    size_t n;

    if (!f)
        return failure(L, path);
    sha256_init(&sha);
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        sha256_update(&sha, n, block);
    bool bad = ferror(f);
    fclose(f);
    if (bad)
        return failure(L, path);
    push_digest(L, &sha);
    return 1;
}

/* write(path, text): under a temporary name, renamed when whole. */
static int l_flatfish_write(lua_State *L)
{
    char temp[PATH_MAX];
    const char *path = luaL_checkstring(L, 1);
    size_t n;
    const char *text = luaL_checklstring(L, 2, &n);
    FILE *f;

    if ((size_t)snprintf(temp, sizeof temp, "%s.%ld.tmp", path, (long)getpid()) >= sizeof temp) {
        errno = ENAMETOOLONG;
        return failure(L, path);
    }
    f = fopen(temp, "wbe");
    if (!f)
        return failure(L, path);
    bool bad = fwrite(text, 1, n, f) != n;
    bad |= fclose(f) != 0;
    if (bad || rename(temp, path) != 0) {
        int why = errno;
        remove(temp);
        errno = why;
        return failure(L, path);
    }
    lua_pushboolean(L, true);
    return 1;
}

/* make_folder(path): and those above it. */
static int l_flatfish_make_folder(lua_State *L)
{
    char path[PATH_MAX];
    const char *given = luaL_checkstring(L, 1);

    if ((size_t)snprintf(path, sizeof path, "%s", given) >= sizeof path) {
        errno = ENAMETOOLONG;
        return failure(L, given);
    }
    for (char *c = path + 1; *path; c++) {
        bool end = !*c;
        if (*c && *c != '/')
            continue;
        *c = 0;
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            return failure(L, path);
        if (end)
            break;
        *c = '/';
    }
    lua_pushboolean(L, true);
    return 1;
}

/* cache_folder(): where results are kept between runs. */
static int l_flatfish_cache_folder(lua_State *L)
{
    const char *own = getenv("FLATFISH_CACHE"), *xdg = getenv("XDG_CACHE_HOME"),
               *home = getenv("HOME");

    if (own && *own)
        lua_pushstring(L, own);
    else if (xdg && *xdg)
        lua_pushfstring(L, "%s/flatfish", xdg);
    else
        lua_pushfstring(L, "%s/.cache/flatfish", home && *home ? home : "/var/tmp");
    return 1;
}

static int l_flatfish_terminal(lua_State *L)
{
    lua_pushboolean(L, isatty(STDERR_FILENO));
    return 1;
}

void open_file(lua_State *L)
{
    static const luaL_Reg functions[] = {{"sha256_file", l_flatfish_sha256_file},
                                         {"write", l_flatfish_write},
                                         {"make_folder", l_flatfish_make_folder},
                                         {"cache_folder", l_flatfish_cache_folder},
                                         {NULL, NULL}};

    lua_pushcfunction(L, l_flatfish_sha256);
    lua_setfield(L, -2, "sha256");
    lua_pushcfunction(L, l_flatfish_terminal);
    lua_setfield(L, -2, "terminal");
    lua_pushboolean(L, host.config.sandbox);
    lua_setfield(L, -2, "sandbox");
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, host.config.jobs);
    lua_setfield(L, -2, "jobs");
    lua_pushboolean(L, host.config.fresh);
    lua_setfield(L, -2, "fresh");
    lua_pushstring(L, host.config.csv);
    lua_setfield(L, -2, "csv");
    lua_setfield(L, -2, "settings");
    lua_pushstring(L, host.config.lib);
    lua_setfield(L, -2, "scripts");
    if (!host.config.sandbox)
        luaL_setfuncs(L, functions, 0);
}
