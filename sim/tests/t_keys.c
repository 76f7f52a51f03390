/* sim/tests/t_keys.c -- property: every character and named key is one chord whose movements come
 * in pairs; what a terminal sends for a key is that key; no bytes whatsoever are read past their
 * end. SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "sim/keyboard.h"
#include "sim/tests/check.h"

static bool is(struct sim_chord chord, unsigned key, unsigned modifiers)
{
    return chord.key == key && chord.modifiers == modifiers;
}

static bool named(const char *name, unsigned key, unsigned modifiers)
{
    struct sim_chord chord;

    return sim_chord_name(name, strlen(name), &chord) && is(chord, key, modifiers);
}

static void test_names(void)
{
    struct sim_chord chord;

    CHECK(named("enter", SIM_KEY_enter, 0) && named("f12", SIM_KEY_f12, 0));
    CHECK(named("ctrl-c", SIM_KEY_c, SIM_CTRL) && named("ctrl", SIM_KEY_ctrl, 0));
    CHECK(named("ctrl-alt-delete", SIM_KEY_delete, SIM_CTRL | SIM_ALT));
    CHECK(named("shift-tab", SIM_KEY_tab, SIM_SHIFT));
    CHECK(!sim_chord_name("f13", 3, &chord) && !sim_chord_name("", 0, &chord));
    CHECK(!sim_chord_name("ctrl-", 5, &chord) && !sim_chord_name("enter", 4, &chord));
}

static bool typed(uint8_t c, unsigned key, unsigned modifiers)
{
    struct sim_chord chord;

    return sim_chord_char(c, &chord) && is(chord, key, modifiers);
}

/* All of ASCII, no two characters alike but those that are one key. */
static void test_characters(void)
{
    static bool seen[256][8];
    struct sim_chord chord;

    CHECK(typed('a', SIM_KEY_a, 0) && typed('A', SIM_KEY_a, SIM_SHIFT));
    CHECK(typed('\n', SIM_KEY_enter, 0) && typed('\t', SIM_KEY_tab, 0));
    CHECK(typed(3, SIM_KEY_c, SIM_CTRL) && typed(0, SIM_KEY_space, SIM_CTRL));
    CHECK(typed(0x1b, SIM_KEY_esc, 0) && typed(0x7f, SIM_KEY_backspace, 0));
    for (unsigned c = 0; c < 128; c++) {
        CHECK(sim_chord_char((uint8_t)c, &chord));
        CHECK(c == '\r' || !seen[chord.key][chord.modifiers]);
        seen[chord.key][chord.modifiers] = true;
    }
    for (unsigned c = 128; c < 256; c++)
        CHECK(!sim_chord_char((uint8_t)c, &chord));
}

static bool sent(const char *bytes, int used, unsigned key, unsigned modifiers)
{
    struct sim_chord chord;

    return sim_chord_sequence(bytes, strlen(bytes), &chord) == used && is(chord, key, modifiers);
}

static int answer(const char *bytes)
{
    struct sim_chord chord;

    return sim_chord_sequence(bytes, strlen(bytes), &chord);
}

static void test_sequences(void)
{
    CHECK(sent("[A", 2, SIM_KEY_up, 0) && sent("OA", 2, SIM_KEY_up, 0));
    CHECK(sent("[1;5Cxyz", 5, SIM_KEY_right, SIM_CTRL));
    CHECK(sent("[3~", 3, SIM_KEY_delete, 0) && sent("[3;2~", 5, SIM_KEY_delete, SIM_SHIFT));
    CHECK(sent("[24~", 4, SIM_KEY_f12, 0) && sent("[[B", 3, SIM_KEY_f2, 0));
    CHECK(sent("[1;3P", 5, SIM_KEY_f1, SIM_ALT));
    CHECK(answer("") == -1 && answer("[") == -1 && answer("[1;5") == -1 && answer("O") == -1);
    CHECK(answer("x") == 0 && answer("[Z") == 0 && answer("[99~") == 0);
    CHECK(answer("[11111111111111") == 0);
}

static void test_movements(void)
{
    uint8_t out[SIM_CHORD_MAX];
    struct sim_chord all = {SIM_KEY_a, SIM_SHIFT | SIM_CTRL | SIM_ALT};

    CHECK(sim_chord_movements((struct sim_chord){SIM_KEY_a, 0}, out) == 2);
    CHECK(out[0] == SIM_KEY_a && out[1] == (SIM_KEY_a | SIM_KEY_UP));
    CHECK(sim_chord_movements(all, out) == SIM_CHORD_MAX);
    for (unsigned i = 0; i < SIM_CHORD_MAX / 2; i++)
        CHECK(out[SIM_CHORD_MAX - 1 - i] == (out[i] | SIM_KEY_UP));
}

/* Each sequence in a block of its own size, so that a checker sees any byte read behind it. */
static void test_any_bytes(void)
{
    static const char some[] = {'[', 'O', ';', '1', '5', '~', 'A', 0, 0x1b, (char)0xff};

    srandom(1);
    for (unsigned round = 0; round < 200000; round++) {
        size_t n = (size_t)random() % 16;
        char *bytes = malloc(n + !n);
        struct sim_chord chord;
        for (size_t i = 0; i < n; i++)
            bytes[i] = some[(size_t)random() % sizeof some];
        int used = sim_chord_sequence(bytes, n, &chord);
        CHECK(used >= -1 && used <= (int)n);
        CHECK(used <= 0 || (chord.key < SIM_KEYS && chord.modifiers < 8));
        free(bytes);
    }
}

int main(void)
{
    test_names();
    test_characters();
    test_sequences();
    test_movements();
    test_any_bytes();
    return check_report("t_keys");
}
