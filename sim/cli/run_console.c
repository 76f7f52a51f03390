/* sim/cli/run_console.c -- the run's console: terminal, standard input and output, signals,
 * time-out. Invariant: whoever set the terminal to raw gives it back, on return, exit, signal and
 * crash; a forked snapshot never touches it. Signal handlers only set flags and ask the machine to
 * stop. Input typed or piped arrives when the host says so; what must come at a fixed instruction
 * count is run_input.c's.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "abi/proto/proto.h"
#include "sim/cli/command.h"
#include "sim/cli/hold.h"
#include "sim/cli/outfile.h"

enum { ESCAPE = 1 /* Ctrl-A */, OUT_MAX = 4096, IN_MAX = KEYS_TYPED_MAX, HELD_MAX = 1 << 20 };

static struct {
    bool raw_set;  /* the terminal is ours to give back */
    bool keyboard; /* standard input is a terminal: the escape key works */
    bool in_open;  /* standard input may still give bytes */
    bool nest;     /* the guest is one */
    bool escaped;  /* Ctrl-A came, the next key is a command */
    pid_t owner;
    struct termios before, during;
    int to; /* standard output, or where `flatfish gdb` wants it */
    uint8_t out[OUT_MAX];
    size_t out_n;
    uint8_t waiting[IN_MAX]; /* read but refused by a full guest queue */
    size_t waiting_n;
    int out_error;     /* errno of the first failed write; 0 = none */
    bool quit;         /* Ctrl-A x */
    bool mid_line;     /* the last byte written was no newline */
    bool settle;       /* more of ours follows on standard output: begin on a new line */
    uint64_t deadline; /* of --timeout, host milliseconds; UINT64_MAX = none */
    bool timeout;
    bool live;                        /* the PC's screen is drawn, and keys are for its keyboard */
    bool raw_keys;                    /* ... Ctrl-C among them */
    volatile sig_atomic_t live_shown; /* the terminal shows its other screen */
    uint8_t held[HELD_MAX];           /* live: the newest of what the serial port said */
    uint64_t held_n;                  /* of all that it said */
} con;

static volatile sig_atomic_t got_signal;

/* Async-signal-safe. The next tick shows it again. */
static void live_hide(void)
{
    if (con.live_shown && getpid() == con.owner) {
        con.live_shown = false;
        if (write(STDOUT_FILENO, live_leave, strlen(live_leave)) < 0)
            con.out_error = errno;
    }
}

static void terminal_restore(void)
{
    live_hide();
    if (con.raw_set && getpid() == con.owner) {
        con.raw_set = false;
        tcsetattr(STDIN_FILENO, TCSANOW, &con.before);
    }
}

/* Async-signal-safe: also called from the crash handler. */
static void out_write(void)
{
    size_t done = 0;

    while (done < con.out_n && !con.out_error) {
        ssize_t n = write(con.to, con.out + done, con.out_n - done);
        if (n >= 0)
            done += (size_t)n;
        else if (errno == EAGAIN)
            poll(&(struct pollfd){.fd = con.to, .events = POLLOUT}, 1, 100);
        else if (errno != EINTR)
            con.out_error = errno;
        if (n < 0 && got_signal)
            break;
    }
    con.out_n = 0;
}

void console_flush(void)
{
    out_write();
    if (con.out_error)
        sim_stop_request();
}

static void put(const uint8_t *bytes, size_t n)
{
    if (n)
        con.mid_line = bytes[n - 1] != '\n';
    while (n) {
        size_t part = n < OUT_MAX - con.out_n ? n : OUT_MAX - con.out_n;
        memcpy(con.out + con.out_n, bytes, part);
        con.out_n += part;
        bytes += part;
        n -= part;
        if (con.out_n == OUT_MAX)
            console_flush();
    }
}

