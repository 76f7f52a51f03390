/* Property: a trace whose writer is killed at any moment is readable, by us and by babeltrace2, and
 * holds at least everything that was flushed.
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "sim/tests/trace_make.h"

enum { ROUNDS = 25, BATCH = 200 };

/* Events written out by the child so far, in memory that outlives it. */
static volatile uint64_t *flushed;

static void write_until_killed(const char *dir, bool fast)
{
    struct trace_options o = {.dir = dir, .packet = fast ? 0 : 4096, .lookup = make_lookup};
    struct trace_writer *w = trace_open(&o);
    static struct trace_record batch[BATCH];
    uint64_t icount = 0, n = 0;

    for (;;) {
        for (unsigned i = 0; i < BATCH; i++)
            batch[i] = i % 8 ? make_ordinary(&icount, i) : make_any(&icount);
        trace_take(w, batch, BATCH);
        n += BATCH;
        if (make_random() % 4 == 0 && trace_flush(w) == 0)
            *flushed = n;
        if (!fast)
            usleep(make_random() % 300);
    }
}

static size_t kill_one(const char *dir, bool fast)
{
    struct timespec wait = {0, (1 + make_random() % 40) * 1000000};
    pid_t child;
    char damage[256];
    struct trace_reader *t;
    struct trace_record r;
    size_t n = 0;

    *flushed = 0;
    fflush(NULL);
    child = fork();
    if (child == 0)
        write_until_killed(dir, fast);
    nanosleep(&wait, NULL);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    t = trace_read_open(dir, damage, sizeof damage);
    if (!t) /* killed before it had begun */
        return SIZE_MAX;
    while (trace_read_next(t, &r))
        n++;
    CHECK(n >= *flushed);
    CHECK(trace_facts(t)->state == TRACE_OPEN);
    CHECK(!trace_damage(t) || (n == 0 && strstr(trace_damage(t), "as it began")));
    trace_read_close(t);
    return n;
}

static void babeltrace(const char *dir, size_t n)
{
    char command[1024];
    size_t lines = 0;
    FILE *p;
    int c;

    snprintf(command, sizeof command, "babeltrace2 '%s'", dir);
    p = popen(command, "r");
    if (!p)
        exit(99);
    while ((c = getc(p)) != EOF)
        lines += c == '\n';
    CHECK(pclose(p) == 0 && lines == n);
}

int main(void)
{
    bool have = system("babeltrace2 --version >/dev/null 2>&1") == 0;
    size_t n, most = 0;

    flushed = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < ROUNDS; i++) {
        const char *dir = make_dir("kill");
        n = kill_one(dir, i % 5 == 4);
        most = n != SIZE_MAX && n > most ? n : most;
        if (have && n != SIZE_MAX && n < 100000)
            babeltrace(dir, n);
        make_seed += i;
    }
    CHECK(most > 0);
    make_dir("kill");
    make_end();
    if (!have)
        printf("t_trace_kill: no babeltrace2 here; only our own reader was asked\n");
    return check_report("t_trace_kill");
}
