/* CPU time is donated along chains: a scheduler in the root space runs threads that have no time of
 * their own, gets it back when they block, when their time is up, or when somebody calls; servers
 * run on their clients' time; and a donor that dies takes its time along and nothing else.
 * SPDX-License-Identifier: MIT */
#include "kernel/tests/test.h"

#define MS 1000000ull
static uint64_t child_space, child_ref;
static volatile uint64_t ticks[4], stop, served;

static uint64_t child(void (*entry)(uint64_t), uint64_t argument)
{
    return test_thread_make(child_ref, fk_at((void *)entry), test_pages(2) + 2 * FK_PAGE, argument);
}

static uint64_t now(void)
{
    return fk_clock_read();
}

static void spinner(uint64_t id)
{
    while (!stop)
        ticks[id]++;
    test_stop();
}

static void timeouts(void)
{
    uint64_t a = child(spinner, 0), b = child(spinner, 1);
    uint64_t ra = test_ref(FK_DEBUG_THREAD, a), rb = test_ref(FK_DEBUG_THREAD, b);
    uint64_t start = now();
    CHECK_EQ(ticks[0] + ticks[1], 0);
    CHECK_EQ(fk_thread_schedule(ra, 0, FK_SENSE_BLOCK, start + 20 * MS), FK_TIMEOUT);
    CHECK(now() >= start + 20 * MS);
    for (unsigned i = 0; i < 1000 && !ticks[0]; i++)
        CHECK_EQ(fk_thread_schedule(ra, 0, FK_SENSE_BLOCK, now() + 5 * MS), FK_TIMEOUT);
    CHECK(ticks[0] > 0 && ticks[1] == 0);
    uint64_t seen = ticks[0];
    for (unsigned i = 0; i < 1000 && !ticks[1]; i++) /* a busy host may give it nothing of that */
        CHECK_EQ(fk_thread_schedule(rb, 0, FK_SENSE_BLOCK, now() + 5 * MS), FK_TIMEOUT);
    CHECK(ticks[1] > 0 && ticks[0] == seen);
    static struct fk_thread_state state;
    CHECK_EQ(fk_thread_get_state(a, fk_at(&state), 0), FK_OK);
    CHECK(state.used > 0);
    CHECK_EQ(fk_thread_schedule(ra, 0, FK_SENSE_BLOCK, FK_FOREVER), FK_BLOCKED); /* it is stopped */
    CHECK_EQ(fk_thread_destroy(a), FK_OK);
    CHECK_EQ(fk_thread_destroy(b), FK_OK);
}

/* ---- a scheduler hears of its threads by messages ---- */

static uint64_t gate;

static void blocker(uint64_t id)
{
    for (unsigned i = 0; i < 5; i++) {
        CHECK_EQ(fk_mutex_lock(gate), FK_OK);
        ticks[id]++;
        CHECK_EQ(fk_mutex_unlock(gate), FK_OK);
        fk_thread_yield();
    }
    ticks[id] += 100;
    fk_clock_wait(FK_FOREVER >> 1);
}

static void messages(void)
{
    struct test_port port = test_port(6);
    uint64_t threads[3], refs[3];
    unsigned wakes[3] = {0};
    memset((void *)ticks, 0, sizeof(ticks));
    for (unsigned i = 0; i < 3; i++) {
        threads[i] = child(blocker, i);
        refs[i] = test_ref(FK_DEBUG_THREAD, threads[i]);
        test_scheduled(threads[i], port.ref, i);
    }
    for (;;) {
        struct fk_ipc ipc = {.dest = port.portset};
        CHECK_EQ(fk_server_wait_receive(&ipc), FK_OK);
        CHECK_EQ(ipc.tag, 2 | FK_TAG_SCHEDULE);
        CHECK_EQ(ipc.dest, 6);
        uint64_t who = ipc.word[0];
        CHECK(who < 3);
        wakes[who]++;
        long why;
        do
            why = fk_thread_schedule(refs[who], 0, FK_SENSE_BLOCK, FK_FOREVER);
        while (why == FK_OK); /* it yielded */
        CHECK_EQ(why, FK_BLOCKED);
        if (ticks[0] + ticks[1] + ticks[2] == 3 * 105)
            break;
    }
    for (unsigned i = 0; i < 3; i++) {
        CHECK(wakes[i] >= 1);
        CHECK_EQ(fk_thread_destroy(threads[i]), FK_OK);
    }
}

