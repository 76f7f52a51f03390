/* sim/lua/canvas.c -- flatfish.canvas{path=, width=, height=}: a drawing that becomes SVG, PDF or
 * PNG.
 *
 * The few strokes that charts need; what a chart looks like is lua-scripts/lib/report.lua's affair.
 * Fills are numbered styles, each a colour *and* a hatching, so that they differ in black and white
 * and for the colour-blind. Drawn under a temporary name; finish() renames.
 * A module of its own (canvas.so), loaded by drawing.c for who draws: cairo and pango bring thirty
 * libraries along, which no other run shall wait for. So it uses nothing of the simulator's.
 * SPDX-License-Identifier: MIT */
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>
#include <errno.h>
#include <limits.h>
#include <lauxlib.h>
#include <lua.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CANVAS "flatfish.canvas"

enum { SIDE_MAX = 8000, PNG_SCALE = 2, STYLES = 8, TEXT_MAX = 1000 };
enum format { SVG, PDF, PNG };

struct canvas {
    cairo_t *cr; /* NULL = finished */
    cairo_surface_t *surface;
    enum format format;
    char path[PATH_MAX], temp[PATH_MAX];
};

/* Okabe and Ito's colours, in an order in which the lightness alternates. */
static const struct style {
    double r, g, b;
    int hatch; /* 0 none, 1 /, 2 \, 3 x, 4 -, 5 |, 6 +, 7 dots */
} styles[STYLES] = {
    {0.00, 0.45, 0.70, 0}, {0.90, 0.62, 0.00, 1}, {0.35, 0.70, 0.90, 2}, {0.84, 0.37, 0.00, 3},
    {0.95, 0.90, 0.45, 7}, {0.00, 0.62, 0.45, 4}, {0.85, 0.65, 0.78, 5}, {0.75, 0.75, 0.75, 6},
};

static struct canvas *canvas_check(lua_State *L)
{
    struct canvas *c = luaL_checkudata(L, 1, CANVAS);

    if (!c->cr)
        luaL_error(L, "this drawing is finished");
    return c;
}

static double number(lua_State *L, int arg)
{
    double v = luaL_checknumber(L, arg);

    luaL_argcheck(L, isfinite(v), arg, "a finite number is needed");
    return v > 1e6 ? 1e6 : v < -1e6 ? -1e6 : v;
}

static const struct style *style_check(lua_State *L, int arg)
{
    lua_Integer n = luaL_checkinteger(L, arg);

    luaL_argcheck(L, n >= 1, arg, "styles begin with 1");
    return &styles[(n - 1) % STYLES];
}

/* ---- strokes ---- */

static void dash(cairo_t *cr, lua_Integer n)
{
    static const double dashes[][4] = {{1, 0, 1, 0}, {7, 3, 7, 3}, {2, 3, 2, 3}, {9, 3, 2, 3}};

    if (n % 4 == 0)
        cairo_set_dash(cr, NULL, 0, 0);
    else
        cairo_set_dash(cr, dashes[n % 4], 4, 0);
}

/* line(x1, y1, x2, y2 [, width [, dash 0..3 [, grey 0..1]]]) */
static int l_canvas_line(lua_State *L)
{
    struct canvas *c = canvas_check(L);
    double grey = luaL_optnumber(L, 8, 0);

    cairo_set_source_rgb(c->cr, grey, grey, grey);
    cairo_set_line_width(c->cr, luaL_optnumber(L, 6, 1));
    dash(c->cr, luaL_optinteger(L, 7, 0));
    cairo_move_to(c->cr, number(L, 2), number(L, 3));
    cairo_line_to(c->cr, number(L, 4), number(L, 5));
    cairo_stroke(c->cr);
    return 0;
}

static void path_of(lua_State *L, cairo_t *cr, int arg)
{
    lua_Integer n = luaL_len(L, arg);

    for (lua_Integer i = 1; i + 1 <= n; i += 2) {
        lua_geti(L, arg, i);
        lua_geti(L, arg, i + 1);
        cairo_line_to(cr, number(L, lua_gettop(L) - 1), number(L, lua_gettop(L)));
        lua_pop(L, 2);
    }
}

