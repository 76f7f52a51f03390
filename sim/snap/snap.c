/* sim/snap/snap.c -- snapshots in memory, by fork(), and going back to them.
 *
 * A snapshot is a child process that does nothing but hold its copy-on-write memory and send it on
 * request; going back copies the machine's part of it into this process, which keeps its own memory
 * for everything else (scripts, sockets, probes). Then the machine runs on to the wanted count.
 * Invariant: snapshots are in ascending order of place (icount, and at the same icount before an
 * interrupt's delivery, then behind it), and every one lies in the history that the
 * machine is in: a change made in the past drops what came after. Behind a change by hand there is
 * always a snapshot, because replaying does not repeat it.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "sim/core/machine.h"
#include "sim/core/observe.h"
#include "sim/core/shim.h"
#include "sim/snap.h"
#include "sim/snap/image.h"

#define SNAPSHOTS      256
#define FIRST_INTERVAL 5000000ull /* instructions; see spacing() */
#define FAR_BACK       500000ull /* instructions to replay from which on a nearer one is worth it, */
#define NEAR_BYTES     (1ull << 30) /* of memory for the one gone back to often */
#define NEAR_BACK      50000ull     /* so near */

struct snapshot {
    uint64_t icount;
    bool interrupted; /* behind the delivery of an interrupt at that icount */
    bool changed;     /* no run from before leads here: something was changed by hand */
    uint64_t bytes;   /* memory that it keeps from being shared, as estimated from page faults */
    pid_t pid;
    int fd;
    int id;
};

static struct snapshot snaps[SNAPSHOTS];
static unsigned snap_n;
static int next_id = 1;
static unsigned limit_n; /* of the schedule; 0 = off */
static uint64_t limit_bytes;
static long faults_before;
static bool changed; /* by hand, and no snapshot has it yet */

/* ---- the child ---- */

static int put_fd(void *ctx, void *bytes, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t w = write(*(int *)ctx, (char *)bytes + done, n - done);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return -1;
        done += (size_t)w;
    }
    return 0;
}

static int get_fd(void *ctx, void *bytes, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t r = read(*(int *)ctx, (char *)bytes + done, n - done);
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            return -1;
        done += (size_t)r;
    }
    return 0;
}

/* Holds no file of the tool's open, dies with it, and takes no signal meant for it. */
static void detach(int fd, pid_t parent)
{
    int null = open("/dev/null", O_RDWR);
    for (int i = 0; i < 3; i++)
        dup2(null, i);
    int keep = fcntl(fd, F_DUPFD, 3);
    dup2(keep, 3);
    close_range(4, ~0u, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "flatfish-snap");
    setpgid(0, 0);
    signal(SIGPIPE, SIG_IGN);
    if (getppid() != parent)
        _exit(0);
}

__attribute__((noreturn)) static void hold(int fd, pid_t parent)
{
    char request;
    int out = 3;
    bool slim = false;
    detach(fd, parent);
    for (; get_fd(&out, &request, 1) == 0; slim = true) {
        if (!slim)
            image_slim();
        if (image_send(put_fd, &out) < 0)
            break;
    }
    _exit(0);
}

/* ---- the nearest one, in this process ---- */

/* Who goes back to the same one again and again gets it from here: what it sent, kept the second
 * time. */
static struct {
    int id, last_id; /* of the one kept, 0 = none; of the last one gone back to */
    uint8_t *bytes;
    size_t n, room;
    bool whole; /* no memory was missing */
} near;

static void near_drop(void)
{
    free(near.bytes);
    near.bytes = NULL;
    near.n = near.room = 0;
    near.id = 0;
}

static void near_add(const void *bytes, size_t n)
{
    size_t room = near.room ? near.room : 1 << 20;

    while (room < near.n + n)
        room *= 2;
    if (near.whole && room > near.room) {
        uint8_t *more = room <= NEAR_BYTES ? realloc(near.bytes, room) : NULL;
        near.whole = more != NULL;
        near.bytes = more ? more : near.bytes;
        near.room = more ? room : near.room;
    }
    if (near.whole)
        memcpy(near.bytes + near.n, bytes, n);
    near.n += n;
}

static int get_near(void *ctx, void *bytes, size_t n)
{
    int result = get_fd(ctx, bytes, n);

    if (result == 0)
        near_add(bytes, n);
    return result;
}

/* ---- taking and dropping ---- */

