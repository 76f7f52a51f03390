/* monitors/lib/call.c -- the client's end of every protocol: one reliable RPC. A request of words
 * alone needs no message block and takes the kernel's short path. SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

void mon_touch(const void *at, uint64_t bytes, bool write)
{
    uint64_t end = fk_at(at) + bytes;
    for (uint64_t page = fk_at(at); page < end; page = (page | (FK_PAGE - 1)) + 1) {
        volatile char *byte = (volatile char *)page;
        char value = *byte;
        if (write)
            *byte = value;
    }
}

static void fill_block(const struct mon_call *call, struct fk_message *block,
                       struct fk_buffer *second)
{
    *block = (struct fk_message){0};
    if (call->sends)
        block->send.buffer = (struct fk_buffer){fk_at(call->send[0].at), call->send[0].bytes};
    if (call->sends > 1) {
        *second = (struct fk_buffer){fk_at(call->send[1].at), call->send[1].bytes};
        block->send.table = fk_at(second);
        block->send.entries = 1;
    }
    block->send.refs = call->ref;
    block->send.ref_count = call->ref != 0;
    if (call->receive)
        block->receive.buffer = (struct fk_buffer){fk_at(call->receive), call->room};
    block->receive.refs = call->out_ref;
    block->receive.ref_count = call->out_ref != 0;
}

static long failure(long outcome)
{
    struct fk_ipc ipc = {.tag = 0};
    if (outcome == FK_DISCONNECTED || outcome == FK_INVALID_DEST)
        return -PROTO_GONE;
    if (outcome == FK_NO_MEMORY)
        return -PROTO_NO_OBJECTS;
    if (outcome == FK_MORE_DATA || outcome == FK_MORE_REFS)
        fk_client_disconnect(&ipc);
    return -PROTO_BROKEN;
}

/* The reply's words: status, then numbers, one of which may say how many bytes came. */
static long unpack(const struct mon_call *call, const struct fk_ipc *ipc)
{
    unsigned words = ipc->tag & FK_TAG_WORDS;
    if (!words)
        return -PROTO_BROKEN;
    if (ipc->word[0]) {
        long status = (long)ipc->word[0];
        return status < 0 && status > -4096 ? status : -PROTO_BROKEN;
    }
    if (words < 1 + call->outs)
        return -PROTO_BROKEN;
    for (unsigned i = 0; i < call->outs; i++)
        if (call->out[i])
            *call->out[i] = ipc->word[1 + i];
    return 0;
}

/* A server may say that more came than there was room for. */
static long check_bytes(const struct mon_call *call, const struct fk_message *block, long status)
{
    if (!status && *call->received > call->room - block->receive.buffer.bytes)
        return -PROTO_BROKEN;
    return status;
}

long mon_call(struct mon_call *call)
{
    struct fk_message block;
    struct fk_buffer second __attribute__((aligned(16)));
    struct fk_ipc ipc;
    ipc.dest = call->port;
    ipc.message = 0;
    ipc.tag = call->words;
    for (unsigned i = 0; i < call->words; i++)
        ipc.word[i] = call->word[i];
    if (call->sends || call->receive || call->ref || call->out_ref) {
        for (unsigned i = 0; i < call->sends; i++)
            mon_touch(call->send[i].at, call->send[i].bytes, false);
        if (call->receive && call->port != mon.parent) /* no pager asks one of his children */
            mon_touch(call->receive, call->room, true);
        fill_block(call, &block, &second);
        ipc.message = fk_at(&block);
    }
    long outcome = fk_client_connect_send_over_receive(&ipc);
    if (outcome != FK_OK)
        return failure(outcome);
    long status = unpack(call, &ipc);
    return call->receive ? check_bytes(call, &block, status) : status;
}
