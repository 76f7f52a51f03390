/* sim/cli/pair.c -- see pair.h. The terminal's signals are the debugger's alone: this process keeps
 * them blocked, and the simulator is in a process group of its own. Each child asks the host to be
 * told when this process dies, so that nothing depends on its being there at the end.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/pair.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/cli/command.h"
#include "sim/cli/hold.h"

enum { LINE = 1024, GRACE_MS = 300, LONG_MS = 60000, CANNOT_RUN = 127 };

static char folder[sizeof((struct sockaddr_un *)0)->sun_path];
static char name[sizeof folder]; /* of the socket */

static struct {
    pid_t pid; /* 0 = has ended, or was never there */
    int code;
} machine, debugger;

static int signals = -1; /* signalfd: children and what ends this process */
static int console = -1; /* the reading end of the guest's console; -1 = it has a file */
static int told;         /* the signal that ends it all; 0 = none */
static char line[LINE];  /* of the console, as far as it has come */
static size_t line_n;

/* ---- the folder ---- */

const char *pair_socket(void)
{
    const char *under = getenv("XDG_RUNTIME_DIR"), *tmp = getenv("TMPDIR");
    static const char form[] = "%s/flatfish-gdb.XXXXXX";

    if (!under || access(under, W_OK) != 0)
        under = tmp && *tmp ? tmp : "/tmp";
    if ((size_t)snprintf(folder, sizeof folder, form, under) >= sizeof folder - sizeof "/gdb") {
        cli_say("gdb: the name of the folder %.60s is too long for a socket: set TMPDIR to a "
                "shorter one",
                under);
        return NULL;
    }
    if (!mkdtemp(folder)) {
        cli_say("gdb: cannot make a folder in %.80s: %s", under, strerror(errno));
        return NULL;
    }
    snprintf(name, sizeof name, "%.*s/gdb", (int)(sizeof name - sizeof "/gdb"), folder);
    return name;
}

static void folder_remove(void)
{
    unlink(name);
    rmdir(folder);
}

/* ---- the console: a line at a time, marked, so that it is not taken for GDB's ---- */

static void line_end(void)
{
    if (line_n)
        fprintf(stderr, "[guest] %.*s\n", (int)line_n, line);
    line_n = 0;
}

static void console_add(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '\n' || line_n == LINE)
            line_end();
        if (bytes[i] != '\n' && bytes[i] != '\r')
            line[line_n++] = bytes[i];
    }
}

/* What is there; a snapshot of the machine may still hold the other end, so nobody waits for the
 * end.
 */
static void console_take(void)
{
    char bytes[4096];
    ssize_t n = 0;

    while (console >= 0 && (n = read(console, bytes, sizeof bytes)) > 0)
        console_add(bytes, (size_t)n);
    if (n == 0 && console >= 0) {
        close(console);
        console = -1;
    }
}

/* ---- the processes ---- */

static void child_die_with(pid_t parent, int signal)
{
    prctl(PR_SET_PDEATHSIG, signal);
    if (getppid() != parent)
        _exit(CANNOT_RUN);
}

static void input_from_nowhere(void)
{
    int fd = open("/dev/null", O_RDONLY);

    if (fd < 0 || dup2(fd, STDIN_FILENO) < 0)
        _exit(CANNOT_RUN);
    close(fd);
}

static int machine_start(const struct pair *pair, int ready, int to)
{
    pid_t self = getpid(), pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        child_die_with(self, SIGTERM);
        setpgid(0, 0);
        input_from_nowhere();
        if (console >= 0)
            close(console);
        int code = pair->machine(pair->ctx, ready, to);
        folder_remove();
        fflush(NULL);
        exit(code);
    }
    machine.pid = pid > 0 ? pid : 0;
    return pid < 0 ? cli_failure("gdb: cannot start the machine: %s", strerror(errno)) : 0;
}

static int debugger_start(const struct pair *pair)
{
    pid_t self = getpid(), pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        child_die_with(self, SIGHUP);
        hold_release();
        execvp(pair->debugger[0], pair->debugger);
        _exit(CANNOT_RUN);
    }
    debugger.pid = pid > 0 ? pid : 0;
    return pid < 0 ? cli_failure("gdb: cannot start %s: %s", pair->debugger[0], strerror(errno))
                   : 0;
}

