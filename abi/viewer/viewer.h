/* abi/viewer/viewer.h -- what the simulator and a live viewer say to each other, byte by byte.
 *
 * A stream socket of one machine (a pair made before the viewer is started, or one that either side
 * listens on). All numbers are little-endian, structures have no hidden padding. A message is
 *
 *   u32  bytes of the whole message, 8 .. VIEW_BYTES
 *   u16  kind, enum view_message
 *   u16  0
 *   body, as below; where it ends in text, that goes to the message's end, without a NUL
 *
 * Both sides begin with HELLO; a version that is not one's own ends the connection. After that
 * either side sends what it has to say when it has to. The simulator never waits for the viewer:
 * what does not fit into the socket while the machine runs is dropped, and STATE says how many
 * events that were. Sums are never lost for good, because SUMS always counts from power-on: between
 * two of them a viewer knows exactly who ran how long even where it has no events.
 *
 *   HELLO     struct view_hello, title in text (from the viewer: no title)
 *   STATE     struct view_state, in text why the machine stands
 *   SPACE     struct view_space, its name in text
 *   LABEL     struct view_label, its text
 *   EVENTS    struct view_events, then struct trace_record after record up to the end; each lies
 *             in from .. to, in order. Nothing is missing between from and to.
 *   SUMS      struct view_sums, then struct view_row after row
 *   PLACE     struct view_place, "program:symbol+offset (file:line)" in text, as far as known
 *   CHAIN     struct view_chain, its links, outermost space last, its sharers, in text how it ends
 *   FOUND     struct view_found, the symbol in text
 *   SAID      text
 *   others    struct view_ask, from the viewer; FIND and REACH have a symbol in text
 *
 * A changed layout gets a new VIEW_VERSION; a new message only a new id. SPDX-License-Identifier:
 * MIT */
#ifndef ABI_VIEWER_VIEWER_H
#define ABI_VIEWER_VIEWER_H

#include "abi/assert.h"
#include "abi/trace/record.h"

#define VIEW_MAGIC   0x57454956u /* "VIEW" */
#define VIEW_VERSION 1
#define VIEW_BYTES   (4u << 20) /* of a message at most */
#define VIEW_TEXT    256        /* bytes of a text at most; what is longer is cut by the reader */

enum view_message {
#define VIEW_MESSAGE(id, name, from, text) VIEW_##name = id,
#include "abi/viewer/messages.def"
#undef VIEW_MESSAGE
    VIEW_MESSAGES = 64
};

enum view_register {
#define VIEW_REG(name) VIEW_REG_##name,
#include "abi/viewer/registers.def"
#undef VIEW_REG
    VIEW_REGS
};

struct view_head {
    uint32_t bytes;
    uint16_t kind, zero;
};

struct view_hello {
    uint32_t magic, version;
    uint64_t start; /* icount at which the run began */
    uint32_t backs; /* 1 = the machine can go back */
    uint32_t zero;
};

enum view_what { VIEW_RUNS, VIEW_STANDS, VIEW_ENDED /* stands at its end; may go back */ };

struct view_state {
    uint64_t icount, furthest; /* where it is; where it has been */
    uint64_t speed;            /* instructions a second at most, 0 = no limit */
    uint64_t dropped;          /* events that the viewer could not be given */
    uint64_t pc;
    uint32_t thread;
    uint16_t domain, behalf; /* who runs */
    uint32_t what;           /* enum view_what */
    uint32_t zero;
};

struct view_space {
    uint64_t cr3;
    uint32_t index, id, parent, level, live, zero; /* as in a trace */
};

struct view_label {
    uint32_t id, zero;
};

struct view_events {
    uint64_t from, to; /* icount */
    uint32_t thread;   /* who runs at `from`, before the first event */
    uint16_t domain, behalf;
};

struct view_sums {
    uint64_t icount;
};

struct view_row { /* of (domain, on whose behalf), since power-on */
    uint64_t instructions, entries;
    uint16_t domain, behalf;
    uint32_t zero;
};

struct view_place {
    uint64_t icount;
    uint64_t reg[VIEW_REGS]; /* by enum view_register */
};

enum { VIEW_LINKS = 64, VIEW_SHARERS = 256 }; /* at most; what is more is left out */

struct view_chain {
    uint64_t va, pa;
    uint32_t space;   /* id */
    uint32_t reached; /* 1 = pa is the memory */
    uint32_t links, sharers;
};

struct view_link {
    uint64_t va;                        /* in this space */
    uint64_t map_start, map_size;       /* the mapping that covers it; 0, 0 = none */
    uint64_t region_start, region_size; /* the region that it maps, in the next space */
    uint64_t keeper;                    /* port that is asked for missing pages, 0 = none */
    uint32_t space, mapping, region;    /* ids */
    uint8_t map_prot, region_prot;      /* bit 0 read, 1 write, 2 execute */
    uint8_t guarded;                    /* writing asks the keeper first */
    uint8_t zero;
};

struct view_sharer { /* another way to the same memory */
    uint64_t va;
    uint32_t space;
    uint32_t prot;
};

struct view_found {
    uint64_t address;
};

struct view_ask {
    uint64_t a, b; /* see messages.def */
};

ABI_ASSERT(sizeof(struct view_head) == 8, "layout");
ABI_ASSERT(sizeof(struct view_hello) == 24, "layout");
ABI_ASSERT(sizeof(struct view_state) == 56, "layout");
ABI_ASSERT(sizeof(struct view_space) == 32, "layout");
ABI_ASSERT(sizeof(struct view_events) == 24, "layout");
ABI_ASSERT(sizeof(struct view_row) == 24, "layout");
ABI_ASSERT(sizeof(struct view_place) == 8 + 8 * VIEW_REGS, "layout");
ABI_ASSERT(sizeof(struct view_chain) == 32, "layout");
ABI_ASSERT(sizeof(struct view_link) == 64, "layout");
ABI_ASSERT(sizeof(struct view_sharer) == 16, "layout");
ABI_ASSERT(sizeof(struct view_ask) == 16, "layout");

#endif
