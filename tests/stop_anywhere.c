/* Property: a program that is disturbed at any one instruction, its own or the kernel's, ends as if
 * it had not been: the same results, registers, memory, console output, objects and kernel memory.
 *
 * The guest is kernel/tests/t_anywhere.c: a play under a surgeon. A process goes through the play
 * one instruction at a time, and forks a child for each disturbance. The child asks for it in the
 * guest's mailbox, makes the timer's interrupt arrive there and then, runs to the end and compares.
 * Disturbances (mailbox.h): threads exported, destroyed, made anew and resumed, all together, each
 * alone, and each while the others are exported in turn or go on until they wait; the processor
 * taken away and given back, or given to another actor, with everybody's rebirth a little later; a
 * software interrupt to all. After each of them the guest checks the kernel's invariants.
 *
 * An interrupt that arrives while interrupts are off (in the kernel, but for its preemption points)
 * is met at the next instruction where they are on, by a machine in which nothing else differs. So
 * those instructions need no run of their own: one in PROBE gets one. Of an instruction that comes
 * again and again, the first few passes are taken and one in PASSES of the others. Of two long
 * plays, a seeded sample of all instructions is taken. With --full every instruction of the short
 * plays is disturbed (in all ways where interrupts are on), and 10,000 random ones of each long
 * play.
 * --play NAME, --jobs N, --seed N, and --from N --to N for a part of it. --done FILE: plays that it
 * names are passed over, those that went well are added to it. What must be reached: stop_cover.c.
 * SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "sim/machine.h"
#include "sim/regs.h"
#include "sim/tests/check.h"
#include "tests/stop_cover.h"
#include "tests/stop_machine.h"

#define PROBE    101
#define FEW      3
#define PASSES   16
#define LATER    8192 /* instructions at most between two disturbances of a run */
#define MESSAGES 3    /* of a process, about a play */
#define JOBS_MAX 64

struct show {
    const char *play, *options;
    bool away;
    unsigned sample, full_sample;
};
static const struct show shows[] = {
#define SHOW(play, options, away, sample, full_sample) {#play, options, away, sample, full_sample},
#include "kernel/tests/plays.def"
};

static bool full;
static uint64_t first, last; /* instructions of the play: only between these */
static uint64_t seed = 2026;

struct tally {
    uint64_t instructions, at, places, runs, different, late;
    uint64_t aimed, exact; /* rebirths of a thread that ran, and was found just there */
};
static struct tally *tally; /* of this process */
static unsigned actors;     /* of this play, a bit each */

/* ---- one disturbance ---- */

static void differ(const struct show *show, uint64_t at, uint64_t ask, const char *what, uint64_t a,
                   uint64_t b)
{
    if (tally->different >= MESSAGES)
        return;
    fprintf(
        stderr, "%s %s: disturbance %llx at instruction %llu of the play: %s is %llx, not %llx\n",
        show->play, show->options, (unsigned long long)ask, (unsigned long long)(at - stop_begun),
        what, (unsigned long long)b, (unsigned long long)a);
    if (!tally->different) /* once is enough */
        fprintf(stderr, "  the guest said: %s\n", stop_said());
}

static unsigned reborn(uint64_t ask)
{
    unsigned what = ask & 255, mask = (unsigned)(ask >> 8) & actors;
    if (what == ASK_LIMBO || what == ASK_AWAY)
        return actors;
    return what == ASK_REBIRTH ? mask : 0;
}

static uint64_t scramble(uint64_t x)
{
    x = (x ^ x >> 31) * 0x7fb5d329728ea185ull;
    x = (x ^ x >> 27) * 0x81dadef4bc2dd44dull;
    return x ^ x >> 33;
}

static pid_t fork_quietly(void)
{
    fflush(NULL);
    return fork();
}

enum outcome { SAME = 0, DIFFERENT = 1, LATE = 2, EXACT = 4, MISSED = 8 };

