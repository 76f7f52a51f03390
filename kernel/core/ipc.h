/* kernel/core/ipc.h -- what other files need of the IPC engine.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_IPC_H
#define KERNEL_CORE_IPC_H

#include "abi/fk/ipc.h"
#include "kernel/core/port.h"

/* ipc.c */
void ipc_blame(struct thread *thread);
long ipc_blame_sender(void);
void ipc_accept(struct thread *server, struct port *port, uint64_t tag);
long ipc_port(struct thread *client, struct port **port); /* that its rdi names */
void ipc_break(struct thread *thread);                    /* it is about to be destroyed */

/* Another connection, or none. */
static inline void side_set(struct side *side, struct side to)
{
    to.left = side->left;
    *side = to;
}

/* request.c */
long request_reply(struct thread *server);
/* What the kernel asks can be received at once: true = the server has it. */
bool request_receive(struct thread *server, struct port *port, struct thread *client);
void ipc_tell_scheduler(struct thread *server, struct port *port, struct thread *runnable);
void ipc_fault(struct thread *thread, struct port *keeper, struct trap trap);
void ipc_unask(struct thread *client); /* its request is withdrawn: a reply will find nobody */

/* move.c: data from the sender's call to the receiver's. */
enum move {
    MOVE_DONE,      /* the sender has nothing more */
    MOVE_FULL,      /* the receiver has no room for data */
    MOVE_FULL_REFS, /* ... for references */
    MOVE_PREEMPTED, /* both are as far as their registers and blocks say */
    MOVE_SENDER,    /* the sender's memory is missing (see fault) or its message is insane */
    MOVE_RECEIVER,  /* likewise the receiver's */
};
/* Insanity met by the last move, 0 = a fault. */
extern unsigned move_insanity;
enum move move_stream(struct thread *from, struct thread *to);
/* All that fits, at most FK_IPC_SHORT_BYTES; neither block is advanced. */
enum move move_short(struct thread *from, struct thread *to);
/* Instead of move_stream, when that is easy: the whole message, blocks advanced; false = only bytes
 * that the receiver has room for were written, and the long way must be taken. */
bool move_whole(struct thread *from, struct thread *to);
void move_nothing(struct thread *from); /* the sender's data is dropped */
long move_check(const struct thread *thread);

/* For debuggers, and the account of instructions: the server works on behalf of its client. */
static inline void ipc_linked(struct thread *client, struct thread *server)
{
    server->dbg.behalf = client->dbg.behalf;
    client->dbg.server = server->dbg.head.id;
    server->dbg.client = client->dbg.head.id;
}

/* Who serves it from now on: nobody, or the peer of a connection if that was a request meanwhile.
 */
static inline void ipc_answered(struct thread *client)
{
    const struct thread *peer = client->side[CLIENT].peer;
    client->dbg.server = peer ? peer->dbg.head.id : 0;
}

/* After a connection changed, maybe while a keeper is asked in its name. */
static inline void ipc_show_server(struct thread *client)
{
    if (client->wait != WAIT_REPLY)
        ipc_answered(client);
    else
        client->dbg.server = client->donee->dbg.head.id;
}

static inline void ipc_idle(struct thread *server)
{
    server->dbg.client = 0;
    server->dbg.behalf = server->dbg.space;
}

static inline void ipc_unlinked(struct thread *client, struct thread *server)
{
    ipc_answered(client);
    ipc_idle(server);
}

#endif
