/* monitors/procmgr/main.c -- a process manager: what runs below can fork, exec, wait, send signals
 * and use pipes. It interposes on Parent and Process only, and on MemPool for a process that is a
 * nester. Options: procs=N processes at most (48, or 16 when they are nesters). A request that
 * waits keeps its serving thread; there is always one more than wait.
 * SPDX-License-Identifier: MIT */
#include "monitors/procmgr/procmgr.h"

#define SPARE   2
#define NESTERS 16 /* each has several spaces, so the shares must be larger */

unsigned processes_most;
uint64_t share;
static unsigned threads = SPARE, waiting;

/* One more is about to wait: is there somebody to serve the others? */
bool threads_enough(void)
{
    if (threads < waiting + 1 + SPARE)
        threads += mon_serve_threads(&mon_server, 1);
    if (threads < waiting + 2)
        return false;
    waiting++;
    return true;
}

void threads_back(void)
{
    waiting--;
}

static long prepare(struct mon_child *child)
{
    return process_first(child);
}

static bool fault(struct mon_child *child, const struct fk_fault *fault)
{
    struct family *family = child->self;
    struct process *process = process_find(family, 1);
    return process && !family->ended && signal_fault(process, fault);
}

static const struct mon_ops ops = {.prepare = prepare,
                                   .fault = fault,
                                   .ended = process_family_end,
                                   .threads = SPARE,
                                   .lock = &procs_lock};

static const struct mon_option_text options[] = {{"procs=48", "processes at most"}, {0}};

/* Half of the kernel memory is for the children of the nest, a quarter for the processes that
 * they make, a quarter for what describes them here. */
int main(void)
{
    mon_options(options);
    processes_most = (unsigned)mon_option_number("procs", strchr(mon.nest, '/') ? NESTERS : 48);
    if (!processes_most || processes_most > 1000)
        mon_fatal("procs=%u is out of range (1 to 1000)", processes_most);
    mon_reserve = mon.budget / 2;
    share = mon.budget / 4 / processes_most;
    if (mon_lock_open(&procs_lock) || areas_open())
        mon_fatal("not enough kernel memory; run with more memory");
    return mon_run(&ops);
}
