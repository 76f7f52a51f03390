/* sim/core/keys.c -- which keys there are, what they type and what a terminal sends for them: the
 * questions about sim/keys.def. Knows no machine; trusts no byte of a terminal or a script.
 * SPDX-License-Identifier: MIT */
#include "sim/keyboard.h"

#include <string.h>

static const struct {
    const char *name;
    char plain, shifted;
    const char *sequences;
} key[SIM_KEYS] = {
#define SIM_KEY(name, engine, plain, shifted, sequences) {#name, plain, shifted, sequences},
#include "sim/keys.def"
#undef SIM_KEY
};

static const struct {
    const char *prefix;
    uint8_t bit;
    uint8_t key;
} modifier[] = {{"ctrl-", SIM_CTRL, SIM_KEY_ctrl},
                {"alt-", SIM_ALT, SIM_KEY_alt},
                {"shift-", SIM_SHIFT, SIM_KEY_shift}};
enum { MODIFIERS = sizeof modifier / sizeof *modifier };

/* How long the prefix is that stands here; 0 = none. */
static size_t modifier_take(const char *name, size_t n, uint8_t *modifiers)
{
    for (unsigned i = 0; i < MODIFIERS; i++) {
        size_t length = strlen(modifier[i].prefix);
        if (n > length && memcmp(name, modifier[i].prefix, length) == 0) {
            *modifiers |= modifier[i].bit;
            return length;
        }
    }
    return 0;
}

bool sim_chord_name(const char *name, size_t n, struct sim_chord *out)
{
    size_t used;

    *out = (struct sim_chord){0, 0};
    while ((used = modifier_take(name, n, &out->modifiers)) > 0)
        name += used, n -= used;
    for (unsigned i = 0; i < SIM_KEYS; i++) {
        if (strlen(key[i].name) == n && memcmp(key[i].name, name, n) == 0) {
            out->key = (uint8_t)i;
            return true;
        }
    }
    return false;
}

static bool typed_by(char c, struct sim_chord *out)
{
    for (unsigned i = 0; c && i < SIM_KEYS; i++) {
        if (key[i].plain != c && key[i].shifted != c)
            continue;
        *out = (struct sim_chord){(uint8_t)i, key[i].plain == c ? 0 : SIM_SHIFT};
        return true;
    }
    return false;
}

bool sim_chord_char(uint8_t c, struct sim_chord *out)
{
    if (c == '\n')
        c = '\r';
    if (c > 0x7f)
        return false;
    if (typed_by((char)c, out))
        return true;
    /* The other control codes are letters and their neighbours, less 0x40: plain keys all. */
    static const char above[] = " abcdefghijklmnopqrstuvwxyz[\\]6-";
    if (c >= sizeof above - 1 || !typed_by(above[c], out))
        return false;
    out->modifiers = SIM_CTRL;
    return true;
}

/* The key whose list has this sequence. */
static bool sequence_find(const char *bytes, size_t n, uint8_t *found)
{
    for (unsigned i = 0; i < SIM_KEYS; i++) {
        for (const char *s = key[i].sequences; *s;) {
            size_t length = strcspn(s, " ");
            if (length == n && memcmp(s, bytes, n) == 0) {
                *found = (uint8_t)i;
                return true;
            }
            s += length + (s[length] == ' ');
        }
    }
    return false;
}

/* "[1;5A" is "[A" and "[3;5~" is "[3~", with modifiers: the number less one is their bits. */
static void modifiers_cut(char *text, size_t *n, uint8_t *modifiers)
{
    char *semicolon = memchr(text, ';', *n), final = text[*n - 1];

    if (!semicolon || semicolon + 3 != text + *n || semicolon[1] < '2' || semicolon[1] > '8')
        return;
    *modifiers = (uint8_t)(semicolon[1] - '1');
    *n = final == '~' ? (size_t)(semicolon - text) : 1;
    text[(*n)++] = final;
}

int sim_chord_sequence(const char *bytes, size_t n, struct sim_chord *out)
{
    enum { SEQUENCE_MAX = 12 };
    char text[SEQUENCE_MAX];
    size_t length = 1;

    *out = (struct sim_chord){0, 0};
    if (n == 0)
        return -1;
    if (bytes[0] != '[' && bytes[0] != 'O')
        return 0;
    if (n > 1 && bytes[1] == '[')
        length++;
    while (length < n && length < SEQUENCE_MAX && memchr("0123456789;", bytes[length], 11))
        length++;
    if (length == SEQUENCE_MAX)
        return 0;
    if (length == n)
        return -1;
    size_t used = ++length;
    memcpy(text, bytes, length);
    modifiers_cut(text, &length, &out->modifiers);
    return sequence_find(text, length, &out->key) ? (int)used : 0;
}

size_t sim_chord_movements(struct sim_chord chord, uint8_t out[SIM_CHORD_MAX])
{
    size_t n = 0;

    for (unsigned i = 0; i < MODIFIERS; i++) {
        if (chord.modifiers & modifier[i].bit)
            out[n++] = modifier[i].key;
    }
    out[n++] = chord.key;
    out[n++] = chord.key | SIM_KEY_UP;
    for (unsigned i = MODIFIERS; i-- > 0;) {
        if (chord.modifiers & modifier[i].bit)
            out[n++] = modifier[i].key | SIM_KEY_UP;
    }
    return n;
}
