/* A short RPC does exactly the same by the short way through the kernel as step by step: the same
 * words, tags and registers on both sides, for every length, reliable and idempotent, to a server
 * that answers with every length; likewise with bytes and a reference in a block on either side,
 * the same bytes and blocks, also where they do not fit or where memory is missing; and misuse is
 * noticed by both. The long way is taken when every return to user mode preempts.
 * SPDX-License-Identifier: MIT */
#include "kernel/tests/test.h"

#define SHORTEST 0
#define LONGEST  FK_IPC_WORDS

static struct test_port service;
static uint64_t answer_words;
static struct fk_ipc received; /* by the server, last */

static void serve(uint64_t portset)
{
    struct fk_ipc ipc = {.dest = portset};
    for (int i = 0; i < FK_IPC_WORDS; i++)
        ipc.word[i] = 0x100 + i; /* what a message that is too short must leave alone */
    fk_server_wait_receive(&ipc);
    for (;;) {
        received = ipc;
        for (int i = 0; i < FK_IPC_WORDS; i++)
            ipc.word[i] = 0x100 + i;
        ipc.dest = portset;
        ipc.tag = answer_words;
        fk_server_ack_send_wait_receive(&ipc);
    }
}

struct seen {
    struct fk_ipc client, server;
    long answer;
};

static struct seen one(bool idempotent, uint64_t words)
{
    struct seen seen = {.client = {.dest = service.ref, .tag = words}};
    for (int i = 0; i < FK_IPC_WORDS; i++)
        seen.client.word[i] = 0x200 + i;
    seen.answer =
        idempotent ? fk_ipc_call(&seen.client) : fk_client_connect_send_over_receive(&seen.client);
    seen.server = received;
    return seen;
}

static void check_words(const struct fk_ipc *ipc, uint64_t words, uint64_t theirs, uint64_t own)
{
    CHECK_EQ(ipc->tag & FK_TAG_WORDS, words);
    for (uint64_t i = 0; i < FK_IPC_WORDS; i++)
        CHECK_EQ(ipc->word[i], (i < words ? theirs : own) + i);
}

static void same(const struct fk_ipc *a, const struct fk_ipc *b)
{
    const uint64_t *x = (const uint64_t *)a, *y = (const uint64_t *)b;
    for (size_t i = 0; i < sizeof(*a) / sizeof(*x); i++)
        CHECK_EQ(x[i], y[i]);
}

static void both_ways(bool idempotent, uint64_t words)
{
    one(idempotent, words); /* whatever is to be found is found */
    struct seen fast = one(idempotent, words);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_STRESS, 1, 0), 0);
    struct seen slow = one(idempotent, words);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_STRESS, 0, 0), 0);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
    CHECK_EQ(fast.answer, FK_OK);
    CHECK_EQ(fast.client.tag, answer_words | (idempotent ? 0 : FK_TAG_END));
    CHECK_EQ(fast.server.dest, 77);
    check_words(&fast.client, answer_words, 0x100, 0x200);
    check_words(&fast.server, words, 0x200, 0x100);
    same(&fast.client, &slow.client);
    same(&fast.server, &slow.server);
}

/* A server that has taken the line cannot take it again, though its client waits for words. */
static struct test_port greedy;
static long greedy_cause;

static void take_twice(uint64_t portset)
{
    struct fk_ipc ipc = {.dest = portset};
    CHECK_EQ(fk_server_wait_receive(&ipc), FK_OK);
    ipc.tag = 0;
    CHECK_EQ(fk_server_ack(&ipc), FK_OK);
    greedy_cause = test_insane(FK_CALL_server_ack_send_wait_receive, portset, 0, 0, 0);
    ipc.dest = portset;
    ipc.tag = 0;
    fk_server_send_wait_receive(&ipc);
}

