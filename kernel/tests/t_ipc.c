/* Messages arrive whole: words, bulk bytes through scatter and gather, references; in all three
 * kinds of IPC, in both orders of arrival, over page borders, with too little room, and when a side
 * leaves. SPDX-License-Identifier: MIT */
#include "kernel/tests/test.h"

static struct test_port service;
static volatile uint64_t progress;

/* ---- a server that answers every request with its words plus one ---- */

static void adder(uint64_t portset)
{
    struct fk_ipc ipc = {.dest = portset};
    fk_server_wait_receive(&ipc);
    for (;;) {
        for (unsigned i = 0; i < FK_IPC_WORDS; i++)
            ipc.word[i]++;
        progress = ipc.dest;
        ipc.dest = portset;
        ipc.message = 0;
        ipc.tag &= FK_TAG_WORDS;
        fk_server_ack_send_wait_receive(&ipc);
    }
}

static void words(void)
{
    uint64_t server = test_thread(adder, service.portset);
    for (unsigned count = 0; count <= FK_IPC_WORDS; count++) {
        struct fk_ipc ipc = {.dest = service.ref, .tag = count};
        for (unsigned i = 0; i < FK_IPC_WORDS; i++)
            ipc.word[i] = 100 * count + i;
        CHECK_EQ(fk_client_connect_send_over_receive(&ipc), FK_OK);
        CHECK_EQ(ipc.tag, count | FK_TAG_END);
        CHECK_EQ(progress, 77);
        for (unsigned i = 0; i < count; i++)
            CHECK_EQ(ipc.word[i], 100 * count + i + 1);
        for (unsigned i = count; i < FK_IPC_WORDS; i++)
            CHECK_EQ(ipc.word[i], 100 * count + i); /* no words came here */
        ipc = (struct fk_ipc){.dest = service.ref, .tag = count, .word = {5, 6, 7, 8}};
        CHECK_EQ(fk_ipc_call(&ipc), FK_OK);
        CHECK_EQ(ipc.tag & FK_TAG_WORDS, count);
        CHECK(count < 4 || ipc.word[3] == 9);
    }
    CHECK_EQ(fk_thread_destroy(server), FK_OK);
}

/* ---- bulk ---- */

#define BYTES 20000
static unsigned char sent[BYTES + 64], got[BYTES + 64];

static void receiver(uint64_t portset)
{
    static struct fk_message message;
    static struct fk_buffer table[3];
    message = (struct fk_message){.receive = {{fk_at(got + 1), 4000}, fk_at(table), 3, 0, 0}};
    table[0] = (struct fk_buffer){fk_at(got + 4001), 1};
    table[1] = (struct fk_buffer){0, 0};
    table[2] = (struct fk_buffer){fk_at(got + 4002), BYTES - 4001};
    struct fk_ipc ipc = {.dest = portset, .message = fk_at(&message)};
    CHECK_EQ(fk_server_wait_receive(&ipc), FK_OK);
    CHECK_EQ(ipc.tag, 2 | FK_TAG_OVER | FK_TAG_RELIABLE);
    CHECK_EQ(message.receive.buffer.bytes, 0);
    CHECK_EQ(message.receive.entries, 0);
    ipc.tag = 1;
    ipc.word[0] = 4711;
    ipc.message = 0;
    CHECK_EQ(fk_server_ack_send_disconnect(&ipc), FK_OK);
    progress = 1;
    test_stop();
}

static void bulk(bool server_first)
{
    static struct fk_message message;
    static struct fk_buffer table[2];
    for (unsigned i = 0; i < sizeof(sent); i++)
        sent[i] = (unsigned char)(i * 7 + i / 256);
    memset(got, 0, sizeof(got));
    message = (struct fk_message){.send = {{fk_at(sent + 3), 9000}, fk_at(table), 2, 0, 0}};
    table[0] = (struct fk_buffer){fk_at(sent + 9003), 0};
    table[1] = (struct fk_buffer){fk_at(sent + 9003), BYTES - 9000};
    progress = 0;
    uint64_t server = test_thread(receiver, service.portset);
    if (server_first)
        fk_thread_yield();
    struct fk_ipc ipc = {.dest = service.ref, .message = fk_at(&message), .tag = 2, .word = {1, 2}};
    CHECK_EQ(fk_client_connect_send_over_receive(&ipc), FK_OK);
    CHECK_EQ(ipc.tag, 1 | FK_TAG_END);
    CHECK_EQ(ipc.word[0], 4711);
    CHECK_EQ(memcmp(got + 1, sent + 3, BYTES), 0);
    CHECK_EQ(got[0] + got[BYTES + 1], 0);
    while (!progress)
        fk_thread_yield();
    CHECK_EQ(fk_thread_destroy(server), FK_OK);
}

