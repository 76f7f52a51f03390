/* gui/look.c -- colours, hatchings and letters on cairo; see look.h.
 * Hatching is plain lines, cut to the area by arithmetic and not by clipping: as fast in a window
 * as it is small in an SVG, and lines of neighbouring areas meet. SPDX-License-Identifier: MIT */
#include <math.h>
#include <pango/pangocairo.h>
#include <stdio.h>
#include <string.h>

#include "gui/look.h"

enum { STEP = 7 }; /* of hatchings */

struct style {
    double r, g, b;
    unsigned hatch; /* bits: 1 /, 2 \, 4 -, 8 | */
};

/* Okabe and Ito's colours, in an order in which the lightness alternates. */
static const struct style styles[] = {
    {0.75, 0.75, 0.75, 0}, /* level 0 */
    {0.00, 0.45, 0.70, 0}, {0.90, 0.62, 0.00, 1}, {0.35, 0.70, 0.90, 2},  {0.84, 0.37, 0.00, 3},
    {0.95, 0.90, 0.45, 4}, {0.00, 0.62, 0.45, 8}, {0.85, 0.65, 0.78, 12},
};

static const struct style *style_of(unsigned level)
{
    return level ? &styles[1 + (level - 1) % 7] : &styles[0];
}

void look_ink(cairo_t *cr, const struct look *l, enum look_ink ink)
{
    static const double light[][3] = {{1, 1, 1},          {0.94, 0.95, 0.97}, {0, 0, 0},
                                      {0.35, 0.36, 0.38}, {0.82, 0.83, 0.85}, {0.80, 0.00, 0.45}};
    static const double dark[][3] = {{0.09, 0.10, 0.12}, {0.15, 0.17, 0.20}, {0.95, 0.95, 0.95},
                                     {0.66, 0.68, 0.72}, {0.28, 0.30, 0.34}, {1.00, 0.45, 0.75}};
    const double *c = l->dark ? dark[ink] : light[ink];

    cairo_set_source_rgb(cr, c[0], c[1], c[2]);
}

/* ---- letters ---- */

static PangoLayout *layout(cairo_t *cr, double size, bool bold, const char *text)
{
    static PangoFontDescription *font;
    PangoLayout *p = pango_cairo_create_layout(cr);
    char *valid;

    if (!font)
        font = pango_font_description_from_string("DejaVu Sans, Sans");
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(p, font);
    valid = g_utf8_make_valid(text, -1);
    pango_layout_set_text(p, valid, -1);
    g_free(valid);
    return p;
}

static double letters(cairo_t *cr, double x, double y, double size, enum look_side side,
                      double room, const char *text, bool bold)
{
    PangoLayout *p;
    int w, h;

    if (!*text || (room > 0 && room < size * 1.3))
        return 0;
    p = layout(cr, size, bold, text);
    if (room > 0) {
        pango_layout_set_width(p, room * PANGO_SCALE);
        pango_layout_set_ellipsize(p, PANGO_ELLIPSIZE_END);
    }
    pango_layout_get_pixel_size(p, &w, &h);
    cairo_move_to(cr, round(x - side * w / 2.0), round(y - h / 2.0));
    pango_cairo_show_layout(cr, p);
    cairo_new_path(cr);
    g_object_unref(p);
    return w;
}

double look_text(cairo_t *cr, double x, double y, double size, enum look_side side, double room,
                 const char *text)
{
    return letters(cr, x, y, size, side, room, text, false);
}

double look_bold(cairo_t *cr, double x, double y, double size, enum look_side side, double room,
                 const char *text)
{
    return letters(cr, x, y, size, side, room, text, true);
}

double look_width(cairo_t *cr, double size, const char *text)
{
    PangoLayout *p = layout(cr, size, false, text);
    int w, h;

    pango_layout_get_pixel_size(p, &w, &h);
    g_object_unref(p);
    return w;
}

/* ---- areas ---- */

