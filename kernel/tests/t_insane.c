/* Every misuse raises exactly its insanity in the caller, and changes nothing.
 * SPDX-License-Identifier: MIT */
#include "kernel/tests/test.h"

static uint64_t mutex, cond, ref, null_ref, space, region, mapping, port, portset, thread, dead_ref;
static uint64_t space_ref, region_ref, mutex_ref, port_ref, thread_ref;
static unsigned seen[32];

static void expect(const char *what, long insanity, uint64_t number, uint64_t a, uint64_t b,
                   uint64_t c, uint64_t d)
{
    uint64_t objects = fk_kernel_debug(FK_DEBUG_OBJECTS, FK_DEBUG_KINDS, 0);
    long got = test_insane(number, a, b, c, d);
    if (got != insanity)
        print("call %x (%s): %d, not %d\n", number, what, (int64_t)got, (int64_t)insanity);
    CHECK_EQ(got, insanity);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_OBJECTS, FK_DEBUG_KINDS, 0), objects);
    seen[insanity]++;
}

#define EXPECT(name, number, ...) expect(#name, FK_INSANE_##name, number, __VA_ARGS__)

static void addresses(void)
{
    static uint64_t state[256] __attribute__((aligned(64)));
    for (uint64_t kind = 0; kind < FK_DEBUG_KINDS; kind++) {
        uint64_t base = kind << 5, wrong = kind == FK_DEBUG_MUTEX ? cond : mutex;
        for (uint64_t op = 0; op <= 6; op++) {
            if (op == 4 && kind == FK_DEBUG_MAPPING)
                continue;
            EXPECT(NOT_ALIGNED, base + op, mutex + 8, fk_at(state), 0, 0);
            EXPECT(INVALID_ADDRESS, base + op, 0xffff800000000000, fk_at(state), 0, 0);
            EXPECT(INVALID_ADDRESS, base + op, FK_USER_END, fk_at(state), 0, 0);
            if (op < 2) {
                EXPECT(OBJECT_EXISTS, base + op, mutex, 0, 0, 0);
                continue;
            }
            EXPECT(NO_OBJECT, base + op, fk_at(state), fk_at(state), 0, 0);
            EXPECT(WRONG_TYPE, base + op, wrong, fk_at(state), 0, 0);
        }
    }
    EXPECT(OBJECT_EXISTS, FK_CALL_mutex_move, mutex, cond, 0, 0);
    EXPECT(NOT_ALIGNED, FK_CALL_mutex_move, mutex, fk_at(state) + 8, 0, 0);
    EXPECT(WRONG_TYPE, FK_CALL_mutex_reference, mutex, cond, 0, 0);
    EXPECT(NO_OBJECT, FK_CALL_mutex_reference, mutex, fk_at(state), 0, 0);
    EXPECT(NO_CALL, 0x3ff, 0, 0, 0, 0);
    EXPECT(NO_CALL, 0x7777777777777777, 0, 0, 0, 0);
    EXPECT(NO_CALL, 0x1f, 0, 0, 0, 0);
    EXPECT(NO_CALL, FK_IPC_BASE + 0x5a, 0, 0, 0, 0);
}

