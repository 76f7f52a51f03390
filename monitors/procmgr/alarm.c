/* monitors/procmgr/alarm.c -- alarms. One thread, begun by the first alarm, sleeps until the next
 * is due. Who sets an earlier one stops it and, if it sleeps or is about to, puts it back to where
 * it reads `due`: a thread that sleeps is a thread before a call, so nothing is lost by that.
 * Called with the lock held, which is over `due`, too. SPDX-License-Identifier: MIT */
#include "monitors/procmgr/procmgr.h"

static uint64_t thread;                                      /* 0 = not begun */
static uint64_t due __attribute__((used)) = FK_FOREVER >> 1; /* nobody has one */
extern const char alarm_nap[], alarm_awake[];

/* Between the two labels everything can be done again. */
__attribute__((noinline)) static void nap(void)
{
    __asm__ volatile("alarm_nap: movq %0, %%rdi\n\t"
                     "movl %1, %%eax\n\t"
                     "syscall\n"
                     "alarm_awake:"
                     :
                     : "m"(due), "i"(FK_CALL_clock_wait)
                     : "rax", "rdi", "rsi", "rdx", "r10", "rcx", "r11", "memory");
}

static void alarm_main(void *unused)
{
    (void)unused;
    mon_guard();
    for (;;) {
        mon_lock(&procs_lock);
        thread = (uint64_t)fk_thread_self();
        due = process_alarms((uint64_t)fk_clock_read());
        mon_unlock(&procs_lock);
        nap();
    }
}

static void look_again(void)
{
    struct fk_thread_state *state = calloc(1, sizeof(*state));
    if (!state || !thread || fk_thread_get_state(thread, fk_at(state), 0)) {
        free(state);
        return;
    }
    if (state->frame.rip >= fk_at(alarm_nap) && state->frame.rip < fk_at(alarm_awake))
        state->frame.rip = fk_at(alarm_nap);
    state->flags &= ~(uint64_t)FK_THREAD_STOPPED;
    fk_thread_set_state(thread, fk_at(state), 0);
    free(state);
}

long alarm_set(struct process *process, uint64_t nanoseconds, uint64_t *left)
{
    static bool begun;
    uint64_t now = (uint64_t)fk_clock_read();
    long outcome = begun ? 0 : mon_thread(alarm_main, NULL, 0);
    if (outcome)
        return outcome;
    begun = true;
    *left = process->alarm > now ? process->alarm - now : 0;
    process->alarm = nanoseconds ? now + nanoseconds : 0;
    if (process->alarm < now) /* farther than the clock counts */
        process->alarm = nanoseconds ? FK_FOREVER >> 1 : 0;
    if (process->alarm && process->alarm < due) {
        due = process->alarm;
        look_again();
    }
    return 0;
}
