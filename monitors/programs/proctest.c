/* monitors/programs/proctest.c -- holds a process manager to its word: ends and their statuses,
 * signals, pipes, descriptors, and a client that does everything wrong. Each check that fails is
 * printed by its line. SPDX-License-Identifier: MIT */
#include "monitors/lib/kinds.h"
#include "monitors/programs/work.h"

#define KILLED 0x100
#define PAGES  8

static struct work_option options[] = {
    {"signals", 1, 0, 1, "check handlers, too"},
    {0},
};
static uint64_t process, checks, wrong;
static volatile int taken;

static void check_at(bool good, int line)
{
    checks++;
    if (good)
        return;
    wrong++;
    printf("proctest: line %d is not so\n", line);
}
#define CHECK(what) check_at(what, __LINE__)

static void note(int signal)
{
    taken = signal;
}

static void leave(int signal)
{
    exit(40 + signal);
}

static long wait_for(uint64_t pid, uint64_t *status)
{
    uint64_t who;
    long outcome;
    do
        outcome = process_wait(process, pid, 0, &who, status);
    while (outcome == -PROTO_INTERRUPTED);
    return outcome ? outcome : who == pid ? 0 : -PROTO_BROKEN;
}

/* The status of a child that runs this. */
static uint64_t status_of(void (*run)(void))
{
    uint64_t pid = work_fork(), status = ~0ull;
    if (!pid) {
        run();
        exit(0);
    }
    return wait_for(pid, &status) ? ~0ull : status;
}

static uint64_t descriptor(uint64_t number)
{
    uint64_t ref = mon_ref();
    return ref && !process_descriptor(process, number, ref) ? ref : 0;
}

/* ---- ends ---- */

static void run_exit(void)
{
    exit(300);
}
static void run_kill(void)
{
    uint64_t pid;
    process_id(process, &pid, NULL);
    process_kill(process, pid, SIGNAL_TERM);
}
static void run_segv(void)
{
    volatile uint64_t nowhere = 16;
    *(volatile int *)nowhere = 1;
}
static void run_divide(void)
{
    volatile uint64_t zero = 0, many = 100;
    many = many / zero;
}
static void run_illegal(void)
{
    __builtin_trap();
}
static void run_insane(void)
{
    struct fk_object none = {0};
    fk_mutex_lock(fk_at(&none));
}
static void run_segv_handler(void)
{
    mon_signal(SIGNAL_SEGV, leave);
    run_segv();
}

static void test_ends(void)
{
    uint64_t who = 5, status;
    CHECK(process_wait(process, 0, 0, &who, &status) == -PROTO_NO_CHILD);
    CHECK(process_wait(process, 999, 0, &who, &status) == -PROTO_NO_CHILD);
    CHECK(status_of(run_exit) == (300 & 0xff));
    CHECK(status_of(run_kill) == KILLED + SIGNAL_TERM);
    CHECK(status_of(run_segv) == KILLED + SIGNAL_SEGV);
    CHECK(status_of(run_divide) == KILLED + SIGNAL_FPE);
    CHECK(status_of(run_illegal) == KILLED + SIGNAL_ILL);
    CHECK(status_of(run_insane) == KILLED + SIGNAL_ILL);
    CHECK(status_of(run_segv_handler) == 40 + SIGNAL_SEGV);
}

/* ---- signals ---- */

static uint64_t spin(uint64_t sum)
{
    for (uint64_t i = 0; i < 200000 || !taken; i++)
        if (i < 200000)
            sum = work_sum(sum, i);
    return sum;
}

static void test_signals(void)
{
    uint64_t pid, child, who, status, own;
    process_id(process, &own, NULL);
    CHECK(process_kill(process, 999, SIGNAL_TERM) == -PROTO_NO_PROCESS);
    CHECK(process_kill(process, own, 77) == -PROTO_INVALID);
    CHECK(process_kill(process, own, 0) == 0);
    CHECK(process_signal(process, SIGNAL_KILL, 1, &who) == -PROTO_INVALID);
    CHECK(process_signal(process, 0, 1, &who) == -PROTO_INVALID);
    CHECK(mon_signal(SIGNAL_USR1, note) == 0);
    taken = 1;
    uint64_t sum = spin(7);
    taken = 0;
    child = work_fork();
    if (!child) {
        process_kill(process, own, SIGNAL_USR1);
        exit(0);
    }
    CHECK(spin(7) == sum && taken == SIGNAL_USR1);
    CHECK(!wait_for(child, &status) && !status);
    taken = 0;
    pid = work_fork();
    if (!pid) {
        process_kill(process, own, SIGNAL_USR1);
        for (;;)
            fk_clock_wait((uint64_t)fk_clock_read() + 1000000);
    }
    CHECK(process_wait(process, pid, 0, &who, &status) == -PROTO_INTERRUPTED || taken);
    while (!taken)
        ;
    CHECK(process_wait(process, pid, 1, &who, &status) == 0 && !who);
    CHECK(process_kill(process, pid, SIGNAL_KILL) == 0);
    CHECK(!wait_for(pid, &status) && status == KILLED + SIGNAL_KILL);
}