/* What was found before must not be used when it names something else by now. */
static void links_change(void)
{
    struct test_port other = test_port(99);
    test_thread(serve, other.portset);
    fk_thread_yield();
    answer_words = 1;
    CHECK_EQ(one(false, 3).server.dest, 77);
    CHECK_EQ(fk_ref_reference(other.ref, service.ref), FK_OK);
    CHECK_EQ(one(false, 3).server.dest, 99);
    struct fk_port_state state = {.alias = 98};
    struct fk_port_links links = {test_ref(FK_DEBUG_PORTSET, service.portset)};
    CHECK_EQ(fk_port_set_state(other.port, fk_at(&state), fk_at(&links)), FK_OK);
    CHECK_EQ(one(true, 3).server.dest, 98); /* now the first server's */
    CHECK_EQ(fk_port_destroy(other.port), FK_OK);
    CHECK_EQ(one(false, 3).answer, FK_INVALID_DEST);
}

/* ---- with blocks: one side of a message, and what there is to be seen of it afterwards ---- */

#define SHORTER   (2 * FK_PAGE)
#define PAGES     6
#define TOUCHABLE (PAGES * FK_PAGE)
#define AT        0x340000000000ull

struct half {
    uint64_t region;
    uint64_t pages;           /* sends from the first half, receives into the second */
    struct fk_message *block; /* NULL = none */
    uint64_t refs;            /* objects: one sent, one received */
};
struct plan {
    uint64_t sent, room, answer, answer_room; /* bytes */
    unsigned offset;                          /* of all buffers, in their pages */
    bool ref, answer_ref;
    bool blockless; /* the server waits without a block */
    bool flushed;   /* no page table remembers the bytes */
};
struct outcome {
    long client, server;
    struct fk_ipc got, asked;
    struct fk_message blocks[2];
    bool ref, answer_ref; /* what arrived names the port */
};
static struct half halves[2];
static struct test_port bulk;
static struct plan plan;
static struct outcome outcome;

static void aim(struct half *half, uint64_t sends, bool ref, uint64_t room)
{
    *half->block =
        (struct fk_message){.send = {.buffer = {half->pages + plan.offset, sends},
                                     .refs = half->refs,
                                     .ref_count = ref},
                            .receive = {.buffer = {half->pages + TOUCHABLE / 2 + plan.offset, room},
                                        .refs = half->refs + FK_OBJECT_BYTES,
                                        .ref_count = 1}};
}

static void serve_bulk(uint64_t portset)
{
    struct fk_ipc ipc;
    for (;;) {
        aim(&halves[1], 0, false, plan.room);
        ipc = (struct fk_ipc){portset, plan.blockless ? 0 : fk_at(halves[1].block), 0, {0}};
        outcome.server = fk_server_wait_receive(&ipc);
        while (outcome.server == FK_OK) {
            outcome.asked = ipc;
            outcome.blocks[1] = *halves[1].block;
            aim(&halves[1], plan.answer, plan.answer_ref, plan.room);
            ipc = (struct fk_ipc){portset, fk_at(halves[1].block), 3, {7, 8, 9}};
            if (plan.blockless)
                ipc.message = 0;
            outcome.server = fk_server_ack_send_wait_receive(&ipc);
        }
    }
}

static void fill(struct half *half, unsigned char first)
{
    unsigned char *at = (unsigned char *)half->pages;
    for (uint64_t i = 0; i < TOUCHABLE; i++)
        at[i] = i < TOUCHABLE / 2 ? (unsigned char)(first + i * 7 + i / 256) : 0xee;
    fk_ref_set_state(half->refs + FK_OBJECT_BYTES, 0, 0);
}

static bool names_port(const struct half *half)
{
    return fk_ref_compare(half->refs + FK_OBJECT_BYTES, bulk.ref) == FK_OK;
}

static uint64_t sum(const struct half *half)
{
    const unsigned char *at = (const unsigned char *)half->pages + TOUCHABLE / 2;
    uint64_t sum = 0;
    for (uint64_t i = 0; i < TOUCHABLE / 2; i++)
        sum = sum * 31 + at[i];
    return sum;
}

