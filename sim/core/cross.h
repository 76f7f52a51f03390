/* sim/core/cross.h -- the hot path of a crossing: one record appended to the batch, nothing else.
 *
 * Included by the overlay's hooks and by event.c, which owns all of this. What a record means for
 * the account, the counts and the sinks is worked out a batch at a time (event.c).
 * Invariant: `now` says who runs, from the last record on.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CORE_CROSS_H
#define SIM_CORE_CROSS_H

#include "abi/trace/record.h"
#include "sim/core/shim.h"

#ifdef __cplusplus
extern "C" {
#endif

struct cross_now {  /* machine state */
    uint32_t space; /* index of the address space in force */
    uint16_t domain, behalf;
    uint32_t thread;
    bool debugged; /* a debug block says on whose behalf */
};
extern struct cross_now cross_now;
extern struct trace_record *cross_next, *cross_end; /* the batch, from the next record on */
extern uint64_t cross_heard; /* kinds that somebody listens to, a bit for each */

void cross_flush(void);
void cross_listen(const struct trace_record *r);
void debugblock_look(uint64_t at);

static inline void cross(unsigned kind, uint64_t at, uint32_t reason, uint64_t addr, unsigned user)
{
    uint16_t from = cross_now.domain;
    if (user) {
        if (__builtin_expect(cross_now.debugged, 0))
            debugblock_look(at); /* may record events of its own: take a place only after it */
        else
            cross_now.behalf = (uint16_t)cross_now.space;
    }
    struct trace_record *r = cross_next;
    r->icount = at;
    r->addr = addr;
    r->reason = reason;
    r->kind = (uint16_t)kind;
    r->from = from;
    r->to = cross_now.domain = (uint16_t)(cross_now.space * 2 + user);
    r->behalf = cross_now.behalf;
    r->thread = cross_now.thread;
    cross_next = r + 1;
    if (__builtin_expect(cross_heard >> kind & 1, 0))
        cross_listen(r);
    if (__builtin_expect(cross_next == cross_end, 0))
        cross_flush();
}

#ifdef __cplusplus
}
#endif
#endif
