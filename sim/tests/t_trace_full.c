/* Property: when the disk is full or a file may not grow, there is one clear error, the run can go
 * on, and every event that had room is in the file, however little room there was: exactly those
 * that the error says. Of a ring it is the newest.
 * SPDX-License-Identifier: MIT */
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "sim/tests/trace_make.h"

enum { N = 200000, EVENT_MAX = 128, EVENT_BYTES = 12 };
static struct trace_record all[N];
static unsigned failures;
static char said[512];

static void failed(void *ctx, const char *text)
{
    (void)ctx;
    failures++;
    snprintf(said, sizeof said, "%s", text);
}

static size_t number_after(const char *words)
{
    const char *at = strstr(said, words);

    return at ? strtoul(at + strlen(words), NULL, 10) : 0;
}

/* Returns how many events were kept. */
static size_t fill(const char *dir, uint64_t last, const char *reason)
{
    struct trace_options o = {.dir = dir, .last = last, .failed = failed, .lookup = make_lookup};
    struct trace_writer *w = trace_open(&o);
    char damage[256];
    struct trace_reader *t;
    size_t n;

    CHECK(w != NULL);
    failures = 0;
    for (size_t i = 0; w && i < N; i += 1000)
        trace_take(w, all + i, 1000);
    CHECK(last || failures == 1);
    CHECK(w && trace_close(w) == -1);
    CHECK(failures == 1 && strstr(said, reason) && !strcmp(said, trace_error()));
    n = number_after(last ? "newest " : "ends after ");
    CHECK(n > 0 && n < N);
    CHECK(make_compare(dir, last ? all + N - n : all, n, damage) == n && !damage[0]);
    t = trace_read_open(dir, damage, sizeof damage);
    CHECK(t && trace_facts(t)->state == TRACE_FULL);
    CHECK(t && trace_facts(t)->dropped == (last ? N - n : 0));
    trace_read_close(t);
    return n;
}

static off_t size_of(const char *dir, const char *name)
{
    char path[600];
    struct stat st;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    return stat(path, &st) == 0 ? st.st_size : -1;
}

/* From hardly more than the metadata takes to several packets; an odd number, too. */
static void limited_file(void)
{
    static rlim_t limits[5 + EVENT_BYTES] = {40 << 10, 100001, 256 << 10, 300 << 10, 700 << 10};
    struct rlimit old, small;

    for (size_t i = 0; i < EVENT_BYTES; i++) /* one of them ends where an event does */
        limits[5 + i] = 50000 + i;

    getrlimit(RLIMIT_FSIZE, &old);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        const char *disk = make_dir("disk"), *ring = make_dir("ring");
        small = (struct rlimit){limits[i], old.rlim_max};
        setrlimit(RLIMIT_FSIZE, &small);
        fill(disk, 0, "ulimit");
        fill(ring, N, "ulimit");
        setrlimit(RLIMIT_FSIZE, &old);
        CHECK(size_of(disk, "events") > (off_t)limits[i] - EVENT_MAX);
        CHECK(size_of(disk, "events") <= (off_t)limits[i]);
        CHECK(size_of(ring, "events") > (off_t)limits[i] / 4);
    }
    make_dir("disk");
    make_dir("ring");
}

/* A small disk, in a mount namespace of a child's own. */
static int small_disk(const char *dir, const char *size)
{
    char path[600];
    struct statvfs room;

    if (unshare(geteuid() ? CLONE_NEWUSER | CLONE_NEWNS : CLONE_NEWNS) || mkdir(dir, 0777) ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount("tmpfs", dir, "tmpfs", 0, size))
        return 77;
    snprintf(path, sizeof path, "%s/disk", dir);
    fill(path, 0, "No space left");
    CHECK(strstr(said, "--trace-last") != NULL);
    CHECK(statvfs(dir, &room) == 0 && room.f_bfree <= 1);
    make_remove(path);
    snprintf(path, sizeof path, "%s/ring", dir);
    fill(path, N, "No space left");
    return check_failed ? 1 : 0;
}

static void full_disk(const char *size)
{
    const char *dir = make_dir("mount");
    pid_t child;
    int status;

    fflush(NULL);
    child = fork();
    if (child == 0)
        _exit(small_disk(dir, size));
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
    full_disk("size=80k");
    full_disk("size=200k");
    full_disk("size=1m");
    full_disk("size=2m");
    make_end();
    return check_report("t_trace_full");
}
