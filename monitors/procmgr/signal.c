/* monitors/procmgr/signal.c -- signals. Without a handler a signal ends its process or is ignored.
 * With one, the process's first thread is stopped, a frame as of an interrupt is put on its stack,
 * and it goes on in the handler (monitors/lib/signal_entry.S), which returns to where the
 * thread was. That can be done only while the thread is not between a request and its answer, for
 * the handler has requests of its own: a wait here is ended with INTERRUPTED; for anybody else's
 * answer a thread of ours waits, a millisecond at a time. SPDX-License-Identifier: MIT */
#include "monitors/procmgr/procmgr.h"

#define RED_ZONE 128
#define AGAIN    1000000ull /* nanoseconds */

/* signal, rip, free, rflags, rsp, free: monitors/lib/signal_entry.S */
#define FRAME_WORDS 6

static struct fk_object mutex, cond;
static bool opened, work;

/* ---- memory of the stack ---- */

/* Where a word of the first thread's stack is in our memory; NULL = it is not there. */
static uint64_t *stack_word(const struct process *process, uint64_t va)
{
    const struct body *body = &process->body;
    uint64_t start = MON_BIRTH - MON_STACK;
    uint64_t ref = mon_ref();
    struct fk_mapping_links links = {.region = ref};
    struct fk_mapping_state state;
    struct area *area = NULL;
    for (unsigned i = 0; ref && i < body->mappings && !area; i++)
        if (!fk_mapping_get_state(body->mapping[i], fk_at(&state), fk_at(&links)) &&
            state.start == start)
            area = area_find(process_hash(ref));
    if (area && !process_same(fk_at(&area->ref), ref))
        area = NULL;
    mon_ref_free(ref);
    uint64_t page = (va - start) / FK_PAGE;
    if (!area || va < start || va % 8 || page >= area->pages || !area->table[page] ||
        !area_own(area, page))
        return NULL;
    return (uint64_t *)(area_frame(area, page) + va % FK_PAGE);
}

static bool push_frame(const struct process *process, struct fk_thread_state *state,
                       unsigned signal)
{
    struct fk_debug_frame *frame = &state->frame;
    const uint64_t word[FRAME_WORDS] = {signal, frame->rip, 0, frame->rflags, frame->rsp, 0};
    uint64_t sp = ((frame->rsp - RED_ZONE) & ~15ull) - sizeof(word);
    for (unsigned i = 0; i < FRAME_WORDS; i++) {
        uint64_t *to = stack_word(process, sp + i * 8);
        if (!to)
            return false;
        *to = word[i];
    }
    frame->rsp = sp;
    frame->rip = process->handler[signal];
    return true;
}

/* `idle`: only if it is not between a request and its answer. */
static bool enter_handler(struct process *process, unsigned signal, bool idle)
{
    struct fk_thread_state *state = calloc(1, sizeof(*state));
    uint64_t thread = process->body.thread_at, client = mon_ref();
    struct fk_thread_links links = {.client = client};
    bool entered = false;
    if (state && client && thread && !fk_thread_get_state(thread, fk_at(state), fk_at(&links))) {
        if (!idle || !process_hash(client))
            entered = push_frame(process, state, signal);
        state->flags &= ~(uint64_t)FK_THREAD_STOPPED;
        fk_thread_set_state(thread, fk_at(state), 0);
    }
    mon_ref_free(client);
    free(state);
    return entered;
}

/* ---- the delivering thread ---- */

static bool deliver(struct process *process)
{
    for (unsigned signal = 1; signal < SIGNALS && !process->dead; signal++) {
        if (!(process->pending >> signal & 1))
            continue;
        if (process->handler[signal] > IGNORE && !enter_handler(process, signal, true))
            return true; /* again later */
        process->pending &= ~(1u << signal);
    }
    return false;
}

static void deliver_main(void *unused)
{
    (void)unused;
    bool left = false;
    mon_guard();
    for (;;) {
        if (left)
            fk_clock_wait((uint64_t)fk_clock_read() + AGAIN);
        fk_mutex_lock(fk_at(&mutex));
        while (!work && !left)
            fk_cond_wait(fk_at(&cond), fk_at(&mutex));
        work = false;
        fk_mutex_unlock(fk_at(&mutex));
        mon_lock(&procs_lock);
        left = process_each_pending(deliver);
        mon_unlock(&procs_lock);
    }
}

static bool open_delivery(void)
{
    if (opened)
        return true;
    if (fk_mutex_create(fk_at(&mutex)))
        return false;
    opened = !fk_cond_create(fk_at(&cond)) && !mon_thread(deliver_main, NULL, 0);
    return opened;
}

/* ---- setting and sending ---- */

static bool find_thread(struct process *process)
{
    struct things things = {0};
    if (process->body.thread_at)
        return true;
    body_claim(process->family);
    long outcome = objects_collect(process, &things);
    const struct thing *thread = outcome ? NULL : objects_thread(&things, process->body.thread);
    if (thread)
        process->body.thread_at = thread->at;
    free(things.thing);
    return process->body.thread_at;
}

long signal_set(struct process *process, uint64_t signal, uint64_t handler, uint64_t *before)
{
    if (!signal || signal >= SIGNALS || signal == SIGNAL_KILL || handler >= FK_USER_END)
        return -PROTO_INVALID;
    if (handler > IGNORE && process->nester) /* whose first thread is not whose handler this is */
        return -PROTO_NOT_ALLOWED;
    if (handler > IGNORE && (!open_delivery() || !find_thread(process)))
        return -PROTO_NO_OBJECTS;
    *before = process->handler[signal];
    process->handler[signal] = handler;
    return 0;
}

void signal_send(struct process *process, unsigned signal)
{
    uint64_t handler = signal == SIGNAL_KILL ? DEFAULT : process->handler[signal];
    if (process->dead || handler == IGNORE || (!handler && signal == SIGNAL_CHLD))
        return;
    if (!handler) {
        process_end(process, MON_KILLED + (int)signal);
        return;
    }
    process->pending |= 1u << signal;
    process->interrupts++;
    process_wake(process);
    fk_mutex_lock(fk_at(&mutex));
    work = true;
    fk_cond_signal(fk_at(&cond));
    fk_mutex_unlock(fk_at(&mutex));
}

/* ---- faults ---- */

static unsigned signal_of(uint64_t cause)
{
    switch (cause) {
    case FK_TRAP_PAGE_FAULT:
    case 12: /* stack segment, general protection: an address that is none */
    case 13:
        return SIGNAL_SEGV;
    case 0:
    case 16:
    case 19:
        return SIGNAL_FPE;
    default:
        return SIGNAL_ILL;
    }
}

bool signal_fault(struct process *process, const struct fk_fault *fault)
{
    unsigned signal = signal_of(fault->cause);
    return process->handler[signal] > IGNORE && process->body.thread &&
           process_hash(process->body.thread) == fault->hash &&
           enter_handler(process, signal, false);
}

void signal_keeper(struct mon_request *request)
{
    struct process *process = request->self;
    const struct fk_fault fault = {request->word[0], request->word[1], request->word[2],
                                   request->word[3], request->word[4], request->word[5]};
    request->outs = 0;
    request->silent = process->dead || !signal_fault(process, &fault);
    if (request->silent)
        process_end(process, MON_KILLED + (int)signal_of(fault.cause));
}
