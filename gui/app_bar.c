/* gui/app_bar.c -- the bar: where its parts lie, how they look, which key is which.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "gui/app_bar.h"

enum { HEIGHT = 46, FOOT = 26, BUTTON = 38, SPEED = 92, GAP = 4 };

static const struct {
    int key;
    const char *words;
} parts[BAR_PARTS] = {
    [BAR_CROSSING_BACK] = {'X', "back to the crossing before (X)"},
    [BAR_BACK] = {'S', "one instruction back (S)"},
    [BAR_RUN] = {' ', "go on, or pause (space)"},
    [BAR_STEP] = {'s', "one instruction (s)"},
    [BAR_CROSSING] = {'x', "on to the next crossing (x)"},
    [BAR_SLOWER] = {'<', "slower (<)"},
    [BAR_SPEED] = {0, "instructions a second at most"},
    [BAR_FASTER] = {'>', "faster (>)"},
    [BAR_SLIDER] = {0, "drag: go to that instruction, back or forward; dark: events are known"},
};

double app_live_height(const struct app *a)
{
    return a->live ? HEIGHT : 0;
}

static struct rect place(const struct app *a, enum bar_part part)
{
    double y = a->height - FOOT - HEIGHT + 4, x = 8;

    for (unsigned i = 0; i < part; i++)
        x += (i == BAR_SPEED ? SPEED : i == BAR_SLOWER || i == BAR_FASTER ? 24 : BUTTON) + GAP;
    if (part == BAR_SLIDER)
        return (struct rect){x + 14, y + 18, fmax(20, a->width - x - 34), 18};
    return (struct rect){x, y,
                         part == BAR_SPEED    ? SPEED
                         : part >= BAR_SLOWER ? 24
                                              : BUTTON,
                         HEIGHT - 8};
}

static int part_at(const struct app *a, double x, double y)
{
    for (unsigned i = 0; a->live && i < BAR_PARTS; i++)
        if (rect_has(place(a, i), x, y))
            return (int)i;
    return -1;
}

/* ---- keys and mouse ---- */

bool app_live_key(struct app *a, int key)
{
    if (!a->live)
        return false;
    for (unsigned i = 0; i < BAR_PARTS; i++)
        if (parts[i].key && parts[i].key == key) {
            app_live_do(a, i);
            return true;
        }
    if (key == 'g' && a->view.at_known)
        app_live_goto(a, a->view.at);
    else if (key == 'g')
        app_say(a, "select a moment in the score first");
    return key == 'g';
}

static uint64_t slider_icount(const struct app *a, double x)
{
    struct rect r = place(a, BAR_SLIDER);
    double part = fmin(fmax((x - r.x) / r.w, 0), 1);
    const struct live *l = a->live;

    return l->start + (uint64_t)(part * (double)(l->state.furthest - l->start));
}

bool app_live_press(struct app *a, double x, double y)
{
    int part = part_at(a, x, y);

    if (part < 0)
        return a->live && y >= a->height - FOOT - HEIGHT && y < a->height - FOOT;
    a->sliding = part == BAR_SLIDER;
    a->slide_at = slider_icount(a, x);
    app_live_do(a, (enum bar_part)part);
    return true;
}

bool app_live_release(struct app *a, double x, double y)
{
    bool was = a->sliding;

    (void)y;
    a->sliding = false;
    if (was)
        app_live_goto(a, slider_icount(a, x));
    return was;
}

bool app_live_move(struct app *a, double x, double y)
{
    int part = part_at(a, x, y);

    if (a->sliding) {
        a->slide_at = slider_icount(a, x);
        a->changed = true;
        return true;
    }
    if (part < 0)
        return false;
    a->changed |= strcmp(a->pointed, parts[part].words) != 0;
    snprintf(a->pointed, sizeof a->pointed, "%s", parts[part].words);
    return true;
}

/* ---- drawing ---- */

/* A triangle that points right (side 1) or left (-1). */
static void arrow(cairo_t *cr, double x, double y, double size, int side)
{
    cairo_move_to(cr, x - side * size * 0.5, y - size * 0.6);
    cairo_line_to(cr, x + side * size * 0.5, y);
    cairo_line_to(cr, x - side * size * 0.5, y + size * 0.6);
    cairo_close_path(cr);
    cairo_fill(cr);
}

static void symbol(cairo_t *cr, const struct app *a, enum bar_part part, struct rect r)
{
    double x = r.x + r.w / 2, y = r.y + r.h / 2;
    bool run = a->live->state.what == VIEW_RUNS;

    switch (part) {
    case BAR_CROSSING_BACK:
    case BAR_CROSSING: {
        int side = part == BAR_CROSSING ? 1 : -1;
        arrow(cr, x - side * 8, y, 11, side);
        arrow(cr, x + side * 2, y, 11, side);
        look_paint(cr, (struct rect){x + side * 10 - 1.5, y - 7, 3, 14});
        break;
    }
    case BAR_BACK:
    case BAR_STEP: {
        int side = part == BAR_STEP ? 1 : -1;
        arrow(cr, x - side * 2, y, 12, side);
        look_paint(cr, (struct rect){x + side * 8 - 1.5, y - 7, 3, 14});
        break;
    }
    case BAR_RUN:
        if (run) {
            look_paint(cr, (struct rect){x - 7, y - 8, 5, 16});
            look_paint(cr, (struct rect){x + 2, y - 8, 5, 16});
        } else {
            arrow(cr, x, y, 16, 1);
        }
        break;
    case BAR_SLOWER:
        look_bold(cr, x, y, 15, LOOK_CENTRE, 0, "\u2212");
        break;
    case BAR_FASTER:
        look_bold(cr, x, y, 15, LOOK_CENTRE, 0, "+");
        break;
    default:
        break;
    }
}

