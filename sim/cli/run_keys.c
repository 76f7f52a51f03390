/* sim/cli/run_keys.c -- keys for the PC's keyboard: from the text of --keys, and from what a
 * terminal sends. Both become movements (sim/keyboard.h). What the guest's queue refuses is kept
 * and offered again; no byte of a terminal or a text is trusted.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/run.h"

#include <string.h>

#include "sim/cli/command.h"
#include "sim/cli/escape.h"
#include "sim/keyboard.h"

enum { ESC = 0x1b, SEQUENCE_MAX = 16 };

static struct {
    uint8_t bytes[KEYS_TYPED_MAX + SEQUENCE_MAX]; /* of the terminal, not yet understood */
    size_t n;
    uint8_t movements[(KEYS_TYPED_MAX + SEQUENCE_MAX) * SIM_CHORD_MAX]; /* not yet taken */
    size_t moves;
} typed;

/* ---- text ---- */

/* One key at `text`; returns characters used, 0 = there is no such key. */
static size_t text_key(const char *text, struct sim_chord *chord)
{
    const char *end = text[0] == '<' ? strchr(text, '>') : NULL;
    size_t used = 1;
    uint8_t c = (uint8_t)text[0];

    if (text[0] == '<')
        return end && sim_chord_name(text + 1, (size_t)(end - text - 1), chord)
                   ? (size_t)(end - text) + 1
                   : 0;
    if (text[0] == '\\' && text[1] == '<') {
        c = '<';
        used = 2;
    } else if (text[0] == '\\') {
        size_t escape = escape_read(text + 1, &c);
        if (!escape)
            return 0;
        used += escape;
    }
    return sim_chord_char(c, chord) ? used : 0;
}

int keys_parse(const char *option, const char *text, uint8_t *out, size_t *n)
{
    struct sim_chord chord;

    for (*n = 0; *text;) {
        size_t used = text_key(text, &chord);
        if (!used)
            return cli_usage(
                "run: %s: no key for '%.30s'; keys are characters, \\n \\t \\e \\\\ \\<, "
                "<enter> <f1> <ctrl-c> <alt-left> and the like",
                option, text);
        *n += sim_chord_movements(chord, out + *n);
        text += used;
    }
    return 0;
}

/* ---- terminal ---- */

/* What follows an ESC. Alone it is the key; before a sequence it belongs to that; before any other
 * character it is Alt. Returns bytes used with the ESC, 0 = more must come. */
static size_t escape_key(const uint8_t *bytes, size_t n, bool still, struct sim_chord *chord)
{
    int sequence = sim_chord_sequence((const char *)bytes + 1, n - 1, chord);

    if (sequence > 0)
        return (size_t)sequence + 1;
    if (sequence < 0 && !still)
        return 0;
    if (n > 1 && bytes[1] != ESC && sim_chord_char(bytes[1], chord)) {
        chord->modifiers |= SIM_ALT;
        return 2;
    }
    sim_chord_char(ESC, chord);
    return 1;
}

/* Every byte gives SIM_CHORD_MAX movements at most, so there is room. */
static bool understand(bool still)
{
    size_t at = 0;
    bool all = true;

    while (at < typed.n) {
        struct sim_chord chord;
        bool known = true;
        size_t used = 1;
        if (typed.bytes[at] == ESC)
            used = escape_key(typed.bytes + at, typed.n - at, still, &chord);
        else
            known = sim_chord_char(typed.bytes[at], &chord);
        if (!used)
            break;
        if (known)
            typed.moves += sim_chord_movements(chord, typed.movements + typed.moves);
        all = all && known;
        at += used;
    }
    typed.n -= at;
    memmove(typed.bytes, typed.bytes + at, typed.n);
    return all;
}

void keys_typed(const uint8_t *bytes, size_t n)
{
    size_t room = sizeof typed.bytes - typed.n;

    n = n < room ? n : room;
    memcpy(typed.bytes + typed.n, bytes, n);
    typed.n += n;
}

bool keys_waiting(void)
{
    return typed.moves > 0;
}

bool keys_poll(bool still)
{
    bool all = typed.moves > 0 || understand(still);

    if (typed.moves && sim_keys(typed.movements, typed.moves) == 0)
        typed.moves = 0;
    return all;
}
