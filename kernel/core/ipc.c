/* kernel/core/ipc.c -- the stages of a call on a connection (abi/fk/ipc.h): ack, connect, send,
 * over, disconnect, wait, receive. The stages still to do are in the caller's rax; a finished one
 * is cleared there at its commit point, so a thread that waits, faults or is preempted is about to
 * make exactly the call that does the rest. Only a sender moves data, into a peer that waits in its
 * receive stage. A receiver that finds its peer waiting to send wakes it, and the peer sends. So
 * there is one copying path and no half-made state. Invariant: two live sides point at each other,
 * and exactly one of the two threads holds the line or has been offered it.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/ipc.h"

#define PEER(s) (1 - (s))

static void stage_done(struct thread *thread, uint64_t stage)
{
    thread->frame.rax &= ~stage;
}

static uint64_t stages_left(const struct thread *thread)
{
    return thread->frame.rax & 0x7f;
}

static bool peer_waits(const struct thread *peer, enum wait why, int side)
{
    return peer && peer->wait == why && peer->wait_side == side;
}

static void wait_on_side(struct thread *thread, enum wait why, int side, struct thread *peer)
{
    thread->wait_side = side;
    sched_wait(thread, why, peer);
}

/* The receive stage of a waiting thread ends well. */
static void receive_finish(struct thread *thread, uint64_t tag, uint64_t answer)
{
    thread->frame.rbx |= tag;
    thread_finish(thread, answer);
    sched_wake(thread);
}

/* A peer whose memory was missing, or whose message block makes no sense, deals with that itself:
 * it takes the fault or the exception as if it had touched the memory, then makes its call again.
 */
void ipc_blame(struct thread *thread)
{
    thread_cancel(thread);
    if (move_insanity)
        exception_deliver(thread, FK_TRAP_INSANITY + move_insanity, 0, 0);
    else
        fault_deliver(thread);
}

long ipc_blame_sender(void)
{
    return move_insanity ? -0x100 - (long)move_insanity : K_FAULT;
}

static void side_clear(struct side *side)
{
    side_set(side, (struct side){0});
}

/* ---- ending ---- */

/* The peer learns of the end in its next stage, or now if it waits for us. */
static void peer_ended(struct thread *peer, int side, bool normal)
{
    struct side *other = &peer->side[side];
    other->peer = NULL;
    other->state = normal ? SIDE_ENDED : SIDE_BROKEN;
    if (normal && peer_waits(peer, WAIT_RECEIVE, side)) {
        side_clear(other);
        receive_finish(peer, FK_TAG_END, FK_OK);
    } else if ((peer->wait == WAIT_SEND || peer->wait == WAIT_RECEIVE || peer->wait == WAIT_ACK) &&
               peer->wait_side == side) {
        sched_wake(peer);
    }
}

/* A sender's end is normal: everything it sent was received. A receiver's is not. */
static void side_end(struct thread *thread, int side, bool abnormal)
{
    struct side *own = &thread->side[side];
    struct thread *peer = own->peer;
    bool normal = own->sender && !abnormal;
    if (own->state == SIDE_NONE)
        return;
    own->left |= own->state == SIDE_LIMBO;
    bool idempotent = own->idempotent;
    side_clear(own);
    if (!peer)
        return;
    if (idempotent)
        sched_wake(peer); /* no reply came: the client asks again */
    else
        peer_ended(peer, PEER(side), normal);
    ipc_show_server(side == CLIENT ? thread : peer);
    ipc_idle(side == CLIENT ? peer : thread);
}

void ipc_break(struct thread *thread)
{
    for (int side = CLIENT; side <= SERVER; side++) {
        struct thread *peer = thread->side[side].peer;
        bool live = thread->side[side].state == SIDE_LIVE && !thread->side[side].idempotent;
        side_end(thread, side, true);
        if (live && peer)
            exception_post(peer,
                           side == CLIENT ? FK_THREAD_PENDING_SERVER : FK_THREAD_PENDING_CLIENT);
    }
}

/* ---- the stages. 0 = go on; positive = the call ends with this error; negative = an outcome ----
 */

