/* Whatever a hostile child builds, nothing that it does or that is done to it makes the kernel run
 * longer than 20,000 instructions between two preemption points: a space that destroys itself,
 * mappings in the worst of orders, page tables that must give way to each other, tables of mappings
 * that need each other, crowds that wait for each other, for clients, for servers, for time. And
 * each of these ends as it should. SPDX-License-Identifier: MIT */
#include "kernel/tests/stretch.h"

#define AT      0x320000000000ull
#define TABLE   (2ull << 20)   /* what one page table maps */
#define SLOT    (512ull << 30) /* what needs a table of each level */
#define PARTS   400
#define LINKS   300
#define FILLERS 3000
#define DENSE   16
#define CROWD   3000 /* threads: most of what there is kernel memory for */
#define LINE    300
#define NESTS   60

static uint64_t self, page, region_ref; /* the root space; one page, and what exports it */
static uint64_t mapping[PARTS];         /* of this space, at AT and on */

/* Runs it until it can run no more. */
static long run_to_end(uint64_t thread)
{
    static uint64_t ref;
    if (!ref)
        ref = test_ref(FK_DEBUG_THREAD, thread);
    CHECK_EQ(fk_thread_reference(thread, ref), FK_OK);
    while (fk_thread_schedule(ref, 0, FK_SENSE_BLOCK, FK_FOREVER) != FK_BLOCKED)
        ;
    return FK_OK;
}

/* Sees all that the root sees below AT, at the same addresses. */
static uint64_t child(uint64_t budget)
{
    static uint64_t all;
    uint64_t space = test_object();
    CHECK_EQ(fk_space_create(space), FK_OK);
    CHECK_EQ(fk_space_budget(space, budget), FK_OK);
    if (!all)
        all = test_ref(FK_DEBUG_REGION, test_region(self, 0, AT, 7, 0));
    test_map(test_ref(FK_DEBUG_SPACE, space), all, 0, AT, 0, 7);
    return space;
}

static uint64_t child_thread(uint64_t space, void (*entry)(uint64_t), uint64_t argument)
{
    return test_thread_make(test_ref(FK_DEBUG_SPACE, space), fk_at((void *)entry),
                            test_pages(2) + 2 * FK_PAGE, argument);
}

static uint64_t spaces(void)
{
    return (uint64_t)fk_kernel_debug(FK_DEBUG_OBJECTS, FK_DEBUG_SPACE, 0);
}

/* ---- a space that destroys itself ---- */

static void touch(uint64_t space)
{
    for (uint64_t i = 0; i < PARTS; i++)
        *(volatile uint64_t *)(AT + i * TABLE) = i;
    fk_space_destroy(space);
    *(volatile uint64_t *)page = 1; /* nobody gets here */
}

/* With very many mappings and regions, all of them used; what it exports is mapped here. */
static uint64_t doomed(uint64_t *thread)
{
    uint64_t space = child(600 * FK_PAGE), ref = test_ref(FK_DEBUG_SPACE, space);
    for (uint64_t i = 0; i < PARTS; i++) {
        test_map(ref, region_ref, AT + i * TABLE, FK_PAGE, 0, 7);
        uint64_t seen = test_region(ref, AT + i * TABLE, FK_PAGE, 7, 0);
        mapping[i] = test_map(self, test_ref(FK_DEBUG_REGION, seen), AT + i * TABLE, FK_PAGE, 0, 7);
    }
    *(volatile uint64_t *)page = 0;
    *thread = child_thread(space, touch, space);
    return space;
}

static long end_it(uint64_t thread)
{
    run_to_end(thread);
    return fk_settle();
}

static void unmap(void)
{
    for (uint64_t i = 0; i < PARTS; i++)
        CHECK_EQ(fk_mapping_destroy(mapping[i]), FK_OK);
}

static void destroys_itself(void)
{
    uint64_t before = spaces(), thread, space = doomed(&thread);
    CHECK_EQ(test_insane(FK_CALL_thread_saved_state, AT, 0, 0, 0), 0);
    MEASURE("a space that destroys itself", end_it(thread));
    CHECK_EQ(spaces(), before);
    CHECK_EQ(*(volatile uint64_t *)page, PARTS - 1);
    CHECK_EQ(test_insane(FK_CALL_space_destroy, space, 0, 0, 0), FK_INSANE_NO_OBJECT);
    for (uint64_t i = 0; i < PARTS; i++)
        CHECK_EQ(test_insane(FK_CALL_thread_saved_state, AT + i * TABLE, 0, 0, 0), -14);
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
    unmap();
}

