/* What the operations that matter cost, in cycles of the time-stamp counter (under Flatfish: in
 * instructions, exactly), and that the cost of a call is the same at depth 1 and at depth 32.
 * Prints `bench NAME COUNT REGION`; under Flatfish the limits are checked, on other machines only
 * printed. Each round is a region of the trace with this number, so that the events can be counted.
 * SPDX-License-Identifier: MIT */
#include "abi/simcall/simcall.h"
#include "kernel/tests/test.h"

#define ROUNDS 64
#define AT     0x320000000000ull
#define KEPT   0x330000000000ull
/* From before the client's stub to after it: both stubs and the server's loop are in it. */
#define RPC_LIMIT  360
#define NULL_LIMIT (60 + 7) /* 7: the stub, up to and with the syscall */
#define SOFT_LIMIT 500

static bool exact; /* the counter counts instructions */
static struct test_port service;

static uint64_t cycles(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

struct sample {
    uint64_t count, region;
};
static uint64_t overhead, regions;

/* The least of many rounds: interrupts fall out. */
#define LEAST(result, before, operation)                                                           \
    do {                                                                                           \
        uint64_t least_ = ~0ull, region_ = ++regions;                                              \
        for (unsigned i_ = 0; i_ < ROUNDS; i_++) {                                                 \
            before;                                                                                \
            simcall_BEGIN(region_, 0, 0);                                                          \
            uint64_t start_ = cycles();                                                            \
            operation;                                                                             \
            uint64_t spent_ = cycles() - start_;                                                   \
            simcall_END(region_, 0, 0);                                                            \
            if (spent_ < least_)                                                                   \
                least_ = spent_;                                                                   \
        }                                                                                          \
        result = (struct sample){least_ - overhead, region_};                                      \
    } while (0)

static void report(const char *name, struct sample found, uint64_t limit)
{
    print("bench %s %u %u%s\n", name, found.count, found.region,
          exact && found.count > limit ? " TOO MUCH" : "");
    CHECK(!exact || found.count <= limit);
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
    struct sample count;
    LEAST(count, , fk_null());
    report("null-call-and-stub", count, NULL_LIMIT);
}

static void rpc(void)
{
    struct sample count, words;
    struct fk_ipc ipc;
    LEAST(count, (ipc = (struct fk_ipc){.dest = service.ref}),
          fk_client_connect_send_over_receive(&ipc));
    LEAST(words, (ipc = (struct fk_ipc){.dest = service.ref, .tag = 8}),
          fk_client_connect_send_over_receive(&ipc));
    report("rpc-same-space-0-words", count, RPC_LIMIT);
    report("rpc-same-space-8-words", words, RPC_LIMIT);
}

/* A block on both sides, and bytes each way: what a file costs. The server sends back what came. */
#define BYTES_LIMIT 1250
static struct test_port copier;

static void copy(uint64_t portset)
{
    struct fk_message *block = (struct fk_message *)test_pages(1);
    uint64_t buffer = test_pages(1);
    *block = (struct fk_message){.receive.buffer = {buffer, FK_PAGE}};
    struct fk_ipc ipc = {.dest = portset, .message = fk_at(block)};
    fk_server_wait_receive(&ipc);
    for (;;) {
        uint64_t bytes = FK_PAGE - block->receive.buffer.bytes;
        block->send.buffer = (struct fk_buffer){buffer, bytes};
        block->receive.buffer = (struct fk_buffer){buffer, FK_PAGE};
        ipc.dest = portset;
        ipc.tag &= FK_TAG_WORDS;
        fk_server_ack_send_wait_receive(&ipc);
    }
}

static struct sample rpc_bytes(uint64_t bytes)
{
    struct sample count;
    struct fk_message *block = (struct fk_message *)test_pages(1);
    uint64_t buffer = test_pages(1);
    struct fk_ipc ipc;
    LEAST(count,
          (*block = (struct fk_message){.send.buffer = {buffer, bytes},
                                        .receive.buffer = {buffer, FK_PAGE}},
           ipc = (struct fk_ipc){.dest = copier.ref, .message = fk_at(block), .tag = 1}),
          fk_client_connect_send_over_receive(&ipc));
    CHECK_EQ(block->receive.buffer.bytes, FK_PAGE - bytes);
    return count;
}

static void bytes(void)
{
    copier = test_port(2);
    test_thread(copy, copier.portset);
    fk_thread_yield();
    report("rpc-64-bytes-and-back", rpc_bytes(64), BYTES_LIMIT);
    report("rpc-4096-bytes-and-back", rpc_bytes(FK_PAGE), BYTES_LIMIT + 2 * FK_PAGE / 8);
}

static void idempotent(void)
{
    struct sample count;
    struct fk_ipc ipc;
    LEAST(count, (ipc = (struct fk_ipc){.dest = service.ref, .tag = 8}), fk_ipc_call(&ipc));
    report("idempotent-8-words", count, RPC_LIMIT);
}

static void calls(void)
{
    struct sample count;
    uint64_t mutex = test_object();
    fk_mutex_create(mutex);
    LEAST(count, fk_mutex_lock(mutex), fk_mutex_unlock(mutex));
    report("mutex-unlock", count, 250);
    LEAST(count, , (fk_cond_create(mutex + 32), fk_cond_destroy(mutex + 32)));
    report("cond-create-destroy", count, 800);
}

/* A page reached through k mappings below the root's pool, which is one more: first touch, and any
 * later one. */
static struct sample soft_fault(unsigned k)
{
    uint64_t self = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space)), pages = test_pages(1);
    uint64_t first = test_region(self, pages, FK_PAGE, 7, 0), region = first;
    for (unsigned i = 1; i < k; i++) {
        uint64_t space = test_object();
        CHECK_EQ(fk_space_create(space), FK_OK);
        uint64_t ref = test_ref(FK_DEBUG_SPACE, space);
        test_map(ref, test_ref(FK_DEBUG_REGION, region), AT, FK_PAGE, 0, 7);
        region = test_region(ref, AT, FK_PAGE, 7, 0);
    }
    uint64_t map = test_map(self, test_ref(FK_DEBUG_REGION, region), AT, FK_PAGE, 0, 7);
    struct sample count, again;
    *(volatile uint64_t *)AT = 1; /* the page tables stay */
    LEAST(count, fk_region_flush(first, 0, FK_PAGE), *(volatile uint64_t *)AT = 2);
    LEAST(again, , *(volatile uint64_t *)AT = 2);
    CHECK(!exact || again.count <= 2);
    CHECK_EQ(fk_mapping_destroy(map), FK_OK);
    return count;
}

