/* kernel/core/fast.c -- the calls of a short RPC, when nothing stands in the way: a client that
 * asks with words, reliably (connect, send, over, receive) or idempotently, while a server waits;
 * and a server that answers with words and waits again, while its client waits for that. They do
 * exactly what ipc.c and request.c do step by step, and check first: at the slightest doubt nothing
 * has been done and those do it. The words never leave the registers: entry.S passes them on
 * (K_PASSED), so only what is not passed is loaded from the receiver's frame.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/ipc.h"
#include "kernel/core/sched.h"

#define HELD_BACK                                                                                  \
    (FK_THREAD_PENDING | FK_THREAD_PENDING_CLIENT | FK_THREAD_PENDING_SERVER | THREAD_HOMELESS)

/* A side's four bytes as one word, to be set and compared at once. */
#define SIDE_WORD(sender, offered, idempotent)                                                     \
    (SIDE_LIVE | (sender) << 8 | (offered) << 16 | (uint32_t)(idempotent) << 24)
ABI_ASSERT(offsetof(struct side, sender) == offsetof(struct side, state) + 1 &&
               offsetof(struct side, offered) == offsetof(struct side, state) + 2 &&
               offsetof(struct side, idempotent) == offsetof(struct side, state) + 3,
           "SIDE_WORD");

static inline uint32_t *side_word(struct side *side)
{
    return (uint32_t *)&side->state;
}

static inline void side_is(struct side *side, struct thread *peer, uint32_t word)
{
    side->peer = peer;
    *side_word(side) = word;
}

/* ---- what a thread names again and again is found once ---- */

static struct object *find(vaddr va, unsigned kind)
{
    struct found *found = &current->found;
    struct object *object;
    long outcome = object_find(va, kind, FK_READ, &object);
    if (found->epoch != paging_epoch)
        *found = (struct found){.epoch = paging_epoch, .ref = NO_VA, .portset_va = NO_VA};
    return outcome ? NULL : object;
}

static bool find_port(vaddr va)
{
    struct object *ref = find(va, FK_DEBUG_REF);
    struct port *port = ref ? (struct port *)link_get(&((struct ref *)ref)->target) : NULL;
    if (!port || port->obj.kind != FK_DEBUG_PORT)
        return false;
    port->served = (struct portset *)link_get(&port->portset);
    if (!port->served)
        return false;
    current->found.ref = va;
    current->found.port = port;
    return true;
}

static bool find_portset(vaddr va)
{
    struct object *portset = find(va, FK_DEBUG_PORTSET);
    if (!portset)
        return false;
    current->found.portset = (struct portset *)portset;
    current->found.portset_va = va;
    return true;
}

/* Not where every step is to be looked at, nor on a CPU whose switch is not that short. */
static bool may_find(void)
{
    return !arch_resched && arch_has_bases;
}

static inline bool is_found(const struct found *found, vaddr known, vaddr va)
{
    return known == va && found->epoch == paging_epoch;
}

/* ---- the calls. They end in other calls only, so that they need not save a register ---- */

static inline void begin_wait(struct thread *thread, enum wait why, uint64_t call)
{
    thread_set_wait(thread, why, CLIENT);
    thread->dbg.state = FK_DEBUG_T_WAITING;
    thread->dbg.call = call;
}

static inline void end_wait(struct thread *thread, uint64_t tag)
{
    thread->frame.rbx = tag;
    thread->wait = WAIT_NONE;
    thread->dbg.call = 0;
}

/* A known queue, a thread that is in it, or is in none: the checks of queue_add are not needed. */
static inline void leave_queue(struct thread *thread)
{
    thread->waits_on = NULL;
    list_remove(&thread->in_queue);
}

static inline void join_queue(struct portset *portset, struct thread *thread)
{
    thread->waits_on = &portset->obj;
    thread->dbg.wait_kind = FK_DEBUG_PORTSET;
    thread->dbg.wait_id = portset->dbg.head.id;
    list_append(&portset->servers, &thread->in_queue);
}