static void threads(void)
{
    static struct fk_thread_state state;
    uint64_t own = fk_thread_self();
    EXPECT(CURRENT_THREAD, FK_CALL_thread_get_state, own, fk_at(&state), 0, 0);
    EXPECT(CURRENT_THREAD, FK_CALL_thread_set_state, own, fk_at(&state), 0, 0);
    EXPECT(CURRENT_THREAD, FK_CALL_thread_interrupt, own, 0, 0, 0);
    EXPECT(CURRENT_THREAD, FK_CALL_thread_destroy, own, 0, 0, 0);
    EXPECT(CURRENT_THREAD, FK_CALL_thread_move, own, mutex, 0, 0);
    EXPECT(CURRENT_THREAD, FK_CALL_thread_schedule, test_ref(FK_DEBUG_THREAD, own), 0, 0, 0);
    EXPECT(INVALID_OBJECT, FK_CALL_thread_schedule, null_ref, 0, 0, 0);
    EXPECT(WRONG_REF, FK_CALL_thread_schedule, mutex_ref, 0, 0, 0);
    EXPECT(WRONG_TYPE, FK_CALL_thread_schedule, thread_ref, mutex, 0, 0);
    CHECK_EQ(fk_thread_get_state(thread, fk_at(&state), 0), FK_OK);
    state.frame.rip = 1ull << 47;
    EXPECT(INVALID_STATE, FK_CALL_thread_set_state, thread, fk_at(&state), 0, 0);
    state.frame.rip = 0;
    state.flags = 1ull << 40;
    EXPECT(INVALID_STATE, FK_CALL_thread_set_state, thread, fk_at(&state), 0, 0);
    state.flags = FK_THREAD_STOPPED;
    state.frame.fs_base = 0x7000000000000000;
    EXPECT(INVALID_STATE, FK_CALL_thread_set_state, thread, fk_at(&state), 0, 0);
    state.frame.fs_base = 0;
    state.handler[2] = ~0ull;
    EXPECT(INVALID_STATE, FK_CALL_thread_set_state, thread, fk_at(&state), 0, 0);
    state.handler[2] = 0;
    state.thread_va = 1;
    EXPECT(NOT_ALIGNED, FK_CALL_thread_set_state, thread, fk_at(&state), 0, 0);
    state.thread_va = 0;
    state.xstate[24] = state.xstate[25] = state.xstate[26] = 0xff; /* reserved bits of MXCSR */
    EXPECT(INVALID_STATE, FK_CALL_thread_set_state, thread, fk_at(&state), 0, 0);
    struct fk_thread_links links = {.space = mutex_ref};
    EXPECT(WRONG_REF, FK_CALL_thread_set_state, thread, 0, fk_at(&links), 0);
    links = (struct fk_thread_links){.client = thread_ref};
    EXPECT(INVALID_STATE, FK_CALL_thread_set_state, thread, 0, fk_at(&links), 0);
    uint64_t bad[4] = {FK_USER_END, 0, 0, 0};
    EXPECT(INVALID_ADDRESS, FK_CALL_thread_handlers, fk_at(bad), 0, 0, 0);
    EXPECT(INVALID_ADDRESS, FK_CALL_thread_saved_state, FK_USER_END - 8, 0, 0, 0);
}

