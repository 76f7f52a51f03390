/* Nobody executes what he may not: code on a page without the execute right faults, and so does
 * code whose region loses it while in use (on a CPU that knows the right). And nobody reaches the
 * kernel's own memory: not by an access, not by a call that writes or reads for him, not by an
 * object that lies there, not by a region or mapping that would show it.
 * SPDX-License-Identifier: MIT */
#include "kernel/tests/test.h"

#define CODE 0x320000000000ull /* with all rights */
#define DATA 0x330000000000ull /* the same page, without the execute right */
#define TRAP 14                /* page fault */
#define RET  0xc3

static uint64_t self;

/* Call what is there: 0, or the cause of the exception that it raised. */
long test_go(uint64_t at);
extern char test_go_back[];
__asm__("test_go: call *%rdi; xor %eax, %eax; ret;"
        "test_go_back: lea 8(%rsp), %rsp; ret"); /* at the fault the stack has the call's address */
long test_touch(uint64_t at, uint64_t value, uint64_t write);
extern char test_touch_back[];

static void handle_at(const char *place)
{
    const uint64_t handler[FK_HANDLERS] = {fk_at(place), 0, 0, 0};
    CHECK_EQ(fk_thread_handlers(fk_at(handler), 0), FK_OK);
    CHECK_EQ(fk_thread_enable(), FK_OK);
}

static long go(uint64_t at)
{
    handle_at(test_go_back);
    long cause = test_go(at);
    fk_thread_disable();
    return cause;
}

static long touch(uint64_t at, bool write)
{
    handle_at(test_touch_back);
    long cause = test_touch(at, 0, write);
    fk_thread_disable();
    return cause;
}

static bool cpu_has_nx(void)
{
    uint32_t a = 0x80000001, b, c = 0, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return d >> 20 & 1;
}

static void execution(void)
{
    uint64_t page = test_pages(1), region = test_region(self, page, FK_PAGE, 7, 0);
    uint64_t ref = test_ref(FK_DEBUG_REGION, region);
    long forbidden = cpu_has_nx() ? TRAP : 0;
    test_map(self, ref, CODE, FK_PAGE, 0, 7);
    test_map(self, ref, DATA, FK_PAGE, 0, FK_READ | FK_WRITE);
    *(volatile unsigned char *)DATA = RET;
    for (unsigned i = 0; i < 2; i++) { /* by a fault that finds the page, and with it there */
        CHECK_EQ(go(CODE), 0);
        CHECK_EQ(go(DATA), forbidden);
        CHECK_EQ(fk_region_protect(region, FK_READ | FK_WRITE), FK_OK);
        CHECK_EQ(go(CODE), forbidden);
        CHECK_EQ(*(volatile unsigned char *)CODE, RET);
        CHECK_EQ(fk_region_protect(region, 7), FK_OK);
    }
}

static const uint64_t kernel[] = {
    0xffffffff80100000,                     /* its code */
    0xffffffff80000000, 0xffff800000100000, /* the same in its map of all memory */
    0xffff800000000000, 0xfffffffffffff000,
};
enum { PLACES = sizeof(kernel) / sizeof(*kernel) };

static void accesses(uint64_t at)
{
    CHECK_EQ(touch(at, false), TRAP);
    CHECK_EQ(touch(at, true), TRAP);
    CHECK_EQ(go(at), TRAP);
}

static void refused(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    long cause = test_insane(number, a, b, c, d);
    if (cause != FK_INSANE_INVALID_ADDRESS)
        test_fail(__FILE__, (int)number, "the kernel's memory is refused", (uint64_t)cause, a);
}

/* The others have links alone: what their set_state is given as a state it does not look at. */
static bool takes_state(uint64_t kind)
{
    return kind == FK_DEBUG_THREAD || kind == FK_DEBUG_REGION || kind == FK_DEBUG_MAPPING ||
           kind == FK_DEBUG_PORT || kind == FK_DEBUG_MUTEX;
}

