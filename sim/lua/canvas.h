/* sim/lua/canvas.h -- what the files of canvas.so share: a drawing as a Lua object.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_LUA_CANVAS_H
#define SIM_LUA_CANVAS_H

#include <cairo.h>
#include <lauxlib.h>
#include <limits.h>
#include <lua.h>

enum canvas_format { CANVAS_SVG, CANVAS_PDF, CANVAS_PNG };

struct canvas {
    cairo_t *cr; /* NULL = finished */
    cairo_surface_t *surface;
    enum canvas_format format;
    char path[PATH_MAX], temp[PATH_MAX];
};

/* canvas.c. Argument 1, not finished; a finite number, kept within what cairo can hold. */
struct canvas *canvas_check(lua_State *L);
double canvas_number(lua_State *L, int arg);

/* Methods: stroke.c, fill.c, lettering.c. Argument 1 is the canvas. */
int l_canvas_line(lua_State *L);
int l_canvas_polyline(lua_State *L);
int l_canvas_mark(lua_State *L);
int l_canvas_fill(lua_State *L);
int l_canvas_box(lua_State *L);
int l_canvas_shade(lua_State *L);
int l_canvas_text(lua_State *L);
int l_canvas_extent(lua_State *L);

/* fill.c: the styles, each a colour and a hatching. */
struct canvas_style {
    double r, g, b;
    int hatch; /* 0 none, 1 /, 2 \, 3 x, 4 -, 5 |, 6 +, 7 dots */
};
const struct canvas_style *canvas_style_check(lua_State *L, int arg);

#endif
