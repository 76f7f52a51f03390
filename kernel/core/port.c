/* kernel/core/port.c -- port and portset objects and the meeting of clients with servers.
 * Invariant: a port is in a portset's pending list exactly while it is linked to that portset and
 * has clients; a port moves between portsets without its clients noticing. Links are weak: a dead
 * portset leaves its ports without servers, a dead port sends its clients back to try again.
 * Watchers and schedulers may be as many as somebody has paid for: who is to be told something
 * stands in a list, and is told one by one, before the next thread runs or some time later.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/port.h"
#include "kernel/core/ipc.h"

bool port_owes;
static struct list alarms = {&alarms, &alarms}; /* portsets */
static struct list untold = {&untold, &untold}; /* threads without time */

static void owe(void)
{
    port_owes = true;
    arch_resched |= RESCHED_TELL;
}

static struct portset *portset_of(struct port *port)
{
    return (struct portset *)link_get(&port->portset);
}

static void pending_remove(struct port *port)
{
    if (!port->pending_in)
        return;
    list_remove(&port->in_pending);
    port->pending_in = NULL;
}

static void pending_add(struct port *port)
{
    struct portset *portset = portset_of(port);
    if (port->pending_in || !portset || list_empty(&port->clients))
        return;
    list_add_after(&portset->pending, &port->in_pending);
    port->pending_in = portset;
    if (portset->alarmed || list_empty(&portset->watchers))
        return;
    portset->alarmed = true;
    list_append(&alarms, &portset->in_alarms);
    owe();
}

static void alarm_end(struct portset *portset)
{
    if (portset->alarmed)
        list_remove(&portset->in_alarms);
    portset->alarmed = false;
}

struct thread *port_server(struct port *port)
{
    struct portset *portset = portset_of(port);
    struct thread *server = portset ? queue_first(&portset->servers) : NULL;
    if (!server)
        return NULL;
    queue_remove(server);
    sched_undonate(server); /* from the client that it expected: this one, or another */
    return server;
}

void port_queue(struct port *port, struct thread *client, enum wait why)
{
    queue_add(&port->clients, client, &port->obj);
    if (why != WAIT_SCHED)
        sched_wait(client, why, NULL);
    else
        client->wait = why;
    pending_add(port);
}

void port_unqueue(struct thread *client)
{
    struct object *owner = client->waits_on;
    queue_remove(client);
    if (owner && owner->kind == FK_DEBUG_PORT && list_empty(&((struct port *)owner)->clients))
        pending_remove((struct port *)owner);
}

struct thread *portset_client(struct portset *portset, struct port **port)
{
    *port = LIST_FIRST(&portset->pending, struct port, in_pending);
    return *port ? queue_first(&(*port)->clients) : NULL;
}

/* By a server of the port that receives its words, or by the thread standing in the port's queue
 * until one does. */
static void announce(struct thread *thread)
{
    struct port *port = (struct port *)link_get(&thread->scheduler);
    struct thread *server = port ? port_server(port) : NULL;
    if (server)
        ipc_tell_scheduler(server, port, thread);
    else if (port)
        port_queue(port, thread, WAIT_SCHED);
}

/* The thread could run but nobody gave it time: its scheduler is to be told. That one may have no
 * time either, and so on. */
void port_schedule(struct thread *thread)
{
    if (thread->wait == WAIT_SCHED || !link_get(&thread->scheduler))
        return;
    thread->wait = WAIT_SCHED;
    queue_add(&untold, thread, &object_nobody);
    owe();
}

/* A donor that only wanted to know that a client came leaves. */
static void alarm_tell(struct portset *portset)
{
    struct thread *watcher = queue_first(&portset->watchers);
    if (!watcher || list_empty(&portset->pending)) {
        alarm_end(portset);
        return;
    }
    thread_answer(watcher, FK_CONFLICT);
}

bool port_tell(void)
{
    struct portset *portset = LIST_FIRST(&alarms, struct portset, in_alarms);
    struct thread *thread = queue_first(&untold);
    if (portset) {
        alarm_tell(portset);
        return true;
    }
    port_owes = thread;
    if (!thread)
        return false;
    port_unschedule(thread);
    announce(thread);
    return true;
}

void port_unschedule(struct thread *thread)
{
    if (thread->wait != WAIT_SCHED)
        return;
    port_unqueue(thread);
    thread->wait = WAIT_NONE;
}

/* A server that waits for just this client, and gives it its time, looks for another one. */
void port_recall(struct thread *client)
{
    struct thread *server = chain_expecting(client);
    client->expected = false;
    if (!server)
        return;
    thread_again(server);
}

/* ---- the objects ---- */

static long portset_create(struct object *object)
{
    list_init(&((struct portset *)object)->watchers);
    list_init(&((struct portset *)object)->pending);
    return 0;
}

static void point_to(struct port *port, const struct object *portset)
{
    link_set(&port->portset, portset);
    debug_links(&port->dbg, portset);
    paging_epoch++; /* fast.c may have found the old one */
}

static long portset_destroy(struct object *object)
{
    struct portset *portset = (struct portset *)object;
    struct port *port;
    while ((port = LIST_FIRST(&portset->pending, struct port, in_pending))) {
        pending_remove(port); /* half-way nobody may see a port that has clients and is not */
        point_to(port, NULL);
        if (arch_preempt())
            return K_AGAIN;
    }
    alarm_end(portset);
    return queue_dismiss(&portset->watchers, object);
}

/* Servers that wait on the new portset find the waiting clients: those try again, as many as there
 * are servers. When it is preempted more than that may: they wait again. */
static long port_offer(struct port *port)
{
    const struct portset *portset = portset_of(port);
    const struct list *server = portset ? portset->servers.next : NULL;
    struct thread *client;
    for (; portset && server != &portset->servers; server = server->next) {
        if (!(client = queue_first(&port->clients)))
            break;
        bool has_time = client->wait != WAIT_SCHED;
        thread_cancel(client);
        if (has_time)
            sched_wake(client);
        else
            port_schedule(client);
        if (arch_preempt())
            return K_AGAIN;
    }
    return FK_OK;
}

static void port_export(struct object *object, void *out, struct object **links)
{
    const struct port *port = (struct port *)object;
    struct fk_port_state *state = out;
    state->alias = port->alias;
    links[0] = link_get(&port->portset);
}

static long port_import(struct object *object, const void *in, struct object **links)
{
    struct port *port = (struct port *)object;
    const struct fk_port_state *state = in;
    /* commit: */
    port->alias = state->alias;
    pending_remove(port);
    point_to(port, links[0]);
    pending_add(port);
    return port_offer(port);
}

const struct kind port_kind = {.bytes = sizeof(struct port),
                               .queue = offsetof(struct port, clients),
                               .export = port_export,
                               .import = port_import,
                               .get_bytes = sizeof(struct fk_port_state),
                               .set_bytes = sizeof(struct fk_port_state),
                               .links = 1,
                               .link_kind = {FK_DEBUG_PORTSET}};
const struct kind portset_kind = {.bytes = sizeof(struct portset),
                                  .queue = offsetof(struct portset, servers),
                                  .create = portset_create,
                                  .destroy = portset_destroy,
                                  .get_bytes = sizeof(struct fk_portset_state)};