/* ---- chains: root donates to a child scheduler, that to its thread, that calls a server ---- */

static struct test_port service;
static uint64_t leaf_ref;

static void server(uint64_t portset)
{
    struct fk_ipc ipc = {.dest = portset};
    fk_server_wait_receive(&ipc);
    for (;;) {
        served++;
        ipc.word[0] *= 2;
        ipc.dest = portset;
        ipc.tag = 1;
        fk_server_ack_send_wait_receive(&ipc);
    }
}

static void client(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        struct fk_ipc ipc = {.dest = service.ref, .tag = 1, .word = {i}};
        CHECK_EQ(fk_client_connect_send_over_receive(&ipc), FK_OK);
        CHECK_EQ(ipc.word[0], 2 * i);
    }
    stop = 1;
    test_stop();
}

static void middle(uint64_t unused)
{
    (void)unused;
    while (!stop)
        fk_thread_schedule(leaf_ref, 0, FK_SENSE_BLOCK, FK_FOREVER);
    test_stop();
}

static void chains(void)
{
    service = test_port(7);
    stop = 0;
    uint64_t s = child(server, service.portset);
    uint64_t c = child(client, 100), m = child(middle, 0);
    leaf_ref = test_ref(FK_DEBUG_THREAD, c);
    CHECK_EQ(fk_thread_schedule(test_ref(FK_DEBUG_THREAD, s), 0, FK_SENSE_BLOCK, FK_FOREVER),
             FK_BLOCKED); /* let the server get to its portset */
    uint64_t ref = test_ref(FK_DEBUG_THREAD, m);
    while (!stop)
        fk_thread_schedule(ref, 0, FK_SENSE_BLOCK, now() + MS);
    CHECK_EQ(served, 100);
    CHECK_EQ(fk_thread_destroy(c), FK_OK);
    CHECK_EQ(fk_thread_destroy(m), FK_OK);
    CHECK_EQ(fk_thread_destroy(s), FK_OK);
}

/* ---- time given to a server ends when the server waits: its client does not spend it ---- */

static volatile uint64_t answered;
static volatile bool let_go;

static void slow_server(uint64_t portset)
{
    struct fk_ipc ipc = {.dest = portset};
    fk_server_wait_receive(&ipc);
    while (!let_go)
        ;
    ipc.dest = portset;
    ipc.tag = 0;
    fk_server_ack_send_wait_receive(&ipc);
}

static void slow_client(uint64_t unused)
{
    (void)unused;
    struct fk_ipc ipc = {.dest = service.ref};
    CHECK_EQ(fk_client_connect_send_over_receive(&ipc), FK_OK);
    answered++;
    test_stop();
}

static void whose_time(void)
{
    service = test_port(7);
    uint64_t s = child(slow_server, service.portset), c = child(slow_client, 0);
    uint64_t server_ref = test_ref(FK_DEBUG_THREAD, s), client_ref = test_ref(FK_DEBUG_THREAD, c);
    CHECK_EQ(fk_thread_schedule(server_ref, 0, FK_SENSE_BLOCK, FK_FOREVER), FK_BLOCKED);
    CHECK_EQ(fk_thread_schedule(client_ref, 0, FK_SENSE_BLOCK, now() + MS), FK_TIMEOUT);
    let_go = true;
    CHECK_EQ(fk_thread_schedule(server_ref, 0, FK_SENSE_BLOCK, FK_FOREVER), FK_BLOCKED);
    CHECK_EQ(answered, 0);
    CHECK_EQ(fk_thread_schedule(client_ref, 0, FK_SENSE_BLOCK, FK_FOREVER), FK_BLOCKED);
    CHECK_EQ(answered, 1);
    CHECK_EQ(fk_thread_destroy(c), FK_OK);
    CHECK_EQ(fk_thread_destroy(s), FK_OK);
}