static void draw_buttons(cairo_t *cr, const struct app *a)
{
    const struct look *look = &a->view.look;
    char number[LOOK_NUMBER], text[64];

    for (unsigned i = 0; i < BAR_SLIDER; i++) {
        struct rect r = place(a, i);
        if (i != BAR_SPEED) {
            look_ink(cr, look, LOOK_PAPER);
            look_paint(cr, r);
            look_ink(cr, look, LOOK_FAINT);
            look_box(cr, r, 1);
        }
        look_ink(cr, look, a->gone ? LOOK_FAINT : LOOK_TEXT);
        symbol(cr, a, i, r);
    }
    look_short(number, (double)a->live->state.speed);
    snprintf(text, sizeof text, a->live->state.speed ? "%s/s" : "full speed", number);
    look_ink(cr, look, LOOK_TEXT);
    struct rect r = place(a, BAR_SPEED);
    look_text(cr, r.x + r.w / 2, r.y + r.h / 2, 12, LOOK_CENTRE, r.w, text);
}

/* Where it is, in words: what a teacher reads out. */
static void draw_words(cairo_t *cr, const struct app *a, struct rect r)
{
    static const char *const whats[] = {"runs at", "stands at", "ended at"};
    const struct live *l = a->live;
    char at[LOOK_NUMBER], all[LOOK_NUMBER], lost[LOOK_NUMBER], text[VIEW_TEXT * 2 + 160];
    bool here = l->here.known && l->here.at.icount == l->state.icount && l->state.what != VIEW_RUNS;

    look_number(at, a->sliding ? a->slide_at : l->state.icount);
    look_number(all, l->state.furthest);
    look_number(lost, l->state.dropped);
    snprintf(text, sizeof text, "%s %s of %s%s%s%s%s%s%s",
             a->sliding ? "go to"
             : a->gone  ? "machine gone at"
                        : whats[l->state.what],
             at, all, l->why[0] ? ": " : "", l->why, here && l->here.symbol[0] ? "   in " : "",
             here ? l->here.symbol : "", l->state.dropped ? "   events not sent: " : "",
             l->state.dropped ? lost : "");
    look_ink(cr, &a->view.look, LOOK_TEXT);
    look_text(cr, r.x, r.y - 10, 11.5, LOOK_LEFT, r.w, text);
}

static void draw_slider(cairo_t *cr, const struct app *a)
{
    const struct live *l = a->live;
    struct rect r = place(a, BAR_SLIDER);
    double length = fmax(1, (double)(l->state.furthest - l->start)), each = r.w / length;
    double now = r.x + (double)((a->sliding ? a->slide_at : l->state.icount) - l->start) * each;

    draw_words(cr, a, r);
    look_ink(cr, &a->view.look, LOOK_GRID);
    look_paint(cr, (struct rect){r.x, r.y + 5, r.w, 8});
    look_ink(cr, &a->view.look, LOOK_FAINT);
    for (size_t i = 0; i < l->stretches; i++)
        look_paint(
            cr, (struct rect){r.x + (double)(l->stretch[i].from - l->start) * each, r.y + 5,
                              fmax(1, (double)(l->stretch[i].to - l->stretch[i].from) * each), 8});
    look_ink(cr, &a->view.look, LOOK_MARK);
    look_paint(cr, (struct rect){fmin(fmax(now, r.x), r.x + r.w) - 3, r.y, 6, 18});
}

/* The registers where the mouse rests, or where the machine stands. */
static void draw_place(cairo_t *cr, const struct app *a)
{
    static const char *const names[VIEW_REGS] = {
#define VIEW_REG(name) #name,
#include "abi/viewer/registers.def"
#undef VIEW_REG
    };
    const struct live *l = a->live;
    double w = 330, h = 30 + 15 * ((VIEW_REGS + 1) / 2), x = a->x + 16, y = a->y + 16;
    char text[VIEW_TEXT + 64], at[LOOK_NUMBER];

    if (!a->hovering || !l->looked.known || l->looked.at.icount != a->hovered || a->down)
        return;
    x = fmax(2, fmin(x, a->width - w - 4));
    y = fmax(2, fmin(y, a->height - FOOT - HEIGHT - h - 4));
    look_ink(cr, &a->view.look, LOOK_PAPER);
    look_paint(cr, (struct rect){x, y, w, h});
    look_ink(cr, &a->view.look, LOOK_FAINT);
    look_box(cr, (struct rect){x, y, w, h}, 1);
    look_number(at, l->looked.at.icount);
    snprintf(text, sizeof text, "%s  %s", at, l->looked.symbol);
    look_ink(cr, &a->view.look, LOOK_TEXT);
    look_bold(cr, x + 8, y + 13, 11, LOOK_LEFT, w - 16, text);
    for (unsigned i = 0; i < VIEW_REGS; i++) {
        double column = x + 8 + (i % 2) * (w / 2), line = y + 32 + 15 * (i / 2);
        look_ink(cr, &a->view.look, LOOK_FAINT);
        look_text(cr, column, line, 10.5, LOOK_LEFT, 40, names[i]);
        look_ink(cr, &a->view.look, LOOK_TEXT);
        snprintf(text, sizeof text, "%" PRIx64, l->looked.at.reg[i]);
        look_text(cr, column + 42, line, 10.5, LOOK_LEFT, 0, text);
    }
}

void app_live_draw(cairo_t *cr, struct app *a)
{
    if (!a->live)
        return;
    look_ink(cr, &a->view.look, LOOK_PANEL);
    look_paint(cr, (struct rect){0, a->height - FOOT - HEIGHT, a->width, HEIGHT});
    draw_buttons(cr, a);
    draw_slider(cr, a);
    draw_place(cr, a);
}
