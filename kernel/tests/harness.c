/* kernel/tests/harness.c -- the root program around a test: start, helpers, verdict.
 * SPDX-License-Identifier: MIT */
#include "kernel/tests/test.h"

struct fk_bootinfo *boot;
static uint64_t next_page, end_page, object_page, object_at;
static struct fk_object idle_mutex;

void program_main(struct fk_bootinfo *info);

void test_fail(const char *file, int line, const char *what, uint64_t a, uint64_t b)
{
    print("FAIL %s:%d: %s (%x, %x)\n", file, (int64_t)line, what, a, b);
    fk_machine_exit(1);
    __builtin_unreachable();
}

void test_end(void)
{
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
    print("PASS\n");
    fk_machine_exit(0);
    __builtin_unreachable();
}

void program_main(struct fk_bootinfo *info)
{
    boot = info;
    next_page = boot->pool_free;
    end_page = boot->pool_end; /* not every space that asks has a boot page */
    fk_mutex_create(fk_at(&idle_mutex));
    fk_mutex_lock(fk_at(&idle_mutex));
    test_run();
    test_end();
}

uint64_t test_pages(unsigned count)
{
    uint64_t at = next_page;
    next_page += (uint64_t)count * FK_PAGE;
    CHECK(next_page <= end_page);
    return at;
}

uint64_t test_object(void)
{
    if (!object_page || object_at == FK_PAGE) {
        object_page = test_pages(1);
        object_at = 0;
    }
    object_at += FK_OBJECT_BYTES;
    return object_page + object_at - FK_OBJECT_BYTES;
}

uint64_t test_ref(enum fk_debug_kind kind, uint64_t va)
{
    uint64_t ref = test_object();
    CHECK_EQ(fk_ref_create(ref), FK_OK);
    CHECK_EQ(fk_call4(((uint64_t)kind << 5) + 4, va, ref, 0, 0), FK_OK);
    return ref;
}

uint64_t test_thread_make(uint64_t space_ref, uint64_t entry, uint64_t stack, uint64_t argument)
{
    static struct fk_thread_state state;
    uint64_t thread = test_object();
    struct fk_thread_links links = {.space = space_ref};
    CHECK_EQ(fk_thread_create(thread), FK_OK);
    CHECK_EQ(fk_thread_get_state(thread, fk_at(&state), 0), FK_OK);
    state.thread_va = thread;
    state.flags &= ~(uint64_t)FK_THREAD_STOPPED;
    state.frame.rip = entry;
    state.frame.rsp = stack - 8; /* as after a call */
    state.frame.rdi = argument;
    CHECK_EQ(fk_thread_set_state(thread, fk_at(&state), fk_at(&links)), FK_OK);
    return thread;
}

uint64_t test_thread(void (*entry)(uint64_t), uint64_t argument)
{
    uint64_t stack = test_pages(4) + 4 * FK_PAGE;
    uint64_t space = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space));
    return test_thread_make(space, fk_at((void *)entry), stack, argument);
}

uint64_t test_scheduled(uint64_t thread, uint64_t port_ref, uint64_t value)
{
    static struct fk_thread_state state;
    struct fk_thread_links links = {.scheduler = port_ref};
    CHECK_EQ(fk_thread_get_state(thread, fk_at(&state), 0), FK_OK);
    state.flags &= ~(uint64_t)FK_THREAD_STOPPED;
    state.sched_val = value;
    CHECK_EQ(fk_thread_set_state(thread, fk_at(&state), fk_at(&links)), FK_OK);
    return thread;
}

uint64_t test_map(uint64_t space_ref, uint64_t region_ref, uint64_t start, uint64_t size,
                  uint64_t offset, unsigned prot)
{
    uint64_t mapping = test_object();
    struct fk_mapping_state state = {.start = start, .size = size, .offset = offset, .prot = prot};
    struct fk_mapping_links links = {space_ref, region_ref};
    CHECK_EQ(fk_mapping_create(mapping), FK_OK);
    CHECK_EQ(fk_mapping_set_state(mapping, fk_at(&state), fk_at(&links)), FK_OK);
    return mapping;
}

uint64_t test_region(uint64_t space_ref, uint64_t start, uint64_t size, unsigned prot,
                     uint64_t keeper_ref)
{
    uint64_t region = test_object();
    struct fk_region_state state = {.start = start, .size = size, .prot = prot};
    struct fk_region_links links = {space_ref, keeper_ref};
    CHECK_EQ(fk_region_create(region), FK_OK);
    CHECK_EQ(fk_region_set_state(region, fk_at(&state), fk_at(&links)), FK_OK);
    return region;
}

