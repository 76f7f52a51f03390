/* kernel/core/fast.c -- the two calls of a short RPC, when nothing stands in the way: a client that
 * connects, sends words and receives, with a server waiting; and a server that answers with words
 * and waits again, with its client receiving. They do exactly what the stages of ipc.c do one by
 * one, and check first: at the slightest doubt nothing has been done and ipc.c does it. A check is
 * missing here only if ipc.c would have gone on as well. SPDX-License-Identifier: MIT */
#include "kernel/core/fast.h"
#include "kernel/core/ipc.h"
#include "kernel/core/ref.h"
#include "kernel/core/syscall.h"

#define HELD_BACK (FK_THREAD_PENDING | FK_THREAD_PENDING_CLIENT | FK_THREAD_PENDING_SERVER)

/* The object at `va`, if its memory is cached and its hint is right. */
static struct object *find(vaddr va)
{
    if (va % FK_OBJECT_BYTES || va >= FK_USER_END)
        return NULL;
    uint64_t *memory = paging_find(current->space->dbg.cr3, va, FK_READ);
    struct object *object = memory ? object_hinted(*memory) : NULL;
    if (!object || object->pa != (paddr)memory - PHYS_BASE)
        return NULL;
    current->extra->found = (struct found){va, paging_epoch, object};
    return object;
}

/* Most threads name the same object again and again. */
static inline struct object *find_again(vaddr va, unsigned kind)
{
    const struct found *found = &current->extra->found;
    struct object *object = found->object;
    if (found->va != va || found->epoch != paging_epoch)
        object = find(va);
    return object && object->kind == kind ? object : NULL;
}

/* Exactly the words that are sent; the tag stays with the caller. */
static inline void copy_words(const struct fk_debug_frame *from, struct fk_debug_frame *to,
                              unsigned count)
{
    switch (count) {
    case 8:
        to->r15 = from->r15; /* fall through */
    case 7:
        to->r14 = from->r14; /* fall through */
    case 6:
        to->r13 = from->r13; /* fall through */
    case 5:
        to->r12 = from->r12; /* fall through */
    case 4:
        to->r10 = from->r10; /* fall through */
    case 3:
        to->r9 = from->r9; /* fall through */
    case 2:
        to->r8 = from->r8; /* fall through */
    case 1:
        to->rdx = from->rdx;
    }
}

static inline void begin_wait(struct thread *thread, enum wait why, uint64_t call)
{
    thread->frame.rax = call;
    thread->dbg.call = call;
    thread->frame.rbx = 0;
    thread->wait = why;
    thread->dbg.state = FK_DEBUG_T_WAITING;
}

static inline void end_wait(struct thread *thread, uint64_t tag)
{
    thread->frame.rbx = tag;
    thread->frame.rax = FK_OK;
    thread->frame.rip += 2;
    thread->wait = WAIT_NONE;
    thread->dbg.call = 0;
}

/* The server that waits for this client, still in its queue; NULL = take the long way. */
static inline struct thread *waiting_server(const struct thread *client, struct port **port)
{
    struct ref *ref = (struct ref *)find_again(client->frame.rdi, FK_DEBUG_REF);
    *port = ref ? (struct port *)link_get(&ref->target) : NULL;
    if (!*port || (*port)->obj.kind != FK_DEBUG_PORT)
        return NULL;
    struct portset *portset = (struct portset *)link_get(&(*port)->portset);
    struct thread *server = portset ? portset->servers.first : NULL;
    if (!server || server->wait != WAIT_PORTSET || server->donee || server->flags & HELD_BACK ||
        !server->space)
        return NULL;
    return server;
}

long fast_call(void)
{
    struct thread *client = current;
    unsigned count = client->frame.rbx & FK_TAG_WORDS;
    struct port *port;
    if (client->frame.rsi || count > FK_IPC_WORDS || client->side[CLIENT].state != SIDE_NONE ||
        arch_resched)
        return sys_ipc();
    struct thread *server = waiting_server(client, &port);
    if (!server)
        return sys_ipc();
    /* commit: */
    queue_remove(server);
    server->side[SERVER] = (struct side){.peer = client, .state = SIDE_LIVE, .offered = true};
    client->side[CLIENT] = (struct side){.peer = server, .state = SIDE_LIVE};
    copy_words(&client->frame, &server->frame, count);
    end_wait(server, count | FK_TAG_RELIABLE | FK_TAG_OVER);
    server->frame.rdi = port->alias;
    server->dbg.behalf = client->dbg.behalf;
    server->dbg.client = client->dbg.head.id;
    client->dbg.server = server->dbg.head.id;
    begin_wait(client, WAIT_RECEIVE, FK_CALL_client_receive);
    client->wait_side = CLIENT;
    thread_waits_for(client, &server->obj);
    client->donee = server;
    client->donor_next = server->donors;
    server->donors = client;
    sched_pass(server);
    return K_SWITCHED;
}

long fast_reply(void)
{
    struct thread *server = current, *client = server->side[SERVER].peer;
    const struct side *own = &server->side[SERVER];
    unsigned count = server->frame.rbx & FK_TAG_WORDS;
    if (server->frame.rsi || count > FK_IPC_WORDS || own->state != SIDE_LIVE || own->idempotent ||
        !(own->offered || own->sender) || !client || client->wait != WAIT_RECEIVE ||
        client->wait_side != CLIENT || client->frame.rbx || client->flags & HELD_BACK ||
        !client->space || server->donors != client || client->donor_next || server == run_source ||
        arch_resched)
        return sys_ipc();
    struct portset *portset = (struct portset *)find_again(server->frame.rdi, FK_DEBUG_PORTSET);
    if (!portset || portset->pending)
        return sys_ipc();
    /* commit: */
    copy_words(&server->frame, &client->frame, count);
    end_wait(client, count | FK_TAG_END);
    client->side[CLIENT] = (struct side){.state = SIDE_NONE};
    server->side[SERVER] = (struct side){.state = SIDE_NONE};
    client->dbg.server = server->dbg.client = 0;
    server->dbg.behalf = server->dbg.space;
    begin_wait(server, WAIT_PORTSET, FK_CALL_server_wait_receive);
    queue_add(&portset->servers, server, &portset->obj);
    client->donee = NULL;
    server->donors = NULL;
    sched_pass(client);
    return K_SWITCHED;
}