void look_colour(cairo_t *cr, unsigned level)
{
    const struct style *s = style_of(level);

    cairo_set_source_rgb(cr, s->r, s->g, s->b);
}

unsigned look_hatch_of(unsigned level)
{
    return style_of(level)->hatch;
}

/* The line x + sign * y = c, as far as it lies in the area. */
static void slanted(cairo_t *cr, struct rect r, double c, int sign)
{
    double x1 = fmax(r.x, sign > 0 ? c - r.y - r.h : c + r.y);
    double x2 = fmin(r.x + r.w, sign > 0 ? c - r.y : c + r.y + r.h);

    if (x2 <= x1)
        return;
    cairo_move_to(cr, x1, sign > 0 ? c - x1 : x1 - c);
    cairo_line_to(cr, x2, sign > 0 ? c - x2 : x2 - c);
}

static double next_multiple(double v, double step)
{
    return ceil(v / step) * step;
}

static void hatch_lines(cairo_t *cr, unsigned hatch, struct rect r)
{
    if (hatch & 1)
        for (double c = next_multiple(r.x + r.y, STEP); c < r.x + r.w + r.y + r.h; c += STEP)
            slanted(cr, r, c, 1);
    if (hatch & 2)
        for (double c = next_multiple(r.x - r.y - r.h, STEP); c < r.x + r.w - r.y; c += STEP)
            slanted(cr, r, c, -1);
    for (double y = next_multiple(r.y, STEP); hatch & 4 && y < r.y + r.h; y += STEP) {
        cairo_move_to(cr, r.x, y);
        cairo_line_to(cr, r.x + r.w, y);
    }
    for (double x = next_multiple(r.x, STEP); hatch & 8 && x < r.x + r.w; x += STEP) {
        cairo_move_to(cr, x, r.y);
        cairo_line_to(cr, x, r.y + r.h);
    }
}

static void hatch_stroke(cairo_t *cr)
{
    cairo_set_source_rgba(cr, 0, 0, 0, 0.55);
    cairo_set_line_width(cr, 0.8);
    cairo_stroke(cr);
}

static bool is_image(cairo_t *cr)
{
    return cairo_surface_get_type(cairo_get_target(cr)) == CAIRO_SURFACE_TYPE_IMAGE;
}

/* One tile of the hatching, in the pixels of this screen; kept, since it is wanted all the time. */
static cairo_pattern_t *tile(cairo_t *cr, unsigned hatch)
{
    static struct {
        cairo_pattern_t *pattern;
        double scale;
    } kept[16];
    double scale, same;
    cairo_surface_t *s;
    cairo_t *t;

    cairo_surface_get_device_scale(cairo_get_target(cr), &scale, &same);
    if (kept[hatch].pattern && kept[hatch].scale == scale)
        return kept[hatch].pattern;
    if (kept[hatch].pattern)
        cairo_pattern_destroy(kept[hatch].pattern);
    s = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)ceil(STEP * scale),
                                   (int)ceil(STEP * scale));
    cairo_surface_set_device_scale(s, scale, scale);
    t = cairo_create(s);
    hatch_lines(t, hatch, (struct rect){-STEP, -STEP, 3 * STEP, 3 * STEP});
    hatch_stroke(t);
    cairo_destroy(t);
    kept[hatch].pattern = cairo_pattern_create_for_surface(s);
    kept[hatch].scale = scale;
    cairo_surface_destroy(s);
    cairo_pattern_set_extend(kept[hatch].pattern, CAIRO_EXTEND_REPEAT);
    cairo_pattern_set_filter(kept[hatch].pattern, CAIRO_FILTER_NEAREST);
    return kept[hatch].pattern;
}

void look_hatch_add(cairo_t *cr, unsigned hatch, struct rect r)
{
    if (is_image(cr))
        cairo_rectangle(cr, r.x, r.y, r.w, r.h);
    else
        hatch_lines(cr, hatch, r);
}

