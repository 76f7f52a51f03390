/* sim/lua/lettering.c -- words of a drawing, and how much room they take.
 * SPDX-License-Identifier: MIT */
#include "sim/lua/canvas.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <stdbool.h>

enum { TEXT_MAX = 1000 };

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
int l_canvas_text(lua_State *L)
{
    static const char *const sides[] = {"left", "center", "right", NULL};
    struct canvas *c = canvas_check(L);
    double x = canvas_number(L, 2), y = canvas_number(L, 3), size = size_check(L, 5);
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
int l_canvas_extent(lua_State *L)
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
