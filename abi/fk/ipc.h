/* abi/fk/ipc.h -- messages between threads: registers, stages, and the block for long messages.
 *
 * Registers of every IPC call:
 *   rax  call number = FK_IPC_BASE + side + stages still to do (the kernel clears finished ones)
 *   rdi  client: address of a reference to the port; server: address of the portset to wait on.
 *        When a server receives a new request, rdi becomes the port's alias
 *   rsi  address of a struct fk_message (aligned to its size), or 0: words in registers only
 *   rbx  FK_IPC tag. Going in, how many words to send; coming out, what arrived
 *   rdx r8 r9 r10 r12 r13 r14 r15   the eight message words
 * A thread that waits holds exactly the call that does the rest, so it can be stopped, copied and
 * restarted at any time. The buffers of a struct fk_message are advanced in place for the same
 * reason. SPDX-License-Identifier: MIT */
#ifndef ABI_FK_IPC_H
#define ABI_FK_IPC_H

#include <stdint.h>
#include "abi/assert.h"

/* Stages, done in this order. */
#define FK_IPC_ACK        0x01
#define FK_IPC_CONNECT    0x02
#define FK_IPC_SEND       0x04
#define FK_IPC_OVER       0x08
#define FK_IPC_DISCONNECT 0x10
#define FK_IPC_WAIT       0x20
#define FK_IPC_RECEIVE    0x40
#define FK_IPC_SERVER     0x80  /* side: set = the server's end of a connection */
#define FK_IPC_KIND       0x100 /* not a connection: one-way (alone), idempotent, alert */

#define FK_IPC_WORDS 8

/* The tag in rbx. */
#define FK_TAG_WORDS      0x0f  /* words in registers */
#define FK_TAG_OVER       0x10  /* out: the sender offers the line */
#define FK_TAG_END        0x20  /* out: the sender ended the connection */
#define FK_TAG_ONEWAY     0x100 /* out, new request: kind */
#define FK_TAG_IDEMPOTENT 0x200
#define FK_TAG_RELIABLE   0x400
#define FK_TAG_FAULT      0x800  /* with IDEMPOTENT: made by the kernel, words = struct fk_fault */
#define FK_TAG_SCHEDULE   0x1000 /* made by the kernel: a thread could run, words below */

/* Bulk bytes and references of one idempotent or one-way message, either way, and entries of the
 * two tables of buffers that are looked at; the rest is dropped silently. */
#define FK_IPC_SHORT_BYTES   4096
#define FK_IPC_SHORT_REFS    4
#define FK_IPC_SHORT_ENTRIES 32

struct fk_buffer {
    uint64_t address;
    uint64_t bytes;
};

/* One direction of a long message: a first buffer, a table of further ones, and an array of
 * reference objects (one every FK_OBJECT_BYTES). All are advanced as data moves. */
struct fk_part {
    struct fk_buffer buffer;
    uint64_t table; /* struct fk_buffer[], 16-byte aligned */
    uint64_t entries;
    uint64_t refs;
    uint64_t ref_count;
};

struct fk_message {
    struct fk_part send;
    struct fk_part receive;
    uint64_t spare[4];
} __attribute__((aligned(128)));

/* Words of a FK_TAG_FAULT request. A reply of any content lets the thread try again. */
struct fk_fault {
    uint64_t cause;   /* FK_TRAP_*: 14 = page fault */
    uint64_t address; /* region keeper: offset in the region; space keeper: address in the space */
    uint64_t access;  /* FK_READ, FK_WRITE or FK_EXECUTE */
    uint64_t hash;    /* of the thread */
    uint64_t rip;
    uint64_t
        region; /* low 32 bits of the region's hash, for a keeper of several; 0: space keeper */
};

/* Words of a FK_TAG_SCHEDULE message: sched_val and hash of the thread that could run. */

ABI_ASSERT(sizeof(struct fk_part) == 48, "layout");
ABI_ASSERT(sizeof(struct fk_message) == 128, "layout");
#endif
