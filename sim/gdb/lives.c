/* sim/gdb/lives.c -- processes that come and go while the machine goes forwards. The client hears
 * of the end of each that it knows, as of any program's, and of a new one before the first
 * instruction of its own, so that breakpoints are in it in time; of one whose program is not known
 * yet, as the root's before it has named itself, as soon as it is: GDB asks for symbols once. Going
 * back brings the dead to life again. SPDX-License-Identifier: MIT */
#include "sim/event.h"
#include "sim/gdb/target.h"
#include "sim/object.h"

static bool (*begins)(int64_t pid), (*ends)(int64_t pid);
static struct stop *found;
static int listening = -1, waiting = -1; /* for changes of spaces; for a new one to run */

static void tell(enum stop_kind kind, struct id id, uint64_t icount)
{
    if (found->kind != STOP_PLAIN)
        return;
    *found = (struct stop){.kind = kind, .id = id, .icount = icount};
    sim_stop_request();
}

static bool is_new(const struct sim_space *s)
{
    return s && s->live && s->id && s->id < PID_KERNEL && begins(s->id) &&
           sim_space_image(sim_space_of_id((uint32_t)s->id));
}

static void on_return(void *ctx, const struct trace_record *r)
{
    struct id now;

    (void)ctx;
    if (!(r->to & 1) || !is_new(sim_space(r->to / 2)))
        return;
    now = target_current();
    if (is_new(sim_space(sim_space_of_id((uint32_t)now.pid))) && target_alive(now))
        tell(STOP_NEW, now, r->icount);
}

#define RETURNS                                                                                    \
    (1ull << TRACE_IRET | 1ull << TRACE_SYSRET | 1ull << TRACE_SYSEXIT | 1ull << TRACE_FARCALL)

/* Whoever is new has still to run: only until then is every return to user mode looked at. */
static void wait_for(const struct sim_space *s)
{
    if (waiting < 0 && is_new(s))
        waiting = sim_listen(RETURNS, on_return, NULL);
}

static void on_space(void *ctx, const struct trace_record *r)
{
    const struct sim_space *s = sim_space(r->reason);

    (void)ctx;
    if (s && !s->live && s->id && ends(s->id))
        tell(STOP_GONE, (struct id){s->id, 0}, r->icount);
    wait_for(s);
}

void lives_told(bool (*new_one)(int64_t pid), bool (*end_of)(int64_t pid))
{
    begins = new_one;
    ends = end_of;
}

static void no_more(int *listener)
{
    if (*listener >= 0)
        sim_unlisten(*listener);
    *listener = -1;
}

void lives_arm(struct stop *to, bool live)
{
    no_more(&listening);
    no_more(&waiting);
    found = to;
    if (!to || !live || !ends)
        return;
    listening = sim_listen(1ull << TRACE_SPACE, on_space, NULL);
    for (unsigned i = 1; i < sim_space_count(); i++)
        wait_for(sim_space(i));
}
