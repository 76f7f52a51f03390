/* gui/app.c -- beginning, end, and what keys do.
 * A key either moves (through time, from event to event, from level to level) or switches
 * something; while there is a prompt it belongs to that. Nothing here waits: a search goes on in
 * app_tick(). SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gui/app_live.h"
#include "gui/chain.h"
#include "gui/export.h"

static const double SCALE_MIN = 0.5, SCALE_MAX = 4;

bool app_init(struct app *a, struct model *m, const char *dir)
{
    *a = (struct app){.changed = true, .scale = 1};
    view_init(&a->view, m);
    if (!notes_open(&a->notes, dir))
        return false;
    a->view.notes = &a->notes;
    if (model_damage(m))
        app_say(a, "%s; what came before is shown", model_damage(m));
    return true;
}

bool app_init_live(struct app *a, struct live *l, struct live_picture *p)
{
    if (!app_init(a, p->model, NULL))
        return false;
    a->live = a->view.live = l;
    a->name = l->title;
    a->picture = p;
    a->asked = a->followed = UINT64_MAX;
    a->shown = l->changes;
    return true;
}

void app_close(struct app *a)
{
    notes_close(&a->notes);
    live_picture_close(a->picture);
    free(a->glow);
}

void app_say(struct app *a, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(a->said, sizeof a->said, format, args);
    va_end(args);
    a->changed = true;
}

/* ---- prompts ---- */

static void search_start(struct app *a, const char *words, bool backward)
{
    struct view *v = &a->view;
    char *end;
    uint64_t n = strtoull(words, &end, 10);

    if (isdigit((unsigned char)*words) && !*end) { /* a number is a moment */
        view_go(v, n);
        return;
    }
    search_begin(&a->search, v->model, words, v->at_known ? v->at : v->from, backward);
    a->searching = true;
}

static void prompt_done(struct app *a)
{
    enum app_prompt prompt = a->prompt;
    char err[PANE_WORDS];

    a->prompt = APP_NO_PROMPT;
    if (prompt == APP_SEARCH && a->line[0])
        search_start(a, a->line, false);
    if (prompt == APP_REACH && a->line[0])
        app_live_reach(a, a->line);
    if (prompt == APP_ADDRESS && a->line[0])
        app_live_address(a, a->line);
    if (prompt == APP_NOTE && !notes_set(&a->notes, a->view.at, a->line, err, sizeof err))
        app_say(a, "%s", err);
    if (prompt == APP_EXPORT && a->line[0]) {
        struct rect area = app_area(a);
        if (export_write(&a->view, a->alone, area.w, area.h, a->line, EXPORT_NEW, err, sizeof err))
            app_say(a, "written: %s", a->line);
        else
            app_say(a, "%s", err);
    }
}

static void prompt_start(struct app *a, enum app_prompt prompt)
{
    const struct note *note = notes_at(&a->notes, a->view.at);

    a->line[0] = a->said[0] = 0;
    if (prompt == APP_NOTE && !a->view.at_known) {
        app_say(a, "select a moment in the score first");
        return;
    }
    a->prompt = prompt;
    if (prompt == APP_NOTE && note)
        snprintf(a->line, sizeof a->line, "%s", note->words);
    if (prompt == APP_EXPORT)
        snprintf(a->line, sizeof a->line, "%s.svg", a->alone ? a->alone->name : "view");
}

void app_type(struct app *a, const char *text)
{
    size_t n = strlen(a->line);

    if (a->prompt && n + strlen(text) < sizeof a->line)
        strcpy(a->line + n, text);
    a->changed = true;
}

static void prompt_key(struct app *a, int key)
{
    size_t n = strlen(a->line);

    if (key == APP_ENTER)
        prompt_done(a);
    else if (key == APP_ESCAPE)
        a->prompt = APP_NO_PROMPT;
    while (key == APP_BACKSPACE && n && (a->line[--n] & 0xc0) == 0x80)
        ; /* all bytes of one letter */
    if (key == APP_BACKSPACE)
        a->line[n] = 0;
}

bool app_tick(struct app *a)
{
    app_live_tick(a);
    if (!a->searching)
        return false;
    if (!search_step(&a->search)) {
        app_say(a, "searching for %s: packet %zu of %zu", a->search.words, a->search.packet,
                index_points(a->view.model->index));
        return true;
    }
    a->searching = false;
    if (a->search.found)
        view_go(&a->view, a->search.at);
    app_say(a, a->search.found ? "found: %s" : "%s: not found from here on", a->search.words);
    if (a->live && !a->search.found) /* or is it a symbol? */
        live_ask(a->live, VIEW_FIND, 0, 0, a->search.words);
    return true;
}

/* ---- moving ---- */

struct next {
    uint64_t at, found;
};

static bool next_span(void *ctx, const struct trace_span *span, uint64_t begun)
{
    struct next *n = ctx;

    (void)span;
    n->found = begun;
    return begun <= n->at;
}

static void go_crossing(struct app *a, bool back)
{
    struct view *v = &a->view;
    struct next n = {.at = v->at_known ? v->at : v->from, .found = v->at};
    struct model_visit visit = {.span = next_span, .ctx = &n};

    if (back && n.at > v->model->start)
        view_go(v, n.at - 1);
    if (back)
        return;
    model_visit(v->model, n.at, UINT64_MAX, &visit);
    view_go(v, n.found);
}

