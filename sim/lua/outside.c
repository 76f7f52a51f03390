/* sim/lua/outside.c -- what a grader needs of the host, and no sandbox has: programs run with
 * limits, plain files read without being led astray, folders listed, made and removed.
 *
 * Nothing here trusts a name or a file: links are not followed, devices and pipes not opened, sizes
 * are limited, and a program gets no environment of ours, no input, and ends with all that it
 * started. SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/lua/host.h"

enum { WORDS = 256, READS = 32, OUTPUT_MOST = 1 << 20, DEEP = 32, MIB = 1 << 20 };

static int failure(lua_State *L, const char *path)
{
    lua_pushnil(L);
    lua_pushfstring(L, "%s: %s", path, strerror(errno));
    return 2;
}

/* ---- programs ---- */

struct program {
    char *words[WORDS + 1];
    char *reads[READS + 1]; /* what it may read outside its folder; none = anything */
    const char *folder;
    rlim_t seconds, memory, file;
    size_t output;
};

static lua_Integer field(lua_State *L, const char *name, lua_Integer otherwise, lua_Integer most)
{
    lua_Integer n;

    lua_getfield(L, 1, name);
    n = luaL_optinteger(L, -1, otherwise);
    if (n < 1 || n > most)
        luaL_error(L, "spawn: %s: from 1 to %I", name, most);
    lua_pop(L, 1);
    return n;
}

/* The texts of the list at `index`, NULL behind them; they stay the list's. */
static lua_Integer texts_get(lua_State *L, int index, char **to, lua_Integer most, const char *what)
{
    lua_Integer n = luaL_len(L, index);

    if (n > most)
        luaL_error(L, "spawn: %I %s; %I are allowed", n, what, most);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_geti(L, index, i);
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "spawn: %s: number %I is no text", what, i);
        to[i - 1] = (char *)(uintptr_t)lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    to[n] = NULL;
    return n;
}

/* The words and the folder stay the table's, which outlives the call. */
static void program_get(lua_State *L, struct program *p)
{
    if (texts_get(L, 1, p->words, WORDS, "words") == 0)
        luaL_error(L, "spawn: a program and its words");
    p->reads[0] = NULL;
    if (lua_getfield(L, 1, "reads") != LUA_TNIL) {
        luaL_checktype(L, -1, LUA_TTABLE);
        texts_get(L, lua_gettop(L), p->reads, READS, "reads");
    }
    lua_pop(L, 1);
    lua_getfield(L, 1, "folder");
    p->folder = luaL_checkstring(L, -1);
    lua_pop(L, 1);
    p->seconds = (rlim_t)field(L, "seconds", 20, 3600);
    p->memory = (rlim_t)field(L, "memory", 1024, 1 << 20) * MIB;
    p->file = (rlim_t)field(L, "file", 64, 1 << 20) * MIB;
    p->output = (size_t)field(L, "output", 16384, OUTPUT_MOST);
}

static void limit(int what, rlim_t n)
{
    struct rlimit r = {n, n};

    setrlimit(what, &r);
}

