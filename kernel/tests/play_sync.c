/* kernel/tests/play_sync.c -- plays of mutexes and conditions, and of waiting for what is
 * destroyed or moved. SPDX-License-Identifier: MIT */
#include "kernel/tests/anywhere.h"

/* ---- sync: two take turns ---- */

static uint64_t cond;
static volatile uint64_t turn STAGE;

void sync_prepare(void)
{
    turn = 0;
    if (cond)
        return;
    cond = test_object();
    CHECK_EQ(fk_cond_create(cond), FK_OK);
}

void pinger(uint64_t who)
{
    begin(who);
    uint64_t mutex = rebirth_mutex[0];
    for (uint64_t round = 0; round < 2 * play_rounds; round++) {
        if (fk_mutex_trylock(mutex) != FK_OK)
            CHECK_EQ(fk_mutex_lock(mutex), FK_OK);
        while (turn % 2 != who)
            CHECK_EQ(fk_cond_wait(cond, mutex), FK_OK);
        note(who, turn);
        turn++;
        CHECK_EQ(who ? fk_cond_signal(cond) : fk_cond_broadcast(cond), FK_OK);
        CHECK_EQ(fk_mutex_unlock(mutex), FK_OK);
    }
    end(who);
}

/* ---- crowd: two wait for what the third one wakes or destroys ---- */

static uint64_t crowd_cond, lost_mutex, lost_set, lost_port[2], lost_ref[2], lost_thread,
    thread_ref;
static volatile uint64_t opened STAGE, closed STAGE, seen STAGE;

static uint64_t make(enum fk_debug_kind kind, unsigned n)
{
    uint64_t object = area + n * FK_OBJECT_BYTES;
    CHECK_EQ(fk_call4((uint64_t)kind << 5, object, 0, 0, 0), FK_OK);
    return object;
}

void crowd_prepare(void)
{
    static uint64_t set_ref;
    const struct fk_mutex_state locked = {0, 1}; /* by nobody */
    opened = closed = seen = 0;
    if (!set_ref) {
        set_ref = make_refs(1, 0);
        thread_ref = make_refs(1, 0);
        lost_ref[0] = make_refs(2, 0);
        lost_ref[1] = lost_ref[0] + FK_OBJECT_BYTES;
    }
    crowd_cond = make(FK_DEBUG_COND, 0);
    lost_mutex = make(FK_DEBUG_MUTEX, 1);
    CHECK_EQ(fk_mutex_set_state(lost_mutex, fk_at(&locked), 0), FK_OK);
    lost_thread = make(FK_DEBUG_THREAD, 5); /* it never runs */
    CHECK_EQ(fk_thread_reference(lost_thread, thread_ref), FK_OK);
    lost_set = make(FK_DEBUG_PORTSET, 2);
    CHECK_EQ(fk_portset_reference(lost_set, set_ref), FK_OK);
    for (unsigned i = 0; i < 2; i++) {
        const struct fk_port_state state = {.alias = i};
        const struct fk_port_links links = {set_ref};
        lost_port[i] = make(FK_DEBUG_PORT, 3 + i);
        CHECK_EQ(fk_port_set_state(lost_port[i], fk_at(&state), fk_at(&links)), FK_OK);
        CHECK_EQ(fk_port_reference(lost_port[i], lost_ref[i]), FK_OK);
    }
}

void crowd_leader(uint64_t who)
{
    begin(who);
    gate();
    CHECK_EQ(fk_mutex_lock(rebirth_mutex[0]), FK_OK);
    opened = 1;
    note(who, (uint64_t)fk_cond_broadcast(crowd_cond));
    CHECK_EQ(fk_mutex_unlock(rebirth_mutex[0]), FK_OK);
    gate();
    note(who, (uint64_t)fk_mutex_destroy(lost_mutex));
    gate();
    note(who, (uint64_t)fk_portset_destroy(lost_set));
    note(who, (uint64_t)fk_port_destroy(lost_port[0]));
    gate();
    note(who, (uint64_t)fk_port_destroy(lost_port[1]));
    gate();
    note(who, (uint64_t)fk_thread_destroy(lost_thread));
    gate();
    CHECK_EQ(fk_mutex_lock(rebirth_mutex[0]), FK_OK);
    closed = 1;
    note(who, (uint64_t)fk_cond_destroy(crowd_cond));
    CHECK_EQ(fk_mutex_unlock(rebirth_mutex[0]), FK_OK);
    end(who);
}

/* Whatever it waits for when it is destroyed, it finds nothing there, at once or later. */
void crowd_member(uint64_t who)
{
    begin(who);
    CHECK_EQ(fk_mutex_lock(rebirth_mutex[0]), FK_OK);
    while (!opened)
        CHECK_EQ(fk_cond_wait(crowd_cond, rebirth_mutex[0]), FK_OK);
    seen += who;
    CHECK_EQ(fk_mutex_unlock(rebirth_mutex[0]), FK_OK);
    note(who, (uint64_t)test_insane(FK_CALL_mutex_lock, lost_mutex, 0, 0, 0));
    take_interrupts(0, 0);
    for (unsigned i = 0; i < 2; i++) {
        struct fk_ipc ipc = {.dest = lost_ref[i], .tag = 1, .word = {who}};
        note(who, (uint64_t)(i == who % 2 ? fk_ipc_send(&ipc) : fk_ipc_call(&ipc)));
    }
    long cause = test_insane(FK_CALL_thread_schedule, thread_ref, 0, 0, FK_FOREVER);
    note(who, cause == 0 || cause == FK_INSANE_INVALID_OBJECT);
    take_interrupts(0, 0);
    CHECK_EQ(fk_mutex_lock(rebirth_mutex[0]), FK_OK);
    if (!closed)
        CHECK_EQ(fk_cond_wait(crowd_cond, rebirth_mutex[0]), FK_OK);
    seen += 4 << who;
    CHECK_EQ(fk_mutex_unlock(rebirth_mutex[0]), FK_OK);
    end(who);
}

/* ---- moves: a port with a client comes to where a server waits ---- */

static uint64_t moving_port, moving_ref, goal_set, goal_ref, nowhere;

static void move_to(uint64_t set_ref)
{
    const struct fk_port_state state = {.alias = 9};
    const struct fk_port_links links = {set_ref};
    CHECK_EQ(fk_port_set_state(moving_port, fk_at(&state), fk_at(&links)), FK_OK);
}

void moves_prepare(void)
{
    if (!moving_port) {
        struct test_port goal = test_port(8), moving = test_port(9);
        moving_port = moving.port;
        moving_ref = moving.ref;
        goal_set = goal.portset;
        goal_ref = test_ref(FK_DEBUG_PORTSET, goal_set);
        nowhere = make_refs(1, 0);
    }
    move_to(nowhere);
}

void moves_leader(uint64_t who)
{
    begin(who);
    gate();
    move_to(goal_ref);
    end(who);
}

void moves_client(uint64_t who)
{
    struct fk_ipc ipc = {.dest = moving_ref, .tag = 1, .word = {41}};
    begin(who);
    note(who, (uint64_t)fk_ipc_send(&ipc));
    end(who);
}

void moves_server(uint64_t who)
{
    struct fk_ipc ipc = {.dest = goal_set};
    begin(who);
    note(who, (uint64_t)fk_server_wait_receive(&ipc));
    note(who, ipc.tag);
    note(who, ipc.word[0]);
    end(who);
}
