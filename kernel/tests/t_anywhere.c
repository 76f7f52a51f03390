/* Whatever a program does, it can be disturbed at any instruction and never know: its threads are
 * stopped, exported, destroyed, made anew at the same address and resumed, while their peers wait
 * or go on; or they lose the processor to another thread; or they take a software interrupt. This
 * is the guest's half: it runs the play that `play=NAME` on the command line names under a surgeon,
 * a scheduler that looks into the mailbox whenever it gets the processor back. The other half,
 * tests/stop_anywhere.c, writes there. Without it every play runs once, undisturbed but for one
 * rebirth at its start. SPDX-License-Identifier: MIT */
#include "abi/simcall/simcall.h"
#include "kernel/tests/anywhere.h"
#include "kernel/tests/mailbox.h"

enum { WAITS = 100 };     /* ticks with nobody to run, in a play at most */
enum { REGION_PLAY = 1 }; /* of the simulator's markers BEGIN and END */

static struct mailbox *box;
static const struct play *play;
static struct patient patients[ACTORS];
static uint64_t moment, bystander;
static struct test_port nobody; /* schedules the actors in the root space */
static unsigned turn;           /* of this actor */

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

void test_spoil(unsigned avx);

static void spoil(uint64_t avx)
{
    for (;;) {
        test_spoil(avx != 0);
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

static void met(unsigned mask)
{
    for (unsigned i = 0; i < ACTORS; i++)
        if (box->served == 1 && mask >> i & 1)
            box->met[i] = patients[i].state.frame.rip;
}

static bool run(uint64_t ref);

/* One is away. The others are exported in that state too, `first` after they have gone on until
 * nobody can: then each sleeps in the call that its registers tell. */
static void away(unsigned mask, bool run_first)
{
    unsigned others = ((1u << ACTORS) - 1) & ~mask;
    rebirth_out(patients, ACTORS, mask, false);
    met(mask);
    for (bool ran = run_first; ran;) {
        ran = false;
        for (unsigned i = 0; i < ACTORS; i++)
            if (patients[i].thread && others >> i & 1)
                ran |= run(patients[i].ref);
    }
    rebirth(patients, ACTORS, others, false);
    for (unsigned i = 0; run_first && i < ACTORS; i++)
        if (patients[i].thread && others >> i & 1)
            box->asleep[i] = patients[i].state.frame.rax;
    rebirth_in(patients, ACTORS, mask);
}

static bool serve(void)
{
    uint64_t ask = box->ask;
    unsigned mask = (ask >> 8) & 255;
    box->ask = ASK_NOTHING;
    box->served += ask != ASK_NOTHING;
    switch (ask & 255) {
    case ASK_REBIRTH:
        rebirth(patients, ACTORS, mask, false);
        met(mask);
        break;
    case ASK_PREEMPT:
        preempt();
        break;
    case ASK_INTERRUPT:
        interrupt(mask);
        break;
    case ASK_LIMBO:
    case ASK_AWAY:
        away(mask, (ask & 255) == ASK_AWAY);
        break;
    case ASK_TURN:
        turn = mask;
    }
    if (ask)
        CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
    return ask;
}

static bool puppet_lives(void)
{
    struct fk_ref_state state;
    if (!puppet_ref)
        return false;
    CHECK_EQ(fk_ref_get_state(puppet_ref, fk_at(&state), 0), FK_OK);
    return state.type == FK_DEBUG_THREAD;
}

/* Until it cannot run, or somebody else is to. */
static bool run(uint64_t ref)
{
    bool ran = false;
    unsigned mine = turn;
    while (fk_thread_schedule(ref, 0, FK_SENSE_BLOCK, soon()) != FK_BLOCKED) {
        ran = true;
        serve();
        if (turn != mine)
            break;
    }
    return ran;
}

/* One after the other until nobody can run; those that actors made come last. */
static void run_all(void)
{
    bool ran = true;
    while (ran) {
        ran = false;
        turn = 0;
        for (unsigned i; turn < ACTORS; turn += turn == i) {
            i = turn;
            if (patients[i].thread)
                ran |= run(patients[i].ref);
        }
        if (!ran && puppet_lives())
            ran = run(puppet_ref);
        if (!ran)
            ran = serve();
    }
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
        fk_clock_wait((uint64_t)fk_clock_read() + PLAY_NAP);
    }
    complain();
}

/* ---- before and after ---- */

static void cast(unsigned i)
{
    uint64_t thread = test_object();
    CHECK_EQ(fk_thread_create(thread), FK_OK);
    play_cast(play, i, thread, area + (AREA_PAGES + (i + 1) * STACK_PAGES) * FK_PAGE, nobody.ref);
    box->actor[i] = thread;
    rebirth_prepare(&patients[i], thread);
}

/* Whatever a thread is, but for the time it took and what an interrupt saved. */
static void collect(unsigned i)
{
    struct fk_thread_state *state = &patients[i].state;
    if (!patients[i].thread)
        return;
    rebirth_out(patients, ACTORS, 1u << i, false);
    rebirth_in(patients, ACTORS, 1u << i);
    box->sum[i] = play_sum[i];
    box->frame[i] = state->frame;
    state->used = 0;
    state->saved = (struct fk_saved){0};
    box->state[i] = play_hash(state, sizeof(*state));
}

/* Page by page, so that the page tables tell the host where they are. */
static void show(const char *name, const volatile void *from, uint64_t bytes)
{
    uint64_t at = fk_at(from) & ~(uint64_t)(FK_PAGE - 1);
    for (; at < fk_at(from) + bytes; at += FK_PAGE)
        (void)*(volatile char *)at;
    simcall_MARK(fk_at(name), fk_at(from), bytes);
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
    turn = 0;
    show("mailbox", box, sizeof(*box));
    show("result", box->sum, sizeof(*box) - offsetof(struct mailbox, sum));
    show("area", (void *)area, (AREA_PAGES + AREA_STACKS) * FK_PAGE);
    show("stage", __start_stage_data, fk_at(__stop_stage_data) - fk_at(__start_stage_data));
    simcall_BEGIN(REGION_PLAY, 0, 0);
    conduct();
    simcall_END(REGION_PLAY, 0, 0);
    for (unsigned i = 0; i < ACTORS; i++)
        collect(i);
    simcall_MARK(fk_at("objects"), 0, 0); /* the host reads the kernel's records */
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
    bystander =
        test_ref(FK_DEBUG_THREAD, test_thread_make(stage_space[2], fk_at((void *)spoil),
                                                   test_pages(1) + FK_PAGE, play_has_avx()));
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
