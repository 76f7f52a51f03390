/* sim/tests/t_vga.c -- property: text and picture are what a VGA would show for the state, pixel by
 * pixel after the PNG is read back, and no state whatsoever leads out of memory.
 * SPDX-License-Identifier: MIT */
#include "sim/dev/vga.h"
#include "sim/tests/check.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

#define PLANE 65536
static uint8_t memory[4 * PLANE];

static void plane_set(unsigned at, unsigned plane, uint8_t value)
{
    memory[4 * at + plane] = value;
}

static void print(unsigned row, unsigned col, const char *text, uint8_t attribute)
{
    for (; *text; text++, col++) {
        plane_set(2 * (80 * row + col), 0, (uint8_t)*text);
        plane_set(2 * (80 * row + col), 1, attribute);
    }
}

static struct vga_state text_state(void)
{
    struct vga_state s = {.mode = VGA_TEXT,
                          .width = 720,
                          .height = 400,
                          .pitch = 160,
                          .cols = 80,
                          .rows = 25,
                          .char_width = 9,
                          .char_height = 16,
                          .line_graphics = true,
                          .memory = memory,
                          .bytes = sizeof memory};
    memset(memory, 0, sizeof memory);
    for (unsigned i = 0; i < 16; i++)
        s.color[i] = i + 16;
    for (unsigned i = 0; i < 256; i++)
        memset(s.palette[i], i, 3);
    return s;
}

static bool pixel_is(const struct vga_state *s, unsigned x, unsigned y, uint8_t gray)
{
    uint8_t rgb[3];
    vga_pixel(s, x, y, rgb);
    return rgb[0] == gray && rgb[1] == gray && rgb[2] == gray;
}

static void test_text(void)
{
    char out[64];
    struct vga_state s = text_state();
    CHECK(vga_text(&s, out, sizeof out) == 0 && !*out);
    print(0, 0,
          "Fl\x84"
          "che",
          7);
    print(2, 1, "\xc9\xcd\x01 ~  ", 7);
    const char *wanted = "Fl\u00e4che\n\n \u2554\u2550\u263a ~\n";
    CHECK(vga_text(&s, out, sizeof out) == strlen(wanted) && !strcmp(out, wanted));
    CHECK(vga_text(&s, out, 4) == strlen(wanted) && !strcmp(out, "Fl\xc3"));
    CHECK(vga_text(&s, NULL, 0) == strlen(wanted));
    s.start = 320;
    CHECK(vga_text(&s, out, sizeof out) && !strncmp(out, " \u2554", 4));
    s.mode = VGA_LINEAR;
    CHECK(vga_text(&s, out, sizeof out) == 0);
}

static bool cell_is(struct sim_cell cell, uint16_t c, unsigned fore, unsigned back, bool blink)
{
    return cell.c == c && cell.fore == fore && cell.back == back && cell.blink == blink;
}

static void test_cells(void)
{
    static struct sim_cell cells[80 * 25];
    struct sim_screen screen;
    struct vga_state s = text_state();
    print(1, 2, "\xc9!", 0x9e);
    vga_cells(&s, &screen, cells, 80 * 25);
    CHECK(screen.cols == 80 && screen.rows == 25 && !screen.off && !screen.cursor_on);
    CHECK(cell_is(cells[82], 0x2554, 14, 9, false) && cell_is(cells[83], '!', 14, 9, false));
    CHECK(cell_is(cells[84], ' ', 0, 0, false));
    s.blink = s.cursor_on = true;
    s.start = 160;
    s.cursor = 160 * 3 + 10;
    s.cursor_bottom = 15;
    vga_cells(&s, &screen, cells, 80 * 25);
    CHECK(cell_is(cells[2], 0x2554, 14, 1, true));
    CHECK(screen.cursor_on && screen.cursor_row == 2 && screen.cursor_col == 5);
    s.cursor = 0; /* before the start */
    vga_cells(&s, &screen, cells, 200);
    CHECK(!screen.cursor_on && screen.cols == 80 && screen.rows == 2);
    s.cols = 3000000000u;
    vga_cells(&s, &screen, cells, 80 * 25);
    CHECK(screen.rows == 0);
    s.mode = VGA_BYTE;
    vga_cells(&s, &screen, cells, 80 * 25);
    CHECK(screen.cols == 0 && screen.width == 720 && !screen.off);
    s.mode = VGA_OFF;
    vga_cells(&s, &screen, cells, 80 * 25);
    CHECK(screen.off);
}