/* Both ends as they were, then one RPC. A server that was told of more than it takes lets go. */
static struct outcome ask_bulk(uint64_t sums[2])
{
    struct fk_ipc ipc = {bulk.ref, fk_at(halves[0].block), 2, {1, 2}}, end = {.tag = 0};
    fill(&halves[0], 1);
    fill(&halves[1], 2);
    aim(&halves[1], 0, false, plan.room); /* it waits with this */
    aim(&halves[0], plan.sent, plan.ref, plan.answer_room);
    outcome.asked = (struct fk_ipc){0};
    for (int i = 0; i < 2 && plan.flushed; i++)
        CHECK_EQ(fk_region_flush(halves[i].region, 0, TOUCHABLE), FK_OK);
    outcome.client = fk_client_connect_send_over_receive(&ipc);
    outcome.got = ipc;
    outcome.blocks[0] = *halves[0].block;
    outcome.answer_ref = names_port(&halves[0]);
    outcome.ref = names_port(&halves[1]);
    fk_client_disconnect(&end);
    for (int i = 0; i < 8; i++) /* until the server waits again, in whatever order they run */
        fk_thread_yield();
    sums[0] = sum(&halves[0]);
    sums[1] = sum(&halves[1]);
    return outcome;
}

static void same_bytes(const void *a, const void *b, size_t bytes)
{
    const unsigned char *x = a, *y = b;
    for (size_t i = 0; i < bytes; i++)
        CHECK_EQ(x[i], y[i]);
}

static void check_arrived(const struct half *from, const struct half *to, uint64_t bytes)
{
    same_bytes((void *)(from->pages + plan.offset),
               (void *)(to->pages + TOUCHABLE / 2 + plan.offset), bytes);
}

static void both_ways_bulk(struct plan next)
{
    uint64_t sums[2], slow_sums[2];
    plan = next;
    ask_bulk(sums); /* the server waits as planned from now on */
    struct outcome fast = ask_bulk(sums);
    if (next.sent <= next.room && next.answer <= next.answer_room && !next.blockless) {
        CHECK_EQ(fast.client, FK_OK);
        CHECK_EQ(fast.ref, next.ref);
        CHECK_EQ(fast.answer_ref, next.answer_ref);
        CHECK_EQ(fast.blocks[1].receive.buffer.bytes, next.room - next.sent);
        CHECK_EQ(fast.blocks[0].receive.buffer.bytes, next.answer_room - next.answer);
        check_arrived(&halves[0], &halves[1], next.sent);
        check_arrived(&halves[1], &halves[0], next.answer);
    }
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_STRESS, 1, 0), 0);
    struct outcome slow = ask_bulk(slow_sums);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_STRESS, 0, 0), 0);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
    same_bytes(&fast, &slow, sizeof(fast));
    CHECK_EQ(sums[0], slow_sums[0]);
    CHECK_EQ(sums[1], slow_sums[1]);
}

/* Each half in pages of its own, and what is sent in a mapping that a flush empties. */
static void half_open(struct half *half, uint64_t at)
{
    uint64_t self = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space));
    half->region = test_region(self, test_pages(PAGES), TOUCHABLE, 7, 0);
    test_map(self, test_ref(FK_DEBUG_REGION, half->region), at, TOUCHABLE, 0, 7);
    half->pages = at;
    half->block = (struct fk_message *)test_pages(1);
    half->refs = test_object();
    uint64_t second = test_object();
    CHECK_EQ(second, half->refs + FK_OBJECT_BYTES);
    CHECK_EQ(fk_ref_create(half->refs), FK_OK);
    CHECK_EQ(fk_ref_create(second), FK_OK);
    CHECK_EQ(fk_ref_reference(bulk.ref, half->refs), FK_OK);
}

static void blocks(void)
{
    static const uint64_t sizes[] = {0, 1, 13, FK_PAGE, FK_PAGE + 1, SHORTER, SHORTER + 100};
    bulk = test_port(55);
    half_open(&halves[0], AT);
    half_open(&halves[1], AT + 2 * TOUCHABLE);
    plan.room = SHORTER;
    test_thread(serve_bulk, bulk.portset);
    fk_thread_yield();
    for (unsigned i = 0; i < 7; i++)
        for (unsigned j = 0; j < 7; j++)
            both_ways_bulk((struct plan){sizes[i], SHORTER, sizes[j], SHORTER, 99 * (i + j), i & 1,
                                         j & 1, false, i == 3});
    both_ways_bulk((struct plan){13, SHORTER, 0, SHORTER, 1, true, false, true, false});
    both_ways_bulk((struct plan){0, SHORTER, 0, SHORTER, 1, false, false, true, false});
}

/* Nobody sends what is not user memory, or receives there: the thread's own exception. */
static volatile unsigned stolen;
static struct fk_message *thief_block;

