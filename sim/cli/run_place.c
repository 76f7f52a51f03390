/* sim/cli/run_place.c -- places in programs, as options name them, and the probes that a run's
 * options plant: where --stop-at ends it, and those of --idle-probes, which only cost. Planted once
 * the machine and its symbols are there.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/run.h"

#include <string.h>

#include "sim/cli/command.h"
#include "sim/event.h"
#include "sim/object.h"
#include "sim/probe.h"
#include "sim/sym.h"

static bool at_stop; /* the --stop-at probe was hit */

bool run_place_reached(void)
{
    return at_stop;
}

void run_place_parse(const char *text, struct run_place *place)
{
    size_t n = strcspn(text, ":");

    *place = (struct run_place){.symbol = NULL};
    if (text[0] >= '0' && text[0] <= '9')
        return;
    place->symbol = text[n] ? text + n + 1 : text;
    if (text[n])
        snprintf(place->program, sizeof place->program, "%.*s", (int)n, text);
}

static bool is_symbols_place(const char *image, const char *symbol, gva pc)
{
    char text[256];
    gva at;

    return (size_t)snprintf(text, sizeof text, "%s:%s", image, symbol) < sizeof text &&
           sim_sym_address(text, &at) == 0 && at == pc;
}

bool run_place_is(const struct run_place *place, gva pc)
{
    unsigned domain = sim_domain_now();
    const char *image = domain & 1 ? sim_space_image(domain / 2) : "kernel";

    if (!place->symbol || !sim_debug_block())
        return true;
    if (!image)
        return !place->program[0];
    return is_symbols_place(image, place->symbol, pc) &&
           (!place->program[0] || strcmp(image, place->program) == 0);
}

static struct run_place place;

static void stop_at_hit(void *ctx, int probe, gva pc)
{
    (void)ctx, (void)probe;
    if (!run_place_is(&place, pc))
        return;
    at_stop = true;
    sim_stop_request();
}

static int probe_at(gva at)
{
    if (sim_probe_virt(SIM_CR3_ANY, at, stop_at_hit, NULL) < 0)
        return cli_failure("--stop-at: %s", sim_error());
    return 0;
}

/* The symbol of every image that has it. */
static int probe_images(void)
{
    const char *image;
    char text[256];
    int code = 0;
    gva at;

    for (unsigned i = 0; code == 0 && (image = sim_sym_image(i)); i++)
        if ((size_t)snprintf(text, sizeof text, "%s:%s", image, place.symbol) < sizeof text &&
            sim_sym_address(text, &at) == 0)
            code = probe_at(at);
    return code;
}

static int stop_at_plant(const char *text)
{
    int code;
    gva at;

    if (sim_sym_address(text, &at) != 0)
        return cli_usage("run: --stop-at: %s", sim_error());
    run_place_parse(text, &place);
    code = probe_at(at);
    return code || !place.symbol || place.program[0] ? code : probe_images();
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
