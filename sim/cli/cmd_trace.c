/* sim/cli/cmd_trace.c -- `flatfish trace`: what is in a trace, as tables or in other formats.
 * Owns the command line, the output file, progress and the exit code; sim/trace makes the reports.
 * A damaged trace is reported as far as it can be read, with a warning, and exit code 1.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <limits.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/cli/command.h"
#include "sim/cli/distinct.h"
#include "sim/cli/outfile.h"
#include "sim/trace/report.h"

struct trace_settings {
    const char *format, *out, *kinds;
    struct option_number from, to;
};

struct format {
    const char *name;
    bool (*make)(FILE *to, struct trace_reader *t, const struct trace_pick *pick);
};

static const struct format formats[] = {
    {"perfetto", trace_perfetto},
    {"folded", trace_folded},
    {"csv", trace_csv},
    {"text", trace_text},
    {NULL, NULL},
};

static const struct format summary = {"summary", trace_summary};

/* ---- progress: only for a person who waits ---- */

struct progress {
    double start, said;
    bool shown;
};

static double host_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void progress_tell(void *ctx, double part)
{
    struct progress *p = ctx;
    double now = host_now();

    if (now - p->start < 2 || now - p->said < 0.2)
        return;
    p->said = now;
    p->shown = true;
    fprintf(stderr, "\rflatfish: trace: %3.0f%%", part * 100);
}

static void progress_end(const struct progress *p)
{
    if (p->shown)
        fputs("\r                      \r", stderr);
}

/* ---- the command line ---- */

static int kinds_parse(const char *list, uint64_t *kinds)
{
    *kinds = list ? 0 : UINT64_MAX;
    while (list && *list) {
        size_t n = strcspn(list, ",");
        unsigned kind = trace_kind_find(list, n);
        if (!kind) {
            char names[512] = "";
            for (unsigned k = 1; k < TRACE_KINDS; k++)
                snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s",
                         k == 1 ? "" : ", ", trace_kind_name(k));
            return cli_usage("trace: --kind: no event is called '%.*s'; there are: %s",
                             n > 40 ? 40 : (int)n, list, names);
        }
        *kinds |= 1ull << kind;
        list += n + (list[n] == ',');
    }
    return 0;
}

static const struct format *format_find(const char *name)
{
    for (const struct format *f = formats; f->name; f++)
        if (!strcmp(f->name, name))
            return f;
    return NULL;
}

/* Which report; 0, or the exit code after one line. */
static int report_choose(const struct trace_settings *s, const char *what,
                         const struct format **report)
{
    if (!strcmp(what, "summary")) {
        *report = &summary;
        return s->format ? cli_usage("trace: --format goes with export") : 0;
    }
    if (strcmp(what, "export"))
        return cli_usage("trace: '%.40s' is neither summary nor export (see 'flatfish help trace')",
                         what);
    if (!s->format)
        return cli_usage("trace: export needs --format perfetto, folded, csv or text");
    *report = format_find(s->format);
    if (!*report)
        return cli_usage("trace: --format: '%.40s' is none of perfetto, folded, csv, text",
                         s->format);
    return 0;
}

static int pick_parse(const struct trace_settings *s, struct trace_pick *pick)
{
    pick->from = s->from.given ? s->from.n : 0;
    pick->to = s->to.given ? s->to.n : UINT64_MAX;
    if (pick->from > pick->to)
        return cli_usage("trace: --from %" PRIu64 " is after --to %" PRIu64, pick->from, pick->to);
    return kinds_parse(s->kinds, &pick->kinds);
}

/* ---- the report ---- */

static int report_make(const struct format *report, FILE *to, struct trace_reader *t,
                       const struct trace_pick *pick)
{
    __fsetlocking(to, FSETLOCKING_BYCALLER); /* one thread; millions of short writes */
    if (!report->make(to, t, pick))
        return cli_failure("trace: out of memory");
    return 0;
}

static int report_write(const struct trace_settings *s, const struct format *report,
                        struct trace_reader *t, const struct trace_pick *pick)
{
    struct outfile out;
    int code;

    if (!s->out)
        return report_make(report, stdout, t, pick);
    if (outfile_open(&out, s->out) != 0)
        return EXIT_FAILURE;
    code = report_make(report, out.to, t, pick);
    if (code == 0 && outfile_commit(&out) != 0)
        code = EXIT_FAILURE;
    outfile_drop(&out);
    return code;
}

