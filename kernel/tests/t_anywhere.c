/* Whatever a program does, it can be disturbed at any instruction and never know: its threads are
 * stopped, exported, destroyed, made anew at the same address and resumed; or they lose the
 * processor to another thread; or they take a software interrupt. This is the guest's half: it
 * runs the play that `play=NAME` on the command line names under a surgeon, a scheduler that looks
 * into the mailbox whenever it gets the processor back. The other half, tests/stop_anywhere.c,
 * writes there. Without it every play runs once, undisturbed but for one rebirth at its start.
 * SPDX-License-Identifier: MIT */
#include "abi/simcall/simcall.h"
#include "kernel/tests/anywhere.h"

enum { ASK_NOTHING, ASK_REBIRTH, ASK_PREEMPT, ASK_INTERRUPT };
enum { WAITS = 100 };     /* ticks with nobody to run, in a play at most */
enum { REGION_PLAY = 1 }; /* of the simulator's markers BEGIN and END */

/* One page. The host writes what to do, and to which actors from bit 8. All behind `served` is the
 * result, compared with that of the undisturbed run. */
struct mailbox {
    volatile uint64_t ask, served;
    uint64_t sum[ACTORS], unit[ACTORS];
    struct fk_debug_frame frame[ACTORS];
    uint64_t objects[FK_DEBUG_KINDS], memory;
};
static struct mailbox *box;

static const struct play *play;
static struct patient patients[ACTORS];
static uint64_t moment, bystander;
static struct test_port nobody; /* schedules the actors in the root space */

/* ---- the surgeon ---- */

static uint64_t soon(void)
{
    return (uint64_t)fk_clock_read() + moment;
}

/* Shorter than a call takes would never let anybody run; longer would leave instructions at which
 * no tick brings the surgeon back. */
static void measure_moment(void)
{
    uint64_t thread = test_object(), ref;
    CHECK_EQ(fk_thread_create(thread), FK_OK);
    ref = test_ref(FK_DEBUG_THREAD, thread);
    moment = 100;
    for (unsigned good = 0; good < 3; good++) {
        if (fk_thread_schedule(ref, 0, FK_SENSE_BLOCK, soon()) != FK_BLOCKED) {
            moment += 20;
            good = 0;
        }
    }
    moment = simcall_PRESENT(0, 0, 0) ? moment + 20 : 1000000;
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
}

void test_spoil(void);

static void spoil(uint64_t unused)
{
    (void)unused;
    for (;;) {
        test_spoil();
        fk_thread_yield();
    }
}

static void preempt(void)
{
    while (fk_thread_schedule(bystander, 0, FK_SENSE_BLOCK, FK_FOREVER) != FK_OK)
        ;
}

static void interrupt(unsigned mask)
{
    for (unsigned i = 0; i < ACTORS; i++)
        if (patients[i].thread && mask >> i & 1)
            CHECK_EQ(fk_thread_interrupt(patients[i].thread), FK_OK);
}

static void serve(void)
{
    uint64_t ask = box->ask;
    unsigned mask = ask >> 8;
    box->ask = ASK_NOTHING;
    if ((ask & 255) == ASK_REBIRTH)
        rebirth(patients, ACTORS, mask, false);
    else if ((ask & 255) == ASK_PREEMPT)
        preempt();
    else if ((ask & 255) == ASK_INTERRUPT)
        interrupt(mask);
    if (ask)
        CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
    box->served += ask != ASK_NOTHING;
}

static bool puppet_lives(void)
{
    struct fk_ref_state state;
    if (!puppet_ref)
        return false;
    CHECK_EQ(fk_ref_get_state(puppet_ref, fk_at(&state), 0), FK_OK);
    return state.type == FK_DEBUG_THREAD;
}

/* Until it cannot run. */
static bool run(uint64_t ref)
{
    bool ran = false;
    while (fk_thread_schedule(ref, 0, FK_SENSE_BLOCK, soon()) != FK_BLOCKED) {
        ran = true;
        serve();
    }
    return ran;
}

