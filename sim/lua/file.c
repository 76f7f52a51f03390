/* sim/lua/file.c -- what reports and experiments need of files: a digest, a whole-or-nothing write,
 * folders. Not in the sandbox. What the run itself reads (the script, the machine's files, price
 * lists) is remembered by what it is, device and inode, and nothing is written in its place.
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
#include "sim/output.h"

enum { BLOCK = 1 << 16 };

static int failure(lua_State *L, const char *path)
{
    lua_pushnil(L);
    lua_pushfstring(L, "%s: %s", path, strerror(errno));
    return 2;
}

/* ---- what the run reads ---- */

static struct input {
    dev_t device;
    ino_t inode;
} * inputs;
static size_t inputs_n;

void script_reads(const char *path)
{
    struct stat st;
    struct input *more;

    if (!path || stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return;
    more = reallocarray(inputs, inputs_n + 1, sizeof *inputs);
    if (!more)
        return; /* no memory: soon there will be worse to say */
    inputs = more;
    inputs[inputs_n++] = (struct input){st.st_dev, st.st_ino};
}

int file_refuse(lua_State *L, const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return 0;
    for (size_t i = 0; i < inputs_n; i++) {
        if (inputs[i].inode == st.st_ino && inputs[i].device == st.st_dev) {
            lua_pushnil(L);
            lua_pushfstring(L, "%s would be overwritten, which this run reads: name another file",
                            path);
            return 2;
        }
    }
    return 0;
}

/* reads(path): this run reads it, so that nothing is written in its place. */
static int l_flatfish_reads(lua_State *L)
{
    script_reads(luaL_checkstring(L, 1));
    return 0;
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

static bool write_all(const char *path, const char *mode, const char *text, size_t n)
{
    FILE *f = fopen(path, mode);

    if (!f)
        return false;
    bool good = fwrite(text, 1, n, f) == n;
    return fclose(f) == 0 && good;
}

/* write(path, text): under a temporary name, renamed when whole. */
static int l_flatfish_write(lua_State *L)
{
    char temp[PATH_MAX];
    size_t n;
    const char *path = luaL_checkstring(L, 1), *text = luaL_checklstring(L, 2, &n);
    bool straight = sim_output_straight(path);

    if (file_refuse(L, path) != 0)
        return 2;
    if ((size_t)snprintf(temp, sizeof temp, "%s.%ld.tmp", path, (long)getpid()) >= sizeof temp) {
        errno = ENAMETOOLONG;
        return failure(L, path);
    }
    if (!write_all(straight ? path : temp, straight ? "abe" : "wbe", text, n) ||
        (!straight && rename(temp, path) != 0)) {
        int why = errno;
        if (!straight)
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

/* say(text): a line for the user that is not part of the result, on standard error. */
static int l_flatfish_say(lua_State *L)
{
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);

    sandbox_prints(L, n + 1);
    fflush(stdout);
    fwrite(text, 1, n, stderr);
    fputc('\n', stderr);
    return 0;
}

void open_file(lua_State *L)
{
    static const luaL_Reg functions[] = {{"sha256_file", l_flatfish_sha256_file},
                                         {"reads", l_flatfish_reads},
                                         {"write", l_flatfish_write},
                                         {"make_folder", l_flatfish_make_folder},
                                         {"cache_folder", l_flatfish_cache_folder},
                                         {NULL, NULL}};

    lua_pushcfunction(L, l_flatfish_sha256);
    lua_setfield(L, -2, "sha256");
    lua_pushcfunction(L, l_flatfish_terminal);
    lua_setfield(L, -2, "terminal");
    lua_pushcfunction(L, l_flatfish_say);
    lua_setfield(L, -2, "say");
    lua_pushboolean(L, host.config.sandbox);
    lua_setfield(L, -2, "sandbox");
    lua_createtable(L, 0, 4);
    lua_pushinteger(L, host.config.jobs);
    lua_setfield(L, -2, "jobs");
    lua_pushboolean(L, host.config.fresh);
    lua_setfield(L, -2, "fresh");
    lua_pushstring(L, host.config.csv);
    lua_setfield(L, -2, "csv");
    lua_pushstring(L, host.config.subject);
    lua_setfield(L, -2, "machine");
    lua_setfield(L, -2, "settings");
    lua_pushstring(L, host.config.lib);
    lua_setfield(L, -2, "scripts");
    if (!host.config.sandbox)
        luaL_setfuncs(L, functions, 0);
}