/* Nobody settles it: the ticks do. */
static void left_alone(void)
{
    uint64_t before = spaces(), thread, space = doomed(&thread);
    CHECK_EQ(run_to_end(thread), FK_OK);
    for (int i = 0; i < 10000 && spaces() > before; i++)
        test_sleep(1);
    CHECK_EQ(spaces(), before);
    CHECK_EQ(test_insane(FK_CALL_space_destroy, space, 0, 0, 0), FK_INSANE_NO_OBJECT);
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
    unmap();
}

/* ---- mappings in order, which make a list of a tree that is not balanced ---- */

/* A chain of LINKS through one space, whose windows are its first mappings and its last. */
static void ordered(uint64_t space)
{
    uint64_t ref = test_ref(FK_DEBUG_SPACE, space), next = region_ref;
    for (uint64_t i = 0; i < FILLERS; i++)
        test_map(ref, region_ref, AT + i * FK_PAGE, FK_PAGE, 0, 7);
    for (uint64_t i = 0; i < LINKS; i++) {
        uint64_t window = AT + (FILLERS + i) * FK_PAGE;
        test_map(ref, next, window, FK_PAGE, 0, 7);
        next = test_ref(FK_DEBUG_REGION, test_region(ref, window, FK_PAGE, 7, 0));
    }
    mapping[0] = test_map(self, next, AT, FK_PAGE, 0, 7);
}

/* Whether the kernel would write there for us. */
static long look(uint64_t address)
{
    return test_insane(FK_CALL_thread_saved_state, address, 0, 0, 0) == 0 ? FK_OK : FK_BLOCKED;
}

static void in_order(void)
{
    uint64_t space = test_object();
    CHECK_EQ(fk_space_create(space), FK_OK);
    ordered(space);
    MEASURE("a fault through a long chain", look(AT));
    MEASURE("the end of a large space", fk_space_destroy(space));
    CHECK_EQ(look(AT), FK_BLOCKED);
    CHECK_EQ(fk_mapping_destroy(mapping[0]), FK_OK);
}

/* ---- page tables that give way to each other ---- */

static void touch_densely(uint64_t unused)
{
    for (uint64_t round = 0; round < 2; round++)
        for (uint64_t i = 0; i < DENSE * TABLE; i += FK_PAGE)
            *(volatile uint64_t *)(AT + i) = i;
    (void)unused;
    test_stop();
}

/* Every entry that goes was used and written; there is room for the tables of one window. */
static void dense(void)
{
    uint64_t space = child(11 * FK_PAGE), pages = test_pages(512);
    uint64_t all = test_ref(FK_DEBUG_REGION, test_region(self, pages, 512 * FK_PAGE, 7, 0));
    for (uint64_t i = 0; i < DENSE; i++)
        test_map(test_ref(FK_DEBUG_SPACE, space), all, AT + i * TABLE, TABLE, 0, 7);
    uint64_t thread = child_thread(space, touch_densely, 0);
    MEASURE("dense page tables that give way", run_to_end(thread));
    CHECK_EQ(*(volatile uint64_t *)(pages + 511 * FK_PAGE), DENSE * TABLE - FK_PAGE);
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
    CHECK_EQ(fk_space_destroy(space), FK_OK);
}

/* A mapping whose table is seen through the next one, and so on. The page holds the word for all.
 */
static uint64_t nested(uint64_t budget, uint64_t depth, uint64_t stride)
{
    uint64_t space = test_object();
    CHECK_EQ(fk_space_create(space), FK_OK);
    CHECK_EQ(fk_space_budget(space, budget), FK_OK);
    struct fk_mapping_links links = {test_ref(FK_DEBUG_SPACE, space), region_ref};
    for (uint64_t i = 0; i < depth; i++) {
        struct fk_mapping_state state = {.start = AT + i * stride,
                                         .size = FK_PAGE,
                                         .prot = 7,
                                         .table = i + 1 < depth ? AT + (i + 1) * stride : 0};
        uint64_t mapping = test_object();
        CHECK_EQ(fk_mapping_create(mapping), FK_OK);
        CHECK_EQ(fk_mapping_set_state(mapping, fk_at(&state), fk_at(&links)), FK_OK);
    }
    *(volatile uint64_t *)page = 7;
    return space;
}

