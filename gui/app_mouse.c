/* gui/app_mouse.c -- what the mouse does: point, select, drag time along, choose a range, zoom.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "gui/app_live.h"
#include "gui/open.h"

enum { SLACK = 4 }; /* points that a hand may tremble during a click */

static const struct pane *pane_under(const struct app *a, double x, double y, struct rect *r)
{
    return layout_find(&a->view, app_area(a), a->alone, x, y, r);
}

/* The moment below x in the score, with what is shown, or was shown when a drag began. */
static double moment(const struct rect *r, double x, uint64_t from, uint64_t to)
{
    struct rect plot = score_plot(*r);

    return from + (x - plot.x) / plot.w * (double)(to - from);
}

static void drag(struct app *a, double x)
{
    struct rect r;
    double before, now, length = a->down_to - a->down_from;

    if (pane_under(a, a->down_x, a->down_y, &r) != &pane_score || a->choosing)
        return;
    before = moment(&r, a->down_x, a->down_from, a->down_to);
    now = moment(&r, x, a->down_from, a->down_to);
    view_range(&a->view, a->down_from + before - now, a->down_from + before - now + length);
}

/* The moment under the mouse, for whoever asks for its registers. */
static void hover(struct app *a, const struct pane *pane, struct rect r)
{
    uint64_t at;

    if (pane != &pane_score || !score_moment(&a->view, r, a->x, a->y, &at))
        return;
    a->hovering = true;
    if (at != a->hovered)
        a->hovered_since = open_now();
    a->hovered = at;
}

void app_move(struct app *a, double x, double y)
{
    char words[PANE_WORDS] = "";
    const struct pane *pane;
    struct rect r;

    a->x = x;
    a->y = y;
    a->hovering = false;
    if (app_live_move(a, x, y))
        return;
    if (a->down && (fabs(x - a->down_x) > SLACK || fabs(y - a->down_y) > SLACK))
        a->dragged = true;
    if (a->dragged) {
        drag(a, x);
        a->changed = true;
        return;
    }
    pane = pane_under(a, x, y, &r);
    if (!pane || !pane->hover(&a->view, r, x, y, words))
        words[0] = 0;
    a->changed |= strcmp(words, a->pointed) != 0 || a->live;
    strcpy(a->pointed, words);
    hover(a, pane, r);
}

/* Twice: nearer, in the score; a pane alone, and back, elsewhere. */
static void press_twice(struct app *a, double x, double y)
{
    struct rect r;
    const struct pane *pane = pane_under(a, x, y, &r);

    if (pane == &pane_score && rect_has(score_plot(r), x, y))
        view_zoom(&a->view, moment(&r, x, a->view.from, a->view.to), 0.25);
    else
        a->alone = a->alone ? NULL : pane;
}

void app_press(struct app *a, double x, double y, bool choose, int clicks)
{
    a->changed = true;
    a->help = false;
    a->said[0] = 0;
    if (app_live_press(a, x, y))
        return;
    a->down = true;
    a->dragged = false;
    a->choosing = choose;
    a->down_x = x;
    a->down_y = y;
    a->down_from = a->view.from;
    a->down_to = a->view.to;
    if (clicks == 2)
        press_twice(a, x, y);
}

void app_release(struct app *a, double x, double y)
{
    struct rect r;
    const struct pane *pane = pane_under(a, a->down_x, a->down_y, &r);

    if (app_live_release(a, x, y))
        return;
    if (a->down && !a->dragged && pane)
        pane->click(&a->view, r, x, y);
    if (a->down && a->dragged && a->choosing && pane == &pane_score) {
        double one = moment(&r, a->down_x, a->view.from, a->view.to);
        double other = moment(&r, x, a->view.from, a->view.to);
        view_range(&a->view, fmin(one, other), fmax(one, other));
    }
    a->down = a->dragged = a->choosing = false;
    a->changed = true;
    app_live_selected(a);
}

void app_wheel(struct app *a, double x, double y, double turns, bool sideways)
{
    struct view *v = &a->view;
    struct rect r;
    const struct pane *pane = pane_under(a, x, y, &r);

    a->changed = true;
    if (pane == &pane_score && sideways)
        view_pan(v, turns * (double)(v->to - v->from) / 10);
    else if (pane == &pane_score && rect_has(score_plot(r), x, y))
        view_zoom(v, moment(&r, x, v->from, v->to), pow(0.8, turns));
    else if (pane && pane->scroll)
        pane->scroll(v, -turns * 2);
}
