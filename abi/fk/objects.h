/* abi/fk/objects.h -- the nine kinds of object, their user memory and their exported states.
 *
 * An object lives in FK_OBJECT_BYTES of user memory, aligned to that size, at an address that its
 * creator chose. Word 0 is the kernel's hint; the rest is the program's to use. Scribbling on the
 * hint costs a slower look-up and nothing else. States are separate structures: get_state fills
 * one, set_state reads one. A `links` structure carries addresses of reference objects: address 0 =
 * not wanted (get) or leave alone (set); a reference that names nothing = the link is cleared.
 * SPDX-License-Identifier: MIT */
#ifndef ABI_FK_OBJECTS_H
#define ABI_FK_OBJECTS_H

#include "abi/fk/debug.h"

#define FK_OBJECT_BYTES 32
#define FK_PAGE         4096
#define FK_USER_END     0x00007ffffffff000ull

/* Kinds of object are enum fk_debug_kind. */
#define FK_READ    1
#define FK_WRITE   2
#define FK_EXECUTE 4

struct fk_object {
    uint64_t hint;
    uint64_t user[3];
} __attribute__((aligned(FK_OBJECT_BYTES)));

/* Causes of an exception, as handlers and keepers see them (rax in a handler). */
#define FK_TRAP_PAGE_FAULT   14
#define FK_TRAP_INSANITY     0x100 /* + enum fk_insanity */
#define FK_TRAP_INTERRUPT    0x200
#define FK_TRAP_CLIENT_ALERT 0x201 /* sent by the server of the thread's client side */
#define FK_TRAP_SERVER_ALERT 0x202 /* sent by the client of the thread's server side */

/* Flags of a thread's state. */
#define FK_THREAD_STOPPED        0x01
#define FK_THREAD_ENABLED        0x02 /* exceptions and interrupts go to its handlers */
#define FK_THREAD_PENDING        0x04 /* interrupt posted, not yet taken */
#define FK_THREAD_PENDING_CLIENT 0x08 /* alerts likewise */
#define FK_THREAD_PENDING_SERVER 0x10
#define FK_THREAD_CLIENT_SENDER  0x100 /* holds the line on this side */
#define FK_THREAD_SERVER_SENDER  0x200
#define FK_THREAD_CLIENT_OFFERED 0x400 /* the line was offered by the peer */
#define FK_THREAD_SERVER_OFFERED 0x800
#define FK_THREAD_CLIENT_ENDED   0x1000 /* the peer ended the connection */
#define FK_THREAD_SERVER_ENDED   0x2000
#define FK_THREAD_CLIENT_BROKEN  0x4000 /* the peer went away */
#define FK_THREAD_SERVER_BROKEN  0x8000
#define FK_THREAD_SERVER_REQUEST                                                                   \
    0x10000                            /* answers an idempotent request; its client may be gone    \
                                        */
#define FK_THREAD_CLIENT_LIMBO 0x20000 /* the peer was detached and may come back */
#define FK_THREAD_SERVER_LIMBO 0x40000
#define FK_THREAD_CLIENT_LEFT  0x80000 /* it ended a connection while the peer was detached */
#define FK_THREAD_SERVER_LEFT  0x100000
#define FK_THREAD_FLAGS        0x1fff1f

#define FK_XSTATE_BYTES 832 /* x87, SSE and AVX in the standard XSAVE format */

enum fk_handler {
    FK_HANDLER_TRAP,
    FK_HANDLER_INTERRUPT,
    FK_HANDLER_CLIENT_ALERT,
    FK_HANDLER_SERVER_ALERT,
    FK_HANDLERS
};

/* What an exception put aside: the handler gets cause, address and error code in rax, rcx, rdx;
 * r11 is here because thread_resume, like every call, loses it. */
struct fk_saved {
    uint64_t rip, rflags, rsp, rax, rcx, rdx, r11, spare;
};

