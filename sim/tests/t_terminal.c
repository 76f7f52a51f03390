/* sim/tests/t_terminal.c -- however a run ends, the terminal is as it was before.
 * Runs the command (with the scripted machine) on a pseudo-terminal, ends it by every key and
 * signal, and compares the terminal's modes and the exit code.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include "sim/tests/check.h"

static const char command[] = "sim/tests/flatfish-fake";
static const char live_option[] = "--screen=live";
static char script[] = "t_terminal.XXXXXX";

struct session {
    pid_t child;
    int master, slave; /* the slave is kept open so that its modes can be read afterwards */
    struct termios before;
    char out[65536];
    size_t n;
};

static void session_read(struct session *t, int ms)
{
    struct pollfd p = {.fd = t->master, .events = POLLIN};

    while (t->n < sizeof t->out - 1 && poll(&p, 1, ms) > 0) {
        ssize_t n = read(t->master, t->out + t->n, sizeof t->out - 1 - t->n);
        if (n <= 0)
            break;
        t->n += (size_t)n;
        t->out[t->n] = 0;
        ms = 20;
    }
}

static void child_run(struct session *t, const char *option)
{
    bool live = strcmp(option, live_option) == 0;

    close(t->master);
    login_tty(t->slave);
    if (live)
        execl(command, "flatfish", "run", "--pc", "--disk", script, option, (char *)NULL);
    execl(command, "flatfish", "run", "--kernel", script, option, (char *)NULL);
    _exit(99);
}

/* Ends the test here and now: without a child of our own, a kill() would hit others. */
static void session_impossible(const char *what, int code)
{
    perror(what);
    unlink(script);
    exit(code);
}

static int session_start(struct session *t, const char *option)
{
    const char *sign = strcmp(option, live_option) == 0 ? "live screen" : "ready";

    memset(t, 0, sizeof *t);
    if (openpty(&t->master, &t->slave, NULL, NULL, NULL) != 0 ||
        tcgetattr(t->slave, &t->before) != 0)
        session_impossible("skipped: no pseudo-terminal here (is /dev/pts mounted?)", 77);
    t->child = fork();
    if (t->child < 0)
        session_impossible("fork", 99);
    if (t->child == 0)
        child_run(t, option);
    for (int i = 0; i < 100 && !strstr(t->out, sign); i++)
        session_read(t, 100);
    return strstr(t->out, sign) ? 0 : -1;
}

static bool is_raw(struct session *t)
{
    struct termios now;

    return tcgetattr(t->slave, &now) == 0 && !(now.c_lflag & (ICANON | ECHO));
}