static void memory(void)
{
    struct fk_region_state r = {.start = 1, .size = FK_PAGE, .prot = 7};
    struct fk_mapping_state m = {.start = 0x700000000000, .size = FK_PAGE, .prot = 7};
    struct fk_mapping_links links = {space_ref, region_ref};
    EXPECT(NOT_ALIGNED, FK_CALL_region_set_state, region, fk_at(&r), 0, 0);
    r = (struct fk_region_state){.start = FK_USER_END - FK_PAGE, .size = 2 * FK_PAGE};
    EXPECT(INVALID_ADDRESS, FK_CALL_region_set_state, region, fk_at(&r), 0, 0);
    r = (struct fk_region_state){.prot = 8};
    EXPECT(INVALID_PROT, FK_CALL_region_set_state, region, fk_at(&r), 0, 0);
    EXPECT(INVALID_PROT, FK_CALL_region_protect, region, 8, 0, 0);
    EXPECT(NOT_ALIGNED, FK_CALL_region_flush, region, 1, FK_PAGE, 0);
    EXPECT(INVALID_ADDRESS, FK_CALL_region_flush, region, 0, 1ull << 40, 0);
    EXPECT(INVALID_ADDRESS, FK_CALL_region_flush, region, -FK_PAGE, FK_PAGE, 0);
    EXPECT(INVALID_ADDRESS, FK_CALL_region_info, region, 0, 1ull << 60, fk_at(&m));
    EXPECT(INVALID_ADDRESS, FK_CALL_region_search, 0, FK_USER_END + 1, fk_at(&m), 0);
    r.prot = 7;
    EXPECT(INVALID_OBJECT, FK_CALL_region_set_state, fk_at(&boot->pool_region), fk_at(&r), 0, 0);
    m.offset = 8;
    EXPECT(NOT_ALIGNED, FK_CALL_mapping_set_state, mapping, fk_at(&m), fk_at(&links), 0);
    m.offset = 0;
    m.table = 4;
    EXPECT(NOT_ALIGNED, FK_CALL_mapping_set_state, mapping, fk_at(&m), fk_at(&links), 0);
    m.table = 0;
    m.prot = 9;
    EXPECT(INVALID_PROT, FK_CALL_mapping_set_state, mapping, fk_at(&m), fk_at(&links), 0);
    m.prot = 7;
    m.size = 0;
    EXPECT(INVALID_ADDRESS, FK_CALL_mapping_set_state, mapping, fk_at(&m), fk_at(&links), 0);
    m.size = -FK_PAGE;
    EXPECT(INVALID_ADDRESS, FK_CALL_mapping_set_state, mapping, fk_at(&m), fk_at(&links), 0);
    m = (struct fk_mapping_state){.start = 0x3ff000, .size = 2 * FK_PAGE, .prot = 7};
    EXPECT(ADDRESS_OVERLAP, FK_CALL_mapping_set_state, mapping, fk_at(&m), fk_at(&links), 0);
    m.size = 1ull << 46;
    EXPECT(ADDRESS_OVERLAP, FK_CALL_mapping_set_state, mapping, fk_at(&m), fk_at(&links), 0);
    links.region = port_ref;
    EXPECT(WRONG_REF, FK_CALL_mapping_set_state, mapping, fk_at(&m), fk_at(&links), 0);
    EXPECT(INVALID_BUDGET, FK_CALL_space_budget, space, 1ull << 50, 0, 0);
    EXPECT(INVALID_BUDGET, FK_CALL_space_budget, space, -4096, 0, 0);
}

static void sync(void)
{
    EXPECT(MUTEX_NOT_OWNED, FK_CALL_mutex_unlock, mutex, 0, 0, 0);
    EXPECT(MUTEX_NOT_OWNED, FK_CALL_cond_wait, cond, mutex, 0, 0);
    CHECK_EQ(fk_mutex_lock(mutex), FK_OK);
    EXPECT(MUTEX_LOCKED, FK_CALL_mutex_lock, mutex, 0, 0, 0);
    EXPECT(MUTEX_LOCKED, FK_CALL_mutex_trylock, mutex, 0, 0, 0);
    EXPECT(WRONG_TYPE, FK_CALL_cond_wait, mutex, mutex, 0, 0);
    CHECK_EQ(fk_mutex_unlock(mutex), FK_OK);
    struct fk_mutex_state state = {0, 2};
    EXPECT(INVALID_STATE, FK_CALL_mutex_set_state, mutex, fk_at(&state), 0, 0);
}

static void ipc(void)
{
    EXPECT(NOT_SENDER, FK_CALL_client_send, 0, 0, 0, 0);
    EXPECT(NOT_SENDER, FK_CALL_client_over, 0, 0, 0, 0);
    EXPECT(NOT_SENDER, FK_CALL_server_send, 0, 0, 0, 0);
    EXPECT(NOT_RECEIVER, FK_CALL_client_receive, 0, 0, 0, 0);
    EXPECT(NOT_RECEIVER, FK_CALL_client_ack, 0, 0, 0, 0);
    EXPECT(NOT_RECEIVER, FK_CALL_server_receive, 0, 0, 0, 0);
    EXPECT(WRONG_REF, FK_CALL_ipc_send, mutex_ref, 0, 0, 0);
    EXPECT(WRONG_TYPE, FK_CALL_ipc_call, mutex, 0, 0, 0);
    EXPECT(NOT_ALIGNED, FK_CALL_ipc_call, port_ref, 8, 0, 0);
    EXPECT(INVALID_ADDRESS, FK_CALL_ipc_call, port_ref, 1ull << 63, 0, 0);
    EXPECT(WRONG_TYPE, FK_CALL_server_wait_receive, port, 0, 0, 0);
    CHECK_EQ(fk_ipc_send(&(struct fk_ipc){.dest = dead_ref}), FK_INVALID_DEST);
    CHECK_EQ(fk_client_alert(&(struct fk_ipc){.tag = 0}), FK_DISCONNECTED);
}

