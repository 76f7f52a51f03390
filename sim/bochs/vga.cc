/* sim/bochs/vga.cc -- fills in struct vga_state from Bochs's VGA, for sim/dev/vga.c to read.
 *
 * The fields of Bochs's class are protected: a class derived from it names them. The VBE registers
 * are private; they are read as a guest would, through index and data port, and the index is put
 * back, so that nothing in the machine changes.
 * SPDX-License-Identifier: MIT */
#include "sim/bochs/engine.h"
#include "iodev/display/vgacore.h"
#define LOG_THIS genlog->
#include "iodev/display/ddc.h"
#include "iodev/display/vga.h"
#include "sim/dev/vga.h"

extern bx_vga_c *theVga;

class vga_peek : public bx_vga_c
{
  public:
    static void fill(bx_vga_c *vga, struct vga_state *out);

  private:
    static Bit32u vbe(Bit32u index);
    static bool fill_vbe(struct vga_state *out);
};

Bit32u vga_peek::vbe(Bit32u index)
{
    Bit32u before = vbe_read_handler(theVga, VBE_DISPI_IOPORT_INDEX, 2);
    vbe_write_handler(theVga, VBE_DISPI_IOPORT_INDEX, index, 2);
    Bit32u value = vbe_read_handler(theVga, VBE_DISPI_IOPORT_DATA, 2);
    vbe_write_handler(theVga, VBE_DISPI_IOPORT_INDEX, before, 2);
    return value;
}

/* A high-resolution mode is on: its picture. */
bool vga_peek::fill_vbe(struct vga_state *out)
{
    Bit32u enable = vbe(VBE_DISPI_INDEX_ENABLE), bpp = vbe(VBE_DISPI_INDEX_BPP);
    if (!(enable & VBE_DISPI_ENABLED) || enable & VBE_DISPI_GETCAPS)
        return false;
    Bit32u line = vbe(VBE_DISPI_INDEX_VIRT_WIDTH), bytes = (bpp + 7) / 8;
    out->width = vbe(VBE_DISPI_INDEX_XRES);
    out->height = vbe(VBE_DISPI_INDEX_YRES);
    out->bpp = bpp;
    out->mode = bpp == VBE_DISPI_BPP_4 ? VGA_PLANAR : VGA_LINEAR;
    out->pitch = bpp == VBE_DISPI_BPP_4 ? line / 8 : line * bytes;
    Bit32u x = vbe(VBE_DISPI_INDEX_X_OFFSET), y = vbe(VBE_DISPI_INDEX_Y_OFFSET);
    out->start = y * out->pitch + (bpp == VBE_DISPI_BPP_4 ? x / 8 : x * bytes);
    return true;
}

/* S is Bochs's anonymous struct of registers. */
template <class S> static void fill_colors(const S &s, struct vga_state *out)
{
    for (unsigned i = 0; i < 16; i++) {
        Bit8u reg = s.attribute_ctrl.palette_reg[i], select = s.attribute_ctrl.color_select;
        Bit8u index = s.attribute_ctrl.mode_ctrl.internal_palette_size
                          ? (reg & 15) | select << 4
                          : (reg & 63) | (select & 12) << 4;
        out->color[i] = index & s.pel.mask;
    }
    for (unsigned i = 0; i < 256; i++) {
        const Bit8u dac[3] = {s.pel.data[i].red, s.pel.data[i].green, s.pel.data[i].blue};
        for (unsigned c = 0; c < 3; c++)
            out->palette[i][c] = s.dac_shift ? (Bit8u)(dac[c] << 2 | dac[c] >> 4) : dac[c];
    }
}

template <class S> static void fill_text(const S &s, struct vga_state *out)
{
    unsigned lines = (s.CRTC.reg[9] & 31) + 1;
    out->mode = VGA_TEXT;
    out->cols = s.CRTC.reg[1] + 1;
    out->char_height = lines;
    out->rows = (s.vertical_display_end + 1) / lines;
    out->char_width = (s.sequencer.reg1 & 1 ? 8 : 9) << (s.x_dotclockdiv2 ? 1 : 0);
    out->width = out->cols * out->char_width;
    out->height = s.vertical_display_end + 1;
    out->start = s.CRTC.start_addr << 1;
    out->pitch = s.line_offset;
    out->cursor = (s.CRTC.reg[14] << 8 | s.CRTC.reg[15]) << 1;
    out->cursor_on = !(s.CRTC.reg[10] & 0x20);
    out->cursor_top = s.CRTC.reg[10] & 31;
    out->cursor_bottom = s.CRTC.reg[11] & 31;
    out->font[0] = s.charmap_address1;
    out->font[1] = s.charmap_address2;
    out->line_graphics = s.attribute_ctrl.mode_ctrl.enable_line_graphics;
    out->blink = s.attribute_ctrl.mode_ctrl.blink_intensity;
}

/* The standard graphics modes: how the shift registers take bytes from the planes tells which. */
template <class S> static void fill_graphics(const S &s, struct vga_state *out)
{
    const Bit8u *crtc = s.CRTC.reg;
    bool cga = !(crtc[0x17] & 1), dwords = crtc[0x14] & 0x40;
    out->width = (crtc[1] + 1) * 8 << (s.x_dotclockdiv2 ? 1 : 0);
    out->height = s.vertical_display_end + 1;
    out->double_x = s.x_dotclockdiv2;
    out->double_y = s.y_doublescan;
    out->start = s.CRTC.start_addr + s.ext_start_addr;
    out->pitch = s.line_offset;
    if (s.graphics_ctrl.shift_reg == 0) {
        out->mode = VGA_PLANAR;
        out->interleaved = cga;
        out->pitch = cga ? 80 : s.line_offset;
    } else if (s.graphics_ctrl.shift_reg == 1) {
        out->mode = VGA_CGA4;
        out->start <<= 1;
        out->pitch = 80;
    } else {
        out->mode = VGA_BYTE;
        out->double_x = true;
        out->start <<= 2;
        out->pitch = dwords ? s.line_offset : s.line_offset << 2;
    }
}

void vga_peek::fill(bx_vga_c *vga, struct vga_state *out)
{
    auto &s = vga->*&vga_peek::s;
    bool shown = s.vga_enabled && s.attribute_ctrl.video_enabled && !(s.sequencer.reg1 & 0x20);
    out->memory = s.memory;
    out->bytes = s.memsize;
    fill_colors(s, out);
    if (!s.memory || !shown)
        return;
    if (fill_vbe(out))
        return;
    if (s.graphics_ctrl.graphics_alpha)
        fill_graphics(s, out);
    else
        fill_text(s, out);
}

extern "C" void bxs_vga(struct vga_state *out)
{
    memset(out, 0, sizeof *out);
    out->width = 720;
    out->height = 400;
    if (theVga)
        vga_peek::fill(theVga, out);
}
