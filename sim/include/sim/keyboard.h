/* sim/keyboard.h -- the PC's keyboard: its keys, and pressing them.
 * What is typed is in the same log as the serial port's input (sim/machine.h): going back replays
 * it. A movement waits until the guest has taken all before it, so none is lost.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_KEYBOARD_H
#define SIM_KEYBOARD_H

#include "sim/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sim_key {
#define SIM_KEY(name, engine, plain, shifted, sequences) SIM_KEY_##name,
#include "sim/keys.def"
#undef SIM_KEY
    SIM_KEYS
};

/* A movement is one byte: an enum sim_key that goes down, or, with this bit, comes up. */
#define SIM_KEY_UP 0x80

enum sim_modifiers { SIM_SHIFT = 1, SIM_ALT = 2, SIM_CTRL = 4 };

struct sim_chord { /* a key with the modifiers that are held meanwhile */
    uint8_t key, modifiers;
};
#define SIM_CHORD_MAX 8 /* movements */

/* By name, "f1" or "ctrl-alt-delete". false: there is none. */
bool sim_chord_name(const char *name, size_t n, struct sim_chord *out);
/* What types this ASCII character, or control code. false: nothing does. */
bool sim_chord_char(uint8_t c, struct sim_chord *out);
/* What a terminal means by these bytes behind an ESC: > 0 is how many of them are a key, 0 none of
 * the keys here, -1 more must come to tell. */
int sim_chord_sequence(const char *bytes, size_t n, struct sim_chord *out);
/* Its movements; returns how many. */
size_t sim_chord_movements(struct sim_chord chord, uint8_t out[SIM_CHORD_MAX]);

/* Movements for the guest now, or when sim_ticks() says so (> now). Takes all; returns 0, or -1
 * when more than 65,536 would wait. */
int sim_keys(const uint8_t *movements, size_t n);
int sim_keys_at(uint64_t ticks, const uint8_t *movements, size_t n);

#ifdef __cplusplus
}
#endif
#endif
