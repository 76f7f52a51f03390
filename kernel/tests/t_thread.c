/* A thread's state goes out and comes in whole: general and extended registers, handlers, what it
 * waits for; interrupts and exceptions reach its handlers, then its space's keeper; and a copy of a
 * stopped thread goes on where the original was; what others did to it meanwhile is not undone.
 * SPDX-License-Identifier: MIT */
#include "kernel/tests/rebirth.h"

static struct fk_thread_state state;
static volatile uint64_t progress, value;

/* ---- extended state ---- */

static void spin_fpu(uint64_t seed)
{
    uint64_t want = seed * 0x0101010101010101ull, got;
    __asm__ volatile("movq %0, %%xmm5; fldpi" : : "r"(want));
    for (unsigned i = 0; i < 300; i++) {
        fk_thread_yield();
        __asm__ volatile("movq %%xmm5, %0" : "=r"(got));
        CHECK_EQ(got, want);
    }
    progress++;
    test_stop();
}

/* AVX is there and the kernel switched it on. */
static bool has_avx(void)
{
    uint32_t a = 1, b, c = 0, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if ((c >> 27 & 3) != 3) /* OSXSAVE and AVX */
        return false;
    __asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
    return (a & 6) == 6;
}

static void spin_avx(uint64_t seed)
{
    uint64_t want[4] = {seed, seed * 3, seed * 5, seed * 7}, got[4];
    __asm__ volatile("vmovdqu %0, %%ymm9" : : "m"(want));
    for (unsigned i = 0; i < 100; i++) {
        fk_thread_yield();
        __asm__ volatile("vmovdqu %%ymm9, %0" : "=m"(got));
        CHECK_EQ(memcmp(want, got, sizeof(want)), 0);
    }
    progress++;
    test_stop();
}

static void avx(void)
{
    if (!has_avx())
        return;
    uint64_t threads[3];
    progress = 0;
    for (uint64_t i = 0; i < 3; i++)
        threads[i] = test_thread(spin_avx, (i + 1) * 0x123456789abcdef);
    while (progress < 3) {
        fk_thread_yield();
        if (progress < 3 && fk_thread_get_state(threads[1], fk_at(&state), 0) == FK_OK) {
            state.flags &= ~(uint64_t)FK_THREAD_STOPPED;
            CHECK_EQ(fk_thread_set_state(threads[1], fk_at(&state), 0), FK_OK);
        }
    }
    for (unsigned i = 0; i < 3; i++)
        CHECK_EQ(fk_thread_destroy(threads[i]), FK_OK);
    print("AVX state kept\n");
}

static void fpu(void)
{
    uint64_t threads[3];
    progress = 0;
    for (uint64_t i = 0; i < 3; i++)
        threads[i] = test_thread(spin_fpu, i + 3);
    for (unsigned i = 0; i < 50; i++)
        fk_thread_yield();
    /* Stop one, look, change the register to what it was, go on in a new body. */
    CHECK_EQ(fk_thread_get_state(threads[1], fk_at(&state), 0), FK_OK);
    uint64_t xmm5;
    memcpy(&xmm5, state.xstate + 160 + 5 * 16, 8);
    CHECK_EQ(xmm5, 4 * 0x0101010101010101ull);
    struct fk_thread_links links = {.space = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space))};
    CHECK_EQ(fk_thread_destroy(threads[1]), FK_OK);
    CHECK_EQ(fk_thread_create(threads[1]), FK_OK);
    state.flags &= ~(uint64_t)FK_THREAD_STOPPED;
    CHECK_EQ(fk_thread_set_state(threads[1], fk_at(&state), fk_at(&links)), FK_OK);
    while (progress < 3)
        fk_thread_yield();
    state.xstate[512 + 30] = 1; /* a header that no CPU has written */
    CHECK_EQ(test_insane(FK_CALL_thread_set_state, threads[1], fk_at(&state), 0, 0),
             FK_INSANE_INVALID_STATE);
    for (unsigned i = 0; i < 3; i++)
        CHECK_EQ(fk_thread_destroy(threads[i]), FK_OK);
}

/* ---- waiting threads ---- */

static uint64_t mutex;

static void locker(uint64_t argument)
{
    CHECK_EQ(fk_mutex_lock(mutex), FK_OK);
    value = argument;
    CHECK_EQ(fk_mutex_unlock(mutex), FK_OK);
    progress = 1;
    test_stop();
}

