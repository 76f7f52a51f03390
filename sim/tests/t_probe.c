/* Property: a probe is told of every execution of its instruction, before it happens, and nothing
 * else; a watchpoint of every access to its bytes, string instructions' included, and of no other;
 * and a machine stopped by either goes on as if nothing had been.
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "sim/event.h"
#include "sim/mem.h"
#include "sim/probe.h"
#include "sim/regs.h"
#include "sim/snap.h"
#include "sim/sym.h"
#include "sim/tests/machine_cases.h"

static gva address(const char *symbol)
{
    gva at = 0;
    CHECK(sim_sym_address(symbol, &at) == 0);
    return at;
}

static unsigned hits;
static bool stop_each;

static void on_hit(void *ctx, int probe, gva pc)
{
    (void)probe;
    hits++;
    CHECK(pc == *(gva *)ctx);
    CHECK(sim_reg_get(SIM_REG_rip) == pc);
    if (stop_each)
        sim_stop_request();
}

static void every_execution(void)
{
    boot("pingpong", "n=1000");
    gva at = address("kernel:call_entry");
    CHECK(sim_probe_virt(SIM_CR3_ANY, at, on_hit, &at) >= 0);
    CHECK(sim_run(UINT64_MAX) == SIM_STOP_EXIT);
    CHECK(hits == 1000);
}

static void stands_before(void)
{
    boot("pingpong", "n=50");
    gva at = address("call_entry");
    unsigned stops = 0;
    stop_each = true;
    sim_probe_phys(at, on_hit, &at); /* this guest's addresses are physical ones */
    for (; sim_run(UINT64_MAX) == SIM_STOP_REQUEST; stops++) {
        uint64_t here = sim_icount();
        CHECK(sim_reg_get(SIM_REG_rip) == at);
        CHECK(sim_step() == SIM_STOP_ICOUNT);
        CHECK(sim_icount() == here + 1);
        CHECK(sim_reg_get(SIM_REG_rip) != at);
    }
    CHECK(stops == 50 && hits == 50);
}

static void only_its_space(void)
{
    boot("pingpong", "n=100");
    gva at = address("call_entry");
    sim_probe_virt(0x7000, at, on_hit, &at);
    CHECK(sim_run(UINT64_MAX) == SIM_STOP_EXIT);
    CHECK(hits == 0);
}

static void removed(void)
{
    boot("pingpong", "n=100");
    gva at = address("call_entry");
    int probe = sim_probe_virt(SIM_CR3_ANY, at, on_hit, &at);
    stop_each = true;
    CHECK(sim_run(UINT64_MAX) == SIM_STOP_REQUEST);
    sim_probe_remove(probe);
    CHECK(sim_run(UINT64_MAX) == SIM_STOP_EXIT);
    CHECK(hits == 1);
}

static uint64_t seen;

static void on_write(void *ctx, int watch, gva at, size_t n, unsigned how, uint64_t value)
{
    (void)watch;
    hits++;
    CHECK(how == SIM_WATCH_WRITE && at == *(gva *)ctx && n >= 1);
    seen = value;
    if (stop_each)
        sim_stop_request();
}

static void counts_up(void)
{
    boot("timer", "n=25");
    gva at = address("pit_count");
    stop_each = true;
    CHECK(sim_watch(SIM_CR3_ANY, at, 8, SIM_WATCH_WRITE, on_write, &at) >= 0);
    for (unsigned i = 1; i <= 25; i++) {
        uint64_t now = 0;
        CHECK(sim_run(UINT64_MAX) == SIM_STOP_REQUEST);
        sim_virt_read(SIM_CR3_NOW, at, &now, 8);
        CHECK(seen == i && now == i);
    }
    CHECK(sim_run(UINT64_MAX) == SIM_STOP_EXIT);
    CHECK(hits == 25);
}

/* rep.c writes to[100] six times a round: three copies up, two down, one fill. */
static void string_instructions(void)
{
    boot("rep", "n=3");
    gva at = address("to") + 100;
    sim_watch(SIM_CR3_ANY, at, 1, SIM_WATCH_WRITE, on_write, &at);
    CHECK(sim_run(UINT64_MAX) == SIM_STOP_EXIT);
    CHECK(hits == 18);
}

/* Back to before a write, and forward again: the watch sees it again, and the same. */
static void seen_again(void)
{
    boot("timer", "n=25");
    gva at = address("pit_count");
    sim_snapshot();
    stop_each = true;
    sim_watch(SIM_CR3_ANY, at, 8, SIM_WATCH_WRITE, on_write, &at);
    for (unsigned i = 0; i < 10; i++)
        sim_run(UINT64_MAX);
    uint64_t tenth = sim_icount();
    CHECK(sim_goto(tenth - 1) == 0);
    CHECK(hits == 10); /* going somewhere tells nobody */
    CHECK(sim_run(UINT64_MAX) == SIM_STOP_REQUEST);
    CHECK(sim_icount() == tenth && seen == 10 && hits == 11);
}

/* A tool's change in the past makes another future, and the old one's snapshots are dropped. */
static void another_future(void)
{
    boot("pingpong", "n=1000");
    sim_snapshot();
    sim_run(20000);
    sim_snapshot();
    CHECK(sim_snapshot_count() == 2);
    CHECK(sim_goto(17000) == 0);
    CHECK(sim_reg_set(SIM_REG_r11, 1) == 0);
    CHECK(sim_snapshot_count() == 1);
    CHECK(sim_reg_get(SIM_REG_r11) == 1);
}

static void (*const cases[])(void) = {
    every_execution, stands_before, only_its_space,      removed,
    counts_up,       seen_again,    string_instructions, another_future,
};

int main(int argc, char **argv)
{
    return run_cases(argc, argv, "probe", cases, sizeof cases / sizeof *cases);
}