static bool reap(pid_t *pid, int *code)
{
    int status;

    if (*pid <= 0 || waitpid(*pid, &status, WNOHANG) != *pid)
        return false;
    *pid = 0;
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

static void signal_take(void)
{
    struct signalfd_siginfo info;

    while (read(signals, &info, sizeof info) == sizeof info)
        if (info.ssi_signo != SIGCHLD && (info.ssi_signo != SIGINT || !debugger.pid))
            told = (int)info.ssi_signo;
    bool attended = debugger.pid; /* later it is we who end the machine */
    reap(&debugger.pid, &debugger.code);
    if (reap(&machine.pid, &machine.code) && machine.code >= 128 && attended)
        cli_say("gdb: the machine's process was ended by signal %d", machine.code - 128);
}

static uint64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Serves the console and signals until `over`, a signal, or that many milliseconds; -1 = no limit.
 */
static void serve(bool (*over)(void), int ms)
{
    uint64_t end = now_ms() + (uint64_t)(ms < 0 ? 0 : ms);

    signal_take();
    while (!over() && !told && (ms < 0 || now_ms() < end)) {
        struct pollfd fds[] = {{.fd = signals, .events = POLLIN},
                               {.fd = console, .events = POLLIN}};
        poll(fds, 2, ms < 0 ? -1 : (int)(end - now_ms()));
        console_take();
        signal_take();
    }
}

static bool debugger_over(void)
{
    return debugger.pid == 0;
}

static bool machine_over(void)
{
    return machine.pid == 0;
}

/* In three ways, from kind to certain; the user's own signal goes on to the next. */
static void end(pid_t *pid, int first_ms, bool (*over)(void))
{
    const struct {
        int signal, ms;
    } ways[] = {{0, first_ms}, {SIGTERM, LONG_MS}, {SIGKILL, -1}};

    for (size_t i = 0; i < sizeof ways / sizeof *ways && *pid; i++) {
        if (ways[i].signal) {
            kill(*pid, ways[i].signal);
            kill(*pid, SIGCONT);
        }
        told = 0;
        serve(over, ways[i].ms);
    }
}

/* ---- all of it ---- */

static int signals_open(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return signals < 0 ? cli_failure("gdb: %s", strerror(errno)) : 0;
}

/* Where the console goes: a file, or a pipe to this process. -1, or the writing end. */
static int console_open_for(const char *path)
{
    int ends[2];

    if (path) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC, 0666);
        return fd >= 0 ? fd : (cli_failure("--console %s: %s", path, strerror(errno)), -1);
    }
    if (pipe2(ends, O_CLOEXEC) != 0)
        return cli_failure("gdb: %s", strerror(errno)), -1;
    console = ends[0];
    fcntl(console, F_SETFL, O_NONBLOCK);
    return ends[1];
}

/* Until the machine says that it is ready; false = it has ended, or a signal came. */
static bool machine_ready(int from)
{
    char byte;

    while (machine.pid && !told) {
        struct pollfd fds[] = {{.fd = from, .events = POLLIN},
                               {.fd = signals, .events = POLLIN},
                               {.fd = console, .events = POLLIN}};
        poll(fds, 3, -1);
        if (fds[0].revents && read(from, &byte, 1) == 1)
            return true;
        console_take();
        signal_take();
    }
    return false;
}

static int debug(const struct pair *pair, int ready)
{
    if (!machine_ready(ready))
        return told ? 128 + told : machine.code;
    if (debugger_start(pair) != 0)
        return EXIT_FAILURE;
    serve(debugger_over, -1);
    if (debugger.pid) { /* a signal came */
        int code = 128 + told;
        end(&debugger.pid, 0, debugger_over);
        return code;
    }
    return debugger.code;
}

int pair_run(const struct pair *pair)
{
    int ready[2] = {-1, -1}, to = -1, code = EXIT_FAILURE;

    if (pipe2(ready, O_CLOEXEC) != 0)
        cli_failure("gdb: %s", strerror(errno));
    else if ((to = console_open_for(pair->console)) >= 0 && signals_open() == 0 &&
             machine_start(pair, ready[1], to) == 0) {
        close(ready[1]);
        close(to);
        code = debug(pair, ready[0]);
    }
    end(&machine.pid, GRACE_MS, machine_over); /* the debugger may have ended it already */
    console_take();
    line_end();
    folder_remove();
    return code;
}

/* ---- asking ---- */

static int ask_child(char *const argv[], int to)
{
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid != 0)
        return pid;
    hold_release();
    input_from_nowhere();
    dup2(to, STDOUT_FILENO);
    dup2(to, STDERR_FILENO);
    execvp(argv[0], argv);
    _exit(CANNOT_RUN);
}

int pair_ask(char *const argv[], char *out, int max)
{
    int ends[2], status = 0, used = 0;
    pid_t pid;
    ssize_t n;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    pid = ask_child(argv, ends[1]);
    close(ends[1]);
    while (used < max - 1 && (n = read(ends[0], out + used, (size_t)(max - 1 - used))) > 0)
        used += (int)n;
    out[used] = 0;
    close(ends[0]);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}