/* A fault that a keeper in this space answers: its window's only page comes from a table. */
static uint64_t kept_word;
static void keep(uint64_t portset)
{
    struct fk_ipc ipc = {.dest = portset};
    fk_server_wait_receive(&ipc);
    for (;;) {
        kept_word |= 7;
        ipc.dest = portset;
        ipc.tag = 0;
        fk_server_ack_send_wait_receive(&ipc);
    }
}

static void kept_fault(void)
{
    struct sample count;
    uint64_t self = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space)), map = test_object();
    uint64_t window = KEPT + FK_PAGE, page = test_pages(1);
    struct test_port port = test_port(1);
    struct fk_mapping_state state = {
        .start = window, .size = FK_PAGE, .prot = 7, .table = fk_at(&kept_word)};
    struct fk_mapping_links links = {
        self, test_ref(FK_DEBUG_REGION, test_region(self, page, FK_PAGE, 7, 0))};
    CHECK_EQ(fk_mapping_create(map), FK_OK);
    CHECK_EQ(fk_mapping_set_state(map, fk_at(&state), fk_at(&links)), FK_OK);
    uint64_t kept = test_region(self, window, FK_PAGE, 7, port.ref);
    test_map(self, test_ref(FK_DEBUG_REGION, kept), KEPT, FK_PAGE, 0, 7);
    test_thread(keep, port.portset);
    fk_thread_yield();
    LEAST(count, (kept_word = 0, fk_region_flush(kept, 0, FK_PAGE)),
          *(volatile uint64_t *)KEPT = 2);
    report("fault-to-keeper-and-back", count, 1800);
}

/* The most that a flush of one mapping does between two preemption points: 256 pages. And what else
 * is done at one go: a space made and ended, the whole state of a thread. */
static void stretches(void)
{
    static struct fk_thread_state state;
    uint64_t self = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space)), object = test_object();
    struct sample count;
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
static struct sample deep[2][3];
static volatile uint64_t deep_done;

static void deep_calls(uint64_t results)
{
    struct sample *out = (struct sample *)results;
    struct fk_ipc ipc;
    fk_null();
    LEAST(out[0], , fk_null());
    LEAST(out[1], (ipc = (struct fk_ipc){.dest = service.ref, .tag = 8}),
          fk_client_connect_send_over_receive(&ipc));
    LEAST(out[2], (ipc = (struct fk_ipc){.dest = service.ref, .tag = 8}), fk_ipc_call(&ipc));
    deep_done = 1;
    test_stop();
}

static void at_depth(unsigned depth, struct sample *results)
{
    uint64_t space = test_nested(depth, 64 * FK_PAGE);
    deep_done = 0;
    uint64_t thread = test_thread_make(test_ref(FK_DEBUG_SPACE, space), fk_at((void *)deep_calls),
                                       test_pages(2) + 2 * FK_PAGE, fk_at(results));
    uint64_t ref = test_ref(FK_DEBUG_THREAD, thread);
    while (!deep_done)
        fk_thread_schedule(ref, 0, FK_SENSE_BLOCK, FK_FOREVER);
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
}

static void depths(void)
{
    static const char *const names[2][3] = {
        {"null-call-at-depth-1", "rpc-across-spaces-8-words", "idempotent-across-spaces-8-words"},
        {"null-call-at-depth-32", "rpc-8-words-at-depth-32", "idempotent-8-words-at-depth-32"}};
    at_depth(1, deep[0]);
    at_depth(32, deep[1]);
    for (unsigned i = 0; i < 2; i++)
        for (unsigned call = 0; call < 3; call++)
            report(names[i][call], deep[i][call], call ? RPC_LIMIT : NULL_LIMIT);
    for (unsigned call = 0; call < 3; call++)
        CHECK(!exact || deep[0][call].count == deep[1][call].count);
}

static void soft_faults(void)
{
    static const char *const names[] = {"soft-fault-through-2",  "soft-fault-through-3",
                                        "soft-fault-through-5",  "soft-fault-through-9",
                                        "soft-fault-through-17", "soft-fault-through-33",
                                        "soft-fault-through-65"};
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        report(names[i], soft_fault(1u << i), SOFT_LIMIT); /* however many */
}

void test_run(void)
{
    struct sample nothing;
    exact = simcall_PRESENT(0, 0, 0) != 0;
    LEAST(nothing, , );
    overhead = nothing.count;
    service = test_port(1);
    test_thread(echo, service.portset);
    fk_thread_yield();
    null_call();
    rpc();
    bytes();
    idempotent();
    calls();
    soft_faults();
    kept_fault();
    stretches();
    depths();
}