/* ---- a stream: several sends, small receives, and back, then the client ends it ---- */

static void streamer(uint64_t portset)
{
    static struct fk_message message;
    struct fk_ipc ipc = {.dest = portset, .message = fk_at(&message)};
    message = (struct fk_message){.receive = {{fk_at(got), 10}, 0, 0, 0, 0}};
    CHECK_EQ(fk_server_wait_receive(&ipc), FK_MORE_DATA);
    CHECK_EQ(ipc.tag & FK_TAG_OVER, 0);
    for (unsigned at = 10; at < 40; at += 10) {
        message.receive.buffer = (struct fk_buffer){fk_at(got + at), 10};
        ipc.tag = 0;
        long answer = fk_server_receive(&ipc);
        CHECK_EQ(answer, at < 30 ? FK_MORE_DATA : FK_OK);
    }
    CHECK_EQ(ipc.tag, FK_TAG_OVER);
    ipc.tag = 0;
    message.send.buffer = (struct fk_buffer){fk_at(got), 40};
    CHECK_EQ(fk_server_ack_send(&ipc), FK_OK);
    ipc.tag = 1;
    ipc.word[0] = 5;
    CHECK_EQ(fk_server_send_over_receive(&ipc), FK_OK);
    CHECK_EQ(ipc.tag, FK_TAG_END);
    progress = 2;
    test_stop();
}

static void stream(void)
{
    static struct fk_message message;
    static unsigned char back[40];
    memset(got, 0, sizeof(got));
    message = (struct fk_message){.send = {{fk_at(sent), 25}, 0, 0, 0, 0},
                                  .receive = {{fk_at(back), 40}, 0, 0, 0, 0}};
    uint64_t server = test_thread(streamer, service.portset);
    struct fk_ipc ipc = {.dest = service.ref, .message = fk_at(&message)};
    CHECK_EQ(fk_client_connect_send(&ipc), FK_OK);
    message.send.buffer = (struct fk_buffer){fk_at(sent + 25), 15};
    ipc.tag = 0;
    CHECK_EQ(fk_client_send_over_receive(&ipc), FK_OK);
    CHECK_EQ(ipc.tag, 1 | FK_TAG_OVER);
    CHECK_EQ(ipc.word[0], 5);
    CHECK_EQ(memcmp(back, sent, 40), 0);
    CHECK_EQ(fk_client_ack(&ipc), FK_OK);
    CHECK_EQ(fk_client_disconnect(&ipc), FK_OK);
    while (progress != 2)
        fk_thread_yield();
    CHECK_EQ(fk_thread_destroy(server), FK_OK);
}

/* ---- references ---- */

static void ref_server(uint64_t portset)
{
    static struct fk_message message;
    uint64_t refs = test_pages(1);
    for (unsigned i = 0; i < 3; i++)
        fk_ref_create(refs + i * FK_OBJECT_BYTES);
    message = (struct fk_message){.receive = {{0, 0}, 0, 0, refs, 2}};
    struct fk_ipc ipc = {.dest = portset, .message = fk_at(&message)};
    CHECK_EQ(fk_server_wait_receive(&ipc), FK_MORE_REFS);
    message.receive.ref_count = 1;
    ipc.tag = 0;
    CHECK_EQ(fk_server_receive(&ipc), FK_OK);
    CHECK_EQ(message.receive.refs, refs + 3 * FK_OBJECT_BYTES);
    /* Hand the middle one back. */
    message.send.refs = refs + FK_OBJECT_BYTES;
    message.send.ref_count = 1;
    ipc.tag = 0;
    CHECK_EQ(fk_server_ack_send_disconnect(&ipc), FK_OK);
    test_stop();
}

