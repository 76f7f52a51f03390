/* Whichever kernel allocation fails, for each one in the life of two spaces in which threads make
 * every call there is: nothing breaks, nothing is lost, and nobody is told but the one whose
 * allocation it was. A page table that cannot be paid for is nobody's concern: the program's
 * results are what they always are. SPDX-License-Identifier: MIT */
#include "kernel/tests/anywhere.h"

static uint64_t whole_ref, object[2 + 2 + ACTORS], stack[ACTORS], thread_ref[ACTORS];
static bool live[2 + 2 + ACTORS], warm;
static uint64_t refused; /* answers NO_MEMORY that we got ourselves */

enum { SPACES = 0, MAPS = 2, THREADS = 4 };

static bool make(unsigned which, enum fk_debug_kind kind)
{
    long answer = fk_call4((uint64_t)kind << 5, object[which], 0, 0, 0);
    CHECK(answer == FK_OK || answer == FK_NO_MEMORY);
    live[which] = answer == FK_OK;
    refused += !live[which];
    return live[which];
}

/* A space that sees all that we see. */
static bool make_space(unsigned i)
{
    struct fk_mapping_state all = {.size = FK_USER_END, .prot = 7};
    struct fk_mapping_links links = {stage_space[1 + i], whole_ref};
    if (!make(SPACES + i, FK_DEBUG_SPACE) || !make(MAPS + i, FK_DEBUG_MAPPING))
        return false;
    CHECK_EQ(fk_space_budget(object[SPACES + i], 96 * FK_PAGE), FK_OK);
    CHECK_EQ(fk_space_reference(object[SPACES + i], stage_space[1 + i]), FK_OK);
    CHECK_EQ(fk_mapping_set_state(object[MAPS + i], fk_at(&all), fk_at(&links)), FK_OK);
    return true;
}

static uint64_t soon(void)
{
    return (uint64_t)fk_clock_read() + 1000000;
}

static bool run(uint64_t ref)
{
    long why = fk_thread_schedule(ref, 0, FK_SENSE_BLOCK, soon());
    return why != FK_BLOCKED;
}

static bool puppet_lives(void)
{
    struct fk_ref_state state;
    return puppet_ref && fk_ref_get_state(puppet_ref, fk_at(&state), 0) == FK_OK &&
           state.type == FK_DEBUG_THREAD;
}

#define WAITS 40 /* ticks: more than the naps of any play take */

/* Until all that is needed is done, or nobody can run any more. */
static void run_all(const struct play *play)
{
    for (unsigned waited = 0; waited < WAITS; waited++) {
        bool ran = false;
        for (unsigned i = 0; i < ACTORS; i++)
            while (live[THREADS + i] && run(thread_ref[i]))
                ran = true;
        while (!ran && puppet_lives() && run(puppet_ref))
            ran = true;
        if ((play_finished & play->needed) == play->needed)
            return;
        if (!ran)
            test_sleep(1);
    }
}

static bool build(const struct play *play)
{
    for (unsigned i = 0; i < 2; i++)
        if (!make_space(i))
            return false;
    uint64_t left = fk_kernel_debug(FK_DEBUG_FAIL, 0, 0); /* not in the stage hands' work */
    play_prepare(play);
    fk_kernel_debug(FK_DEBUG_FAIL, left, 0);
    for (unsigned i = 0; i < ACTORS; i++) {
        if (!play->actor[i].run)
            continue;
        if (!make(THREADS + i, FK_DEBUG_THREAD))
            return false;
        CHECK_EQ(fk_thread_reference(object[THREADS + i], thread_ref[i]), FK_OK);
        play_cast(play, i, object[THREADS + i], stack[i], 0);
    }
    return true;
}

static void reap(uint64_t from, uint64_t size)
{
    struct fk_found found;
    while (fk_region_search(from, size, fk_at(&found)) == FK_OK)
        CHECK_EQ(fk_call4((found.type << 5) + 2, found.address, 0, 0, 0), FK_OK);
}

static void tear_down(void)
{
    static const enum fk_debug_kind kind[] = {FK_DEBUG_SPACE,   FK_DEBUG_SPACE,  FK_DEBUG_MAPPING,
                                              FK_DEBUG_MAPPING, FK_DEBUG_THREAD, FK_DEBUG_THREAD,
                                              FK_DEBUG_THREAD};
    for (unsigned i = THREADS + ACTORS; i-- > 0;) {
        if (live[i])
            CHECK_EQ(fk_call4(((uint64_t)kind[i] << 5) + 2, object[i], 0, 0, 0), FK_OK);
        live[i] = false;
    }
    reap(area, AREA_PAGES * FK_PAGE);
    play_strike();
}

struct counts {
    uint64_t objects, memory, pages;
};

static struct counts count(void)
{
    return (struct counts){fk_kernel_debug(FK_DEBUG_OBJECTS, FK_DEBUG_KINDS, 0),
                           fk_kernel_debug(FK_DEBUG_MEMORY, 0, 0),
                           fk_kernel_debug(FK_DEBUG_FREE_PAGES, 0, 0)};
}

/* The n-th allocation of the performance fails. Answers how many were still to come, 0 = it came.
 */
static uint64_t perform(const struct play *play, uint64_t n)
{
    struct counts before, after;
    refused = 0;
    before = count();
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_FAIL, n, 0), 0);
    if (build(play))
        run_all(play);
    uint64_t left = fk_kernel_debug(FK_DEBUG_FAIL, 0, 0);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
    tear_down();
    after = count();
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
    if (!warm)
        return left;
    CHECK_EQ(after.objects, before.objects);
    CHECK_EQ(after.memory, before.memory);
    CHECK_EQ(after.pages, before.pages);
    return left;
}

static void fail_each(const struct play *play)
{
    uint64_t calm[ACTORS], told = 0, unharmed = 0, n = 0;
    warm = false; /* some things are kept from one performance to the next */
    perform(play, 0);
    warm = true;
    perform(play, 0);
    CHECK_EQ(play_finished & play->needed, play->needed);
    memcpy(calm, (void *)play_sum, sizeof(calm));
    while (perform(play, ++n) == 0) {
        bool same = memcmp(calm, (void *)play_sum, sizeof(calm)) == 0 &&
                    (play_finished & play->needed) == play->needed;
        told += refused != 0;
        unharmed += same && !refused;
        CHECK(same || refused || play->makes);
    }
    CHECK(n > 10);
    CHECK_EQ(memcmp(calm, (void *)play_sum, sizeof(calm)), 0);
    print("%s: %u allocations, %u refused to us, %u noticed by nobody\n", play->name, n - 1, told,
          unharmed);
}

void test_run(void)
{
    play_open();
    uint64_t own = stage_space[0];
    whole_ref = test_ref(FK_DEBUG_REGION, test_region(own, 0, FK_USER_END, 7, 0));
    for (unsigned i = 0; i < THREADS + ACTORS; i++)
        object[i] = test_object();
    for (unsigned i = 0; i < ACTORS; i++) {
        stack[i] = test_pages(2) + 2 * FK_PAGE;
        thread_ref[i] = test_object();
        CHECK_EQ(fk_ref_create(thread_ref[i]), FK_OK);
    }
    for (unsigned i = 1; i < 3; i++) {
        stage_space[i] = test_object();
        CHECK_EQ(fk_ref_create(stage_space[i]), FK_OK);
    }
    for (unsigned i = 0; i < play_count; i++)
        if (plays[i].actor[0].place)
            fail_each(&plays[i]);
}
