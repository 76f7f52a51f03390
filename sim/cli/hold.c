/* sim/cli/hold.c -- holds SIGINT, SIGTERM, SIGQUIT and SIGHUP from the very start; see hold.h. And
 * takes the places of standard streams that are closed, before a file of ours gets one of these
 * numbers, and with it what the guest says.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/hold.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static sigset_t before;

/* Nothing to read, and nowhere to write: a write fails, as it does to a closed stream. */
static void streams_fill(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0)
            _exit(1);
    }
}

static void hold(void)
{
    sigset_t ends;

    streams_fill();
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGQUIT);
    sigaddset(&ends, SIGHUP);
    sigprocmask(SIG_BLOCK, &ends, &before);
}

/* The loader calls this before any constructor, those of libraries included. */
__attribute__((section(".preinit_array"), used)) static void (*const first)(void) = hold;

void hold_release(void)
{
    sigprocmask(SIG_SETMASK, &before, NULL);
}
