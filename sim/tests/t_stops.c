/* Property: a count names one place, before what is delivered there, and a stop in a delivery
 * stands behind it; a machine that sleeps for ever says so each time; a tick of the host that comes
 * late does no harm; a triple fault names the exceptions that it is made of, which go back in time.
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <string.h>
#include "sim/core/digest.h"
#include "sim/event.h"
#include "sim/fault.h"
#include "sim/regs.h"
#include "sim/snap.h"
#include "sim/tests/machine_cases.h"

/* ---- one count, two places ---- */

static void stop_at_it(void *ctx, const struct trace_record *r)
{
    *(uint64_t *)ctx = r->icount;
    sim_stop_request();
}

static void before_and_behind(void)
{
    uint64_t at = 0;
    char stepped[65];
    struct sim_digest d;
    boot("moment", "n=50");
    sim_snapshot();
    int id = sim_listen(1ull << TRACE_INTERRUPT, stop_at_it, &at);
    for (int i = 0; i < 7; i++)
        CHECK(sim_run(UINT64_MAX) == SIM_STOP_REQUEST);
    sim_unlisten(id);

    CHECK(sim_icount() == at && sim_interrupted());
    gva handler = sim_reg_get(SIM_REG_rip);
    uint64_t rsp = sim_reg_get(SIM_REG_rsp);
    int behind = sim_snapshot();
    sim_step();
    CHECK(sim_icount() == at + 1 && !sim_interrupted());
    sim_digest_take(&d);
    memcpy(stepped, d.state, sizeof stepped);

    CHECK(sim_goto(at) == 0); /* there is a snapshot at this count: of the other place */
    CHECK(sim_icount() == at && !sim_interrupted());
    CHECK(sim_reg_get(SIM_REG_rip) != handler && sim_reg_get(SIM_REG_rsp) != rsp);
    CHECK(sim_snapshot() != behind);
    CHECK(sim_snapshot_count() == 3);
    sim_step();
    sim_digest_take(&d);
    CHECK(strcmp(d.state, stepped) == 0);
}

static void from_behind_to_before(void)
{
    uint64_t at = 0;
    boot("moment", "n=50");
    sim_snapshot();
    int id = sim_listen(1ull << TRACE_INTERRUPT, stop_at_it, &at);
    CHECK(sim_run(UINT64_MAX) == SIM_STOP_REQUEST);
    sim_unlisten(id);
    gva handler = sim_reg_get(SIM_REG_rip);
    CHECK(sim_goto(at) == 0);
    CHECK(sim_icount() == at && !sim_interrupted() && sim_reg_get(SIM_REG_rip) != handler);
    CHECK(sim_goto(at) == 0);
    CHECK(sim_icount() == at && !sim_interrupted());
}

/* ---- asleep for ever ---- */

static void halted_again(void)
{
    boot("halt", "");
    sim_snapshot();
    CHECK(sim_run(UINT64_MAX) == SIM_STOP_HALTED);
    uint64_t at = sim_icount();
    CHECK(sim_run(at + 1000) == SIM_STOP_HALTED); /* it would wait for ever */
    CHECK(sim_icount() == at);
    CHECK(sim_goto(at - 1) == 0);
    CHECK(sim_run(UINT64_MAX) == SIM_STOP_HALTED && sim_icount() == at);
    CHECK(sim_goto(at + 1) < 0);
}

/* ---- the host's tick ---- */

static void tick(void *ctx)
{
    (void)ctx;
}

/* A tick that was sent before the end and arrives behind it does no harm. */
static void late_tick(void)
{
    sigset_t alarm;
    boot("hello", "");
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarm, NULL);
    sim_host_tick(tick, NULL);
    kill(getpid(), SIGALRM);
    sim_host_tick(NULL, NULL);
    sigprocmask(SIG_UNBLOCK, &alarm, NULL);
    CHECK(sim_run(UINT64_MAX) == SIM_STOP_EXIT);
}

/* ---- what a triple fault is made of ---- */

static void dies_of(const unsigned *vectors, size_t n)
{
    struct sim_fault f[SIM_FAULTS], again[SIM_FAULTS];
    sim_snapshot();
    CHECK(sim_run(UINT64_MAX) == SIM_STOP_TRIPLE);
    size_t got = sim_faults(f);
    CHECK(got == n);
    for (size_t i = 0; i < n && i < got; i++) {
        CHECK(f[i].vector == vectors[i]);
        CHECK(f[i].rip == f[0].rip && f[i].rip == sim_reg_get(SIM_REG_rip));
        CHECK((f[i].vector == 14) == (f[i].addr != 0));
    }
    CHECK(sim_goto(0) == 0);
    CHECK(sim_faults(again) == 0); /* they have not been, yet */
    CHECK(sim_run(UINT64_MAX) == SIM_STOP_TRIPLE);
    CHECK(sim_faults(again) == got && memcmp(f, again, got * sizeof *f) == 0);
}

static void no_table(void)
{
    boot("triple", "");
    dies_of((const unsigned[]){6, 13, 13, 8, 13}, 5);
}

static void no_memory(void)
{
    boot("storm", "n=9 die=1");
    dies_of((const unsigned[]){14, 14, 8, 14}, 4);
}

static void (*const cases[])(void) = {
    before_and_behind, from_behind_to_before, halted_again, late_tick, no_table, no_memory};

int main(int argc, char **argv)
{
    return run_cases(argc, argv, "stops", cases, sizeof cases / sizeof *cases);
}