static void waiting(void)
{
    uint64_t waits = test_object(), space = test_object(), sched = test_object();
    fk_ref_create(waits);
    fk_ref_create(space);
    fk_ref_create(sched);
    CHECK_EQ(fk_mutex_lock(mutex), FK_OK);
    progress = 0;
    uint64_t thread = test_thread(locker, 11), twin = test_object();
    fk_thread_yield();
    struct fk_thread_links links = {.space = space, .scheduler = sched, .waiting_for = waits};
    CHECK_EQ(fk_thread_get_state(thread, fk_at(&state), fk_at(&links)), FK_OK);
    CHECK_EQ(fk_ref_compare(waits, test_ref(FK_DEBUG_MUTEX, mutex)), FK_OK);
    CHECK_EQ(fk_ref_compare(space, test_ref(FK_DEBUG_SPACE, fk_at(&boot->space))), FK_OK);
    CHECK_EQ(state.flags, 0); /* it was not stopped before ... */
    static struct fk_thread_state again;
    CHECK_EQ(fk_thread_get_state(thread, fk_at(&again), 0), FK_OK);
    CHECK_EQ(again.flags, FK_THREAD_STOPPED); /* ... and is now */
    CHECK_EQ(state.frame.rax, FK_CALL_mutex_lock);
    CHECK_EQ(state.frame.rdi, mutex);
    CHECK_EQ(*(uint16_t *)state.frame.rip, 0x050f); /* a syscall instruction */
    CHECK_EQ(state.thread_va, thread);
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
    CHECK_EQ(fk_mutex_unlock(mutex), FK_OK);
    CHECK_EQ(fk_thread_create(twin), FK_OK);
    links = (struct fk_thread_links){.space = space};
    state.flags = 0;
    CHECK_EQ(fk_thread_set_state(twin, fk_at(&state), fk_at(&links)), FK_OK);
    while (!progress)
        fk_thread_yield();
    CHECK_EQ(value, 11);
    CHECK_EQ(fk_thread_destroy(twin), FK_OK);
}

/* ---- handlers ---- */

extern char handler_entry[];
static volatile uint64_t causes[8], cause_count;

void handler_c(uint64_t cause, uint64_t address, uint64_t error);
void handler_c(uint64_t cause, uint64_t address, uint64_t error)
{
    struct fk_saved saved;
    (void)address;
    (void)error;
    if (cause_count < 8)
        causes[cause_count++] = cause;
    CHECK_EQ(fk_thread_saved_state(fk_at(&saved)), FK_OK);
    CHECK(saved.rip && saved.rsp);
    if (cause == 0 || cause == 6) { /* divide error, invalid opcode: do not try that again */
        progress = 100 + cause;
        test_stop();
    }
}

/* thread_resume brings back rip, rsp, rax, rcx, rdx and r11; the rest is for the handler to keep.
 */
__asm__("handler_entry: push %rbx; push %rsi; push %rdi; push %r8; push %r9; push %r10; push %rbp;"
        "mov %rsp, %rbp; and $-16, %rsp; mov %rax, %rdi; mov %rcx, %rsi; call handler_c;"
        "mov %rbp, %rsp; pop %rbp; pop %r10; pop %r9; pop %r8; pop %rdi; pop %rsi; pop %rbx;"
        "mov $0x2d, %eax; syscall; ud2");

static void sleeper(uint64_t mutex_va)
{
    uint64_t handlers[FK_HANDLERS] = {fk_at(handler_entry), fk_at(handler_entry), 0, 0};
    CHECK_EQ(fk_thread_handlers(fk_at(handlers), test_pages(2) + 2 * FK_PAGE), FK_OK);
    CHECK_EQ(fk_thread_enable(), FK_OK);
    progress = 1;
    CHECK_EQ(fk_mutex_lock(mutex_va), FK_OK); /* interrupted while it waits, and waits again */
    progress = 2;
    CHECK_EQ(fk_mutex_unlock(mutex_va), FK_OK);
    fk_thread_disable();
    progress = 3;
    while (progress == 3)
        fk_thread_yield();
    CHECK_EQ(cause_count, 2); /* held back so far */
    fk_thread_enable();
    CHECK_EQ(cause_count, 3);
    __asm__ volatile("xor %%ecx, %%ecx; div %%ecx" : : : "rax", "rcx", "rdx");
}

