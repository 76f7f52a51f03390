/* labs/04-state/relay.c -- does something that takes `steps` steps and comes to a sum, which it
 * says in a mark at its end: what it had, wherever it was interrupted, went into that. kind=sum one
 * thread, numbers in memory and in registers kind=vector  one thread, numbers in vector registers
 * and on the x87 stack kind=turns   two threads that take turns by a mutex and a condition
 *   kind=stopped  one thread, and another one that it has stopped
 *   kind=calls   a thread that asks another one, which answers
 *   kind=names   references, which must go on leading where they did, and the same hashes
 *   kind=stranger  like sum, with something in hand that came from outside and has no name
 * SPDX-License-Identifier: MIT */
#include "abi/simcall/simcall.h"
#include "monitors/lib/mon.h"

/* A checker may make it begin later. */
static volatile uint64_t skew = 1;

static uint64_t mix(uint64_t sum, uint64_t word)
{
    return ((sum << 7 | sum >> 57) ^ word) * 0x9e3779b97f4a7c15ull;
}

/* ---- one thread ---- */

static uint64_t sum_of(uint64_t steps)
{
    static uint64_t table[2048];
    uint64_t sum = 1;
    for (uint64_t i = 0; i < steps * 40; i++) {
        uint64_t *place = &table[sum >> 53];
        sum = mix(sum, *place + i);
        *place = sum;
    }
    return sum;
}

static uint64_t vector_of(uint64_t steps)
{
    uint64_t out = 0, start[2] = {3, 5};
    double seventh = 1.0 / 7, one = 1;
    __asm__ volatile(
        "movdqu %2, %%xmm7; movdqu %2, %%xmm15; fldl %3; fldl %4\n"
        "1: paddq %%xmm7, %%xmm15; paddq %%xmm15, %%xmm7; pshufd $0x4e, %%xmm7, %%xmm7\n"
        "fadd %%st(1), %%st; fsqrt; dec %0; jnz 1b\n"
        "fstpl %1; fstp %%st; movq %%xmm7, %0; movq %%xmm15, %%rax; xor %%rax, %0; xor %1, %0\n"
        : "+r"(steps), "+m"(out)
        : "m"(start), "m"(seventh), "m"(one)
        : "rax", "memory");
    return steps;
}

/* ---- two threads ---- */

static struct fk_object mutex, cond;
static uint64_t turn, turns_sum = 1, last;

static void take_turns(void *of)
{
    uint64_t mine = of ? 1 : 0;
    for (;;) {
        fk_mutex_lock(fk_at(&mutex));
        while (turn % 2 != mine && turn < last)
            fk_cond_wait(fk_at(&cond), fk_at(&mutex));
        bool over = turn >= last;
        if (!over)
            turns_sum = mix(turns_sum, mine + turn++);
        fk_cond_broadcast(fk_at(&cond));
        fk_mutex_unlock(fk_at(&mutex));
        if (over)
            return;
    }
}

static uint64_t turns_of(uint64_t steps)
{
    last = steps / 12;
    fk_mutex_create(fk_at(&mutex));
    fk_cond_create(fk_at(&cond));
    if (mon_thread(take_turns, &last, 0))
        mon_fatal("no thread can be made");
    take_turns(NULL);
    return turns_sum;
}

/* ---- a thread that was stopped, and must not run again ---- */

static volatile uint64_t counter, counting;

static void count(void *unused)
{
    (void)unused;
    counting = (uint64_t)fk_thread_self();
    for (;;)
        counter++;
}

static uint64_t stopped_of(uint64_t steps)
{
    static struct fk_thread_state state;
    if (mon_thread(count, NULL, 0))
        mon_fatal("no thread can be made");
    while (!counter)
        fk_clock_wait((uint64_t)fk_clock_read() + 1000000);
    fk_thread_get_state(counting, fk_at(&state), 0);
    uint64_t before = counter, sum = sum_of(steps);
    fk_clock_wait((uint64_t)fk_clock_read() + 10000000);
    return counter == before ? sum : 0;
}

/* ---- calls ---- */

static struct mon_server server;
static struct mon_port port;

static long op_seek(struct mon_request *request, struct file_seek_args *args)
{
    static uint64_t sum = 1;
    (void)request;
    args->place = sum = mix(sum, args->offset);
    return 0;
}

static const struct file_ops ops = {.seek = op_seek};

static void serve(void *unused)
{
    (void)unused;
    mon_serve(&server);
}

static uint64_t calls_of(uint64_t steps)
{
    uint64_t sum = 0;
    port = (struct mon_port){.protocol = PROTO_file, .ops = &ops};
    if (mon_server_open(&server) || mon_port_open(&server, &port) || mon_thread(serve, NULL, 0))
        mon_fatal("no server can be made");
    for (uint64_t i = 0; i < steps / 12; i++)
        if (file_seek(fk_at(&port.ref), sum + i, FILE_SEEK_SET, &sum))
            mon_fatal("its own server does not answer");
    return sum;
}

/* ---- references ---- */

/* Hashes differ from run to run of other programs, so that they stay is counted, not they. */
static uint64_t names_of(uint64_t steps)
{
    struct fk_ref_state before, now;
    uint64_t space = mon_ref_copy(mon.ref[PARENT_SPACE]), thread = mon_thread_ref(), same = 0;
    uint64_t pool = mon_ref_copy(mon.ref[PARENT_MEMPOOL]), parent = mon_ref_copy(mon.parent);
    fk_ref_get_state(thread, fk_at(&before), 0);
    for (uint64_t i = 0; i < steps / 12; i++) {
        same += !fk_ref_compare(space, mon.ref[PARENT_SPACE]);
        same += !fk_ref_compare(pool, mon.ref[PARENT_MEMPOOL]);
        same += !fk_ref_compare(parent, mon.parent);
        fk_ref_get_state(thread, fk_at(&now), 0);
        same += now.hash == before.hash && now.type == before.type;
    }
    return same;
}

/* The memory of a file: whoever saves this program cannot say what that is elsewhere. */
static uint64_t stranger_of(uint64_t steps)
{
    uint64_t file = mon_ref(), region = mon_ref(), bytes;
    if (filesystem_open(mon.ref[PARENT_FILESYSTEM], "/bin/hello", FILE_READ, file) ||
        file_map(file, FK_READ, &bytes, region))
        mon_fatal("there is no /bin/hello");
    return sum_of(steps);
}

int main(void)
{
    static const struct {
        const char *name;
        uint64_t (*run)(uint64_t steps);
    } kinds[] = {{"sum", sum_of},          {"vector", vector_of}, {"turns", turns_of},
                 {"stopped", stopped_of},  {"calls", calls_of},   {"names", names_of},
                 {"stranger", stranger_of}};
    const char *kind = mon_option("kind");
    uint64_t steps = mon_option_number("steps", 2000);
    char text[64];
    while (skew)
        skew--;
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (!kind || strcmp(kind, kinds[i].name))
            continue;
        snprintf(text, sizeof(text), "relay %s %lx", kind, kinds[i].run(steps));
        simcall_MARK(fk_at(text), steps, 0);
        puts(text);
        return 0;
    }
    mon_fatal("give it something to do: relay(kind=sum), vector, turns, calls or names");
}
