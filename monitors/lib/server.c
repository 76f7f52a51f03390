/* monitors/lib/server.c -- the loop of a serving thread. It waits with a message block, so that the
 * bytes and the reference of a request come with its words, by the kernel's short path.
 * Whatever a client sends, the loop goes on: a request that is cut, too long or malformed is
 * answered with an error or dropped. SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"
#include "monitors/lib/worker.h"

void *mon_payer;

long mon_server_open(struct mon_server *server)
{
    long outcome = fk_portset_create(fk_at(&server->portset));
    if (outcome)
        return -PROTO_NO_OBJECTS;
    outcome = fk_ref_create(fk_at(&server->ref));
    if (outcome) {
        fk_portset_destroy(fk_at(&server->portset));
        return -PROTO_NO_OBJECTS;
    }
    fk_portset_reference(fk_at(&server->portset), fk_at(&server->ref));
    server->stop = false;
    return 0;
}

void mon_server_close(struct mon_server *server)
{
    fk_ref_destroy(fk_at(&server->ref));
    fk_portset_destroy(fk_at(&server->portset));
}

/* ---- ports by number: an address is used again, and a request may be on its way. Numbers are odd,
 * addresses are not. ---- */

long mon_server_lock(struct mon_server *server, struct mon_lock *lock,
                     void (*drop)(const void *kept))
{
    server->ports = calloc(MON_SERVER_BUCKETS, sizeof(*server->ports));
    server->lock = server->ports ? lock : NULL;
    server->drop = drop;
    return server->ports ? 0 : -PROTO_NO_MEMORY;
}

static struct mon_port **bucket_of(const struct mon_server *server, uint64_t number)
{
    return &server->ports[(number >> 1) % MON_SERVER_BUCKETS];
}

static uint64_t enter_number(struct mon_server *server, struct mon_port *port)
{
    uint64_t number = (++server->last << 1 | 1) | (uint64_t)port->protocol << PROTO_IN_ALIAS;
    struct mon_port **at = bucket_of(server, number);
    port->server = server;
    port->number = number;
    port->same = *at;
    port->link = at;
    if (port->same)
        port->same->link = &port->same;
    return *at = port, port->number;
}

static void forget_number(struct mon_port *port)
{
    *port->link = port->same;
    if (port->same)
        port->same->link = port->link;
    port->server = NULL;
}

static struct mon_port *find_number(const struct mon_server *server, uint64_t number)
{
    struct mon_port *port = *bucket_of(server, number);
    while (port && port->number != number)
        port = port->same;
    return port;
}

/* ---- ports ---- */

long mon_port_open(struct mon_server *server, struct mon_port *port)
{
    struct fk_port_state state = {.alias = fk_at(port)};
    struct fk_port_links links = {fk_at(&server->ref)};
    if (fk_port_create(fk_at(&port->port)))
        return -PROTO_NO_OBJECTS;
    if (fk_ref_create(fk_at(&port->ref))) {
        fk_port_destroy(fk_at(&port->port));
        return -PROTO_NO_OBJECTS;
    }
    if (server->lock && !port->plain)
        state.alias = enter_number(server, port);
    fk_port_set_state(fk_at(&port->port), fk_at(&state), fk_at(&links));
    fk_port_reference(fk_at(&port->port), fk_at(&port->ref));
    return 0;
}

void mon_port_close(struct mon_port *port)
{
    if (port->server)
        forget_number(port);
    fk_ref_destroy(fk_at(&port->ref));
    fk_port_destroy(fk_at(&port->port));
}

/* ---- receiving ---- */

