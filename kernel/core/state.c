/* kernel/core/state.c -- export and import of everything that a thread is. get_state stops the
 * thread and leaves it stopped; its wait is cancelled, which loses nothing, because its frame holds
 * the call that it would make again. Whatever get_state wrote, set_state takes.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/ipc.h"

#define FLAGS_PENDING (FK_THREAD_PENDING | FK_THREAD_PENDING_CLIENT | FK_THREAD_PENDING_SERVER)
#define FLAGS_KEPT    (FK_THREAD_STOPPED | FK_THREAD_ENABLED | FLAGS_PENDING)

/* ---- export ---- */

static uint64_t side_flags(const struct side *side, unsigned shift)
{
    return (side->sender && !side->idempotent ? FK_THREAD_CLIENT_SENDER << shift : 0) |
           (side->offered ? FK_THREAD_CLIENT_OFFERED << shift : 0) |
           (side->state == SIDE_LIMBO ? FK_THREAD_CLIENT_LIMBO << shift : 0) |
           (side->state == SIDE_ENDED ? FK_THREAD_CLIENT_ENDED << shift : 0) |
           (side->state == SIDE_BROKEN ? FK_THREAD_CLIENT_BROKEN << shift : 0) |
           (side->left ? FK_THREAD_CLIENT_LEFT << shift : 0);
}

static uint64_t state_flags(const struct thread *thread)
{
    return (thread->flags & FLAGS_KEPT) | side_flags(&thread->side[CLIENT], 0) |
           side_flags(&thread->side[SERVER], 1) |
           (thread->side[SERVER].idempotent ? FK_THREAD_SERVER_REQUEST : 0);
}

static struct object *side_peer(const struct side *side)
{
    return side->peer && !side->idempotent ? &side->peer->obj : NULL;
}

/* In pieces, so that the kernel stack need not hold a whole state. */
static void state_write(struct thread *thread, vaddr out, uint64_t flags)
{
    static const struct handlers none;
    const struct handlers *handlers = thread->handlers ? thread->handlers : &none;
    struct space *to = current->space;
    uint64_t head[] = {thread->obj.hash, thread->va, thread->sched_val, flags, thread->dbg.used};
#define PUT(field, from)                                                                           \
    memory_write(to, out + offsetof(struct fk_thread_state, field), from, sizeof(*(from)))
    memory_write(to, out, head, sizeof(head));
    PUT(frame, &thread->frame);
    PUT(handler, &handlers->entry);
    PUT(handler_rsp, &handlers->rsp);
    PUT(saved, &handlers->saved);
    PUT(xstate, &thread->xstate);
#undef PUT
}

static long links_check(vaddr va, struct fk_thread_links *links, bool out)
{
    long outcome = links_read(va, links, sizeof(*links));
    const uint64_t *ref = &links->space, *end = ref + sizeof(*links) / sizeof(*ref);
    for (; out && ref < end && !outcome; ref++)
        outcome = ref_check_out(*ref);
    return outcome;
}

static void stop(struct thread *thread)
{
    arch_fpu_store(thread->xstate);
    arch_frame_clean(&thread->frame);
    thread_cancel(thread);
    thread->flags |= FK_THREAD_STOPPED;
    sched_stop(thread, FK_DEBUG_T_STOPPED);
}

long sys_thread_get_state(vaddr va, vaddr out, vaddr links_va)
{
    struct thread *thread;
    struct fk_thread_links links;
    long outcome = thread_by_va(va, FK_WRITE, &thread);
    if (!outcome)
        outcome = links_check(links_va, &links, true);
    if (!outcome && out)
        outcome = memory_check(current->space, out, sizeof(struct fk_thread_state), FK_WRITE);
    if (outcome)
        return outcome;
    /* commit: */
    struct object *waited_for = thread->waits_on;
    uint64_t flags =
        state_flags(thread); /* it was stopped before, or not: set_state restores that */
    stop(thread);
    if (out)
        state_write(thread, out, flags);
    ref_put(links.space, thread->space ? &thread->space->obj : NULL);
    ref_put(links.scheduler, link_get(&thread->scheduler));
    ref_put(links.waiting_for, waited_for);
    ref_put(links.client, side_peer(&thread->side[CLIENT]));
    ref_put(links.server, side_peer(&thread->side[SERVER]));
    return FK_OK;
}

/* ---- import ---- */

struct incoming {
    struct fk_thread_links links;
    struct space *space;
    struct object *scheduler;
    struct thread *peer[2];
    struct fk_thread_state state;
};
static struct incoming incoming; /* too large for the stack; dead at every kernel exit */