/* Everything up to the end of user memory, seen through one region. */
uint64_t test_space(uint64_t budget)
{
    static uint64_t own_region_ref;
    uint64_t space = test_object(), own = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space));
    CHECK_EQ(fk_space_create(space), FK_OK);
    CHECK_EQ(fk_space_budget(space, budget), FK_OK);
    if (!own_region_ref)
        own_region_ref = test_ref(FK_DEBUG_REGION, test_region(own, 0, FK_USER_END, 7, 0));
    test_map(test_ref(FK_DEBUG_SPACE, space), own_region_ref, 0, FK_USER_END, 0, 7);
    return space;
}

#define NEST_SEES   0x200000000000ull
#define NEST_BUDGET (20 * FK_PAGE) /* of each */

static uint64_t nest_budget;
static volatile uint64_t nest;

/* By a thread of `space`, whose time comes from the one before. */
static void nest_make(uint64_t space)
{
    uint64_t own = test_ref(FK_DEBUG_SPACE, space), inner = test_object();
    CHECK_EQ(fk_space_create(inner), FK_OK);
    CHECK_EQ(fk_space_budget(inner, nest_budget), FK_OK);
    test_map(test_ref(FK_DEBUG_SPACE, inner),
             test_ref(FK_DEBUG_REGION, test_region(own, 0, NEST_SEES, 7, 0)), 0, NEST_SEES, 0, 7);
    nest = inner;
}

static void nest_thread(uint64_t space)
{
    nest_make(space);
    test_stop();
}

uint64_t test_nested(unsigned levels, uint64_t budget)
{
    nest_budget = budget + levels * NEST_BUDGET;
    nest_make(fk_at(&boot->space));
    for (unsigned i = 1; i < levels; i++) {
        uint64_t outer = nest, ref = test_ref(FK_DEBUG_SPACE, outer);
        nest_budget -= NEST_BUDGET;
        uint64_t thread =
            test_thread_make(ref, fk_at((void *)nest_thread), test_pages(1) + FK_PAGE, outer);
        fk_thread_schedule(test_ref(FK_DEBUG_THREAD, thread), 0, FK_SENSE_BLOCK, FK_FOREVER);
        CHECK_EQ(fk_thread_destroy(thread), FK_OK);
        CHECK(nest != outer);
    }
    return nest;
}

struct test_port test_port(uint64_t alias)
{
    struct test_port made = {test_object(), test_object(), 0};
    struct fk_port_state state = {.alias = alias};
    CHECK_EQ(fk_port_create(made.port), FK_OK);
    CHECK_EQ(fk_portset_create(made.portset), FK_OK);
    struct fk_port_links links = {test_ref(FK_DEBUG_PORTSET, made.portset)};
    CHECK_EQ(fk_port_set_state(made.port, fk_at(&state), fk_at(&links)), FK_OK);
    made.ref = test_ref(FK_DEBUG_PORT, made.port);
    return made;
}

/* The handler comes here with the cause in rax; the call left no trace on the stack. */
long test_insane_call(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
extern char test_insane_back[];

long test_insane(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    uint64_t handler[FK_HANDLERS] = {fk_at(test_insane_back), 0, 0, 0}, none[FK_HANDLERS] = {0};
    CHECK_EQ(fk_thread_handlers(fk_at(handler), 0), FK_OK);
    fk_thread_enable();
    long cause = test_insane_call(number, a, b, c, d);
    fk_thread_disable();
    CHECK_EQ(fk_thread_handlers(fk_at(none), 0), FK_OK);
    return cause > FK_TRAP_INSANITY ? cause - FK_TRAP_INSANITY : cause == 14 ? -14 : 0;
}

void test_sleep(uint64_t milliseconds)
{
    fk_clock_wait((uint64_t)fk_clock_read() + milliseconds * 1000000);
}

/* A host that stands still for a while may make up for the ticks that it missed: of a turn, which
 * is ten of them, little is left then. Not twenty times. */
void test_let_run(void)
{
    for (unsigned i = 0; i < 20; i++)
        test_sleep(1);
}

void test_stop(void)
{
    fk_mutex_lock(fk_at(&idle_mutex));
    __builtin_unreachable();
}
