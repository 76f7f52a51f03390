/* abi/trace/format.h -- the trace on disk, byte by byte (docs/trace.md has it in prose).
 *
 * A trace is a directory with two files. `metadata`: CTF 1.8 TSDL text, made from events.def, whose
 * env block also carries what the events need to be read (names of spaces, labels of markers).
 * `events`: packets one after another, all little-endian; each is
 *
 *   offset  0  u32  magic = TRACE_MAGIC
 *           4  16   uuid, the same in every packet and in the metadata
 *          20  u32  stream id = 0
 *          24  u64  events in all packets before this one (to CTF: padding before the context)
 *          32  u64  sum of the packet from offset 0 to content_size, itself and packet_size taken
 *                   as 0 (codec_sum() in trace/codec.h; padding to CTF, too)
 *          40  24   0
 *          64  u64  timestamp_begin: icount of the first event
 *          72  u64  timestamp_end: icount of the last event
 *          80  u64  content_size in bits, from offset 0 of the packet to the end of its last event
 *          88  u64  packet_size in bits; what lies between content and it is never read
 *          96  u64  events_discarded so far
 *         104  u64  packet_seq_num, 0, 1, 2, ...
 *         112       events
 *
 * An event is a header and a payload, byte aligned. Header: one byte `code` = form << 6 | kind,
 * then the low 24 bits of icount; or, when icount grew by 2^24 or more since the event before
 * (since timestamp_begin for a packet's first), TRACE_EXTENDED, u32 code, u64 icount. Payload by
 * form:
 *
 *   TRACE_SMALL   i32 addr, then bit fields from the lowest bit up:
 *                 from 1+5, to 1+5 (user bit, space), behalf 5, thread 7; then the reason in
 *                 0, 1 or 2 bytes (TRACE_REASON_BYTES)
 *   TRACE_MEDIUM  i48 addr, bit fields: from 1+11, to 1+11, behalf 11, thread 13, reason 16
 *   TRACE_LARGE   u64 addr, u16 from (1+15), u16 to (1+15), u16 behalf, u32 thread, u32 reason
 *   TRACE_TALL    as SMALL, with the reason in 4 bytes; not for SPACE, MARK and MARK2, which have
 *   TRACE_NAMED   as LARGE, then for SPACE: u32 id, u32 parent, u32 level, u8 live, name;
 *                 for MARK and MARK2: label. Both are printable ASCII ended by a NUL byte.
 *
 * The writer takes the first of SMALL, TALL, MEDIUM, LARGE that loses nothing. A new layout gets a
 * new TRACE_FORMAT; a new kind of event only gets a new id. SPDX-License-Identifier: MIT */
#ifndef ABI_TRACE_FORMAT_H
#define ABI_TRACE_FORMAT_H

#include "abi/assert.h"
#include "abi/trace/record.h"

#define TRACE_FORMAT   2
#define TRACE_MAGIC    0xC1FC1FC1u
#define TRACE_METADATA "metadata"
#define TRACE_EVENTS   "events"
#define TRACE_INDEX    ".flatfish-index" /* the viewer's, made from the others at any time */

enum trace_packet_layout {
    TRACE_AT_MAGIC = 0,
    TRACE_AT_UUID = 4,
    TRACE_AT_STREAM = 20,
    TRACE_AT_BEFORE = 24,
    TRACE_AT_SUM = 32,
    TRACE_AT_BEGIN = 64,
    TRACE_AT_END = 72,
    TRACE_AT_CONTENT = 80,
    TRACE_AT_SIZE = 88,
    TRACE_AT_DISCARDED = 96,
    TRACE_AT_SEQ = 104,
    TRACE_PACKET_HEAD = 112
};

enum trace_form { TRACE_SMALL, TRACE_MEDIUM, TRACE_LARGE, TRACE_TALL, TRACE_NAMED = TRACE_TALL };
#define TRACE_EXTENDED 255 /* also why kind 63 stays unused */
#define TRACE_KIND_MAX 62

/* Bytes of `reason` in the small form: what that kind's reason nearly always fits in. */
#define TRACE_REASON_BYTES(kind)                                                                   \
    ((kind) == TRACE_EXCEPTION || (kind) == TRACE_VMEXIT ? 2                                       \
     : (kind) == TRACE_SYSRET || (kind) == TRACE_SYSEXIT || (kind) == TRACE_IRET ||                \
             (kind) == TRACE_CR3 || (kind) == TRACE_HALT || (kind) == TRACE_VMENTER ||             \
             (kind) == TRACE_FARCALL                                                               \
         ? 0                                                                                       \
         : 1)

#define TRACE_NAME_MAX  64                              /* bytes of a name or label, with its NUL */
#define TRACE_EVENT_MAX (13 + 22 + 13 + TRACE_NAME_MAX) /* the longest event */

ABI_ASSERT(TRACE_KINDS - 1 <= TRACE_KIND_MAX, "an event's kind has 6 bits");

#endif
