/* A short RPC does exactly the same by the short way through the kernel as step by step: the same
 * words, tags and registers on both sides, for every length, reliable and idempotent, to a server
 * that answers with every length; and misuse is noticed by both. The long way is taken when every
 * return to user mode preempts. SPDX-License-Identifier: MIT */
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
    greedy = test_port(1);
    test_thread(take_twice, greedy.portset);
    fk_thread_yield();
    struct fk_ipc ipc = {.dest = greedy.ref};
    CHECK_EQ(fk_client_connect_send_over_receive(&ipc), FK_OK);
    CHECK_EQ(greedy_cause, FK_INSANE_NOT_RECEIVER);
}
