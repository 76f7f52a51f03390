/* Property: a program that is disturbed at any one instruction, its own or the kernel's, ends as if
 * it had not been: the same results, registers, memory, console output, objects and kernel memory.
 *
 * The guest is kernel/tests/t_anywhere.c: a play under a surgeon. A process goes through the play
 * one instruction at a time, and forks a child for each disturbance. The child asks for it in the
 * guest's mailbox, makes the timer's interrupt arrive there and then, runs to the end and compares.
 * Disturbances: threads exported, destroyed, made anew and resumed, each alone and all together;
 * the processor taken away and given back; a software interrupt to all. After each of them the
 * guest checks the kernel's invariants.
 *
 * An interrupt that arrives while interrupts are off (in the kernel, but for its preemption points)
 * is met at the next instruction where they are on, by a machine in which nothing else differs. So
 * those instructions need no run of their own: one in PROBE gets one. Of two long plays, a seeded
 * sample of all instructions is taken. With --full every instruction of the short plays is
 * disturbed (in all ways where interrupts are on), and 10,000 random ones of each long play.
 * --play NAME, --jobs N, --seed N, and --from N --to N for a part of it.
 * SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "sim/event.h"
#include "sim/machine.h"
#include "sim/mem.h"
#include "sim/regs.h"
#include "sim/tests/check.h"

#define TIMER_VECTOR 32 /* kernel/arch/x86_64/layout.h */
#define REGION_PLAY  1
#define RESULT_MAX   (256 << 10)
#define AGAIN        150     /* instructions until the interrupt is repeated */
#define TOO_LONG     5000000 /* instructions behind the disturbance: it hangs */
#define PROBE        101
#define MESSAGES     3 /* of a process, about a play */
#define JOBS_MAX     64

enum { ASK_REBIRTH = 1, ASK_PREEMPT, ASK_INTERRUPT };

#define ACTORS_MAX 3
struct play {
    const char *name, *options;
    unsigned actors;
    unsigned sample, full_sample; /* of a long play: so many random instructions. 0 = all */
};
static const struct play plays[] = {
    {"rpc", "bytes=300", 2, 0, 10000},
    {"rpc", "bytes=30000", 2, 500, 10000},
    {"turns", "", 2, 0, 10000},
    {"stream", "", 2, 0, 10000},
    {"sync", "rounds=2", 2, 0, 0},
    {"memory", "", 2, 0, 10000},
    {"faulting", "bytes=200", 3, 0, 10000},
    {"faulting", "bytes=3000", 3, 500, 10000},
    {"objects", "", 1, 0, 10000},
    {"threads", "", 1, 0, 10000},
    {"space", "", 1, 0, 0},
    {"registers", "", 1, 0, 0},
    {"root", "", 1, 0, 0},
};

static const char *build = ".";
static bool full;
static uint64_t first, last; /* instructions of the play: only between these */
static uint64_t seed = 2026;

/* ---- the guest ---- */

struct place {
    gpa at;
    size_t bytes;
};
static struct place mailbox, area;
static uint64_t begun, ended;
static uint64_t console_sum;
static char said[400]; /* the last that the console said, for the message */

struct result {
    int exit_code;
    enum sim_stop why;
    uint64_t console, end;
    uint8_t bytes[RESULT_MAX]; /* mailbox without its first two words, then the area */
};

static void on_console(void *ctx, const uint8_t *bytes, size_t n)
{
    (void)ctx;
    for (size_t i = 0; i < n; i++) {
        console_sum = (console_sum ^ bytes[i]) * 1099511628211ull;
        memmove(said, said + 1, sizeof said - 2);
        said[sizeof said - 2] = (char)bytes[i];
    }
}

static void on_mark(const struct trace_record *r, bool second)
{
    static gva at;
    const char *label = sim_label(r->reason);
    struct place *place = !label                          ? NULL
                          : strcmp(label, "mailbox") == 0 ? &mailbox
                          : strcmp(label, "area") == 0    ? &area
                                                          : NULL;
    struct sim_walk walk;
    if (!second)
        at = r->addr;
    else if (place && sim_walk(SIM_CR3_NOW, at, &walk) == 0)
        *place = (struct place){walk.pa, r->addr};
}