/* What every stage on a connection checks first. */
static long side_check(struct side *side)
{
    if (side->state == SIDE_BROKEN) {
        side_clear(side);
        return FK_DISCONNECTED;
    }
    return 0;
}

/* And those that need a peer. */
static long side_check_peer(struct side *side, bool may, long insane)
{
    long outcome = side_check(side);
    if (!outcome && side->state == SIDE_ENDED)
        outcome = FK_DISCONNECTED;
    if (!outcome && (side->state == SIDE_NONE || !may))
        outcome = insane;
    return outcome;
}

static long stage_ack(struct thread *thread, int side)
{
    struct side *own = &thread->side[side];
    long outcome = side_check_peer(own, !own->sender || own->idempotent, K_INSANE(NOT_RECEIVER));
    if (outcome)
        return outcome;
    if (!own->idempotent && !own->offered) {
        struct thread *peer = own->peer;
        wait_on_side(thread, WAIT_ACK, side, peer);
        if (peer_waits(peer, WAIT_SEND, PEER(side)))
            sched_wake(peer);
        return K_BLOCKED;
    }
    /* commit: */
    own->offered = false;
    own->sender = true;
    stage_done(thread, FK_IPC_ACK);
    return 0;
}

void ipc_accept(struct thread *server, struct port *port, uint64_t tag)
{
    server->frame.rdi = port->alias;
    server->frame.rbx = tag;
}

long ipc_port(struct thread *client, struct port **port)
{
    const struct ref *ref;
    long outcome = object_find(client->frame.rdi, FK_DEBUG_REF, FK_READ, &ref);
    if (outcome)
        return outcome;
    struct object *object = link_get(&ref->target);
    if (!object)
        return FK_INVALID_DEST;
    if (object->kind != FK_DEBUG_PORT)
        return K_INSANE(WRONG_REF);
    *port = (struct port *)object;
    return 0;
}

static long stage_connect(struct thread *client)
{
    struct port *port;
    long outcome = ipc_port(client, &port);
    if (outcome)
        return outcome;
    if (client->side[CLIENT].state != SIDE_NONE)
        side_end(client, CLIENT, !client->side[CLIENT].sender);
    struct thread *server = port_server(port);
    client->faulted = false;
    if (!server) {
        port_queue(port, client, WAIT_PORT);
        return K_BLOCKED;
    }
    /* commit: */
    side_set(&client->side[CLIENT],
             (struct side){.peer = server, .state = SIDE_LIVE, .sender = true});
    side_set(&server->side[SERVER], (struct side){.peer = client, .state = SIDE_LIVE});
    ipc_accept(server, port, FK_TAG_RELIABLE);
    stage_done(server, FK_IPC_WAIT);
    server->wait = WAIT_RECEIVE;
    server->wait_side = SERVER;
    sched_donate_to(server, client);
    ipc_linked(client, server);
    stage_done(client, FK_IPC_CONNECT);
    return 0;
}

static long stage_send(struct thread *thread, int side)
{
    struct side *own = &thread->side[side];
    if (own->idempotent)
        return request_reply(thread);
    long outcome = side_check_peer(own, own->sender, K_INSANE(NOT_SENDER));
    if (outcome)
        return outcome;
    struct thread *peer = own->peer;
    enum move moved = MOVE_DONE;
    if (peer_waits(peer, WAIT_RECEIVE, PEER(side)))
        moved = move_stream(thread, peer);
    else if (peer_waits(peer, WAIT_ACK, PEER(side)))
        move_nothing(thread);
    else
        moved = MOVE_RECEIVER, move_insanity = 0;
    switch (moved) {
    case MOVE_DONE:
        break;
    case MOVE_PREEMPTED:
        return K_AGAIN;
    case MOVE_SENDER:
        return ipc_blame_sender();
    case MOVE_FULL:
    case MOVE_FULL_REFS:
        wait_on_side(thread, WAIT_SEND, side, peer);
        receive_finish(peer, 0, moved == MOVE_FULL ? FK_MORE_DATA : FK_MORE_REFS);
        return K_BLOCKED;
    case MOVE_RECEIVER:
        if (peer_waits(peer, WAIT_RECEIVE, PEER(side)))
            ipc_blame(peer);
        wait_on_side(thread, WAIT_SEND, side, peer);
        return K_BLOCKED;
    }
    /* commit: */
    stage_done(thread, FK_IPC_SEND);
    thread->frame.rbx = 0;
    return 0;
}

