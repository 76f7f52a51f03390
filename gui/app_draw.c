/* gui/app_draw.c -- the panes, and what a window has besides: the line at the foot, the range that
 * is being chosen, the help. SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "gui/app_live.h"

enum { FOOT = 26, HELP_W = 680, HELP_ROW = 21 };

static const char *const help[][2] = {
    {"drag, arrows", "move through time"},
    {"wheel, + -", "nearer, farther (Shift and wheel: sideways)"},
    {"Shift or right drag", "show the range chosen"},
    {"Home", "the whole run"},
    {"click", "select a moment, a level, a leg: in all panes"},
    {", .", "the crossing before, after"},
    {"[ ]", "the page fault before, after"},
    {"Tab", "the next level"},
    {"f", "show the whole path of what is selected"},
    {"/ then n N", "search: a reason, name, label, 0xADDRESS; a number is a moment (Esc stops)"},
    {"b  '", "a note on the moment selected (no words: none); the next note"},
    {"1 to 6, 0", "one pane alone, all (or click twice)"},
    {"Up Down, Page keys", "scroll the lanes, the path; or the pane that is alone"},
    {"t", "a lane for each thread, or each space"},
    {"c", "count instructions, crossings, or cycles by a cost model"},
    {"e", "what is shown as SVG, PDF or PNG"},
    {"d", "dark, light"},
    {"Ctrl +, Ctrl -", "everything larger, smaller: for a projector, or a very fine screen"},
    {"space, s S, x X", "live: go on or pause; an instruction, a crossing, on or back"},
    {"< >, g", "live: slower, faster; go to the moment selected"},
    {"r, m", "live: run to a symbol; where an address of the level selected leads"},
    {"?", "this help"},
    {"q", "the end"},
    {NULL, NULL},
};

struct rect app_area(const struct app *a)
{
    return (struct rect){0, 0, a->width, fmax(1, a->height - FOOT - app_live_height(a))};
}

static void draw_foot(cairo_t *cr, const struct app *a)
{
    static const char *const asks[] = {
        "",           "search: ",        "note: ",
        "write to: ", "run to symbol: ", "where does this address lead? 0x"};
    struct rect r = {0, a->height - FOOT, a->width, FOOT};
    char text[sizeof a->line + PANE_WORDS];

    if (a->prompt)
        snprintf(text, sizeof text, "%s%s\u2588", asks[a->prompt], a->line);
    else
        snprintf(text, sizeof text, "%s", a->said[0] ? a->said : a->pointed);
    look_ink(cr, &a->view.look, LOOK_PANEL);
    look_paint(cr, r);
    look_ink(cr, &a->view.look, LOOK_TEXT);
    look_text(cr, 10, r.y + FOOT / 2.0, 12, LOOK_LEFT, r.w - 120, text);
    look_ink(cr, &a->view.look, LOOK_FAINT);
    look_text(cr, r.w - 10, r.y + FOOT / 2.0, 12, LOOK_RIGHT, 0, "? help");
}

static void draw_choice(cairo_t *cr, const struct app *a)
{
    struct rect area = app_area(a), r;

    if (!a->dragged || !a->choosing ||
        layout_find(&a->view, area, a->alone, a->down_x, a->down_y, &r) != &pane_score)
        return;
    look_ink(cr, &a->view.look, LOOK_MARK);
    look_box(cr, (struct rect){fmin(a->x, a->down_x), r.y + 2, fabs(a->x - a->down_x), r.h - 4}, 2);
}

/* In a low window the lines stand closer, in smaller letters, so that all can be read. */
static void draw_help(cairo_t *cr, const struct app *a)
{
    unsigned rows = sizeof help / sizeof *help - 1;
    double row = fmax(8, fmin(HELP_ROW, (a->height - 56) / rows)), size = row * 12 / HELP_ROW;
    double h = rows * row + 50, w = fmin(HELP_W, a->width - 20), names = 155 * size / 12;
    struct rect r = {(a->width - w) / 2, fmax(4, (a->height - h) / 2), w, h};

    look_ink(cr, &a->view.look, LOOK_PAPER);
    look_paint(cr, r);
    look_ink(cr, &a->view.look, LOOK_TEXT);
    look_box(cr, r, 1.5);
    look_bold(cr, r.x + 20, r.y + 22, 14, LOOK_LEFT, 0, "Keys and mouse");
    for (unsigned i = 0; i < rows; i++) {
        double y = r.y + 38 + (i + 0.5) * row;
        look_bold(cr, r.x + 20, y, size, LOOK_LEFT, names - 5, help[i][0]);
        look_text(cr, r.x + 20 + names, y, size, LOOK_LEFT, w - names - 30, help[i][1]);
    }
}

void app_draw(cairo_t *cr, struct app *a)
{
    layout_draw(cr, &a->view, app_area(a), a->alone);
    draw_choice(cr, a);
    app_live_draw(cr, a);
    draw_foot(cr, a);
    if (a->help)
        draw_help(cr, a);
}

void app_title(const struct app *a, char title[APP_TITLE])
{
    static const char *const whats[] = {" - runs", " - stands at ", " - ended at "};
    const char *what = !a->live ? "" : a->gone ? " - gone" : whats[a->live->state.what];
    char at[32] = "";

    if (a->live && !a->gone && a->live->state.what != VIEW_RUNS)
        snprintf(at, sizeof at, "%" PRIu64, a->live->state.icount);
    snprintf(title, APP_TITLE, "%.400s%s%s - flatfish", a->name, what, at);
}