static void on_event(void *ctx, const struct trace_record *r)
{
    (void)ctx;
    if (r->kind == TRACE_MARK || r->kind == TRACE_MARK2)
        on_mark(r, r->kind == TRACE_MARK2);
    else if (r->reason == REGION_PLAY && r->kind == TRACE_BEGIN)
        sim_stop_request();
    else if (r->reason == REGION_PLAY)
        ended = r->icount;
}

static int boot(const struct play *play)
{
    char kernel[512], initrd[512], append[200];
    struct sim_config c = {
        .kernel = kernel, .initrd = initrd, .append = append, .mem_mib = 16, .data_dir = build};
    snprintf(kernel, sizeof kernel, "%s/kernel/fk.elf", build);
    snprintf(initrd, sizeof initrd, "%s/kernel/tests/initrd.tar", build);
    snprintf(append, sizeof append, "root=t_anywhere.elf kmem=4 play=%s %s", play->name,
             play->options);
    if (sim_create(&c) < 0)
        return -1;
    sim_console_output(on_console, NULL);
    sim_listen(1ull << TRACE_MARK | 1ull << TRACE_MARK2 | 1ull << TRACE_BEGIN | 1ull << TRACE_END,
               on_event, NULL);
    if (sim_run(UINT64_MAX) != SIM_STOP_REQUEST || !mailbox.bytes || !area.bytes)
        return sim_fail("the guest has not begun its play");
    begun = sim_icount();
    return 0;
}

static uint64_t mailbox_word(unsigned n)
{
    uint64_t word = 0;
    sim_phys_read(mailbox.at + n * 8, &word, 8);
    return word;
}

/* ---- one disturbance ---- */

static void collect(enum sim_stop why, struct result *out)
{
    out->why = why;
    out->exit_code = why == SIM_STOP_EXIT ? sim_exit_code() : -1;
    out->console = console_sum;
    out->end = ended;
    sim_phys_read(mailbox.at + 16, out->bytes, mailbox.bytes - 16);
    sim_phys_read(area.at, out->bytes + mailbox.bytes, area.bytes);
}

/* The interrupt is repeated until the surgeon has answered: it may have come just before his turn
 * was over, or in it. */
static enum sim_stop disturb(uint64_t ask)
{
    uint64_t limit = sim_icount() + TOO_LONG;
    enum sim_stop why = SIM_STOP_ICOUNT;
    sim_phys_write(mailbox.at, &ask, 8);
    while (why == SIM_STOP_ICOUNT && !mailbox_word(1) && sim_icount() < limit) {
        sim_interrupt(TIMER_VECTOR);
        why = sim_run(sim_icount() + AGAIN);
    }
    return why == SIM_STOP_ICOUNT ? sim_run(sim_icount() + TOO_LONG) : why;
}

struct tally {
    uint64_t instructions, places, runs, different, late;
};
static struct tally *tally; /* of this process */

static void differ(const struct play *play, uint64_t at, uint64_t ask, const char *what, uint64_t a,
                   uint64_t b)
{
    if (tally->different >= MESSAGES)
        return;
    fprintf(stderr,
            "%s %s: disturbance %llx at instruction %llu of the play: %s is %llx, not %llx\n",
            play->name, play->options, (unsigned long long)ask, (unsigned long long)(at - begun),
            what, (unsigned long long)b, (unsigned long long)a);
    size_t i = 0;
    while (i + 1 < sizeof said && !said[i])
        i++;
    if (!tally->different) /* once is enough */
        fprintf(stderr, "  the guest said: %s\n", said + i);
}