static void handlers(void)
{
    CHECK_EQ(fk_mutex_lock(mutex), FK_OK);
    progress = 0;
    uint64_t thread = test_thread(sleeper, mutex);
    while (!progress)
        fk_thread_yield();
    for (unsigned i = 1; i <= 2; i++) {
        CHECK_EQ(fk_thread_interrupt(thread), FK_OK);
        while (cause_count < i)
            fk_thread_yield();
        CHECK_EQ(causes[i - 1], FK_TRAP_INTERRUPT);
        fk_thread_yield();
    }
    CHECK_EQ(fk_mutex_unlock(mutex), FK_OK);
    while (progress < 3)
        fk_thread_yield();
    CHECK_EQ(fk_thread_interrupt(thread), FK_OK);
    fk_thread_yield();
    progress = 4;
    while (progress < 100)
        fk_thread_yield();
    CHECK_EQ(causes[3], 0);
    CHECK_EQ(cause_count, 4);
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
}

/* ---- a thread that jumped into the kernel's half can be copied like any other ---- */

static void jumper(uint64_t target)
{
    uint64_t handlers[FK_HANDLERS] = {fk_at(handler_entry), 0, 0, 0};
    CHECK_EQ(fk_thread_handlers(fk_at(handlers), test_pages(2) + 2 * FK_PAGE), FK_OK);
    CHECK_EQ(fk_thread_enable(), FK_OK);
    ((void (*)(void))target)();
}

static void jumps(void)
{
    static const uint64_t targets[] = {FK_USER_END, 0xffff800000000000, 0xfffffffffffffffe};
    for (unsigned i = 0; i < 3; i++) {
        cause_count = 0;
        uint64_t thread = test_thread(jumper, targets[i]);
        while (cause_count < 3) /* its handler returns to the same place, for ever */
            fk_thread_yield();
        CHECK_EQ(causes[2], FK_TRAP_PAGE_FAULT);
        CHECK_EQ(fk_thread_get_state(thread, fk_at(&state), 0), FK_OK);
        state.flags &= ~(uint64_t)FK_THREAD_STOPPED;
        CHECK_EQ(fk_thread_set_state(thread, fk_at(&state), 0), FK_OK);
        uint64_t seen = cause_count;
        CHECK(seen >= 3);
        fk_thread_yield();
        CHECK_EQ(fk_thread_destroy(thread), FK_OK);
    }
}

/* ---- flags: those that user mode may change are part of the state, the others cannot be had ----
 */

#define FLAGS_OWN     0x244cd5ull /* CF PF AF ZF SF DF OF NT AC ID */
#define FLAGS_NEVER   0x1a3000ull /* IOPL VM VIF VIP */
#define FLAGS_SPECIAL 0x10100ull  /* TF RF: they end with the next instruction */
static volatile uint64_t seen_flags;

static void flag_keeper(uint64_t flags)
{
    __asm__ volatile("push %0; popfq; 1: pushfq; pop %%rax; mov %%rax, %1; jmp 1b"
                     :
                     : "r"(flags), "m"(seen_flags)
                     : "rax", "memory");
}

static uint64_t flags_now(void)
{
    seen_flags = 0;
    while (!seen_flags)
        fk_thread_yield();
    return seen_flags;
}

static void flags(void)
{
    uint64_t thread = test_thread(flag_keeper, FLAGS_OWN | 0x202);
    CHECK_EQ(flags_now(), FLAGS_OWN | 0x202);
    CHECK_EQ(fk_thread_get_state(thread, fk_at(&state), 0), FK_OK);
    CHECK_EQ(state.frame.rflags & ~0x10000ull, FLAGS_OWN | 0x202);
    state.flags = 0;
    CHECK_EQ(fk_thread_set_state(thread, fk_at(&state), 0), FK_OK);
    CHECK_EQ(flags_now(), FLAGS_OWN | 0x202);
    CHECK_EQ(fk_thread_get_state(thread, fk_at(&state), 0), FK_OK);
    state.frame.rflags = ~FLAGS_SPECIAL;
    CHECK_EQ(fk_thread_set_state(thread, fk_at(&state), 0), FK_OK);
    CHECK_EQ(flags_now() & (FLAGS_NEVER | FLAGS_OWN | 0x200), FLAGS_OWN | 0x200);
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
}

/* ---- a base that no CPU has: some machines (QEMU) take it, where others fault ---- */

