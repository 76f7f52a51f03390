/* monitors/lib/dispatch.c -- from a request's words and bytes to a function of the server, and from
 * what the function left to the reply's. One case for each line of the lists in abi/proto. What
 * came over the border is checked here: lengths, final NULs, counts. SPDX-License-Identifier: MIT
 */
#include "monitors/lib/server.h"
#include "monitors/lib/worker.h"

bool mon_read_word(struct mon_reader *reader, uint64_t *to)
{
    if (reader->word >= reader->request->words)
        return false;
    *to = reader->request->word[reader->word++];
    return true;
}

bool mon_read_data(struct mon_reader *reader, const void **to, uint64_t *bytes)
{
    const struct mon_request *request = reader->request;
    if (!mon_read_word(reader, bytes) || *bytes > request->bytes - reader->byte)
        return false;
    *to = request->data + reader->byte;
    reader->byte += *bytes;
    return true;
}

bool mon_read_text(struct mon_reader *reader, const char **to)
{
    const void *at;
    uint64_t bytes;
    if (!mon_read_data(reader, &at, &bytes) || !bytes)
        return false;
    *to = at;
    return !(*to)[bytes - 1];
}

bool mon_read_room(struct mon_reader *reader, void **to, uint64_t *room)
{
    if (!mon_read_word(reader, room))
        return false;
    if (*room > PROTO_DATA_MAX)
        *room = PROTO_DATA_MAX;
    *to = reader->request->worker->out;
    return true;
}

#define READ_WORD(n)     good = good && mon_read_word(&reader, &args.n);
#define READ_TEXT(n)     good = good && mon_read_text(&reader, &args.n);
#define READ_DATA(n)     good = good && mon_read_data(&reader, &args.n, &args.n##_bytes);
#define READ_REF(n)      args.n = request->ref;
#define READ_OUT_WORD(n) args.n = 0;
#define READ_OUT_DATA(n)                                                                           \
    good = good && mon_read_room(&reader, &args.n, &args.n##_room);                                \
    args.n##_bytes = 0;
#define READ_OUT_REF(n)     args.n = 0;
#define READ(kind, n, what) READ_##kind(n)

#define WRITE_WORD(n)
#define WRITE_TEXT(n)
#define WRITE_DATA(n)
#define WRITE_REF(n)
#define WRITE_OUT_WORD(n) request->out[request->outs++] = args.n;
#define WRITE_OUT_DATA(n)                                                                          \
    request->out[request->outs++] = args.n##_bytes;                                                \
    request->out_data = args.n;                                                                    \
    request->out_bytes = args.n##_bytes;
#define WRITE_OUT_REF(n)     request->out_ref = args.n;
#define WRITE(kind, n, what) WRITE_##kind(n)

#define PROTO_OP(number, proto, op, contract)                                                      \
    case number: {                                                                                 \
        struct proto##_##op##_args args;                                                           \
        if (!ops->op)                                                                              \
            return false;                                                                          \
        proto##_##op##_FIELDS(READ) if (!good) break;                                              \
        request->out[0] = (uint64_t)ops->op(request, &args);                                       \
        request->outs = 1;                                                                         \
        if (!request->out[0]) {                                                                    \
            proto##_##op##_FIELDS(WRITE)                                                           \
        }                                                                                          \
        return true;                                                                               \
    }

#define DISPATCH_BEGIN(proto)                                                                      \
    static bool proto##_dispatch(const void *table, struct mon_request *request)                   \
    {                                                                                              \
        const struct proto##_ops *ops = table;                                                     \
        struct mon_reader reader = {request, 1, 0};                                                \
        bool good = true;                                                                          \
        (void)reader;                                                                              \
        switch (request->word[0]) {
#define DISPATCH_END                                                                               \
    default:                                                                                       \
        return false;                                                                              \
        }                                                                                          \
        request->out[0] = (uint64_t)-PROTO_INVALID;                                                \
        request->outs = 1;                                                                         \
        return true;                                                                               \
        }

DISPATCH_BEGIN(parent)
#include "abi/proto/parent.def"
DISPATCH_END
DISPATCH_BEGIN(process)
#include "abi/proto/process.def"
DISPATCH_END
DISPATCH_BEGIN(mempool)
#include "abi/proto/mempool.def"
DISPATCH_END
DISPATCH_BEGIN(filesystem)
#include "abi/proto/filesystem.def"
DISPATCH_END
DISPATCH_BEGIN(file)
#include "abi/proto/file.def"
DISPATCH_END
DISPATCH_BEGIN(console)
#include "abi/proto/console.def"
DISPATCH_END
DISPATCH_BEGIN(clock)
#include "abi/proto/clock.def"
DISPATCH_END
DISPATCH_BEGIN(scheduler)
#include "abi/proto/scheduler.def"
DISPATCH_END

static bool (*const dispatchers[])(const void *, struct mon_request *) = {
#define PROTOCOL(number, name, text) [number] = name##_dispatch,
#include "abi/proto/protocols.def"
};

bool mon_dispatch(enum proto_what protocol, const void *ops, struct mon_request *request)
{
    if (!request->words || !ops || protocol >= sizeof(dispatchers) / sizeof(*dispatchers) ||
        !dispatchers[protocol])
        return false;
    return dispatchers[protocol](ops, request);
}
