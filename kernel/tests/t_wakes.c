/* Nobody who could go on is left waiting: not by a donor among many, by schedulers of schedulers,
 * by another waiter who leaves, by a port that moves, or by a client or server that does not come.
 * Each case waits for ever where the kernel forgets somebody. SPDX-License-Identifier: MIT */
#include "kernel/tests/test.h"

#define STEPS    24   /* of a chain whose threads each have another donor, too */
#define WATCHERS 1600 /* schedulers, each of the one before */

static uint64_t child_ref, nobody_ref, mutex;
static volatile uint64_t flag[4];

/* Without time of its own. */
static uint64_t child(void (*entry)(uint64_t), uint64_t argument)
{
    return test_thread_make(child_ref, fk_at((void *)entry), test_pages(1) + FK_PAGE, argument);
}

static uint64_t ref_to(uint64_t thread)
{
    return test_ref(FK_DEBUG_THREAD, thread);
}

/* On the caller's time, until it waits. */
static void run(uint64_t thread_ref)
{
    CHECK_EQ(fk_thread_schedule(thread_ref, 0, FK_SENSE_BLOCK, FK_FOREVER), FK_BLOCKED);
}

static void come_true(volatile uint64_t *what, uint64_t value)
{
    for (unsigned i = 0; i < 2000 && *what < value; i++)
        test_sleep(1);
    CHECK_EQ(*what, value);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
}

static void begin(void)
{
    for (unsigned i = 0; i < 4; i++)
        flag[i] = 0;
    mutex = test_object();
    CHECK_EQ(fk_mutex_create(mutex), FK_OK);
}

/* ---- time comes through a donor that is not the last one, many times over ---- */

static void listener(uint64_t portset)
{
    struct fk_ipc ipc = {.dest = portset};
    CHECK_EQ(fk_server_wait_receive(&ipc), FK_OK);
    flag[0]++;
    test_stop();
}

static void donor(uint64_t ref)
{
    fk_thread_schedule(ref, 0, 0, FK_FOREVER);
    test_stop();
}

static void many_donors(void)
{
    begin();
    struct test_port port = test_port(1);
    uint64_t below = ref_to(child(listener, port.portset));
    run(below);
    for (unsigned i = 0; i < STEPS; i++) {
        uint64_t next = ref_to(child(donor, below));
        run(next);
        run(ref_to(child(donor, below)));
        below = next;
    }
    test_thread(donor, below);
    test_sleep(1);
    struct fk_ipc ipc = {.dest = port.ref};
    CHECK_EQ(fk_ipc_send(&ipc), FK_OK);
    come_true(&flag[0], 1);
}

/* ---- a scheduler that has no time is announced to its own, and so on, however many there are ----
 */

static uint64_t watched[WATCHERS];

static void watcher(uint64_t i)
{
    CHECK_EQ(fk_thread_schedule(nobody_ref, watched[i], FK_SENSE_CONFLICT, FK_FOREVER),
             FK_CONFLICT);
    flag[0]++;
    test_stop();
}

static void sender(uint64_t ref)
{
    struct fk_ipc ipc = {.dest = ref};
    fk_ipc_send(&ipc);
    test_stop();
}

static void many_schedulers(void)
{
    begin();
    struct test_port first = test_port(1), port = first;
    for (uint64_t i = 0; i < WATCHERS; i++) {
        struct test_port own = test_port(i);
        watched[i] = port.portset;
        run(ref_to(test_scheduled(child(watcher, i), own.ref, i)));
        port = own;
    }
    test_thread(sender, first.ref);
    struct fk_ipc ipc = {.dest = port.portset};
    CHECK_EQ(fk_server_wait_receive(&ipc), FK_OK);
    CHECK_EQ(ipc.tag, FK_TAG_SCHEDULE | 2);
    CHECK_EQ(ipc.word[0], WATCHERS - 1);
    CHECK_EQ(flag[0], 0); /* they have no time */
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
}

/* ---- a thread that waits for time gets another scheduler ---- */

static void idler(uint64_t unused)
{
    (void)unused;
    test_stop();
}

