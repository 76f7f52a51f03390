/* sim/dev/vga.c -- reads the screen out of a display adapter's state; see vga.h.
 * SPDX-License-Identifier: MIT */
#include "sim/dev/vga.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

/* The PC's own character set, code page 437, with its pictures below 32. */
static const uint16_t cp437[256] = {
    ' ',    0x263a, 0x263b, 0x2665, 0x2666, 0x2663, 0x2660, 0x2022, 0x25d8, 0x25cb, 0x25d9, 0x2642,
    0x2640, 0x266a, 0x266b, 0x263c, 0x25ba, 0x25c4, 0x2195, 0x203c, 0x00b6, 0x00a7, 0x25ac, 0x21a8,
    0x2191, 0x2193, 0x2192, 0x2190, 0x221f, 0x2194, 0x25b2, 0x25bc, ' ',    '!',    '"',    '#',
    '$',    '%',    '&',    '\'',   '(',    ')',    '*',    '+',    ',',    '-',    '.',    '/',
    '0',    '1',    '2',    '3',    '4',    '5',    '6',    '7',    '8',    '9',    ':',    ';',
    '<',    '=',    '>',    '?',    '@',    'A',    'B',    'C',    'D',    'E',    'F',    'G',
    'H',    'I',    'J',    'K',    'L',    'M',    'N',    'O',    'P',    'Q',    'R',    'S',
    'T',    'U',    'V',    'W',    'X',    'Y',    'Z',    '[',    '\\',   ']',    '^',    '_',
    '`',    'a',    'b',    'c',    'd',    'e',    'f',    'g',    'h',    'i',    'j',    'k',
    'l',    'm',    'n',    'o',    'p',    'q',    'r',    's',    't',    'u',    'v',    'w',
    'x',    'y',    'z',    '{',    '|',    '}',    '~',    0x2302, 0x00c7, 0x00fc, 0x00e9, 0x00e2,
    0x00e4, 0x00e0, 0x00e5, 0x00e7, 0x00ea, 0x00eb, 0x00e8, 0x00ef, 0x00ee, 0x00ec, 0x00c4, 0x00c5,
    0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2, 0x00fb, 0x00f9, 0x00ff, 0x00d6, 0x00dc, 0x00a2,
    0x00a3, 0x00a5, 0x20a7, 0x0192, 0x00e1, 0x00ed, 0x00f3, 0x00fa, 0x00f1, 0x00d1, 0x00aa, 0x00ba,
    0x00bf, 0x2310, 0x00ac, 0x00bd, 0x00bc, 0x00a1, 0x00ab, 0x00bb, 0x2591, 0x2592, 0x2593, 0x2502,
    0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255d, 0x255c, 0x255b, 0x2510,
    0x2514, 0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f, 0x255a, 0x2554, 0x2569, 0x2566,
    0x2560, 0x2550, 0x256c, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256b,
    0x256a, 0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580, 0x03b1, 0x00df, 0x0393, 0x03c0,
    0x03a3, 0x03c3, 0x00b5, 0x03c4, 0x03a6, 0x0398, 0x03a9, 0x03b4, 0x221e, 0x03c6, 0x03b5, 0x2229,
    0x2261, 0x00b1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00f7, 0x2248, 0x00b0, 0x2219, 0x00b7, 0x221a,
    0x207f, 0x00b2, 0x25a0, ' ',
};

static uint8_t byte_at(const struct vga_state *s, uint64_t at)
{
    return at < s->bytes ? s->memory[at] : 0;
}

static uint8_t plane_at(const struct vga_state *s, uint64_t at, unsigned plane)
{
    return byte_at(s, at * 4 + plane);
}

/* ---- text ---- */

struct text { /* output that may not fit */
    char *out;
    size_t max, n;
};

static void put_byte(struct text *t, uint8_t byte)
{
    if (t->n + 1 < t->max)
        t->out[t->n] = (char)byte;
    t->n++;
}

static void put_char(struct text *t, uint16_t c)
{
    if (c < 0x80) {
        put_byte(t, c);
    } else if (c < 0x800) {
        put_byte(t, 0xc0 | c >> 6);
        put_byte(t, 0x80 | (c & 0x3f));
    } else {
        put_byte(t, 0xe0 | c >> 12);
        put_byte(t, 0x80 | (c >> 6 & 0x3f));
        put_byte(t, 0x80 | (c & 0x3f));
    }
}

