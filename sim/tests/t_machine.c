/* Property: where the machine stands, what it has charged and where it goes next depend on nothing
 * but guest and input: not on stops, probes, snapshots or going back.
 *
 * Each case runs in a process of its own (one machine a process). Guests come from the folder named
 * by the first argument.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "sim/core/digest.h"
#include "sim/event.h"
#include "sim/mem.h"
#include "sim/probe.h"
#include "sim/regs.h"
#include "sim/snap.h"
#include "sim/sym.h"
#include "sim/tests/check.h"

static const char *guests, *data;

/* Of every event and the instruction at which it came: where an interrupt lands shows here, though
 * the guest's final state may not tell. */
static uint64_t events = 14695981039346656037ull;

static void hash(void *ctx, const struct trace_record *r, size_t n)
{
    (void)ctx;
    for (const unsigned char *b = (const void *)r, *end = (const void *)(r + n); b < end; b++)
        events = (events ^ *b) * 1099511628211ull;
}

static void boot(const char *name, const char *append)
{
    char path[512];
    struct sim_config c = {.mem_mib = 64, .append = append, .data_dir = data};
    snprintf(path, sizeof path, "%s/%s.elf", guests, name);
    c.kernel = path;
    if (sim_create(&c) < 0) {
        fprintf(stderr, "%s: %s\n", name, sim_error());
        exit(1);
    }
    static int me;
    sim_account(true);
    sim_sink_add(&(struct sim_sink){.take = hash, .ctx = &me});
}

static void state(char out[65])
{
    struct sim_digest d;
    sim_digest_take(&d);
    memcpy(out, d.state, 65);
}

static uint64_t charged(void)
{
    static struct sim_charge rows[32768];
    uint64_t sum = 0;
    size_t n = sim_charges(rows, 32768);
    for (size_t i = 0; i < n && i < 32768; i++)
        sum += rows[i].instructions;
    return sum;
}

static uint64_t rng = 88172645463325252ull;
static uint64_t rnd(uint64_t below)
{
    rng ^= rng << 13;
    rng ^= rng >> 7;
    rng ^= rng << 17;
    return rng % below;
}

/* ---- cases: each gets a guest and its arguments, runs to the end, leaves the final state ---- */

static void plain(void)
{
    sim_run(UINT64_MAX);
}

static void in_pieces(void)
{
    uint64_t want;
    while (sim_run(want = sim_icount() + 1 + rnd(5000)) == SIM_STOP_ICOUNT)
        CHECK(sim_icount() == want && charged() == want);
}

static void exact_stops(void)
{
    for (;;) {
        uint64_t want = sim_icount() + 1 + rnd(3);
        for (int i = 0; i < 2000; i++, want = sim_icount() + 1 + rnd(3)) {
            if (sim_run(want) != SIM_STOP_ICOUNT)
                return;
            CHECK(sim_icount() == want);
        }
        want = sim_icount() + 200000 + rnd(100000);
        if (sim_run(want) != SIM_STOP_ICOUNT)
            return;
        CHECK(sim_icount() == want);
    }
}

static void never(void *ctx, int probe, gva pc)
{
    (void)ctx, (void)probe, (void)pc;
}

static void idle_probes(void)
{
    for (unsigned i = 0; i < 1000; i++)
        sim_probe_virt(SIM_CR3_ANY, 0xffff900000000000ull + i * 64, never, NULL);
    sim_run(UINT64_MAX);
}

static unsigned hits;
static void hit_and_stop(void *ctx, int probe, gva pc)
{
    (void)ctx, (void)probe;
    CHECK(sim_reg_get(SIM_REG_rip) == pc);
    if (hits++ % 3 == 0)
        sim_stop_request();
}

/* Probes on real code, coming and going while it runs. */
static void busy_probes(void)
{
    int id[8] = {-1, -1, -1, -1, -1, -1, -1, -1};
    for (unsigned k = 0; k < 300; k++) {
        enum sim_stop why = sim_run(sim_icount() + 1 + rnd(30000));
        if (why != SIM_STOP_ICOUNT && why != SIM_STOP_REQUEST)
            return;
        sim_probe_remove(id[k % 8]);
        id[k % 8] = sim_probe_virt(SIM_CR3_ANY, sim_reg_get(SIM_REG_rip), hit_and_stop, NULL);
    }
    for (int i = 0; i < 8; i++)
        sim_probe_remove(id[i]);
    sim_run(UINT64_MAX);
}

static void sink(void *ctx, const struct trace_record *r, size_t n)
{
    (void)ctx, (void)r, (void)n;
}

static void seen_watch(void *ctx, int watch, gva at, size_t n, unsigned how, uint64_t value)
{
    (void)ctx, (void)watch, (void)at, (void)value;
    CHECK(n > 0 && (how & 3));
}

static void watched_and_sunk(void)
{
    struct sim_sink s = {.take = sink};
    sim_sink_add(&s);
    CHECK(sim_watch(SIM_CR3_ANY, 0x1000, 8, 3, seen_watch, NULL) >= 0);
    CHECK(sim_watch(SIM_CR3_ANY, 0x100000, 24000, 3, seen_watch, NULL) >= 0); /* code and data */
    if (sim_run(100000) != SIM_STOP_ICOUNT)
        return;
    CHECK(sim_watch(SIM_CR3_ANY, sim_reg_get(SIM_REG_rsp) - 64, 128, 3, seen_watch, NULL) >= 0);
    sim_run(UINT64_MAX);
}

