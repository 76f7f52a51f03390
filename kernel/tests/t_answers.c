/* Each kernel call answers and raises what its page in docs/api lists, no more and no less, and
 * leaves the registers as it says: calls of every kind are made with arguments of every kind, in
 * every state of a connection, until all that is listed has come. SPDX-License-Identifier: MIT */
#include "kernel/tests/test.h"

#define TRIES     300   /* of each call; of one on a connection, twice as many, */
#define TRIES_MAX 60000 /* or until all has come */
#define KINDS     FK_DEBUG_KINDS
#define PAGES     8
#define COPIES    7       /* of references, for the calls to use and to spoil */
#define ANY       (~0ull) /* it answers with a number */
#define NOWHERE   0x500000000000ull

struct call {
    uint16_t number;
    const char *name;
    uint64_t errors, insanities; /* listed, a bit each */
};
static const struct call calls[] = {
#define E(name)                              | 1ull << FK_##name
#define I(name)                              | 1ull << FK_INSANE_##name
#define FK_ANSWERS(name, errors, insanities) {FK_CALL_##name, #name, 0 errors, 0 insanities},
#define FK_ANSWERS_VALUE(name, insanities)   {FK_CALL_##name, #name, ANY, 0 insanities},
#include "abi/fk/answers.def"
};

/* ---- who makes the calls: all registers come with the state ---- */

volatile long answers_got;
volatile uint64_t answers_raised, answers_then;
volatile bool answers_returned;
extern char answers_call[], answers_park[], answers_trap[], answers_resumed[];
extern char answers_other[], answers_yield[];

/* At the end each waits for a time that never comes, which gives the time back. */
__asm__("answers_call: syscall; mov %rax, answers_got(%rip); movb $1, answers_returned(%rip);"
        "answers_park: mov $0x122, %eax; mov $-1, %rdi; shr $1, %rdi; syscall; jmp answers_park;"
        "answers_trap: mov %rax, answers_raised(%rip); jmp answers_park;"
        "answers_resumed: movq $0, answers_got(%rip); movb $1, answers_returned(%rip);"
        "jmp answers_park;"
        "answers_other: syscall; jmp *answers_then(%rip);"
        "answers_yield: mov $0x2f, %eax; syscall; jmp answers_yield");

static uint64_t caller, other, victim, caller_ref, other_ref, stacks[2];
static uint64_t root_ref, child_ref, null_ref, dead_ref, victim_ref;
static uint64_t object[KINDS], ref[KINDS], copy[COPIES], page, empty;
static uint64_t *state, *links;
static struct fk_message *block;
static struct fk_thread_state blank, next;

static uint64_t random(uint64_t below)
{
    static uint64_t seed = 0x9e3779b97f4a7c15ull;
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % below;
}

#define PICK(list) (list)[random(sizeof(list) / sizeof(*(list)))]

static uint64_t some_ref(void)
{
    const uint64_t others[] = {empty, object[FK_DEBUG_MUTEX], FK_USER_END, ref[random(KINDS)] + 8};
    switch (random(4)) {
    case 0:
        return PICK(copy);
    case 1:
        return PICK(others);
    }
    return PICK(ref);
}

static uint64_t some_number(void)
{
    const uint64_t numbers[] = {0,       1,        2,          3,  7,          8,           FK_PAGE,
                                1 << 20, -FK_PAGE, 1ull << 62, 99, FK_FOREVER, 8 * FK_PAGE, 64};
    return PICK(numbers);
}

static uint64_t some_value(void)
{
    const uint64_t others[] = {caller,
                               empty,
                               object[random(KINDS)] + 8,
                               0xffff800000000000,
                               FK_USER_END,
                               NOWHERE,
                               fk_at(state),
                               fk_at(links),
                               fk_at(block)};
    switch (random(4)) {
    case 0:
        return object[random(KINDS)];
    case 1:
        return some_ref();
    case 2:
        return some_number();
    }
    return PICK(others);
}

/* ---- what the calls are made on ---- */

