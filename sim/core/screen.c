/* sim/core/screen.c -- the public screen functions: the overlay's adapter, read by sim/dev/vga.c.
 * SPDX-License-Identifier: MIT */
#include "sim/screen.h"

#include <errno.h>
#include <string.h>

#include "sim/core/shim.h"
#include "sim/dev/vga.h"
#include "sim/output.h"

size_t sim_screen_text(char *out, size_t max)
{
    struct vga_state state;

    bxs_vga(&state);
    return vga_text(&state, out, max);
}

void sim_screen_cells(struct sim_screen *screen, struct sim_cell *cells, size_t max)
{
    struct vga_state state;

    bxs_vga(&state);
    vga_cells(&state, screen, cells, max);
}

int sim_screen_png(const char *path)
{
    struct vga_state state;
    FILE *to = fopen(path, sim_output_straight(path) ? "abe" : "wbe");

    if (!to)
        return sim_fail("cannot write %s: %s", path, strerror(errno));
    bxs_vga(&state);
    int bad = vga_png(&state, to);
    if (fclose(to) != 0 || bad)
        return sim_fail(
            "cannot write the picture to %s to its end: make room, or name another file", path);
    return 0;
}