static void note_mailbox(uint64_t ask, int actor, uint64_t rip, unsigned *outcome)
{
    struct mailbox box;
    stop_read_mailbox(&box);
    if (!box.served) {
        *outcome |= LATE;
        return;
    }
    if (actor >= 0 && (ask & 255) != ASK_TURN && reborn(ask) && ask >> 8 >> actor & 1)
        *outcome |= box.met[actor] == rip ? EXACT : MISSED;
    for (unsigned i = 0; i < ACTORS; i++)
        if ((ask & 255) == ASK_AWAY && box.asleep[i])
            cover_slept((unsigned)box.asleep[i]);
}

/* In a process of its own. */
static unsigned disturb(const struct show *show, uint64_t ask, const struct result *want)
{
    static struct result got;
    uint64_t at = sim_icount(), rip = 0, a, b;
    bool twice = (ask & 255) == ASK_TURN;
    int actor = stop_interrupts_on() ? stop_actor_now(&rip) : -1;
    const struct stop_again again = {1 + scramble(seed + at) % LATER,
                                     actor < 0 ? 0 : cover_point_now(), actor};
    cover_asked(twice ? actors : reborn(ask), twice ? 2 : 1);
    cover_listen(true);
    enum sim_stop why = stop_disturb(ask, twice ? &again : NULL);
    cover_served();
    stop_collect(why, &got);
    const char *what = stop_difference(want, &got, &a, &b);
    unsigned outcome = what ? DIFFERENT : SAME;
    if (what)
        differ(show, at, ask, what, a, b);
    note_mailbox(ask, actor, rip, &outcome);
    return outcome;
}

static void try(const struct show *show, uint64_t ask, const struct result *want)
{
    int status;
    pid_t pid = fork_quietly();
    if (pid == 0)
        _exit((int)disturb(show, ask, want));
    waitpid(pid, &status, 0);
    unsigned outcome = WIFEXITED(status) ? (unsigned)WEXITSTATUS(status) : DIFFERENT;
    tally->runs++;
    tally->late += (outcome & LATE) != 0;
    tally->different += (outcome & DIFFERENT) != 0;
    tally->exact += (outcome & EXACT) != 0;
    tally->aimed += (outcome & (EXACT | MISSED)) != 0;
}

/* ---- all of a play ---- */

/* All disturbances but everybody's rebirth. */
static unsigned list_asks(const struct show *show, uint64_t *asks)
{
    unsigned n = 0;
    asks[n++] = ASK_PREEMPT;
    asks[n++] = ASK_INTERRUPT | (uint64_t)actors << 8;
    for (unsigned i = 0; i < ACTORS && actors > 1; i++) {
        if (!(actors >> i & 1))
            continue;
        asks[n++] = ASK_REBIRTH | 256ull << i;
        asks[n++] = ASK_TURN | (uint64_t)i << 8;
        asks[n++] = ASK_LIMBO | 256ull << i;
        if (show->away)
            asks[n++] = ASK_AWAY | 256ull << i;
    }
    return n;
}

/* Where interrupts are on, with --full: all of them; else everybody's rebirth and, in turn, one of
 * the others. Where they are off, and at what came often, only the latter. */
static void try_some(const struct show *show, const struct result *want, bool often)
{
    uint64_t asks[4 * ACTORS + 3], everybody = ASK_REBIRTH | (uint64_t)actors << 8;
    unsigned n = list_asks(show, asks);
    bool on = stop_interrupts_on(), all = on && full, point = on && cover_point_now();
    if (on && (full || !often))
        try(show, everybody, want);
    else
        asks[n++] = everybody;
    uint64_t turn = tally->places++ % n;
    for (unsigned i = 0; i < n; i++)
        if (all || i == turn || (point && (asks[i] & 255) == ASK_TURN))
            try(show, asks[i], want);
}

/* ---- which instructions ---- */

/* The same in every process: the sample is spread evenly, an instruction in each stretch. */
static bool in_sample(uint64_t at, uint64_t length, uint64_t count)
{
    if (length <= count)
        return true;
    uint64_t stretch = at * count / length, low = (stretch * length + count - 1) / count,
             high = ((stretch + 1) * length + count - 1) / count;
    return at - low == scramble(seed + stretch) % (high - low);
}