static void reap(void)
{
    struct fk_found found;
    uint64_t at = page, end = page + PAGES * FK_PAGE;
    while (fk_region_search(at, end - at, fk_at(&found)) == FK_OK) {
        CHECK_EQ(fk_call4((found.type << 5) + 2, found.address, 0, 0, 0), FK_OK);
        at = found.address;
    }
}

static void make_thread(uint64_t thread, uint64_t thread_ref)
{
    CHECK_EQ(fk_thread_create(thread), FK_OK);
    CHECK_EQ(fk_thread_reference(thread, thread_ref), FK_OK);
}

/* One of each kind, a reference to each that can have one, and a port where somebody waits. */
static void make_objects(void)
{
    reap();
    for (uint64_t kind = 0; kind < KINDS; kind++) {
        object[kind] = page + kind * FK_OBJECT_BYTES;
        ref[kind] = page + (KINDS + kind) * FK_OBJECT_BYTES;
        CHECK_EQ(fk_call4(kind << 5, object[kind], 0, 0, 0), FK_OK);
        CHECK_EQ(fk_ref_create(ref[kind]), FK_OK);
        if (kind != FK_DEBUG_MAPPING && kind != FK_DEBUG_REF)
            CHECK_EQ(fk_call4((kind << 5) + 4, object[kind], ref[kind], 0, 0), FK_OK);
    }
    CHECK_EQ(fk_ref_reference(root_ref, ref[FK_DEBUG_MAPPING]), FK_OK);
    const uint64_t from[COPIES] = {null_ref,  dead_ref,   root_ref,  child_ref,
                                   other_ref, caller_ref, victim_ref};
    for (unsigned i = 0; i < COPIES; i++) {
        copy[i] = page + (2 * KINDS + i) * FK_OBJECT_BYTES;
        CHECK_EQ(fk_ref_create(copy[i]), FK_OK);
        CHECK_EQ(fk_ref_reference(from[i], copy[i]), FK_OK);
    }
    const struct fk_port_links of_port = {ref[FK_DEBUG_PORTSET]};
    const struct fk_port_state port = {.alias = 1};
    CHECK_EQ(fk_port_set_state(object[FK_DEBUG_PORT], fk_at(&port), fk_at(&of_port)), FK_OK);
    const struct fk_region_state region = {.start = page, .size = 4 * FK_PAGE, .prot = 7};
    const struct fk_region_links of_region = {.space = root_ref};
    CHECK_EQ(fk_region_set_state(object[FK_DEBUG_REGION], fk_at(&region), fk_at(&of_region)),
             FK_OK);
}

static void lend_mutex(void)
{
    const struct fk_mutex_state locked = {.locked = random(2)};
    const uint64_t owners[] = {caller_ref, other_ref, null_ref};
    const struct fk_mutex_links owner = {PICK(owners)};
    CHECK_EQ(fk_mutex_set_state(object[FK_DEBUG_MUTEX], fk_at(&locked), fk_at(&owner)), FK_OK);
}

/* Now and then a thread asks for time at the port. */
static void ask_for_time(void)
{
    const struct fk_thread_links way = {.space = child_ref,
                                        .scheduler = random(2) ? ref[FK_DEBUG_PORT] : null_ref};
    next = blank;
    next.frame.rip = fk_at(random(2) ? answers_park : answers_yield);
    next.flags = random(2) ? FK_THREAD_STOPPED : 0;
    CHECK_EQ(fk_thread_set_state(victim, fk_at(&next), fk_at(&way)), FK_OK);
}