/* ---- a chain of donors, in one of two spaces by turns; the end of it calls a server ---- */

#define LINKS 24
static uint64_t link_ref[LINKS];
static volatile uint64_t link_ended;
static volatile bool link_done[LINKS];

/* Waits for nobody: to test_stop is to give one's time to whoever holds its mutex. */
static void end_link(uint64_t id)
{
    link_done[id] = true;
    link_ended++;
    fk_clock_wait(FK_FOREVER >> 1);
}

static void link_of_chain(uint64_t id)
{
    while (fk_thread_schedule(link_ref[id + 1], 0, FK_SENSE_BLOCK, FK_FOREVER) == FK_OK)
        ;
    end_link(id);
}

static void end_of_chain(uint64_t id)
{
    while (!stop) {
        struct fk_ipc ipc = {.dest = service.ref, .tag = 1, .word = {ticks[0]}};
        CHECK_EQ(fk_client_connect_send_over_receive(&ipc), FK_OK);
        CHECK_EQ(ipc.word[0], 2 * ticks[0]);
        ticks[0]++;
    }
    end_link(id);
}

/* For 5 ms: how many calls the end of the chain made on this thread's time, given to `ref`. Where
 * the host is busy so much time may pass without an instruction of ours: then once more. */
static uint64_t progress(uint64_t ref, long want)
{
    uint64_t before = ticks[0];
    long answer = FK_TIMEOUT;
    for (unsigned i = 0; i < 1000 && answer == FK_TIMEOUT && ticks[0] == before; i++)
        answer = fk_thread_schedule(ref, 0, FK_SENSE_BLOCK, now() + 5 * MS);
    CHECK_EQ(answer, want);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
    return ticks[0] - before;
}

/* Nobody but the chain's head gives the end its time. A donor in the middle dies: those above it
 * hear of it, one by one, and end; those below wait as they did, and whoever gives its time to the
 * next of them gives it to the end. */
static void long_chain(void)
{
    uint64_t thread[LINKS], middle_one = LINKS / 2;
    uint64_t second = test_ref(FK_DEBUG_SPACE, test_space(256 * 1024));
    service = test_port(7);
    uint64_t s = child(server, service.portset);
    CHECK_EQ(fk_thread_schedule(test_ref(FK_DEBUG_THREAD, s), 0, FK_SENSE_BLOCK, FK_FOREVER),
             FK_BLOCKED);
    stop = 0;
    memset((void *)ticks, 0, sizeof(ticks));
    for (uint64_t i = 0; i < LINKS; i++) {
        void (*run)(uint64_t) = i < LINKS - 1 ? link_of_chain : end_of_chain;
        thread[i] = test_thread_make(i % 2 ? second : child_ref, fk_at((void *)run),
                                     test_pages(1) + FK_PAGE, i);
        link_ref[i] = test_ref(FK_DEBUG_THREAD, thread[i]);
    }
    CHECK(progress(link_ref[0], FK_TIMEOUT) > 0);
    uint64_t seen = ticks[0];
    test_sleep(3);
    CHECK_EQ(ticks[0], seen); /* no time but through the chain */
    CHECK(progress(link_ref[0], FK_TIMEOUT) > 0);

    CHECK_EQ(fk_thread_destroy(thread[middle_one]), FK_OK);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
    CHECK_EQ(link_ended, 0); /* they hear of it on time of their own, and have none */
    for (uint64_t i = middle_one; i-- > 0;) {
        CHECK_EQ(progress(link_ref[i], FK_BLOCKED), 0);
        CHECK(link_done[i]);
    }
    CHECK_EQ(link_ended, middle_one);
    CHECK(progress(link_ref[middle_one + 1], FK_TIMEOUT) > 0);

    stop = 1;
    CHECK_EQ(fk_thread_schedule(link_ref[LINKS - 1], 0, FK_SENSE_BLOCK, FK_FOREVER), FK_BLOCKED);
    for (uint64_t i = LINKS - 1; i-- > middle_one + 1;)
        CHECK_EQ(progress(link_ref[i], FK_BLOCKED), 0);
    CHECK_EQ(link_ended, LINKS - 1);
    for (uint64_t i = 0; i < LINKS; i++)
        if (i != middle_one)
            CHECK_EQ(fk_thread_destroy(thread[i]), FK_OK);
    CHECK_EQ(fk_thread_destroy(s), FK_OK);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
}

