/* sim/lua/canvas.c -- flatfish.canvas{path=, width=, height=}: a drawing that becomes SVG, PDF or
 * PNG.
 *
 * Its life: made under a temporary name, finish() renames. The few strokes that charts need are in
 * stroke.c, fill.c and lettering.c; what a chart looks like is lua-scripts/lib/plots.lua's affair.
 * A module of its own (canvas.so), loaded by drawing.c for who draws: cairo and pango bring thirty
 * libraries along, which no other run shall wait for. So it uses nothing of the simulator's.
 * SPDX-License-Identifier: MIT */
#include "sim/lua/canvas.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CANVAS "flatfish.canvas"

enum { SIDE_MAX = 8000, PNG_SCALE = 2 };

struct canvas *canvas_check(lua_State *L)
{
    struct canvas *c = luaL_checkudata(L, 1, CANVAS);

    if (!c->cr)
        luaL_error(L, "this drawing is finished");
    return c;
}

double canvas_number(lua_State *L, int arg)
{
    double v = luaL_checknumber(L, arg);

    luaL_argcheck(L, isfinite(v), arg, "a finite number is needed");
    return v > 1e6 ? 1e6 : v < -1e6 ? -1e6 : v;
}

static int l_canvas_drop(lua_State *L)
{
    struct canvas *c = luaL_checkudata(L, 1, CANVAS);

    if (!c->cr)
        return 0;
    cairo_destroy(c->cr);
    cairo_surface_destroy(c->surface);
    remove(c->temp);
    c->cr = NULL;
    return 0;
}

static int failure(lua_State *L, const struct canvas *c, const char *why)
{
    remove(c->temp);
    lua_pushnil(L);
    lua_pushfstring(L, "%s: %s", c->path, why);
    return 2;
}

/* finish(): the file is there. */
static int l_canvas_finish(lua_State *L)
{
    struct canvas *c = canvas_check(L);
    cairo_status_t status = CAIRO_STATUS_SUCCESS;

    cairo_destroy(c->cr);
    c->cr = NULL;
    if (c->format == CANVAS_PNG)
        status = cairo_surface_write_to_png(c->surface, c->temp);
    cairo_surface_finish(c->surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(c->surface);
    cairo_surface_destroy(c->surface);
    if (status != CAIRO_STATUS_SUCCESS)
        return failure(L, c, cairo_status_to_string(status));
    if (rename(c->temp, c->path) != 0)
        return failure(L, c, strerror(errno));
    lua_pushboolean(L, true);
    return 1;
}

static enum canvas_format format_of(lua_State *L, const char *path)
{
    static const char *const ends[] = {".svg", ".pdf", ".png"};
    size_t n = strlen(path);

    for (int i = 0; i < 3; i++)
        if (n > 4 && strcmp(path + n - 4, ends[i]) == 0)
            return (enum canvas_format)i;
    return (enum canvas_format)luaL_error(L, "canvas: '%s' ends in none of .svg .pdf .png", path);
}

static cairo_surface_t *surface_make(struct canvas *c, double w, double h)
{
    cairo_surface_t *s;

    if (c->format == CANVAS_PDF)
        return cairo_pdf_surface_create(c->temp, w, h);
    if (c->format == CANVAS_PNG) {
        s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)w * PNG_SCALE, (int)h * PNG_SCALE);
        cairo_surface_set_device_scale(s, PNG_SCALE, PNG_SCALE);
        return s;
    }
    s = cairo_svg_surface_create(c->temp, w, h);
    cairo_svg_surface_set_document_unit(s, CAIRO_SVG_UNIT_PX);
    return s;
}

int luaopen_canvas(lua_State *L);

static int l_flatfish_canvas(lua_State *L)
{
    const char *path;
    double w, h;
    struct canvas *c;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "path");
    lua_getfield(L, 1, "width");
    lua_getfield(L, 1, "height");
    path = luaL_checkstring(L, 2);
    w = canvas_number(L, 3);
    h = canvas_number(L, 4);
    if (w < 1 || h < 1 || w > SIDE_MAX || h > SIDE_MAX)
        return luaL_error(L, "canvas: sides are 1 to %d", SIDE_MAX);
    c = lua_newuserdatauv(L, sizeof *c, 0);
    *c = (struct canvas){.format = format_of(L, path)};
    luaL_setmetatable(L, CANVAS);
    if ((size_t)snprintf(c->path, sizeof c->path, "%s", path) >= sizeof c->path - 32)
        return luaL_error(L, "canvas: the path is too long");
    snprintf(c->temp, sizeof c->temp, "%.*s.%ld.tmp", PATH_MAX - 32, path, (long)getpid());
    c->surface = surface_make(c, w, h);
    if (cairo_surface_status(c->surface) != CAIRO_STATUS_SUCCESS) {
        const char *why = cairo_status_to_string(cairo_surface_status(c->surface));
        cairo_surface_destroy(c->surface);
        return failure(L, c, why);
    }
    c->cr = cairo_create(c->surface);
    cairo_set_source_rgb(c->cr, 1, 1, 1);
    cairo_paint(c->cr);
    return 1;
}

/* Returns the function flatfish.canvas; drawing.c calls it once. */
int luaopen_canvas(lua_State *L)
{
    static const luaL_Reg methods[] = {{"line", l_canvas_line},     {"polyline", l_canvas_polyline},
                                       {"mark", l_canvas_mark},     {"fill", l_canvas_fill},
                                       {"shade", l_canvas_shade},   {"box", l_canvas_box},
                                       {"text", l_canvas_text},     {"extent", l_canvas_extent},
                                       {"finish", l_canvas_finish}, {NULL, NULL}};

    luaL_newmetatable(L, CANVAS);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, l_canvas_drop);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
    lua_pushcfunction(L, l_flatfish_canvas);
    return 1;
}