static uint64_t cell_at(const struct vga_state *s, unsigned row, unsigned col)
{
    return (uint64_t)s->start + (uint64_t)row * s->pitch + 2 * col;
}

static uint16_t cell_char(const struct vga_state *s, unsigned row, unsigned col)
{
    return cp437[plane_at(s, cell_at(s, row, col), 0)];
}

static unsigned row_length(const struct vga_state *s, unsigned row)
{
    unsigned n = s->cols;
    while (n && cell_char(s, row, n - 1) == ' ')
        n--;
    return n;
}

size_t vga_text(const struct vga_state *s, char *out, size_t max)
{
    struct text t = {out, max, 0};
    unsigned rows = s->mode == VGA_TEXT ? s->rows : 0;

    while (rows && row_length(s, rows - 1) == 0)
        rows--;
    for (unsigned row = 0; row < rows; row++) {
        unsigned n = row_length(s, row);
        for (unsigned col = 0; col < n; col++)
            put_char(&t, cell_char(s, row, col));
        put_byte(&t, '\n');
    }
    if (max)
        out[t.n < max ? t.n : max - 1] = 0;
    return t.n;
}

static struct sim_cell cell(const struct vga_state *s, unsigned row, unsigned col)
{
    uint8_t attribute = plane_at(s, cell_at(s, row, col), 1);

    return (struct sim_cell){.c = cell_char(s, row, col),
                             .fore = attribute & 15,
                             .back = attribute >> 4 & (s->blink ? 7 : 15),
                             .blink = s->blink && attribute & 0x80};
}

static void cursor_find(const struct vga_state *s, struct sim_screen *screen)
{
    uint32_t at = s->cursor - s->start; /* of a cursor before the start, a row too far */

    if (!s->cursor_on || s->cursor_top > s->cursor_bottom || !s->pitch)
        return;
    screen->cursor_row = at / s->pitch;
    screen->cursor_col = at % s->pitch / 2;
    screen->cursor_on = screen->cursor_row < screen->rows && screen->cursor_col < screen->cols;
}

void vga_cells(const struct vga_state *s, struct sim_screen *screen, struct sim_cell *cells,
               size_t max)
{
    *screen = (struct sim_screen){.width = s->width, .height = s->height};
    screen->off = s->mode == VGA_OFF;
    if (s->mode != VGA_TEXT || !s->cols)
        return;
    screen->cols = s->cols;
    screen->rows = s->rows < max / s->cols ? s->rows : (unsigned)(max / s->cols);
    for (unsigned row = 0; row < screen->rows; row++)
        for (unsigned col = 0; col < screen->cols; col++)
            *cells++ = cell(s, row, col);
    cursor_find(s, screen);
}

/* ---- pixels ---- */

static bool cursor_here(const struct vga_state *s, uint64_t cell, unsigned line)
{
    return s->cursor_on && cell == s->cursor && line >= s->cursor_top && line <= s->cursor_bottom;
}

static unsigned text_color(const struct vga_state *s, unsigned x, unsigned y)
{
    if (!s->char_width || !s->char_height)
        return 0;
    unsigned col = x / s->char_width, dot = x % s->char_width;
    unsigned row = y / s->char_height, line = y % s->char_height;
    if (col >= s->cols || row >= s->rows)
        return 0;
    uint64_t cell = cell_at(s, row, col);
    uint8_t c = plane_at(s, cell, 0), attribute = plane_at(s, cell, 1);
    uint8_t bits = plane_at(s, s->font[attribute >> 3 & 1] + c * 32u + line, 2);
    unsigned fore = attribute & 15, back = attribute >> 4 & (s->blink ? 7 : 15);
    if (s->char_width > 9)
        dot /= 2;
    bool ninth = dot == 8 && s->line_graphics && c >= 0xc0 && c <= 0xdf;
    bool lit = dot < 8 ? bits >> (7 - dot) & 1 : ninth && (bits & 1);
    return s->color[lit || cursor_here(s, cell, line) ? fore : back];
}

