/* A thread that is stopped, exported, destroyed, made anew somewhere else and resumed never knows:
 * at every point where a kernel call can stop (the kernel preempts at each of them here), for
 * threads that use every call that waits or has stages, the result is that of an undisturbed run.
 * SPDX-License-Identifier: MIT */
#include "kernel/tests/rebirth.h"

#define ROUNDS 40
#define BULK   12000

static struct test_port service;
static uint64_t mutex, cond, region;
static volatile uint64_t results[2], finished, turn, shakes;
static uint64_t space_ref;

/* ---- programs: each leaves a result that depends on every step ---- */

static uint64_t mix(uint64_t sum, uint64_t value)
{
    return (sum ^ value) * 0x100000001b3ull + 7;
}

static void done(unsigned who, uint64_t sum)
{
    results[who] = sum;
    finished++;
    test_stop();
}

static struct fk_message client_block, server_block;
static unsigned char client_out[BULK], client_in[BULK], server_in[BULK], server_out[BULK];

static void client(uint64_t who)
{
    uint64_t sum = 1;
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < BULK; i += 100)
            client_out[i] = (unsigned char)(i + round);
        client_block.send.buffer = (struct fk_buffer){fk_at(client_out), BULK - round};
        client_block.receive.buffer = (struct fk_buffer){fk_at(client_in), BULK};
        struct fk_ipc ipc = {service.ref, fk_at(&client_block), 8, {round, 2, 3, 4, 5, 6, 7, 8}};
        CHECK_EQ(fk_client_connect_send_over_receive(&ipc), FK_OK);
        for (unsigned i = 0; i < FK_IPC_WORDS; i++)
            sum = mix(sum, ipc.word[i]);
        for (unsigned i = 0; i < BULK; i += 100)
            sum = mix(sum, client_in[i]);
        sum = mix(sum, client_block.receive.buffer.bytes);
        CHECK_EQ(client_block.send.buffer.bytes, 0);
        ipc = (struct fk_ipc){service.ref, 0, 3, {round, 1, 2}};
        CHECK_EQ(fk_ipc_call(&ipc), FK_OK);
        sum = mix(sum, ipc.word[0]);
    }
    done(who, sum);
}

static void server(uint64_t who)
{
    uint64_t sum = 2;
    struct fk_ipc ipc = {.dest = service.portset, .message = fk_at(&server_block)};
    server_block.receive.buffer = (struct fk_buffer){fk_at(server_in), BULK};
    fk_server_wait_receive(&ipc);
    for (;;) {
        if (ipc.tag & FK_TAG_RELIABLE) { /* an idempotent request may come twice: not counted */
            for (unsigned i = 0; i < BULK; i += 100)
                sum = mix(sum, server_in[i]);
            results[who] = sum;
        }
        for (unsigned i = 0; i < BULK; i += 100)
            server_out[i] = server_in[i] + 1;
        bool reliable = ipc.tag & FK_TAG_RELIABLE;
        ipc.word[0] += 1000;
        server_block.send.buffer = (struct fk_buffer){fk_at(server_out), reliable ? BULK - 100 : 0};
        server_block.receive.buffer = (struct fk_buffer){fk_at(server_in), BULK};
        ipc.dest = service.portset;
        ipc.tag &= FK_TAG_WORDS;
        fk_server_ack_send_wait_receive(&ipc);
    }
}

static void pinger(uint64_t who)
{
    uint64_t sum = 3;
    for (unsigned round = 0; round < ROUNDS * 2; round++) {
        CHECK_EQ(fk_mutex_lock(mutex), FK_OK);
        while (turn % 2 != who)
            CHECK_EQ(fk_cond_wait(cond, mutex), FK_OK);
        sum = mix(sum, turn);
        turn++;
        CHECK_EQ(who ? fk_cond_signal(cond) : fk_cond_broadcast(cond), FK_OK);
        CHECK_EQ(fk_mutex_unlock(mutex), FK_OK);
    }
    done(who, sum);
}

static uint64_t area;

static void stager(uint64_t who)
{
    uint64_t sum = 4;
    for (unsigned round = 0; round < 3; round++) {
        struct fk_found found = {0, 0};
        uint64_t from = area, end = area + 200 * FK_PAGE;
        while (from < end && fk_region_search(from, end - from, fk_at(&found)) == FK_OK) {
            sum = mix(sum, found.type);
            from = found.address + FK_OBJECT_BYTES;
        }
        static struct fk_page_info info[200];
        CHECK(fk_region_info(region, 0, 200, fk_at(info)) > 0);
        CHECK_EQ(fk_region_protect(region, 7), FK_OK);
        CHECK_EQ(fk_region_flush(region, 0, 200 * FK_PAGE), FK_OK);
        for (unsigned i = 0; i < 200; i += 9)
            sum = mix(sum, *(volatile uint64_t *)(area + i * FK_PAGE + 512));
        uint64_t until = (uint64_t)fk_clock_read() + 1000000;
        CHECK_EQ(fk_clock_wait(until), FK_OK);
        CHECK((uint64_t)fk_clock_read() >= until);
        sum = mix(sum, round);
    }
    done(who, sum);
}

/* ---- the shaker ---- */

static struct patient patients[2];

static void shake(unsigned which)
{
    rebirth(patients, 2, 1u << which, true);
    shakes++;
}

typedef void program(uint64_t);

static void run(program *a, program *b, unsigned ends, bool shaken, uint64_t *sums)
{
    finished = turn = 0;
    results[0] = results[1] = 0;
    rebirth_prepare(&patients[0], test_thread(a, 0));
    patients[1].thread = 0;
    if (b)
        rebirth_prepare(&patients[1], test_thread(b, 1));
    fk_kernel_debug(FK_DEBUG_STRESS, shaken, 0);
    /* Which of the two is up to chance: a server that is never left waiting is never met. */
    for (uint64_t random = 1; finished < ends; random = random * 6364136223846793005ull + 1) {
        fk_thread_yield();
        if (shaken && finished < ends && random >> 62 & 1)
            shake(0);
        if (shaken && b && finished < ends && random >> 63)
            shake(1);
    }
    fk_kernel_debug(FK_DEBUG_STRESS, 0, 0);
    sums[0] = results[0];
    sums[1] = results[1];
    fk_thread_destroy(patients[0].thread);
    if (b)
        fk_thread_destroy(patients[1].thread);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
}

static void compare(const char *name, program *a, program *b, unsigned ends)
{
    uint64_t calm[2], shaken[2], before = shakes;
    run(a, b, ends, false, calm);
    run(a, b, ends, true, shaken);
    print("%s: %u rebirths\n", name, shakes - before);
    CHECK(shakes - before > 20);
    CHECK_EQ(calm[0], shaken[0]);
    CHECK_EQ(calm[1], shaken[1]);
}

void test_run(void)
{
    space_ref = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space));
    service = test_port(1);
    mutex = rebirth_mutex[0] = test_object();
    cond = test_object();
    CHECK_EQ(fk_mutex_create(mutex), FK_OK);
    CHECK_EQ(fk_cond_create(cond), FK_OK);
    area = test_pages(200);
    for (unsigned i = 0; i < 200; i++)
        *(volatile uint64_t *)(area + i * FK_PAGE + 512) = i * i;
    fk_cond_create(area + 17 * FK_PAGE);
    fk_port_create(area + 150 * FK_PAGE);
    region = test_region(space_ref, area, 200 * FK_PAGE, 7, 0);
    compare("rpc", client, server, 1);
    compare("mutex and cond", pinger, pinger, 2);
    compare("stages", stager, NULL, 1);
}
