/* kernel/core/thread.h -- threads: their state, what they wait for, and who runs.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_THREAD_H
#define KERNEL_CORE_THREAD_H

#include "abi/fk/ipc.h"
#include "kernel/core/memory.h"
#include "kernel/core/object.h"

struct queue {
    struct thread *first, *last;
};

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
};

enum { CLIENT, SERVER };

struct thread {
    struct object obj;
    struct fk_debug_thread dbg; /* state is the real one */
    struct fk_debug_frame frame;
    struct space *space;
    struct thread *space_next, **space_prev;
    struct side side[2]; /* [CLIENT].peer serves it, [SERVER].peer is served by it */
    struct queue *queue; /* that it is in, or NULL */
    struct thread *queue_next, *queue_prev;
    struct object *waits_on; /* the object that owns `queue` */
    struct thread *asked;    /* server that has its idempotent request (WAIT_REPLY) */
    struct thread *donee;    /* who gets its time while it waits */
    struct thread *donors, *donor_next;
    struct thread *run_next; /* in the run queue */
    struct thread *timer_next;
    uint64_t deadline; /* ns; 0 = no timer */
    struct link scheduler;
    uint64_t sched_val;
    vaddr va;
    uint16_t flags; /* FK_THREAD_STOPPED, ENABLED, PENDING* */
    uint8_t wait;
    uint8_t wait_side; /* of a connected wait */
    uint8_t sensitivity;
    bool source; /* has time of its own: root space, no scheduler */
    bool run_queued;
    bool faulted; /* its request was made by the kernel: a reply means try again */
    struct extra *extra;
};

ABI_ASSERT(sizeof(struct thread) <= 512, "what an idle thread costs, besides its extra part");

/* What fast.c found last through the page tables; good while `epoch` is paging_epoch. */
struct found {
    vaddr va;
    uint64_t epoch;
    struct object *object;
};

/* Rarely used, and the extended state: allocated with the thread, 64-byte aligned. */
struct extra {
    char xstate[ARCH_XSTATE_BYTES];
    struct fk_saved saved;
    uint64_t handler[FK_HANDLERS];
    uint64_t handler_rsp;
    struct found found;     /* fast.c */
    struct fk_fault fault;  /* its request to a keeper */
    struct link waited_for; /* what it waited for when it was last stopped */
};

/* thread.c */
void thread_set_space(struct thread *thread, struct space *space);
void thread_finish(struct thread *thread, uint64_t answer); /* complete the call it is in */
void thread_cancel(struct thread *thread); /* end its wait; it would make its call again */
long thread_by_va(vaddr va, unsigned access, struct thread **out);

/* For debuggers: NULL = a time, or nothing at all. */
static inline void thread_waits_for(struct thread *thread, const struct object *object)
{
    thread->dbg.wait_kind = object ? object->kind : FK_DEBUG_KINDS;
    thread->dbg.wait_id = object ? (uint32_t)object->serial : 0;
}

/* Queues: first come, first served. A thread is in at most one. */
static inline void queue_add(struct queue *queue, struct thread *thread, struct object *owner)
{
    kassert(!thread->queue);
    thread->queue = queue;
    thread->waits_on = owner;
    thread_waits_for(thread, owner);
    thread->queue_next = NULL;
    thread->queue_prev = queue->last;
    *(queue->last ? &queue->last->queue_next : &queue->first) = thread;
    queue->last = thread;
}

static inline void queue_remove(struct thread *thread)
{
    struct queue *queue = thread->queue;
    if (!queue)
        return;
    *(thread->queue_prev ? &thread->queue_prev->queue_next : &queue->first) = thread->queue_next;
    *(thread->queue_next ? &thread->queue_next->queue_prev : &queue->last) = thread->queue_prev;
    thread->queue = NULL;
    thread->waits_on = NULL;
}

/* timers.c */
void timer_set(struct thread *thread, uint64_t deadline);
void timer_clear(struct thread *thread);
void timer_expire(uint64_t now);
bool timer_any(void);

/* sched.c. A thread's time is its own (source) or comes from donors. */
void sched_wait(struct thread *thread, enum wait why, struct thread *donee);
void sched_wake(struct thread *thread); /* its wait is over */
void sched_stop(struct thread *thread, enum fk_debug_thread_state state);
void sched_undonate(struct thread *from);
void sched_donate_to(struct thread *from, struct thread *to);
/* For fast.c: the current thread just began to wait, and `next`, which waited, has its time. */
void sched_pass(struct thread *next);
extern struct thread *run_source; /* whose time is being spent */
void sched_rotate(void);          /* let the next source run */
void sched_update_source(struct thread *thread);
bool sched_chain_runs(struct thread *thread);
void sched_forget(struct thread *thread);
void sched_start(struct thread *first);
extern uint64_t sched_stress;

/* exception.c */
void exception_deliver(struct thread *thread, uint64_t cause, uint64_t address, uint64_t error);
void exception_post(struct thread *thread, unsigned pending_flag);
void exception_pending(struct thread *thread);
void fault_deliver(struct thread *thread);

#endif
