/* sim/trace/meta.h -- the text of a trace's `metadata` file: CTF 1.8 TSDL, with our own facts in
 * its env block, one a line, so that the reader can pick them out again without a TSDL parser.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_TRACE_META_H
#define SIM_TRACE_META_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/codec.h"

/* Who knows names. Spaces are asked for from 0, labels from 1 (and 0), until the first "no". Either
 * may be NULL. */
struct trace_lookup {
    bool (*space)(void *ctx, unsigned index, struct trace_extra *out);
    const char *(*label)(void *ctx, uint32_t id);
    void *ctx;
};
#define TRACE_LABELS_MAX 65536

struct trace_meta {
    const struct trace_lookup *lookup;
    const char *about;  /* free text for people: what was run; or NULL */
    uint64_t ips;       /* the machine's instructions a second, 0 = not said */
    uint64_t start;     /* icount at which the run began */
    bool closed;        /* the run ended and everything is in the file */
    bool full;          /* it ends early, where the disk was full */
    uint64_t ring;      /* ring mode: how many events were to be kept; 0 = all */
    uint64_t events;    /* in the file, when closed */
    uint64_t bytes;     /* of the file, when closed */
    uint64_t end;       /* icount of the last event, when closed */
    uint64_t dropped;   /* ring mode: events before the first one kept */
    uint64_t discarded; /* events that could not be stored */
    uint8_t uuid[16];
};

/* The same trace set-up gives the same uuid: the same run has the same bytes. */
void meta_uuid(struct trace_meta *meta);
/* Returns malloc'd text of *n bytes, or NULL when memory is out. */
char *meta_text(const struct trace_meta *meta, size_t *n);

#endif
