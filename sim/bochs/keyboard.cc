/* sim/bochs/keyboard.cc -- presses keys on Bochs's own PS/2 keyboard, and looks whether it is
 * ready.
 *
 * Bochs drops a key when its keyboard or its clock is off, and bytes that its buffer has no room
 * for, answers to the guest's commands among them. So it is given a key only while all is empty.
 * SPDX-License-Identifier: MIT */
#include "sim/bochs/engine.h"
#include "sim/keyboard.h"
#include "iodev/keyboard.h"

extern bx_keyb_c *theKeyboard;

template struct opened<7, &bx_keyb_c::s>;

static const Bit32u engine_key[SIM_KEYS] = {
#define SIM_KEY(name, engine, plain, shifted, sequences) BX_KEY_##engine,
#include "sim/keys.def"
#undef SIM_KEY
};

extern "C" bool bxs_key_ready(void)
{
    if (!theKeyboard)
        return false;
    const auto &s = theKeyboard->*door(door_of<7>());
    return s.kbd_controller.kbd_clock_enabled && s.kbd_internal_buffer.scanning_enabled &&
           s.kbd_internal_buffer.num_elements == 0 && !s.kbd_controller.outb &&
           s.controller_Qsize == 0;
}

extern "C" void bxs_key(unsigned key, bool pressed)
{
    bx_devices.gen_scancode(engine_key[key] | (pressed ? BX_KEY_PRESSED : BX_KEY_RELEASED));
}