static void base_setter(uint64_t base)
{
    uint64_t handlers[FK_HANDLERS] = {fk_at(handler_entry), 0, 0, 0};
    CHECK_EQ(fk_thread_handlers(fk_at(handlers), test_pages(2) + 2 * FK_PAGE), FK_OK);
    CHECK_EQ(fk_thread_enable(), FK_OK);
    progress = 1;
    __asm__ volatile("wrfsbase %0" : : "r"(base));
    for (;;)
        fk_thread_yield();
}

static void bases(void)
{
    progress = 0;
    uint64_t thread = test_thread(base_setter, 0x1234567812345678);
    while (!progress)
        fk_thread_yield();
    fk_thread_yield();
    CHECK_EQ(fk_thread_get_state(thread, fk_at(&state), 0), FK_OK);
    CHECK_EQ(fk_thread_set_state(thread, fk_at(&state), 0), FK_OK);
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
}

/* ---- what others do to a thread while its state is out ---- */

static struct test_port desk;
static struct fk_ipc asked;

static void ask_late(uint64_t argument)
{
    struct fk_ipc ipc = {.dest = desk.ref, .tag = 1, .word = {argument}};
    CHECK_EQ(fk_client_connect_send(&ipc), FK_OK);
    progress = 1;
    while (progress < 2)
        fk_thread_yield();
    ipc.tag = 0;
    CHECK_EQ(fk_client_over_receive(&ipc), FK_OK);
    CHECK_EQ(ipc.word[0], argument + 1);
    progress = 3;
    test_stop();
}

static void answer_late(uint64_t unused)
{
    uint64_t handlers[FK_HANDLERS] = {0, fk_at(handler_entry), 0, 0};
    (void)unused;
    CHECK_EQ(fk_thread_handlers(fk_at(handlers), test_pages(2) + 2 * FK_PAGE), FK_OK);
    CHECK_EQ(fk_thread_enable(), FK_OK);
    asked = (struct fk_ipc){.dest = desk.portset};
    CHECK_EQ(fk_server_wait_receive(&asked), FK_OK);
    CHECK_EQ(asked.tag & FK_TAG_OVER, FK_TAG_OVER);
    asked.word[0]++;
    asked.tag = 1;
    CHECK_EQ(fk_server_ack_send_disconnect(&asked), FK_OK);
    test_stop();
}

/* The client hands over the line and the server is interrupted, both while the server's state is
 * out. It comes back as it was, without links: neither is undone. */
static void meanwhile(void)
{
    desk = test_port(6);
    progress = cause_count = 0;
    uint64_t server = test_thread(answer_late, 0), client = test_thread(ask_late, 41);
    while (progress < 1)
        fk_thread_yield();
    CHECK_EQ(fk_thread_get_state(server, fk_at(&state), 0), FK_OK);
    CHECK_EQ(state.flags, FK_THREAD_ENABLED);
    progress = 2;
    for (unsigned i = 0; i < 5; i++)
        fk_thread_yield();
    CHECK_EQ(fk_thread_interrupt(server), FK_OK);
    CHECK_EQ(fk_thread_set_state(server, fk_at(&state), 0), FK_OK);
    for (unsigned i = 0; i < 20 && progress < 3; i++)
        fk_thread_yield();
    CHECK_EQ(progress, 3);
    CHECK_EQ(cause_count, 1);
    CHECK_EQ(causes[0], FK_TRAP_INTERRUPT);
    CHECK_EQ(fk_thread_destroy(server), FK_OK);
    CHECK_EQ(fk_thread_destroy(client), FK_OK);
}

/* An alert to a thread that is not there now reaches it when it is. */
static void alerts(uint64_t unused)
{
    struct fk_ipc ipc = {.dest = desk.ref, .tag = 0};
    (void)unused;
    CHECK_EQ(fk_client_connect_send(&ipc), FK_OK);
    progress = 1;
    while (progress < 2)
        fk_thread_yield();
    CHECK_EQ(fk_client_alert(&ipc), FK_OK);
    progress = 3;
    test_stop();
}

static void is_alerted(uint64_t unused)
{
    uint64_t handlers[FK_HANDLERS] = {0, 0, 0, fk_at(handler_entry)};
    struct fk_ipc ipc = {.dest = desk.portset};
    (void)unused;
    CHECK_EQ(fk_thread_handlers(fk_at(handlers), test_pages(2) + 2 * FK_PAGE), FK_OK);
    CHECK_EQ(fk_thread_enable(), FK_OK);
    fk_server_wait_receive(&ipc);
    test_stop();
}

