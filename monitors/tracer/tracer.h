/* monitors/tracer/tracer.h -- the parts of the tracer: operation.c knows what messages look like,
 * proxy.c stands between a child and its servers, name.c gives references names, log.c writes.
 * SPDX-License-Identifier: MIT */
#ifndef MONITORS_TRACER_H
#define MONITORS_TRACER_H

#include "monitors/lib/nester.h"

/* ---- operation.c: the lists of abi/proto as tables ---- */

enum field_kind {
    FIELD_END,
    FIELD_WORD,
    FIELD_TEXT,
    FIELD_DATA,
    FIELD_REF,
    FIELD_OUT_WORD,
    FIELD_OUT_DATA,
    FIELD_OUT_REF
};

/* Text whose length is known, since counting it each time would cost more than copying it. */
struct piece {
    const char *text;
    size_t length;
};
#define PIECE(literal)                                                                             \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

struct field {
    enum field_kind kind;
    struct piece name;
    enum proto_what what; /* of REF and OUT_REF */
};

struct operation {
    struct piece name;         /* "file.read" */
    struct piece answer;       /* "file.read =" */
    const struct field *field; /* FIELD_END after the last */
    struct {
        enum proto_what in, out;
    } ref; /* what the references of a request lead to; out may be PROTO_named */
};

/* NULL: not in the lists. */
const struct operation *operation_find(enum proto_what protocol, uint64_t number);
/* What the reference in the answer to this request leads to. */
enum proto_what operation_out_ref(const struct operation *operation, uint64_t first_word);
const struct piece *what_name(enum proto_what what);
bool what_is_protocol(enum proto_what what);

/* ---- name.c: "file#3": the third different file that was seen ---- */

/* The number of what the reference leads to; 0 = nothing that lives. */
unsigned name_number(enum proto_what what, uint64_t ref);

/* ---- proxy.c ---- */

struct proxy {
    struct mon_port port; /* what the holder has; self = this */
    struct proxy *next;   /* of the same holder */
    struct mon_child *holder;
    uint64_t target; /* reference: who really serves it */
    uint64_t hash;   /* of the target */
    unsigned users;  /* threads that work on a request of it */
    bool retired;
};

/* What the child gets instead of the reference; 0 = out of memory or kernel objects. `ref` is only
 * looked at. The same target gives the same proxy. */
uint64_t proxy_for(struct mon_child *holder, enum proto_what what, uint64_t ref);
/* All of a child that has ended. */
void proxies_end(struct mon_child *holder);
/* The child's Parent port is served here already: its requests are only logged. */
bool parent_filter(struct mon_request *request);
extern struct mon_lock tracer_lock;      /* over all that follows, and the names */
extern bool interposed[PROTO_none + 16]; /* by protocol: the choice of the user */

/* ---- log.c ---- */

/* Where the text goes: "console", or a file's path. 0, or minus an error. */
long log_open(const char *to);
/* A request goes on its way: into the simulator's trace. */
void log_request(const struct operation *operation, const struct mon_request *request);
/* It was answered, or never will be: into the trace, and a line of text. `sent` is what the child's
 * reference names, since the request holds what it was replaced by. */
void log_answer(const struct mon_child *child, enum proto_what protocol,
                const struct operation *operation, const struct mon_request *request);
void log_flush(void);

#endif