static void references(void)
{
    static struct fk_message message;
    uint64_t refs = test_pages(1), back = test_object(), targets[3];
    fk_ref_create(back);
    for (unsigned i = 0; i < 3; i++) {
        targets[i] = test_object();
        fk_cond_create_hash(targets[i], 500 + i);
        fk_ref_create(refs + i * FK_OBJECT_BYTES);
        fk_cond_reference(targets[i], refs + i * FK_OBJECT_BYTES);
    }
    message =
        (struct fk_message){.send = {{0, 0}, 0, 0, refs, 3}, .receive = {{0, 0}, 0, 0, back, 1}};
    uint64_t server = test_thread(ref_server, service.portset);
    struct fk_ipc ipc = {.dest = service.ref, .message = fk_at(&message)};
    CHECK_EQ(fk_client_connect_send_over_receive(&ipc), FK_OK);
    CHECK_EQ(ipc.tag, FK_TAG_END);
    CHECK_EQ(fk_ref_compare(back, refs + FK_OBJECT_BYTES), FK_OK);
    CHECK_EQ(fk_ref_compare(back, refs), FK_DIFFERENT);
    struct fk_ref_state state;
    CHECK_EQ(fk_ref_get_state(back, fk_at(&state), 0), FK_OK);
    CHECK_EQ(state.hash, 501);
    CHECK_EQ(fk_thread_destroy(server), FK_OK);
}

/* ---- one-way, ends that are not normal, ports that move ---- */

static void listener(uint64_t portset)
{
    for (;;) {
        struct fk_ipc ipc = {.dest = portset};
        CHECK_EQ(fk_server_wait_receive(&ipc), FK_OK);
        progress = ipc.word[0] + (ipc.tag & FK_TAG_ONEWAY ? 1000 : 0) + ipc.dest * 10000;
    }
}

static void one_way(void)
{
    progress = 0;
    uint64_t server = test_thread(listener, service.portset);
    struct fk_ipc ipc = {.dest = service.ref, .tag = 1, .word = {33}};
    CHECK_EQ(fk_ipc_send(&ipc), FK_OK); /* waits for the listener: nobody is there yet */
    while (!progress)
        fk_thread_yield();
    CHECK_EQ(progress, 771033);
    CHECK_EQ(fk_thread_destroy(server), FK_OK);
}

static void dying_server(uint64_t portset)
{
    struct fk_ipc ipc = {.dest = portset};
    CHECK_EQ(fk_server_wait_receive(&ipc), FK_OK);
    progress = 3;
    test_stop();
}

static void killer(uint64_t victim)
{
    while (progress != 3)
        fk_thread_yield();
    CHECK_EQ(fk_thread_destroy(victim), FK_OK);
    progress = 4;
    test_stop();
}

static void broken(void)
{
    uint64_t server = test_thread(dying_server, service.portset);
    uint64_t second = test_thread(killer, server);
    struct fk_ipc ipc = {.dest = service.ref, .tag = 1};
    CHECK_EQ(fk_client_connect_send_over_receive(&ipc), FK_DISCONNECTED);
    CHECK(progress >= 3);
    CHECK_EQ(fk_thread_destroy(second), FK_OK);
}

static void moving(void)
{
    struct test_port other = test_port(88);
    uint64_t server = test_thread(listener, other.portset);
    progress = 0;
    fk_thread_yield();
    struct fk_port_links links = {test_ref(FK_DEBUG_PORTSET, other.portset)};
    struct fk_port_state state = {.alias = 99};
    CHECK_EQ(fk_port_set_state(service.port, fk_at(&state), fk_at(&links)), FK_OK);
    struct fk_ipc ipc = {.dest = service.ref, .tag = 1, .word = {44}};
    CHECK_EQ(fk_ipc_send(&ipc), FK_OK);
    while (!progress)
        fk_thread_yield();
    CHECK_EQ(progress, 991044);
    CHECK_EQ(fk_port_destroy(service.port), FK_OK);
    CHECK_EQ(fk_ipc_send(&ipc), FK_INVALID_DEST);
    CHECK_EQ(fk_ipc_call(&ipc), FK_INVALID_DEST);
    CHECK_EQ(fk_client_connect_send(&ipc), FK_INVALID_DEST);
    CHECK_EQ(fk_thread_destroy(server), FK_OK);
}

void test_run(void)
{
    service = test_port(77);
    words();
    bulk(true);
    bulk(false);
    stream();
    references();
    one_way();
    broken();
    moving();
}