static void fill_state(uint64_t number)
{
    for (unsigned i = 0; i < 64; i++) {
        state[i] = some_value();
        links[i] = random(2) ? 0 : some_ref();
    }
    if (number == FK_CALL_thread_set_state) {
        memcpy(state, &blank, sizeof(blank));
        struct fk_thread_state *of_thread = (struct fk_thread_state *)state;
        of_thread->frame.rip = fk_at(answers_park);
        of_thread->handler[FK_HANDLER_TRAP] = random(2) ? 0 : fk_at(answers_park);
        if (random(2))
            state[random(sizeof(blank) / 8)] = some_value();
    } else if (number == FK_CALL_region_set_state || number == FK_CALL_mapping_set_state) {
        const uint64_t starts[] = {page, 0x700000000000, 0x3ff000, 1, FK_USER_END};
        const uint64_t sizes[] = {0, FK_PAGE, 8 * FK_PAGE, 1ull << 62};
        uint64_t of_region[] = {0, PICK(starts), PICK(sizes), random(9)};
        uint64_t of_mapping[] = {0, PICK(starts), PICK(sizes), random(3) * FK_PAGE, random(9), 0};
        if (number == FK_CALL_region_set_state)
            memcpy(state, of_region, sizeof(of_region));
        else
            memcpy(state, of_mapping, sizeof(of_mapping));
        links[0] = random(2) ? copy[2] : links[0];
    }
}

/* Only references, only bytes, or anything. */
static enum { REFS, BYTES, ANYTHING, FLAVOURS } flavour;

static void fill_part(struct fk_part *part)
{
    const uint64_t sizes[] = {0, 0, 16, 5000};
    const uint64_t refs[] = {PICK(copy), PICK(copy), empty, object[FK_DEBUG_MUTEX], some_ref()};
    *part = (struct fk_part){.refs = PICK(refs), .ref_count = random(4) > 0};
    if (flavour == REFS)
        return;
    part->ref_count = flavour == ANYTHING && random(2);
    part->buffer = (struct fk_buffer){random(8) ? page + 2 * FK_PAGE : NOWHERE, PICK(sizes)};
    part->table = page + FK_PAGE + random(8) / 7 * 8;
    part->entries = random(8) / 7;
}

/* ---- one try ---- */

static void fill_registers(uint64_t number, struct fk_debug_frame *frame)
{
    uint64_t *arguments[] = {&frame->rdi, &frame->rsi, &frame->rdx, &frame->r10};
    frame->rax = number;
    frame->rbx = random(6) ? random(9) : random(16);
    for (uint64_t *each = &frame->r8; each <= &frame->r15; each++)
        *each = random(FK_FOREVER);
    frame->rbp = random(FK_FOREVER);
    for (unsigned i = 0; i < 4; i++)
        *arguments[i] = some_value();
    if (random(3))
        frame->rdi = object[number >> 5 < KINDS ? number >> 5 : random(KINDS)];
    if (number == FK_CALL_thread_schedule) {
        const uint64_t refs[] = {ref[FK_DEBUG_THREAD], copy[5], copy[6], some_ref()};
        const uint64_t portsets[] = {0, object[FK_DEBUG_PORTSET], some_value()};
        frame->rdi = PICK(refs);
        frame->rsi = PICK(portsets);
        frame->rdx = random(4);
        frame->r10 = random(4) ? FK_FOREVER : 0;
        return;
    }
    if (number == FK_CALL_region_set_state && random(8) == 0)
        frame->rdi = fk_at(&boot->pool_region);
    if (number == FK_CALL_region_flush && random(2)) {
        frame->rsi = random(3) * FK_PAGE;
        frame->rdx = random(3) * FK_PAGE;
    } else if (number == FK_CALL_region_search) /* not for hours */
        frame->rsi = some_number();
    else if (random(2))
        frame->rsi = fk_at(state);
    if (random(2) && number != FK_CALL_region_flush)
        frame->rdx = fk_at(links);
    else if (number == FK_CALL_thread_set_state)
        frame->rdx = 0;
}

static void fill_message(uint64_t number, struct fk_debug_frame *frame, unsigned who)
{
    const uint64_t blocks[] = {0, 8, FK_USER_END};
    frame->rsi = random(6) ? fk_at(&block[who]) : PICK(blocks);
    if (random(2))
        frame->rdi = number & FK_IPC_SERVER ? object[FK_DEBUG_PORTSET] : ref[FK_DEBUG_PORT];
    fill_part(&block[who].send);
    fill_part(&block[who].receive);
}

