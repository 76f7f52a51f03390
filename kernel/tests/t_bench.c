/* What the operations that matter cost, in cycles of the time-stamp counter (under Flatfish: in
 * instructions, exactly), and that the cost of a call is the same at depth 1 and at depth 32.
 * Prints `bench NAME COUNT`; under Flatfish the limits are checked, on other machines only printed.
 * SPDX-License-Identifier: MIT */
#include "abi/simcall/simcall.h"
#include "kernel/tests/test.h"

#define ROUNDS 64
#define AT     0x320000000000ull
/* From before the client's stub to after it: both stubs and the server's loop are in it. */
#define RPC_LIMIT 360

static bool exact; /* the counter counts instructions */
static struct test_port service;

static uint64_t cycles(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

/* The least of many rounds: interrupts fall out. */
#define LEAST(result, before, operation)                                                           \
    do {                                                                                           \
        uint64_t least_ = ~0ull;                                                                   \
        for (unsigned i_ = 0; i_ < ROUNDS; i_++) {                                                 \
            before;                                                                                \
            uint64_t start_ = cycles();                                                            \
            operation;                                                                             \
            uint64_t spent_ = cycles() - start_;                                                   \
            if (spent_ < least_)                                                                   \
                least_ = spent_;                                                                   \
        }                                                                                          \
        result = least_ - overhead;                                                                \
    } while (0)

static uint64_t overhead;

static void report(const char *name, uint64_t count, uint64_t limit)
{
    print("bench %s %u%s\n", name, count, exact && limit && count > limit ? " TOO MUCH" : "");
    CHECK(!exact || !limit || count <= limit);
}

static void echo(uint64_t portset)
{
    struct fk_ipc ipc = {.dest = portset};
    fk_server_wait_receive(&ipc);
    for (;;) {
        ipc.dest = portset;
        ipc.tag &= FK_TAG_WORDS;
        fk_server_ack_send_wait_receive(&ipc);
    }
}

static void null_call(void)
{
    uint64_t count;
    LEAST(count, , fk_null());
    report("null-call-and-stub", count, 60 + 7); /* 7: the stub, up to and with the syscall */
}

static void rpc(const char *name)
{
    uint64_t count, words;
    struct fk_ipc ipc;
    LEAST(count, (ipc = (struct fk_ipc){.dest = service.ref}),
          fk_client_connect_send_over_receive(&ipc));
    LEAST(words, (ipc = (struct fk_ipc){.dest = service.ref, .tag = 8}),
          fk_client_connect_send_over_receive(&ipc));
    print("bench %s-0-words %u\n", name, count);
    report(name, words, RPC_LIMIT);
}

static void idempotent(void)
{
    uint64_t count;
    struct fk_ipc ipc;
    LEAST(count, (ipc = (struct fk_ipc){.dest = service.ref, .tag = 8}), fk_ipc_call(&ipc));
    report("idempotent-8-words", count, RPC_LIMIT);
}

static void calls(void)
{
    uint64_t count, mutex = test_object();
    fk_mutex_create(mutex);
    LEAST(count, fk_mutex_lock(mutex), fk_mutex_unlock(mutex));
    report("mutex-unlock", count, 0);
    LEAST(count, , (fk_cond_create(mutex + 32), fk_cond_destroy(mutex + 32)));
    report("cond-create-destroy", count, 0);
}

/* A page reached through k mappings below the root's pool, which is one more: first touch, and any
 * later one. */
static uint64_t soft_fault(unsigned k)
{
    uint64_t self = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space)), pages = test_pages(1), count;
    uint64_t first = test_region(self, pages, FK_PAGE, 7, 0), region = first;
    for (unsigned i = 1; i < k; i++) {
        uint64_t space = test_object();
        CHECK_EQ(fk_space_create(space), FK_OK);
        uint64_t ref = test_ref(FK_DEBUG_SPACE, space);
        test_map(ref, test_ref(FK_DEBUG_REGION, region), AT, FK_PAGE, 0, 7);
        region = test_region(ref, AT, FK_PAGE, 7, 0);
    }
    uint64_t map = test_map(self, test_ref(FK_DEBUG_REGION, region), AT, FK_PAGE, 0, 7);
    *(volatile uint64_t *)AT = 1; /* the page tables stay */
    LEAST(count, fk_region_flush(first, 0, FK_PAGE), *(volatile uint64_t *)AT = 2);
    uint64_t again;
    LEAST(again, , *(volatile uint64_t *)AT = 2);
    CHECK(!exact || again <= 2);
    CHECK_EQ(fk_mapping_destroy(map), FK_OK);
    return count;
}