static inline void give_time(struct thread *client, struct thread *server)
{
    client->dbg.wait_kind = FK_DEBUG_THREAD;
    client->dbg.wait_id = server->dbg.head.id;
    client->donee = server;
    if (server->donors)
        ring_add(client, server->donors);
    else
        server->donors = client->donor_next = client->donor_prev = client;
}

/* `from` waits from now on, `to` has its time. */
static inline long pass(struct thread *from, struct thread *to)
{
    sched_charge(from);
    arch_bases_switch(&from->frame, &to->frame);
    sched_load(to);
    return K_PASSED;
}

static inline struct thread *waiting_server(const struct port *port)
{
    struct thread *server = LIST_OF(port->served->servers.next, struct thread, in_queue);
    if (list_empty(&port->served->servers) || !thread_waits(server, WAIT_PORTSET, HELD_BACK) ||
        server->donee)
        return NULL;
    return server;
}

static inline long call(struct thread *client, struct thread *server, struct port *port,
                        uint64_t count)
{
    leave_queue(server);
    side_is(&server->side[SERVER], client, SIDE_WORD(0, 1, 0));
    side_is(&client->side[CLIENT], server, SIDE_WORD(0, 0, 0));
    ipc_linked(client, server);
    server->frame.rdi = port->alias;
    end_wait(server, count | FK_TAG_RELIABLE | FK_TAG_OVER);
    begin_wait(client, WAIT_RECEIVE, FK_CALL_client_receive);
    client->frame.rax = FK_CALL_client_receive;
    client->frame.rbx = 0;
    give_time(client, server);
    return pass(client, server);
}

static __attribute__((noinline)) long find_and_call(vaddr ref, vaddr message)
{
    return may_find() && find_port(ref) ? fast_call(ref, message) : sys_ipc();
}

static __attribute__((noinline)) long call_with_block(vaddr ref)
{
    struct thread *client = current, *server;
    uint64_t count = client->frame.rbx;
    if (count > FK_IPC_WORDS || move_check(client) || client->side[CLIENT].state != SIDE_NONE ||
        !may_find() || (!is_found(&client->found, client->found.ref, ref) && !find_port(ref)))
        return sys_ipc();
    struct port *port = client->found.port;
    if (!(server = waiting_server(port)) || !move_whole(client, server))
        return sys_ipc();
    /* commit: */
    return call(client, server, port, count);
}

long fast_call(vaddr ref, vaddr message)
{
    struct thread *client = current, *server;
    uint64_t count = client->frame.rbx;
    if (message)
        return call_with_block(ref);
    if (count > FK_IPC_WORDS || client->side[CLIENT].state != SIDE_NONE)
        return sys_ipc();
    if (!is_found(&client->found, client->found.ref, ref))
        return find_and_call(ref, message);
    struct port *port = client->found.port;
    if (!(server = waiting_server(port)))
        return sys_ipc();
    /* commit: */
    return call(client, server, port, count);
}

static __attribute__((noinline)) long find_and_ask(vaddr ref, vaddr message)
{
    return may_find() && find_port(ref) ? fast_ask(ref, message) : sys_ipc_call();
}

long fast_ask(vaddr ref, vaddr message)
{
    struct thread *client = current, *server;
    uint64_t count = client->frame.rbx;
    if (message || count > FK_IPC_WORDS)
        return sys_ipc_call();
    if (!is_found(&client->found, client->found.ref, ref))
        return find_and_ask(ref, message);
    struct port *port = client->found.port;
    if (!(server = waiting_server(port)))
        return sys_ipc_call();
    /* commit: */
    leave_queue(server);
    side_is(&server->side[SERVER], client, SIDE_WORD(1, 0, 1));
    ipc_linked(client, server);
    server->frame.rdi = port->alias;
    end_wait(server, count | FK_TAG_IDEMPOTENT);
    begin_wait(client, WAIT_REPLY, FK_CALL_ipc_call);
    give_time(client, server);
    return pass(client, server);
}