static bool same(const struct play *play, uint64_t at, uint64_t ask, const struct result *want,
                 const struct result *got)
{
    char what[40];
    if (got->why != want->why || got->exit_code != want->exit_code) {
        snprintf(what, sizeof what, "the exit code (stop: %s)", sim_stop_name(got->why));
        differ(play, at, ask, what, (uint64_t)want->exit_code, (uint64_t)got->exit_code);
        return false;
    }
    if (got->console != want->console) {
        differ(play, at, ask, "the console's sum", want->console, got->console);
        return false;
    }
    for (size_t i = 0; i < mailbox.bytes + area.bytes; i += 8) {
        uint64_t a, b;
        memcpy(&a, want->bytes + i, 8);
        memcpy(&b, got->bytes + i, 8);
        if (a == b)
            continue;
        snprintf(what, sizeof what, "result word %zu", i / 8);
        differ(play, at, ask, what, a, b);
        return false;
    }
    return true;
}

/* ---- all of a play ---- */

static pid_t fork_quietly(void)
{
    fflush(NULL);
    return fork();
}

static void try(const struct play *play, uint64_t ask, const struct result *want)
{
    enum { SAME, DIFFERENT, LATE };
    pid_t pid = fork_quietly();
    int status;
    if (pid == 0) {
        static struct result got;
        uint64_t at = sim_icount();
        collect(disturb(ask), &got);
        bool good = same(play, at, ask, want, &got);
        _exit(!good ? DIFFERENT : mailbox_word(1) ? SAME : LATE);
    }
    waitpid(pid, &status, 0);
    tally->runs++;
    tally->late += WIFEXITED(status) && WEXITSTATUS(status) == LATE;
    tally->different += !WIFEXITED(status) || WEXITSTATUS(status) == DIFFERENT;
}

static bool interrupts_on(void)
{
    return sim_reg_get(SIM_REG_eflags) >> 9 & 1;
}

/* Where interrupts are on, with --full: all of them; else everybody's rebirth and, in turn, one of
 * the others. Where they are off only the latter. */
static void try_some(const struct play *play, const struct result *want)
{
    uint64_t asks[ACTORS_MAX + 3], everybody = (1u << play->actors) - 1;
    unsigned n = 0;
    bool on = interrupts_on();
    asks[n++] = ASK_PREEMPT;
    asks[n++] = ASK_INTERRUPT | everybody << 8;
    for (unsigned i = 0; i < play->actors && play->actors > 1; i++)
        asks[n++] = ASK_REBIRTH | 256u << i;
    if (on)
        try(play, ASK_REBIRTH | everybody << 8, want);
    else
        asks[n++] = ASK_REBIRTH | everybody << 8;
    uint64_t turn = tally->places++ % n;
    for (unsigned i = 0; i < n; i++)
        if ((on && full) || i == turn)
            try(play, asks[i], want);
}

/* ---- which instructions ---- */

static uint64_t scramble(uint64_t x)
{
    x = (x ^ x >> 31) * 0x7fb5d329728ea185ull;
    x = (x ^ x >> 27) * 0x81dadef4bc2dd44dull;
    return x ^ x >> 33;
}

/* The same in every process: the sample is spread evenly, an instruction in each stretch. */
static bool in_sample(uint64_t at, uint64_t length, uint64_t count)
{
    if (length <= count)
        return true;
    uint64_t stretch = at * count / length, low = (stretch * length + count - 1) / count,
             high = ((stretch + 1) * length + count - 1) / count;
    return at - low == scramble(seed + stretch) % (high - low);
}

static bool is_wanted(const struct play *play, uint64_t at, uint64_t length)
{
    unsigned sample = full ? play->full_sample : play->sample;
    if (sample)
        return in_sample(at, length, sample);
    return full || at % PROBE == 0 || interrupts_on();
}