static const uint64_t side_flags[] = {
    0,
    FK_THREAD_CLIENT_ENDED,
    FK_THREAD_CLIENT_BROKEN,
    FK_THREAD_CLIENT_LIMBO,
    FK_THREAD_CLIENT_SENDER,
    FK_THREAD_CLIENT_OFFERED,
    FK_THREAD_CLIENT_SENDER | FK_THREAD_CLIENT_LIMBO,
    FK_THREAD_CLIENT_SENDER | FK_THREAD_CLIENT_ENDED,
};

/* Mostly with the line where the call needs it. */
static uint64_t some_flags(uint64_t number)
{
    uint64_t holds = number & (FK_IPC_SEND | FK_IPC_OVER) ? FK_THREAD_CLIENT_SENDER : 0;
    if (!holds || number & FK_IPC_ACK)
        holds = random(2) * FK_THREAD_CLIENT_OFFERED;
    if (random(4) == 0)
        return PICK(side_flags) | PICK(side_flags) << 1;
    return number & FK_IPC_SERVER ? holds << 1 : holds;
}

static void begin(uint64_t space_ref, uint64_t number, bool connected)
{
    struct fk_thread_links way = {.space = space_ref, .client = null_ref, .server = null_ref};
    if (connected)
        *(number & FK_IPC_SERVER ? &way.server : &way.client) = other_ref;
    next.flags |= some_flags(number);
    next.flags |= random(8) ? 0 : FK_THREAD_SERVER_REQUEST;
    next.frame.rsp = stacks[0];
    CHECK_EQ(fk_thread_set_state(caller, fk_at(&next), fk_at(&way)), FK_OK);
}

static void stop(uint64_t thread)
{
    const struct fk_thread_links alone = {.client = null_ref, .server = null_ref};
    CHECK_EQ(fk_thread_set_state(thread, fk_at(&blank), fk_at(&alone)), FK_OK);
}

static void run(uint64_t thread_ref)
{
    while (fk_thread_schedule(thread_ref, 0, FK_SENSE_BLOCK, FK_FOREVER) != FK_BLOCKED)
        ;
}

static void prepare_caller(uint64_t number)
{
    next = blank;
    next.flags = 0;
    fill_registers(number, &next.frame);
    if (number >= FK_IPC_BASE)
        fill_message(number, &next.frame, 0);
    next.frame.rip = fk_at(answers_call);
    next.thread_va = random(4) ? caller : page;
    if (number != FK_CALL_thread_handlers || random(2)) {
        next.handler[FK_HANDLER_TRAP] = fk_at(answers_trap);
        next.saved = (struct fk_saved){.rip = fk_at(answers_resumed), .rsp = stacks[0]};
        next.flags = FK_THREAD_ENABLED;
    }
    answers_returned = false;
    answers_raised = 0;
}

/* The other end of the caller's connection sends or receives, or it is idle at first. */
static void prepare_other(uint64_t number)
{
    uint64_t side = ~number & FK_IPC_SERVER;
    const uint64_t first[] = {FK_CALL_null,
                              FK_CALL_client_receive | side,
                              FK_CALL_client_receive | side,
                              FK_CALL_client_receive | side,
                              FK_CALL_client_receive | side,
                              FK_CALL_client_ack | side,
                              FK_CALL_client_send | side,
                              FK_CALL_client_send_over | side,
                              FK_CALL_client_send_disconnect | side};
    next = blank;
    next.flags = 0;
    next.frame.rax = PICK(first);
    fill_message(next.frame.rax, &next.frame, 1);
    next.frame.rbx = random(4) ? 0 : random(9);
    next.frame.rip = fk_at(answers_other);
    next.frame.rsp = stacks[1] - 8;
}

