/* monitors/lib/watch.c -- clients that do not finish: one that connects and never says its request,
 * or never takes its reply, holds a serving thread. A thread looks now and then at those serving
 * threads that think they wait, and lets go of a client that two looks in a row find unchanged: its
 * connection ends. Where one holds, others queue behind it; so each that was let go halves the time
 * to the next look, until there is nobody to suspect. It sleeps until it is begun; with one child,
 * who harms only himself, it looks more seldom, so that he can end. SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"
#include "monitors/lib/worker.h"

/* Nanoseconds between two looks. */
#define PATIENCE       200000000ull
#define PATIENCE_ALONE 2000000000ull
#define PATIENCE_LEAST 10000000ull

struct mon_worker *mon_workers;
static struct fk_object mutex, cond;
static uint64_t patience; /* 0 = not begun */

/* It is in an IPC call as a server, or about to make one; then the call can be ended for it. */
static bool in_server_call(const struct fk_thread_state *state)
{
    const uint8_t *code = (const uint8_t *)state->frame.rip;
    uint64_t call = state->frame.rax;
    return code[0] == 0x0f && code[1] == 0x05 && call >= FK_IPC_BASE && call < FK_CALL_LIMIT &&
           call & FK_IPC_SERVER;
}

/* The thread is stopped, with a client: the same one, at the same request, as at the last look? */
static bool stuck(struct mon_worker *worker, const struct fk_thread_state *state)
{
    bool again = worker->suspect && worker->suspect_at == worker->served;
    worker->suspect = !again && !worker->busy;
    worker->suspect_at = worker->served;
    return again && !worker->busy && in_server_call(state);
}

/* Instead of its call it makes another, which ends the connection. */
static void let_go(struct mon_worker *worker, struct fk_thread_state *state)
{
    state->frame.rax = FK_IPC_BASE + FK_IPC_SERVER + FK_IPC_DISCONNECT;
    worker->let_go = true;
}

/* What became of it: somebody was let go, or is suspected. */
struct seen {
    unsigned gone, suspects;
};

static void look(struct mon_worker *worker, struct fk_thread_state *state, uint64_t client,
                 struct seen *seen)
{
    struct fk_thread_links links = {.server = client};
    if (worker->busy) { /* stopping it would look to its client's scheduler as if it waited */
        worker->suspect = false;
        return;
    }
    if (fk_thread_get_state(worker->thread, fk_at(state), fk_at(&links)))
        return;
    if (!mon_ref_alive(client))
        worker->suspect = false;
    else if (stuck(worker, state)) {
        let_go(worker, state);
        seen->gone++;
    }
    seen->suspects += worker->suspect;
    state->flags &= ~(uint64_t)FK_THREAD_STOPPED;
    fk_thread_set_state(worker->thread, fk_at(state), 0);
}

static uint64_t next_look(const struct seen *seen, uint64_t wait)
{
    if (!seen->gone)
        return seen->suspects ? wait : patience;
    return wait / 2 < PATIENCE_LEAST ? PATIENCE_LEAST : wait / 2;
}

static void watch_main(void *unused)
{
    (void)unused;
    struct fk_thread_state *state = calloc(1, sizeof(*state));
    uint64_t ref = mon_ref(), wait;
    mon_guard();
    fk_mutex_lock(fk_at(&mutex));
    while (!patience)
        fk_cond_wait(fk_at(&cond), fk_at(&mutex));
    fk_mutex_unlock(fk_at(&mutex));
    for (wait = patience; state && ref;) {
        struct seen seen = {0};
        fk_clock_wait((uint64_t)fk_clock_read() + wait);
        for (struct mon_worker *worker = mon_workers; worker; worker = worker->next)
            look(worker, state, ref, &seen);
        wait = next_look(&seen, wait);
    }
}

long mon_watch_open(void)
{
    if (fk_mutex_create(fk_at(&mutex)) || fk_cond_create(fk_at(&cond)))
        return -PROTO_NO_OBJECTS;
    return mon_thread(watch_main, NULL, 0);
}

void mon_watch_begin(bool siblings)
{
    fk_mutex_lock(fk_at(&mutex));
    if (siblings || !patience)
        patience = siblings ? PATIENCE : PATIENCE_ALONE;
    fk_cond_signal(fk_at(&cond));
    fk_mutex_unlock(fk_at(&mutex));
}