static long info(uint64_t region, struct fk_page_info *found)
{
    return fk_region_info(region, 0, 1, fk_at(found)) > 0 ? FK_OK : FK_BLOCKED;
}

/* With room enough the page is found, however deep; when no two fit at once it counts as not there.
 */
static void tables_of_tables(uint64_t pages, uint64_t depth, uint64_t stride, bool there)
{
    struct fk_page_info found = {0};
    uint64_t space = nested(pages * FK_PAGE, depth, stride), ref = test_ref(FK_DEBUG_SPACE, space);
    uint64_t region = test_region(ref, AT, FK_PAGE, 7, 0);
    fk_kernel_debug(FK_DEBUG_EPOCH, 0, 0);
    *(volatile uint64_t *)page = 7;
    MEASURE("tables that need each other", info(region, &found));
    CHECK_EQ(found.written != 0, there);
    MEASURE("their end", fk_space_destroy(space));
    CHECK_EQ(fk_region_destroy(region), FK_OK);
}

/* ---- crowds: threads of a child, who have no time of their own ---- */

static uint64_t crowd[CROWD], crowd_ref;
static volatile uint64_t wake_at, target, give_up_at, go;
static struct test_port desk;

static void sleep_long(uint64_t unused)
{
    fk_clock_wait(wake_at);
    (void)unused;
    test_stop();
}

static void donate(uint64_t unused)
{
    fk_thread_schedule(target, 0, 0, give_up_at);
    (void)unused;
    test_stop();
}

static void watch_for_clients(uint64_t portset)
{
    fk_thread_schedule(target, portset, FK_SENSE_CONFLICT, FK_FOREVER);
    test_stop();
}

static void serve(uint64_t portset)
{
    struct fk_ipc ipc = {.dest = portset};
    fk_server_wait_receive(&ipc);
    test_stop();
}

static void send(uint64_t ref)
{
    struct fk_ipc ipc = {.dest = ref};
    fk_ipc_send(&ipc);
    test_stop();
}

/* Runs until it waits, and never again: one stack is enough for all. */
static uint64_t waiter(void (*entry)(uint64_t), uint64_t argument)
{
    static uint64_t stack;
    if (!stack)
        stack = test_pages(1) + FK_PAGE;
    uint64_t thread = test_thread_make(crowd_ref, fk_at((void *)entry), stack, argument);
    CHECK_EQ(run_to_end(thread), FK_OK);
    return thread;
}

static void gather(uint64_t first, uint64_t end, void (*entry)(uint64_t), uint64_t argument)
{
    for (uint64_t i = first; i < end; i++)
        crowd[i] = waiter(entry, argument);
}

static void end(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        CHECK_EQ(fk_thread_destroy(crowd[i]), FK_OK);
}

/* Some are told whenever the kernel is entered, until there are no more to be told. */
static long all_are_told(void)
{
    for (uint64_t i = 0; i < CROWD; i++)
        fk_null();
    return FK_OK;
}

/* All of them have gone on from where they waited, and have no time to get any further. */
static void have_gone_on(uint64_t first, uint64_t count, uint64_t answer)
{
    struct fk_thread_state state;
    all_are_told();
    for (uint64_t i = first; i < first + count; i++) {
        CHECK_EQ(fk_thread_get_state(crowd[i], fk_at(&state), 0), FK_OK);
        CHECK_EQ(state.frame.rax, answer);
    }
}

#define MARGIN 100000000 /* ns: the watchers run for slices of 10 ms */

/* The kernel looks at the deadlines of about a millisecond together. */
#define MOMENT ((1 << 20) - 1)

/* All of them wait for one moment, which has not come when the last one waits. */
static void await(volatile uint64_t *moment, void (*all)(void))
{
    for (uint64_t time = 4 * MARGIN;; time *= 2) {
        *moment = ((uint64_t)fk_clock_read() + time) | MOMENT;
        all();
        if ((uint64_t)fk_clock_read() < *moment - MARGIN)
            break;
        end(CROWD);
    }
    fk_clock_wait(*moment - MARGIN);
}

static void all_sleep(void)
{
    gather(0, CROWD, sleep_long, 0);
}

static void sleepers(void)
{
    await(&wake_at, all_sleep);
    MEASURE("a crowd that wakes", fk_clock_wait(wake_at + MARGIN));
    end(CROWD);
}