static void alerted_meanwhile(void)
{
    static struct patient patient;
    desk = test_port(6);
    progress = cause_count = 0;
    uint64_t server = test_thread(is_alerted, 0), client = test_thread(alerts, 0);
    while (progress < 1)
        fk_thread_yield();
    rebirth_prepare(&patient, server);
    rebirth_out(&patient, 1, 1, false);
    progress = 2;
    while (progress < 3)
        fk_thread_yield();
    rebirth_in(&patient, 1, 1);
    for (unsigned i = 0; i < 20 && !cause_count; i++)
        fk_thread_yield();
    CHECK_EQ(cause_count, 1);
    CHECK_EQ(causes[0], FK_TRAP_SERVER_ALERT);
    CHECK_EQ(fk_thread_destroy(client), FK_OK);
    CHECK_EQ(fk_thread_destroy(patient.thread), FK_OK);
}

/* ---- a peer that ends the connection while a thread is out ---- */

enum { AS_SENDER, AS_RECEIVER, BUSY_AGAIN, MADE_ANEW, LEAVINGS };

static volatile long heard;
static struct test_port elsewhere;

static void leaves(uint64_t how)
{
    struct fk_ipc ipc = {.dest = desk.ref}, other = {.dest = elsewhere.ref};
    CHECK_EQ(fk_client_connect_send(&ipc), FK_OK);
    if (how == AS_RECEIVER)
        CHECK_EQ(fk_client_over(&ipc), FK_OK);
    progress = 1;
    while (progress < 2)
        fk_thread_yield();
    CHECK_EQ(fk_client_disconnect(&ipc), FK_OK);
    progress = 3;
    if (how == BUSY_AGAIN)
        fk_client_connect_send_over_receive(&other);
    test_stop();
}

/* Hears the end, or that it cannot answer. */
static void is_left(uint64_t how)
{
    struct fk_ipc ipc = {.dest = desk.portset};
    long outcome = fk_server_wait_receive(&ipc);
    while (how == AS_RECEIVER && progress < 4)
        fk_thread_yield();
    if (outcome == FK_OK)
        heard = how == AS_RECEIVER ? fk_server_ack(&ipc) : (long)(ipc.tag & FK_TAG_END);
    progress = 5;
    test_stop();
}

static void is_busy(uint64_t unused)
{
    struct fk_ipc ipc = {.dest = elsewhere.portset};
    (void)unused;
    fk_server_wait_receive(&ipc);
    test_stop();
}

/* A server comes back whose client has gone meanwhile. */
static void left_meanwhile(uint64_t how)
{
    static struct patient patient[2];
    desk = test_port(6);
    elsewhere = test_port(7);
    progress = heard = 0;
    uint64_t busy = test_thread(is_busy, 0), server = test_thread(is_left, how);
    fk_thread_yield();
    uint64_t client = test_thread(leaves, how);
    while (progress < 1)
        fk_thread_yield();
    fk_thread_yield();
    rebirth_prepare(&patient[0], server);
    rebirth_prepare(&patient[1], client);
    rebirth_out(patient, 2, 1, false);
    progress = 2;
    while (progress < 3)
        fk_thread_yield();
    fk_thread_yield();
    if (how == MADE_ANEW)
        rebirth(patient, 2, 2, false);
    rebirth_in(patient, 2, 1);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
    progress = 4;
    for (unsigned i = 0; i < 20 && progress < 5; i++)
        fk_thread_yield();
    CHECK_EQ(progress, 5);
    CHECK_EQ(heard, how == AS_RECEIVER ? FK_DISCONNECTED : FK_TAG_END);
    CHECK_EQ(fk_thread_destroy(patient[0].thread), FK_OK);
    CHECK_EQ(fk_thread_destroy(patient[1].thread), FK_OK);
    CHECK_EQ(fk_thread_destroy(busy), FK_OK);
}

/* ---- the space's keeper gets what nobody handles ---- */

static void wild(uint64_t argument)
{
    (void)argument;
    *(volatile uint64_t *)0x123000 = 1;
    __asm__ volatile("ud2");
}