/* Waits, at most ten seconds; returns the shell's idea of the exit code. */
static int session_end(struct session *t)
{
    int status = 0;

    for (int i = 0; i < 1000 && waitpid(t->child, &status, WNOHANG) == 0; i++)
        session_read(t, 10);
    kill(t->child, SIGKILL);
    waitpid(t->child, NULL, 0);
    session_read(t, 10);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool is_restored(struct session *t)
{
    struct termios now;

    return tcgetattr(t->slave, &now) == 0 && now.c_lflag == t->before.c_lflag &&
           now.c_iflag == t->before.c_iflag && now.c_oflag == t->before.c_oflag &&
           memcmp(now.c_cc, t->before.c_cc, sizeof now.c_cc) == 0;
}

static void session_close(struct session *t)
{
    close(t->master);
    close(t->slave);
}

static void by_keys(const char *keys, const char *option, int code)
{
    struct session t;

    CHECK(session_start(&t, option) == 0);
    CHECK(is_raw(&t));
    CHECK(write(t.master, keys, strlen(keys)) == (ssize_t)strlen(keys));
    CHECK(session_end(&t) == code);
    CHECK(is_restored(&t));
    CHECK(strstr(t.out, "instructions in"));
    session_close(&t);
}

static void by_signal(int signal, int code)
{
    struct session t;

    CHECK(session_start(&t, "--snapshots") == 0);
    CHECK(kill(t.child, signal) == 0);
    CHECK(session_end(&t) == code);
    CHECK(is_restored(&t));
    session_close(&t);
}

/* Two signals at once: the second may come before the first is acted upon; both ways are clean. */
static void by_two_signals(void)
{
    struct session t;

    CHECK(session_start(&t, "--snapshots") == 0);
    kill(t.child, SIGTERM);
    kill(t.child, SIGINT);
    int code = session_end(&t);
    CHECK(code == 130 || code == 143);
    CHECK(is_restored(&t));
    session_close(&t);
}

static void by_typing(void)
{
    struct session t;

    CHECK(session_start(&t, "--raw") == 0);
    CHECK(write(t.master, "\003", 1) == 1);
    session_read(&t, 200);
    CHECK(waitpid(t.child, NULL, WNOHANG) == 0); /* Ctrl-C went to the guest */
    CHECK(write(t.master, "\001?", 2) == 2);
    session_read(&t, 200);
    CHECK(strstr(t.out, "Ctrl-A x"));
    CHECK(write(t.master, "\001x", 2) == 2);
    CHECK(session_end(&t) == 130);
    CHECK(is_restored(&t));
    session_close(&t);
}

/* ---- the live screen: drawn, typed to, and left, whatever ends the run ---- */

static const char *last(const char *text, const char *what)
{
    const char *found = NULL;

    while ((text = strstr(text, what)) != NULL)
        found = text++;
    return found;
}

/* The last that was said of the other screen is that it is left, with a cursor and line breaks. */
static bool is_left(const struct session *t)
{
    const char *enter = last(t->out, "\033[?1049h"), *leave = last(t->out, "\033[?1049l");

    return enter && leave && leave > enter &&
           last(t->out, "\033[?25h") > last(t->out, "\033[?25l") &&
           last(t->out, "\033[?7h") > last(t->out, "\033[?7l");
}

static void live_by(const char *keys, int signal, int code)
{
    struct session t;

    CHECK(session_start(&t, live_option) == 0);
    CHECK(is_raw(&t));
    CHECK(!strstr(t.out, "ready")); /* the serial port waits */
    if (signal)
        CHECK(kill(t.child, signal) == 0);
    else
        CHECK(write(t.master, keys, strlen(keys)) == (ssize_t)strlen(keys));
    CHECK(session_end(&t) == code);
    CHECK(is_restored(&t));
    CHECK(is_left(&t));
    if (signal != SIGSEGV)
        CHECK(strstr(last(t.out, "\033[?1049l"), "ready"));
    session_close(&t);
}

static void live_typing(void)
{
    struct session t;

    CHECK(session_start(&t, live_option) == 0);
    CHECK(write(t.master, "xyz", 3) == 3);
    for (int i = 0; i < 50 && !strstr(t.out, "xyz"); i++)
        session_read(&t, 100);
    CHECK(strstr(t.out, "xyz"));
    CHECK(kill(t.child, SIGCONT) == 0); /* as after a stop: all is drawn again */
    t.n = 0;
    t.out[0] = 0;
    for (int i = 0; i < 50 && !strstr(t.out, "live screen"); i++)
        session_read(&t, 100);
    CHECK(strstr(t.out, "xyz") && strstr(t.out, "live screen"));
    CHECK(write(t.master, "\001x", 2) == 2);
    CHECK(session_end(&t) == 130);
    CHECK(is_restored(&t) && is_left(&t));
    session_close(&t);
}

static void script_write(const char *text)
{
    FILE *f = fopen(script, "w");

    CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

int main(void)
{
    int fd = mkstemp(script);

    CHECK(fd >= 0);
    close(fd);
    script_write("FAKE\nprint ready\nslow\n");
    by_keys("\003", "--snapshots", 130);
    by_keys("\001x", "--snapshots", 130);
    by_signal(SIGTERM, 143);
    by_signal(SIGHUP, 129);
    by_signal(SIGSEGV, 128 + SIGSEGV);
    by_signal(SIGABRT, 128 + SIGABRT);
    by_two_signals();
    by_typing();
    live_by("\003", 0, 130);
    live_by("\001x", 0, 130);
    live_by(NULL, SIGTERM, 143);
    live_by(NULL, SIGSEGV, 128 + SIGSEGV);
    live_typing();
    script_write("FAKE\nprint ready\nslow 500\nexit 5\n");
    live_by("", 0, 5);
    script_write("FAKE\nprint ready\necho\nexit 5\n");
    by_keys("hello\n", "--snapshots", 5);
    unlink(script);
    return check_report("t_terminal");
}