/* The most that a flush of one mapping does between two preemption points: 256 pages. And what else
 * is done at one go: a space made and ended, the whole state of a thread. */
static void stretches(void)
{
    static struct fk_thread_state state;
    uint64_t self = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space)), count, object = test_object();
    uint64_t pages = test_pages(256);
    uint64_t region = test_region(self, pages, 256 * FK_PAGE, 7, 0);
    test_map(self, test_ref(FK_DEBUG_REGION, region), AT, 256 * FK_PAGE, 0, 7);
#define TOUCH_ALL                                                                                  \
    for (unsigned page = 0; page < 256; page++)                                                    \
    *(volatile uint64_t *)(AT + page * FK_PAGE) = 1
    LEAST(count, TOUCH_ALL, fk_region_flush(region, 0, 256 * FK_PAGE));
    report("flush-256-pages", count, 20000);
    LEAST(count, , (fk_space_create(object), fk_space_destroy(object)));
    report("space-create-destroy", count, 20000);
    CHECK_EQ(fk_thread_create(object), FK_OK);
    LEAST(count, , fk_thread_get_state(object, fk_at(&state), 0));
    report("thread-get-state", count, 20000);
    LEAST(count, , fk_thread_set_state(object, fk_at(&state), 0));
    report("thread-set-state", count, 20000);
}

/* Spaces in spaces: the one at level `depth` makes the calls. */
static uint64_t deep[6];
static volatile uint64_t deep_done;

static void deep_calls(uint64_t results)
{
    uint64_t *out = (uint64_t *)results;
    struct fk_ipc ipc;
    fk_null();
    LEAST(out[0], , fk_null());
    LEAST(out[1], (ipc = (struct fk_ipc){.dest = service.ref, .tag = 8}),
          fk_client_connect_send_over_receive(&ipc));
    LEAST(out[2], (ipc = (struct fk_ipc){.dest = service.ref, .tag = 8}), fk_ipc_call(&ipc));
    deep_done = 1;
    test_stop();
}

static void at_depth(unsigned depth, uint64_t *results)
{
    uint64_t space = fk_at(&boot->space);
    for (unsigned i = 0; i < depth; i++) {
        uint64_t region = test_region(test_ref(FK_DEBUG_SPACE, space), 0, FK_USER_END, 7, 0);
        space = test_object();
        CHECK_EQ(fk_space_create(space), FK_OK);
        test_map(test_ref(FK_DEBUG_SPACE, space), test_ref(FK_DEBUG_REGION, region), 0, FK_USER_END,
                 0, 7);
    }
    CHECK_EQ(fk_space_budget(space, 64 * FK_PAGE), FK_OK);
    deep_done = 0;
    uint64_t thread = test_thread_make(test_ref(FK_DEBUG_SPACE, space), fk_at((void *)deep_calls),
                                       test_pages(2) + 2 * FK_PAGE, fk_at(results));
    uint64_t ref = test_ref(FK_DEBUG_THREAD, thread);
    while (!deep_done)
        fk_thread_schedule(ref, 0, FK_SENSE_BLOCK, FK_FOREVER);
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
}

void test_run(void)
{
    exact = simcall_PRESENT(0, 0, 0) != 0;
    LEAST(overhead, overhead = 0, );
    service = test_port(1);
    test_thread(echo, service.portset);
    fk_thread_yield();
    null_call();
    rpc("rpc-same-space-8-words");
    idempotent();
    calls();
    for (unsigned k = 1; k <= 64; k *= 2) {
        uint64_t count = soft_fault(k);
        print("bench soft-fault-through-%u %u\n", (uint64_t)k + 1, count);
        CHECK(!exact || count <= 400 + 60 * (k + 1));
    }
    stretches();
    at_depth(1, deep);
    at_depth(32, deep + 3);
    for (unsigned i = 0; i < 3; i++) {
        print("bench depth-1-and-32-call-%u %u %u\n", (uint64_t)i, deep[i], deep[3 + i]);
        CHECK(!exact || deep[i] == deep[3 + i]);
    }
    report("rpc-across-spaces-8-words", deep[1], RPC_LIMIT);
    report("idempotent-across-spaces-8-words", deep[2], RPC_LIMIT);
}