static struct result *shared_result(void)
{
    void *at = mmap(NULL, sizeof(struct result), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                    -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

/* This process's share: every `jobs`-th place, from `job` on. */
static void go_through(const struct play *play, unsigned job, unsigned jobs)
{
    struct result *want = shared_result();
    uint64_t places = 0;
    pid_t pid = want ? fork_quietly() : -1;
    if (pid == 0) {
        collect(sim_run(sim_icount() + 4 * TOO_LONG), want);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    CHECK(want && want->why == SIM_STOP_EXIT && want->exit_code == 0 && want->end > begun);
    if (first)
        sim_run(begun + first);
    while (!check_failed && sim_icount() < want->end && (!last || sim_icount() < begun + last)) {
        uint64_t at = sim_icount();
        if (is_wanted(play, at - begun, want->end - begun) && places++ % jobs == job)
            try_some(play, want);
        CHECK(sim_run(at + 1) == SIM_STOP_ICOUNT && sim_icount() == at + 1);
    }
    tally->instructions = want ? want->end - begun : 0;
}

static int job_main(const struct play *play, unsigned job, unsigned jobs, struct tally *own)
{
    check_failed = 0;
    tally = own;
    if (boot(play) < 0) {
        fprintf(stderr, "%s: %s\n", play->name, sim_error());
        return 1;
    }
    go_through(play, job, jobs);
    return check_failed != 0;
}

static void play_all(const struct play *play, unsigned jobs, struct tally *tallies)
{
    struct tally sum = {0};
    pid_t pids[JOBS_MAX];
    memset(tallies, 0, jobs * sizeof *tallies);
    for (unsigned i = 0; i < jobs; i++)
        if ((pids[i] = fork_quietly()) == 0)
            _exit(job_main(play, i, jobs, &tallies[i]));
    for (unsigned i = 0; i < jobs; i++) {
        int status = -1;
        waitpid(pids[i], &status, 0);
        CHECK(status == 0);
        sum.instructions = tallies[i].instructions;
        sum.places += tallies[i].places;
        sum.runs += tallies[i].runs;
        sum.different += tallies[i].different;
        sum.late += tallies[i].late;
    }
    printf("%s %s: %llu instructions, disturbed at %llu, %llu runs, %llu too late to matter, "
           "%llu differences\n",
           play->name, play->options, (unsigned long long)sum.instructions,
           (unsigned long long)sum.places, (unsigned long long)sum.runs,
           (unsigned long long)sum.late, (unsigned long long)sum.different);
    fflush(stdout);
    CHECK(sum.different == 0);
    CHECK(sum.runs > (first || last ? 0 : 100) && sum.late * 5 < sum.runs);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"full", no_argument, NULL, 'f'},
                                            {"play", required_argument, NULL, 'p'},
                                            {"jobs", required_argument, NULL, 'j'},
                                            {"from", required_argument, NULL, 'a'},
                                            {"to", required_argument, NULL, 'b'},
                                            {"seed", required_argument, NULL, 's'},
                                            {NULL, 0, NULL, 0}};
    const char *only = NULL;
    long jobs = sysconf(_SC_NPROCESSORS_ONLN);
    for (int c; (c = getopt_long(argc, argv, "fp:j:a:b:s:", options, NULL)) != -1;) {
        if (c == '?')
            return 2;
        full |= c == 'f';
        only = c == 'p' ? optarg : only;
        jobs = c == 'j' ? atol(optarg) : jobs;
        first = c == 'a' ? strtoull(optarg, NULL, 0) : first;
        seed = c == 's' ? strtoull(optarg, NULL, 0) : seed;
        last = c == 'b' ? strtoull(optarg, NULL, 0) : last;
    }
    if (optind < argc)
        build = argv[optind];
    jobs = jobs < 1 ? 1 : jobs > JOBS_MAX ? JOBS_MAX : jobs;
    struct tally *tallies = mmap(NULL, JOBS_MAX * sizeof *tallies, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (tallies == MAP_FAILED)
        return 1;
    for (size_t i = 0; i < sizeof plays / sizeof *plays; i++)
        if (!only || strcmp(only, plays[i].name) == 0)
            play_all(&plays[i], (unsigned)jobs, tallies);
    return check_report("stop_anywhere");
}