/* How often this instruction of user mode came before. */
static unsigned passes(void)
{
    static uint8_t seen[1 << 16];
    if (sim_cpl() != 3)
        return 0;
    uint8_t *count = &seen[sim_reg_get(SIM_REG_rip) % sizeof seen];
    return *count < 255 ? (*count)++ : 255;
}

static bool is_wanted(const struct show *show, uint64_t at, uint64_t length, bool often)
{
    unsigned sample = full ? show->full_sample : show->sample;
    if (sample)
        return in_sample(at, length, sample);
    if (full || !stop_interrupts_on())
        return full || at % PROBE == 0;
    return !often || scramble(seed + at) % PASSES == 0;
}

static struct result *shared_result(void)
{
    void *at = mmap(NULL, sizeof(struct result), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                    -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

/* This process's share: every `jobs`-th place, from `job` on. */
static void go_through(const struct show *show, unsigned job, unsigned jobs)
{
    struct result *want = shared_result();
    uint64_t places = 0;
    pid_t pid = want ? fork_quietly() : -1;
    if (pid == 0) {
        stop_collect(sim_run(sim_icount() + 4 * TOO_LONG), want);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    CHECK(want && want->why == SIM_STOP_EXIT && want->exit_code == 0 && want->end > stop_begun);
    uint64_t length = want ? want->end - stop_begun : 0;
    tally->instructions = length;
    if (first)
        sim_run(stop_begun + first);
    while (!check_failed && sim_icount() < want->end &&
           (!last || sim_icount() < stop_begun + last)) {
        uint64_t at = sim_icount();
        bool often = passes() >= FEW;
        tally->at = at - stop_begun;
        if (is_wanted(show, at - stop_begun, length, often) && places++ % jobs == job)
            try_some(show, want, often);
        CHECK(sim_run(at + 1) == SIM_STOP_ICOUNT && sim_icount() == at + 1);
    }
}

static int job_main(const struct show *show, unsigned job, unsigned jobs, struct tally *own)
{
    struct mailbox box;
    check_failed = 0;
    tally = own;
    if (stop_boot(show->play, show->options) < 0) {
        fprintf(stderr, "%s: %s\n", show->play, sim_error());
        return 1;
    }
    stop_read_mailbox(&box);
    actors = 0;
    for (unsigned i = 0; i < ACTORS; i++)
        actors |= box.actor[i] ? 1u << i : 0;
    cover_listen(false);
    go_through(show, job, jobs);
    return check_failed != 0;
}

static void add(struct tally *sum, const struct tally *t)
{
    sum->instructions = t->instructions;
    sum->at += t->at;
    sum->places += t->places;
    sum->runs += t->runs;
    sum->different += t->different;
    sum->late += t->late;
    sum->aimed += t->aimed;
    sum->exact += t->exact;
}

static void show_progress(const struct show *show, const struct tally *tallies, unsigned jobs)
{
    struct tally sum = {0};
    for (unsigned i = 0; i < jobs; i++)
        add(&sum, &tallies[i]);
    uint64_t whole = sum.instructions * jobs;
    fprintf(stderr, "\r%s %s: %llu %%, %llu runs ", show->play, show->options,
            (unsigned long long)(whole ? sum.at * 100 / whole : 0), (unsigned long long)sum.runs);
}

/* Until all jobs are done, with a line of progress for whoever watches. */
static void wait_for(const struct show *show, const pid_t *pids, const struct tally *tallies,
                     unsigned jobs)
{
    bool watched = isatty(STDERR_FILENO);
    for (unsigned i = 0; i < jobs; i++) {
        int status = -1;
        pid_t pid;
        while ((pid = waitpid(pids[i], &status, watched ? WNOHANG : 0)) == 0) {
            show_progress(show, tallies, jobs);
            nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
        }
        CHECK(pid == pids[i] && status == 0);
    }
    if (watched)
        fprintf(stderr, "\r");
}

static bool play_all(const struct show *show, unsigned jobs, struct tally *tallies)
{
    struct tally sum = {0};
    pid_t pids[JOBS_MAX];
    unsigned failed = check_failed;
    memset(tallies, 0, jobs * sizeof *tallies);
    for (unsigned i = 0; i < jobs; i++)
        if ((pids[i] = fork_quietly()) == 0)
            _exit(job_main(show, i, jobs, &tallies[i]));
    wait_for(show, pids, tallies, jobs);
    for (unsigned i = 0; i < jobs; i++)
        add(&sum, &tallies[i]);
    printf("%s %s: %llu instructions, disturbed at %llu, %llu runs, %llu too late to matter, "
           "%llu of %llu met where they ran, %llu differences\n",
           show->play, show->options, (unsigned long long)sum.instructions,
           (unsigned long long)sum.places, (unsigned long long)sum.runs,
           (unsigned long long)sum.late, (unsigned long long)sum.exact,
           (unsigned long long)sum.aimed, (unsigned long long)sum.different);
    fflush(stdout);
    CHECK(sum.different == 0);
    CHECK(sum.runs > (first || last ? 0 : 100) && sum.late * 5 < sum.runs);
    CHECK(first || last || sum.exact * 10 > sum.aimed * 9);
    return check_failed == failed;
}

/* ---- plays that are done ---- */

static bool is_done(FILE *done, const struct show *show)
{
    char line[200], name[200];
    snprintf(name, sizeof name, "%s %s\n", show->play, show->options);
    rewind(done);
    while (fgets(line, sizeof line, done))
        if (strcmp(line, name) == 0)
            return true;
    return false;
}

static void set_done(FILE *done, const struct show *show)
{
    fseek(done, 0, SEEK_END);
    fprintf(done, "%s %s\n", show->play, show->options);
    fflush(done);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"full", no_argument, NULL, 'f'},       {"play", required_argument, NULL, 'p'},
        {"jobs", required_argument, NULL, 'j'}, {"from", required_argument, NULL, 'a'},
        {"to", required_argument, NULL, 'b'},   {"seed", required_argument, NULL, 's'},
        {"done", required_argument, NULL, 'd'}, {NULL, 0, NULL, 0}};
    const char *only = NULL, *done_path = NULL;
    long jobs = sysconf(_SC_NPROCESSORS_ONLN);
    for (int c; (c = getopt_long(argc, argv, "fp:j:a:b:s:d:", options, NULL)) != -1;) {
        if (c == '?')
            return 2;
        full |= c == 'f';
        only = c == 'p' ? optarg : only;
        jobs = c == 'j' ? atol(optarg) : jobs;
        first = c == 'a' ? strtoull(optarg, NULL, 0) : first;
        done_path = c == 'd' ? optarg : done_path;
        seed = c == 's' ? strtoull(optarg, NULL, 0) : seed;
        last = c == 'b' ? strtoull(optarg, NULL, 0) : last;
    }
    if (optind < argc)
        stop_build = argv[optind];
    jobs = jobs < 1 ? 1 : jobs > JOBS_MAX ? JOBS_MAX : jobs;
    struct tally *tallies = mmap(NULL, JOBS_MAX * sizeof *tallies, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    FILE *done = done_path ? fopen(done_path, "a+") : NULL;
    if (tallies == MAP_FAILED || cover_init() < 0 || (done_path && !done)) {
        perror(done_path ? done_path : "stop_anywhere");
        return 1;
    }
    bool whole = !only && !first && !last;
    for (size_t i = 0; i < sizeof shows / sizeof *shows; i++) {
        const struct show *show = &shows[i];
        if ((only && strcmp(only, show->play) != 0) || (done && is_done(done, show))) {
            whole = false;
            continue;
        }
        if (play_all(show, (unsigned)jobs, tallies) && done)
            set_done(done, show);
    }
    if (whole)
        CHECK(cover_missing() == 0);
    return check_report("stop_anywhere");
}