static void take_request(struct mon_worker *worker, const struct fk_ipc *ipc,
                         struct mon_request *request)
{
    const struct fk_part *part = &worker->block.receive;
    request->port = (struct mon_port *)ipc->dest;
    request->tag = ipc->tag;
    request->words = ipc->tag & FK_TAG_WORDS;
    for (unsigned i = 0; i < request->words; i++)
        request->word[i] = ipc->word[i];
    request->data = worker->in;
    request->bytes = PROTO_DATA_MAX - part->buffer.bytes;
    request->ref = part->ref_count ? 0 : fk_at(&worker->slot);
    request->silent = false;
    request->outs = 0;
    request->out_bytes = 0;
    request->out_ref = 0;
    request->kept = NULL;
    request->worker = worker;
}

/* ---- answering ---- */

static void answer(struct mon_request *request)
{
    struct mon_port *port = request->port;
    if (request->tag & FK_TAG_SCHEDULE) {
        if (port->runnable)
            port->runnable(request);
        request->silent = true;
        return;
    }
    if (request->tag & FK_TAG_FAULT) {
        if (port->fault)
            port->fault(request);
        else
            request->silent = true;
        return;
    }
    if (port->filter && port->filter(request))
        return;
    if (mon_dispatch(port->protocol, port->ops, request))
        return;
    if (port->forward) {
        mon_forward(request, port->forward);
        return;
    }
    request->out[0] = (uint64_t)-PROTO_UNKNOWN;
    request->outs = 1;
}

static void answer_gone(struct mon_request *request)
{
    request->out[0] = (uint64_t)-PROTO_GONE;
    request->outs = 1;
}

/* What others may change as soon as they can: the reference goes along as a copy. */
static void keep(struct mon_worker *worker, struct mon_request *request)
{
    worker->kept = request->kept;
    if (request->out[0] || !request->out_ref || request->out_ref == fk_at(&worker->spare))
        return;
    fk_ref_reference(request->out_ref, fk_at(&worker->spare));
    request->out_ref = fk_at(&worker->spare);
}

/* One at a time. */
static void answer_locked(struct mon_server *server, struct mon_worker *worker,
                          struct mon_request *request)
{
    mon_lock(server->lock);
    if (worker->kept)
        server->drop(worker->kept);
    request->port = find_number(server, (uint64_t)request->port);
    if (request->port) {
        request->self = request->port->self;
        answer(request);
    } else {
        answer_gone(request);
    }
    keep(worker, request);
    mon_unlock(server->lock);
}

/* Whether the client waits for a reply: it handed over the line, or asked idempotently. */
static bool wants_reply(const struct mon_request *request)
{
    return !request->silent && request->tag & (FK_TAG_OVER | FK_TAG_IDEMPOTENT);
}

/* Where the next request goes. Nothing is sent, unless the caller says so. */
static void aim(const struct mon_server *server, struct mon_worker *worker, struct fk_ipc *ipc)
{
    ipc->dest = fk_at(&server->portset);
    ipc->message = fk_at(&worker->block);
    ipc->tag = 0;
    worker->block.send = (struct fk_part){0};
    worker->block.receive = (struct fk_part){.buffer = {fk_at(worker->in), PROTO_DATA_MAX},
                                             .refs = fk_at(&worker->slot),
                                             .ref_count = 1};
}

static long reply_and_wait(const struct mon_server *server, const struct mon_request *request,
                           struct fk_ipc *ipc)
{
    struct mon_worker *worker = request->worker;
    struct fk_part *send = &worker->block.send;
    aim(server, worker, ipc);
    for (unsigned i = 0; i < request->outs; i++)
        ipc->word[i] = request->out[i];
    ipc->tag = request->outs;
    if (request->outs && !request->out[0]) {
        send->buffer = (struct fk_buffer){fk_at(request->out_data), request->out_bytes};
        send->refs = request->out_ref;
        send->ref_count = request->out_ref != 0;
    }
    return fk_server_ack_send_wait_receive(ipc);
}

static long wait(const struct mon_server *server, struct mon_worker *worker, struct fk_ipc *ipc)
{
    aim(server, worker, ipc);
    return fk_server_wait_receive(ipc);
}

