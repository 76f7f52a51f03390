/* monitors/kserver/main.c -- the root nester: the first program on the kernel, in user mode, at
 * level
 * 1. It serves the bottom of all protocols with threads of its own, then builds the nest of the
 * kernel's command line like any other nester, by asking its own servers, and ends the machine with
 * the nest's status. Command line: nest=NEST [-- ARGUMENTS]. SPDX-License-Identifier: MIT */
#include "monitors/kserver/kserver.h"

#define SERVING 4 /* threads: one may wait for its client's memory while it sends a reply */

struct mon_server services;
static struct mon_lock serving;
static const struct mon_ops ops = {.threads = 0};

void program_main(struct fk_bootinfo *boot);

/* "nest=" up to " -- " or the end; what follows are arguments, cut at blanks. */
static void take_command(char *command)
{
    static char nothing[1];
    char *nest = strstr(command, "nest="), *extra;
    if (!nest || (nest != command && nest[-1] != ' '))
        mon_fatal("the command line names no nest; add nest=PROGRAM");
    mon.nest = nest + 5;
    extra = strstr(mon.nest, " --");
    mon.extra = nothing;
    if (!extra || (extra[3] && extra[3] != ' '))
        return;
    *extra = 0;
    extra += 3 + (extra[3] != 0);
    mon.extra = extra;
    for (char *at = extra; *at; at++)
        if (*at == ' ')
            *at = 0;
        else
            mon.extra_bytes = (uint64_t)(at + 2 - extra);
}

static void must(long outcome, const char *what)
{
    static char text[128];
    if (!outcome)
        return;
    snprintf(text, sizeof(text), "kserver: %s: %s\n", what, strerror((int)-outcome));
    fk_console_write(fk_at(text), strlen(text));
    fk_machine_exit(1);
}

/* The root's own threads have no scheduler: they are where time comes from. */
static void open_all(struct fk_bootinfo *boot)
{
    static struct fk_object space;
    must(fk_ref_create(fk_at(&space)), "start");
    fk_space_reference(fk_at(&boot->space), fk_at(&space));
    fk_space_name(fk_at(&boot->space), fk_at("kserver"), 7);
    mon.ref[PARENT_SPACE] = fk_at(&space);
    mon.budget = boot->budget;
    mon_reserve = mon.budget / 2; /* regions, ports: what it makes for all below */
    memory_open(boot);
    must(scheduler_open(), "scheduler");
    mon.ref[PARENT_SCHEDULER] = scheduler_serving();
    must(mon_server_open(&services), "start");
    must(mon_lock_open(&serving), "start");
    must(mon_server_lock(&services, &serving, file_drop), "start");
    must(memory_serve(), "memory");
    must(files_open(boot), "files");
    must(clock_open(), "clock");
    must(console_open(), "console");
    must(mon_watch_open(), "watch");
    must(mon_serve_threads(&services, SERVING) == SERVING ? 0 : -PROTO_NO_MEMORY, "services");
    mon.ref[PARENT_SCHEDULER] = scheduler_ref();
}

void program_main(struct fk_bootinfo *boot)
{
    static char *argv[] = {"kserver", NULL};
    mon.argc = 1;
    mon.argv = argv;
    mon_guard();
    open_all(boot);
    take_command(boot->command);
    exit(mon_run(&ops));
}

_Noreturn void mon_exit(int status)
{
    fk_machine_exit((uint64_t)(unsigned)status & 0xff);
    __builtin_unreachable();
}
