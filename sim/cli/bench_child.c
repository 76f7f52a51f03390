/* sim/cli/bench_child.c -- measured child processes and the folder their files live in.
 * Invariant: whatever way this process ends, by Ctrl-C too, no child and no file is left behind
 * (but by kill -9, after which the children end and the folder stays).
 * SPDX-License-Identifier: MIT */
#include "sim/cli/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/cli/command.h"

static char dir[PATH_MAX];
static pid_t owner;
static volatile sig_atomic_t interrupted;
/* 0 = none, or ended; the last ones run beside. */
static volatile pid_t children[BENCH_RUNS + BENCH_BESIDE];

static void on_end(int signal)
{
    interrupted = signal;
    for (unsigned i = 0; i < BENCH_RUNS + BENCH_BESIDE; i++)
        if (children[i] > 0)
            kill(children[i], SIGKILL);
}

bool bench_interrupted(void)
{
    return interrupted != 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

void bench_remove(const char *path)
{
    nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void dir_remove(void)
{
    if (*dir && getpid() == owner)
        bench_remove(dir);
}

const char *bench_dir_make(const char *under)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
    const struct sigaction action = {.sa_handler = on_end};
    const char *tmp = getenv("TMPDIR");

    if (!under)
        under = tmp && *tmp ? tmp : "/var/tmp";
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        sigaction(ends[i], &action, NULL);
    if ((size_t)snprintf(dir, sizeof dir, "%s/flatfish-bench.XXXXXX", under) >= sizeof dir ||
        !mkdtemp(dir)) {
        cli_say("cannot make a folder in %s: %s", under, strerror(errno));
        dir[0] = 0;
        return NULL;
    }
    owner = getpid();
    atexit(dir_remove);
    return dir;
}

const char *bench_path(const char *name)
{
    static char paths[8][PATH_MAX + 64];
    static unsigned next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof paths[0], "%s/%.60s", dir, name);
    return path;
}

static void redirect(const char *path, int flags, int to)
{
    int fd = open(path, flags, 0600);

    if (fd < 0 || dup2(fd, to) < 0)
        _exit(127);
    close(fd);
}

/* `cpu` is the only one to run on, in turns; -1 = any, at once. */
static void child_exec(const struct bench_run *run, int cpu, pid_t parent)
{
    cpu_set_t one;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    unsetenv("MAKEFLAGS");
    redirect("/dev/null", O_RDONLY, STDIN_FILENO);
    redirect(run->out, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
    redirect(run->err, O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
    if (cpu >= 0) {
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        sched_setaffinity(0, sizeof one, &one);
        raise(SIGSTOP);
    }
    execvp(run->argv[0], run->argv);
    _exit(127);
}

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int child_start(unsigned i, const struct bench_run *run, int cpu)
{
    pid_t self = getpid(), pid = fork();

    if (pid == 0)
        child_exec(run, cpu, self);
    if (pid < 0)
        return cli_failure("cannot start %s: %s", run->argv[0], strerror(errno)), -1;
    children[i] = pid;
    if (interrupted)
        kill(pid, SIGKILL);
    return 0;
}

/* Until it stops (when that is one of the `flags`) or ends. */
static void child_wait(unsigned i, struct bench_child *used, int flags, double start)
{
    struct rusage usage;
    int status;

    while (wait4(children[i], &status, flags, &usage) < 0 && errno == EINTR)
        continue;
    if (WIFSTOPPED(status))
        return;
    children[i] = 0;
    used->wall = now() - start;
    used->cpu = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
    used->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void child_turn(unsigned i, struct bench_child *used, double start)
{
    const struct timespec turn = {0, BENCH_TURN_MS * 1000000L};

    kill(children[i], SIGCONT);
    nanosleep(&turn, NULL);
    kill(children[i], SIGSTOP); /* not yet waited for: if it has ended, it is a zombie still */
    child_wait(i, used, WUNTRACED, start);
}

static void children_take_turns(struct bench_run *run, unsigned n, unsigned first, double start)
{
    unsigned left = n;

    for (unsigned i = 0; i < n; i++)
        child_wait(i, &run[i].used, WUNTRACED, start);
    for (unsigned i = first; left > 0; i++) {
        left = 0;
        if (children[i % n] > 0)
            child_turn(i % n, &run[i % n].used, start);
        for (unsigned k = 0; k < n; k++)
            left += children[k] > 0;
    }
}

static void children_end(unsigned n, struct bench_run *run)
{
    for (unsigned i = 0; i < n; i++) {
        kill(children[i], SIGKILL);
        child_wait(i, &run[i].used, 0, 0);
    }
}

int bench_children_run(struct bench_run *run, unsigned n, unsigned first)
{
    double start = now();
    int cpu = n > 1 ? sched_getcpu() : -1;

    fflush(NULL);
    for (unsigned i = 0; i < n; i++) {
        if (child_start(i, &run[i], cpu) == 0)
            continue;
        children_end(i, run);
        return -1;
    }
    if (n > 1)
        children_take_turns(run, n, first, start);
    else
        child_wait(0, &run[0].used, 0, start);
    return interrupted ? -1 : 0;
}

int bench_beside_start(unsigned which, const struct bench_run *run)
{
    fflush(NULL);
    return child_start(BENCH_RUNS + which, run, -1);
}

int bench_beside_wait(unsigned which)
{
    struct bench_child used = {.status = -1};

    if (children[BENCH_RUNS + which] > 0)
        child_wait(BENCH_RUNS + which, &used, 0, 0);
    return used.status;
}

int bench_child_run(char *const argv[], const char *out, const char *err, struct bench_child *used)
{
    struct bench_run run = {argv, out, err, {0, 0, 0}};
    int result = bench_children_run(&run, 1, 0);

    *used = run.used;
    return result;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

struct bench_spread bench_spread(const double *values, unsigned n)
{
    double sorted[1000];

    if (n == 0 || n > 1000)
        return (struct bench_spread){0, 0, 0};
    memcpy(sorted, values, n * sizeof *values);
    qsort(sorted, n, sizeof *sorted, by_value);
    return (struct bench_spread){sorted[0], (sorted[(n - 1) / 2] + sorted[n / 2]) / 2,
                                 sorted[n - 1]};
}

json_t *bench_spread_json(struct bench_spread s)
{
    return json_pack("{s:f, s:f, s:f}", "min", s.min, "median", s.median, "max", s.max);
}