/* Every call that reads or writes memory which its caller names; every kind of object. */
static void calls(uint64_t at)
{
    static uint64_t object[FK_DEBUG_KINDS];
    const uint64_t none[FK_HANDLERS] = {0};
    for (uint64_t kind = 0; kind < FK_DEBUG_KINDS; kind++) {
        uint64_t base = kind << 5;
        if (!object[kind]) {
            object[kind] = test_object();
            CHECK_EQ(fk_call4(base, object[kind], 0, 0, 0), FK_OK);
        }
        for (uint64_t operation = 0; operation < 4; operation++) /* create to move */
            refused(base + operation, at, at, 0, 0);
        refused(base + 3, object[kind], at, 0, 0);
        if (kind != FK_DEBUG_MAPPING)
            refused(base + 4, object[kind], at, 0, 0);
        refused(base + 5, object[kind], at, 0, 0);
        if (takes_state(kind))
            refused(base + 6, object[kind], at, 0, 0);
    }
    refused(FK_CALL_space_name, object[FK_DEBUG_SPACE], at, 8, 0);
    refused(FK_CALL_thread_handlers, at, 0, 0, 0);
    refused(FK_CALL_thread_handlers, fk_at(none), at, 0, 0);
    refused(FK_CALL_thread_saved_state, at, 0, 0, 0);
    refused(FK_CALL_region_search, 0x400000, FK_PAGE, at, 0);
    refused(FK_CALL_region_search, at, FK_PAGE, fk_at(object), 0);
    refused(FK_CALL_console_write, at, 8, 0, 0);
    refused(FK_CALL_console_read, at, 8, 0, 0);
}

/* A message from there, and one to there: who named it stops at a page fault. */
static struct test_port port;
static volatile unsigned arrived;
static struct fk_buffer from, to;

static void client(uint64_t unused)
{
    static struct fk_message block;
    (void)unused;
    block = (struct fk_message){.send.buffer = from};
    struct fk_ipc ipc = {.dest = port.ref, .message = fk_at(&block), .tag = 1};
    fk_client_connect_send_over_receive(&ipc);
    arrived |= 1;
    test_stop();
}

static void server(uint64_t unused)
{
    static struct fk_message block;
    (void)unused;
    block = (struct fk_message){.receive.buffer = to};
    struct fk_ipc ipc = {.dest = port.portset, .message = fk_at(&block)};
    fk_server_wait_receive(&ipc);
    arrived |= 2;
    test_stop();
}

static void message(uint64_t source, uint64_t target)
{
    from = (struct fk_buffer){source, 64};
    to = (struct fk_buffer){target, 64};
    port = test_port(1);
    arrived = 0;
    uint64_t receiver = test_thread(server, 0), sender = test_thread(client, 0);
    for (unsigned i = 0; i < 8; i++)
        fk_thread_yield();
    CHECK_EQ(arrived, 0);
    CHECK_EQ(fk_thread_destroy(sender), FK_OK);
    CHECK_EQ(fk_thread_destroy(receiver), FK_OK);
}

static void messages(uint64_t at)
{
    static unsigned char good[64];
    memset(good, 0x5a, sizeof(good));
    message(at, fk_at(good));
    for (unsigned i = 0; i < sizeof(good); i++)
        CHECK_EQ(good[i], 0x5a);
    message(fk_at(good), at);
}

static void views(uint64_t at)
{
    uint64_t region = test_object(), map = test_object();
    struct fk_region_state range = {.start = at, .size = FK_PAGE, .prot = 7};
    struct fk_mapping_state view = {.start = at, .size = FK_PAGE, .prot = 7};
    CHECK_EQ(fk_region_create(region), FK_OK);
    CHECK_EQ(fk_mapping_create(map), FK_OK);
    refused(FK_CALL_region_set_state, region, fk_at(&range), 0, 0);
    refused(FK_CALL_mapping_set_state, map, fk_at(&view), 0, 0);
    /* A small region, looked at behind its end, and before its beginning by an overflow. */
    uint64_t page = test_pages(1),
             ref = test_ref(FK_DEBUG_REGION, test_region(self, page, FK_PAGE, 7, 0));
    struct fk_mapping_links links = {self, ref};
    view = (struct fk_mapping_state){
        .start = CODE + FK_PAGE, .size = FK_PAGE, .offset = at - page, .prot = 7};
    if (test_insane(FK_CALL_mapping_set_state, map, fk_at(&view), fk_at(&links), 0) == 0)
        CHECK_EQ(touch(CODE + FK_PAGE, true), TRAP);
    CHECK_EQ(fk_mapping_destroy(map), FK_OK);
}

void test_run(void)
{
    self = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space));
    execution();
    for (unsigned i = 0; i < PLACES; i++) {
        accesses(kernel[i]);
        calls(kernel[i]);
        messages(kernel[i]);
        views(kernel[i]);
    }
}