/* ---- alarms ---- */

#define MS 1000000ull

static void wait_for_alarm(void)
{
    uint64_t left;
    process_alarm(process, 2 * MS, &left);
    for (;;)
        fk_clock_wait((uint64_t)fk_clock_read() + 1000 * MS);
}

/* The later one is set first. */
static void test_alarms(void)
{
    uint64_t left, who, status, start = (uint64_t)fk_clock_read();
    CHECK(status_of(wait_for_alarm) == KILLED + SIGNAL_ALRM);
    CHECK(!process_alarm(process, 5000 * MS, &left) && !left);
    CHECK(!process_alarm(process, 0, &left) && left > 1000 * MS && left <= 5000 * MS);
    uint64_t pid = work_fork();
    if (!pid)
        for (;;)
            fk_clock_wait((uint64_t)fk_clock_read() + 1000 * MS);
    CHECK(!mon_signal(SIGNAL_ALRM, note));
    taken = 0;
    CHECK(!process_alarm(process, 900 * MS, &left) && !process_alarm(process, 3 * MS, &left));
    CHECK(process_wait(process, pid, 0, &who, &status) == -PROTO_INTERRUPTED);
    while (!taken)
        ;
    CHECK(taken == SIGNAL_ALRM && (uint64_t)fk_clock_read() - start >= 5 * MS);
    CHECK(!process_kill(process, pid, SIGNAL_KILL) && !wait_for(pid, &status));
    CHECK(!process_alarm(process, 0, &left) && !left);
}

/* ---- pipes ---- */

static uint64_t reader, writer;

static void send_much(void)
{
    char data[1000];
    uint64_t ref = descriptor(writer), done;
    process_close(process, reader);
    for (unsigned i = 0; i < 100; i++) {
        memset(data, (int)i, sizeof(data));
        if (file_write(ref, data, sizeof(data), &done) || done != sizeof(data))
            exit(1);
    }
}

static void send_nowhere(void)
{
    uint64_t ref = descriptor(writer), done;
    process_close(process, reader);
    file_write(ref, "x", 1, &done);
}

static void test_pipes(void)
{
    uint64_t sum = 0, all = 0, bytes, status, done, before;
    char data[700];
    CHECK(!process_pipe(process, &reader, &writer));
    uint64_t pid = work_fork();
    if (!pid) {
        send_much();
        exit(0);
    }
    process_close(process, writer);
    uint64_t ref = descriptor(reader);
    CHECK(file_write(ref, "x", 1, &done) == -PROTO_NOT_ALLOWED);
    for (bytes = sizeof(data); !file_read(ref, data, &bytes) && bytes; bytes = sizeof(data)) {
        for (uint64_t i = 0; i < bytes; i++)
            sum += (unsigned char)data[i];
        all += bytes;
    }
    CHECK(all == 100000 && sum == 1000 * 99 * 50);
    CHECK(!wait_for(pid, &status) && !status);
    CHECK(!process_close(process, reader) && process_close(process, reader) == -PROTO_NOT_FOUND);
    CHECK(file_read(ref, data, &bytes) == -PROTO_GONE);
    CHECK(!process_pipe(process, &reader, &writer));
    process_close(process, reader);
    CHECK(status_of(send_nowhere) == KILLED + SIGNAL_PIPE);
    process_signal(process, SIGNAL_PIPE, 1, &before);
    CHECK(file_write(descriptor(writer), "x", 1, &done) == -PROTO_NO_READER);
    process_signal(process, SIGNAL_PIPE, 0, &before);
    process_close(process, writer);
}

/* A reader that is killed takes nothing along. */
static void test_killed_reader(void)
{
    uint64_t status, done, bytes = 4;
    char data[4];
    CHECK(!process_pipe(process, &reader, &writer));
    uint64_t pid = work_fork();
    if (!pid) {
        file_read(descriptor(reader), data, &bytes);
        exit(0);
    }
    fk_clock_wait((uint64_t)fk_clock_read() + 3000000);
    CHECK(!process_kill(process, pid, SIGNAL_KILL));
    CHECK(!file_write(descriptor(writer), "data", 4, &done) && done == 4);
    CHECK(!file_read(descriptor(reader), data, &bytes) && bytes == 4);
    CHECK(!wait_for(pid, &status));
    process_close(process, reader);
    process_close(process, writer);
}