/* With a live screen the serial port must wait: the newest HELD_MAX bytes follow at the end. */
static void out_bytes(void *ctx, const uint8_t *bytes, size_t n)
{
    (void)ctx;
    if (!con.live)
        put(bytes, n);
    for (size_t i = 0; con.live && i < n; i++)
        con.held[con.held_n++ % HELD_MAX] = bytes[i];
}

static void held_put(void)
{
    uint64_t first = con.held_n > HELD_MAX ? con.held_n - HELD_MAX : 0;

    for (uint64_t at = first; at < con.held_n; at++)
        put(&con.held[at % HELD_MAX], 1);
    con.held_n = 0;
    if (first)
        cli_say("of the serial port's output the first %llu bytes are not shown: run without "
                "--screen=live to see all",
                (unsigned long long)first);
}

static void on_end(int signal)
{
    if (getpid() != con.owner)
        return;
    if (got_signal) { /* a second time: the machine did not stop by itself */
        terminal_restore();
        outfile_abandon();
        _exit(128 + signal);
    }
    got_signal = signal;
    sim_stop_request();
}

static void on_continue(int signal)
{
    (void)signal;
    if (con.raw_set && getpid() == con.owner)
        tcsetattr(STDIN_FILENO, TCSANOW, &con.during);
    con.live_shown = false; /* who knows what the terminal shows now */
}

static void on_crash(int signal)
{
    if (getpid() == con.owner)
        out_write();
    terminal_restore();
    raise(signal); /* SA_RESETHAND: this time it ends the process */
}

static void handle(int signal, void (*fn)(int), int flags)
{
    struct sigaction action = {.sa_handler = fn, .sa_flags = flags};

    sigaction(signal, &action, NULL);
}

void console_signals(void)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGQUIT};
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

    struct sigaction hangup;

    con.owner = getpid();
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        handle(ends[i], on_end, 0);
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN) /* nohup */
        handle(SIGHUP, on_end, 0);
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        handle(crashes[i], on_crash, SA_RESETHAND);
    handle(SIGPIPE, SIG_IGN, 0);
    handle(SIGXFSZ, SIG_IGN, 0); /* a write past the limit fails like one to a full disk */
    handle(SIGCONT, on_continue, SA_RESTART);
    hold_release();
}

/* Keys come at once and unechoed. Ctrl-C stays ours unless `raw`; output is left as it was. */
static int terminal_set(bool raw)
{
    if (tcgetattr(STDIN_FILENO, &con.before) != 0)
        return -1;
    con.during = con.before;
    con.during.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | IXON | ISTRIP);
    con.during.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHONL | IEXTEN);
    con.during.c_cc[VMIN] = 1;
    con.during.c_cc[VTIME] = 0;
    con.during.c_cc[VSUSP] = _POSIX_VDISABLE;
    con.during.c_cc[VQUIT] = _POSIX_VDISABLE;
    if (raw)
        con.during.c_lflag &= ~(tcflag_t)ISIG;
    con.raw_set = true;
    return tcsetattr(STDIN_FILENO, TCSANOW, &con.during);
}

