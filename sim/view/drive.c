/* sim/view/drive.c -- when the machine runs and how far: what the viewer's hand does.
 *
 * The command's loop runs the machine; here is said up to where (view_until), and after every stop
 * whether it is to stand (view_serve). While it runs the viewer is only told things, at the host's
 * tick; whatever it asks makes the machine stop, and is done then. A viewer that is gone leaves the
 * machine running as if there had been none. SPDX-License-Identifier: MIT */
#include "sim/view/view.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sim/event.h"
#include "sim/object.h"
#include "sim/probe.h"
#include "sim/snap.h"
#include "sim/sym.h"
#include "sim/view/answer.h"
#include "sim/view/door.h"
#include "sim/view/feed.h"
#include "sim/view/wire.h"

enum { SLICES = 20 /* a second, under a speed limit */, WAIT_MS = 50, AROUND_MAX = 10000000 };

#define CROSSINGS                                                                                  \
    (1ull << TRACE_SYSCALL | 1ull << TRACE_SYSRET | 1ull << TRACE_SYSENTER |                       \
     1ull << TRACE_SYSEXIT | 1ull << TRACE_INT | 1ull << TRACE_IRET | 1ull << TRACE_EXCEPTION |    \
     1ull << TRACE_INTERRUPT | 1ull << TRACE_CR3 | 1ull << TRACE_VMENTER | 1ull << TRACE_VMEXIT |  \
     1ull << TRACE_FARCALL)

static struct {
    struct view_config config;
    bool open, stands, told; /* told: the viewer knows where it stands */
    bool waits;              /* it stands until the first viewer comes */
    bool goes;               /* on the way to where it is to stand */
    bool looks;              /* elsewhere for a moment, of which the viewer is not to know */
    uint64_t start, furthest;
    uint64_t end; /* where the machine ends, UINT64_MAX = not known */
    char why[VIEW_TEXT];
    /* An errand: the machine runs to a count, to the next crossing or to a place, and stands. */
    uint64_t until;
    int listener, probe; /* -1 = none */
    char program[64];    /* of the place; "" = any */
    bool there;
    uint64_t speed, slice_end; /* 0 = no limit */
    double slice_due;
} drive = {.until = UINT64_MAX, .end = UINT64_MAX, .listener = -1, .probe = -1};

static double host_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- telling ---- */

static void send_hello(void)
{
    struct view_hello hello = {VIEW_MAGIC, VIEW_VERSION, drive.start, 1, 0};
    const char *title = drive.config.title ? drive.config.title : "";

    wire_begin(VIEW_HELLO);
    wire_put(&hello, sizeof hello);
    wire_put(title, strlen(title));
    wire_end();
}

static void send_state(void)
{
    uint32_t thread;
    struct view_state s = {.icount = sim_icount(),
                           .furthest = drive.furthest,
                           .speed = drive.speed,
                           .dropped = feed_dropped(),
                           .domain = (uint16_t)sim_domain_now()};

    s.behalf = (uint16_t)sim_behalf_now(&thread);
    s.thread = thread;
    s.what = drive.goes || !drive.stands ? VIEW_RUNS
             : sim_icount() >= drive.end ? VIEW_ENDED
                                         : VIEW_STANDS;
    wire_begin(VIEW_STATE);
    wire_put(&s, sizeof s);
    if (s.what == VIEW_ENDED)
        wire_put(drive.why, strlen(drive.why));
    wire_end();
}

static void tell(size_t most)
{
    if (sim_icount() > drive.furthest)
        drive.furthest = sim_icount();
    if (feed_send(most) || drive.stands)
        send_state();
    wire_flush();
}

/* ---- errands ---- */

static void errand_end(void)
{
    if (drive.listener >= 0)
        sim_unlisten(drive.listener);
    if (drive.probe >= 0)
        sim_probe_remove(drive.probe);
    drive.listener = drive.probe = -1;
    drive.until = UINT64_MAX;
    drive.there = false;
}

static void on_crossing(void *ctx, const struct trace_record *r)
{
    (void)ctx;
    if (r->from == r->to)
        return;
    drive.there = true;
    sim_stop_request();
}

