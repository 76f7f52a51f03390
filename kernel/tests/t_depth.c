/* Every kernel call costs exactly the same at depth 1 and at depth 32: two threads of a space in a
 * space in a space make all of them, each in several states, in the same order at both depths.
 * Under Flatfish the instructions of each are counted, and must be equal; elsewhere they are only
 * made. Calls for the root space alone are made, too: what they raise costs the same.
 * SPDX-License-Identifier: MIT */
#include "abi/simcall/simcall.h"
#include "kernel/tests/test.h"

#define ROUNDS 12  /* the least of them counts: interrupts fall out */
#define MADE   400 /* calls, of both in a round */
#define PAGES  8   /* of the region that is made and flushed */
#define AT     0x330000000000ull
#define TURNS  4000 /* more, and they wait for each other */
#define BUDGET (96 * FK_PAGE)

static const unsigned depths[2] = {1, 32};

/* What is at the same place in every page of objects, for both depths. */
struct props {
    struct fk_object object, moved, region, mapping, mutex, cond, ref;
};

struct made {
    uint64_t number, least[2];
};
static struct made made[2][MADE]; /* by each of the two */
static volatile unsigned at[2];
static unsigned deep; /* which of the depths */
static volatile unsigned rounds[2], asked;
static struct props *props;
static uint64_t space_ref, port_ref, portset, other;
static struct fk_region_links region_links;
static struct fk_mapping_links mapping_links;
static uint64_t memory;

