/* sim/gdb/past.c -- what happened last: the machine goes back, is listened to on its way here, and
 * stands where it stood. For questions like "why does this thread wait?", which no state answers.
 * SPDX-License-Identifier: MIT */
#include "sim/event.h"
#include "sim/gdb/target.h"
#include "sim/snap.h"

enum { FAR = 200000000 /* instructions: who has waited for longer is not asked why */ };

static struct {
    int64_t tid; /* who left user mode; 0 = any crossing */
    bool some;
    struct trace_record last;
} sought;

static void on_event(void *ctx, const struct trace_record *r)
{
    (void)ctx;
    if (sought.tid && (!(r->from & 1) || r->to & 1 || target_current().tid != sought.tid))
        return;
    sought.some = true;
    sought.last = *r;
}

#define CROSSINGS                                                                                  \
    (1ull << TRACE_SYSCALL | 1ull << TRACE_SYSRET | 1ull << TRACE_SYSENTER |                       \
     1ull << TRACE_SYSEXIT | 1ull << TRACE_INT | 1ull << TRACE_IRET | 1ull << TRACE_EXCEPTION |    \
     1ull << TRACE_INTERRUPT | 1ull << TRACE_VMENTER | 1ull << TRACE_VMEXIT |                      \
     1ull << TRACE_FARCALL)

/* From there to here, by the same events as the first time; an interrupt that was delivered here is
 * delivered again. */
static void live_through(uint64_t from, uint64_t to, bool deliver)
{
    int listener;

    if (resume_goto(from))
        return;
    listener = sim_listen(CROSSINGS, on_event, NULL);
    if (sim_icount() < to)
        sim_run(to);
    if (deliver)
        resume_deliver();
    sim_unlisten(listener);
}

/* Stretches between snapshots, the latest first, until one has what is sought. */
static void search_stretches(uint64_t home, bool behind)
{
    uint64_t to = home;

    for (unsigned n = 1; !sought.some && to > reverse_earliest() && home - to < FAR; n *= 2) {
        uint64_t from = reverse_stretch(to, n);
        live_through(from, to, behind && to == home);
        to = from;
    }
}

static uint64_t before(uint64_t home, uint64_t back)
{
    uint64_t first = reverse_earliest();

    return home - first > back ? home - back : first;
}

bool past_find(int64_t tid, uint64_t back, struct trace_record *out)
{
    uint64_t home = sim_icount();
    bool behind = sim_interrupted();
    struct stop ended;

    sought.tid = tid;
    sought.some = false;
    reverse_from_here(false);
    if (resume_ended(&ended) || home <= reverse_earliest())
        return false;
    if (back)
        live_through(before(home, back), home, behind);
    else
        search_stretches(home, behind);
    resume_goto(home);
    if (behind)
        resume_deliver();
    *out = sought.last;
    return sought.some;
}