static long peers_check(struct thread *thread)
{
    const uint64_t refs[2] = {incoming.links.client, incoming.links.server};
    for (int side = CLIENT; side <= SERVER; side++) {
        if (!refs[side])
            continue;
        long outcome = object_by_ref(refs[side], FK_DEBUG_THREAD, true, &incoming.peer[side]);
        if (outcome)
            return outcome;
        const struct thread *peer = incoming.peer[side];
        if (!peer || peer == thread->side[side].peer)
            continue;
        const struct side *other = &peer->side[1 - side];
        if (peer == thread || (other->state == SIDE_LIVE && !other->left))
            return K_INSANE(INVALID_STATE);
    }
    return 0;
}

static long incoming_check(struct thread *thread)
{
    const struct fk_thread_links *links = &incoming.links;
    incoming.space = thread->space;
    incoming.scheduler = link_get(&thread->scheduler);
    long outcome = 0;
    if (links->space)
        outcome = object_by_ref(links->space, FK_DEBUG_SPACE, true, &incoming.space);
    if (!outcome && links->scheduler)
        outcome = object_by_ref(links->scheduler, FK_DEBUG_PORT, true, &incoming.scheduler);
    return outcome ? outcome : peers_check(thread);
}

static long state_check(const struct fk_thread_state *state)
{
    struct fk_debug_frame frame = state->frame;
    if (state->flags & ~(uint64_t)FK_THREAD_FLAGS || !arch_frame_valid(&frame))
        return K_INSANE(INVALID_STATE);
    if (state->thread_va % FK_OBJECT_BYTES)
        return K_INSANE(NOT_ALIGNED);
    for (int i = 0; i < FK_HANDLERS; i++)
        if (state->handler[i] >= FK_USER_END)
            return K_INSANE(INVALID_STATE);
    if (state->handler_rsp >= FK_USER_END)
        return K_INSANE(INVALID_STATE);
    return arch_fpu_valid(state->xstate) ? 0 : K_INSANE(INVALID_STATE);
}

/* A thread that was never told to handle anything needs no memory for it. */
static bool wants_handlers(const struct fk_thread_state *state)
{
    uint64_t any = state->handler_rsp;
    for (int i = 0; i < FK_HANDLERS; i++)
        any |= state->handler[i];
    const uint64_t *saved = (const uint64_t *)&state->saved;
    for (size_t i = 0; i < sizeof(state->saved) / sizeof(*saved); i++)
        any |= saved[i];
    return any;
}

/* The state says who holds the line, when the link is set: else what the peer did meanwhile would
 * be undone. Of two live sides the last word counts, so that exactly one does; an end that a state
 * tells of is believed only if there is no living peer. */
static void side_import(struct thread *thread, int which, uint64_t flags)
{
    struct side *side = &thread->side[which];
    if (which == SERVER && flags & FK_THREAD_SERVER_REQUEST && !side->peer)
        *side = (struct side){.state = SIDE_LIVE, .sender = true, .idempotent = true};
    flags >>= which; /* the server's flags are next to the client's */
    side->left = flags & FK_THREAD_CLIENT_LEFT;
    if (side->idempotent)
        return;
    if (!side->peer) {
        if (flags & FK_THREAD_CLIENT_ENDED)
            side->state = SIDE_ENDED;
        else if (flags & FK_THREAD_CLIENT_BROKEN)
            side->state = SIDE_BROKEN;
        else if (flags & FK_THREAD_CLIENT_LIMBO)
            side->state = SIDE_LIMBO;
        else if (side->state == SIDE_ENDED &&
                 flags & (FK_THREAD_CLIENT_SENDER | FK_THREAD_CLIENT_OFFERED))
            side->state = SIDE_BROKEN; /* it was the receiver who left */
        if (side->state == SIDE_NONE)
            return;
    }
    side->sender = flags & FK_THREAD_CLIENT_SENDER;
    side->offered = flags & FK_THREAD_CLIENT_OFFERED && !side->sender;
    if (!side->peer)
        return;
    struct side *other = &side->peer->side[1 - which];
    bool holds = side->sender || side->offered;
    if (holds)
        other->sender = other->offered = false;
    else if (!other->offered)
        other->sender = true;
}

/* It waits in a stage of this connection, and not for a keeper or a mutex meanwhile. */
static bool waits_on_side(const struct thread *thread, int side)
{
    return thread->wait >= WAIT_SEND && thread->wait <= WAIT_ACK && thread->wait_side == side;
}

/* The connection that it waits on is another one, or one that a waiting server has to end first: it
 * makes its call again. */
static void side_again(struct thread *thread, int side)
{
    if (!waits_on_side(thread, side) && (side == CLIENT || thread->wait != WAIT_PORTSET))
        return;
    thread_again(thread);
}