/* When the receive stage follows, it is entered first: then the peer runs on our time at once. */
static long stage_over(struct thread *thread, int side)
{
    struct side *own = &thread->side[side];
    long outcome = side_check_peer(own, own->sender && !own->idempotent, K_INSANE(NOT_SENDER));
    if (outcome)
        return outcome;
    struct thread *peer = own->peer;
    if (own->state == SIDE_LIMBO) { /* who should get the line will be known later */
        wait_on_side(thread, WAIT_SEND, side, NULL);
        return K_BLOCKED;
    }
    /* commit: */
    own->sender = false;
    peer->side[PEER(side)].offered = true;
    stage_done(thread, FK_IPC_OVER);
    bool receives = stages_left(thread) == FK_IPC_RECEIVE;
    if (receives)
        wait_on_side(thread, WAIT_RECEIVE, side, peer);
    if (peer_waits(peer, WAIT_RECEIVE, PEER(side)))
        receive_finish(peer, FK_TAG_OVER, FK_OK);
    else if (peer_waits(peer, WAIT_ACK, PEER(side)))
        sched_wake(peer);
    return receives ? K_BLOCKED : 0;
}

static long stage_receive(struct thread *thread, int side)
{
    struct side *own = &thread->side[side];
    long outcome = side_check(own);
    if (outcome)
        return outcome;
    if (own->state == SIDE_NONE || own->sender)
        return K_INSANE(NOT_RECEIVER);
    if (own->state == SIDE_ENDED) {
        side_clear(own);
        thread->frame.rbx |= FK_TAG_END;
        return FK_OK;
    }
    if (own->offered) {
        thread->frame.rbx |= FK_TAG_OVER;
        return FK_OK;
    }
    struct thread *peer = own->peer;
    wait_on_side(thread, WAIT_RECEIVE, side, peer);
    if (peer_waits(peer, WAIT_SEND, PEER(side)))
        sched_wake(peer);
    return K_BLOCKED;
}

static long stage_wait(struct thread *server)
{
    struct portset *portset;
    struct port *port;
    long outcome = object_find(server->frame.rdi, FK_DEBUG_PORTSET, FK_READ, &portset);
    if (outcome)
        return outcome;
    side_end(server, SERVER, false);
    server->frame.rbx = 0;
    struct thread *client = portset_client(portset, &port);
    if (client && request_receive(server, port, client))
        return FK_OK;
    queue_add(&portset->servers, server, &portset->obj);
    sched_wait(server, WAIT_PORTSET, client);
    if (client) { /* it makes its call again, on our time, and finds us */
        port_unqueue(client);
        client->expected = true;
        sched_wake(client);
    }
    return K_BLOCKED;
}

long sys_ipc(void)
{
    struct thread *thread = current;
    uint64_t stages = thread->frame.rax;
    int side = stages & FK_IPC_SERVER ? SERVER : CLIENT;
    long outcome = move_check(thread);
    if (!outcome && stages & FK_IPC_ACK)
        outcome = stage_ack(thread, side);
    if (!outcome && stages & FK_IPC_CONNECT)
        outcome = stage_connect(thread);
    if (!outcome && stages & FK_IPC_SEND)
        outcome = stage_send(thread, side);
    if (!outcome && stages & FK_IPC_OVER)
        outcome = stage_over(thread, side);
    if (outcome)
        return outcome;
    if (stages & FK_IPC_DISCONNECT)
        side_end(thread, side, false);
    if (stages & FK_IPC_WAIT)
        return stage_wait(thread);
    return stages & FK_IPC_RECEIVE ? stage_receive(thread, side) : FK_OK;
}
