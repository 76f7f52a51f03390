/* Schedulers nest: a fixed-priority scheduler in the root space over a round-robin one and a
 * lottery one in a child space, each over threads that only burn time. Each policy holds at its
 * level: the higher priority gets all it can use, round-robin is fair, the lottery is proportional;
 * and time is accounted. SPDX-License-Identifier: MIT */
#include "abi/simcall/simcall.h"
#include "kernel/tests/test.h"

#define MS      1000000ull
#define THREADS 3

static uint64_t space_ref, refs[2][THREADS], threads[2][THREADS];
static volatile uint64_t burnt[2][THREADS], stop, turns[2];
static volatile uint64_t resting; /* the high-priority scheduler sleeps until then */

static uint64_t now(void)
{
    return fk_clock_read();
}

static void burner(uint64_t which)
{
    while (!stop)
        burnt[which / THREADS][which % THREADS]++;
    test_stop();
}

static void rest(void)
{
    if (resting) {
        uint64_t until = resting;
        resting = 0;
        fk_clock_wait(until);
    }
}

static void round_robin(uint64_t unused)
{
    (void)unused;
    for (unsigned i = 0; !stop; i = (i + 1) % THREADS) {
        rest();
        turns[0]++;
        fk_thread_schedule(refs[0][i], 0, FK_SENSE_BLOCK, now() + MS);
    }
    test_stop();
}

/* Thread i holds i + 1 tickets of six. */
static void lottery(uint64_t unused)
{
    (void)unused;
    uint64_t random = 12345;
    while (!stop) {
        random = random * 6364136223846793005ull + 1442695040888963407ull;
        unsigned ticket = (random >> 33) % 6, winner = ticket >= 3 ? 2 : ticket >= 1 ? 1 : 0;
        turns[1]++;
        fk_thread_schedule(refs[1][winner], 0, FK_SENSE_BLOCK, now() + MS);
    }
    test_stop();
}

static uint64_t child(void (*entry)(uint64_t), uint64_t argument)
{
    return test_thread_make(space_ref, fk_at((void *)entry), test_pages(2) + 2 * FK_PAGE, argument);
}

/* The root's policy: `high` whenever it can run, `low` otherwise, for so long. */
static void run(uint64_t high, uint64_t low, uint64_t milliseconds)
{
    uint64_t end = now() + milliseconds * MS;
    while (now() < end) {
        long why = fk_thread_schedule(high, 0, FK_SENSE_BLOCK, end);
        if (why == FK_BLOCKED)
            fk_thread_schedule(low, 0, FK_SENSE_BLOCK, now() + MS);
    }
}

static void clear(void)
{
    memset((void *)burnt, 0, sizeof(burnt));
    turns[0] = turns[1] = 0;
}

/* Where the host is busy, time may pass without an instruction of ours: then once more. */
#define UNTIL(condition)                                                                           \
    for (unsigned round_ = 0; !round_ || (round_ < 100 && !(condition)); round_++)

static uint64_t used(uint64_t thread, uint64_t *out)
{
    static struct fk_thread_state state;
    CHECK_EQ(fk_thread_get_state(thread, fk_at(&state), 0), FK_OK);
    *out = state.used;
    return state.used;
}

void test_run(void)
{
    space_ref = test_ref(FK_DEBUG_SPACE, test_space(512 * 1024));
    for (unsigned i = 0; i < 2 * THREADS; i++) {
        threads[i / THREADS][i % THREADS] = child(burner, i);
        refs[i / THREADS][i % THREADS] =
            test_ref(FK_DEBUG_THREAD, threads[i / THREADS][i % THREADS]);
    }
    uint64_t fair = child(round_robin, 0), lucky = child(lottery, 0);
    uint64_t fair_ref = test_ref(FK_DEBUG_THREAD, fair),
             lucky_ref = test_ref(FK_DEBUG_THREAD, lucky);

    UNTIL(turns[0] > 2 * THREADS && burnt[0][0] && burnt[0][1] && burnt[0][2])
    {
        run(fair_ref, lucky_ref, 120); /* round-robin on top: the lottery never runs */
        CHECK_EQ(turns[1], 0);
        CHECK_EQ(burnt[1][0] + burnt[1][1] + burnt[1][2], 0);
    }

    CHECK(turns[0] > 2 * THREADS && burnt[0][0] && burnt[0][1] && burnt[0][2]);

    clear();
    UNTIL(turns[0] > 0 && turns[1] > 0)
    {
        resting = now() + 60 * MS; /* while it sleeps, the lottery has the time */
        run(fair_ref, lucky_ref, 120);
    }

    CHECK(turns[0] > 0 && turns[1] > 0);

    clear();
    resting = 0;
    UNTIL(turns[1] > 20 && burnt[1][2] > burnt[1][0])
    {
        run(lucky_ref, fair_ref, 240);
        CHECK_EQ(turns[0], 0);
    }

    CHECK(turns[1] > 20 && burnt[1][2] > burnt[1][0]);

    uint64_t cycles[3], sum = 0;
    for (unsigned i = 0; i < THREADS; i++)
        sum += used(threads[1][i], &cycles[i]);
    if (simcall_PRESENT(0, 0, 0)) { /* elsewhere a busy host's time is on somebody's account */
        CHECK(cycles[2] > cycles[0]);
        CHECK(sum > boot->cycles_per_second / 1000 * 100); /* of the 240 ms and the 60 before */
    }
    print("lottery: %u %u %u of %u Mcycles\n", cycles[0] / 1000000, cycles[1] / 1000000,
          cycles[2] / 1000000, sum / 1000000);
    CHECK_EQ(fk_thread_destroy(fair), FK_OK);
    CHECK_EQ(fk_thread_destroy(lucky), FK_OK);
}
