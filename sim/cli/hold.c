/* sim/cli/hold.c -- holds SIGINT, SIGTERM, SIGQUIT and SIGHUP from the very start; see hold.h.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/hold.h"

#include <signal.h>
#include <stddef.h>

static sigset_t before;

/* 101 is the first number that is free for programs. */
__attribute__((constructor(101))) static void hold(void)
{
    sigset_t ends;

    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGQUIT);
    sigaddset(&ends, SIGHUP);
    sigprocmask(SIG_BLOCK, &ends, &before);
}

void hold_release(void)
{
    sigprocmask(SIG_SETMASK, &before, NULL);
}