void look_hatch_end(cairo_t *cr, unsigned hatch)
{
    if (!is_image(cr)) {
        hatch_stroke(cr);
        return;
    }
    cairo_set_source(cr, tile(cr, hatch & 15));
    cairo_fill(cr);
}

void look_hatch(cairo_t *cr, unsigned hatch, struct rect r)
{
    if (!hatch || r.w < 2.5 || r.h < 2.5)
        return;
    look_hatch_add(cr, hatch, r);
    look_hatch_end(cr, hatch);
}

void look_paint(cairo_t *cr, struct rect r)
{
    cairo_rectangle(cr, r.x, r.y, r.w, r.h);
    cairo_fill(cr);
}

void look_box(cairo_t *cr, struct rect r, double width)
{
    cairo_rectangle(cr, r.x, r.y, r.w, r.h);
    cairo_set_line_width(cr, width);
    cairo_stroke(cr);
}

void look_line(cairo_t *cr, double x1, double y1, double x2, double y2, double width)
{
    cairo_move_to(cr, x1, y1);
    cairo_line_to(cr, x2, y2);
    cairo_set_line_width(cr, width);
    cairo_stroke(cr);
}

void look_fill(cairo_t *cr, const struct look *l, unsigned level, struct rect r)
{
    look_colour(cr, level);
    look_paint(cr, r);
    look_hatch(cr, look_hatch_of(level), r);
    if (r.w < 3 || r.h < 3)
        return;
    cairo_set_source_rgb(cr, 0, 0, 0);
    look_box(cr, r, l->dark ? 0.5 : 0.8);
}

void look_tag(cairo_t *cr, struct rect r, double size, const char *text)
{
    double w = look_width(cr, size, text), room = r.w - 6;
    double h = fmin(size + 5, r.h);

    if (room < size * 2 || r.h < size)
        return;
    w = fmin(w, room);
    cairo_set_source_rgb(cr, 1, 1, 1);
    look_paint(cr, (struct rect){r.x + 2, r.y + (r.h - h) / 2, w + 3, h});
    cairo_set_source_rgb(cr, 0, 0, 0);
    look_text(cr, r.x + 3, r.y + r.h / 2, size, LOOK_LEFT, w + 1, text);
}

/* ---- numbers ---- */

double look_step(double length, unsigned n)
{
    static const double steps[] = {1, 2, 5, 10};
    double unit;

    if (!(length > 0))
        return 1;
    unit = pow(10, floor(log10(length / n)));
    for (unsigned i = 0; i < 4; i++)
        if (length / (unit * steps[i]) <= n)
            return unit * steps[i];
    return unit * 10;
}

void look_number(char *text, uint64_t n)
{
    char plain[24];
    int digits = snprintf(plain, sizeof plain, "%llu", (unsigned long long)n), at = 0;

    for (int i = 0; i < digits; i++) {
        if (i && (digits - i) % 3 == 0)
            text[at++] = ',';
        text[at++] = plain[i];
    }
    text[at] = 0;
}

void look_short(char *text, double n)
{
    static const struct {
        double unit;
        const char *letter;
    } units[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}};

    for (unsigned i = 0; i < 4; i++) {
        if (n >= units[i].unit) {
            snprintf(text, LOOK_NUMBER, "%.3g %s", n / units[i].unit, units[i].letter);
            return;
        }
    }
    snprintf(text, LOOK_NUMBER, "%.3g", n);
}

void look_glow(cairo_t *cr, struct rect r, double strength)
{
    for (int i = 0; i < 4; i++) {
        double inset = 1 + 2.5 * i;
        if (r.w < 2 * inset + 2 || r.h < 2 * inset + 2)
            return;
        cairo_set_source_rgba(cr, 1, 0.95, 0.2, strength * (1 - i / 4.0));
        look_box(cr, (struct rect){r.x + inset, r.y + inset, r.w - 2 * inset, r.h - 2 * inset},
                 2.5);
    }
}
