/* sim/tests/t_repl.c -- the prompt on a terminal: lines are edited, completed and remembered;
 * Ctrl-C drops the line or stops what runs and never ends the session; Ctrl-D, quit and
 * flatfish.quit() do. Types on a pseudo-terminal, each key when the one before has had its effect.
 * SPDX-License-Identifier: MIT */
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/tests/check.h"

enum { WAIT = 20000 }; /* ms for one answer, on a machine that is busy */

static struct {
    pid_t child;
    int master;
    char out[1 << 16];
    size_t n, seen; /* all before `seen` was waited for */
} s;

static void session_open(const char *nest)
{
    s.n = s.seen = 0;
    s.child = forkpty(&s.master, NULL, NULL, NULL);
    if (s.child < 0) {
        perror("skipped: no pseudo-terminal here (is /dev/pts mounted?)");
        exit(77);
    }
    if (s.child == 0) {
        execl("./flatfish", "flatfish", "repl", nest, (char *)NULL);
        _exit(99);
    }
}

/* Whether this comes, after all that was waited for before. */
static bool comes(const char *text)
{
    struct pollfd p = {.fd = s.master, .events = POLLIN};
    char *at;

    for (;;) {
        s.out[s.n] = 0;
        at = strstr(s.out + s.seen, text);
        if (at)
            break;
        ssize_t got = s.n < sizeof s.out - 1 && poll(&p, 1, WAIT) > 0
                          ? read(s.master, s.out + s.n, sizeof s.out - 1 - s.n)
                          : -1;
        if (got <= 0) {
            fprintf(stderr, "'%s' does not come; there was: %s\n", text, s.out + s.seen);
            return false;
        }
        s.n += (size_t)got;
    }
    s.seen = (size_t)(at - s.out) + strlen(text);
    return true;
}

static void type(const char *keys)
{
    CHECK(write(s.master, keys, strlen(keys)) == (ssize_t)strlen(keys));
}

/* What it prints meanwhile is read, so that it can end. `again` is typed each second: a key that
 * comes while the terminal's modes change may be lost. */
static int session_end(const char *again)
{
    struct pollfd p = {.fd = s.master, .events = POLLIN};
    char rest[4096];
    int status = -1;
    pid_t ended = 0;

    for (int ms = 10; ms < WAIT && (ended = waitpid(s.child, &status, WNOHANG)) == 0; ms += 10) {
        if (poll(&p, 1, 10) > 0 && read(s.master, rest, sizeof rest) < 0)
            poll(NULL, 0, 10);
        if (again && ms % 1000 == 0)
            type(again);
    }
    if (ended == 0) {
        kill(s.child, SIGKILL);
        waitpid(s.child, &status, 0);
    }
    close(s.master);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void lines(void)
{
    session_open("pingpong");
    CHECK(comes("0> "));
    type("20+3x\b\n"); /* backspace */
    CHECK(comes("\n23\r\n0> "));
    type("for i = 1, 2 do\n");
    CHECK(comes("0>> "));
    type("print('i' .. i)\n");
    CHECK(comes("0>> "));
    type("end\n");
    CHECK(comes("i1\r\ni2\r\n0> "));
    type("flatfish.ru\t(10)\n"); /* completion */
    CHECK(comes("icount\t10\r\n10> "));
    type("{ 1, { 'a' }, k = flatfish.icount() }\n");
    CHECK(comes("{1, {\"a\"}, k = 10}\r\n10> "));
    type("nothing.x\n");
    CHECK(comes("prompt:1: ") && comes("machine: instruction 10,") && comes("10> "));
    type("report.table\n");
    CHECK(comes("function: ") && comes("10> "));
    type("7*11\n");
    CHECK(comes("77\r\n10> "));
    type("\x1b[A\n"); /* the line before */
    CHECK(comes("\n77\r\n10> "));
    type("\x04");
    CHECK(session_end("\x15\x04") == 0);
}

static void interrupts(void)
{
    session_open("pingpong");
    CHECK(comes("0> "));
    type("123\x03");
    CHECK(comes("\n0> "));
    type("for i = 1, 2 do\n");
    CHECK(comes("0>> "));
    type("\x03");
    CHECK(comes("\n0> "));
    type("print('loop'); while true do end\n");
    CHECK(comes("\nloop"));
    type("\x03");
    CHECK(comes("ended from outside") && comes("0> "));
    type("flatfish.at(100, function() print('now'); while true do flatfish.icount() end end); "
         "flatfish.run()\n");
    CHECK(comes("\nnow"));
    type("\x03");
    CHECK(comes("ended from outside") && comes("100> "));
    type("50+5\n");
    CHECK(comes("\n55\r\n100> "));
    type("flatfish.quit(7)\n");
    CHECK(session_end(NULL) == 7);
}

/* What was typed in the session before is still there, in a home that is ours. */
static void history(void)
{
    session_open("pingpong");
    CHECK(comes("0> "));
    type("11*11\n");
    CHECK(comes("\n121\r\n0> "));
    type("quit\n");
    CHECK(session_end(NULL) == 0);
    session_open("pingpong");
    CHECK(comes("0> "));
    type("\x1b[A\x1b[A\n");
    CHECK(comes("\n121\r\n0> "));
    type("exit\n");
    CHECK(session_end(NULL) == 0);
}

int main(void)
{
    char home[] = "t_repl.XXXXXX", file[64], path[4200], here[4096];

    if (!mkdtemp(home) || !getcwd(here, sizeof here))
        return 99;
    snprintf(path, sizeof path, "%s/%s", here, home);
    setenv("HOME", path, 1);
    setenv("TERM", "xterm", 1);
    lines();
    interrupts();
    history();
    snprintf(file, sizeof file, "%s/.flatfish_history", home);
    CHECK(unlink(file) == 0);
    rmdir(home);
    return check_report("t_repl");
}