/* A glyph with its outermost dots set. */
static void test_glyphs(void)
{
    struct vga_state s = text_state();
    plane_set('A' * 32 + 3, 2, 0x81);
    plane_set(0xc4 * 32 + 3, 2, 0x01);
    plane_set(0x2000 + 'A' * 32, 2, 0xff);
    print(1, 1, "A\xc4", 0xf1);
    CHECK(pixel_is(&s, 9, 19, 17) && pixel_is(&s, 10, 19, 31) && pixel_is(&s, 16, 19, 17));
    CHECK(pixel_is(&s, 17, 19, 31));                             /* column 9: background ... */
    CHECK(pixel_is(&s, 25, 19, 17) && pixel_is(&s, 26, 19, 17)); /* ... but for line graphics */
    CHECK(pixel_is(&s, 9, 18, 31));
    s.blink = true;
    CHECK(pixel_is(&s, 9, 18, 23));
    s.cursor_on = true;
    s.cursor = 2 * 81;
    s.cursor_top = 14;
    s.cursor_bottom = 15;
    CHECK(pixel_is(&s, 12, 31, 17) && pixel_is(&s, 12, 29, 23) && pixel_is(&s, 21, 31, 23));
    s.font[1] = 0x2000;
    print(1, 1, "A", 0x09);
    CHECK(pixel_is(&s, 12, 16, 25));
    CHECK(pixel_is(&s, 720, 0, 0) && pixel_is(&s, 0, 400, 0));
}

static void test_graphics(void)
{
    struct vga_state s = text_state();
    uint8_t rgb[3];
    s.mode = VGA_PLANAR;
    s.pitch = 80;
    plane_set(80 * 2 + 1, 0, 0x40);
    plane_set(80 * 2 + 1, 3, 0x40);
    CHECK(pixel_is(&s, 9, 2, 25) && pixel_is(&s, 8, 2, 16));
    s.mode = VGA_BYTE;
    s.double_x = s.double_y = true;
    s.pitch = 320;
    memory[320 * 5 + 7] = 200;
    CHECK(pixel_is(&s, 14, 10, 200) && pixel_is(&s, 15, 11, 200) && !pixel_is(&s, 16, 10, 200));
    s.mode = VGA_CGA4;
    s.pitch = 80;
    plane_set(0x2000 + 80 * 2, 1, 0x0c);
    CHECK(pixel_is(&s, 4 * 2 + 4, 10, 19));
    s.mode = VGA_LINEAR;
    s.pitch = 320;
    s.double_x = s.double_y = false;
    s.bpp = 32;
    memcpy(memory + 320 * 3 + 4 * 5, "\x10\x20\x30", 4);
    vga_pixel(&s, 5, 3, rgb);
    CHECK(rgb[0] == 0x30 && rgb[1] == 0x20 && rgb[2] == 0x10);
    s.bpp = 16;
    memcpy(memory, "\x00\xf8\xe0\x07", 4);
    vga_pixel(&s, 0, 0, rgb);
    CHECK(rgb[0] == 255 && rgb[1] == 0 && rgb[2] == 0);
    vga_pixel(&s, 1, 0, rgb);
    CHECK(rgb[0] == 0 && rgb[1] == 255 && rgb[2] == 0);
    s.mode = VGA_OFF;
    CHECK(pixel_is(&s, 0, 0, 0));
}

static void test_png(void)
{
    struct vga_state s = text_state();
    png_image image = {.version = PNG_IMAGE_VERSION};
    char *bytes = NULL;
    size_t n = 0;
    plane_set('A' * 32 + 3, 2, 0x81);
    print(1, 1, "A", 0x1f);
    FILE *f = open_memstream(&bytes, &n);
    CHECK(vga_png(&s, f) == 0 && fclose(f) == 0);
    CHECK(png_image_begin_read_from_memory(&image, bytes, n));
    CHECK(image.width == 720 && image.height == 400);
    image.format = PNG_FORMAT_RGB;
    uint8_t *pixels = malloc(PNG_IMAGE_SIZE(image)), rgb[3];
    CHECK(png_image_finish_read(&image, NULL, pixels, 0, NULL));
    for (unsigned at = 0; at < 720 * 400; at++) {
        vga_pixel(&s, at % 720, at / 720, rgb);
        CHECK(!memcmp(rgb, pixels + 3 * at, 3));
    }
    CHECK(pixels[3 * (720 * 19 + 9)] == 31);
    free(pixels);
    free(bytes);
    FILE *full = fopen("/dev/full", "wb");
    CHECK(!full || vga_png(&s, full) == -1);
    if (full)
        fclose(full);
}

static uint32_t next_random(uint32_t *r)
{
    *r = *r * 1664525 + 1013904223;
    return *r >> (*r >> 28);
}

/* Any state a guest can think of. */
static void test_wild(void)
{
    uint32_t r = 1;
    char out[64];
    for (unsigned i = 0; i < 3000; i++) {
        struct vga_state s = text_state();
        uint32_t *words = (uint32_t *)&s;
        for (size_t w = 0; w < offsetof(struct vga_state, double_x) / 4; w++)
            words[w] = next_random(&r);
        s.mode = r % 6;
        s.bpp = r % 40;
        s.cols = r % 300;
        s.rows = r % 1100;
        s.char_height = r >> 8 & 63;
        s.font[0] = s.font[1] = s.cursor = r;
        s.bytes = r % sizeof memory;
        uint8_t rgb[3];
        vga_pixel(&s, r % 5000, r % 3000, rgb);
        vga_pixel(&s, UINT32_MAX, UINT32_MAX, rgb);
        if (i % 100 == 0)
            vga_text(&s, out, sizeof out);
    }
}

int main(void)
{
    test_text();
    test_cells();
    test_glyphs();
    test_graphics();
    test_png();
    test_wild();
    return check_report("t_vga");
}