/* One after the other until nobody can run; those that actors made come last. */
static void run_all(void)
{
    bool ran = true;
    while (ran) {
        ran = false;
        for (unsigned i = 0; i < ACTORS; i++)
            if (patients[i].thread)
                ran |= run(patients[i].ref);
        if (!ran && puppet_lives())
            ran = run(puppet_ref);
    }
    serve();
}

static void complain(void)
{
    static struct fk_thread_state state;
    for (unsigned i = 0; i < ACTORS; i++) {
        if (!patients[i].thread)
            continue;
        fk_thread_get_state(patients[i].thread, fk_at(&state), 0);
        print("actor %u: rip %x, rax %x, rdi %x, flags %x\n", (uint64_t)i, state.frame.rip,
              state.frame.rax, state.frame.rdi, state.flags);
    }
    test_fail(__FILE__, __LINE__, "the play goes on", play_finished, box->served);
}

static void conduct(void)
{
    for (unsigned waited = 0; waited < WAITS; waited++) {
        run_all();
        if ((play_finished & play->needed) == play->needed)
            return;
        fk_clock_wait(soon());
    }
    complain();
}

/* ---- before and after ---- */

static void cast(unsigned i)
{
    uint64_t thread = test_object();
    CHECK_EQ(fk_thread_create(thread), FK_OK);
    play_cast(play, i, thread, test_pages(2) + 2 * FK_PAGE, nobody.ref);
    rebirth_prepare(&patients[i], thread);
}

static void collect(unsigned i)
{
    struct fk_thread_state *state = &patients[i].state;
    if (!patients[i].thread)
        return;
    CHECK_EQ(fk_thread_get_state(patients[i].thread, fk_at(state), 0), FK_OK);
    box->sum[i] = play_sum[i];
    box->frame[i] = state->frame;
    box->unit[i] = play_hash(state->xstate + 160, 8 * 16); /* xmm0-7 */
}

static void perform(const struct play *which)
{
    play = which;
    memset(patients, 0, sizeof(patients));
    play_prepare(play);
    for (unsigned i = 0; i < ACTORS; i++)
        if (play->actor[i].run)
            cast(i);
    box->ask =
        ASK_REBIRTH | 7 << 8; /* page tables of the surgeon's memory are there from here on */
    serve();
    preempt();
    box->served = 0;
    simcall_MARK(fk_at("mailbox"), fk_at(box), sizeof(*box));
    simcall_MARK(fk_at("area"), area, AREA_PAGES * FK_PAGE); /* compared as well, by the host */
    simcall_BEGIN(REGION_PLAY, 0, 0);
    conduct();
    simcall_END(REGION_PLAY, 0, 0);
    for (unsigned i = 0; i < ACTORS; i++)
        collect(i);
    for (unsigned kind = 0; kind < FK_DEBUG_KINDS; kind++)
        box->objects[kind] = fk_kernel_debug(FK_DEBUG_OBJECTS, kind, 0);
    box->memory = fk_kernel_debug(FK_DEBUG_MEMORY, 0, 0);
    for (unsigned i = 0; i < ACTORS; i++)
        if (patients[i].thread)
            CHECK_EQ(fk_thread_destroy(patients[i].thread), FK_OK);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
}

static bool wanted(const char *name)
{
    const char *at = play_option("play=");
    while (at && *name && *at == *name)
        at++, name++;
    return !at || (!*name && (!*at || *at == ' '));
}

void test_run(void)
{
    box = (struct mailbox *)test_pages(1);
    play_open();
    nobody = test_port(6);
    for (unsigned i = 1; i < 3; i++)
        stage_space[i] = test_ref(FK_DEBUG_SPACE, test_space(160 * FK_PAGE));
    bystander = test_ref(FK_DEBUG_THREAD, test_thread_make(stage_space[2], fk_at((void *)spoil),
                                                           test_pages(1) + FK_PAGE, 0));
    measure_moment();
    unsigned performed = 0;
    for (unsigned i = 0; i < play_count; i++) {
        if (!wanted(plays[i].name))
            continue;
        perform(&plays[i]);
        performed++;
    }
    CHECK(performed > 0);
}