/* A call of somebody alone. */
static void try_plain(uint64_t number, uint64_t space_ref)
{
    if (number == FK_CALL_thread_handlers) { /* one that has none yet */
        CHECK_EQ(fk_thread_destroy(caller), FK_OK);
        make_thread(caller, caller_ref);
    }
    lend_mutex();
    ask_for_time();
    fill_state(number);
    prepare_caller(number);
    if (space_ref == root_ref && number == FK_CALL_kernel_debug)
        next.frame.rdi = random(3) ? FK_DEBUG_OBJECTS : 99;
    if (space_ref == root_ref && number == FK_CALL_console_write)
        next.frame.rsi = random(2);
    begin(space_ref, number, false);
    fk_kernel_debug(FK_DEBUG_FAIL, random(4) ? 0 : 1 + random(2), 0);
    run(caller_ref);
    fk_kernel_debug(FK_DEBUG_FAIL, 0, 0);
    if (number != FK_CALL_cond_wait || answers_returned || answers_raised)
        return;
    const struct fk_mutex_state unlocked = {0};
    CHECK_EQ(fk_cond_broadcast(object[FK_DEBUG_COND]), FK_OK);
    CHECK_EQ(fk_mutex_set_state(object[FK_DEBUG_MUTEX], fk_at(&unlocked), 0), FK_OK);
    run(caller_ref);
}

/* What the other one does after its first call. */
static void serve(void)
{
    for (unsigned i = 0; i < 3; i++) {
        struct fk_ipc ipc = {.dest = object[FK_DEBUG_PORTSET], .message = fk_at(&block[1])};
        fk_server_wait_receive(&ipc);
        ipc.tag = random(9);
        fk_server_ack_send_disconnect(&ipc);
    }
    ((void (*)(void))answers_park)();
}

static void ask(void)
{
    for (unsigned i = 0; i < 3; i++) {
        struct fk_ipc ipc = {.dest = ref[FK_DEBUG_PORT], .message = fk_at(&block[1])};
        ipc.tag = random(9);
        if (random(3))
            fk_client_connect_send_over_receive(&ipc);
        else if (random(2))
            fk_client_connect(&ipc);
        else
            fk_ipc_call(&ipc);
    }
    ((void (*)(void))answers_park)();
}

static void answer_as_client(void)
{
    struct fk_ipc ipc = {.message = fk_at(&block[1]), .tag = random(9)};
    fk_client_ack_send(&ipc);
    fk_client_disconnect(&ipc);
    ((void (*)(void))answers_park)();
}

static void answer_as_server(void)
{
    struct fk_ipc ipc = {.message = fk_at(&block[1]), .tag = random(9)};
    fk_server_ack_send_disconnect(&ipc);
    ((void (*)(void))answers_park)();
}

/* A call of one who may be connected, to one who waits, came, or comes later; who is destroyed in
 * the end. */
static void try_ipc(uint64_t number)
{
    const uint64_t thens[] = {
        fk_at(answers_park), fk_at((void *)serve), fk_at((void *)ask),
        fk_at((void *)(number & FK_IPC_SERVER ? answer_as_client : answer_as_server))};
    const struct fk_thread_links way = {.space = child_ref};
    bool connected = random(3), first = random(2);
    flavour = random(FLAVOURS);
    answers_then = random(2) ? PICK(thens) : thens[3];
    prepare_caller(number);
    begin(child_ref, number, connected);
    if (!first)
        run(caller_ref);
    prepare_other(number);
    CHECK_EQ(fk_thread_set_state(other, fk_at(&next), fk_at(&way)), FK_OK);
    for (unsigned i = 0; i < 2; i++) {
        run(other_ref);
        run(caller_ref);
    }
    CHECK_EQ(fk_thread_destroy(other), FK_OK);
    make_thread(other, other_ref);
    run(caller_ref);
}

/* ---- the account ---- */

static uint64_t errors, insanities; /* that have come from this call */

static void note(void)
{
    if (answers_returned)
        errors |= answers_got >= 0 && answers_got < 64 ? 1ull << answers_got : 1ull << 63;
    if (answers_raised > FK_TRAP_INSANITY && answers_raised < FK_TRAP_INTERRUPT)
        insanities |= 1ull << (answers_raised - FK_TRAP_INSANITY);
}

/* A plain call leaves all registers as they were, but for rax, rcx and r11, for what its page says,
 * and for what a handler gets. (rdi is the parked thread's own.) */