/* ---- a donor dies; two that donate to each other ---- */

static void dying_donor(uint64_t ref)
{
    fk_thread_schedule(ref, 0, FK_SENSE_BLOCK, FK_FOREVER);
    test_stop();
}

static void death(void)
{
    stop = 0;
    memset((void *)ticks, 0, sizeof(ticks));
    uint64_t leaf = child(spinner, 2), ref = test_ref(FK_DEBUG_THREAD, leaf);
    uint64_t donor = test_thread(dying_donor, ref);
    while (!ticks[2])
        test_sleep(2);
    CHECK_EQ(fk_thread_destroy(donor), FK_OK);
    uint64_t seen = ticks[2];
    test_sleep(5);
    CHECK_EQ(ticks[2], seen); /* no time any more */
    for (unsigned i = 0; i < 1000 && ticks[2] == seen; i++)
        CHECK_EQ(fk_thread_schedule(ref, 0, 0, now() + 5 * MS), FK_TIMEOUT);
    CHECK(ticks[2] > seen);
    CHECK_EQ(fk_thread_destroy(leaf), FK_OK);
}

static uint64_t ring_refs[2];

/* A donor that did not want to hear of anything hears of the end of the one it donates to. */
static uint64_t doomed;
static volatile long doomed_why = -1;

static void faithful_donor(uint64_t ref)
{
    doomed_why = fk_thread_schedule(ref, 0, 0, FK_FOREVER);
    test_stop();
}

static void dying_donee(void)
{
    doomed = test_thread(dying_donor, test_ref(FK_DEBUG_THREAD, fk_at(&boot->thread)));
    test_thread(faithful_donor, test_ref(FK_DEBUG_THREAD, doomed));
    test_let_run();
    CHECK_EQ(doomed_why, -1);
    CHECK_EQ(fk_thread_destroy(doomed), FK_OK);
    test_let_run();
    CHECK_EQ(doomed_why, FK_BLOCKED);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
}

/* A server that is destroyed while its client waits is not offered to its scheduler once more. */
static struct test_port boss, shop;
static volatile long customer_why = -1;

static void shopkeeper(uint64_t portset)
{
    struct fk_ipc ipc = {.dest = portset};
    fk_server_wait_receive(&ipc);
    fk_clock_wait(FK_FOREVER >> 1);
    test_stop();
}

static void customer(uint64_t unused)
{
    struct fk_ipc ipc = {.dest = shop.ref};
    (void)unused;
    customer_why = fk_client_connect_send_over_receive(&ipc);
    test_stop();
}

static void scheduled_server_dies(void)
{
    boss = test_port(5);
    shop = test_port(6);
    uint64_t server = child(shopkeeper, shop.portset), ref = test_ref(FK_DEBUG_THREAD, server);
    test_scheduled(server, boss.ref, 1);
    CHECK_EQ(fk_thread_schedule(ref, 0, FK_SENSE_BLOCK, FK_FOREVER), FK_BLOCKED);
    uint64_t client = test_ref(FK_DEBUG_THREAD, test_thread(customer, 0));
    test_let_run();
    CHECK_EQ(customer_why, -1);
    CHECK_EQ(fk_thread_destroy(server), FK_OK);
    test_let_run();
    CHECK_EQ(customer_why, FK_DISCONNECTED);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
    CHECK_EQ(fk_thread_schedule(client, boss.portset, FK_SENSE_CONFLICT, now() + 2 * MS),
             FK_TIMEOUT); /* nobody is in line for time */
}

