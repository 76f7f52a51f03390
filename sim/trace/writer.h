/* sim/trace/writer.h -- the trace of a run, as a sink of the machine's events.
 *
 *     struct trace_writer *w = trace_open(&options);   NULL: trace_error()
 *     struct sim_sink sink = trace_sink(w);
 *     sim_sink_add(&sink);
 *     ... run; sim_event_flush(); trace_flush(w) now and then, or leave it to the writer ...
 *     sim_sink_remove(w);
 *     if (trace_close(w)) ... trace_error() ...
 *
 * To disk, everything is in the file within a second of a batch coming in (a guest that crosses
 * nothing sends no batch: call trace_flush from the host tick if that matters), and kill -9 loses
 * no more than that. In ring mode (`last` > 0) only the last events are kept, in memory, 32 bytes
 * each, and the file is written by trace_close.
 * Full disk and other failures: `failed` is called once, tracing stops, the run may go on; the
 * trace stays whole up to the last flush, and trace_close returns -1 with the same text.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_TRACE_WRITER_H
#define SIM_TRACE_WRITER_H

#include "sim/event.h"
#include "sim/trace/meta.h"

struct trace_options {
    const char *dir;
    uint64_t last;              /* keep this many events, 0 = all */
    bool force;                 /* replace a trace that is there */
    uint32_t packet;            /* bytes of a packet, 0 = 256 KiB; 4 KiB .. 16 MiB */
    const char *about;          /* what is run, for people; or NULL */
    uint64_t start;             /* icount at which the run begins; not 0 for a resumed one */
    uint64_t ips;               /* the machine's, 0 = not said */
    struct trace_lookup lookup; /* called from trace_take, trace_flush and trace_close */
    void (*failed)(void *ctx, const char *text);
    void *failed_ctx;
};

struct trace_writer;

struct trace_writer *trace_open(const struct trace_options *options);
struct sim_sink trace_sink(struct trace_writer *w);
void trace_take(void *w, const struct trace_record *r, size_t n);
int trace_flush(struct trace_writer *w);
/* Ends the trace and frees `w` (NULL is fine), also when it returns -1. */
int trace_close(struct trace_writer *w);
/* Events stored so far (ring mode: seen so far). */
uint64_t trace_stored(const struct trace_writer *w);
/* One line about the last failure: what and how to mend it. */
const char *trace_error(void);

#endif