/* polyline({x, y, ...}, style [, dash]) */
static int l_canvas_polyline(lua_State *L)
{
    struct canvas *c = canvas_check(L);
    const struct style *s = style_check(L, 3);
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
static int l_canvas_mark(lua_State *L)
{
    struct canvas *c = canvas_check(L);
    double x = number(L, 2), y = number(L, 3), r = 3.5;
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

/* ---- filled areas ---- */

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
static int l_canvas_fill(lua_State *L)
{
    struct canvas *c = canvas_check(L);
    double x = number(L, 2), y = number(L, 3), w = number(L, 4), h = number(L, 5);
    const struct style *s = style_check(L, 6);

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
static int l_canvas_box(lua_State *L)
{
    struct canvas *c = canvas_check(L);

    cairo_rectangle(c->cr, number(L, 2), number(L, 3), number(L, 4), number(L, 5));
    cairo_set_source_rgb(c->cr, 1, 1, 1);
    cairo_fill(c->cr);
    return 0;
}

/* shade(x, y, width, height, value 0..1): white to dark, always darker for more. */
static int l_canvas_shade(lua_State *L)
{
    struct canvas *c = canvas_check(L);
    double v = number(L, 6);

    v = v < 0 ? 0 : v > 1 ? 1 : v;
    cairo_set_dash(c->cr, NULL, 0, 0);
    cairo_rectangle(c->cr, number(L, 2), number(L, 3), number(L, 4), number(L, 5));
    cairo_set_source_rgb(c->cr, 1 - 0.97 * v, 1 - 0.75 * v, 1 - 0.45 * v);
    cairo_fill_preserve(c->cr);
    cairo_set_source_rgb(c->cr, 0.6, 0.6, 0.6);
    cairo_set_line_width(c->cr, 0.4);
    cairo_stroke(c->cr);
    return 0;
}

/* ---- text ---- */

static PangoLayout *layout(lua_State *L, cairo_t *cr, int text, double size, bool bold)
{
    PangoLayout *l = pango_cairo_create_layout(cr);
    PangoFontDescription *font = pango_font_description_from_string("DejaVu Sans, Sans");
    size_t n;
    const char *words = luaL_checklstring(L, text, &n);
    char *valid = g_utf8_make_valid(words, (gssize)(n > TEXT_MAX ? TEXT_MAX : n));

    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(l, font);
    pango_layout_set_text(l, valid, -1);
    pango_font_description_free(font);
    g_free(valid);
    return l;
}

static double size_check(lua_State *L, int arg)
{
    double size = luaL_optnumber(L, arg, 11);

    luaL_argcheck(L, size >= 4 && size <= 200, arg, "sizes are 4 to 200");
    return size;
}

/* text(x, y, text [, size [, "left" | "center" | "right" [, angle in degrees [, bold [,
 * light]]]]]); y = middle. */
static int l_canvas_text(lua_State *L)
{
    static const char *const sides[] = {"left", "center", "right", NULL};
    struct canvas *c = canvas_check(L);
    double x = number(L, 2), y = number(L, 3), size = size_check(L, 5);
    int side = luaL_checkoption(L, 6, "left", sides), w, h;
    double angle = luaL_optnumber(L, 7, 0), grey = lua_toboolean(L, 9) ? 1 : 0;

    luaL_checkstring(L, 4);
    PangoLayout *l = layout(L, c->cr, 4, size, lua_toboolean(L, 8));
    pango_layout_get_pixel_size(l, &w, &h);
    cairo_save(c->cr);
    cairo_translate(c->cr, x, y);
    cairo_rotate(c->cr, angle * M_PI / 180);
    cairo_move_to(c->cr, -side * w / 2.0, -h / 2.0);
    cairo_set_source_rgb(c->cr, grey, grey, grey);
    pango_cairo_show_layout(c->cr, l);
    cairo_restore(c->cr);
    g_object_unref(l);
    return 0;
}

/* extent(text [, size [, bold]]): width, height */
static int l_canvas_extent(lua_State *L)
{
    struct canvas *c = canvas_check(L);
    int w, h;

    luaL_checkstring(L, 2);
    PangoLayout *l = layout(L, c->cr, 2, size_check(L, 3), lua_toboolean(L, 4));
    pango_layout_get_pixel_size(l, &w, &h);
    g_object_unref(l);
    lua_pushinteger(L, w);
    lua_pushinteger(L, h);
    return 2;
}

/* ---- life ---- */

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
    if (c->format == PNG)
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

static enum format format_of(lua_State *L, const char *path)
{
    static const char *const ends[] = {".svg", ".pdf", ".png"};
    size_t n = strlen(path);

    for (int i = 0; i < 3; i++)
        if (n > 4 && strcmp(path + n - 4, ends[i]) == 0)
            return (enum format)i;
    return (enum format)luaL_error(L, "canvas: '%s' ends in none of .svg .pdf .png", path);
}

static cairo_surface_t *surface_make(struct canvas *c, double w, double h)
{
    cairo_surface_t *s;

    if (c->format == PDF)
        return cairo_pdf_surface_create(c->temp, w, h);
    if (c->format == PNG) {
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
    w = number(L, 3);
    h = number(L, 4);
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
