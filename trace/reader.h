/* trace/reader.h -- reads a trace back, record by record, from any point.
 *
 *     struct trace_reader *t = trace_read_open(dir, err, sizeof err);
 *     while (trace_read_next(t, &r)) ...
 *     if (trace_damage(t)) ... where and why it ends early; what came before is sound ...
 *
 * Knows abi/ and this folder's codec only, so that another process (the viewer) can use it. No byte
 * of the files is trusted. The files may still grow while they are read: the reader sees what was
 * there when it opened them. (A file that is *shortened* meanwhile kills the reader: it is mapped.)
 * SPDX-License-Identifier: MIT */
#ifndef TRACE_READER_H
#define TRACE_READER_H

#include "trace/codec.h"

struct trace_reader;

enum trace_state {
    TRACE_OPEN,   /* still being written, or its writer was killed */
    TRACE_FULL,   /* ended early: its disk was full */
    TRACE_CLOSED, /* whole */
};

struct trace_facts {
    enum trace_state state;
    uint64_t events;    /* that are there */
    uint64_t dropped;   /* ring mode: events before the first */
    uint64_t discarded; /* events the writer could not store */
    uint64_t start;     /* icount at which the run began */
    uint64_t ips;       /* 0 = unknown */
    char about[1024];
    uint64_t bytes; /* size of the events file that packets account for */
    size_t packets;
    uint64_t first, last; /* icount of the first and last event, by the packet headers */
};

struct trace_packet {
    uint64_t offset;     /* in the file */
    uint64_t before;     /* events in the packets before it */
    uint64_t begin, end; /* icount */
    uint32_t head, used; /* bytes to the first event, and to the end of the last */
    bool summed, wrong;  /* its sum was looked at, and is not that of its bytes */
};

/* NULL with one line in `err`. */
struct trace_reader *trace_read_open(const char *dir, char *err, size_t max);
/* The same for files that are in memory; `events` must outlive the reader. */
struct trace_reader *trace_read_memory(const void *metadata, size_t n, const void *events, size_t m,
                                       char *err, size_t max);
void trace_read_close(struct trace_reader *t); /* NULL is fine */

const struct trace_facts *trace_facts(const struct trace_reader *t);
const struct trace_packet *trace_packet(const struct trace_reader *t, size_t n); /* NULL = none */
/* What is known of a space by its index, or of a marker's label; from the metadata and from the
 * events read so far. NULL = nothing. */
const struct trace_extra *trace_space(const struct trace_reader *t, unsigned index);
unsigned trace_spaces(const struct trace_reader *t); /* indices below this may be known */
const char *trace_label(const struct trace_reader *t, uint32_t id);

/* false = end of what can be read: see trace_damage. */
bool trace_read_next(struct trace_reader *t, struct trace_record *r);
/* The next event read will be the first with icount >= `icount`. */
void trace_read_seek(struct trace_reader *t, uint64_t icount);
/* The next event read will be the first of packet n, and reading ends with packet `end` - 1. */
void trace_read_packets(struct trace_reader *t, size_t n, size_t end);
/* The packets before n will not be read again soon: their memory may go. */
void trace_read_forget(struct trace_reader *t, size_t n);
uint64_t trace_read_offset(const struct trace_reader *t); /* in the file, of the next event */
/* Names in the event just read: SPACE, MARK and MARK2 only, else text[0] = 0. */
const struct trace_extra *trace_read_extra(const struct trace_reader *t);
/* NULL, or one line: where and why the trace cannot be read further, or is not to be trusted. What
 * nobody has read yet may have damage that is not known yet. */
const char *trace_damage(const struct trace_reader *t);

/* "syscall" and so on; NULL for an unknown kind. And back: 0 = no such name. Case does not count.
 */
const char *trace_kind_name(unsigned kind);
unsigned trace_kind_find(const char *name, size_t n);
bool trace_kind_crosses(unsigned kind);

#endif
