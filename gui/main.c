/* gui/main.c -- flatfish-view: opens a trace, and then a window, a file or a stop-watch.
 * Started by `flatfish view`, which has read the command line, knows the help and hands on words of
 * the form name=value. Talks to people on stderr under that command's name.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "gui/bench.h"
#include "gui/export.h"
#include "gui/open.h"
#include "gui/state.h"
#include "gui/window.h"

struct wish {
    const char *trace, *out, *pane, *listen, *attach, *compare;
    uint64_t from, to, at;
    bool from_given, to_given, at_given;
    unsigned long width, height;
    bool dark, straight, threads, bench, json, live;
    struct price price[PRICES];
    int prices;
    bool priced; /* shown from the start */
    uint64_t fd; /* of a machine that runs, when `live` */
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
    else if (IS("compare"))
        w->compare = value;
    else if (IS("listen"))
        w->listen = value;
    else if (IS("attach"))
        w->attach = value;
    else if (IS("live"))
        return number(value, &w->fd, &w->live) && w->fd > 2 && w->fd < 1024;
    else if (IS("price"))
        return w->prices < PRICES && price_read(&w->price[w->prices++], value);
    else if (IS("priced"))
        w->priced = *value == '1';
    else if (IS("size"))
        return size(value, w);
    else if (IS("dark"))
        w->dark = *value == '1';
    else if (IS("threads"))
        w->threads = *value == '1';
    else if (IS("bench"))
        w->bench = *value == '1';
    else if (IS("json"))
        w->json = *value == '1';
    else if (IS("straight"))
        w->straight = *value == '1';
    else
        return false;
#undef IS
    return true;
}

static void view_wish(struct view *v, const struct wish *w)
{
    memcpy(v->price, w->price, sizeof v->price);
    v->prices = w->prices;
    v->priced = w->priced && w->prices ? 0 : -1;
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

static int done(const struct wish *w, struct model *m, int code)
{
    if (model_damage(m))
        code = fail("%.300s: %s; what came before is shown", w->trace, model_damage(m));
    model_close(m);
    return code;
}

/* The trace compared with, when there is one; false after a line. */
static bool other_open(const struct wish *w, struct view *v)
{
    char err[512];

    v->other_name = w->compare;
    if (!w->compare)
        return true;
    v->other = open_trace(w->compare, err, sizeof err);
    if (!v->other)
        fail("%.300s: %s", w->compare, err);
    return v->other != NULL;
}

static int without_window(const struct wish *w, const struct pane *alone)
{
    char err[512];
    struct model *m = open_trace(w->trace, err, sizeof err);
    struct view v;
    int code;

    if (!m)
        return fail("%.300s: %s", w->trace, err);
    view_init(&v, m);
    view_wish(&v, w);
    code = other_open(w, &v) ? draw_file(&v, w, alone) : EXIT_FAILURE;
    model_close(v.other);
    return done(w, m, code);
}

static void run(struct app *a, struct window *window, const struct wish *w, struct state *state)
{
    view_wish(&a->view, w);
    a->view.look.dark |= state->dark;
    a->view.threads |= state->threads;
    app_scale(a, state->scale);
    window_run(window, a);
    window_size(window, &state->width, &state->height);
    state->dark = a->view.look.dark;
    state->threads = a->view.threads;
    state->scale = a->scale;
    if (!a->once)
        state_save(state);
}

static int with_window(const struct wish *w, const struct pane *alone)
{
    struct state state = {.width = 1400, .height = 850, .scale = 1};
    char err[512];
    struct app *a = calloc(1, sizeof *a);
    struct model *m = NULL;
    struct window *window;

    state_load(&state);
    if (w->width) {
        state.width = w->width;
        state.height = w->height;
    }
    window = a ? window_open("flatfish", state.width, state.height, false, err, sizeof err) : NULL;
    if (!window) {
        free(a);
        return fail("%s", err);
    }
    m = model_open(w->trace, window_tell, window, err, sizeof err);
    if (m && app_init(a, m, w->trace)) {
        a->alone = alone;
        a->name = w->trace;
        if (!other_open(w, &a->view))
            app_say(a, "%.200s cannot be read: the other trace is not shown", w->compare);
        run(a, window, w, &state);
        model_close(a->view.other);
        app_close(a);
    }
    window_close(window);
    free(a);
    return m ? done(w, m, EXIT_SUCCESS) : fail("%.300s: %s", w->trace, err);
}

/* ---- a machine that runs ---- */

/* Until something is known of it; NULL = it is gone, or the window is closed. Who wanted to join it
 * waits at a terminal, where it is said, too. */
static struct live_picture *first_picture(struct window *window, struct live *l, bool joins)
{
    struct live_picture *p = NULL;

    while (!p && !(joins && l->gone[0]) &&
           window_say(window, l->gone[0] ? l->gone : "waiting for the machine")) {
        live_poll(l);
        p = l->changes ? live_picture(l) : NULL;
    }
    return p;
}

static int run_live(struct window *window, struct live *l, struct state *state,
                    const struct wish *w)
{
    struct live_picture *p = first_picture(window, l, w->attach != NULL);
    struct app *a = p ? calloc(1, sizeof *a) : NULL;

    if (a && app_init_live(a, l, p)) {
        a->once = w->bench;
        run(a, window, w, state);
        app_close(a);
    } else {
        live_picture_close(p);
    }
    free(a);
    return !p && w->attach && l->gone[0] ? fail("%.200s: %s", w->attach, l->gone) : EXIT_SUCCESS;
}

static int live_window(const struct wish *w)
{
    struct state state = {.width = 1400, .height = 850, .scale = 1};
    static struct live l;
    struct window *window;
    char err[512];
    int code;

    state_load(&state);
    if (!live_open(&l, (int)w->fd))
        return fail("no memory");
    window = window_open("flatfish", state.width, state.height, w->bench, err, sizeof err);
    if (!window) {
        live_close(&l);
        return fail("%s", err);
    }
    code = run_live(window, &l, &state, w);
    window_close(window);
    live_close(&l);
    return code;
}

static bool address(struct sockaddr_un *at, const char *path)
{
    *at = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof at->sun_path)
        fail("a socket's path has at most %zu characters", sizeof at->sun_path - 1);
    else
        strcpy(at->sun_path, path);
    return at->sun_path[0];
}

