/* trace/reader_own.h -- what the two halves of the reader share: reader_meta.c (names,
 * metadata) and reader.c (packets, events). SPDX-License-Identifier: MIT */
#ifndef TRACE_READER_OWN_H
#define TRACE_READER_OWN_H

#include "trace/reader.h"

struct trace_reader {
    struct trace_facts facts;
    const uint8_t *file;
    uint64_t size;
    bool mapped;
    struct trace_packet *packet;
    size_t packets, room;
    struct trace_extra *space; /* by index; cr3 = UINT64_MAX: unknown */
    unsigned spaces;
    char **label;
    uint32_t labels;
    size_t at, end; /* packet being read, and where to stop */
    uint32_t pos;   /* in it: offset of the next event */
    uint64_t last;  /* icount of the event before */
    size_t touched; /* bytes read since memory was given back */
    struct trace_extra extra;
    char damage[256]; /* met while indexing */
    char broken[256]; /* met while decoding: nearer, so it is the one to tell */
    bool no_memory;
    /* Of the metadata. */
    bool unsound; /* its sum is wrong: what else it says may be, too */
    bool has_uuid;
    uint8_t uuid[16];
    uint64_t ring, bytes, end_icount; /* as in struct trace_meta */
};

/* One line into where[max]. */
void reader_say(char *where, size_t max, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* `text` ends with a NUL. 0, or -1 with a line in `err`. */
int reader_metadata(struct trace_reader *t, const char *text, size_t n, char *err, size_t max);
/* An event that carries names teaches them to whoever reads on. */
void reader_learn(struct trace_reader *t, const struct trace_record *r);
void reader_names_free(struct trace_reader *t);

#endif