static bool announced(struct test_port port, uint64_t value)
{
    if (fk_thread_schedule(nobody_ref, port.portset, FK_SENSE_CONFLICT,
                           fk_clock_read() + 2000000) == FK_TIMEOUT)
        return false;
    struct fk_ipc ipc = {.dest = port.portset};
    CHECK_EQ(fk_server_wait_receive(&ipc), FK_OK);
    CHECK_EQ(ipc.word[0], value);
    return true;
}

static void another_scheduler(void)
{
    struct test_port old = test_port(1), new = test_port(2);
    uint64_t thread = child(idler, 0);
    struct fk_thread_links to_old = {.scheduler = old.ref}, to_new = {.scheduler = new.ref};
    CHECK_EQ(fk_thread_set_state(thread, 0, fk_at(&to_old)), FK_OK);
    CHECK(announced(old, 0)); /* it was ready before it had one */
    test_scheduled(thread, old.ref, 7);
    CHECK_EQ(fk_thread_set_state(thread, 0, fk_at(&to_new)), FK_OK);
    CHECK(!announced(old, 7));
    CHECK(announced(new, 7));
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
}

/* ---- whoever waits longest for a mutex helps its owner: when the one before him leaves, and when
 * the owner changes ---- */

static void owner(uint64_t unused)
{
    (void)unused;
    CHECK_EQ(fk_mutex_lock(mutex), FK_OK);
    while (!flag[1])
        fk_thread_yield();
    CHECK_EQ(fk_mutex_unlock(mutex), FK_OK);
    test_stop();
}

static void locker(uint64_t unused)
{
    (void)unused;
    CHECK_EQ(fk_mutex_lock(mutex), FK_OK);
    flag[0]++;
    CHECK_EQ(fk_mutex_unlock(mutex), FK_OK);
    test_stop();
}

static void first_leaves(void)
{
    begin();
    uint64_t holder = ref_to(child(owner, 0));
    CHECK_EQ(fk_thread_schedule(holder, 0, FK_SENSE_BLOCK, FK_FOREVER), FK_OK);
    uint64_t first = test_thread(locker, 0);
    test_sleep(1);
    test_thread(locker, 0);
    test_sleep(1);
    CHECK_EQ(fk_thread_get_state(first, 0, 0), FK_OK);
    flag[1] = 1;
    come_true(&flag[0], 1);
    CHECK_EQ(fk_thread_destroy(first), FK_OK);
}

static void heir(uint64_t unused)
{
    (void)unused;
    fk_thread_yield();
    CHECK_EQ(fk_mutex_unlock(mutex), FK_OK);
    test_stop();
}

static void owner_changes(void)
{
    begin();
    uint64_t next = ref_to(child(heir, 0));
    CHECK_EQ(fk_thread_schedule(next, 0, FK_SENSE_BLOCK, FK_FOREVER), FK_OK);
    CHECK_EQ(fk_mutex_lock(mutex), FK_OK);
    test_thread(locker, 0);
    test_sleep(1);
    struct fk_mutex_state state = {.locked = 1};
    struct fk_mutex_links links = {.owner = next};
    CHECK_EQ(fk_mutex_set_state(mutex, fk_at(&state), fk_at(&links)), FK_OK);
    come_true(&flag[0], 1);
}

static void first_gets_it(void)
{
    begin();
    CHECK_EQ(fk_mutex_lock(mutex), FK_OK);
    uint64_t next = ref_to(child(owner, 0));
    flag[1] = 1;
    CHECK_EQ(fk_thread_schedule(next, 0, 0, fk_clock_read() + 1000000), FK_TIMEOUT);
    test_thread(locker, 0);
    test_sleep(1);
    CHECK_EQ(fk_mutex_unlock(mutex), FK_OK);
    come_true(&flag[0], 1);
}

/* ---- a port with two clients comes to a portset with two servers ---- */

static void stuck_server(uint64_t portset)
{
    struct fk_ipc ipc = {.dest = portset};
    CHECK_EQ(fk_server_wait_receive(&ipc), FK_OK);
    flag[0]++;
    test_stop();
}

static void client(uint64_t ref)
{
    struct fk_ipc ipc = {.dest = ref};
    fk_client_connect_send_over_receive(&ipc);
    test_stop();
}

