/* kernel/core/move.c -- carries message data between two threads: the words in registers, then the
 * bulk bytes, then the references. A stream is advanced in the registers and message blocks of both
 * threads after every piece, so it may stop anywhere; between pieces the kernel can be preempted.
 * A short message (idempotent, one-way) is copied whole or not at all and advances nothing.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/ipc.h"

#define ENTRIES_PER_PIECE 64
#define WHOLE_BYTES       (4 * FK_PAGE) /* about 2,500 instructions */

unsigned move_insanity;
static uint64_t piece_bytes;  /* that the last piece moved */
static unsigned entries_left; /* of tables that may be looked at before the next preemption */

long move_check(const struct thread *thread)
{
    if (thread->frame.rsi % sizeof(struct fk_message))
        return K_INSANE(NOT_ALIGNED);
    if (thread->frame.rsi >= FK_USER_END)
        return K_INSANE(INVALID_ADDRESS);
    return (thread->frame.rbx & FK_TAG_WORDS) > FK_IPC_WORDS ? K_INSANE(INVALID_MESSAGE) : 0;
}

/* Exactly the words that were sent: the others are the sender's own business. */
static void copy_words(const struct fk_debug_frame *from, struct fk_debug_frame *to)
{
    static const uint8_t at[FK_IPC_WORDS] = {FRAME_RDX, FRAME_R8,  FRAME_R9,  FRAME_R10,
                                             FRAME_R12, FRAME_R13, FRAME_R14, FRAME_R15};
    uint64_t count = from->rbx & FK_TAG_WORDS;
    for (uint64_t i = 0; i < count; i++)
        *(uint64_t *)((char *)to + at[i]) = *(const uint64_t *)((const char *)from + at[i]);
    to->rbx |= count;
}

static enum move failed(bool sender, unsigned insanity)
{
    move_insanity = insanity;
    return sender ? MOVE_SENDER : MOVE_RECEIVER;
}

/* The block of a thread's call: NULL when it has none, or when it is missing (*bad). */
static struct fk_message *block_of(struct thread *thread, bool *bad)
{
    struct fk_message *block = NULL;
    if (thread->frame.rsi)
        block = memory_find(thread->space, thread->frame.rsi, FK_WRITE);
    *bad = thread->frame.rsi && !block;
    return block;
}

/* Make the part's first buffer non-empty if its table can, or go a stretch of empty entries towards
 * that. false = memory missing. */