/* The report is not to take the place of the trace it is made from, nor to lie beside it: readers
 * of CTF would take it for a part. */
static int out_check(const char *out, const char *dir)
{
    char events[PATH_MAX], metadata[PATH_MAX];
    int code;
    const struct distinct_file files[] = {
        {"DIR", events, false}, {"DIR", metadata, false}, {"-o", out, true}};

    snprintf(events, sizeof events, "%s/events", dir);
    snprintf(metadata, sizeof metadata, "%s/metadata", dir);
    code = distinct_check("trace", files, sizeof files / sizeof *files);
    return code ? code : distinct_folder("trace", "DIR", dir, files, sizeof files / sizeof *files);
}

static int trace_run(const void *settings, int argc, char **argv)
{
    const struct trace_settings *s = settings;
    struct progress progress = {host_now(), 0, false};
    struct trace_pick pick = {.progress = isatty(STDERR_FILENO) ? progress_tell : NULL,
                              .ctx = &progress};
    const struct format *report = NULL;
    struct trace_reader *t;
    char err[256];
    int code;

    if (argc < 1)
        return cli_usage("trace: say what: summary DIR, or export --format FORMAT DIR");
    if ((code = report_choose(s, argv[0], &report)) != 0 || (code = pick_parse(s, &pick)) != 0)
        return code;
    if (argc < 2)
        return cli_usage("trace: %s of which trace? Name the directory given to flatfish run "
                         "--trace",
                         argv[0]);
    if ((code = out_check(s->out, argv[1])) != 0)
        return code;
    t = trace_read_open(argv[1], err, sizeof err);
    if (!t)
        return cli_failure("trace: %.200s: %s", argv[1], err);
    code = report_write(s, report, t, &pick);
    progress_end(&progress);
    if (trace_damage(t))
        code = cli_failure("trace: %.200s: %s", argv[1], trace_damage(t));
    trace_read_close(t);
    return code;
}

#define AT(member) offsetof(struct trace_settings, member)

static const struct option_row trace_options[] = {
    {"format", "FORMAT", OPTION_STRING, AT(format), 0, 0, NULL,
     "Of the export: perfetto, folded, csv or text."},
    {"o", "FILE", OPTION_STRING, AT(out), 0, 0, NULL,
     "Write here instead of to standard output; appears only when whole."},
    {"from", "N", OPTION_NUMBER, AT(from), 0, 0, NULL, "Only events from instruction N on."},
    {"to", "N", OPTION_NUMBER, AT(to), 0, 0, NULL, "Only events up to instruction N, included."},
    {"kind", "NAME,...", OPTION_STRING, AT(kinds), 0, 0, NULL,
     "Only events of these kinds, as summary calls them."},
    {.name = NULL},
};

const struct command cmd_trace = {
    .name = "trace",
    .brief = "say what is in a trace, or export it",
    .usage = "summary [OPTION...] DIR\n"
             "       flatfish trace export --format FORMAT [-o FILE] [OPTION...] DIR",
    .text = "DIR is what was given to 'flatfish run --trace DIR'. It is in the Common Trace\n"
            "Format (CTF 1.8): 'babeltrace2 DIR' lists it too, Trace Compass opens it.\n\n"
            "summary prints events by kind, crossings between domains, and instructions by\n"
            "space and level. The formats of export:\n"
            "  perfetto  Chrome's JSON for https://ui.perfetto.dev: a track for each space and\n"
            "            privilege, a slice for each stay, 1 instruction shown as 1 ns\n"
            "  folded    stacks 'space;user;reason instructions', for flame graphs\n"
            "  csv       one event a line, after a line with the names of the columns\n"
            "  text      one event a line, for people\n"
            "With --kind, folded and perfetto show the stays that such an event began, and\n"
            "summary narrows its tables of events and crossings.\n\n"
            "A trace whose run was killed is read up to its last flush. Exit code: 0; 1 when\n"
            "the trace cannot be read or is damaged (what came before the damage is still\n"
            "printed) or the output cannot be written; 2 for a mistake on the command line.\n",
    .options = trace_options,
    .settings_size = sizeof(struct trace_settings),
    .max_args = 2,
    .run = trace_run,
};
