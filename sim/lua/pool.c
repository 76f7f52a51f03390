/* sim/lua/pool.c -- flatfish.parallel(n, jobs, work, done): calls of a function in processes of
 * their own.
 *
 * There is one machine a process, so whoever wants many runs needs many processes. Each is a fork
 * made before any machine exists; work(i) runs in it and returns a text, which comes back through a
 * pipe; done(i, text, message) is called in the parent, in the order in which they end. Invariant:
 * no child outlives the call or the parent, Ctrl-C included. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/lua/host.h"

enum { JOBS = 64, RESULT = 16 << 20 };

struct child {
    pid_t pid; /* 0 = free */
    int fd;
    lua_Integer index;
    char *bytes;
    size_t n;
    bool over; /* more than a result may have */
};

/* Before a result or a message. A process may end in the middle of either. */
struct head {
    uint64_t length;
    char good;
};

static struct child children[JOBS];
static volatile sig_atomic_t interrupted;

static void on_interrupt(int sig)
{
    interrupted = sig;
}

/* ---- in the child ---- */

static void put(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t did = write(fd, bytes, n);
        if (did < 0 && errno == EINTR)
            continue;
        if (did <= 0)
            return;
        bytes += did;
        n -= (size_t)did;
    }
}

/* The others are children of the parent's. */
static void forget_children(void)
{
    for (int i = 0; i < JOBS; i++) {
        if (children[i].pid)
            close(children[i].fd);
        free(children[i].bytes);
        children[i] = (struct child){0};
    }
}

/* On top of the stack: a message, to which what the machine was doing is added. */
static void add_where(lua_State *L)
{
    char where[256];

    if (!host.machine || host.failed)
        return;
    host_where(where, sizeof where);
    lua_pushfstring(L, "%s\n  machine: %s", luaL_tolstring(L, -1, NULL), where);
}

/* Stack: index, jobs, work, done. */
static void work(lua_State *L, lua_Integer index, int fd, pid_t parent)
{
    size_t n;
    const char *text;

    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    forget_children();
    guard_forked();
    lua_pushvalue(L, 3);
    lua_pushinteger(L, index);
    bool good = lua_pcall(L, 1, 1, 0) == LUA_OK;
    if (!good && lua_isstring(L, -1))
        add_where(L);
    text = lua_tolstring(L, -1, &n);
    if (!text) {
        good = false;
        text = "the function gave no text";
        n = strlen(text);
    }
    struct head head = {.length = n, .good = good};
    put(fd, (const char *)&head, sizeof head);
    put(fd, text, n);
    close(fd);
    fflush(NULL);
    sim_destroy();
    _exit(good ? 0 : 1);
}

/* ---- in the parent ---- */

static int start(lua_State *L, struct child *c, lua_Integer index)
{
    int ends[2];
    pid_t parent = getpid(), pid;

    if (pipe(ends) != 0)
        return -1;
    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        close(ends[0]);
        work(L, index, ends[1], parent);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return -1;
    }
    *c = (struct child){.pid = pid, .fd = ends[0], .index = index};
    return 0;
}

static void child_end(struct child *c, int *status)
{
    close(c->fd);
    while (waitpid(c->pid, status, 0) < 0 && errno == EINTR)
        continue;
    free(c->bytes);
    *c = (struct child){0};
}

static void end_all(void)
{
    int status;

    for (int i = 0; i < JOBS; i++)
        if (children[i].pid) {
            kill(children[i].pid, SIGKILL);
            child_end(&children[i], &status);
        }
}

/* All that the child had to say is there. */
static bool whole(const struct child *c, struct head *head)
{
    if (c->over || c->n < sizeof *head)
        return false;
    memcpy(head, c->bytes, sizeof *head);
    return c->n == sizeof *head + head->length;
}