static void thief(uint64_t unused)
{
    struct fk_ipc ipc = {bulk.ref, fk_at(thief_block), 1, {1}};
    (void)unused;
    fk_client_connect_send_over_receive(&ipc);
    stolen++;
    test_stop();
}

static void steal(uint64_t address, uint64_t bytes, bool sends)
{
    struct fk_buffer buffer = {address, bytes};
    *thief_block = (struct fk_message){0};
    *(sends ? &thief_block->send.buffer : &thief_block->receive.buffer) = buffer;
    plan = (struct plan){.room = SHORTER, .answer = 64};
    uint64_t thread = test_thread(thief, 0);
    for (int i = 0; i < 4; i++)
        fk_thread_yield();
    CHECK_EQ(stolen, 0);
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
    fk_thread_yield();
}

static void outside(void)
{
    static const uint64_t addresses[] = {0xffff800000100000, 0xffffffff80100000, FK_USER_END,
                                         FK_USER_END - 8,    0x8000000000000000, ~63ull};
    thief_block = (struct fk_message *)test_pages(1);
    both_ways_bulk(
        (struct plan){.room = SHORTER, .answer_room = SHORTER}); /* it has a block again */
    for (unsigned i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
        steal(addresses[i], 64, true);
        steal(addresses[i], 64, false);
    }
}

/* Nobody serves the port. A client that waits there, is stopped and makes its call again waits
 * again: what was found the first time does not make the second one any shorter. */
static void ask_nobody(uint64_t ref)
{
    struct fk_ipc ipc = {.dest = ref};
    fk_ipc_call(&ipc);
    CHECK(false);
}

static void nobody_serves(void)
{
    static struct fk_thread_state state;
    uint64_t port = test_object();
    CHECK_EQ(fk_port_create(port), FK_OK);
    uint64_t thread = test_thread(ask_nobody, test_ref(FK_DEBUG_PORT, port));
    for (int i = 0; i < 3; i++) {
        fk_thread_yield();
        CHECK_EQ(fk_thread_get_state(thread, fk_at(&state), 0), FK_OK);
        if (state.frame.rax != FK_CALL_ipc_call) /* a tick came before it was there */
            i--;
        state.flags &= ~(uint64_t)FK_THREAD_STOPPED;
        CHECK_EQ(fk_thread_set_state(thread, fk_at(&state), 0), FK_OK);
    }
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
    CHECK_EQ(fk_port_destroy(port), FK_OK);
}

/* Nor does a server's portset that is none, however often it is named. */
static struct test_port clumsy;
static volatile unsigned refused;

static void answer_nowhere(uint64_t nowhere)
{
    for (;;) {
        struct fk_ipc ipc = {.dest = clumsy.portset};
        CHECK_EQ(fk_server_wait_receive(&ipc), FK_OK);
        CHECK_EQ(test_insane(FK_CALL_server_ack_send_wait_receive, nowhere, 0, 0, 0),
                 FK_INSANE_NO_OBJECT);
        refused++;
    }
}

static void no_portset(void)
{
    clumsy = test_port(2);
    test_thread(answer_nowhere, test_object());
    fk_thread_yield();
    for (unsigned i = 1; i < 4; i++) {
        struct fk_ipc ipc = {.dest = clumsy.ref};
        CHECK_EQ(fk_client_connect_send_over_receive(&ipc), FK_OK);
        while (refused < i)
            fk_thread_yield();
        fk_thread_yield();
    }
}

void test_run(void)
{
    service = test_port(77);
    test_thread(serve, service.portset);
    fk_thread_yield();
    for (answer_words = SHORTEST; answer_words <= LONGEST; answer_words++) {
        for (uint64_t words = SHORTEST; words <= LONGEST; words++) {
            both_ways(false, words);
            both_ways(true, words);
        }
    }
    links_change();
    blocks();
    outside();
    nobody_serves();
    no_portset();
    greedy = test_port(1);
    test_thread(take_twice, greedy.portset);
    fk_thread_yield();
    struct fk_ipc ipc = {.dest = greedy.ref};
    CHECK_EQ(fk_client_connect_send_over_receive(&ipc), FK_OK);
    CHECK_EQ(greedy_cause, FK_INSANE_NOT_RECEIVER);
}