static void drop(unsigned i)
{
    if (snaps[i].id == near.id)
        near_drop();
    close(snaps[i].fd);
    kill(snaps[i].pid, SIGKILL);
    while (waitpid(snaps[i].pid, NULL, 0) < 0 && errno == EINTR)
        ;
    memmove(&snaps[i], &snaps[i + 1], (--snap_n - i) * sizeof *snaps);
}

void snap_close(void)
{
    while (snap_n)
        drop(snap_n - 1);
    limit_n = 0;
}

/* Pages copied since the last snapshot are what that one alone holds. */
static void charge_last(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    if (snap_n)
        snaps[snap_n - 1].bytes += (uint64_t)(u.ru_minflt - faults_before) * 4096;
    faults_before = u.ru_minflt;
}

static uint64_t bytes_held(void)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < snap_n; i++)
        sum += snaps[i].bytes;
    return sum;
}

/* The one whose loss hurts least: the smallest gap compared with its age. Never the first, nor one
 * behind a change; 0 = there are no others. */
static unsigned least_useful(uint64_t now)
{
    unsigned best = 0;
    double least = 1e300;
    for (unsigned i = 1; i + 1 < snap_n; i++) {
        if (snaps[i].changed)
            continue;
        double gap = (double)(snaps[i + 1].icount - snaps[i - 1].icount);
        double cost = gap / (double)(now - snaps[i].icount + 1);
        if (cost < least) {
            least = cost;
            best = i;
        }
    }
    return best;
}

/* Where nothing else can go, the history before the first change does. */
static void drop_one(uint64_t now)
{
    unsigned least = least_useful(now);

    drop(least);
    while (least == 0 && snap_n > 1 && !snaps[0].changed)
        drop(0);
}

static void thin(uint64_t now)
{
    while (snap_n > 2 && (snap_n >= limit_n || bytes_held() > limit_bytes))
        drop_one(now);
}

/* Of two places, is the first one the earlier? */
static bool earlier(const struct snapshot *a, const struct snapshot *b)
{
    return a->icount < b->icount || (a->icount == b->icount && a->interrupted < b->interrupted);
}

static struct snapshot here(void)
{
    return (struct snapshot){.icount = bxs_icount(), .interrupted = bxs_interrupted()};
}

static int find_same(const struct snapshot *now, unsigned *after)
{
    unsigned i = 0;
    while (i < snap_n && earlier(&snaps[i], now))
        i++;
    *after = i;
    return i < snap_n && !earlier(now, &snaps[i]) ? snaps[i].id : -1;
}

int sim_snapshot(void)
{
    int pair[2];
    unsigned place;
    struct snapshot now = here();
    int same;
    now.changed = changed;
    changed = false;
    same = find_same(&now, &place);
    if (same >= 0 && !now.changed)
        return same;
    if (same >= 0)
        drop(place); /* it does not have the change */
    if (snap_n == SNAPSHOTS)
        drop_one(now.icount);
    find_same(&now, &place);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return sim_fail("no snapshot: %s", strerror(errno));
    charge_last();
    pid_t self = getpid();
    pid_t pid = fork();
    if (pid == 0)
        hold(pair[1], self);
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return sim_fail("no snapshot: %s; fewer or smaller machines at once may help",
                        strerror(errno));
    }
    memmove(&snaps[place + 1], &snaps[place], (snap_n++ - place) * sizeof *snaps);
    now.pid = pid;
    now.fd = pair[0];
    now.id = next_id++;
    snaps[place] = now;
    return snaps[place].id;
}

/* ---- schedule ---- */

int sim_snapshot_schedule(unsigned max, uint64_t bytes)
{
    if (max == 0) {
        limit_n = 0;
        return 0;
    }
    limit_n = max < 4 ? 4 : max > SNAPSHOTS ? SNAPSHOTS : max;
    limit_bytes = bytes ? bytes : UINT64_MAX;
    return sim_snapshot() < 0 ? -1 : 0;
}

/* One more about every 5 million instructions, later every fiftieth of the run, so that a step back
 * near the present replays little and the number taken stays proportional to the logarithm. */
static uint64_t spacing(uint64_t now)
{
    uint64_t far = now / 50;
    uint64_t most = 20 * FIRST_INTERVAL;
    return far < FIRST_INTERVAL ? FIRST_INTERVAL : far > most ? most : far;
}