/* Until a run connects to this socket. */
static int wait_for_run(const char *path)
{
    struct sockaddr_un at;
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd = -1;

    if (!address(&at, path))
        ;
    else if (listener < 0 || bind(listener, (struct sockaddr *)&at, sizeof at) != 0 ||
             listen(listener, 1) != 0) {
        fail("%.200s: %s: give the path of a socket that can be made there", path, strerror(errno));
    } else {
        fd = accept(listener, NULL, NULL);
        unlink(path);
    }
    if (listener >= 0)
        close(listener);
    return fd;
}

/* A run that listens there. */
static int join_run(const char *path)
{
    struct sockaddr_un at;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (!address(&at, path) || fd < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    fail("no run listens on %.200s (%s): start one with 'flatfish run --view=listen:PATH'", path,
         strerror(errno));
    close(fd);
    return -1;
}

int main(int argc, char **argv)
{
    const struct pane *alone = NULL;
    struct wish w = {.trace = NULL};
    int fd;

    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of writing, as any other */
    for (int i = 1; i < argc; i++)
        if (!word(&w, argv[i]))
            return fail("what is '%.60s'? This program is started by 'flatfish view'", argv[i]), 2;
    if (w.listen || w.attach) {
        fd = w.listen ? wait_for_run(w.listen) : join_run(w.attach);
        w.live = fd >= 0;
        w.fd = (uint64_t)fd;
        if (fd < 0)
            return EXIT_FAILURE;
    }
    if (w.live)
        return live_window(&w);
    if (!w.trace)
        return fail("no trace: this program is started by 'flatfish view'"), 2;
    if (w.pane && strcmp(w.pane, "all") != 0 && !(alone = pane_find(w.pane)))
        return fail("there is no pane '%.60s'", w.pane), 2;
    if (w.bench)
        return bench(w.trace, w.width ? w.width : 1600, w.height ? w.height : 900, w.json);
    return w.out ? without_window(&w, alone) : with_window(&w, alone);
}
