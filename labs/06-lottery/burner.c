/* labs/06-lottery/burner.c -- burns CPU time until a given moment of the kernel's clock, as one or
 * several threads, maybe with naps. Each says when it begins, each lap, and when it ends, to
 * functions where a checker listens.
 *   from=MS    sleeps until then, since boot: while others are still being loaded (300)
 *   until=MS   when to end (600)                 id=N        what to call it
 *   threads=N  that burn (1)                     nap=MS      sleeps so long after each millisecond
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

enum { MS = 1000000, LAP = 100, MOST = 8 };

void begin(uint64_t id);
void lap(uint64_t id, uint64_t thread);
void woken(uint64_t id);
void done(uint64_t id);

#define TELLS(name)                                                                                \
    __attribute__((noinline)) void name(uint64_t id)                                               \
    {                                                                                              \
        __asm__ volatile("" ::"r"(id) : "memory");                                                 \
    }
TELLS(begin)
TELLS(woken)
TELLS(done)

__attribute__((noinline)) void lap(uint64_t id, uint64_t thread)
{
    __asm__ volatile("" ::"r"(id), "r"(thread) : "memory");
}

static uint64_t id, from, until, nap;
static struct fk_object mutex, cond;
static uint64_t burning;

static void burn(uint64_t end, uint64_t thread)
{
    while ((uint64_t)fk_clock_read() < end) {
        lap(id, thread);
        for (volatile unsigned i = 0; i < LAP; i++)
            ;
    }
}

/* The first one, whose number is 0, says that it begins. */
static void burner(void *number)
{
    uint64_t thread = (uint64_t)number;
    fk_clock_wait(from);
    if (!thread)
        begin(id);
    while (nap && (uint64_t)fk_clock_read() < until) {
        burn((uint64_t)fk_clock_read() + MS, thread);
        fk_clock_wait((uint64_t)fk_clock_read() + nap);
        woken(id);
    }
    burn(until, thread);
    fk_mutex_lock(fk_at(&mutex));
    burning--;
    fk_cond_signal(fk_at(&cond));
    fk_mutex_unlock(fk_at(&mutex));
}

int main(void)
{
    uint64_t threads = mon_option_number("threads", 1);
    id = mon_option_number("id", 1);
    until = mon_option_number("until", 600) * MS;
    from = mon_option_number("from", 300) * MS;
    nap = mon_option_number("nap", 0) * MS;
    if (!threads || threads > MOST)
        mon_fatal("threads=%lu cannot work; write 1 to %d", threads, MOST);
    fk_mutex_create(fk_at(&mutex));
    fk_cond_create(fk_at(&cond));
    burning = threads;
    while (--threads)
        if (mon_thread(burner, (void *)threads, 0))
            mon_fatal("no thread can be made");
    burner(NULL);
    fk_mutex_lock(fk_at(&mutex));
    while (burning)
        fk_cond_wait(fk_at(&cond), fk_at(&mutex));
    fk_mutex_unlock(fk_at(&mutex));
    done(id);
    return 0;
}
