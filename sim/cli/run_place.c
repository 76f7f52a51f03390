/* sim/cli/run_place.c -- the probes that a run's options plant: where --stop-at ends it, and those
 * of
 * --idle-probes that only cost. Planted once the machine and its symbols are there.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/run.h"

#include "sim/cli/command.h"
#include "sim/probe.h"
#include "sim/sym.h"

static bool at_stop; /* the --stop-at probe was hit */

bool run_place_reached(void)
{
    return at_stop;
}

static void stop_at_hit(void *ctx, int probe, gva pc)
{
    (void)ctx, (void)probe, (void)pc;
    at_stop = true;
    sim_stop_request();
}

static int stop_at_plant(const char *text)
{
    gva at;

    if (sim_sym_address(text, &at) != 0)
        return cli_usage("run: --stop-at: %s", sim_error());
    if (sim_probe_virt(SIM_CR3_ANY, at, stop_at_hit, NULL) < 0)
        return cli_failure("--stop-at: %s", sim_error());
    return 0;
}

/* A probe that is hit is taken out: those that stay are never hit. */
static void idle_hit(void *ctx, int probe, gva pc)
{
    (void)ctx, (void)pc;
    sim_probe_remove(probe);
}

/* Half by physical, half by virtual address, over the first pages of a directly booted kernel:
 * among the code that runs, where they would cost most. */
static int idle_plant(uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        uint64_t at = 0x100000 + i * 61;
        int probe = i % 2 ? sim_probe_phys(at, idle_hit, NULL)
                          : sim_probe_virt(SIM_CR3_ANY, at, idle_hit, NULL);
        if (probe < 0)
            return cli_failure("--idle-probes: %s", sim_error());
    }
    return 0;
}

int run_place_plant(const struct run_settings *s)
{
    int code = idle_plant(s->idle_probes.n);

    return code == 0 && s->stop_at ? stop_at_plant(s->stop_at) : code;
}
