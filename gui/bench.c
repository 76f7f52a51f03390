/* gui/bench.c -- draws what a hand at the mouse would ask for, through the software renderer, and
 * takes the time: the whole window, all panes, each frame another range.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gui/bench.h"
#include "gui/open.h"
#include "gui/window.h"

enum { FRAMES = 120 };

struct series {
    const char *name;
    double sum, worst, cpu; /* seconds */
    unsigned frames;
};

/* Of this process: says what a frame costs on a machine that others use too. */
static double cpu_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void frame(struct window *w, struct app *a, struct series *s)
{
    double begun = open_now(), cpu = cpu_now(), took;

    window_show(w, a);
    took = open_now() - begun;
    s->cpu += cpu_now() - cpu;
    s->sum += took;
    s->worst = fmax(s->worst, took);
    s->frames++;
}

/* From the whole run down to single crossings at a point that moves, and back. */
static void zoom(struct window *w, struct app *a, struct series *s)
{
    struct view *v = &a->view;
    double length = v->model->end - v->model->start;
    double step = pow(fmax(length, 2000) / 1000, 2.0 / FRAMES);

    view_range(v, v->model->start, v->model->end);
    for (int i = 0; i < FRAMES; i++) {
        view_zoom(v, v->from + (v->to - v->from) * 0.4, i < FRAMES / 2 ? 1 / step : step);
        frame(w, a, s);
    }
}

/* Through the run at three scales. */
static void pan(struct window *w, struct app *a, struct series *s)
{
    struct view *v = &a->view;
    double whole = v->model->end - v->model->start;

    for (int scale = 0; scale < 3; scale++) {
        double length = whole / pow(30, scale + 1);
        view_range(v, v->model->start, v->model->start + length);
        for (int i = 0; i < FRAMES / 3; i++) {
            view_pan(v, fmax(length / 12, whole / FRAMES));
            frame(w, a, s);
        }
    }
}

/* Peak of the memory that is this program's own, and of all that it has mapped, in KiB. */
static long memory(const char *what)
{
    FILE *f = fopen("/proc/self/status", "re");
    char line[128];
    long n = -1;

    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, what, strlen(what)))
            n = strtol(line + strlen(what), NULL, 10);
    if (f)
        fclose(f);
    return n;
}

static double fps(const struct series *s)
{
    return s->sum > 0 ? s->frames / s->sum : 0;
}

static void report(const struct model *m, const struct series s[2], double open, bool json)
{
    long peak = memory("VmHWM:"), own = memory("RssAnon:");
    unsigned long long events = trace_facts(m->reader)->events;

    printf(json ? "{\n \"events\": %llu,\n \"index_built\": %s,\n \"open_seconds\": %.3f,\n"
                : "events              %llu\nindex made now      %s\nopened in           %.3f s\n",
           events, index_built(m->index) ? (json ? "true" : "yes") : (json ? "false" : "no"), open);
    for (int i = 0; i < 2; i++)
        printf(json ? " \"%s\": {\"frames\": %u, \"fps\": %.1f, \"worst_ms\": %.1f, \"cpu_ms\": "
                      "%.2f},\n"
                    : "%-19s %u frames, %.1f a second, the worst %.1f ms; %.1f ms of CPU each\n",
               s[i].name, s[i].frames, fps(&s[i]), s[i].worst * 1000,
               s[i].frames ? s[i].cpu / s[i].frames * 1000 : 0);
    printf(json ? " \"peak_mib\": %.1f,\n \"own_mib\": %.1f\n}\n"
                : "memory              %.1f MiB at most, of which %.1f MiB are not mapped files\n",
           peak / 1024.0, own / 1024.0);
}

static int complain(const char *trace, const char *why)
{
    fprintf(stderr, "flatfish: view: %.300s: %s\n", trace, why);
    return EXIT_FAILURE;
}

int bench(const char *trace, int width, int height, bool json)
{
    struct series s[2] = {{.name = "zoom"}, {.name = "pan"}};
    double begun = open_now(), open;
    char err[512];
    struct model *m = open_trace(trace, err, sizeof err);
    struct window *w = NULL;
    struct app *a = calloc(1, sizeof *a);

    open = open_now() - begun;
    if (m && a)
        w = window_open("flatfish", width, height, true, err, sizeof err);
    if (!w || !app_init(a, m, trace)) {
        model_close(m);
        window_close(w);
        free(a);
        return complain(trace, err);
    }
    view_select(&a->view, m->start + (m->end - m->start) / 2);
    zoom(w, a, &s[0]);
    pan(w, a, &s[1]);
    report(m, s, open, json);
    app_close(a);
    window_close(w);
    model_close(m);
    free(a);
    return EXIT_SUCCESS;
}