static void aim_at(uint64_t thread)
{
    static uint64_t ref;
    if (!ref)
        ref = test_ref(FK_DEBUG_THREAD, thread);
    CHECK_EQ(fk_thread_reference(thread, ref), FK_OK);
    target = ref;
}

static void all_donate(void)
{
    gather(0, CROWD, donate, 0);
}

static void donors(void)
{
    wake_at = give_up_at = FK_FOREVER - 1;
    desk = test_port(1);
    uint64_t idle = waiter(serve, desk.portset);
    struct fk_ipc ipc = {.dest = desk.ref};
    aim_at(idle);
    all_donate();
    MEASURE("one who has a crowd of donors is woken", fk_ipc_send(&ipc));
    MEASURE("one in the middle of a crowd leaves", fk_thread_destroy(crowd[CROWD / 2]));
    crowd[CROWD / 2] = waiter(donate, 0);
    MEASURE("the end of one whom a crowd schedules", fk_thread_destroy(idle));
    have_gone_on(0, CROWD, FK_BLOCKED);
    end(CROWD);
}

/* Those whose time is up last in the same millisecond stand before the others. */
static void all_donate_for_a_time(void)
{
    gather(0, CROWD / 2, donate, 0);
    give_up_at -= MOMENT;
    gather(CROWD / 2, CROWD, donate, 0);
}

static void donors_for_a_time(void)
{
    uint64_t idle = waiter(sleep_long, 0);
    aim_at(idle);
    await(&give_up_at, all_donate_for_a_time);
    MEASURE("a crowd whose time is up", fk_clock_wait(give_up_at + MARGIN));
    have_gone_on(0, CROWD, FK_TIMEOUT);
    end(CROWD);
    CHECK_EQ(fk_thread_destroy(idle), FK_OK);
}

static void each_has_donors(void)
{
    uint64_t each = CROWD / NESTS;
    for (uint64_t i = 0; i < CROWD; i++) {
        crowd[i] = waiter(i % each ? donate : sleep_long, 0);
        if (i % each == 0)
            aim_at(crowd[i]);
    }
}

static void nests(void)
{
    give_up_at = FK_FOREVER;
    await(&wake_at, each_has_donors);
    MEASURE("sleepers with donors", fk_clock_wait(wake_at + MARGIN));
    end(CROWD);
}

/* Each schedules the one before it; the first, if it could run, would have all their time. */
static void in_line(void)
{
    wake_at = FK_FOREVER - 1;
    uint64_t first = waiter(sleep_long, 0);
    for (uint64_t i = 0; i < LINE; i++) {
        target = test_ref(FK_DEBUG_THREAD, i ? crowd[i - 1] : first);
        crowd[i] = waiter(donate, 0);
    }
    MEASURE("time that goes along a line", run_to_end(crowd[LINE - 1]));
    MEASURE("the end of the line", fk_thread_destroy(first));
    end(LINE);
}

static void send_when_told(uint64_t ref)
{
    while (!go)
        fk_thread_yield();
    send(ref);
}

static long let_go(void)
{
    go = 1;
    test_let_run();
    return all_are_told();
}

static void watchers(void)
{
    uint64_t nobody = test_object();
    CHECK_EQ(fk_thread_create(nobody), FK_OK);
    aim_at(nobody);
    go = 0;
    desk = test_port(1);
    gather(0, CROWD, watch_for_clients, desk.portset);
    uint64_t client = test_thread(send_when_told, desk.ref);
    MEASURE("a client whom a crowd expects", let_go());
    have_gone_on(0, CROWD, FK_CONFLICT);
    end(CROWD);
    CHECK_EQ(fk_thread_destroy(client), FK_OK);
}

/* Each is the scheduler of the one before it, and none has time. */
static void schedulers(void)
{
    struct test_port first = test_port(1), port = first;
    uint64_t count = CROWD / 2;
    go = 0;
    for (uint64_t i = 0; i < count; i++) {
        struct test_port own = test_port(i);
        crowd[i] = waiter(serve, port.portset);
        struct fk_thread_links links = {.scheduler = own.ref};
        CHECK_EQ(fk_thread_set_state(crowd[i], 0, fk_at(&links)), FK_OK);
        port = own;
    }
    uint64_t client = test_thread(send_when_told, first.ref);
    MEASURE("a line of schedulers without time", let_go());
    struct fk_ipc ipc = {.dest = port.portset};
    CHECK_EQ(fk_server_wait_receive(&ipc), FK_OK);
    CHECK_EQ(ipc.tag, FK_TAG_SCHEDULE | 2);
    have_gone_on(0, count, FK_OK);
    end(count);
    CHECK_EQ(fk_thread_destroy(client), FK_OK);
}