static void go_fault(struct app *a, bool back)
{
    struct view *v = &a->view;
    uint64_t found;

    if (chain_fault(v->model, v->at_known ? v->at : v->from, back, &found))
        view_go(v, found);
    else
        app_say(a, "no page fault of a program %s here", back ? "before" : "after");
}

/* Shows all of the path, with a little around it. */
static void go_path(struct app *a)
{
    struct view *v = &a->view;
    struct chain *c = malloc(sizeof *c);

    if (c && v->at_known && chain_follow(v->model, v->at, c)) {
        double around = (c->end - c->begin) / 20.0 + 1;
        view_range(v, c->begin - around, c->end + around);
    } else {
        app_say(a, "select a moment in the score first");
    }
    free(c);
}

static void go_note(struct app *a)
{
    const struct note *note = notes_next(&a->notes, a->view.at_known ? a->view.at : a->view.from);

    if (!note) {
        app_say(a, "no notes yet: b makes one");
        return;
    }
    view_go(&a->view, note->at);
    app_say(a, "%s", note->words);
}

static void go_entity(struct app *a, int step)
{
    struct view *v = &a->view;
    int n = (int)v->model->entities;

    v->entity = v->entity < 0 ? (step > 0 ? n - 1 : 0) : (v->entity - step + n) % n;
    app_say(a, "%s", v->model->entity[v->entity].label);
}

/* A pane that is alone, if it can; else the one that these keys are for. */
static const struct pane *scrolled(const struct app *a, const struct pane *otherwise)
{
    return a->alone && a->alone->scroll ? a->alone : otherwise;
}

static void key_move(struct app *a, int key)
{
    struct view *v = &a->view;
    double length = v->to - v->from;
    bool seen = v->at_known && v->at >= v->from && v->at <= v->to;
    double centre = seen ? v->at : v->from + length / 2;

    switch (key) {
    case APP_LEFT:
        view_pan(v, -length / 8);
        break;
    case APP_RIGHT:
        view_pan(v, length / 8);
        break;
    case APP_UP:
        scrolled(a, &pane_score)->scroll(v, -1);
        break;
    case APP_DOWN:
        scrolled(a, &pane_score)->scroll(v, 1);
        break;
    case APP_PAGE_UP:
        scrolled(a, &pane_path)->scroll(v, -5);
        break;
    case APP_PAGE_DOWN:
        scrolled(a, &pane_path)->scroll(v, 5);
        break;
    case APP_HOME:
        view_range(v, v->model->start, v->model->end);
        break;
    case APP_TAB:
        go_entity(a, 1);
        break;
    case APP_BACK_TAB:
        go_entity(a, -1);
        break;
    case '+':
    case '=':
        view_zoom(v, centre, 0.5);
        break;
    case '-':
        view_zoom(v, centre, 2);
        break;
    case '.':
        go_crossing(a, false);
        break;
    case ',':
        go_crossing(a, true);
        break;
    case ']':
        go_fault(a, false);
        break;
    case '[':
        go_fault(a, true);
        break;
    case 'f':
        go_path(a);
        break;
    case '\'':
        go_note(a);
        break;
    }
}

/* Instructions, crossings, cycles by each cost model, and instructions again. */
static void count_otherwise(struct app *a)
{
    struct view *v = &a->view;

    if (v->priced < 0 && !v->count_crossings) {
        v->count_crossings = true;
        return;
    }
    v->priced = v->priced + 1 < v->prices ? v->priced + 1 : -1;
    v->count_crossings = false;
    if (v->priced >= 0)
        app_say(a, "cycles as the cost model %s has them: counts are exact, prices a model's",
                v->price[v->priced].name);
}

static void key_switch(struct app *a, int key)
{
    struct view *v = &a->view;

    switch (key) {
    case 'q':
        a->quit = true;
        break;
    case '?':
        a->help = true;
        break;
    case 'd':
        v->look.dark = !v->look.dark;
        break;
    case 't':
        v->threads = !v->threads;
        break;
    case 'c':
        count_otherwise(a);
        break;
    case 'r':
        if (a->live)
            prompt_start(a, APP_REACH);
        break;
    case 'm':
        if (a->live)
            prompt_start(a, APP_ADDRESS);
        break;
    case '/':
        prompt_start(a, APP_SEARCH);
        break;
    case 'b':
        prompt_start(a, APP_NOTE);
        break;
    case 'e':
        prompt_start(a, APP_EXPORT);
        break;
    case 'n':
    case 'N':
        if (a->search.words[0])
            search_start(a, strdupa(a->search.words), key == 'N');
        break;
    case '0':
    case APP_ESCAPE:
        a->alone = NULL;
        break;
    }
    if (key >= '1' && key <= '9' && pane_at(key - '1'))
        a->alone = pane_at(key - '1');
}

void app_scale(struct app *a, double scale)
{
    a->scale = fmin(fmax(scale, SCALE_MIN), SCALE_MAX);
    if (fabs(a->scale - 1) < 0.01)
        a->scale = 1;
}

void app_key(struct app *a, int key)
{
    a->changed = true;
    if (key == APP_LARGER || key == APP_SMALLER) {
        app_scale(a, a->scale * (key == APP_LARGER ? 1.25 : 0.8));
        return;
    }
    if (a->prompt) {
        prompt_key(a, key);
        return;
    }
    if (a->help) { /* any key takes the help away */
        a->help = false;
        return;
    }
    a->said[0] = 0;
    a->searching &= key != APP_ESCAPE;
    if (app_live_key(a, key))
        return;
    key_move(a, key);
    key_switch(a, key);
    app_live_selected(a);
}