/* An answer: the server waits again, and its client, whose time it had, goes on. */
static inline void answer(struct thread *server, struct thread *client, struct portset *portset)
{
    side_is(&server->side[SERVER], NULL, SIDE_NONE);
    ipc_idle(server);
    begin_wait(server, WAIT_PORTSET, FK_CALL_server_wait_receive);
    server->frame.rax = FK_CALL_server_wait_receive;
    server->frame.rbx = 0;
    join_queue(portset, server);
    client->donee = NULL;
    server->donors = NULL;
}

static __attribute__((noinline)) long answer_request(struct thread *server, struct thread *client,
                                                     struct portset *portset, uint64_t count)
{
    if (!thread_waits(client, WAIT_REPLY, HELD_BACK))
        return sys_ipc();
    /* commit: */
    answer(server, client, portset);
    ipc_answered(client);
    if (!client->faulted) {
        end_wait(client, count);
        return pass(server, client);
    }
    client->faulted = false; /* it tries again */
    client->wait = WAIT_NONE;
    client->dbg.call = 0;
    pass(server, client);
    return K_SWITCHED;
}

static __attribute__((noinline)) long find_and_reply(vaddr portset, vaddr message)
{
    return may_find() && find_portset(portset) ? fast_reply(portset, message) : sys_ipc();
}

/* The client of the current server, when it can be answered in words at least. */
static inline struct thread *only_client(struct thread *server)
{
    struct thread *client = server->side[SERVER].peer;
    bool good = server->frame.rbx <= FK_IPC_WORDS && client && server->donors == client &&
                client->donor_next == client && server != run_source;
    return good ? client : NULL;
}

static inline bool waits_for_reply(const struct thread *client)
{
    return thread_waits(client, WAIT_RECEIVE, HELD_BACK | WAIT_SIDE) && !client->frame.rbx;
}

static inline long reply(struct thread *server, struct thread *client, struct portset *portset)
{
    uint64_t count = server->frame.rbx;
    side_is(&client->side[CLIENT], NULL, SIDE_NONE);
    client->dbg.server = 0;
    answer(server, client, portset);
    end_wait(client, count | FK_TAG_END);
    return pass(server, client);
}

static __attribute__((noinline)) long reply_with_block(vaddr portset_va)
{
    struct thread *server = current, *client = only_client(server);
    uint32_t word = *side_word(&server->side[SERVER]);
    if (!client || move_check(server) || !may_find() ||
        (!is_found(&server->found, server->found.portset_va, portset_va) &&
         !find_portset(portset_va)))
        return sys_ipc();
    struct portset *portset = server->found.portset;
    if (!list_empty(&portset->pending))
        return sys_ipc();
    if (word == SIDE_WORD(1, 0, 1) && client->faulted) /* what it is told does not matter */
        return answer_request(server, client, portset, server->frame.rbx);
    if (word != SIDE_WORD(0, 1, 0) || !waits_for_reply(client) || !move_whole(server, client))
        return sys_ipc();
    /* commit: */
    return reply(server, client, portset);
}

long fast_reply(vaddr portset_va, vaddr message)
{
    struct thread *server = current, *client;
    uint32_t word = *side_word(&server->side[SERVER]);
    if (message)
        return reply_with_block(portset_va);
    if (!(client = only_client(server)))
        return sys_ipc();
    if (!is_found(&server->found, server->found.portset_va, portset_va))
        return find_and_reply(portset_va, message);
    struct portset *portset = server->found.portset;
    if (!list_empty(&portset->pending))
        return sys_ipc();
    if (word == SIDE_WORD(1, 0, 1))
        return answer_request(server, client, portset, server->frame.rbx);
    if (word != SIDE_WORD(0, 1, 0) || !waits_for_reply(client))
        return sys_ipc();
    /* commit: */
    return reply(server, client, portset);
}