uint64_t snap_due(uint64_t now)
{
    if (!limit_n)
        return UINT64_MAX;
    uint64_t last = snap_n ? snaps[snap_n - 1].icount : 0;
    if (now < last)
        return UINT64_MAX; /* in the past: nothing new is learnt */
    if (now >= last + spacing(now) && sim_snapshot() >= 0) {
        thin(now);
        last = now;
    }
    return last + spacing(last);
}

/* Of those from which one comes to `icount`, before what is delivered there, by going on. */
static struct snapshot *latest_before(uint64_t icount)
{
    const struct snapshot place = {.icount = icount};
    struct snapshot *best = NULL;
    for (unsigned i = 0; i < snap_n && !earlier(&place, &snaps[i]); i++)
        best = &snaps[i];
    return best;
}

unsigned sim_snapshot_count(void)
{
    return snap_n;
}

uint64_t sim_snapshot_icount(unsigned n)
{
    return n < snap_n ? snaps[n].icount : UINT64_MAX;
}

bool snap_worth_it(uint64_t icount)
{
    const struct snapshot *last = latest_before(icount);
    return !last || icount - last->icount >= FIRST_INTERVAL;
}

void snap_changed(void)
{
    changed = snap_n > 0;
}

void snap_keep_change(void)
{
    if (changed)
        sim_snapshot();
}

void snap_goes_on(void)
{
    const struct snapshot now = here();

    for (unsigned i = snap_n; i-- > 0 && earlier(&now, &snaps[i]);)
        if (snaps[i].changed) {
            snap_diverge();
            return;
        }
}

uint64_t sim_snapshot_change(uint64_t before)
{
    if (changed && bxs_icount() < before)
        return bxs_icount();
    for (unsigned i = snap_n; i-- > 0;)
        if (snaps[i].changed && snaps[i].icount < before)
            return snaps[i].icount;
    return 0;
}

void snap_diverge(void)
{
    const struct snapshot now = here();
    while (snap_n && earlier(&now, &snaps[snap_n - 1]))
        drop(snap_n - 1);
}

/* ---- going back ---- */

static int fetch(struct snapshot *s)
{
    char request = 'D';
    bool keep = s->id == near.last_id;

    near_drop();
    near.whole = keep;
    if (put_fd(&s->fd, &request, 1) < 0 || image_receive(keep ? get_near : get_fd, &s->fd) < 0)
        return -1;
    if (near.whole)
        near.id = s->id;
    else
        near_drop();
    return 0;
}

static int restore(struct snapshot *s)
{
    charge_last();
    machine_leave_present();
    if (s->id == near.id)
        image_patch(near.bytes, near.n);
    else if (fetch(s) < 0)
        return sim_fail("the snapshot at instruction %llu was lost: its process (%d) is gone",
                        (unsigned long long)s->icount, (int)s->pid);
    near.last_id = s->id;
    machine_restored();
    return 0;
}

/* Counts of instructions are there from where they began to be counted. */
static int replay_to_observed(void)
{
    if (!observe_stale())
        return 0;
    observe_pause();
    if (machine_replay(observe_since()) < 0)
        return -1;
    return observe_again();
}

/* Whoever goes back goes back again, a little further: a snapshot on the way serves him then. */
static int leave_one_near(uint64_t to)
{
    if (!limit_n || to - bxs_icount() < FAR_BACK)
        return 0;
    if (machine_replay(to - NEAR_BACK) < 0)
        return -1;
    if (bxs_icount() < to) {
        thin(snaps[snap_n - 1].icount);
        sim_snapshot(); /* without it nothing is wrong but the time that it takes */
    }
    return 0;
}

int sim_goto(uint64_t to)
{
    snap_keep_change();
    const struct snapshot now = here(), wanted = {.icount = to};
    struct snapshot *s = latest_before(to);
    bool back = earlier(&wanted, &now);
    if (back && !s)
        return sim_fail(
            "no snapshot reaches back to instruction %llu: start the run with snapshots "
            "on (--snapshots)",
            (unsigned long long)to);
    if (to < observe_since())
        return sim_fail("instructions are observed from instruction %llu on, %llu is earlier: end "
                        "observing first",
                        (unsigned long long)observe_since(), (unsigned long long)to);
    if (s && (back || earlier(&now, s)) && (restore(s) < 0 || replay_to_observed() < 0))
        return -1;
    return back && leave_one_near(to) < 0 ? -1 : machine_replay(to);
}
