/* Property: when the disk is full or a file may not grow, there is one clear error, the run can go
 * on, and what is in the file is whole: exactly the events that the error says.
 * SPDX-License-Identifier: MIT */
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "sim/tests/trace_make.h"

enum { N = 200000 };
static struct trace_record all[N];
static unsigned failures;
static char said[512];

static void failed(void *ctx, const char *text)
{
    (void)ctx;
    failures++;
    snprintf(said, sizeof said, "%s", text);
}

static void fill(const char *dir, uint64_t last, const char *reason)
{
    struct trace_options o = {.dir = dir, .last = last, .failed = failed, .lookup = make_lookup};
    struct trace_writer *w = trace_open(&o);
    char damage[256], *after;
    struct trace_reader *t;
    size_t n;

    CHECK(w != NULL);
    failures = 0;
    for (size_t i = 0; w && i < N; i += 1000)
        trace_take(w, all + i, 1000);
    CHECK(last || failures == 1);
    CHECK(w && trace_close(w) == -1);
    CHECK(failures == 1 && strstr(said, reason) && !strcmp(said, trace_error()));
    after = strstr(said, "ends after ");
    n = after ? strtoul(after + 11, NULL, 10) : 0;
    CHECK(last ? strstr(said, "no events were written") != NULL : n > 0 && n < N);
    CHECK(make_compare(dir, all, N, damage) == n && !damage[0]);
    t = trace_read_open(dir, damage, sizeof damage);
    CHECK(t && trace_facts(t)->state == TRACE_OPEN);
    trace_read_close(t);
}

static void limited_file(void)
{
    struct rlimit old, small;

    getrlimit(RLIMIT_FSIZE, &old);
    small = (struct rlimit){700 << 10, old.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    fill(make_dir("disk"), 0, "ulimit");
    fill(make_dir("ring"), N, "ulimit");
    setrlimit(RLIMIT_FSIZE, &old);
    make_dir("disk");
    make_dir("ring");
}

/* A disk of one megabyte, in a mount namespace of a child's own. */
static int small_disk(const char *dir)
{
    char path[600];

    if (unshare(geteuid() ? CLONE_NEWUSER | CLONE_NEWNS : CLONE_NEWNS) || mkdir(dir, 0777) ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount("tmpfs", dir, "tmpfs", 0, "size=1m"))
        return 77;
    snprintf(path, sizeof path, "%s/disk", dir);
    fill(path, 0, "No space left");
    CHECK(strstr(said, "--trace-last") != NULL);
    make_remove(path);
    snprintf(path, sizeof path, "%s/ring", dir);
    fill(path, N, "No space left");
    return check_failed ? 1 : 0;
}

static void full_disk(void)
{
    const char *dir = make_dir("mount");
    pid_t child;
    int status;

    fflush(NULL);
    child = fork();
    if (child == 0)
        _exit(small_disk(dir));
    CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        printf("t_trace_full: no small disk can be mounted here; only file limits are tested\n");
    else
        CHECK(WEXITSTATUS(status) == 0);
    rmdir(dir);
}

int main(void)
{
    uint64_t icount = 0;

    for (unsigned i = 0; i < N; i++)
        all[i] = make_ordinary(&icount, i);
    limited_file();
    full_disk();
    make_end();
    return check_report("t_trace_full");
}
