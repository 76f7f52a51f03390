/* kernel/core/thread.h -- threads: their state, what they wait for, and who runs.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_THREAD_H
#define KERNEL_CORE_THREAD_H

#include "abi/fk/ipc.h"
#include "kernel/core/memory.h"

/* What a waiting thread waits for. In every case its frame holds the call that it would make again,
 * so a wait can be cancelled at any time: that is the whole restart mechanism. */
enum wait {
    WAIT_NONE,
    WAIT_PORT,    /* client: no server was there. Also a fault whose keeper is busy */
    WAIT_PORTSET, /* server: no client was there */
    WAIT_SEND,    /* connected: the peer is not receiving */
    WAIT_RECEIVE, /* connected: nothing has come */
    WAIT_ACK,     /* connected: the peer has not offered the line */
    WAIT_REPLY,   /* idempotent request, or a fault, is with a server */
    WAIT_MUTEX,
    WAIT_COND,
    WAIT_CLOCK,
    WAIT_DONATE,  /* gave its time away by thread_schedule */
    WAIT_SCHED,   /* could run, has no time: queued at its scheduler's port. State is READY */
    WAIT_FOREVER, /* exception that nobody handles, or no space */
};

enum side_state { SIDE_NONE, SIDE_LIVE, SIDE_LIMBO, SIDE_ENDED, SIDE_BROKEN };

/* One end of a connection. LIMBO: the peer was detached by set_state and may come back. */
struct side {
    struct thread *peer;
    uint8_t state;
    bool sender;     /* holds the line */
    bool offered;    /* receiver: the peer said over */
    bool idempotent; /* not a connection: a request with a server */
    bool alerted;    /* in limbo: the peer gets an alert when it comes back */
    bool left;       /* was in limbo, and ended that: a peer that comes back is told */
};

enum { CLIENT, SERVER };

/* What fast.c found last through the page tables, good while `epoch` is paging_epoch. NO_VA: none.
 */
#define NO_VA (~0ull)
struct found {
    uint64_t epoch;
    vaddr ref, portset_va; /* that the thread named as a client, and as a server ... */
    struct port *port;     /* ... and what is there */
    struct portset *portset;
};

/* The part of an exception that its frame does not tell, for a keeper. */
struct trap {
    uint64_t address;
    uint16_t cause, access;
    uint32_t region; /* low half of its hash, 0 = none */
};

/* Only threads that handle their own exceptions have one. */
struct handlers {
    uint64_t entry[FK_HANDLERS];
    uint64_t rsp;
    struct fk_saved saved;
};

struct thread {
    struct object obj;
    struct fk_debug_thread dbg; /* state is the real one */
    struct fk_debug_frame frame;
    struct space *space;
    struct list in_space;
    struct side side[2];     /* [CLIENT].peer serves it, [SERVER].peer is served by it */
    struct list in_queue;    /* of an object's waiters, */
    struct object *waits_on; /* of this one; NULL = in no queue */
    struct thread *donee;    /* who gets its time while it waits */
    struct thread *donors;   /* the first one of a ring, see chain_donate */
    struct thread *donor_next, *donor_prev; /* in the ring of donee's donors */
    uint32_t run_next, run_prev;            /* in the run queue, by slot */
    struct trap trap;                       /* faulted: what it tells its keeper */
    struct link scheduler;
    uint64_t sched_val;
    vaddr va;
    uint16_t flags; /* FK_THREAD_STOPPED, ENABLED, PENDING*; THREAD_HOMELESS */
    uint8_t wait;
    uint8_t wait_side; /* of a connected wait */
    uint8_t sensitivity;
    bool source : 1; /* has time of its own: root space, no scheduler */
    bool run_queued : 1;
    bool faulted : 1;  /* its request was made by the kernel: a reply means try again */
    bool expected : 1; /* a server may wait for it to make its call again: see port_recall */
    bool timed : 1;    /* it waits until a time, if nothing comes before */
    struct handlers *handlers;
    union {
        struct found found;
        struct {
            uint64_t no_epoch;
            struct list in_timers; /* timed: */
            uint64_t deadline;     /* ns */
        };
    };
    char xstate[ARCH_XSTATE_BYTES] __attribute__((aligned(64)));
};

/* Besides the flags that user mode sees: has no space. */
#define THREAD_HOMELESS 0x8000