static void port_moves(void)
{
    begin();
    struct test_port port = test_port(1), other = test_port(2);
    for (unsigned i = 0; i < 2; i++) {
        test_thread(stuck_server, other.portset);
        test_thread(client, port.ref);
    }
    test_sleep(1);
    struct fk_port_state state = {.alias = 3};
    struct fk_port_links links = {test_ref(FK_DEBUG_PORTSET, other.portset)};
    CHECK_EQ(fk_port_set_state(port.port, fk_at(&state), fk_at(&links)), FK_OK);
    come_true(&flag[0], 2);
}

/* ---- a client connects, and has no time to go on: its server's time, which waits, goes to it, and
 * not to another client whom the server expected when this one came ---- */

static void slow_client(uint64_t ref)
{
    struct fk_ipc ipc = {.dest = ref};
    CHECK_EQ(fk_client_connect(&ipc), FK_OK);
    while (!flag[1])
        fk_thread_yield();
    fk_client_send_over_receive(&ipc);
    test_stop(); /* nobody gets here: its server's time is its server's again */
}

static void helping_server(uint64_t portset)
{
    struct fk_ipc ipc = {.dest = portset};
    CHECK_EQ(fk_server_wait_receive(&ipc), FK_OK);
    flag[0]++;
    ipc.tag = 0;
    CHECK_EQ(fk_server_ack_send_disconnect(&ipc), FK_OK);
    test_stop();
}

static void server_helps(void)
{
    begin();
    struct test_port port = test_port(1);
    test_thread(helping_server, port.portset);
    uint64_t ref = ref_to(child(slow_client, port.ref));
    test_let_run();
    CHECK_EQ(fk_thread_schedule(ref, 0, FK_SENSE_BLOCK, FK_FOREVER), FK_OK);
    flag[1] = 1;
    come_true(&flag[0], 1);
}

/* ---- a server that waits for anybody is given the other end of a connection: it ends that, as its
 * call says, and then serves who comes ---- */

static void server_is_linked(void)
{
    begin();
    struct test_port port = test_port(1);
    uint64_t server = test_thread(stuck_server, port.portset), other = test_object();
    test_let_run();
    CHECK_EQ(fk_thread_create(other), FK_OK);
    struct fk_thread_links to_other = {.server = ref_to(other)};
    CHECK_EQ(fk_thread_set_state(server, 0, fk_at(&to_other)), FK_OK);
    uint64_t caller = test_thread(client, port.ref);
    come_true(&flag[0], 1);
    CHECK_EQ(fk_thread_destroy(other), FK_OK);
    CHECK_EQ(fk_thread_destroy(caller), FK_OK);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
}

/* ---- the server that is first in line cannot take the message: another one does ---- */

static char text[] = "for whoever has room";

static void receiver(uint64_t portset_and_where)
{
    static struct fk_message block[2];
    struct fk_message *own = &block[portset_and_where & 1];
    own->receive.buffer = (struct fk_buffer){
        portset_and_where & 1 ? fk_at(&block[0].spare) : 0x500000000000ull, sizeof(text)};
    struct fk_ipc ipc = {.dest = portset_and_where & ~1ull, .message = fk_at(own)};
    CHECK_EQ(fk_server_wait_receive(&ipc), FK_OK);
    flag[0]++;
    test_stop();
}

static void bulk_sender(uint64_t ref)
{
    static struct fk_message block;
    block.send.buffer = (struct fk_buffer){fk_at(text), sizeof(text)};
    struct fk_ipc ipc = {.dest = ref, .message = fk_at(&block)};
    CHECK_EQ(fk_ipc_send(&ipc), FK_OK);
    flag[1]++;
    test_stop();
}

static void first_server_fails(void)
{
    begin();
    struct test_port port = test_port(1);
    run(ref_to(child(receiver, port.portset)));
    test_thread(receiver, port.portset | 1);
    test_sleep(1);
    test_thread(bulk_sender, port.ref);
    come_true(&flag[0], 1);
    come_true(&flag[1], 1);
}

/* ---- the client that is first in line, and expected, cannot send: the next one is served ---- */

