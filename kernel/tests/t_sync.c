/* A mutex has one owner at a time, first come first served; a condition wakes one or all, and those
 * who wait on it come back with the mutex; destroyed objects send their waiters away with an
 * exception. SPDX-License-Identifier: MIT */
#include "kernel/tests/test.h"

#define THREADS 8
#define ROUNDS  50

static uint64_t mutex, cond;
static volatile uint64_t shared, done, turn, insane;

static void counter(uint64_t id)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        CHECK_EQ(fk_mutex_lock(mutex), FK_OK);
        uint64_t seen = shared;
        fk_thread_yield();
        shared = seen + 1;
        CHECK_EQ(fk_mutex_unlock(mutex), FK_OK);
        if (id % 2)
            fk_thread_yield();
    }
    done++;
    test_stop();
}

static void counting(void)
{
    uint64_t threads[THREADS];
    for (uint64_t i = 0; i < THREADS; i++)
        threads[i] = test_thread(counter, i);
    while (done < THREADS)
        fk_thread_yield();
    CHECK_EQ(shared, THREADS * ROUNDS);
    for (uint64_t i = 0; i < THREADS; i++)
        CHECK_EQ(fk_thread_destroy(threads[i]), FK_OK);
}

static void waiter(uint64_t id)
{
    CHECK_EQ(fk_mutex_lock(mutex), FK_OK);
    while (turn != id)
        CHECK_EQ(fk_cond_wait(cond, mutex), FK_OK);
    turn++;
    done++;
    CHECK_EQ(fk_cond_broadcast(cond), FK_OK);
    CHECK_EQ(fk_mutex_unlock(mutex), FK_OK);
    test_stop();
}

static void turns(void)
{
    uint64_t threads[THREADS];
    done = 0;
    turn = THREADS;
    for (uint64_t i = 0; i < THREADS; i++)
        threads[i] = test_thread(waiter, THREADS - 1 - i);
    fk_thread_yield();
    CHECK_EQ(fk_mutex_lock(mutex), FK_OK);
    turn = 0;
    CHECK_EQ(fk_cond_signal(cond), FK_OK); /* the wrong one: it waits again */
    CHECK_EQ(fk_cond_broadcast(cond), FK_OK);
    CHECK_EQ(fk_mutex_unlock(mutex), FK_OK);
    while (done < THREADS)
        fk_thread_yield();
    for (uint64_t i = 0; i < THREADS; i++)
        CHECK_EQ(fk_thread_destroy(threads[i]), FK_OK);
}

static void victim(uint64_t which)
{
    insane = test_insane(FK_CALL_mutex_lock, which, 0, 0, 0);
    done++;
    test_stop();
}

static void destroyed(void)
{
    CHECK_EQ(fk_mutex_lock(mutex), FK_OK);
    done = 0;
    uint64_t thread = test_thread(victim, mutex);
    fk_thread_yield();
    CHECK_EQ(done, 0);
    CHECK_EQ(fk_mutex_destroy(mutex), FK_OK);
    while (!done)
        fk_thread_yield();
    CHECK_EQ(insane, FK_INSANE_NO_OBJECT);
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
}

/* Each of them would wait again before the next is sent away. */
static void destroyed_step_by_step(void)
{
    uint64_t threads[THREADS];
    mutex = test_object();
    CHECK_EQ(fk_mutex_create(mutex), FK_OK);
    CHECK_EQ(fk_mutex_lock(mutex), FK_OK);
    done = 0;
    for (uint64_t i = 0; i < THREADS; i++)
        threads[i] = test_thread(victim, mutex);
    test_let_run();
    fk_kernel_debug(FK_DEBUG_STRESS, 1, 0);
    CHECK_EQ(fk_mutex_destroy(mutex), FK_OK);
    fk_kernel_debug(FK_DEBUG_STRESS, 0, 0);
    while (done < THREADS)
        fk_thread_yield();
    CHECK_EQ(insane, FK_INSANE_NO_OBJECT);
    for (uint64_t i = 0; i < THREADS; i++)
        CHECK_EQ(fk_thread_destroy(threads[i]), FK_OK);
}

static void states(void)
{
    struct fk_mutex_state state;
    uint64_t owner = test_object(), m = test_object();
    fk_ref_create(owner);
    fk_mutex_create_hash(m, 9);
    struct fk_mutex_links links = {owner};
    CHECK_EQ(fk_mutex_get_state(m, fk_at(&state), fk_at(&links)), FK_OK);
    CHECK(state.hash == 9 && !state.locked);
    CHECK_EQ(fk_ref_compare(owner, owner), FK_OK);
    CHECK_EQ(fk_mutex_lock(m), FK_OK);
    CHECK_EQ(fk_mutex_get_state(m, fk_at(&state), fk_at(&links)), FK_OK);
    CHECK(state.locked);
    CHECK_EQ(fk_ref_compare(owner, test_ref(FK_DEBUG_THREAD, fk_thread_self())), FK_OK);
    state.locked = 0;
    CHECK_EQ(fk_mutex_set_state(m, fk_at(&state), 0), FK_OK);
    CHECK_EQ(fk_mutex_trylock(m), FK_OK);
    CHECK_EQ(fk_mutex_unlock(m), FK_OK);
    CHECK_EQ(test_insane(FK_CALL_mutex_unlock, m, 0, 0, 0), FK_INSANE_MUTEX_NOT_OWNED);
    CHECK_EQ(test_insane(FK_CALL_cond_wait, cond, m, 0, 0), FK_INSANE_MUTEX_NOT_OWNED);
}

void test_run(void)
{
    mutex = test_object();
    cond = test_object();
    CHECK_EQ(fk_mutex_create(mutex), FK_OK);
    CHECK_EQ(fk_cond_create(cond), FK_OK);
    counting();
    turns();
    states();
    destroyed();
    destroyed_step_by_step();
}