/* Calls done(index, result) or done(index, nil, message); keeps an error for later. */
static bool report(lua_State *L, struct child *c)
{
    struct head head = {0, 0};
    int status;
    bool said = whole(c, &head), over = c->over;

    lua_pushvalue(L, 4);
    lua_pushinteger(L, c->index);
    if (!head.good)
        lua_pushnil(L);
    if (said)
        lua_pushlstring(L, c->bytes + sizeof head, head.length);
    child_end(c, &status);
    if (over)
        lua_pushfstring(L, "its result is longer than %d MiB", RESULT >> 20);
    else if (!said)
        lua_pushfstring(L, "its process ended by %s",
                        WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "itself");
    return lua_pcall(L, lua_gettop(L) - 5, 0, 0) == LUA_OK;
}

/* More bytes; true when the child is done. */
static bool take(struct child *c)
{
    char block[65536];
    ssize_t got = read(c->fd, block, sizeof block);
    char *more;

    if (got < 0)
        return errno != EINTR && errno != EAGAIN;
    c->over = got > 0 && c->n + (size_t)got > RESULT + sizeof(struct head);
    if (got == 0 || c->over)
        return true;
    more = realloc(c->bytes, c->n + (size_t)got);
    if (!more)
        return true;
    memcpy(more + c->n, block, (size_t)got);
    c->bytes = more;
    c->n += (size_t)got;
    return false;
}

static unsigned fill(lua_State *L, lua_Integer n, int jobs, lua_Integer *next)
{
    unsigned busy = 0;

    for (int i = 0; i < jobs; i++) {
        if (!children[i].pid && *next <= n && start(L, &children[i], *next) == 0)
            ++*next;
        busy += children[i].pid != 0;
    }
    return busy;
}

/* Waits for news of any child. false = done() has raised; its message is on the stack. */
static bool wait_some(lua_State *L, int jobs)
{
    struct pollfd fds[JOBS];
    nfds_t n = 0;

    for (int i = 0; i < jobs; i++)
        if (children[i].pid)
            fds[n++] = (struct pollfd){.fd = children[i].fd, .events = POLLIN};
    if (poll(fds, n, 500) <= 0)
        return true;
    for (nfds_t k = 0; k < n; k++)
        for (int i = 0; i < jobs; i++)
            if (children[i].pid && children[i].fd == fds[k].fd && fds[k].revents &&
                take(&children[i]) && !report(L, &children[i]))
                return false;
    return true;
}

static int l_flatfish_parallel(lua_State *L)
{
    lua_Integer n = luaL_checkinteger(L, 1), next = 1;
    lua_Integer jobs = luaL_optinteger(L, 2, 0);
    struct sigaction act = {.sa_handler = on_interrupt}, was_int, was_term;
    bool good = true;

    luaL_checktype(L, 3, LUA_TFUNCTION);
    luaL_checktype(L, 4, LUA_TFUNCTION);
    lua_settop(L, 4);
    if (host.machine)
        return luaL_error(L, "parallel: this process has a machine already");
    if (jobs <= 0)
        jobs = host.config.jobs ? host.config.jobs : sysconf(_SC_NPROCESSORS_ONLN);
    jobs = jobs < 1 ? 1 : jobs > JOBS ? JOBS : jobs;
    interrupted = 0;
    sigaction(SIGINT, &act, &was_int);
    sigaction(SIGTERM, &act, &was_term);
    while (good && !interrupted && fill(L, n, (int)jobs, &next) > 0)
        good = wait_some(L, (int)jobs);
    end_all();
    sigaction(SIGINT, &was_int, NULL);
    sigaction(SIGTERM, &was_term, NULL);
    if (!good)
        return lua_error(L);
    lua_pushboolean(L, !interrupted && next > n);
    return 1;
}

void open_pool(lua_State *L)
{
    if (host.config.sandbox)
        return;
    lua_pushcfunction(L, l_flatfish_parallel);
    lua_setfield(L, -2, "parallel");
}
