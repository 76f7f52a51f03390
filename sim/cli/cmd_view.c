/* sim/cli/cmd_view.c -- `flatfish view`: reads the command line and becomes the viewer.
 * The viewer (gui/, the program flatfish-view) is a process of its own that knows traces and
 * nothing of the simulator; it brings its drawing and window libraries along, which no other
 * command shall wait for. SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi/trace/format.h"
#include "sim/cli/command.h"
#include "sim/cli/cost.h"
#include "sim/cli/distinct.h"
#include "sim/cli/paths.h"
#include "sim/output.h"

struct view_settings {
    const char *out, *pane, *range, *size, *live, *attach, *compare, *cost;
    struct option_number at;
    bool dark, threads, bench, json;
};

enum { SIDE_MAX = 8000, WORDS_MAX = 24 };

/* name=value words for the viewer. */
struct words {
    char *word[WORDS_MAX];
    unsigned n;
};

static void word_add(struct words *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void word_add(struct words *w, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (w->n + 1 < WORDS_MAX && vasprintf(&w->word[w->n], format, args) >= 0)
        w->n++;
    va_end(args);
}

static int pane_check(const char *pane)
{
    static const char *const panes[] = {"all",  "score",  "overhead", "nest",
                                        "path", "memory", "compare",  NULL};

    for (int i = 0; pane && panes[i]; i++)
        if (strcmp(pane, panes[i]) == 0)
            return 0;
    return pane ? cli_usage("view: --pane: '%.40s' is none of all, score, overhead, nest, path, "
                            "memory, compare",
                            pane)
                : 0;
}

/* "A:B"; either may be left out. */
static int range_parse(struct words *w, const char *range)
{
    const char *colon = range ? strchr(range, ':') : NULL;
    uint64_t from = 0, to = UINT64_MAX;
    char text[64];

    if (!range)
        return 0;
    snprintf(text, sizeof text, "%.*s", colon ? (int)(colon - range) : 0, range);
    if (!colon || colon - range >= (int)sizeof text ||
        (*text && !option_number_parse(text, &from)) ||
        (colon[1] && !option_number_parse(colon + 1, &to)))
        return cli_usage(
            "view: --range: '%.60s' is not FROM:TO, two instruction counts as 1M:1500k", range);
    if (from >= to)
        return cli_usage("view: --range: %" PRIu64 " is not before %" PRIu64, from, to);
    if (*text)
        word_add(w, "from=%" PRIu64, from);
    if (colon[1])
        word_add(w, "to=%" PRIu64, to);
    return 0;
}

static int size_parse(struct words *w, const char *size)
{
    unsigned width = 0, height = 0;
    int end = 0;

    if (!size)
        return 0;
    if (sscanf(size, "%5ux%5u%n", &width, &height, &end) != 2 || size[end] || !width || !height ||
        width > SIDE_MAX || height > SIDE_MAX)
        return cli_usage("view: --size: '%.40s' is not WIDTHxHEIGHT, two numbers from 1 to %d",
                         size, SIDE_MAX);
    word_add(w, "size=%ux%u", width, height);
    return 0;
}

/* The picture is not to take the place of the trace it is made from, nor to lie in its folder. */
static int out_check(const char *out, const char *dir)
{
    char events[PATH_MAX], metadata[PATH_MAX];
    const char *dot = out ? strrchr(out, '.') : NULL;
    const struct distinct_file files[] = {
        {"TRACE", events, false}, {"TRACE", metadata, false}, {"-o", out, true}};
    int code;

    if (out && (!dot || (strcmp(dot, ".svg") && strcmp(dot, ".pdf") && strcmp(dot, ".png"))))
        return cli_usage("view: -o: '%.200s' ends in none of .svg .pdf .png", out);
    snprintf(events, sizeof events, "%s/%s", dir, TRACE_EVENTS);
    snprintf(metadata, sizeof metadata, "%s/%s", dir, TRACE_METADATA);
    code = distinct_check("view", files, sizeof files / sizeof *files);
    return code ? code : distinct_folder("view", "TRACE", dir, files, sizeof files / sizeof *files);
}

static int settings_check(const struct view_settings *s, const char *dir, struct words *w)
{
    int code;

    if ((code = pane_check(s->pane)) != 0 || (code = range_parse(w, s->range)) != 0 ||
        (code = size_parse(w, s->size)) != 0 || (code = out_check(s->out, dir)) != 0)
        return code;
    if (s->json && !s->bench)
        return cli_usage("view: --json goes with --bench");
    if (s->out && s->bench)
        return cli_usage("view: give one of -o and --bench");
    return 0;
}

static void settings_add(const struct view_settings *s, struct words *w)
{
    if (s->pane)
        word_add(w, "pane=%s", s->pane);
    if (s->at.given)
        word_add(w, "at=%" PRIu64, s->at.n);
    if (s->compare)
        word_add(w, "compare=%s", s->compare);
    if (s->dark)
        word_add(w, "dark=1");
    if (s->threads)
        word_add(w, "threads=1");
    if (s->bench)
        word_add(w, "bench=1");
    if (s->json)
        word_add(w, "json=1");
    if (s->out)
        word_add(w, "out=%s", s->out);
    if (s->out && sim_output_straight(s->out))
        word_add(w, "straight=1");
}

static int prices_add(const struct view_settings *s, struct words *w)
{
    char *words[COST_WORDS];
    int code = 0, n = cost_words(s->cost, words, &code);

    for (int i = 0; i < n; i++)
        word_add(w, "%s", words[i]);
    if (s->cost)
        word_add(w, "priced=1");
    return code;
}

static int view_run(const void *settings, int argc, char **argv)
{
    const struct view_settings *s = settings;
    struct words w = {.n = 0};
    char program[PATH_MAX];
    int code;

    if (s->live && s->attach)
        return cli_usage("view: --live waits for a run and --attach joins one: give one of them");
    if ((s->live || s->attach) && (argc || s->out || s->bench || s->compare))
        return cli_usage("view: %s shows a run and no trace: leave out TRACE, -o, --bench and "
                         "--compare",
                         s->live ? "--live" : "--attach");
    if (argc < 1 && !s->live && !s->attach)
        return cli_usage("view: of which trace? Name the directory given to flatfish run --trace");
    word_add(&w, "flatfish-view");
    if (s->live)
        word_add(&w, "listen=%s", s->live);
    else if (s->attach)
        word_add(&w, "attach=%s", s->attach);
    else
        word_add(&w, "trace=%s", argv[0]);
    if ((code = settings_check(s, argc ? argv[0] : ".", &w)) != 0)
        return code;
    settings_add(s, &w);
    if ((code = prices_add(s, &w)) != 0)
        return code;
    if (paths_viewer(program, sizeof program) != 0)
        return cli_failure(
            "view: the program flatfish-view is not there; build or install Flatfish "
            "again, with all its files");
    execv(program, w.word);
    return cli_failure("view: cannot start %.200s: %m", program);
}

#define AT(member) offsetof(struct view_settings, member)

static const struct option_row view_options[] = {
    {"o", "FILE", OPTION_STRING, AT(out), 0, 0, NULL,
     "Draw into this file, .svg .pdf or .png, and open no window; appears only when whole."},
    {"pane", "NAME", OPTION_STRING, AT(pane), 0, 0, NULL,
     "Only this pane: score, overhead, nest, path, memory or compare; all of them otherwise."},
    {"range", "FROM:TO", OPTION_STRING, AT(range), 0, 0, NULL,
     "Show these instruction counts; either may be left out."},
    {"at", "N", OPTION_NUMBER, AT(at), 0, 0, NULL,
     "Select the moment of instruction N: path follows the fault or call it belongs to."},
    {"size", "WxH", OPTION_STRING, AT(size), 0, 0, NULL,
     "Of the file, in pixels (1600x900 otherwise), or of the window."},
    {"cost", "NAME|FILE", OPTION_STRING, AT(cost), 0, 0, NULL,
     "Overhead in modelled cycles: x86-2020s, ppro-1996, equal, or a Lua file (in the window: c)."},
    {"compare", "TRACE", OPTION_STRING, AT(compare), 0, 0, NULL,
     "Show what this other trace costs beside: the pane compare."},
    {"live", "PATH", OPTION_STRING, AT(live), 0, 0, NULL,
     "Wait on this socket for a run that is started with --view=PATH, and show it."},
    {"attach", "PATH", OPTION_STRING, AT(attach), 0, 0, NULL,
     "Join the run that was started with --view=listen:PATH; q leaves it, and it goes on."},
    {"threads", NULL, OPTION_FLAG, AT(threads), 0, 0, NULL,
     "Score: a lane for each thread; otherwise one for each space."},
    {"dark", NULL, OPTION_FLAG, AT(dark), 0, 0, NULL, "Light on dark."},
    {"bench", NULL, OPTION_FLAG, AT(bench), 0, 0, NULL,
     "Measure opening, zooming and panning with the software renderer, and print that."},
    {"json", NULL, OPTION_FLAG, AT(json), 0, 0, NULL, "Print it as JSON."},
    {.name = NULL},
};

const struct command cmd_view = {
    .name = "view",
    .brief = "see a trace: who ran when, for whom, at what cost",
    .usage = "[OPTION...] (TRACE | --attach PATH | --live PATH)",
    .text = "TRACE is the directory given to 'flatfish run --trace'. The panes:\n"
            "  score     lanes of levels and threads over instruction time\n"
            "  overhead  what each level cost: own work, work for others, others' and the\n"
            "            kernel's for it, waiting\n"
            "  nest      the tree of spaces as boxes in boxes\n"
            "  path      the fault or call that is selected, leg by leg through all levels\n"
            "  memory    where an address leads, of a machine that runs (run --view)\n"
            "  compare   what another trace costs beside this one (--compare)\n\n"
            "In the window ? says which keys there are.\n\n"
            "An index is built first and kept in the trace's directory (.flatfish-index). A\n"
            "trace that is cut or damaged is shown as far as it is whole. Exit code: 0; 1 when\n"
            "the trace cannot be read or is damaged, or the output cannot be written; 2 for a\n"
            "mistake on the command line.\n",
    .options = view_options,
    .settings_size = sizeof(struct view_settings),
    .max_args = 1,
    .run = view_run,
};