/* ---- a server answers one client and takes up the next at once: the answered one is not
 * forgotten, whosever time the server ran on ---- */

static volatile uint64_t begin, busy, answers;

static void busy_server(uint64_t portset)
{
    struct fk_ipc ipc = {.dest = portset};
    fk_server_wait_receive(&ipc);
    busy = 1;
    while (!begin)
        ;
    for (;;) {
        ipc.dest = portset;
        ipc.tag = 0;
        fk_server_ack_send_wait_receive(&ipc);
    }
}

static void queued_client(uint64_t unused)
{
    (void)unused;
    struct fk_ipc ipc = {.dest = service.ref};
    CHECK_EQ(fk_client_connect_send_over_receive(&ipc), FK_OK);
    answers++;
    test_stop();
}

static void taken_up_at_once(void)
{
    uint64_t threads[3], refs[3], s;
    service = test_port(7);
    boss = test_port(5);
    s = test_thread(busy_server, service.portset);
    test_let_run(); /* it waits */
    for (unsigned i = 0; i < 3; i++) {
        threads[i] = child(queued_client, i);
        refs[i] = test_ref(FK_DEBUG_THREAD, threads[i]);
        test_scheduled(threads[i], boss.ref, i);
    }
    while (!busy)
        CHECK_EQ(fk_thread_schedule(refs[0], 0, FK_SENSE_BLOCK, now() + MS), FK_TIMEOUT);
    CHECK_EQ(fk_thread_schedule(refs[1], 0, FK_SENSE_BLOCK, FK_FOREVER), FK_BLOCKED);
    CHECK_EQ(fk_thread_schedule(refs[2], 0, FK_SENSE_BLOCK, FK_FOREVER), FK_BLOCKED);
    begin = 1;
    CHECK_EQ(fk_thread_schedule(refs[0], 0, FK_SENSE_BLOCK, FK_FOREVER), FK_BLOCKED);
    while (answers < 3) {
        struct fk_ipc ipc = {.dest = boss.portset};
        CHECK_EQ(fk_server_wait_receive(&ipc), FK_OK); /* would wait for ever */
        CHECK_EQ(fk_thread_schedule(refs[ipc.word[0]], 0, FK_SENSE_BLOCK, FK_FOREVER), FK_BLOCKED);
    }
    for (unsigned i = 0; i < 3; i++)
        CHECK_EQ(fk_thread_destroy(threads[i]), FK_OK);
    CHECK_EQ(fk_thread_destroy(s), FK_OK);
}

/* More sleepers than are woken at one go: all wake. */
#define SLEEPERS 200
static volatile uint64_t woken;

static void one_of_many(uint64_t until)
{
    CHECK_EQ(fk_clock_wait(until), FK_OK);
    woken++;
    test_stop();
}

static void sleepers(void)
{
    uint64_t until = fk_clock_read() + 100000000ull;
    for (int i = 0; i < SLEEPERS; i++)
        test_thread(one_of_many, until);
    test_sleep(1);
    uint64_t early = woken;
    CHECK(!early || now() >= until);
    CHECK_EQ(fk_clock_wait(until), FK_OK);
    for (unsigned i = 0; i < 1000 && woken < SLEEPERS; i++)
        test_sleep(1);
    CHECK_EQ(woken, SLEEPERS);
}

static void ring_donor(uint64_t other)
{
    long why = fk_thread_schedule(ring_refs[other], 0, FK_SENSE_BLOCK, FK_FOREVER);
    CHECK_EQ(why, FK_BLOCKED);
    ticks[3]++;
    test_stop();
}

static void ring(void)
{
    uint64_t a = test_thread(ring_donor, 1);
    ring_refs[0] = test_ref(FK_DEBUG_THREAD, a);
    uint64_t b = test_thread(ring_donor, 0);
    ring_refs[1] = test_ref(FK_DEBUG_THREAD, b);
    while (ticks[3] < 2)
        test_sleep(1);
    CHECK_EQ(fk_thread_destroy(a), FK_OK);
    CHECK_EQ(fk_thread_destroy(b), FK_OK);
}