/* Leaves the peer in limbo: it notices nothing, and waits if it must, until a thread comes that
 * takes the place. */
static void peer_leave(struct thread *thread, int side)
{
    struct side *own = &thread->side[side];
    struct thread *old = own->peer;
    bool connected = old && own->state == SIDE_LIVE && !own->idempotent;
    if (connected) {
        old->side[1 - side].peer = NULL;
        old->side[1 - side].state = SIDE_LIMBO;
        if (waits_on_side(old, 1 - side))
            sched_undonate(old);
    }
    if (own->idempotent && old)
        sched_wake(old); /* it makes its request again */
    *own = (struct side){0};
    if (old) {
        ipc_show_server(side == CLIENT ? thread : old);
        ipc_idle(side == CLIENT ? old : thread);
    }
}

static void peer_join(struct thread *thread, int side, struct thread *peer)
{
    struct side *own = &thread->side[side], *other = &peer->side[1 - side];
    *own = (struct side){.peer = peer, .state = SIDE_LIVE};
    other->peer = thread;
    other->state = SIDE_LIVE;
    ipc_linked(side == CLIENT ? thread : peer, side == CLIENT ? peer : thread);
    ipc_show_server(side == CLIENT ? thread : peer);
    own->sender = !other->sender && !other->offered;
    if (other->alerted)
        exception_post(thread,
                       side == CLIENT ? FK_THREAD_PENDING_CLIENT : FK_THREAD_PENDING_SERVER);
    other->alerted = false;
    side_again(peer, 1 - side);
}

/* Whose peer did not wait finds the connection ended. */
static void peer_set(struct thread *thread, int side, struct thread *peer)
{
    struct side *own = &thread->side[side];
    if (peer && own->peer == peer && own->state == SIDE_LIVE)
        return;
    side_again(thread, side);
    peer_leave(thread, side);
    if (!peer)
        return;
    struct side *other = &peer->side[1 - side];
    if (!other->left || other->state == SIDE_LIMBO) {
        peer_join(thread, side, peer);
        return;
    }
    other->left = false;
    own->state = SIDE_ENDED;
}

static void state_import(struct thread *thread, const struct fk_thread_state *state)
{
    struct handlers *handlers = thread->handlers;
    thread->va = state->thread_va;
    thread->sched_val = state->sched_val;
    thread->flags = (state->flags & FLAGS_KEPT) | FK_THREAD_STOPPED |
                    (thread->flags & (THREAD_HOMELESS | FLAGS_PENDING)); /* what came is not lost */
    thread->frame = state->frame;
    arch_frame_clean(&thread->frame);
    if (handlers) {
        __builtin_memcpy(handlers->entry, state->handler, sizeof(handlers->entry));
        handlers->rsp = state->handler_rsp;
        handlers->saved = state->saved;
    }
    arch_fpu_forget(thread->xstate);
    __builtin_memcpy(thread->xstate, state->xstate, FK_XSTATE_BYTES);
}

static void links_import(struct thread *thread, bool has_state)
{
    if (incoming.scheduler != link_get(&thread->scheduler))
        port_unschedule(thread);
    link_set(&thread->scheduler, incoming.scheduler);
    if (incoming.space != thread->space)
        thread_set_space(thread, incoming.space);
    else
        sched_update_source(thread);
    for (int side = CLIENT; side <= SERVER; side++)
        if (side == CLIENT ? incoming.links.client : incoming.links.server) {
            peer_set(thread, side, incoming.peer[side]);
            if (has_state)
                side_import(thread, side, incoming.state.flags);
        }
}

long sys_thread_set_state(vaddr va, vaddr in, vaddr links_va)
{
    struct thread *thread;
    long outcome = thread_by_va(va, FK_WRITE, &thread);
    if (!outcome)
        outcome = links_check(links_va, &incoming.links, false);
    if (!outcome && in)
        outcome = memory_read(current->space, in, &incoming.state, sizeof(incoming.state));
    if (!outcome && in)
        outcome = state_check(&incoming.state);
    if (!outcome)
        outcome = incoming_check(thread);
    if (!outcome && in && wants_handlers(&incoming.state) && !thread_needs_handlers(thread))
        outcome = FK_NO_MEMORY;
    if (outcome)
        return outcome;
    /* commit: */
    bool start = in && !(incoming.state.flags & FK_THREAD_STOPPED);
    if (in) {
        stop(thread);
        state_import(thread, &incoming.state);
    }
    links_import(thread, in);
    if (start) {
        thread->flags &= ~FK_THREAD_STOPPED;
        sched_wake(thread);
    }
    return FK_OK;
}
