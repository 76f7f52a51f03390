/* kernel/core/request.c -- requests without a connection: idempotent calls and their replies,
 * one-way messages, and what the kernel itself asks (faults to keepers, threads that could run to
 * schedulers). Invariant: a client waits for a reply exactly while a server's side points to it;
 * when either leaves, the other notices nothing: the client makes its call again, the reply finds
 * nobody. SPDX-License-Identifier: MIT */
#include "kernel/core/ipc.h"

static void accept_fault(struct thread *server, struct port *port, const struct thread *thread)
{
    ipc_accept(server, port, FK_TAG_IDEMPOTENT | FK_TAG_FAULT | 6);
    server->frame.rdx = thread->trap.cause;
    server->frame.r8 = thread->trap.address;
    server->frame.r9 = thread->trap.access;
    server->frame.r10 = thread->obj.hash;
    server->frame.r12 = thread->frame.rip;
    server->frame.r13 = thread->trap.region;
}

static void accept_schedule(struct thread *server, struct port *port, const struct thread *runnable)
{
    ipc_accept(server, port, FK_TAG_SCHEDULE | 2);
    server->frame.rdx = runnable->sched_val;
    server->frame.r8 = runnable->obj.hash;
}

static void ask(struct thread *client, struct thread *server)
{
    side_set(&server->side[SERVER],
             (struct side){.peer = client, .state = SIDE_LIVE, .sender = true, .idempotent = true});
    ipc_linked(client, server);
    sched_wait(client, WAIT_REPLY, server);
}

/* What the kernel itself asks can be received at once, since the kernel kept its words. */
bool request_receive(struct thread *server, struct port *port, struct thread *client)
{
    if (client->wait == WAIT_SCHED) {
        port_unschedule(client);
        accept_schedule(server, port, client);
        return true;
    }
    if (!client->faulted)
        return false;
    thread_cancel(client);
    accept_fault(server, port, client);
    ask(client, server);
    return true;
}

long request_reply(struct thread *server)
{
    struct side *own = &server->side[SERVER];
    struct thread *client = own->peer;
    if (client && !client->faulted) {
        uint64_t tag = client->frame.rbx;
        client->frame.rbx = 0;
        switch (move_short(server, client)) {
        case MOVE_SENDER:
            client->frame.rbx = tag;
            return ipc_blame_sender();
        case MOVE_RECEIVER:
            client->frame.rbx = tag;
            ipc_blame(client); /* withdraws its request, so own->peer is NULL now */
            client = NULL;
            break;
        default:
            thread_finish(client, FK_OK);
        }
    }
    /* commit: */
    side_set(own, (struct side){0});
    server->frame.rax &= ~(uint64_t)FK_IPC_SEND;
    server->frame.rbx = 0;
    if (client) {
        ipc_unlinked(client, server);
        sched_wake(client);
    }
    return 0;
}

void ipc_unask(struct thread *client)
{
    struct thread *server = client->donee;
    server->side[SERVER].peer = NULL;
    ipc_unlinked(client, server);
}

static void server_finish(struct thread *server)
{
    thread_finish(server, FK_OK);
    sched_wake(server);
}

static long short_send(struct thread *client, struct thread **server, struct port **port,
                       uint64_t tag)
{
    long outcome = move_check(client);
    if (!outcome)
        outcome = ipc_port(client, port);
    if (outcome)
        return outcome;
    *server = port_server(*port);
    client->faulted = false;
    if (!*server) {
        port_queue(*port, client, WAIT_PORT);
        return K_BLOCKED;
    }
    (*server)->frame.rbx = 0;
    enum move moved = move_short(client, *server);
    if (moved == MOVE_RECEIVER) {
        ipc_blame(*server); /* it goes to fetch them; the client tries again, with the next */
        return K_AGAIN;
    }
    if (moved == MOVE_SENDER) {
        thread_again(*server); /* nothing was changed: it looks for the next client */
        return ipc_blame_sender();
    }
    (*server)->frame.rdi = (*port)->alias;
    (*server)->frame.rbx |= tag;
    return 0;
}

long sys_ipc_send(void)
{
    struct thread *server;
    struct port *port;
    long outcome = short_send(current, &server, &port, FK_TAG_ONEWAY);
    if (outcome)
        return outcome;
    server_finish(server);
    return FK_OK;
}

long sys_ipc_call(void)
{
    struct thread *client = current, *server;
    struct port *port;
    long outcome = short_send(client, &server, &port, FK_TAG_IDEMPOTENT);
    if (outcome)
        return outcome;
    ask(client, server);
    server_finish(server);
    return K_BLOCKED;
}

/* A request in the name of a thread that cannot go on. When the reply comes, or the wait is
 * cancelled, the thread tries again, and if nothing has changed, it faults again. */
void ipc_fault(struct thread *thread, struct port *keeper, struct trap trap)
{
    struct thread *server = port_server(keeper);
    thread->trap = trap;
    thread->faulted = true;
    if (!server) {
        port_queue(keeper, thread, WAIT_PORT);
        return;
    }
    accept_fault(server, keeper, thread);
    ask(thread, server);
    server_finish(server);
}

void ipc_tell_scheduler(struct thread *server, struct port *port, struct thread *runnable)
{
    accept_schedule(server, port, runnable);
    server_finish(server);
}

static long alert(int side, unsigned flag)
{
    struct side *own = &current->side[side];
    if (own->state == SIDE_LIMBO)
        own->alerted = true;
    else if (own->state == SIDE_LIVE && !own->idempotent)
        exception_post(own->peer, flag);
    else
        return FK_DISCONNECTED;
    return FK_OK;
}

long sys_client_alert(void)
{
    return alert(CLIENT, FK_THREAD_PENDING_SERVER);
}

long sys_server_alert(void)
{
    return alert(SERVER, FK_THREAD_PENDING_CLIENT);
}