struct fk_thread_state {
    uint64_t hash;      /* read only */
    uint64_t thread_va; /* where the thread object is in its own space */
    uint64_t sched_val; /* the scheduler's own word */
    uint64_t flags;
    uint64_t used; /* read only: CPU time, in cycles of the time-stamp counter */
    struct fk_debug_frame frame;
    uint64_t handler[FK_HANDLERS];
    uint64_t handler_rsp; /* 0 = stay on the stack */
    struct fk_saved saved;
    uint64_t pad[2];
    uint8_t xstate[FK_XSTATE_BYTES];
};

struct fk_thread_links {
    uint64_t space;
    uint64_t scheduler;   /* port */
    uint64_t waiting_for; /* get only */
    uint64_t client;      /* thread that serves it */
    uint64_t server;      /* thread that it serves */
};

struct fk_space_state {
    uint64_t hash;
    uint64_t level;
    uint64_t budget; /* bytes of kernel memory, given and used */
    uint64_t used;
};

struct fk_space_links {
    uint64_t keeper; /* port */
};

struct fk_region_state {
    uint64_t hash;
    uint64_t start;
    uint64_t size;
    uint64_t prot;
};

struct fk_region_links {
    uint64_t space;
    uint64_t keeper; /* port */
};

struct fk_mapping_state {
    uint64_t hash;
    uint64_t start;
    uint64_t size;
    uint64_t offset; /* in the region */
    uint64_t prot;
    uint64_t table; /* 0, or address in `space` of a word per page, see below */
};

struct fk_mapping_links {
    uint64_t space;
    uint64_t region;
};

/* A mapping with a table takes page i of its range from region offset (word i & ~4095) with the
 * rights in the low three bits, and has no page there when those are 0. The table is ordinary
 * memory of the importing space: a pager changes a word, then flushes the region that it exports.
 */

struct fk_port_state {
    uint64_t hash;
    uint64_t alias; /* handed to the server with each request */
};

struct fk_port_links {
    uint64_t portset;
};

struct fk_portset_state {
    uint64_t hash;
};

struct fk_mutex_state {
    uint64_t hash;
    uint64_t locked;
};

struct fk_mutex_links {
    uint64_t owner; /* thread */
};

struct fk_cond_state {
    uint64_t hash;
};

struct fk_ref_state {
    uint64_t hash; /* of the target */
    uint64_t type; /* enum fk_debug_kind, FK_DEBUG_KINDS = names nothing */
};

/* region_search */
struct fk_found {
    uint64_t address;
    uint64_t type;
};

/* region_info: the epochs in which the page was last seen used and written; 0 = never. */
struct fk_page_info {
    uint32_t used;
    uint32_t written;
};

/* thread_schedule: what ends the donation besides its time. */
#define FK_SENSE_BLOCK    1 /* the thread cannot run */
#define FK_SENSE_CONFLICT 2 /* a message is there for the portset */
#define FK_FOREVER        (~0ull)

/* kernel_debug operations (root only). */
enum fk_debug_op {
    FK_DEBUG_OBJECTS,    /* live objects of kind a; a = FK_DEBUG_KINDS: of all */
    FK_DEBUG_MEMORY,     /* bytes of kernel memory in use (charged) */
    FK_DEBUG_FREE_PAGES, /* free pages of the kernel's pool */
    FK_DEBUG_CHECK,      /* run the invariant checks, 0 = all hold */
    FK_DEBUG_FAIL,       /* the a-th kernel allocation from now fails (0 = off); answers how many
                            allocations the one asked for before was still away, 0 = it came */
    FK_DEBUG_STRESS,     /* 1: every preemption point and every return to user mode preempts */
    FK_DEBUG_EPOCH       /* next epoch for region_info, returned */
};

ABI_ASSERT(sizeof(struct fk_object) == FK_OBJECT_BYTES, "layout");
ABI_ASSERT(sizeof(struct fk_thread_state) % 16 == 0, "layout");
#endif