static void serve(struct mon_server *server, struct mon_worker *worker)
{
    struct mon_request request;
    struct fk_ipc ipc = {0};
    long outcome = wait(server, worker, &ipc);
    for (;;) {
        if (outcome != FK_OK || worker->let_go) { /* more than a request can be, too */
            worker->let_go = false;
            outcome = wait(server, worker, &ipc);
            if (outcome < 0) /* the portset is gone */
                return;
            continue;
        }
        worker->payer = mon_payer;
        worker->busy = true;
        worker->served++;
        take_request(worker, &ipc, &request);
        if (server->lock && fk_at(request.port) & 1) {
            answer_locked(server, worker, &request);
        } else {
            request.self = request.port->self;
            answer(&request);
        }
        worker->busy = false;
        if (server->stop)
            return;
        outcome = wants_reply(&request) ? reply_and_wait(server, &request, &ipc)
                                        : wait(server, worker, &ipc);
    }
}

static uint64_t own_hash(struct mon_worker *worker)
{
    struct fk_ref_state state = {0};
    uint64_t slot = fk_at(&worker->slot);
    fk_thread_reference(worker->thread, slot);
    fk_ref_get_state(slot, fk_at(&state), 0);
    fk_ref_set_state(slot, 0, 0);
    return state.hash;
}

static struct mon_worker *worker_open(void)
{
    struct mon_worker *worker = mon_pages(sizeof(*worker));
    if (!worker)
        return NULL;
    mon_touch(worker, sizeof(*worker), true); /* which of several serves first costs nothing then */
    if (fk_ref_create(fk_at(&worker->slot)))
        return NULL;
    if (fk_ref_create(fk_at(&worker->spare)))
        return NULL;
    worker->thread = (uint64_t)fk_thread_self();
    worker->hash = own_hash(worker);
    worker->next = __atomic_load_n(&mon_workers, __ATOMIC_ACQUIRE);
    while (!__atomic_compare_exchange_n(&mon_workers, &worker->next, worker, false,
                                        __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        ;
    return worker;
}

void mon_serve(struct mon_server *server)
{
    struct mon_worker *worker = worker_open();
    if (!worker)
        mon_fatal("out of memory for a serving thread");
    mon_guard();
    serve(server, worker);
}

static void serving_thread(void *server)
{
    mon_serve(server);
}

unsigned mon_serve_threads(struct mon_server *server, unsigned count)
{
    unsigned started = 0;
    while (started < count && mon_thread(serving_thread, server, 0) == 0)
        started++;
    return started;
}

/* ---- passing on ---- */

/* The same words, bytes and reference; the reply's bytes and reference are received where the
 * request's own were, and handed back. */
void mon_forward(struct mon_request *request, uint64_t to)
{
    struct mon_worker *worker = request->worker;
    struct fk_message *block = &worker->block;
    struct fk_ipc ipc = {.dest = to, .message = fk_at(block), .tag = request->words};
    mon_touch(worker->out, PROTO_DATA_MAX, true);
    memcpy(ipc.word, request->word, sizeof(ipc.word));
    *block = (struct fk_message){
        .send = {.buffer = {fk_at(request->data), request->bytes},
                 .refs = request->ref,
                 .ref_count = request->ref != 0},
        .receive = {.buffer = {fk_at(worker->out), PROTO_DATA_MAX},
                    .refs = fk_at(&worker->spare),
                    .ref_count = 1},
    };
    long outcome = fk_client_connect_send_over_receive(&ipc);
    request->outs = 1;
    if (outcome != FK_OK || !(ipc.tag & FK_TAG_WORDS)) {
        request->out[0] = (uint64_t)-PROTO_GONE;
        return;
    }
    request->outs = ipc.tag & FK_TAG_WORDS;
    memcpy(request->out, ipc.word, sizeof(ipc.word));
    request->out_data = worker->out;
    request->out_bytes = PROTO_DATA_MAX - block->receive.buffer.bytes;
    request->out_ref = block->receive.ref_count ? 0 : fk_at(&worker->spare);
}