static unsigned planar_color(const struct vga_state *s, unsigned x, unsigned y)
{
    uint64_t at = (uint64_t)s->start + x / 8;
    unsigned bit = 7 - x % 8, color = 0;
    at += s->interleaved ? (uint64_t)(y / 2) * s->pitch + (y % 2) * 0x2000 : (uint64_t)y * s->pitch;
    for (unsigned plane = 0; plane < 4; plane++)
        color |= (plane_at(s, at, plane) >> bit & 1u) << plane;
    return s->color[color];
}

/* Even bytes are in plane 0, odd ones in plane 1, as a CGA's memory is chained. */
static unsigned cga4_color(const struct vga_state *s, unsigned x, unsigned y)
{
    uint32_t at = (s->start + y / 2 * s->pitch + x / 4) % 0x2000 + y % 2 * 0x2000;
    uint8_t byte = plane_at(s, at & ~1u, at & 1);
    return s->color[byte >> (6 - 2 * (x % 4)) & 3];
}

static void wide_color(unsigned bpp, uint32_t v, uint8_t rgb[3])
{
    if (bpp == 15) {
        rgb[0] = (v >> 10 & 31) * 255 / 31;
        rgb[1] = (v >> 5 & 31) * 255 / 31;
        rgb[2] = (v & 31) * 255 / 31;
    } else if (bpp == 16) {
        rgb[0] = (v >> 11 & 31) * 255 / 31;
        rgb[1] = (v >> 5 & 63) * 255 / 63;
        rgb[2] = (v & 31) * 255 / 31;
    } else {
        rgb[0] = v >> 16;
        rgb[1] = v >> 8;
        rgb[2] = v;
    }
}

static void linear_pixel(const struct vga_state *s, unsigned x, unsigned y, uint8_t rgb[3])
{
    unsigned n = (s->bpp + 7) / 8;
    uint64_t at = (uint64_t)s->start + (uint64_t)y * s->pitch + (uint64_t)x * n;
    uint32_t v = 0;
    for (unsigned i = 0; i < n && i < 4; i++)
        v |= (uint32_t)byte_at(s, at + i) << 8 * i;
    if (s->bpp > 8)
        wide_color(s->bpp, v, rgb);
    else
        memcpy(rgb, s->palette[v & 255], 3);
}

void vga_pixel(const struct vga_state *s, unsigned x, unsigned y, uint8_t rgb[3])
{
    unsigned color = 0;

    memset(rgb, 0, 3);
    if (s->mode == VGA_OFF || x >= s->width || y >= s->height)
        return;
    if (s->double_x)
        x /= 2;
    if (s->double_y)
        y /= 2;
    switch (s->mode) {
    case VGA_TEXT:
        color = text_color(s, x, y);
        break;
    case VGA_PLANAR:
        color = planar_color(s, x, y);
        break;
    case VGA_CGA4:
        color = cga4_color(s, x, y);
        break;
    case VGA_BYTE:
        color = byte_at(s, (uint64_t)s->start + (uint64_t)y * s->pitch + x);
        break;
    default:
        linear_pixel(s, x, y, rgb);
        return;
    }
    memcpy(rgb, s->palette[color & 255], 3);
}

static unsigned bounded(unsigned n, unsigned max)
{
    return n < 1 ? 1 : n < max ? n : max;
}

/* Its caller says what failed; libpng would print a line of its own. */
static void png_failed(png_structp png, png_const_charp text)
{
    (void)text;
    png_longjmp(png, 1);
}

/* libpng leaves by longjmp when something fails. */
int vga_png(const struct vga_state *s, FILE *to)
{
    unsigned width = bounded(s->width, VGA_MAX_WIDTH), height = bounded(s->height, VGA_MAX_HEIGHT);
    png_bytep row = malloc(3 * width);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, png_failed, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;

    if (!row || !info || setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        free(row);
        return -1;
    }
    png_init_io(png, to);
    png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (unsigned y = 0; y < height; y++) {
        for (unsigned x = 0; x < width; x++)
            vga_pixel(s, x, y, row + 3 * x);
        png_write_row(png, row);
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    free(row);
    return fflush(to) == 0 && !ferror(to) ? 0 : -1;
}