static void keeper(void)
{
    struct test_port port = test_port(5);
    uint64_t space = test_space(64 * 4096);
    struct fk_space_links links = {port.ref};
    struct fk_space_state unused = {0};
    CHECK_EQ(fk_space_set_state(space, fk_at(&unused), fk_at(&links)), FK_OK);
    /* Its memory is all of ours, whose hole at 0x123000 has no keeper either. */
    uint64_t thread = test_thread_make(test_ref(FK_DEBUG_SPACE, space), fk_at((void *)wild),
                                       test_pages(1) + FK_PAGE, 0);
    uint64_t ref = test_ref(FK_DEBUG_THREAD, thread);
    CHECK_EQ(fk_thread_schedule(ref, port.portset, FK_SENSE_CONFLICT, FK_FOREVER), FK_CONFLICT);
    struct fk_ipc ipc = {.dest = port.portset};
    CHECK_EQ(fk_server_wait_receive(&ipc), FK_OK);
    CHECK_EQ(ipc.tag, 6 | FK_TAG_IDEMPOTENT | FK_TAG_FAULT);
    CHECK_EQ(ipc.word[5], 0);
    CHECK_EQ(ipc.word[0], FK_TRAP_PAGE_FAULT);
    CHECK_EQ(ipc.word[1], 0x123000);
    /* Move it past the bad store, to the ud2. */
    CHECK_EQ(fk_thread_get_state(thread, fk_at(&state), 0), FK_OK);
    while (*(uint16_t *)state.frame.rip != 0x0b0f)
        state.frame.rip++;
    state.flags = 0;
    CHECK_EQ(fk_thread_set_state(thread, fk_at(&state), 0), FK_OK);
    CHECK_EQ(fk_thread_schedule(ref, port.portset, FK_SENSE_CONFLICT, FK_FOREVER), FK_CONFLICT);
    ipc = (struct fk_ipc){.dest = port.portset};
    CHECK_EQ(fk_server_wait_receive(&ipc), FK_OK);
    CHECK_EQ(ipc.word[0], 6);
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
    ipc.tag = 0;
    CHECK_EQ(fk_server_ack_send_disconnect(&ipc), FK_OK); /* nobody there: nothing happens */
    CHECK_EQ(fk_space_destroy(space), FK_OK);
}

/* ---- a software interrupt's exception names its instruction, however that is encoded ---- */

extern char break_short[], break_long[], break_other[];
__asm__("break_short: .byte 0xcc; break_long: .byte 0xcd, 3; break_other: .byte 0xcd, 4; ud2");

static void send_to(uint64_t thread, uint64_t rip)
{
    CHECK_EQ(fk_thread_get_state(thread, fk_at(&state), 0), FK_OK);
    state.frame.rip = rip;
    state.flags = 0;
    CHECK_EQ(fk_thread_set_state(thread, fk_at(&state), 0), FK_OK);
}

static void breakpoints(void)
{
    struct test_port port = test_port(6);
    uint64_t space = test_space(64 * 4096);
    const uint64_t at[] = {fk_at(break_short), fk_at(break_long), fk_at(break_other)};
    const uint64_t cause[] = {3, 3, 13};
    struct fk_space_links links = {port.ref};
    struct fk_space_state unused = {0};
    CHECK_EQ(fk_space_set_state(space, fk_at(&unused), fk_at(&links)), FK_OK);
    uint64_t thread =
        test_thread_make(test_ref(FK_DEBUG_SPACE, space), at[0], test_pages(1) + FK_PAGE, 0);
    uint64_t ref = test_ref(FK_DEBUG_THREAD, thread);
    for (unsigned i = 0; i < 6; i++) { /* each is asked for again */
        struct fk_ipc ipc = {.dest = port.portset};
        if (i % 2 == 0)
            send_to(thread, at[i / 2]);
        CHECK_EQ(fk_thread_schedule(ref, port.portset, FK_SENSE_CONFLICT, FK_FOREVER), FK_CONFLICT);
        CHECK_EQ(fk_server_wait_receive(&ipc), FK_OK);
        CHECK_EQ(ipc.word[0], cause[i / 2]);
        CHECK_EQ(ipc.word[4], at[i / 2]);
        ipc.tag = 0;
        CHECK_EQ(fk_server_ack_send_disconnect(&ipc), FK_OK);
    }
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
    CHECK_EQ(fk_space_destroy(space), FK_OK);
}

void test_run(void)
{
    mutex = test_object();
    fk_mutex_create(mutex);
    fpu();
    avx();
    waiting();
    handlers();
    jumps();
    flags();
    bases();
    meanwhile();
    alerted_meanwhile();
    for (uint64_t how = 0; how < LEAVINGS; how++)
        left_meanwhile(how);
    keeper();
    breakpoints();
}
