/* monitors/lib/process.c -- a process's side of the protocol Process: fork with the streams
 * flushed, standard streams after a change of descriptors, and handlers of signals as functions.
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

#define SIGNALS 32

void mon_signal_entry(void); /* signal_entry.S */
void mon_signal_taken(uint64_t signal);

static void (*handlers[SIGNALS])(int signal);

void mon_signal_taken(uint64_t signal)
{
    if (signal < SIGNALS && handlers[signal])
        handlers[signal]((int)signal);
}

long mon_signal(unsigned signal, void (*handler)(int signal))
{
    uint64_t before;
    if (signal >= SIGNALS || !mon.ref[PARENT_PROCESS])
        return -PROTO_INVALID;
    handlers[signal] = handler;
    return process_signal(mon.ref[PARENT_PROCESS], signal, fk_at((void *)mon_signal_entry),
                          &before);
}

long mon_fork(uint64_t *pid)
{
    if (!mon.ref[PARENT_PROCESS])
        return -PROTO_NOT_FOUND;
    uint64_t thread = mon_thread_ref();
    fflush(NULL);
    long outcome = thread ? process_fork(mon.ref[PARENT_PROCESS], thread, pid) : -PROTO_NO_OBJECTS;
    mon_ref_free(thread);
    return outcome;
}

void mon_streams(void)
{
    static uint64_t refs[3]; /* what start.c made may name something else */
    for (uint64_t i = 0; i < 3; i++) {
        uint64_t ref = refs[i] ? refs[i] : (refs[i] = mon_ref());
        mon.ref[PARENT_INPUT + i] = !ref || parent_get(mon.parent, PARENT_INPUT + i, ref) ? 0 : ref;
    }
}