/* A job in the background must not touch its terminal: it would be stopped. */
static bool in_foreground(void)
{
    return isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

static uint64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* What it holds is known before the first instruction. */
bool console_input_is_file(void)
{
    struct stat st, null;

    if (fstat(STDIN_FILENO, &st) != 0)
        return false;
    return S_ISREG(st.st_mode) ||
           (S_ISCHR(st.st_mode) && stat("/dev/null", &null) == 0 && st.st_rdev == null.st_rdev);
}

bool console_can_live(void)
{
    return isatty(STDOUT_FILENO) && in_foreground();
}

int console_open(const struct run_settings *s)
{
    con.live = s->live;
    con.raw_keys = s->raw;
    con.nest = s->nest;
    if (con.live)
        cli_before_saying = live_hide;
    con.to = s->console ? s->console : STDOUT_FILENO;
    con.settle = s->digest || isatty(con.to);
    con.keyboard = (con.live || !s->input) && in_foreground();
    con.in_open = con.live || (!s->input && !console_input_is_file() &&
                               (con.keyboard || !isatty(STDIN_FILENO)));
    atexit(terminal_restore);
    if (con.keyboard && terminal_set(s->raw) != 0)
        return cli_failure("cannot set the terminal: %s", strerror(errno));
    sim_console_output(out_bytes, NULL);
    con.deadline = s->timeout.given ? now_ms() + s->timeout.n : UINT64_MAX;
    return 0;
}

static void live_put_text(const char *bytes, size_t n)
{
    put((const uint8_t *)bytes, n);
}

static void live_show(void)
{
    bool all = !con.live_shown;

    if (all)
        live_put_text(live_enter, strlen(live_enter));
    con.live_shown = true;
    live_draw(live_put_text, all,
              con.raw_keys ? "Ctrl-A x ends the run, Ctrl-A a sends Ctrl-A"
                           : "Ctrl-C ends the run, Ctrl-A x too, Ctrl-A a sends Ctrl-A");
    console_flush();
}

void console_close(void)
{
    if (con.live)
        live_show(); /* the last of it, however short after the tick before */
    live_hide();
    con.live = false;
    held_put();
    if (con.mid_line && con.settle)
        put((const uint8_t *)"\n", 1);
    console_flush();
    terminal_restore();
}

/* A key for the guest. */
static void in_byte(uint8_t byte)
{
    if (con.live)
        keys_typed(&byte, 1);
    else
        con.waiting[con.waiting_n++] = byte;
}

static void escape_key(uint8_t key)
{
    static const char help[] = "\r\n[Ctrl-A x: end the run; Ctrl-A a: send Ctrl-A]\r\n";

    con.escaped = false;
    if (key == 'x' || key == 'X') {
        con.quit = true;
        sim_stop_request();
    } else if (key == ESCAPE || key == 'a' || key == 'A') {
        in_byte(ESCAPE);
    } else if (!con.live) { /* that says so all the time */
        put((const uint8_t *)help, sizeof help - 1);
    }
}

static void in_bytes(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (con.keyboard && con.escaped)
            escape_key(bytes[i]);
        else if (con.keyboard && bytes[i] == ESCAPE)
            con.escaped = true;
        else
            in_byte(bytes[i]);
    }
}

/* The end of a nest's input is told it; another guest just gets no more. */
static void in_end(void)
{
    con.in_open = false;
    if (con.nest && !con.live)
        in_byte(CONSOLE_ENDED);
}

/* true = something came. */
static bool in_read(void)
{
    uint8_t bytes[IN_MAX];
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    ssize_t n;

    if (!con.in_open || con.waiting_n || keys_waiting() || poll(&in, 1, 0) <= 0)
        return false;
    n = read(STDIN_FILENO, bytes, sizeof bytes);
    if (n > 0)
        in_bytes(bytes, (size_t)n);
    else if (n == 0 || (errno != EINTR && errno != EAGAIN))
        in_end();
    return n > 0;
}

void console_poll(void)
{
    if (con.out_n)
        console_flush();
    bool typed = in_read();
    if (con.live && !keys_poll(!typed))
        live_put_text("\a", 1);
    if (con.live)
        live_show();
    if (con.waiting_n && sim_console_input(con.waiting, con.waiting_n) == 0)
        con.waiting_n = 0;
}

enum run_end console_ended(int *signal)
{
    *signal = got_signal;
    if (got_signal)
        return RUN_BY_SIGNAL;
    if (con.quit)
        return RUN_BY_ESCAPE;
    if (con.out_error)
        return RUN_BY_OUTPUT;
    if (con.deadline &&
        now_ms() >= con.deadline) /* asked, too, while a script runs and nothing ticks */
        con.timeout = true;
    if (con.timeout)
        return RUN_BY_TIMEOUT;
    return RUN_BY_MACHINE;
}
