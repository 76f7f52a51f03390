/* sim/tests/t_hold.c -- from the first code of ours on, no Ctrl-C is lost: it ends the run with its
 * statistics.
 * The child is stopped at each system call that it makes on its way to the guest, first at the one
 * that holds the signals. At one of them it is sent SIGINT and let go; which one, goes up. Exact,
 * whatever the machine has to do besides.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/tests/check.h"

enum { EARLY = 24, STEP = 20, CALLS_MAX = 4000 };

static char said[] = "t_hold.XXXXXX";

static void child_run(void)
{
    int err = open(said, O_WRONLY | O_TRUNC), null = open("/dev/null", O_RDWR);

    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
        _exit(77);
    execl("./flatfish", "flatfish", "run", "--kernel", "sim/tests/guests/compute.elf", "--timeout",
          "60", (char *)NULL);
    _exit(99);
}

/* The child stands where a system call begins or ends; -1 = it has ended. */
static int next_call(pid_t child, struct user_regs_struct *regs)
{
    int status;

    if (ptrace(PTRACE_SYSCALL, child, NULL, NULL) != 0 || waitpid(child, &status, 0) != child)
        return -1;
    return WIFSTOPPED(status) ? (int)ptrace(PTRACE_GETREGS, child, NULL, regs) : -1;
}

static bool holds(pid_t child, const struct user_regs_struct *regs)
{
    long set;

    if (regs->orig_rax != SYS_rt_sigprocmask || regs->rdi != SIG_BLOCK || !regs->rsi)
        return false;
    set = ptrace(PTRACE_PEEKDATA, child, regs->rsi, NULL);
    return set != -1 && (set & 1L << (SIGINT - 1)) && (set & 1L << (SIGTERM - 1));
}

static pid_t child_start(void)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0)
        child_run();
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("fork");
        exit(99);
    }
    if (WIFEXITED(status)) {
        puts(WEXITSTATUS(status) == 77 ? "skipped: this machine lets no process be traced"
                                       : "./flatfish cannot be started");
        exit(WEXITSTATUS(status));
    }
    return child;
}

/* What became of a child that is let go: the shell's idea of its exit code. */
static int child_end(pid_t child)
{
    int status;

    ptrace(PTRACE_DETACH, child, NULL, NULL);
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + 1000 * WIFSIGNALED(status);
}

static bool statistics(void)
{
    char text[4096];
    int fd = open(said, O_RDONLY);
    ssize_t n = read(fd, text, sizeof text - 1);

    close(fd);
    text[n > 0 ? n : 0] = 0;
    return strstr(text, "ended by Interrupt after") && strstr(text, "instructions in");
}

/* SIGINT at the n-th stop after the hold. False when there are not that many before the guest. */
static bool interrupted_at(int n)
{
    struct user_regs_struct regs;
    pid_t child = child_start();
    int calls = 0, code;

    do {
        if (next_call(child, &regs) != 0 || ++calls > CALLS_MAX) {
            CHECK(!"the hold is seen");
            return false;
        }
    } while (!holds(child, &regs));
    while (n-- > 0)
        CHECK(next_call(child, &regs) == 0);
    kill(child, SIGINT);
    code = child_end(child);
    CHECK(code == 130);
    CHECK(statistics());
    return code == 130;
}

/* A count of the stops between the hold and the guest's first instruction would be the loader's
 * and the library's affair: it is measured, by letting one child go on to its end. */
static int stops_until_guest(void)
{
    struct user_regs_struct regs;
    pid_t child = child_start();
    int n = 0, calls = 0;

    while (next_call(child, &regs) == 0 && !holds(child, &regs) && calls < CALLS_MAX)
        calls++;
    while (next_call(child, &regs) == 0 && n < CALLS_MAX) {
        n++;
        if (regs.orig_rax == SYS_rt_sigprocmask && regs.rdi == SIG_SETMASK)
            break; /* the release: handlers are there */
    }
    kill(child, SIGKILL);
    child_end(child);
    return n;
}

int main(void)
{
    int last, fd = mkstemp(said);

    if (fd < 0)
        return 99;
    close(fd);
    last = stops_until_guest();
    CHECK(last > 0 && last < CALLS_MAX);
    for (int n = 1; n <= last + 2; n += n < EARLY / 4 ? 1 : STEP)
        if (!interrupted_at(n))
            break;
    unlink(said);
    return check_report("t_hold");
}
