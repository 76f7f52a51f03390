/* sim/lua/stroke.c -- lines of a drawing: straight, through points, and the marks on them. Dashes
 * and marks differ in shape, so that lines can be told apart without colour.
 * SPDX-License-Identifier: MIT */
#include "sim/lua/canvas.h"

#include <math.h>

static void dash(cairo_t *cr, lua_Integer n)
{
    static const double dashes[][4] = {{1, 0, 1, 0}, {7, 3, 7, 3}, {2, 3, 2, 3}, {9, 3, 2, 3}};

    if (n % 4 == 0)
        cairo_set_dash(cr, NULL, 0, 0);
    else
        cairo_set_dash(cr, dashes[n % 4], 4, 0);
}

/* line(x1, y1, x2, y2 [, width [, dash 0..3 [, grey 0..1]]]) */
int l_canvas_line(lua_State *L)
{
    struct canvas *c = canvas_check(L);
    double grey = luaL_optnumber(L, 8, 0);

    cairo_set_source_rgb(c->cr, grey, grey, grey);
    cairo_set_line_width(c->cr, luaL_optnumber(L, 6, 1));
    dash(c->cr, luaL_optinteger(L, 7, 0));
    cairo_move_to(c->cr, canvas_number(L, 2), canvas_number(L, 3));
    cairo_line_to(c->cr, canvas_number(L, 4), canvas_number(L, 5));
    cairo_stroke(c->cr);
    return 0;
}

static void path_of(lua_State *L, cairo_t *cr, int arg)
{
    lua_Integer n = luaL_len(L, arg);

    for (lua_Integer i = 1; i + 1 <= n; i += 2) {
        lua_geti(L, arg, i);
        lua_geti(L, arg, i + 1);
        cairo_line_to(cr, canvas_number(L, lua_gettop(L) - 1), canvas_number(L, lua_gettop(L)));
        lua_pop(L, 2);
    }
}

/* polyline({x, y, ...}, style [, dash]) */
int l_canvas_polyline(lua_State *L)
{
    struct canvas *c = canvas_check(L);
    const struct canvas_style *s = canvas_style_check(L, 3);
    double dark = 0.75;

    luaL_checktype(L, 2, LUA_TTABLE);
    cairo_set_source_rgb(c->cr, s->r * dark, s->g * dark, s->b * dark);
    cairo_set_line_width(c->cr, 1.8);
    dash(c->cr, luaL_optinteger(L, 4, 0));
    cairo_new_path(c->cr);
    path_of(L, c->cr, 2);
    cairo_stroke(c->cr);
    return 0;
}

/* mark(x, y, n): one of four shapes, for points of a line. */
int l_canvas_mark(lua_State *L)
{
    struct canvas *c = canvas_check(L);
    double x = canvas_number(L, 2), y = canvas_number(L, 3), r = 3.5;
    int shape = (int)(luaL_checkinteger(L, 4) & 3);

    cairo_set_dash(c->cr, NULL, 0, 0);
    cairo_set_line_width(c->cr, 1);
    cairo_new_path(c->cr);
    if (shape == 0) {
        cairo_arc(c->cr, x, y, r, 0, 2 * M_PI);
    } else if (shape == 1) {
        cairo_rectangle(c->cr, x - r, y - r, 2 * r, 2 * r);
    } else {
        double up = shape == 2 ? -r : r;
        cairo_move_to(c->cr, x, y + up * 1.2);
        cairo_line_to(c->cr, x + r * 1.1, y - up);
        cairo_line_to(c->cr, x - r * 1.1, y - up);
        cairo_close_path(c->cr);
    }
    cairo_set_source_rgb(c->cr, 1, 1, 1);
    cairo_fill_preserve(c->cr);
    cairo_set_source_rgb(c->cr, 0, 0, 0);
    cairo_stroke(c->cr);
    return 0;
}