/* ---- descriptors and memory ---- */

static void test_descriptors(void)
{
    uint64_t number, done, last = 0, status, to, bytes = 8;
    char data[8];
    CHECK(process_close(process, 1000) == -PROTO_NOT_FOUND);
    CHECK(process_duplicate(process, 0, 1000, &to) == -PROTO_INVALID);
    CHECK(process_duplicate(process, 9, 1, &to) == -PROTO_NOT_FOUND);
    CHECK(process_open(process, "/nosuch", FILE_READ, &number) == -PROTO_NOT_FOUND);
    CHECK(!process_open(process, "/t", FILE_READ | FILE_WRITE | FILE_CREATE, &number));
    uint64_t pid = work_fork();
    if (!pid)
        exit(file_write(descriptor(number), "abcd", 4, &done) != 0);
    CHECK(!wait_for(pid, &status) && !status);
    CHECK(!file_write(descriptor(number), "efgh", 4, &done));
    CHECK(!file_read_at(descriptor(number), 0, data, &bytes) && !memcmp(data, "abcdefgh", 8));
    while (!process_duplicate(process, number, UINT64_MAX, &to))
        last = to;
    CHECK(process_pipe(process, &reader, &writer) == -PROTO_TOO_MANY);
    for (; last >= number; last--)
        process_close(process, last);
    remove("/t");
}

/* Descriptor 1 is the console until it is closed; then it is nothing, and then a file. */
static void lose_output(void)
{
    uint64_t number, done, type, size, console = descriptor(1);
    if (!console || file_stat(console, &type, &size) || type != FILE_IS_CONSOLE)
        exit(1);
    if (file_write(console, "", 0, &done) || process_duplicate(process, 1, 7, &number))
        exit(2);
    mon_streams();
    if (mon.ref[PARENT_OUTPUT] || process_close(process, 1) || descriptor(1))
        exit(3);
    mon_streams();
    if (puts("this is not seen") != EOF || ferror(stdout) == 0)
        exit(4);
    if (process_duplicate(process, 7, 1, &number) || process_close(process, 7))
        exit(5);
    mon_streams();
    exit(mon.ref[PARENT_OUTPUT] ? 6 : 0);
}

static void test_memory(void)
{
    uint64_t status, *pages = mon_pages(PAGES * FK_PAGE);
    for (unsigned i = 0; i < PAGES; i++)
        pages[i * FK_PAGE / 8] = i;
    uint64_t pid = work_fork();
    if (!pid) {
        fk_clock_wait((uint64_t)fk_clock_read() + 2000000); /* by now it is free there */
        for (unsigned i = 0; i < PAGES; i++)
            if (pages[i * FK_PAGE / 8] != i)
                exit(1);
        mon_pages_free(pages);
        pages = mon_pages(PAGES * FK_PAGE);
        exit(!pages || pages[0]);
    }
    mon_pages_free(pages);
    CHECK(!wait_for(pid, &status) && !status);
}

/* Objects of one hash: what is restored from a checkpoint can have that of something new. */
static struct fk_object twin[2], twin_mutex, twin_thread, to_twin[2], to_mutex, to_self, probe;

static uint64_t hash_of(const struct fk_object *ref)
{
    struct fk_ref_state state = {0};
    fk_ref_get_state(fk_at(ref), fk_at(&state), 0);
    return state.hash;
}

static bool names(const struct fk_object *ref, const struct fk_object *object, unsigned kind)
{
    mon_kind_call(kind, KIND_REFERENCE, fk_at(object), fk_at(&probe), 0);
    return fk_ref_compare(fk_at(ref), fk_at(&probe)) == FK_OK;
}

static bool twins_apart(void)
{
    fk_ref_set_state(fk_at(&probe), 0, 0);
    return names(&to_twin[0], &twin[0], FK_DEBUG_PORT) &&
           names(&to_twin[1], &twin[1], FK_DEBUG_PORT) &&
           names(&to_mutex, &twin_mutex, FK_DEBUG_MUTEX) &&
           !names(&to_twin[0], &twin[1], FK_DEBUG_PORT);
}

static void run_twins(void)
{
    fk_thread_reference((uint64_t)fk_thread_self(), fk_at(&probe));
    bool same_thread = fk_ref_compare(fk_at(&to_self), fk_at(&probe)) == FK_OK;
    exit(same_thread && twins_apart() ? 0 : 1);
}