/* ---- a server ends the thread whose time it runs on, two calls up: it goes on with its own ----
 */

static struct test_port outer, inner;
static uint64_t victim;
static volatile uint64_t survived;

static void ending_server(uint64_t portset)
{
    struct fk_ipc ipc = {.dest = portset};
    fk_server_wait_receive(&ipc);
    CHECK_EQ(fk_thread_destroy(victim), FK_OK);
    for (uint64_t end = now() + 30 * MS; now() < end;) /* until others had their turn */
        ;
    survived = 1;
    test_stop();
}

static void relay(uint64_t portset)
{
    struct fk_ipc ipc = {.dest = portset};
    fk_server_wait_receive(&ipc);
    struct fk_ipc on = {.dest = inner.ref, .tag = 1};
    fk_client_connect_send_over_receive(&on);
    test_stop();
}

static void ending_client(uint64_t unused)
{
    (void)unused;
    struct fk_ipc ipc = {.dest = outer.ref, .tag = 1};
    fk_client_connect_send_over_receive(&ipc);
    test_stop();
}

static void orphan_server(void)
{
    outer = test_port(8);
    inner = test_port(9);
    uint64_t last = test_thread(ending_server, inner.portset),
             middle_one = child(relay, outer.portset);
    CHECK_EQ(
        fk_thread_schedule(test_ref(FK_DEBUG_THREAD, middle_one), 0, FK_SENSE_BLOCK, FK_FOREVER),
        FK_BLOCKED);
    victim = child(ending_client, 0);
    CHECK_EQ(fk_thread_schedule(test_ref(FK_DEBUG_THREAD, victim), 0, FK_SENSE_BLOCK, FK_FOREVER),
             FK_BLOCKED);
    for (unsigned i = 0; i < 1000 && !survived; i++)
        test_sleep(1);
    CHECK(survived);
    CHECK_EQ(fk_thread_destroy(middle_one), FK_OK);
    CHECK_EQ(fk_thread_destroy(last), FK_OK);
}

/* ---- a server ends its client, on whose time it runs, while nobody else can run ---- */

static void last_server(uint64_t portset)
{
    struct fk_ipc ipc = {.dest = portset};
    fk_server_wait_receive(&ipc);
    CHECK_EQ(fk_thread_destroy(victim), FK_OK);
    survived = 2;
    test_stop();
}

static void nobody_else(void)
{
    outer = test_port(8);
    uint64_t server = test_thread(last_server, outer.portset);
    test_let_run();
    victim = test_thread(ending_client, 0);
    for (unsigned i = 0; i < 1000 && survived < 2; i++)
        test_sleep(1);
    CHECK_EQ(survived, 2);
    CHECK_EQ(fk_thread_destroy(server), FK_OK);
}

/* ---- the clock ---- */

static void sleeper(uint64_t milliseconds)
{
    uint64_t start = now();
    test_sleep(milliseconds);
    CHECK(now() >= start + milliseconds * MS);
    ticks[0]++;
    test_stop();
}

static void clock(void)
{
    memset((void *)ticks, 0, sizeof(ticks));
    uint64_t threads[3];
    for (unsigned i = 0; i < 3; i++)
        threads[i] = test_thread(sleeper, 9 - 3 * i);
    while (ticks[0] < 3)
        test_sleep(1);
    for (unsigned i = 0; i < 3; i++)
        CHECK_EQ(fk_thread_destroy(threads[i]), FK_OK);
}

void test_run(void)
{
    child_space = test_space(256 * 1024);
    child_ref = test_ref(FK_DEBUG_SPACE, child_space);
    gate = test_object();
    CHECK_EQ(fk_mutex_create(gate), FK_OK);
    timeouts();
    messages();
    chains();
    long_chain();
    whose_time();
    death();
    ring();
    orphan_server();
    nobody_else();
    clock();
    dying_donee();
    scheduled_server_dies();
    taken_up_at_once();
    sleepers();
}