static void snapshots(void)
{
    sim_snapshot_schedule(6, 256 << 20);
    while (sim_run(sim_icount() + 300000) == SIM_STOP_ICOUNT)
        sim_snapshot();
}

/* Back to random places and forward again; every place looks as it did the first time. */
static void back_and_forth(void)
{
    enum { PLACES = 6 };
    uint64_t at[PLACES];
    char seen[PLACES][65], now[65];
    sim_snapshot();
    for (int i = 0; i < PLACES; i++) {
        if (sim_run(sim_icount() + 20000 + rnd(400000)) != SIM_STOP_ICOUNT)
            return;
        at[i] = sim_icount();
        state(seen[i]);
        if (i % 2)
            sim_snapshot();
    }
    for (int k = 0; k < 12; k++) {
        int i = (int)rnd(PLACES);
        CHECK(sim_goto(at[i]) == 0);
        CHECK(sim_icount() == at[i]);
        state(now);
        CHECK(strcmp(now, seen[i]) == 0);
        CHECK(charged() == sim_icount());
    }
    sim_run(UINT64_MAX);
}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    {"plain", plain},
    {"in pieces", in_pieces},
    {"exact stops", exact_stops},
    {"idle probes", idle_probes},
    {"busy probes", busy_probes},
    {"watched", watched_and_sunk},
    {"snapshots", snapshots},
    {"back and forth", back_and_forth},
    {"resumed", NULL}, /* makes its machine by itself */
};
static const struct {
    const char *name, *append;
} programs[] = {
    {"hello", ""},     {"pingpong", "n=100000"}, {"compute", "n=3"},   {"faults", "n=200"},
    {"timer", "n=40"}, {"spaces", "n=2000"},     {"selfmod", "n=300"}, {"rep", "n=20"},
    {"marks", ""},     {"int80", "n=2000"},      {"storm", ""},        {"moment", "n=300"},
};

/* Saved at a random place by one process, taken in and run to its end by another. */
static char save_path[64];

static void save_half_way(void)
{
    sim_run(1000 + rnd(14000)); /* the shortest program has 15,000 instructions */
    CHECK(sim_save(save_path) == 0);
}

static void resumed(unsigned p)
{
    struct sim_config c = {.mem_mib = 64, .data_dir = data};
    pid_t pid = fork();
    if (pid == 0) {
        boot(programs[p].name, programs[p].append);
        save_half_way();
        sim_destroy();
        _exit(check_failed != 0);
    }
    int status;
    waitpid(pid, &status, 0);
    CHECK(status == 0);
    CHECK(sim_resume(save_path, &c) == 0);
    unlink(save_path);
    sim_run(UINT64_MAX);
}

struct ending {
    char state[65];
    uint64_t events; /* 0: not all of them were seen */
};

/* Runs one case in a child; `out` = how it ended. */
static int run_case(unsigned p, unsigned c, struct ending *out)
{
    int pipe_fd[2], status;
    if (pipe(pipe_fd) < 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        struct ending now;
        check_failed = 0;
        if (cases[c].run) {
            boot(programs[p].name, programs[p].append);
            cases[c].run();
        } else {
            resumed(p);
        }
        CHECK(charged() == sim_icount());
        memset(&now, 0, sizeof now);
        state(now.state);
        sim_destroy();
        now.events = cases[c].run ? events : 0;
        if (write(pipe_fd[1], &now, sizeof now) != sizeof now)
            _exit(1);
        _exit(check_failed != 0);
    }
    close(pipe_fd[1]);
    int got = read(pipe_fd[0], out, sizeof *out) == sizeof *out;
    close(pipe_fd[0]);
    waitpid(pid, &status, 0);
    return got && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static bool same(const struct ending *a, const struct ending *b)
{
    return strcmp(a->state, b->state) == 0 && (b->events == 0 || a->events == b->events);
}

int main(int argc, char **argv)
{
    guests = argc > 1 ? argv[1] : "sim/tests/guests";
    data = argc > 2 ? argv[2] : ".";
    snprintf(save_path, sizeof save_path, "/tmp/flatfish-t-machine.%d", (int)getpid());
    const char *only_guest = argc > 3 ? argv[3] : NULL, *only_case = argc > 4 ? argv[4] : NULL;
    for (unsigned p = 0; p < sizeof programs / sizeof *programs; p++) {
        struct ending first, now;
        if (only_guest && strcmp(only_guest, programs[p].name))
            continue;
        for (unsigned c = 0; c < sizeof cases / sizeof *cases; c++) {
            if (c && only_case && strcmp(only_case, cases[c].name))
                continue;
            int ran = run_case(p, c, c ? &now : &first);
            int good = ran == 0 && (c == 0 || same(&first, &now));
            if (!good)
                fprintf(stderr, "%s, %s: %s\n", programs[p].name, cases[c].name,
                        ran ? "failed" : "differs from the plain run");
            CHECK(good);
        }
    }
    return check_report("machine");
}
