/* sim/lua/fill.c -- areas of a drawing. Styles are numbered, each a colour *and* a hatching, so
 * that they differ in black and white and for the colour-blind; shades are darker for more.
 * SPDX-License-Identifier: MIT */
#include "sim/lua/canvas.h"

#include <math.h>

enum { STYLES = 8 };

/* Okabe and Ito's colours, in an order in which the lightness alternates. */
static const struct canvas_style styles[STYLES] = {
    {0.00, 0.45, 0.70, 0}, {0.90, 0.62, 0.00, 1}, {0.35, 0.70, 0.90, 2}, {0.84, 0.37, 0.00, 3},
    {0.95, 0.90, 0.45, 7}, {0.00, 0.62, 0.45, 4}, {0.85, 0.65, 0.78, 5}, {0.75, 0.75, 0.75, 6},
};

const struct canvas_style *canvas_style_check(lua_State *L, int arg)
{
    lua_Integer n = luaL_checkinteger(L, arg);

    luaL_argcheck(L, n >= 1, arg, "styles begin with 1");
    return &styles[(n - 1) % STYLES];
}

static void hatch_lines(cairo_t *cr, double x, double y, double w, double h, double dx, double dy)
{
    double step = 6, long_side = w + h;

    for (double at = -long_side; at < long_side; at += step) {
        if (dy == 0) {
            cairo_move_to(cr, x, y + at);
            cairo_line_to(cr, x + w, y + at);
        } else {
            cairo_move_to(cr, x + at, y);
            cairo_line_to(cr, x + at + dx * h, y + h);
        }
    }
    cairo_stroke(cr);
}

static void dots(cairo_t *cr, double x, double y, double w, double h)
{
    for (double v = y + 3; v < y + h; v += 6)
        for (double u = x + 3; u < x + w; u += 6) {
            cairo_arc(cr, u, v, 0.9, 0, 2 * M_PI);
            cairo_fill(cr);
        }
}

static void hatch(cairo_t *cr, int kind, double x, double y, double w, double h)
{
    cairo_set_source_rgba(cr, 0, 0, 0, 0.65);
    cairo_set_line_width(cr, 0.8);
    if (kind == 1 || kind == 3)
        hatch_lines(cr, x, y, w, h, -1, 1);
    if (kind == 2 || kind == 3)
        hatch_lines(cr, x, y, w, h, 1, 1);
    if (kind == 4 || kind == 6)
        hatch_lines(cr, x, y, w, h, 1, 0);
    if (kind == 5 || kind == 6)
        hatch_lines(cr, x, y, w, h, 0, 1);
    if (kind == 7)
        dots(cr, x, y, w, h);
}

/* fill(x, y, width, height, style): hatched and outlined. */
int l_canvas_fill(lua_State *L)
{
    struct canvas *c = canvas_check(L);
    double x = canvas_number(L, 2), y = canvas_number(L, 3), w = canvas_number(L, 4),
           h = canvas_number(L, 5);
    const struct canvas_style *s = canvas_style_check(L, 6);

    cairo_save(c->cr);
    cairo_set_dash(c->cr, NULL, 0, 0);
    cairo_rectangle(c->cr, x, y, w, h);
    cairo_set_source_rgb(c->cr, s->r, s->g, s->b);
    cairo_fill_preserve(c->cr);
    cairo_clip(c->cr);
    if (w > 2 && h > 2)
        hatch(c->cr, s->hatch, x, y, w, h);
    cairo_restore(c->cr);
    cairo_set_dash(c->cr, NULL, 0, 0);
    cairo_rectangle(c->cr, x, y, w, h);
    cairo_set_source_rgb(c->cr, 0, 0, 0);
    cairo_set_line_width(c->cr, w > 3 && h > 3 ? 0.8 : 0.2);
    cairo_stroke(c->cr);
    return 0;
}

/* box(x, y, width, height): white below a label. */
int l_canvas_box(lua_State *L)
{
    struct canvas *c = canvas_check(L);

    cairo_rectangle(c->cr, canvas_number(L, 2), canvas_number(L, 3), canvas_number(L, 4),
                    canvas_number(L, 5));
    cairo_set_source_rgb(c->cr, 1, 1, 1);
    cairo_fill(c->cr);
    return 0;
}

/* shade(x, y, width, height, value 0..1): white to dark, always darker for more. */
int l_canvas_shade(lua_State *L)
{
    struct canvas *c = canvas_check(L);
    double v = canvas_number(L, 6);

    v = v < 0 ? 0 : v > 1 ? 1 : v;
    cairo_set_dash(c->cr, NULL, 0, 0);
    cairo_rectangle(c->cr, canvas_number(L, 2), canvas_number(L, 3), canvas_number(L, 4),
                    canvas_number(L, 5));
    cairo_set_source_rgb(c->cr, 1 - 0.97 * v, 1 - 0.75 * v, 1 - 0.45 * v);
    cairo_fill_preserve(c->cr);
    cairo_set_source_rgb(c->cr, 0.6, 0.6, 0.6);
    cairo_set_line_width(c->cr, 0.4);
    cairo_stroke(c->cr);
    return 0;
}