static volatile long from_child = -1, self_child;

static void child(uint64_t unused)
{
    (void)unused;
    self_child = test_insane(FK_CALL_thread_self, 0, 0, 0, 0);
    from_child = test_insane(FK_CALL_machine_exit, 7, 0, 0, 0);
    test_stop();
}

static void root_only(void)
{
    uint64_t inner = test_space(64 * FK_PAGE);
    uint64_t t = test_thread_make(test_ref(FK_DEBUG_SPACE, inner), fk_at((void *)child),
                                  test_pages(2) + 2 * FK_PAGE, 0);
    static struct fk_thread_state state;
    CHECK_EQ(fk_thread_get_state(t, fk_at(&state), 0), FK_OK);
    state.thread_va += FK_OBJECT_BYTES;
    state.flags = 0;
    CHECK_EQ(fk_thread_set_state(t, fk_at(&state), 0), FK_OK);
    while (from_child == -1)
        fk_thread_schedule(test_ref(FK_DEBUG_THREAD, t), 0, FK_SENSE_BLOCK, FK_FOREVER);
    CHECK_EQ(from_child, FK_INSANE_NOT_ROOT);
    seen[FK_INSANE_NOT_ROOT]++;
    CHECK_EQ(self_child, FK_INSANE_THREAD_VA);
    seen[FK_INSANE_THREAD_VA]++;
}

/* More than eight words: the tag is not an argument of a plain call. */
long test_insane_tag(uint64_t number, uint64_t tag);
__asm__("test_insane_tag: push %rbx; mov %rdi, %rax; mov %rsi, %rbx; xor %esi, %esi; syscall;"
        "xor %eax, %eax; test_tag_back: pop %rbx; ret");
extern char test_tag_back[];

static void message(void)
{
    uint64_t handler[FK_HANDLERS] = {fk_at(test_tag_back), 0, 0, 0};
    fk_thread_handlers(fk_at(handler), 0);
    fk_thread_enable();
    long cause = test_insane_tag(FK_CALL_client_receive, 9);
    fk_thread_disable();
    CHECK_EQ(cause, FK_TRAP_INSANITY + FK_INSANE_INVALID_MESSAGE);
    seen[FK_INSANE_INVALID_MESSAGE]++;
}

static void create_all(void)
{
    uint64_t *all[] = {&space, &thread, &region, &mapping, &port, &portset, &mutex, &cond, &ref};
    for (uint64_t kind = 0; kind < FK_DEBUG_KINDS; kind++) {
        *all[kind] = test_object();
        CHECK_EQ(fk_call4(kind << 5, *all[kind], 0, 0, 0), FK_OK);
    }
    null_ref = test_object();
    fk_ref_create(null_ref);
    space_ref = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space));
    region_ref = test_ref(FK_DEBUG_REGION, region);
    mutex_ref = test_ref(FK_DEBUG_MUTEX, mutex);
    port_ref = test_ref(FK_DEBUG_PORT, port);
    thread_ref = test_ref(FK_DEBUG_THREAD, thread);
    uint64_t dead = test_object();
    fk_port_create(dead);
    dead_ref = test_ref(FK_DEBUG_PORT, dead);
    fk_port_destroy(dead);
}

void test_run(void)
{
    create_all();
    addresses();
    threads();
    memory();
    sync();
    ipc();
    root_only();
    message();
#define FK_INSANITY(number, name, text)                                                            \
    if (!seen[number])                                                                             \
        print("never seen: %s\n", #name);                                                          \
    CHECK(seen[number]);
#include "abi/fk/errors.def"
}