/* Programs lie at the same addresses: "pager:main" is meant in the spaces that run the pager. */
static void on_place(void *ctx, int probe, gva pc)
{
    unsigned domain = sim_domain_now();
    const char *image = domain & 1 ? sim_space_image(domain / 2) : "kernel";

    (void)ctx, (void)probe, (void)pc;
    if (drive.program[0] && sim_debug_block() && (!image || strcmp(image, drive.program) != 0))
        return;
    drive.there = true;
    sim_stop_request();
}

static void run_until(uint64_t until)
{
    errand_end();
    drive.until = until;
    drive.stands = false;
}

static void run_to_crossing(void)
{
    errand_end();
    drive.listener = sim_listen(CROSSINGS, on_crossing, NULL);
    drive.stands = drive.listener < 0;
}

static void run_to_symbol(const char *text)
{
    size_t colon = strcspn(text, ":");
    gva at;

    errand_end();
    snprintf(drive.program, sizeof drive.program, "%.*s", text[colon] ? (int)colon : 0, text);
    if (sim_sym_address(text, &at) == 0)
        drive.probe = sim_probe_virt(SIM_CR3_ANY, at, on_place, NULL);
    if (drive.probe < 0)
        answer_said("%.200s", sim_error());
    else
        drive.stands = false;
}

/* ---- going somewhere ---- */

/* By an ordinary run, so that the events of the way are told again. */
static void run_there(uint64_t to)
{
    uint64_t before;

    do {
        before = sim_icount();
        sim_run(to);
    } while (sim_icount() < to && sim_icount() > before && !drive.config.ended());
}

/* At its very end the machine says that it has ended, which is no failure here. */
static bool gone_to(uint64_t to)
{
    if (sim_goto(to) == 0 || sim_icount() == to)
        return true;
    answer_said("%.200s", sim_error());
    return false;
}

/* What comes next is told, too; then the machine is back. */
static void show_behind(uint64_t here, uint64_t to)
{
    feed_send(FEED_KEPT);
    run_there(to);
    feed_send(FEED_KEPT);
    gone_to(here);
    feed_moved();
}

/* To a place where it was, with the events around that. */
static void go_there(uint64_t to, uint64_t around)
{
    uint64_t from = to - drive.start < around ? drive.start : to - around;

    if (!gone_to(from))
        return;
    feed_moved();
    run_there(to);
    if (around && to < drive.furthest)
        show_behind(to, drive.furthest - to < around ? drive.furthest : to + around);
}

static void go(uint64_t to, uint64_t around)
{
    errand_end();
    drive.stands = true;
    to = to < drive.start ? drive.start : to;
    if (to > drive.furthest && drive.end == UINT64_MAX) {
        run_until(to);
        return;
    }
    drive.goes = true;
    go_there(to > drive.furthest ? drive.furthest : to, around);
    drive.goes = false;
}

/* What the registers were at a moment; the machine stands where it stood. */
static void look(uint64_t at)
{
    uint64_t home = sim_icount();

    if (at > drive.furthest || at < drive.start)
        return;
    sim_event_flush();
    drive.looks = true;
    if (gone_to(at))
        answer_place();
    gone_to(home);
    drive.looks = false;
    feed_moved();
}

/* ---- what is asked ---- */

static void obey(const struct wire_message *m)
{
    uint64_t a = m->ask.a;

    switch (m->kind) {
    case VIEW_PAUSE:
        errand_end();
        drive.stands = true;
        break;
    case VIEW_RUN:
        errand_end();
        drive.stands = false;
        break;
    case VIEW_STEP:
        run_until(a < UINT64_MAX - sim_icount() ? sim_icount() + a : UINT64_MAX);
        break;
    case VIEW_CROSSING:
        run_to_crossing();
        break;
    case VIEW_GOTO:
        go(a, m->ask.b < AROUND_MAX ? m->ask.b : AROUND_MAX);
        break;
    case VIEW_SPEED:
        drive.speed = a;
        drive.slice_end = 0;
        break;
    case VIEW_LOOK:
        look(a);
        break;
    case VIEW_FOLLOW:
        answer_chain((uint32_t)m->ask.b, a);
        break;
    case VIEW_FIND:
        answer_symbol(m->text);
        break;
    case VIEW_REACH:
        run_to_symbol(m->text);
        break;
    }
}

