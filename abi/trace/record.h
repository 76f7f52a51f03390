/* abi/trace/record.h -- an event in memory, as sinks and listeners get it.
 * Host byte order; the file format is described beside the writer's own header.
 * SPDX-License-Identifier: MIT */
#ifndef ABI_TRACE_RECORD_H
#define ABI_TRACE_RECORD_H

#include <stdint.h>
#include "abi/assert.h"

enum trace_kind {
#define TRACE_EVENT(id, name, crossing, reason, addr, text) TRACE_##name = id,
#include "abi/trace/events.def"
#undef TRACE_EVENT
    TRACE_KINDS = 20
};

struct trace_record {
    uint64_t icount; /* instructions begun before it; see sim/event.h */
    uint64_t addr;
    uint32_t reason;
    uint16_t kind; /* enum trace_kind */
    uint16_t from; /* domain = space index * 2 + (1 when user) */
    uint16_t to;
    uint16_t behalf; /* space index on whose behalf `to` works */
    uint32_t thread; /* debug block's thread id, 0 = unknown */
};

ABI_ASSERT(sizeof(struct trace_record) == 32, "layout");

#endif
