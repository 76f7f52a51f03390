/* sim/cli/run_trace.c -- `flatfish run --trace`: joins the machine's events and the trace writer.
 * The writer stops by itself at its first failure (a full disk); the run then ends too, and fails.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/run.h"

#include <stdio.h>
#include <string.h>

#include "sim/cli/command.h"
#include "sim/event.h"
#include "sim/trace/writer.h"

static struct trace_writer *writer;
static bool broken;

static bool space_name(void *ctx, unsigned index, struct trace_extra *out)
{
    const struct sim_space *s = sim_space(index);

    (void)ctx;
    if (!s || index >= sim_space_count())
        return false;
    *out = (struct trace_extra){
        .cr3 = s->cr3, .id = s->id, .parent = s->parent, .level = s->level, .live = s->live};
    _Static_assert(sizeof out->text >= sizeof s->name, "a space's name fits");
    memcpy(out->text, s->name, sizeof s->name);
    out->text[sizeof s->name - 1] = 0;
    return true;
}

static const char *label_text(void *ctx, uint32_t id)
{
    (void)ctx;
    return sim_label(id);
}

static void failed(void *ctx, const char *text)
{
    (void)ctx, (void)text; /* trace_close says it again */
    broken = true;
    sim_stop_request();
}

int run_trace_open(const struct run_settings *s)
{
    static char about[256];
    const struct trace_options options = {
        .dir = s->trace,
        .last = s->trace_last.n,
        .force = s->force,
        .about = about,
        .start = sim_icount(),
        .ips = s->ips.n,
        .lookup = {.space = space_name, .label = label_text},
        .failed = failed,
    };
    struct sim_sink sink;

    if (!s->trace)
        return 0;
    snprintf(about, sizeof about, "%s%s%s",
             s->kernel   ? s->kernel
             : s->resume ? s->resume
                         : "pc",
             s->append ? " " : "", s->append ? s->append : "");
    writer = trace_open(&options);
    if (!writer)
        return cli_failure("--trace: %s", trace_error());
    sink = trace_sink(writer);
    if (sim_sink_add(&sink) != 0)
        return cli_failure("--trace: %s", sim_error());
    return 0;
}

bool run_trace_broken(void)
{
    return broken;
}

void run_trace_tick(void)
{
    if (writer && !broken) {
        sim_event_flush();
        trace_flush(writer);
    }
}

int run_trace_close(void)
{
    struct trace_writer *w = writer;

    if (!w)
        return 0;
    writer = NULL;
    sim_event_flush();
    sim_sink_remove(w);
    return trace_close(w) == 0 ? 0 : cli_failure("--trace: %s", trace_error());
}