/* As many clients as there are servers where their port comes to. */
static void movers(void)
{
    struct test_port port = test_port(1), other = test_port(2);
    gather(0, CROWD / 2, serve, other.portset);
    gather(CROWD / 2, CROWD, send, port.ref);
    struct fk_port_state state = {.alias = 3};
    struct fk_port_links links = {test_ref(FK_DEBUG_PORTSET, other.portset)};
    MEASURE("a port that moves", fk_port_set_state(port.port, fk_at(&state), fk_at(&links)));
    for (uint64_t i = CROWD / 2; i < CROWD; i++)
        CHECK_EQ(run_to_end(crowd[i]), FK_OK);
    have_gone_on(0, CROWD / 2, FK_OK);
    end(CROWD);
}

static void crowds(void)
{
    uint64_t space = child(100 * FK_PAGE);
    crowd_ref = test_ref(FK_DEBUG_SPACE, space);
    static void (*const cases[])(void) = {sleepers, donors, donors_for_a_time, nests, in_line,
                                          watchers, movers, schedulers};
    for (uint64_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        cases[i]();
    CHECK_EQ(fk_space_destroy(space), FK_OK);
}

/* ---- messages whose tables have as much of nothing in them as somebody likes, and references
 * whose hints say nothing ---- */

#define ENTRIES 4096
#define REFS    (FK_PAGE / FK_OBJECT_BYTES)

static struct fk_buffer sent_from[ENTRIES], received_in[ENTRIES];
static struct fk_message sent, wanted;
static struct fk_object refs[2][REFS] __attribute__((aligned(FK_PAGE)));
static char bytes[2][ENTRIES];

static struct fk_part part_of(struct fk_buffer *table, struct fk_object *ref)
{
    return (struct fk_part){
        .table = fk_at(table), .entries = ENTRIES, .refs = fk_at(ref), .ref_count = REFS};
}

static void take_scattered(uint64_t portset)
{
    for (;;) {
        wanted.receive = part_of(received_in, refs[1]);
        struct fk_ipc ipc = {.dest = portset, .message = fk_at(&wanted)};
        fk_server_wait_receive(&ipc);
    }
}

/* The first are the last that are found in their page. */
static void scribble(void)
{
    for (unsigned i = 0; i < REFS; i++)
        refs[0][i].hint = refs[1][i].hint = 0;
}

static long send_scattered(uint64_t ref, bool reliably)
{
    sent.send = part_of(sent_from, refs[0]);
    struct fk_ipc ipc = {.dest = ref, .message = fk_at(&sent)};
    if (!reliably)
        return fk_ipc_send(&ipc);
    fk_client_connect_send_disconnect(&ipc); /* maybe not all was received */
    return FK_OK;
}

/* One in so many entries is not empty; 0 = none. */
static void scatter(struct fk_buffer *table, char *to, unsigned every)
{
    for (unsigned i = 0; i < ENTRIES; i++)
        table[i] = (struct fk_buffer){fk_at(&to[i]), every && i % every == every - 1};
}

static void scattered(void)
{
    static const unsigned every[] = {0, 1, 63};
    struct test_port port = test_port(1);
    for (unsigned i = 0; i < REFS; i++)
        CHECK(!fk_ref_create(fk_at(&refs[0][i])) && !fk_ref_create(fk_at(&refs[1][i])));
    test_thread(take_scattered, port.portset);
    for (unsigned i = 0; i < 3 * 3 * 2; i++) {
        scatter(sent_from, bytes[0], every[i / 2 % 3]);
        scatter(received_in, bytes[1], every[i / 6]);
        scribble();
        test_let_run();
        MEASURE("a message in scattered pieces", send_scattered(port.ref, i % 2));
    }
}

void test_run(void)
{
    self = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space));
    page = test_pages(1);
    region_ref = test_ref(FK_DEBUG_REGION, test_region(self, page, FK_PAGE, 7, 0));
    watch_start();
    destroys_itself();
    left_alone();
    in_order();
    dense();
    tables_of_tables(200, 60, TABLE, true);
    tables_of_tables(12, 60, TABLE, true);
    tables_of_tables(5, 2, SLOT, false);
    crowds();
    scattered();
}