/* What asks only for an answer leaves the viewer's knowledge of the place as it is. */
static bool moves(unsigned kind)
{
    return kind != VIEW_LOOK && kind != VIEW_FOLLOW && kind != VIEW_FIND;
}

static void obey_all(void)
{
    struct wire_message m;

    while (wire_next(&m)) {
        if (!drive.stands) /* what was not sent yet belongs before what comes now */
            feed_send(FEED_KEPT);
        obey(&m);
        drive.told = drive.told && !moves(m.kind);
    }
}

/* ---- the doors ---- */

static int welcome(int fd)
{
    if (wire_open(fd) != 0)
        return -1;
    send_hello();
    return feed_open();
}

int view_open(const struct view_config *config)
{
    drive.config = *config;
    drive.start = drive.furthest = sim_icount();
    drive.stands = config->paused;
    drive.waits = config->paused && config->fd < 0;
    door_open(config->door);
    drive.open = true;
    return config->fd < 0 ? 0 : welcome(config->fd);
}

void view_close(void)
{
    if (!drive.open)
        return;
    drive.open = false;
    errand_end();
    if (wire_up()) {
        answer_said("the run is over");
        wire_flush();
    }
    feed_close();
    wire_close();
    door_refuse("the run is over");
    door_close();
}

static bool up(void)
{
    return drive.open && wire_up();
}

/* Without a viewer nothing is kept for one. */
static void forget(void)
{
    errand_end();
    feed_close();
    drive.stands = false;
    drive.speed = 0;
}

/* Who knocks is let in where the machine stands between two instructions: so it is to stop. */
static bool expected(void)
{
    if (!drive.open || !door_knocked())
        return false;
    if (!wire_up() || wire_leaving())
        return true;
    door_refuse("another viewer is at this run: only one can be");
    return false;
}

/* A viewer for whom there is no memory is as one that never came. */
static void let_in(void)
{
    int fd = door_let_in();

    if (fd < 0)
        return;
    if (welcome(fd) != 0)
        wire_close();
    drive.waits = drive.told = false;
}

bool view_tick(void)
{
    if (drive.looks)
        return false;
    if (expected())
        return true;
    if (!up())
        return false;
    tell(FEED_RUNNING);
    return !wire_up() || wire_pending();
}

uint64_t view_until(uint64_t due)
{
    if (!up())
        return due;
    if (drive.until < due)
        due = drive.until;
    if (!drive.speed)
        return due;
    drive.slice_end = sim_icount() + (drive.speed > SLICES ? drive.speed / SLICES : 1);
    drive.slice_due = host_now() + (double)(drive.slice_end - sim_icount()) / (double)drive.speed;
    return drive.slice_end < due ? drive.slice_end : due;
}

/* Under a speed limit the rest of the slice's time is spent here. */
static bool slice_waits(void)
{
    double left = drive.slice_due - host_now();

    if (!drive.speed || !drive.slice_end || sim_icount() < drive.slice_end || left <= 0)
        return false;
    wire_wait(left * 1000 < WAIT_MS ? (int)(left * 1000) + 1 : WAIT_MS);
    return true;
}

static void arrived(bool end, const char *why)
{
    if (end && sim_icount() < drive.end) {
        drive.end = sim_icount();
        strncpy(drive.why, why, sizeof drive.why - 1);
    }
    if (!drive.there && sim_icount() < drive.until && !end)
        return;
    errand_end();
    drive.stands = true;
}

static void stand(void)
{
    if (!drive.told && wire_up()) {
        tell(FEED_KEPT);
        answer_place();
    }
    drive.told = true;
    wire_wait(WAIT_MS);
}

enum view_turn view_serve(bool end, const char *why)
{
    if (!drive.open)
        return end ? VIEW_OVER : VIEW_GOES_ON;
    arrived(end, why);
    drive.told = false;
    for (;;) {
        obey_all();
        if (drive.config.ended())
            return VIEW_OVER;
        if (!wire_up() && !drive.waits)
            forget();
        if (!wire_up())
            let_in();
        expected();
        if (!drive.stands && sim_icount() >= drive.end && wire_up())
            drive.stands = true; /* nothing comes behind the end */
        if (drive.stands)
            stand();
        else if (!slice_waits())
            break;
        else
            tell(FEED_RUNNING);
    }
    return sim_icount() >= drive.end ? VIEW_OVER : VIEW_GOES_ON;
}
