/* monitors/lib/server.h -- serving: a port for each thing served, a portset that threads wait on.
 * A port's `ops` is one of the structures of proto.h for its protocol; operations that it does not
 * take go to `forward` (a reference) if there is one. SPDX-License-Identifier: MIT */
#ifndef MONITORS_LIB_SERVER_H
#define MONITORS_LIB_SERVER_H

#include "kernel/user/fk.h"
#include "monitors/lib/proto.h"

struct mon_port;
struct mon_request;
struct mon_lock;

/* Threads wait on it and serve all ports that were opened on it. With `lock` they do so one at a
 * time, but for receiving requests and sending replies, where a client can make them wait: then
 * functions need no lock of their own, and no request reaches a port that was closed meanwhile.
 * What a reply needs until it is sent is the serving thread's: references are copied; bytes that
 * are not the request's own are `kept` until its next request, when `drop` is called for them.
 * Without it they must stay for ever. */
#define MON_SERVER_BUCKETS 256
struct mon_server {
    struct fk_object portset, ref;
    bool stop; /* mon_serve returns after the request in hand */
    struct mon_lock *lock;
    void (*drop)(const void *kept);
    uint64_t last;           /* number given to a port */
    struct mon_port **ports; /* by number: MON_SERVER_BUCKETS lists */
};

struct mon_port {
    struct fk_object port, ref; /* ref: what to hand out */
    enum proto_what protocol;
    const void *ops;
    uint64_t forward; /* 0, or who does what ops does not take */
    void *self;       /* the functions' own */
    /* Instead of ops: sees each request before it is decoded; true = answered. */
    bool (*filter)(struct mon_request *request);
    /* What the kernel says here: faults of threads (replied to unless silent), threads that could
     * run (never replied to). */
    void (*fault)(struct mon_request *request);
    void (*runnable)(struct mon_request *request);
    /* Of a server with a lock: it does without, and its memory stays when it is closed. */
    bool plain;
    /* The server's own, with a lock: */
    struct mon_server *server;
    struct mon_port *same, **link;
    uint64_t number; /* never used again */
};

/* A request in hand. Functions mostly need `self`; the rest is for filters and forwarding. */
struct mon_request {
    struct mon_port *port;
    void *self;
    uint64_t tag; /* FK_TAG_* */
    uint64_t word[PROTO_WORDS];
    unsigned words;
    const uint8_t *data;
    uint64_t bytes;
    uint64_t ref; /* address of the reference that came, 0 = none */
    bool silent;  /* set: no reply, the client waits for ever (or dies) */
    /* The reply: word[0] is the status. */
    uint64_t out[PROTO_WORDS];
    unsigned outs;
    const void *out_data, *kept;
    uint64_t out_bytes;
    uint64_t out_ref;
    struct mon_worker *worker;
};

long mon_server_open(struct mon_server *server);
/* From now on, before any port is opened. */
long mon_server_lock(struct mon_server *server, struct mon_lock *lock,
                     void (*drop)(const void *kept));
void mon_server_close(struct mon_server *server);

/* Makes the port's objects; protocol, ops, self and so on are set before or after by the caller. */
long mon_port_open(struct mon_server *server, struct mon_port *port);
void mon_port_close(struct mon_port *port);

/* Serves until server->stop. Each thread that serves calls this. */
void mon_serve(struct mon_server *server);
/* More threads for it: returns how many could be started. */
unsigned mon_serve_threads(struct mon_server *server, unsigned count);

/* watch.c: lets go of clients that hold a serving thread and do not go on. `open` makes the
 * watching thread, which sleeps until `begin`. */
long mon_watch_open(void);
void mon_watch_begin(bool siblings);

/* Sends the request on to another server of the same protocol and takes its answer as ours. */
void mon_forward(struct mon_request *request, uint64_t to);

/* Decodes the request and calls the function for it: false = ops does not take it. */
bool mon_dispatch(enum proto_what protocol, const void *ops, struct mon_request *request);

/* dispatch.c, for generated code: the next fields of a request; false = it is malformed. */
struct mon_reader {
    struct mon_request *request;
    unsigned word;
    uint64_t byte;
};
bool mon_read_word(struct mon_reader *reader, uint64_t *to);
bool mon_read_data(struct mon_reader *reader, const void **to, uint64_t *bytes);
bool mon_read_text(struct mon_reader *reader, const char **to);
bool mon_read_room(struct mon_reader *reader, void **to, uint64_t *room);

#endif
