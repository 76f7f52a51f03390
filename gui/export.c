/* gui/export.c -- draws into memory first, and writes when all is drawn: the file is whole, or as
 * it was before. SPDX-License-Identifier: MIT */
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gui/export.h"
#include "gui/layout.h"

static cairo_status_t into_file(void *ctx, const unsigned char *bytes, unsigned n)
{
    return fwrite(bytes, 1, n, ctx) == n ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static bool ends_in(const char *path, const char *end)
{
    size_t n = strlen(path), m = strlen(end);

    return n > m && strcmp(path + n - m, end) == 0;
}

static cairo_surface_t *surface_make(const char *path, FILE *to, double w, double h)
{
    cairo_surface_t *s = NULL;

    if (ends_in(path, ".pdf"))
        return cairo_pdf_surface_create_for_stream(into_file, to, w, h);
    if (ends_in(path, ".png"))
        return cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)w, (int)h);
    if (ends_in(path, ".svg")) {
        s = cairo_svg_surface_create_for_stream(into_file, to, w, h);
        cairo_svg_surface_set_document_unit(s, CAIRO_SVG_UNIT_PX);
    }
    return s;
}

/* The picture in memory; its bytes are free()d by the caller. */
static cairo_status_t picture(struct view *v, const struct pane *alone, double w, double h,
                              const char *path, char **bytes, size_t *n)
{
    FILE *to = open_memstream(bytes, n);
    cairo_surface_t *s = to ? surface_make(path, to, w, h) : NULL;
    cairo_status_t status = CAIRO_STATUS_NO_MEMORY;
    cairo_t *cr;

    if (s) {
        cr = cairo_create(s);
        layout_draw(cr, v, (struct rect){0, 0, w, h}, alone);
        status = cairo_status(cr);
        cairo_destroy(cr);
        if (status == CAIRO_STATUS_SUCCESS && ends_in(path, ".png"))
            status = cairo_surface_write_to_png_stream(s, into_file, to);
        cairo_surface_finish(s);
        if (status == CAIRO_STATUS_SUCCESS)
            status = cairo_surface_status(s);
        cairo_surface_destroy(s);
    }
    if (to && fclose(to) != 0)
        status = CAIRO_STATUS_NO_MEMORY;
    return status;
}

static bool put(const char *path, const char *mode, const char *bytes, size_t n)
{
    FILE *f = fopen(path, mode);
    bool good = f && fwrite(bytes, 1, n, f) == n;

    return f && fclose(f) == 0 && good;
}

static bool write_out(const char *path, enum export_how how, const char *bytes, size_t n)
{
    char *temp = NULL;
    bool good;
    int why;

    if (how == EXPORT_STRAIGHT)
        return put(path, "ae", bytes, n);
    if (asprintf(&temp, "%s.part-%ld", path, (long)getpid()) < 0)
        return false;
    good = put(temp, "wxe", bytes, n);
    if (good)
        good = how == EXPORT_NEW ? link(temp, path) == 0 : rename(temp, path) == 0;
    why = errno;
    if (!good || how == EXPORT_NEW)
        unlink(temp);
    errno = why;
    free(temp);
    return good;
}

bool export_write(struct view *v, const struct pane *alone, double width, double height,
                  const char *path, enum export_how how, char *err, size_t max)
{
    char *bytes = NULL;
    size_t n = 0;
    cairo_status_t status;
    bool good;

    if (!ends_in(path, ".svg") && !ends_in(path, ".pdf") && !ends_in(path, ".png")) {
        snprintf(err, max, "%.200s ends in none of .svg .pdf .png", path);
        return false;
    }
    status = picture(v, alone, width, height, path, &bytes, &n);
    good = status == CAIRO_STATUS_SUCCESS;
    if (!good)
        snprintf(err, max, "the picture cannot be drawn: %s", cairo_status_to_string(status));
    else if (!(good = write_out(path, how, bytes, n)))
        snprintf(err, max, "cannot write %.200s: %s; name another file", path, strerror(errno));
    free(bytes);
    return good;
}