static void check_registers(uint64_t number)
{
    static struct fk_thread_state after;
    CHECK_EQ(fk_thread_get_state(caller, fk_at(&after), 0), FK_OK);
    const struct fk_debug_frame *was = &next.frame, *is = &after.frame;
    bool advances = number == FK_CALL_region_search || number == FK_CALL_region_info ||
                    number == FK_CALL_console_write || number == FK_CALL_thread_resume;
    CHECK_EQ(memcmp(&was->r12, &is->r12, 4 * sizeof(was->r12)), 0);
    CHECK(was->rbx == is->rbx && was->rbp == is->rbp && was->r8 == is->r8 && was->r9 == is->r9);
    CHECK(advances || (was->rsi == is->rsi && was->r10 == is->r10));
    CHECK(advances || answers_raised || was->rdx == is->rdx);
}

static void try(uint64_t number, unsigned i)
{
    bool ipc = number >= FK_IPC_BASE,
         in_root = i % 2 && number != FK_CALL_machine_exit && number != FK_CALL_thread_handlers;
    if (ipc)
        try_ipc(number);
    else
        try_plain(number, in_root ? root_ref : child_ref);
    note();
    if (!ipc)
        check_registers(number);
    stop(caller);
    if (ipc ? i % 16 == 0 : answers_returned || !answers_raised)
        make_objects();
}

/* Nobody types: console_wait does not end well. */
static bool all_came(const struct call *call)
{
    uint64_t listed = call->number == FK_CALL_console_wait ? 1 << FK_TIMEOUT : call->errors;
    return !(call->insanities & ~insanities) && (listed == ANY || !(listed & ~errors));
}

static void try_call(const struct call *call)
{
    unsigned least = call->number >= FK_IPC_BASE ? 2 * TRIES : TRIES;
    errors = insanities = 0;
    for (unsigned i = 0; i < least || (i < TRIES_MAX && !all_came(call)); i++)
        try(call->number, i);
    if (!all_came(call) || errors & ~call->errors || insanities & ~call->insanities)
        print("%s: errors %x, listed %x; insanities %x, listed %x\n", call->name, errors,
              call->errors, insanities, call->insanities);
    CHECK_EQ(errors & ~call->errors, 0);
    CHECK_EQ(insanities & ~call->insanities, 0);
    CHECK(all_came(call));
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
}

static void open(void)
{
    page = test_pages(PAGES);
    empty = page + FK_PAGE - FK_OBJECT_BYTES;
    state = (uint64_t *)(page + 4 * FK_PAGE);
    links = (uint64_t *)(page + 6 * FK_PAGE);
    block = (struct fk_message *)(page + 7 * FK_PAGE);
    caller = test_object();
    caller_ref = test_object();
    CHECK_EQ(fk_ref_create(caller_ref), FK_OK);
    make_thread(caller, caller_ref);
    other = test_object();
    other_ref = test_object();
    CHECK_EQ(fk_ref_create(other_ref), FK_OK);
    make_thread(other, other_ref);
    victim = test_object();
    victim_ref = test_object();
    CHECK_EQ(fk_ref_create(victim_ref), FK_OK);
    make_thread(victim, victim_ref);
    for (unsigned i = 0; i < 2; i++)
        stacks[i] = test_pages(1) + FK_PAGE;
    root_ref = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space));
    child_ref = test_ref(FK_DEBUG_SPACE, test_space(512 * 1024));
    null_ref = test_object();
    CHECK_EQ(fk_ref_create(null_ref), FK_OK);
    uint64_t dead = test_object();
    CHECK_EQ(fk_port_create(dead), FK_OK);
    dead_ref = test_ref(FK_DEBUG_PORT, dead);
    CHECK_EQ(fk_port_destroy(dead), FK_OK);
    CHECK_EQ(fk_thread_get_state(other, fk_at(&blank), 0), FK_OK);
    make_objects();
}

void test_run(void)
{
    open();
    for (unsigned i = 0; i < sizeof(calls) / sizeof(*calls); i++)
        try_call(&calls[i]);
    print("\n"); /* after what console_write wrote */
}