ABI_ASSERT(sizeof(struct thread) <= 512 + ARCH_XSTATE_BYTES, "what an idle thread costs");
ABI_ASSERT(offsetof(struct thread, xstate) - offsetof(struct thread, frame) == ARCH_XSTATE_AT,
           "arch.h");

/* Flags, wait and its side as one word, to be compared at once: the flags of `mask` must be clear,
 * with WAIT_SIDE the side must be the client's. */
#define WAIT_SIDE 0xff000000
static inline bool thread_waits(const struct thread *thread, enum wait why, unsigned mask)
{
    return (*(const uint32_t *)&thread->flags & (mask | 0xff0000)) == (uint32_t)why << 16;
}

static inline void thread_set_wait(struct thread *thread, enum wait why, int side)
{
    *(uint16_t *)&thread->wait = (uint16_t)(why | side << 8);
}
ABI_ASSERT(offsetof(struct thread, flags) % 4 == 0 &&
               offsetof(struct thread, wait) == offsetof(struct thread, flags) + 2 &&
               offsetof(struct thread, wait_side) == offsetof(struct thread, wait) + 1,
           "thread_waits");

/* thread.c */
bool thread_needs_handlers(struct thread *thread); /* makes sure of them; false = no memory */
void thread_set_space(struct thread *thread, struct space *space);
void thread_finish(struct thread *thread, uint64_t answer); /* complete the call it is in */
void thread_cancel(struct thread *thread); /* end its wait; it would make its call again */
void thread_again(struct thread *thread);  /* it does, */
void thread_answer(struct thread *thread, uint64_t answer); /* or finds it completed */
long queue_dismiss(struct list *queue, struct object *of);  /* all; K_AGAIN = preempted */
long thread_by_va(vaddr va, unsigned access, struct thread **out);

/* For debuggers: NULL = a time, or nothing at all. */
static inline void thread_waits_for(struct thread *thread, const struct object *object)
{
    thread->dbg.wait_kind = object ? object->kind : FK_DEBUG_KINDS;
    thread->dbg.wait_id = object ? (uint32_t)object->serial : 0;
}

/* Queues of waiting threads: first come, first served. A thread is in at most one. */
static inline struct thread *queue_first(const struct list *queue)
{
    return LIST_FIRST(queue, struct thread, in_queue);
}

static inline void queue_add(struct list *queue, struct thread *thread, struct object *owner)
{
    kassert(!thread->waits_on);
    thread->waits_on = owner;
    thread_waits_for(thread, owner);
    list_append(queue, &thread->in_queue);
}

static inline void queue_remove(struct thread *thread)
{
    if (!thread->waits_on)
        return;
    thread->waits_on = NULL;
    list_remove(&thread->in_queue);
}

/* sync.c */
void mutex_unqueue(struct thread *thread); /* from the queue of a mutex */

/* console.c */
void console_recall(void); /* something was typed */

/* timers.c */
void timer_start(void);
void timer_set(struct thread *thread, uint64_t deadline);
void timer_clear(struct thread *thread);
bool timer_expire(uint64_t now); /* true = not all whose time has come: once more */
bool timer_any(void);

/* sched.c. A thread's time is its own (source) or comes from donors. */
void sched_wait(struct thread *thread, enum wait why, struct thread *donee);
void sched_wake(struct thread *thread); /* its wait is over */
void sched_stop(struct thread *thread, enum fk_debug_thread_state state);
void sched_undonate(struct thread *from);
void sched_donate_to(struct thread *from, struct thread *to);
void sched_rotate(void); /* let the next source run */
void sched_update_source(struct thread *thread);
bool sched_chain_stuck(struct thread *thread);
bool sched_forget(struct thread *thread); /* false = preempted: once more */
void sched_start(struct thread *first);
struct thread *chain_expecting(const struct thread *thread); /* the server that does, or NULL */
struct thread *chain_scheduler(const struct thread *thread); /* who scheduled it last, or NULL */
extern uint64_t sched_stress;

/* exception.c */
void exception_deliver(struct thread *thread, uint64_t cause, uint64_t address, uint64_t error);
void exception_post(struct thread *thread, unsigned pending_flag);
void exception_pending(struct thread *thread);
void fault_deliver(struct thread *thread);

#endif
