/* gui/main.c -- flatfish-view: opens a trace, and then a window, a file or a stop-watch.
 * Started by `flatfish view`, which has read the command line, knows the help and hands on words of
 * the form name=value. Talks to people on stderr under that command's name.
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gui/export.h"
#include "gui/open.h"

struct wish {
    const char *trace, *out, *pane;
    uint64_t from, to, at;
    bool from_given, to_given, at_given;
    unsigned long width, height;
    bool dark, straight, threads;
};

static int fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int fail(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("flatfish: view: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return EXIT_FAILURE;
}

static bool number(const char *text, uint64_t *n, bool *given)
{
    char *end;

    *n = strtoull(text, &end, 10);
    *given = true;
    return *text && !*end;
}

static bool size(const char *text, struct wish *w)
{
    return sscanf(text, "%lux%lu", &w->width, &w->height) == 2 && w->width && w->height &&
           w->width <= EXPORT_SIDE_MAX && w->height <= EXPORT_SIDE_MAX;
}

/* One word; false when it is none of those below. */
static bool word(struct wish *w, const char *text)
{
    const char *value = strchr(text, '=');
    size_t n = value ? (size_t)(value - text) : 0;

    if (!value)
        return false;
    value++;
#define IS(name) (n == strlen(name) && !strncmp(text, name, n))
    if (IS("trace"))
        w->trace = value;
    else if (IS("out"))
        w->out = value;
    else if (IS("pane"))
        w->pane = value;
    else if (IS("from"))
        return number(value, &w->from, &w->from_given);
    else if (IS("to"))
        return number(value, &w->to, &w->to_given);
    else if (IS("at"))
        return number(value, &w->at, &w->at_given);
    else if (IS("size"))
        return size(value, w);
    else if (IS("dark"))
        w->dark = *value == '1';
    else if (IS("threads"))
        w->threads = *value == '1';
    else if (IS("straight"))
        w->straight = *value == '1';
    else
        return false;
#undef IS
    return true;
}

static void view_wish(struct view *v, const struct wish *w)
{
    v->look.dark = w->dark;
    v->threads = w->threads;
    if (w->from_given || w->to_given)
        view_range(v, w->from_given ? w->from : v->model->start,
                   w->to_given ? w->to : v->model->end);
    if (w->at_given)
        view_go(v, w->at);
}

static int draw_file(struct view *v, const struct wish *w, const struct pane *alone)
{
    char err[512];

    if (export_write(v, alone, w->width ? w->width : 1600, w->height ? w->height : 900, w->out,
                     w->straight ? EXPORT_STRAIGHT : EXPORT_REPLACE, err, sizeof err))
        return EXIT_SUCCESS;
    return fail("%s", err);
}

static int view_trace(const struct wish *w, const struct pane *alone)
{
    struct model *m;
    struct view v;
    char err[512];
    int code;

    m = open_trace(w->trace, err, sizeof err);
    if (!m)
        return fail("%.300s: %s", w->trace, err);
    view_init(&v, m);
    view_wish(&v, w);
    code = draw_file(&v, w, alone);
    if (model_damage(m))
        code = fail("%.300s: %s; what came before is shown", w->trace, model_damage(m));
    model_close(m);
    return code;
}

int main(int argc, char **argv)
{
    const struct pane *alone = NULL;
    struct wish w = {.trace = NULL};

    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of writing, as any other */
    for (int i = 1; i < argc; i++)
        if (!word(&w, argv[i]))
            return fail("what is '%.60s'? This program is started by 'flatfish view'", argv[i]), 2;
    if (!w.trace || !w.out)
        return fail("no trace: this program is started by 'flatfish view'"), 2;
    if (w.pane && strcmp(w.pane, "all") != 0 && !(alone = pane_find(w.pane)))
        return fail("there is no pane '%.60s'", w.pane), 2;
    return view_trace(&w, alone);
}
