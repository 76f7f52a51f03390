/* monitors/lib/proto.h -- made from the lists in abi/proto by the preprocessor:
 *   long PROTOCOL_OP(port, fields...)   asks a server, for example file_read(ref, buffer, &bytes):
 *                                       0, or minus an enum proto_error
 *   struct PROTOCOL_OP_args             the same fields as a server sees them
 *   struct PROTOCOL_ops                 a server's functions, one for each operation it takes
 * Fields become parameters thus: WORD n: a number; TEXT n: a string; DATA n: address, n_bytes;
 * REF n: address of a reference object; OUT_WORD n: where to put it, or NULL; OUT_DATA n: address,
 * *n_bytes = room, then bytes; OUT_REF n: address of a reference object to set.
 * SPDX-License-Identifier: MIT */
#ifndef MONITORS_LIB_PROTO_H
#define MONITORS_LIB_PROTO_H

#include "abi/proto/proto.h"
#include "monitors/lib/libc.h"

/* A request being put together, then its reply being taken apart (call.c). */
struct mon_call {
    uint64_t port; /* address of a reference */
    uint64_t word[PROTO_WORDS];
    uint64_t *out[PROTO_WORDS - 1];
    struct {
        const void *at;
        uint64_t bytes;
    } send[2];
    void *receive;
    uint64_t room, *received;
    uint64_t ref, out_ref;
    unsigned words, outs, sends;
};

long mon_call(struct mon_call *call);
/* Where bytes come from or arrive is there before the call: a server that has to wait for a page of
 * its client's may be the one whom the client's pager asks for it. */
void mon_touch(const void *at, uint64_t bytes, bool write);

static inline void mon_call_begin(struct mon_call *call, uint64_t port, uint64_t operation)
{
    call->port = port;
    call->word[0] = operation;
    call->words = 1;
    call->outs = call->sends = 0;
    call->receive = NULL;
    call->ref = call->out_ref = 0;
}

static inline void mon_call_data(struct mon_call *call, const void *at, uint64_t bytes)
{
    call->send[call->sends].at = at;
    call->send[call->sends++].bytes = bytes;
    call->word[call->words++] = bytes;
}

static inline void mon_call_receive(struct mon_call *call, void *at, uint64_t *bytes)
{
    call->receive = at;
    call->room = *bytes;
    call->received = bytes;
    call->out[call->outs++] = bytes;
    call->word[call->words++] = *bytes;
}

/* ---- stubs ---- */
#define MON_PARAM_WORD(n)        , uint64_t n
#define MON_PARAM_TEXT(n)        , const char *n
#define MON_PARAM_DATA(n)        , const void *n, uint64_t n##_bytes
#define MON_PARAM_REF(n)         , uint64_t n
#define MON_PARAM_OUT_WORD(n)    , uint64_t *n
#define MON_PARAM_OUT_DATA(n)    , void *n, uint64_t *n##_bytes
#define MON_PARAM_OUT_REF(n)     , uint64_t n
#define MON_PARAM(kind, n, what) MON_PARAM_##kind(n)
#define MON_PACK_WORD(n)         call.word[call.words++] = n;
#define MON_PACK_TEXT(n)         mon_call_data(&call, n, strlen(n) + 1);
#define MON_PACK_DATA(n)         mon_call_data(&call, n, n##_bytes);
#define MON_PACK_REF(n)          call.ref = n;
#define MON_PACK_OUT_WORD(n)     call.out[call.outs++] = n;
#define MON_PACK_OUT_DATA(n)     mon_call_receive(&call, n, n##_bytes);
#define MON_PACK_OUT_REF(n)      call.out_ref = n;
#define MON_PACK(kind, n, what)  MON_PACK_##kind(n)

#define PROTO_OP(number, proto, op, contract)                                                      \
    static inline long proto##_##op(uint64_t port proto##_##op##_FIELDS(MON_PARAM))                \
    {                                                                                              \
        struct mon_call call;                                                                      \
        mon_call_begin(&call, port, number);                                                       \
        proto##_##op##_FIELDS(MON_PACK) return mon_call(&call);                                    \
    }
#include "abi/proto/all.def"
#undef PROTO_OP

/* ---- the server's side ---- */
struct mon_request; /* server.h */

#define MON_MEMBER_WORD(n) uint64_t n;
#define MON_MEMBER_TEXT(n) const char *n;
#define MON_MEMBER_DATA(n)                                                                         \
    const void *n;                                                                                 \
    uint64_t n##_bytes;
#define MON_MEMBER_REF(n)      uint64_t n; /* lives until the reply; 0 = none came */
#define MON_MEMBER_OUT_WORD(n) uint64_t n;
#define MON_MEMBER_OUT_DATA(n)                                                                     \
    void *n;                                                                                       \
    uint64_t n##_room, n##_bytes;             /* n may be re-aimed */
#define MON_MEMBER_OUT_REF(n)     uint64_t n; /* address of a reference to hand out */
#define MON_MEMBER(kind, n, what) MON_MEMBER_##kind(n)

#define PROTO_OP(number, proto, op, contract)                                                      \
    struct proto##_##op##_args {                                                                   \
        proto##_##op##_FIELDS(MON_MEMBER)                                                          \
    };
#include "abi/proto/all.def"
#undef PROTO_OP

/* A function returns 0 or minus an enum proto_error. NULL = not taken: passed on if there is
 * somebody to pass it to, else refused. */
#define PROTO_OP(number, proto, op, contract)                                                      \
    long (*op)(struct mon_request * request, struct proto##_##op##_args * args);
struct parent_ops {
#include "abi/proto/parent.def"
};
struct process_ops {
#include "abi/proto/process.def"
};
struct mempool_ops {
#include "abi/proto/mempool.def"
};
struct filesystem_ops {
#include "abi/proto/filesystem.def"
};
struct file_ops {
#include "abi/proto/file.def"
};
struct console_ops {
#include "abi/proto/console.def"
};
struct clock_ops {
#include "abi/proto/clock.def"
};
struct scheduler_ops {
#include "abi/proto/scheduler.def"
};
#undef PROTO_OP

#endif
