/* Property: a machine that went back and on again is, digest and all, the one that never did, and
 * tells its sinks nothing twice; going back leaves a snapshot for the next time; and a guest that
 * asks for snapshots in a loop gets few. SPDX-License-Identifier: MIT */
#include <string.h>
#include "sim/core/digest.h"
#include "sim/event.h"
#include "sim/regs.h"
#include "sim/snap.h"
#include "sim/tests/machine_cases.h"

/* ---- the digest ---- */

enum { FIRST = 60001, SECOND = 200003 }; /* thousands of crossings between them */

static bool digest_is(const char *want)
{
    struct sim_digest d;
    sim_digest_take(&d);
    return strcmp(d.whole, want) == 0;
}

/* The digests at FIRST and SECOND of a machine that only ever ran on, from a process of its own. */
static void undisturbed(struct sim_digest at[2])
{
    int fd[2];
    CHECK(pipe(fd) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        boot("pingpong", "n=50000");
        sim_digest_start();
        sim_run(FIRST);
        sim_digest_take(&at[0]);
        sim_run(SECOND);
        sim_digest_take(&at[1]);
        sim_destroy();
        _exit(write(fd[1], at, 2 * sizeof *at) != 2 * sizeof *at);
    }
    CHECK(read(fd[0], at, 2 * sizeof *at) == 2 * sizeof *at);
    waitpid(pid, NULL, 0);
}

static void digest_goes_back(void)
{
    struct sim_digest at[2];
    undisturbed(at);
    boot("pingpong", "n=50000");
    CHECK(sim_digest_start() == 0);
    sim_snapshot();
    sim_run(SECOND);
    CHECK(digest_is(at[1].whole));
    CHECK(sim_goto(FIRST) == 0);
    CHECK(digest_is(at[0].whole));
    sim_run(SECOND);
    CHECK(digest_is(at[1].whole));
    CHECK(sim_goto(FIRST - 999) == 0);
    sim_reg_set(SIM_REG_r11, sim_reg_get(SIM_REG_r11)); /* another future, alike in everything */
    sim_run(FIRST);
    CHECK(digest_is(at[0].whole));
    sim_run(SECOND);
    CHECK(digest_is(at[1].whole));
}

/* The trace's sinks keep what they had and are told nothing twice. */
static uint64_t told;
static void count(void *ctx, const struct trace_record *r, size_t n)
{
    (void)ctx, (void)r;
    told += n;
}

static void sinks_stay(void)
{
    boot("pingpong", "n=50000");
    CHECK(sim_sink_add(&(struct sim_sink){.take = count, .ctx = &told}) == 0);
    sim_snapshot();
    sim_run(SECOND);
    uint64_t once = told;
    CHECK(once > 4000);
    CHECK(sim_goto(FIRST) == 0);
    sim_run(SECOND);
    CHECK(told == once);
}

/* ---- a snapshot near where one went back to ---- */

enum { PLACE = 2000001, END = 3000000, NEAR = 50000, MOST = 8 };

static uint64_t latest_before(uint64_t icount)
{
    uint64_t at = 0;

    for (unsigned i = 0; i < sim_snapshot_count(); i++)
        if (sim_snapshot_icount(i) <= icount)
            at = sim_snapshot_icount(i);
    return at;
}

/* Whoever goes back is served fast the next time, and it changes nothing; there are never more than
 * were asked for. */
static void one_is_left_near(void)
{
    struct sim_digest at[2];

    boot("pingpong", "n=2000000");
    CHECK(sim_digest_start() == 0 && sim_snapshot_schedule(MOST, 1 << 30) == 0);
    sim_run(PLACE);
    sim_digest_take(&at[0]);
    sim_run(END);
    sim_digest_take(&at[1]);
    CHECK(sim_goto(PLACE) == 0 && digest_is(at[0].whole));
    CHECK(latest_before(PLACE) >= PLACE - NEAR);
    unsigned n = sim_snapshot_count();
    CHECK(sim_goto(PLACE - 1) == 0 && sim_goto(PLACE) == 0 && digest_is(at[0].whole));
    CHECK(sim_snapshot_count() == n);
    for (uint64_t to = PLACE; to > 600000; to -= 100000)
        CHECK(sim_goto(to) == 0 && sim_snapshot_count() <= MOST);
    sim_run(END);
    CHECK(digest_is(at[1].whole));
}

/* ---- changes by hand ---- */

enum { HAND = 0x1234 };

/* A change is part of the history from then on; going behind it and on from there undoes it.
 * However many snapshots come and go, it stays. */
static void changes_stay(void)
{
    struct sim_digest at[2], changed;

    undisturbed(at);
    boot("pingpong", "n=50000");
    CHECK(sim_digest_start() == 0 && sim_snapshot_schedule(4, 1 << 30) == 0);
    sim_run(FIRST);
    CHECK(sim_reg_get(SIM_REG_r12) != HAND && sim_reg_set(SIM_REG_r12, HAND) == 0);
    CHECK(sim_goto(FIRST - 5) == 0 && sim_reg_get(SIM_REG_r12) != HAND);
    CHECK(sim_goto(FIRST) == 0 && sim_reg_get(SIM_REG_r12) == HAND);
    sim_run(SECOND);
    sim_digest_take(&changed);
    CHECK(sim_reg_get(SIM_REG_r12) == HAND && !digest_is(at[1].whole));
    CHECK(sim_snapshot_change(SECOND) == FIRST && sim_snapshot_change(FIRST) == 0);
    for (uint64_t to = SECOND - 1; to > FIRST; to -= 20000)
        CHECK(sim_goto(to) == 0 && sim_reg_get(SIM_REG_r12) == HAND);
    for (int i = 0; i < 8; i++)
        CHECK(sim_run(sim_icount() + 100) == SIM_STOP_ICOUNT && sim_snapshot() >= 0);
    CHECK(sim_goto(FIRST - 1) == 0 && sim_reg_get(SIM_REG_r12) != HAND);
    CHECK(sim_goto(SECOND) == 0 && digest_is(changed.whole));
    CHECK(sim_goto(FIRST - 1) == 0);
    sim_run(SECOND);
    CHECK(digest_is(at[1].whole) && sim_snapshot_change(SECOND) == 0);
    CHECK(sim_goto(FIRST) == 0 && sim_reg_get(SIM_REG_r12) != HAND && digest_is(at[0].whole));
}

/* ---- a guest's snapshots ---- */

static void asked_in_a_loop(void)
{
    boot("marks", "snaps=2000000");
    CHECK(sim_run(UINT64_MAX) == SIM_STOP_EXIT);
    CHECK(sim_icount() > 10000000);
    CHECK(sim_snapshot_count() == 1 + sim_icount() / 5000000);
}

static void (*const cases[])(void) = {digest_goes_back, sinks_stay, one_is_left_near, changes_stay,
                                      asked_in_a_loop};

int main(int argc, char **argv)
{
    return run_cases(argc, argv, "snap", cases, sizeof cases / sizeof *cases);
}