static void test_twins(void)
{
    struct fk_object *const ref[] = {&to_twin[0], &to_twin[1], &to_mutex, &to_self, &probe};
    for (unsigned i = 0; i < sizeof(ref) / sizeof(*ref); i++)
        CHECK(!fk_ref_create(fk_at(ref[i])));
    fk_thread_reference((uint64_t)fk_thread_self(), fk_at(&to_self));
    for (unsigned i = 0; i < 2; i++)
        CHECK(!fk_port_create_hash(fk_at(&twin[i]), 1996) &&
              !fk_port_reference(fk_at(&twin[i]), fk_at(&to_twin[i])));
    CHECK(!fk_mutex_create_hash(fk_at(&twin_mutex), 1996) &&
          !fk_mutex_reference(fk_at(&twin_mutex), fk_at(&to_mutex)));
    CHECK(!fk_thread_create_hash(fk_at(&twin_thread), hash_of(&to_self)));
    CHECK(twins_apart());
    CHECK(status_of(run_twins) == 0);
}

/* ---- exec, orphans, too many ---- */

static long exec(const char *path)
{
    char text[64];
    size_t bytes = (size_t)snprintf(text, sizeof(text), "%s%cx", path, 0) + 1;
    return process_exec(process, mon_thread_ref(), text, bytes, 1);
}

static void run_grandchild(void)
{
    uint64_t parent, own, before;
    process_id(process, &before, NULL);
    if (work_fork())
        exit(0);
    do
        process_id(process, &own, &parent);
    while (parent == before);
    exit(parent == 1 ? 0 : 1);
}

static void test_exec(void)
{
    uint64_t done, who, status, pid;
    FILE *file = fopen("/text", "w");
    fputs("this is no program, however long it is", file);
    fclose(file);
    CHECK(exec("/nosuch") == -PROTO_NOT_FOUND);
    CHECK(exec("/text") == -PROTO_NO_PROGRAM);
    CHECK(exec("/bin") < 0);
    CHECK(process_exec(process, mon_thread_ref(), "abc", 3, 1) == -PROTO_INVALID);
    CHECK(process_spawn(process, "/bin/hello", 11, 7, &pid) == -PROTO_INVALID);
    CHECK(process_spawn(process, "/text\0x", 8, 1, &pid) == -PROTO_NO_PROGRAM);
    CHECK(process_fork(process, 0, &pid) < 0);
    CHECK(process_fork(process, mon.ref[PARENT_MEMPOOL], &pid) < 0);
    remove("/text");
    CHECK(!process_spawn(process, "/bin/cat\0cat\0/nosuch", 21, 2, &pid));
    CHECK(!wait_for(pid, &status) && status == 1);
    CHECK(status_of(run_grandchild) == 0);
    CHECK(!process_wait(process, 0, 0, &who, &status) && !status); /* the orphan is process 1's */
    (void)done;
}

static uint64_t number_of_one(void)
{
    uint64_t pid = work_fork(), status;
    if (!pid)
        exit(0);
    CHECK(!wait_for(pid, &status) && !status);
    return pid;
}

/* A process that could not be made takes no number: a fork that a checkpoint disturbs begins again.
 */
static void test_numbers(void)
{
    uint64_t first = number_of_one(), pid;
    CHECK(process_fork(process, mon.ref[PARENT_MEMPOOL], &pid) < 0);
    CHECK(process_spawn(process, "/nosuch", 8, 0, &pid) == -PROTO_NOT_FOUND);
    CHECK(number_of_one() == first + 1);
}

static void test_bomb(void)
{
    uint64_t pid, status, count = 0, bytes = 1;
    char byte;
    long outcome;
    CHECK(!process_pipe(process, &reader, &writer));
    while (!(outcome = mon_fork(&pid))) {
        if (pid) {
            count++;
            continue;
        }
        process_close(process, writer);
        file_read(descriptor(reader), &byte, &bytes);
        exit(0);
    }
    CHECK(count > 5);
    CHECK(outcome == -PROTO_TOO_MANY || outcome == -PROTO_NO_MEMORY ||
          outcome == -PROTO_NO_OBJECTS);
    process_close(process, writer);
    process_close(process, reader);
    for (; count; count--)
        CHECK(!process_wait(process, 0, 0, &pid, &status) && !status);
    CHECK(status_of(run_exit) == (300 & 0xff));
}

int main(void)
{
    work_options("checks a process manager", options);
    process = work_process();
    work_begin(WORK_MAIN);
    test_ends();
    if (options->value)
        test_signals(), test_alarms();
    test_pipes();
    test_killed_reader();
    test_descriptors();
    CHECK(status_of(lose_output) == 0);
    test_memory();
    test_twins();
    test_exec();
    test_numbers();
    test_bomb();
    work_end(WORK_MAIN);
    printf("proctest: %lu wrong\n", wrong);
    return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