static void bad_sender(uint64_t ref)
{
    static struct fk_message block;
    block.send.buffer = (struct fk_buffer){0x500000000000ull, sizeof(text)};
    struct fk_ipc ipc = {.dest = ref, .message = fk_at(&block)};
    fk_ipc_send(&ipc);
    test_stop(); /* nobody gets here */
}

static void first_client_fails(void)
{
    begin();
    struct test_port port = test_port(1);
    run(ref_to(child(bad_sender, port.ref)));
    test_thread(sender, port.ref);
    test_let_run();
    test_thread(receiver, port.portset | 1);
    come_true(&flag[0], 1);
}

/* ---- the client that is first in line, and expected, sends one way only: it is its server's time
 * that it does that on, and its server's that it stays. Some have time of their own, too. ---- */

static void expected_sends(bool own_time, bool server_has_time)
{
    begin();
    struct test_port port = test_port(1);
    if (own_time)
        test_thread(sender, port.ref);
    else
        run(ref_to(child(sender, port.ref)));
    test_let_run();
    if (server_has_time)
        test_thread(listener, port.portset);
    else
        run(ref_to(child(listener, port.portset)));
    come_true(&flag[0], 1);
}

static void expected_client_sends(void)
{
    for (unsigned i = 0; i < 4; i++)
        expected_sends(i & 1, i & 2);
}

/* ---- who is first in line cannot come, client or server: his space is gone, or his code is ----
 */

/* A space that sees all memory through a region of its own. */
static uint64_t doomed_space(uint64_t *region)
{
    uint64_t space = test_object();
    CHECK_EQ(fk_space_create(space), FK_OK);
    CHECK_EQ(fk_space_budget(space, 256 * 1024), FK_OK);
    *region = test_region(test_ref(FK_DEBUG_SPACE, fk_at(&boot->space)), 0, FK_USER_END, 7, 0);
    test_map(test_ref(FK_DEBUG_SPACE, space), test_ref(FK_DEBUG_REGION, *region), 0, FK_USER_END, 0,
             7);
    return space;
}

static void first_is_lost(void (*entry)(uint64_t), bool serves, bool space_goes)
{
    begin();
    struct test_port port = test_port(1);
    uint64_t region, space = doomed_space(&region), ref = test_ref(FK_DEBUG_SPACE, space);
    uint64_t lost = test_thread_make(ref, fk_at((void *)entry), test_pages(1) + FK_PAGE,
                                     serves ? port.portset : port.ref);
    run(ref_to(lost));
    test_thread(serves ? stuck_server : client, serves ? port.portset : port.ref);
    test_sleep(1);
    if (space_goes)
        CHECK_EQ(fk_space_destroy(space), FK_OK);
    else
        CHECK_EQ(fk_region_protect(region, 0), FK_OK);
    test_thread(serves ? client : stuck_server, serves ? port.ref : port.portset);
    come_true(&flag[0], 1);
    CHECK_EQ(fk_thread_destroy(lost), FK_OK);
}

static void clients_space_goes(void)
{
    first_is_lost(client, false, true);
}

static void clients_code_goes(void)
{
    first_is_lost(client, false, false);
}

static void servers_space_goes(void)
{
    first_is_lost(stuck_server, true, true);
}

void test_run(void)
{
    child_ref = test_ref(FK_DEBUG_SPACE, test_space(512 * 1024));
    uint64_t nobody = test_object();
    CHECK_EQ(fk_thread_create(nobody), FK_OK);
    nobody_ref = ref_to(nobody);
    static const struct {
        const char *name;
        void (*run)(void);
    } cases[] = {
        {"many_donors", many_donors},
        {"another_scheduler", another_scheduler},
        {"first_leaves", first_leaves},
        {"owner_changes", owner_changes},
        {"first_gets_it", first_gets_it},
        {"port_moves", port_moves},
        {"server_helps", server_helps},
        {"server_is_linked", server_is_linked},
        {"first_server_fails", first_server_fails},
        {"first_client_fails", first_client_fails},
        {"expected_client_sends", expected_client_sends},
        {"clients_space_goes", clients_space_goes},
        {"clients_code_goes", clients_code_goes},
        {"servers_space_goes", servers_space_goes},
        {"many_schedulers", many_schedulers},
    };
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        print("%s\n", cases[i].name);
        cases[i].run();
    }
}
