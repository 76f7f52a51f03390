/* sim/dev/vga.h -- what a PC's screen shows, as text and as a picture.
 *
 * A pure function of struct vga_state: the owner of the display adapter (the overlay: sim/bochs/
 * vga.cc) fills it in, nothing is changed. Every field may hold what a guest wrote: offsets that
 * lead out of the memory read as 0, sizes are cut to VGA_MAX_*.
 * In all modes but VGA_LINEAR memory holds four planes, byte n of plane p at memory[4 * n + p].
 * SPDX-License-Identifier: MIT */
#ifndef SIM_DEV_VGA_H
#define SIM_DEV_VGA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/screen.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VGA_MAX_WIDTH  4608
#define VGA_MAX_HEIGHT 2048

enum vga_mode {
    VGA_OFF,    /* no picture: black */
    VGA_TEXT,   /* characters and attributes in planes 0 and 1, font in plane 2 */
    VGA_PLANAR, /* 16 colours, a bit a plane */
    VGA_CGA4,   /* 4 colours, two bits a pixel, even and odd lines apart */
    VGA_BYTE,   /* 256 colours, pixel n at memory[n] */
    VGA_LINEAR  /* VBE: `bpp` bits a pixel, memory as it is */
};

struct vga_state {
    enum vga_mode mode;
    unsigned width, height;  /* of the picture, in pixels */
    uint32_t start;          /* offset of the first byte shown; text, planar: in a plane */
    uint32_t pitch;          /* bytes a line, counted like `start`; text: bytes a row */
    bool double_x, double_y; /* each pixel or line is shown twice */
    bool interleaved;        /* VGA_PLANAR: odd lines 8 KiB further, as CGA has them */
    unsigned bpp;            /* VGA_LINEAR: 8, 15, 16, 24, 32 */
    unsigned cols, rows;     /* VGA_TEXT, and all down to `blink` */
    unsigned char_width, char_height;
    bool cursor_on;
    uint32_t cursor;                    /* offset like `start` */
    unsigned cursor_top, cursor_bottom; /* scan lines in the cell, inclusive */
    uint32_t font[2];                   /* offset in plane 2, for attribute bit 3 = 0, 1 */
    bool line_graphics;                 /* column 9 of 0xc0..0xdf repeats column 8 */
    bool blink;              /* attribute bit 7 blinks; else it is a brighter background */
    uint8_t color[16];       /* attribute controller: palette index of the 16 colours */
    uint8_t palette[256][3]; /* red, green, blue; 0..255 */
    const uint8_t *memory;
    size_t bytes;
};

/* The text as UTF-8, a line a row, blanks at the ends cut. Writes at most `max` bytes, always with
 * a NUL when max > 0; returns the length of the whole text. No text mode: 0. */
size_t vga_text(const struct vga_state *s, char *out, size_t max);

/* What sim_screen_cells() tells. */
void vga_cells(const struct vga_state *s, struct sim_screen *screen, struct sim_cell *cells,
               size_t max);

/* RGB of one pixel; out of the picture: black. */
void vga_pixel(const struct vga_state *s, unsigned x, unsigned y, uint8_t rgb[3]);

/* The picture as PNG. 0, or -1: out of memory or the file cannot be written. */
int vga_png(const struct vga_state *s, FILE *to);

#ifdef __cplusplus
}
#endif
#endif
