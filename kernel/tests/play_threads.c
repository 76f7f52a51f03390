/* kernel/tests/play_threads.c -- plays of what threads do to themselves, to others and with time,
 * and of computations that live in registers alone. SPDX-License-Identifier: MIT */
#include "kernel/tests/anywhere.h"

/* ---- threads: about itself, about others, and about time ---- */

uint64_t puppet, puppet_ref;
static uint64_t puppet_stack, spare_mutex;
static struct test_port inbox;
static volatile uint64_t strings STAGE;

void threads_prepare(void)
{
    strings = 0;
    if (puppet_ref)
        return;
    puppet_ref = make_refs(1, 0);
    puppet = test_object();
    spare_mutex = test_object();
    CHECK_EQ(fk_mutex_create(spare_mutex), FK_OK);
    rebirth_mutex[1] = spare_mutex; /* the surgeon must know of it */
    puppet_stack = test_pages(1) + FK_PAGE;
    inbox = test_port(8);
}

static void sleeping(uint64_t unused)
{
    (void)unused;
    fk_clock_wait(FK_FOREVER >> 1);
}

static void calling(uint64_t unused)
{
    (void)unused;
    strings += 10;
    struct fk_ipc ipc = {.dest = inbox.ref, .tag = 1, .word = {77}};
    fk_ipc_send(&ipc);
    fk_mutex_lock(spare_mutex);
    fk_clock_wait(FK_FOREVER >> 1);
}

static void string_up(void (*entry)(uint64_t))
{
    static struct fk_thread_state state;
    struct fk_thread_links links = {.space = stage_space[1]};
    CHECK_EQ(fk_thread_create(puppet), FK_OK);
    CHECK_EQ(fk_thread_get_state(puppet, fk_at(&state), 0), FK_OK);
    state.thread_va = puppet;
    state.flags = 0;
    state.frame.rip = fk_at((void *)entry);
    state.frame.rsp = puppet_stack - 8;
    CHECK_EQ(fk_thread_set_state(puppet, fk_at(&state), fk_at(&links)), FK_OK);
    CHECK_EQ(fk_thread_reference(puppet, puppet_ref), FK_OK);
}

void threads_actor(uint64_t who)
{
    static struct fk_thread_state state;
    begin(who);
    note(who, (uint64_t)fk_null());
    note(who, (uint64_t)fk_thread_self());
    note(who, (uint64_t)fk_clock_wait((uint64_t)fk_clock_read() + 3000));
    note(who, (uint64_t)fk_thread_yield());
    CHECK_EQ(fk_mutex_lock(spare_mutex), FK_OK);
    CHECK_EQ(fk_mutex_unlock(spare_mutex), FK_OK);
    string_up(sleeping);
    note(who, (uint64_t)fk_thread_schedule(puppet_ref, 0, 0, (uint64_t)fk_clock_read() + 6000));
    note(who, (uint64_t)fk_thread_interrupt(puppet));
    note(who, (uint64_t)fk_thread_get_state(puppet, fk_at(&state), 0));
    note(who, state.flags);
    note(who, (uint64_t)fk_thread_schedule(puppet_ref, 0, FK_SENSE_BLOCK, FK_FOREVER));
    note(who, (uint64_t)fk_thread_destroy(puppet));
    string_up(calling);
    note(who, (uint64_t)fk_thread_schedule(puppet_ref, inbox.portset,
                                           FK_SENSE_BLOCK | FK_SENSE_CONFLICT, FK_FOREVER));
    struct fk_ipc ipc = {.dest = inbox.portset};
    note(who, (uint64_t)fk_server_wait_receive(&ipc));
    note_words(who, &ipc);
    note(who, (uint64_t)fk_thread_schedule(puppet_ref, 0, FK_SENSE_BLOCK, FK_FOREVER));
    note(who, strings);
    note(who, (uint64_t)fk_thread_destroy(puppet));
    /* it may have died with the mutex */
    struct fk_mutex_state lock = {0, 0};
    note(who, (uint64_t)fk_mutex_set_state(spare_mutex, fk_at(&lock), 0));
    note(who, (uint64_t)fk_thread_disable());
    note(who, (uint64_t)test_insane(FK_CALL_mutex_unlock, spare_mutex, 0, 0, 0));
    static struct fk_saved saved;
    note(who, (uint64_t)fk_thread_saved_state(fk_at(&saved)));
    note(who, saved.rax + saved.rdx); /* the call that was insane */
    take_interrupts(0, 0);            /* that came meanwhile */
    end(who);
}

/* ---- registers: a computation that lives in them alone ---- */

#define HELD_BYTES (144 + 416) /* what is behind that is not fxsave's */
extern const unsigned char test_held[HELD_BYTES];
void test_hold(void);

void registers_actor(uint64_t who)
{
    begin(who);
    test_hold();
    note_bytes(who, test_held, HELD_BYTES);
    done(who);
}

/* AVX is there and the kernel switched it on. */
bool play_has_avx(void)
{
    uint32_t a = 1, b, c = 0, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if ((c >> 27 & 3) != 3) /* OSXSAVE and AVX */
        return false;
    __asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
    return (a & 6) == 6;
}

/* The upper halves of the vector registers, beside another thread that uses the lower ones. */
extern const unsigned char test_held_wide[16 * 32];
void test_hold_wide(void);

void wide_actor(uint64_t who)
{
    begin(who);
    note(who, play_has_avx());
    if (play_has_avx())
        test_hold_wide();
    note_bytes(who, test_held_wide, sizeof(test_held_wide));
    done(who);
}
