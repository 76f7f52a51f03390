/* sim/gdb/known.c -- which processes the client has heard of, and which it has let go: those it
 * does not see, and hears nothing of, until it takes them again. SPDX-License-Identifier: MIT */
#include "sim/event.h"
#include "sim/gdb/session.h"
#include "sim/object.h"

static bool among(const int64_t *pids, unsigned n, int64_t pid)
{
    for (unsigned i = 0; i < n; i++)
        if (pids[i] == pid)
            return true;
    return false;
}

static void take_out(int64_t *pids, unsigned *n, int64_t pid)
{
    for (unsigned i = 0; i < *n; i++)
        if (pids[i] == pid)
            pids[i--] = pids[--*n];
}

bool session_knows(const struct session *s, int64_t pid)
{
    return among(s->known, s->known_n, pid);
}

bool session_hides(const struct session *s, int64_t pid)
{
    return among(s->detached, s->detached_n, pid);
}

bool session_holds(const struct session *s, int64_t pid)
{
    return session_knows(s, pid) && !session_hides(s, pid);
}

/* The machine stands at its end and can still be looked at, but of this process the client has
 * heard that it is over. */
bool session_exited(const struct session *s, int64_t pid)
{
    return s->end_told && among(s->exited, s->exited_n, pid);
}

bool session_holds_any(const struct session *s)
{
    for (unsigned i = 0; i < s->known_n; i++)
        if (session_holds(s, s->known[i]) && target_thread_of(s->known[i]).tid)
            return true;
    return false;
}

void session_know(struct session *s, int64_t pid)
{
    if (!session_knows(s, pid) && s->known_n < PIDS)
        s->known[s->known_n++] = pid;
}

void session_forget(struct session *s, int64_t pid)
{
    take_out(s->known, &s->known_n, pid);
    if (pid != PID_KERNEL)
        stop_remove_of(pid);
}

void session_let_go(struct session *s, int64_t pid)
{
    if (session_holds(s, pid) && s->detached_n < PIDS)
        s->detached[s->detached_n++] = pid;
    stop_remove_of(pid);
}

void session_take(struct session *s, int64_t pid)
{
    take_out(s->detached, &s->detached_n, pid);
    session_know(s, pid);
    s->killed = false;
}

bool session_new(const struct session *s, int64_t pid)
{
    return s->comings && s->multiprocess && s->swbreak && s->scope <= 0 && s->known_n &&
           s->known_n < PIDS && !session_knows(s, pid) && !session_exited(s, pid);
}

struct id session_stranger(const struct session *s)
{
    struct id id = session_new(s, PID_KERNEL) ? (struct id){PID_KERNEL, 1} : (struct id){0, 0};

    for (unsigned i = 1; i < sim_space_count() && !id.tid; i++) {
        const struct sim_space *space = sim_space(i);
        if (space->live && space->id && space->id < PID_KERNEL && session_new(s, space->id))
            id = target_thread_of(space->id);
    }
    return id;
}

/* What happens in a process that is let go is seen at the CPU, or by whoever is still held. */
struct id session_seen(const struct session *s, struct id id)
{
    if (session_hides(s, id.pid))
        id = (struct id){PID_KERNEL, 1};
    for (unsigned i = 0; i < s->known_n && session_hides(s, id.pid); i++)
        if (session_holds(s, s->known[i]) && target_thread_of(s->known[i]).tid)
            id = target_thread_of(s->known[i]);
    return id;
}
