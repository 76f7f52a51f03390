/* A thread stopped after every single one of its instructions, exported, destroyed, made anew and
 * resumed, ends with the same result as one that runs undisturbed. The trap flag stops it; between
 * its instructions it makes kernel calls of every class, and another thread serves it.
 * SPDX-License-Identifier: MIT */
#include "kernel/tests/rebirth.h"

#define TRAP_FLAG 0x100
#define TRAP_STEP 1

static struct test_port keeper, service;
static uint64_t space, space_ref, mutex, cond;
static volatile uint64_t result, finished, steps;

static uint64_t mix(uint64_t sum, uint64_t value)
{
    return (sum ^ value) * 0x100000001b3ull + 7;
}

static void server(uint64_t portset)
{
    static struct fk_message message;
    static unsigned char bytes[64];
    struct fk_ipc ipc = {.dest = portset, .message = fk_at(&message)};
    message.receive.buffer = (struct fk_buffer){fk_at(bytes), sizeof(bytes)};
    fk_server_wait_receive(&ipc);
    for (;;) {
        ipc.word[0] += bytes[0];
        bool bulk = message.receive.buffer.bytes < sizeof(bytes);
        message.send.buffer = (struct fk_buffer){fk_at(bytes), bulk ? 32 : 0};
        message.receive.buffer = (struct fk_buffer){fk_at(bytes), sizeof(bytes)};
        ipc.dest = portset;
        ipc.tag &= FK_TAG_WORDS;
        fk_server_ack_send_wait_receive(&ipc);
    }
}

static void signaller(uint64_t unused)
{
    (void)unused;
    for (;;) {
        CHECK_EQ(fk_mutex_lock(mutex), FK_OK);
        CHECK_EQ(fk_cond_broadcast(cond), FK_OK);
        CHECK_EQ(fk_mutex_unlock(mutex), FK_OK);
        test_sleep(1);
    }
}

static void program(uint64_t rounds)
{
    static struct fk_message message;
    static unsigned char out[40], in[40];
    uint64_t sum = rounds;
    __asm__ volatile("movq %0, %%xmm3" : : "r"(sum));
    for (uint64_t i = 0; i < rounds; i++) {
        struct fk_ipc ipc = {.dest = service.ref, .tag = 8, .word = {i, 2, 3, 4, 5, 6, 7, 8}};
        CHECK_EQ(fk_client_connect_send_over_receive(&ipc), FK_OK);
        sum = mix(sum, ipc.word[7]);
        out[0] = (unsigned char)i;
        message.send.buffer = (struct fk_buffer){fk_at(out), 40};
        message.receive.buffer = (struct fk_buffer){fk_at(in), 40};
        ipc = (struct fk_ipc){service.ref, fk_at(&message), 1, {i}};
        CHECK_EQ(fk_client_connect_send_over_receive(&ipc), FK_OK);
        sum = mix(sum, ipc.word[0] + in[0] + message.receive.buffer.bytes);
        ipc = (struct fk_ipc){service.ref, 0, 2, {i, 1}};
        CHECK_EQ(fk_ipc_call(&ipc), FK_OK);
        CHECK_EQ(fk_mutex_lock(mutex), FK_OK);
        CHECK_EQ(fk_cond_wait(cond, mutex), FK_OK);
        CHECK_EQ(fk_mutex_unlock(mutex), FK_OK);
        CHECK_EQ(fk_clock_wait((uint64_t)fk_clock_read() + 1000), FK_OK);
        uint64_t kept;
        __asm__ volatile("movq %%xmm3, %0" : "=r"(kept));
        sum = mix(sum, kept);
    }
    result = sum;
    finished = 1;
    test_stop();
}

static uint64_t run(uint64_t rounds, bool stepped)
{
    static struct fk_thread_state state;
    static struct patient patient;
    uint64_t thread = test_object(), stack = test_pages(2) + 2 * FK_PAGE;
    struct fk_thread_links links = {.space = space_ref};
    CHECK_EQ(fk_thread_create(thread), FK_OK);
    CHECK_EQ(fk_thread_get_state(thread, fk_at(&state), 0), FK_OK);
    state.frame.rip = fk_at((void *)program);
    state.frame.rdi = rounds;
    state.frame.rsp = stack - 8;
    state.frame.rflags |= stepped ? TRAP_FLAG : 0;
    state.flags = 0;
    CHECK_EQ(fk_thread_set_state(thread, fk_at(&state), fk_at(&links)), FK_OK);
    rebirth_prepare(&patient, thread);
    struct fk_ipc ipc = {.dest = keeper.portset};
    finished = 0;
    while (!finished) {
        long why = fk_thread_schedule(patient.ref, keeper.portset,
                                      FK_SENSE_BLOCK | FK_SENSE_CONFLICT, FK_FOREVER);
        if (why == FK_BLOCKED)
            test_sleep(1);
        if (why != FK_CONFLICT)
            continue;
        ipc = (struct fk_ipc){.dest = keeper.portset};
        CHECK_EQ(fk_server_wait_receive(&ipc), FK_OK);
        CHECK_EQ(ipc.word[0], TRAP_STEP);
        steps++;
        if (!finished)
            rebirth(&patient, 1, 1, false);
    }
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
    fk_server_disconnect(&ipc);
    return result;
}

void test_run(void)
{
    keeper = test_port(1);
    service = test_port(2);
    mutex = rebirth_mutex[0] = test_object();
    cond = test_object();
    fk_mutex_create(mutex);
    fk_cond_create(cond);
    space = test_space(64 * FK_PAGE);
    space_ref = test_ref(FK_DEBUG_SPACE, space);
    struct fk_space_links links = {keeper.ref};
    struct fk_space_state unused = {0};
    CHECK_EQ(fk_space_set_state(space, fk_at(&unused), fk_at(&links)), FK_OK);
    test_thread(server, service.portset);
    test_thread(signaller, 0);
    uint64_t calm = run(16, false), stepped = run(16, true);
    print("%u steps, a rebirth after each\n", steps);
    CHECK(steps > 1000);
    CHECK_EQ(calm, stepped);
}