static _Noreturn void program_begin(const struct program *p, int out)
{
    static char *environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "TMPDIR=.",
                                  NULL};
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    setsid(); /* a group of its own, and nobody's terminal */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    dup2(null, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    limit(RLIMIT_CPU, p->seconds);
    limit(RLIMIT_AS, p->memory);
    limit(RLIMIT_FSIZE, p->file);
    limit(RLIMIT_CORE, 0);
    if (p->reads[0])
        confine(p->folder, p->reads);
    if (chdir(p->folder) == 0)
        execvpe(p->words[0], p->words, environment);
    dprintf(STDERR_FILENO, "%s: %s\n", p->words[0], strerror(errno));
    _exit(127);
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* What it says, up to the limit; the rest is read and forgotten, so that it can end. false = it is
 * not done after five times the CPU time it may have. */
static bool program_hear(const struct program *p, int fd, char *text, size_t *n)
{
    int64_t end = now_ms() + (int64_t)p->seconds * 5000;
    char block[8192];

    for (*n = 0;;) {
        struct pollfd on = {.fd = fd, .events = POLLIN};
        int64_t left = end - now_ms();
        ssize_t got;
        if (left <= 0)
            return false;
        if (poll(&on, 1, (int)left) <= 0)
            continue;
        got = read(fd, block, sizeof block);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return true;
        if ((size_t)got > p->output - *n)
            got = (ssize_t)(p->output - *n);
        memcpy(text + *n, block, (size_t)got);
        *n += (size_t)got;
    }
}

/* spawn{words..., folder=, seconds=, memory=, file=, output=, reads={}}: exit code, or 128 +
 * signal, and what it said. nil and why when it could not be started. */
static int l_flatfish_spawn(lua_State *L)
{
    struct program p;
    int ends[2], status = 0;
    size_t n;
    pid_t pid;
    bool done;

    luaL_checktype(L, 1, LUA_TTABLE);
    program_get(L, &p);
    char *text = lua_newuserdatauv(L, p.output, 0);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return failure(L, p.words[0]);
    fflush(NULL);
    pid = fork();
    if (pid == 0)
        program_begin(&p, ends[1]);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return failure(L, p.words[0]);
    }
    done = program_hear(&p, ends[0], text, &n);
    if (!done) {
        kill(-pid, SIGKILL);
        kill(pid, SIGKILL);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    kill(-pid, SIGKILL); /* what it started and left behind */
    close(ends[0]);
    lua_pushinteger(L, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
    lua_pushlstring(L, text, n);
    return 2;
}

/* ---- files and folders ---- */

/* plain_file(path, most): its contents; nil and why when it is no plain file or too large. */
static int l_flatfish_plain_file(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    lua_Integer most = luaL_checkinteger(L, 2);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;
    luaL_Buffer b;
    ssize_t got = 0;
    size_t n = 0;

    if (fd < 0 && errno == ELOOP) {
        lua_pushnil(L);
        lua_pushfstring(L, "%s is a link, not a file", path);
        return 2;
    }
    if (fd < 0)
        return failure(L, path);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > most) {
        close(fd);
        lua_pushnil(L);
        if (S_ISREG(st.st_mode))
            lua_pushfstring(L, "%s has %I bytes; %I are allowed", path, (lua_Integer)st.st_size,
                            most);
        else
            lua_pushfstring(L, "%s is not a plain file", path);
        return 2;
    }
    char *to = luaL_buffinitsize(L, &b, (size_t)st.st_size);
    while (n < (size_t)st.st_size && (got = read(fd, to + n, (size_t)st.st_size - n)) > 0)
        n += (size_t)got;
    close(fd);
    luaL_pushresultsize(&b, n);
    return got < 0 ? failure(L, path) : 1;
}

static const char *kind_of(const struct stat *st)
{
    if (S_ISREG(st->st_mode))
        return "file";
    if (S_ISDIR(st->st_mode))
        return "folder";
    return S_ISLNK(st->st_mode) ? "link" : "other";
}

static int visible(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* list_folder(path): {name=, kind="file"|"folder"|"link"|"other", bytes=} of what is in it, by
 * name; hidden files are not. */
static int l_flatfish_list_folder(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    struct dirent **entries;
    int n = scandir(path, &entries, visible, by_bytes), fd;

    if (n < 0 || (fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        return failure(L, path);
    lua_createtable(L, n, 0);
    for (int i = 0; i < n; i++) {
        struct stat st = {0};
        fstatat(fd, entries[i]->d_name, &st, AT_SYMLINK_NOFOLLOW);
        lua_createtable(L, 0, 3);
        lua_pushstring(L, entries[i]->d_name);
        lua_setfield(L, -2, "name");
        lua_pushstring(L, kind_of(&st));
        lua_setfield(L, -2, "kind");
        lua_pushinteger(L, (lua_Integer)st.st_size);
        lua_setfield(L, -2, "bytes");
        lua_seti(L, -2, i + 1);
        free(entries[i]);
    }
    free(entries);
    close(fd);
    return 1;
}

/* temp_folder(): a new one, nobody else's; whoever asks removes it. */
static int l_flatfish_temp_folder(lua_State *L)
{
    const char *base = getenv("TMPDIR");
    char path[PATH_MAX];

    if ((size_t)snprintf(path, sizeof path, "%s/flatfish.XXXXXX", base && *base ? base : "/tmp") >=
        sizeof path)
        errno = ENAMETOOLONG;
    else if (mkdtemp(path)) {
        lua_pushstring(L, path);
        return 1;
    }
    return failure(L, path);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

/* remove_folder(path): with all in it; links in it, not what they name. */
static int l_flatfish_remove_folder(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);

    if (nftw(path, remove_one, DEEP, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0)
        return failure(L, path);
    lua_pushboolean(L, true);
    return 1;
}

void open_outside(lua_State *L)
{
    static const luaL_Reg functions[] = {{"spawn", l_flatfish_spawn},
                                         {"plain_file", l_flatfish_plain_file},
                                         {"list_folder", l_flatfish_list_folder},
                                         {"temp_folder", l_flatfish_temp_folder},
                                         {"remove_folder", l_flatfish_remove_folder},
                                         {NULL, NULL}};

    if (!host.config.sandbox)
        luaL_setfuncs(L, functions, 0);
}
