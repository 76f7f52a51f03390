/* abi/fk/debug.h -- the debug block: how a debugger, the tracer and the simulator read a kernel.
 *
 * The kernel embeds one record below in each of its objects and keeps every kind on a singly linked
 * list whose head is in the block. All addresses are kernel virtual addresses (valid in every page
 * table). A record's `id` is unique for its kind during a run and never reused. The kernel writes;
 * readers may look at any instruction boundary, so the kernel fills a record before linking it, and
 * unlinks it before its memory is used again. `changes` grows with every link, unlink or renaming
 * of a space, so a reader knows from one word whether its copy is fresh.
 * Announced once by simcall DEBUG_BLOCK, and also the ELF symbol `fk_debug_block`.
 * SPDX-License-Identifier: MIT */
#ifndef ABI_FK_DEBUG_H
#define ABI_FK_DEBUG_H

#include <stdint.h>
#include <stddef.h>
#include "abi/assert.h"

#define FK_DEBUG_MAGIC   0x314742444b4c4646ull /* "FFLKDBG1" read as little-endian */
#define FK_DEBUG_VERSION 1
#define FK_DEBUG_NAME    24

enum fk_debug_kind {
    FK_DEBUG_SPACE,
    FK_DEBUG_THREAD,
    FK_DEBUG_REGION,
    FK_DEBUG_MAPPING,
    FK_DEBUG_PORT,
    FK_DEBUG_PORTSET,
    FK_DEBUG_MUTEX,
    FK_DEBUG_COND,
    FK_DEBUG_REF,
    FK_DEBUG_KINDS
};

/* First part of every record. `next` = 0 ends the list. `user_va` = where the object sits in the
 * space `owner` that created it. */
struct fk_debug_head {
    uint64_t next;
    uint64_t object; /* the kernel's own structure */
    uint64_t user_va;
    uint32_t id;
    uint32_t owner; /* id of the space that created it; 0 = the kernel itself */
};

struct fk_debug_space {
    struct fk_debug_head head;
    uint64_t cr3;             /* physical address of the top page table */
    uint32_t parent;          /* space id; 0 = child of the kernel (the root) */
    uint32_t level;           /* root nester = 1; the kernel itself is level 0 and has no record */
    uint64_t keeper;          /* port id, 0 = none */
    char name[FK_DEBUG_NAME]; /* NUL-terminated */
};

enum fk_debug_thread_state {
    FK_DEBUG_T_RUNNING, /* on the CPU */
    FK_DEBUG_T_READY,   /* could run */
    FK_DEBUG_T_STOPPED, /* by get_state, or never started */
    FK_DEBUG_T_WAITING, /* `wait_kind`, `wait_id` say for what */
    FK_DEBUG_T_NOTIME   /* no scheduler and no donor */
};

struct fk_debug_thread {
    struct fk_debug_head head;
    uint32_t space;     /* id, 0 = none */
    uint32_t state;     /* enum fk_debug_thread_state */
    uint32_t wait_kind; /* enum fk_debug_kind of what it waits for, when WAITING; */
    uint32_t wait_id;   /* FK_DEBUG_KINDS and 0: a time, or nothing that could come */
    uint32_t client;    /* thread id of the peer that it serves; 0 = none */
    uint32_t server;    /* thread id of the peer that serves it; 0 = none */
    uint32_t behalf;    /* id of the space whose request it works on (its own when none) */
    uint32_t call;      /* number of the system call it is in or would restart; 0 = none */
    uint64_t frame;     /* saved user registers: struct fk_debug_frame, kernel address */
    uint64_t used;      /* CPU time charged, instructions or ticks as the kernel counts them */
};

/* Saved user registers, in this order, for every thread that is not RUNNING in user mode. */
struct fk_debug_frame {
    uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp;
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t rip, rflags, fs_base, gs_base;
};

struct fk_debug_region {
    struct fk_debug_head head;
    uint32_t space; /* that exports */
    uint32_t prot;  /* bit 0 read, 1 write, 2 execute */
    uint64_t start, size;
    uint64_t keeper; /* port id, 0 = none */
};

struct fk_debug_mapping {
    struct fk_debug_head head;
    uint32_t space; /* that imports */
    uint32_t prot;
    uint32_t region; /* region id it maps; 0 = none */
    uint32_t pad;
    uint64_t start, size, offset;
};

struct fk_debug_other { /* port, portset, mutex, cond, reference */
    struct fk_debug_head head;
    uint32_t link_kind; /* port -> portset, mutex -> owner thread, reference -> target */
    uint32_t link_id;
};

/* What runs now. Written by the kernel on every switch, before it leaves for user mode. */
struct fk_debug_current {
    uint32_t thread;  /* id, 0 = none (idle) */
    uint32_t space;   /* id, 0 = kernel */
    uint32_t behalf;  /* id of the space whose request is being worked on */
    uint32_t changes; /* see the file head */
};

struct fk_debug_block {
    uint64_t magic;
    uint32_t version;
    uint32_t bytes; /* sizeof(struct fk_debug_block) */
    struct fk_debug_current current;
    uint64_t list[FK_DEBUG_KINDS]; /* heads, by enum fk_debug_kind */
    uint64_t insanity;             /* count of insanity exceptions raised so far */
};

ABI_ASSERT(sizeof(struct fk_debug_head) == 32, "layout");
ABI_ASSERT(sizeof(struct fk_debug_space) == 80, "layout");
ABI_ASSERT(sizeof(struct fk_debug_thread) == 80, "layout");
ABI_ASSERT(sizeof(struct fk_debug_frame) == 160, "layout");
ABI_ASSERT(offsetof(struct fk_debug_block, current) == 16, "layout");
ABI_ASSERT(offsetof(struct fk_debug_block, list) == 32, "layout");

#endif