static uint64_t cycles(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

static long note(unsigned who, uint64_t number, uint64_t spent, long answer)
{
    struct made *call = &made[who][at[who]++ % MADE];
    if (!call->least[deep] || spent < call->least[deep])
        call->least[deep] = spent;
    call->number = number;
    return answer;
}

static __attribute__((noinline)) long plain(unsigned who, uint64_t number, uint64_t a, uint64_t b,
                                            uint64_t c, uint64_t d)
{
    uint64_t start = cycles();
    long answer = fk_call4(number, a, b, c, d);
    return note(who, number, cycles() - start, answer);
}

static __attribute__((noinline)) long talk(unsigned who, uint64_t number, uint64_t dest)
{
    struct fk_ipc ipc = {.dest = dest};
    uint64_t start = cycles();
    long answer = fk_ipc(number, &ipc);
    return note(who, number, cycles() - start, answer);
}

/* A child has no console: what goes wrong is told by the root. */
static struct {
    unsigned line;
    uint64_t got, want;
} wrong;

static void expect(unsigned line, uint64_t got, uint64_t want)
{
    if (got == want)
        return;
    wrong.line = line;
    wrong.got = got;
    wrong.want = want;
    test_stop();
}
#define EXPECT(got, want) expect(__LINE__, (uint64_t)(got), (uint64_t)(want))

/* Of the first actor: a call that returns `answer`, and one that raises something. */
#define DO(answer, name, a, b, c, d)    EXPECT(plain(0, FK_CALL_##name, a, b, c, d), answer)
#define NOT(insanity, name, a, b, c, d) refused(FK_CALL_##name, FK_INSANE_##insanity, a, b, c, d)

static void refused(uint64_t number, uint64_t insanity, uint64_t a, uint64_t b, uint64_t c,
                    uint64_t d)
{
    uint64_t start = cycles();
    long raised = test_insane(number, a, b, c, d);
    EXPECT(note(0, number, cycles() - start, raised), insanity);
}

/* ---- what all kinds have ---- */

static void common(unsigned kind)
{
    static union {
        struct fk_thread_state thread;
        struct fk_mapping_state mapping;
    } state;
    uint64_t first = kind * 32, object = fk_at(&props->object), moved = fk_at(&props->moved);
    EXPECT(plain(0, first, object, 0, 0, 0), FK_OK);
    NOT(NOT_ALIGNED, space_create, object + 1, 0, 0, 0);
    EXPECT(plain(0, first + 3, object, moved, 0, 0), FK_OK);
    if (kind != FK_DEBUG_MAPPING)
        EXPECT(plain(0, first + 4, moved, fk_at(&props->ref), 0, 0), FK_OK);
    EXPECT(plain(0, first + 5, moved, fk_at(&state), 0, 0), FK_OK);
    EXPECT(plain(0, first + 6, moved, fk_at(&state), 0, 0), FK_OK);
    EXPECT(plain(0, first + 2, moved, 0, 0, 0), FK_OK);
    EXPECT(plain(0, first + 1, object, 77, 0, 0), FK_OK);
    EXPECT(plain(0, first + 2, object, 0, 0, 0), FK_OK);
    NOT(NO_OBJECT, space_destroy, object, 0, 0, 0);
}

/* ---- what single kinds have ---- */

static void spaces(void)
{
    uint64_t object = fk_at(&props->object);
    EXPECT(fk_space_create(object), FK_OK);
    DO(FK_OK, space_budget, object, 4 * FK_PAGE, 0, 0);
    DO(FK_OK, space_budget, object, -2ull * FK_PAGE, 0, 0);
    NOT(INVALID_BUDGET, space_budget, object, 1ull << 40, 0, 0);
    DO(FK_OK, space_name, object, fk_at("deep"), 4, 0);
    EXPECT(fk_space_destroy(object), FK_OK);
}

static void memories(void)
{
    static struct fk_page_info info[PAGES];
    static struct fk_found found;
    uint64_t region = fk_at(&props->region), mapping = fk_at(&props->mapping);
    struct fk_region_state state = {.start = memory, .size = PAGES * FK_PAGE, .prot = 7};
    struct fk_mapping_state shown = {.start = AT, .size = PAGES * FK_PAGE, .prot = 7};
    EXPECT(fk_region_create(region), FK_OK);
    EXPECT(fk_mapping_create(mapping), FK_OK);
    DO(FK_OK, region_set_state, region, fk_at(&state), fk_at(&region_links), 0);
    EXPECT(fk_region_reference(region, mapping_links.region), FK_OK);
    DO(FK_OK, mapping_set_state, mapping, fk_at(&shown), fk_at(&mapping_links), 0);
    for (unsigned i = 0; i < PAGES; i++)
        *(volatile uint64_t *)(AT + i * FK_PAGE) = *(volatile uint64_t *)(memory + i * FK_PAGE);
    DO(FK_OK, region_get_state, region, fk_at(&state), fk_at(&region_links), 0);
    DO(FK_OK, mapping_get_state, mapping, fk_at(&shown), fk_at(&mapping_links), 0);
    EXPECT(plain(0, FK_CALL_region_info, region, 0, PAGES, fk_at(info)) > 0, true);
    DO(FK_OK, region_flush, region, 0, 2 * FK_PAGE, 0);
    DO(FK_OK, region_protect, region, FK_READ, 0, 0);
    DO(FK_OK, settle, 0, 0, 0, 0);
    NOT(INVALID_PROT, region_protect, region, 8, 0, 0);
    DO(FK_NOT_FOUND, region_search, memory, PAGES * FK_PAGE, fk_at(&found), 0);
    DO(FK_OK, region_search, fk_at(props), FK_PAGE, fk_at(&found), 0);
    DO(FK_OK, mapping_destroy, mapping, 0, 0, 0);
    DO(FK_OK, region_destroy, region, 0, 0, 0);
}

static void locks(void)
{
    uint64_t mutex = fk_at(&props->mutex), cond = fk_at(&props->cond);
    DO(FK_OK, mutex_lock, mutex, 0, 0, 0);
    NOT(MUTEX_LOCKED, mutex_trylock, mutex, 0, 0, 0);
    DO(FK_OK, mutex_unlock, mutex, 0, 0, 0);
    DO(FK_OK, mutex_trylock, mutex, 0, 0, 0);
    DO(FK_OK, cond_signal, cond, 0, 0, 0);
    DO(FK_OK, cond_broadcast, cond, 0, 0, 0);
    DO(FK_OK, cond_wait, cond, mutex, 0, 0); /* the partner comes */
    DO(FK_OK, mutex_unlock, mutex, 0, 0, 0);
    NOT(MUTEX_NOT_OWNED, mutex_unlock, mutex, 0, 0, 0);
}

static void threads(void)
{
    static struct fk_saved saved;
    static uint64_t handlers[FK_HANDLERS];
    uint64_t object = fk_at(&props->object);
    EXPECT(fk_thread_create(object), FK_OK);
    EXPECT(fk_thread_reference(object, fk_at(&props->ref)), FK_OK);
    EXPECT(plain(0, FK_CALL_thread_self, 0, 0, 0, 0) > 0, true);
    DO(FK_OK, thread_interrupt, object, 0, 0, 0);
    DO(FK_OK, thread_handlers, fk_at(handlers), 0, 0, 0);
    DO(FK_OK, thread_enable, 0, 0, 0, 0);
    DO(FK_OK, thread_disable, 0, 0, 0, 0);
    DO(FK_OK, thread_saved_state, fk_at(&saved), 0, 0, 0);
    DO(FK_OK, thread_yield, 0, 0, 0, 0);
    DO(FK_TIMEOUT, thread_schedule, fk_at(&props->ref), 0, 0, 0);
    DO(FK_BLOCKED, thread_schedule, fk_at(&props->ref), 0, FK_SENSE_BLOCK, FK_FOREVER);
    DO(FK_OK, ref_compare, fk_at(&props->ref), fk_at(&props->ref), 0, 0);
    EXPECT(fk_thread_destroy(object), FK_OK);
}

static void machine(void)
{
    uint64_t text = fk_at("x");
    DO(FK_OK, null, 0, 0, 0, 0);
    EXPECT(plain(0, FK_CALL_clock_read, 0, 0, 0, 0) > 0, true);
    DO(FK_OK, clock_wait, 0, 0, 0, 0);
    NOT(NOT_ROOT, console_write, text, 1, 0, 0);
    NOT(NOT_ROOT, console_read, text, 1, 0, 0);
    NOT(NOT_ROOT, console_wait, 0, 0, 0, 0);
    NOT(NOT_ROOT, machine_exit, 1, 0, 0, 0);
    NOT(NOT_ROOT, kernel_debug, 0, 0, 0, 0);
    refused(FK_CALL_LIMIT, FK_INSANE_NO_CALL, 0, 0, 0, 0);
}

/* ---- a conversation in which every call on a connection is made, by the two of them ---- */

#define C(name) talk(0, FK_CALL_client_##name, port_ref)
#define S(name) talk(1, FK_CALL_server_##name, portset)

static void ask(void)
{
    EXPECT(C(alert), FK_DISCONNECTED);
    EXPECT(C(connect_send_over_receive), FK_OK);
    EXPECT(C(connect), FK_OK);
    EXPECT(C(send), FK_OK);
    EXPECT(C(over), FK_OK);
    EXPECT(C(receive), FK_OK);
    EXPECT(C(ack), FK_OK);
    EXPECT(C(send_over), FK_OK);
    EXPECT(C(receive), FK_OK);
    EXPECT(C(ack_send), FK_OK);
    EXPECT(C(send_disconnect), FK_OK);
    EXPECT(C(connect_send), FK_OK);
    EXPECT(C(over_receive), FK_OK);
    EXPECT(C(ack_send_over_receive), FK_OK);
    EXPECT(C(connect_send_over_receive), FK_OK);
    EXPECT(C(ack_send), FK_OK);
    EXPECT(C(over), FK_OK);
    EXPECT(C(receive), FK_OK);
    EXPECT(C(ack), FK_OK);
    EXPECT(C(send_over_receive), FK_OK);
    EXPECT(C(connect_send_over_receive), FK_OK);
    EXPECT(C(connect_send_disconnect), FK_OK);
    EXPECT(C(connect), FK_OK);
    EXPECT(C(disconnect), FK_OK);
    EXPECT(C(connect_send_over_receive), FK_OK);
    EXPECT(talk(0, FK_CALL_ipc_call, port_ref), FK_OK);
    EXPECT(talk(0, FK_CALL_ipc_send, port_ref), FK_OK);
}

static void serve(void)
{
    EXPECT(S(wait_receive), FK_OK);
    EXPECT(S(ack_send_wait_receive), FK_OK);
    EXPECT(S(ack), FK_OK);
    EXPECT(S(send), FK_OK);
    EXPECT(S(over_receive), FK_OK);
    EXPECT(S(ack_send), FK_OK);
    EXPECT(S(send_over), FK_OK);
    EXPECT(S(receive), FK_OK);
    EXPECT(S(wait_receive), FK_OK);
    EXPECT(S(ack_send_over_receive), FK_OK);
    EXPECT(S(ack_send_disconnect), FK_OK);
    EXPECT(S(wait_receive), FK_OK);
    EXPECT(S(ack), FK_OK);
    EXPECT(S(send_over_receive), FK_OK);
    EXPECT(S(ack), FK_OK);
    EXPECT(S(over), FK_OK);
    EXPECT(S(receive), FK_OK);
    EXPECT(S(ack), FK_OK);
    EXPECT(S(send_disconnect), FK_OK);
    EXPECT(S(wait_receive), FK_OK);
    EXPECT(S(ack), FK_OK);
    EXPECT(S(send_wait_receive), FK_OK);
    EXPECT(S(wait_receive), FK_OK);
    EXPECT(S(wait_receive), FK_OK);
    EXPECT(S(ack), FK_OK);
    EXPECT(S(disconnect), FK_OK);
    EXPECT(S(alert), FK_DISCONNECTED);
    EXPECT(S(wait_receive), FK_OK);
    EXPECT(S(ack_send_wait_receive), FK_OK);
}

/* ---- the two, and one who does nothing but resume ---- */

static void first_actor(uint64_t unused)
{
    for (; rounds[0] < ROUNDS; rounds[0]++) {
        at[0] = 0;
        machine();
        for (unsigned kind = 0; kind < FK_DEBUG_KINDS; kind++)
            common(kind);
        spaces();
        memories();
        threads();
        asked++;
        ask();
        locks();
    }
    (void)unused;
    test_stop();
}

static void partner(uint64_t unused)
{
    for (; rounds[1] < ROUNDS; rounds[1]++) {
        at[1] = 0;
        while (asked <= rounds[1])
            fk_thread_yield(); /* what the other one does alone is none of its calls' cost */
        serve();
        EXPECT(plain(1, FK_CALL_mutex_lock, fk_at(&props->mutex), 0, 0, 0), FK_OK);
        EXPECT(plain(1, FK_CALL_cond_signal, fk_at(&props->cond), 0, 0, 0), FK_OK);
        EXPECT(plain(1, FK_CALL_mutex_unlock, fk_at(&props->mutex), 0, 0, 0), FK_OK);
    }
    (void)unused;
    test_stop();
}

static volatile unsigned resumed;
static uint64_t resumed_at, resume_least[2];

/* What is put aside leads here again and again. */
static void resumer(uint64_t unused)
{
    uint64_t spent = cycles() - resumed_at;
    if (resumed && (!resume_least[deep] || spent < resume_least[deep]))
        resume_least[deep] = spent;
    (void)unused;
    if (++resumed > ROUNDS)
        test_stop();
    resumed_at = cycles();
    fk_thread_resume();
}

static uint64_t resuming_thread(void)
{
    static struct fk_thread_state state;
    uint64_t stack = test_pages(1) + FK_PAGE;
    uint64_t thread = test_thread_make(space_ref, fk_at((void *)resumer), stack, 0);
    CHECK_EQ(fk_thread_get_state(thread, fk_at(&state), 0), FK_OK);
    state.saved = (struct fk_saved){.rip = fk_at((void *)resumer), .rsp = stack - 8};
    CHECK_EQ(fk_thread_set_state(thread, fk_at(&state), 0), FK_OK);
    return thread;
}

/* ---- the same at each depth ---- */

static void prepare(void)
{
    space_ref = test_ref(FK_DEBUG_SPACE, test_nested(depths[deep], BUDGET));
    memory = test_pages(PAGES);
    props = (struct props *)test_pages(1);
    struct test_port port = test_port(1);
    port_ref = port.ref;
    portset = port.portset;
    CHECK_EQ(fk_mutex_create(fk_at(&props->mutex)), FK_OK);
    CHECK_EQ(fk_cond_create(fk_at(&props->cond)), FK_OK);
    CHECK_EQ(fk_ref_create(fk_at(&props->ref)), FK_OK);
    other = test_object();
    CHECK_EQ(fk_ref_create(other), FK_OK);
    region_links.space = mapping_links.space = space_ref;
    mapping_links.region = other;
    rounds[0] = rounds[1] = asked = resumed = 0;
}

/* On our time, each until it waits: so they take turns in the same order at any depth. */
static void perform(void)
{
    uint64_t thread[] = {
        test_thread_make(space_ref, fk_at((void *)partner), test_pages(2) + 2 * FK_PAGE, 0),
        test_thread_make(space_ref, fk_at((void *)first_actor), test_pages(4) + 4 * FK_PAGE, 0),
        resuming_thread()};
    uint64_t ref[3];
    for (unsigned i = 0; i < 3; i++)
        ref[i] = test_ref(FK_DEBUG_THREAD, thread[i]);
    for (unsigned turn = 0; rounds[0] < ROUNDS || rounds[1] < ROUNDS || resumed <= ROUNDS; turn++) {
        if (wrong.line)
            test_fail(__FILE__, (int)wrong.line, "what a call answers", wrong.got, wrong.want);
        if (turn == TURNS)
            test_fail(__FILE__, __LINE__, "they wait after so many calls", at[0], at[1]);
        for (unsigned i = 0; i < 3; i++)
            fk_thread_schedule(ref[i], 0, FK_SENSE_BLOCK, FK_FOREVER);
    }
    for (unsigned i = 0; i < 3; i++)
        CHECK_EQ(fk_thread_destroy(thread[i]), FK_OK);
}

static bool was_made(uint64_t number)
{
    for (unsigned who = 0; who < 2; who++)
        for (unsigned i = 0; i < at[who]; i++)
            if (made[who][i].number == number)
                return true;
    return number == FK_CALL_thread_resume && resume_least[1];
}

static void all_were_made(void)
{
#define FK_CALL(number, name, args, class, params, contract)                                       \
    if (!was_made(number))                                                                         \
        test_fail(__FILE__, __LINE__, "not made: " #name, number, 0);
#define FK_IPC_CALL(mask, name, class, contract)                                                   \
    FK_CALL(FK_IPC_BASE + (mask), name, 0, class, "", contract)
#include "abi/fk/syscalls.def"
}

static void cost_the_same(void)
{
    for (unsigned who = 0; who < 2; who++)
        for (unsigned i = 0; i < at[who]; i++) {
            const struct made *call = &made[who][i];
            if (call->least[0] != call->least[1])
                test_fail(__FILE__, __LINE__, "what a call costs", call->number,
                          call->least[1] - call->least[0]);
        }
    CHECK_EQ(resume_least[0], resume_least[1]);
}

void test_run(void)
{
    for (deep = 0; deep < 2; deep++) {
        prepare();
        perform();
    }
    CHECK(at[0] < MADE && at[1] < MADE);
    all_were_made();
    if (simcall_PRESENT(0, 0, 0)) /* instructions are counted */
        cost_the_same();
    print("%u calls of one actor, %u of the other\n", (uint64_t)at[0], (uint64_t)at[1]);
}