static bool next_buffer(struct thread *thread, struct fk_part *part)
{
    for (; entries_left && !part->buffer.bytes && part->entries; entries_left--) {
        if (part->table % sizeof(struct fk_buffer)) {
            move_insanity = FK_INSANE_NOT_ALIGNED;
            return false;
        }
        move_insanity = 0;
        const struct fk_buffer *entry = memory_find(thread->space, part->table, FK_READ);
        if (!entry)
            return false;
        part->buffer = *entry;
        part->table += sizeof(struct fk_buffer);
        part->entries--;
    }
    return true;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t room_in_page(vaddr va)
{
    return FK_PAGE - (va & (FK_PAGE - 1));
}

static void advance(struct fk_buffer *buffer, uint64_t bytes)
{
    buffer->address += bytes;
    buffer->bytes -= bytes;
}

/* One piece within one page on both sides; MOVE_PREEMPTED here means "one piece moved". */
static enum move piece(struct thread *from, struct fk_part *send, struct thread *to,
                       struct fk_part *receive, uint64_t limit)
{
    if (!next_buffer(from, send))
        return failed(true, move_insanity);
    if (!send->buffer.bytes)
        return send->entries ? MOVE_PREEMPTED : MOVE_DONE;
    if (receive && !next_buffer(to, receive))
        return failed(false, move_insanity);
    if (!receive || !receive->buffer.bytes)
        return receive && receive->entries ? MOVE_PREEMPTED : MOVE_FULL;
    void *source = memory_find(from->space, send->buffer.address, FK_READ);
    if (!source)
        return failed(true, 0);
    void *target = memory_find(to->space, receive->buffer.address, FK_WRITE);
    if (!target)
        return failed(false, 0);
    uint64_t bytes = smaller(smaller(send->buffer.bytes, receive->buffer.bytes), limit);
    bytes = smaller(
        bytes, smaller(room_in_page(send->buffer.address), room_in_page(receive->buffer.address)));
    /* commit: */
    __builtin_memcpy(target, source, bytes);
    advance(&send->buffer, bytes);
    advance(&receive->buffer, bytes);
    piece_bytes = bytes;
    return MOVE_PREEMPTED;
}

static enum move one_ref(struct thread *from, struct fk_part *send, struct thread *to,
                         struct fk_part *receive)
{
    struct object *source, *target;
    if (!send->ref_count)
        return MOVE_DONE;
    if (!receive || !receive->ref_count)
        return MOVE_FULL;
    long outcome = object_find_in(from->space, send->refs, FK_READ, &source);
    if (!outcome && source->kind != FK_DEBUG_REF)
        outcome = K_INSANE(WRONG_TYPE);
    if (outcome)
        return failed(true, outcome == K_FAULT ? 0 : -outcome - 0x100);
    outcome = object_find_in(to->space, receive->refs, FK_WRITE, &target);
    if (!outcome && target->kind != FK_DEBUG_REF)
        outcome = K_INSANE(WRONG_TYPE);
    if (outcome)
        return failed(false, outcome == K_FAULT ? 0 : -outcome - 0x100);
    /* commit: */
    ref_point((struct ref *)target, link_get(&((struct ref *)source)->target));
    send->refs += FK_OBJECT_BYTES;
    receive->refs += FK_OBJECT_BYTES;
    send->ref_count--;
    receive->ref_count--;
    return MOVE_PREEMPTED;
}

static enum move move_blocks(struct thread *from, struct thread *to)
{
    bool bad;
    struct fk_message *sent = block_of(from, &bad);
    if (bad)
        return failed(true, 0);
    if (!sent)
        return MOVE_DONE;
    struct fk_message *wanted = block_of(to, &bad);
    if (bad)
        return failed(false, 0);
    struct fk_part *send = &sent->send, *receive = wanted ? &wanted->receive : NULL;
    enum move state;
    do {
        entries_left = ENTRIES_PER_PIECE;
        state = piece(from, send, to, receive, FK_PAGE);
        if (state == MOVE_PREEMPTED && arch_preempt())
            return MOVE_PREEMPTED;
    } while (state == MOVE_PREEMPTED);
    if (state != MOVE_DONE)
        return state;
    while ((state = one_ref(from, send, to, receive)) == MOVE_PREEMPTED)
        if (arch_preempt()) /* each may be the last of all objects in its page, on both sides */
            return MOVE_PREEMPTED;
    return state == MOVE_FULL ? MOVE_FULL_REFS : state;
}

enum move move_stream(struct thread *from, struct thread *to)
{
    if (from->frame.rbx & FK_TAG_WORDS) {
        if (to->frame.rbx & FK_TAG_WORDS)
            return MOVE_FULL;
        /* commit: */
        copy_words(&from->frame, &to->frame);
        from->frame.rbx &= ~(uint64_t)FK_TAG_WORDS;
    }
    return from->frame.rsi ? move_blocks(from, to) : MOVE_DONE;
}

/* The blocks are copied first, so that only the copies advance. */
enum move move_short(struct thread *from, struct thread *to)
{
    bool bad;
    struct fk_message *sent = block_of(from, &bad), *wanted, blocks[2];
    if (bad)
        return failed(true, 0);
    if (sent) {
        wanted = block_of(to, &bad);
        if (bad)
            return failed(false, 0);
        blocks[0] = *sent;
        blocks[1] = wanted ? *wanted : (struct fk_message){0};
        enum move state = MOVE_PREEMPTED;
        uint64_t left = FK_IPC_SHORT_BYTES;
        entries_left = FK_IPC_SHORT_ENTRIES;
        while (left && entries_left && state == MOVE_PREEMPTED) {
            piece_bytes = 0;
            state = piece(from, &blocks[0].send, to, &blocks[1].receive, left);
            left -= piece_bytes;
        }
        if (state == MOVE_SENDER || state == MOVE_RECEIVER)
            return state;
        state = MOVE_PREEMPTED;
        for (int i = 0; i < FK_IPC_SHORT_REFS && state == MOVE_PREEMPTED; i++)
            state = one_ref(from, &blocks[0].send, to, &blocks[1].receive);
        if (state == MOVE_SENDER || state == MOVE_RECEIVER)
            return state;
    }
    /* commit: */
    copy_words(&from->frame, &to->frame);
    return MOVE_DONE;
}

/* ---- all of a small message at one go: fast.c ---- */

/* One buffer on each side, both in pages that are known. What was copied before a page is missing
 * is copied again by the long way. */
static bool copy_whole(paddr source_root, struct fk_buffer source, paddr target_root, vaddr target)
{
    for (uint64_t part; source.bytes; target += part, advance(&source, part)) {
        const void *from = paging_find(source_root, source.address, FK_READ);
        void *to = paging_find(target_root, target, FK_WRITE);
        if (!from || !to)
            return false;
        part = smaller(room_in_page(source.address), room_in_page(target));
        part = smaller(part, source.bytes);
        __builtin_memcpy(to, from, part);
    }
    return true;
}

static bool in_user(vaddr at, uint64_t bytes)
{
    return at < FK_USER_END && bytes <= FK_USER_END - at;
}

/* The numbers are copies: a block may be in the memory that is being written. */
bool move_whole(struct thread *from, struct thread *to)
{
    paddr root = from->space->dbg.cr3, peer_root = to->space->dbg.cr3;
    struct fk_message *sent = paging_find(root, from->frame.rsi, FK_WRITE), *wanted;
    if (!sent || sent->send.entries)
        return false;
    struct fk_buffer source = sent->send.buffer;
    if (!(source.bytes | sent->send.ref_count))
        return true;
    if (!to->frame.rsi || source.bytes > WHOLE_BYTES || sent->send.ref_count > 1 ||
        !(wanted = paging_find(peer_root, to->frame.rsi, FK_WRITE)))
        return false;
    struct fk_buffer target = wanted->receive.buffer;
    if (target.bytes < source.bytes || !in_user(source.address, source.bytes) ||
        !in_user(target.address, source.bytes) ||
        !copy_whole(root, source, peer_root, target.address))
        return false;
    if (sent->send.ref_count && one_ref(from, &sent->send, to, &wanted->receive) != MOVE_PREEMPTED)
        return false;
    /* commit: */
    uint64_t bytes = source.bytes;
    advance(&source, bytes);
    advance(&target, bytes);
    sent->send.buffer = source;
    wanted->receive.buffer = target;
    return true;
}

/* For a peer that wants the line and not the data. A block that is missing is not fetched. */
void move_nothing(struct thread *from)
{
    bool bad;
    struct fk_message *sent = block_of(from, &bad);
    from->frame.rbx &= ~(uint64_t)FK_TAG_WORDS;
    if (sent)
        sent->send = (struct fk_part){0};
}
