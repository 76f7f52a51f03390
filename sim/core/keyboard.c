/* sim/core/keyboard.c -- movements of keys on their way to the guest.
 *
 * Invariant: no movement is lost and their order stays. They wait here (machine state) and reach
 * the engine's keyboard one at a time, at least a millisecond of the guest's time apart, and only
 * when the guest has taken what came before. While movements wait a timer runs; else none does.
 * SPDX-License-Identifier: MIT */
#include "sim/core/keyboard.h"

#include "sim/core/input.h"
#include "sim/core/shim.h"

#define DEFAULT_IPS 100000000ull

enum {
    PACE_PER_SECOND = 1000,
    PATIENCE = 5 * PACE_PER_SECOND, /* with a guest that seems not to listen */
    INTERRUPT_FLAG = 1 << 9,
    /* The BIOS's own keyboard: its interrupt vector, and its buffer in the BIOS data area. */
    VECTOR_SEGMENT = 9 * 4 + 2,
    BIOS_SEGMENT = 0xf000,
    BIOS_DATA = 0x400,
    BIOS_HEAD = 0x1a, /* where the oldest key is, and where the next one goes */
    BIOS_TAIL = 0x1c,
    BIOS_START = 0x80,
    BIOS_END = 0x82,
    ROMS = 0xc0000,                /* the adapters' and the BIOS's own, and above */
    BOOT_SECTOR_END = 0x7c00 + 510 /* where a disk's first sector says that it is one */
};

struct keys {
    uint64_t pace; /* ticks between two movements */
    uint32_t head, count;
    uint32_t deaf; /* looks in a row that found the guest not listening */
    bool timer_runs;
    bool booted; /* the BIOS has left the machine to the guest */
    uint8_t queue[KEYBOARD_QUEUE];
};
static struct keys *keys MACHINE_STATE = NULL;

static unsigned word(gpa at)
{
    const uint8_t *p = bxs_ram(at, 2);
    return p ? p[0] | p[1] << 8 : 0;
}

/* A BIOS drops what does not fit its buffer of 15 keys. In real mode, when it handles the keyboard,
 * one can see how full that is; every other guest has to keep up with its own interrupts. */
static bool bios_full(void)
{
    if (bxs_mode() != SIM_MODE_REAL || word(VECTOR_SEGMENT) != BIOS_SEGMENT)
        return false;
    unsigned head = word(BIOS_DATA + BIOS_HEAD), tail = word(BIOS_DATA + BIOS_TAIL) + 2;
    if (tail == word(BIOS_DATA + BIOS_END))
        tail = word(BIOS_DATA + BIOS_START);
    return tail == head;
}

/* What is typed before, the BIOS throws away. */
static bool booted(void)
{
    if (keys->booted)
        return true;
    if (bxs_mode() == SIM_MODE_REAL)
        keys->booted = bxs_reg_get(SIM_REG_cs_base) < ROMS || word(BOOT_SECTOR_END) == 0xaa55;
    else
        keys->booted = bxs_paging();
    return keys->booted;
}

/* With interrupts off nobody takes a key by interrupt, and a BIOS that sets up its keyboard takes
 * one for a wrong answer. But some guests only ever ask the port, or let the BIOS's buffer fill up:
 * they are not kept waiting for ever. */
static bool guest_listens(void)
{
    bool deaf = !(bxs_reg_get(SIM_REG_eflags) & INTERRUPT_FLAG) || !booted() || bios_full();

    keys->deaf = deaf ? keys->deaf + 1 : 0;
    return !deaf || keys->deaf > PATIENCE;
}

static void timer_start(void)
{
    keys->timer_runs = true;
    bxs_timer(SIM_TIMER_KEYS, bxs_ticks() + keys->pace);
}

void keyboard_next(void)
{
    keys->timer_runs = false;
    if (keys->count == 0)
        return;
    if (bxs_key_ready() && guest_listens()) {
        uint8_t movement = keys->queue[keys->head];
        keys->head = (keys->head + 1) % KEYBOARD_QUEUE;
        keys->count--;
        bxs_key(movement & ~SIM_KEY_UP, !(movement & SIM_KEY_UP));
    }
    timer_start();
}

void keyboard_push(const uint8_t *movements, size_t n)
{
    for (size_t i = 0; i < n && keys->count < KEYBOARD_QUEUE; i++)
        keys->queue[(keys->head + keys->count++) % KEYBOARD_QUEUE] = movements[i];
    if (!keys->timer_runs)
        keyboard_next();
}

size_t keyboard_pending(void)
{
    return keys->count;
}

/* Every movement is one of a key that there is: what comes from a tool is checked here. */
static int check(const uint8_t *movements, size_t n)
{
    if (!keys)
        return sim_fail("no machine to type to");
    for (size_t i = 0; i < n; i++) {
        if ((movements[i] & ~SIM_KEY_UP) >= SIM_KEYS)
            return sim_fail("there is no key number %u", movements[i] & ~SIM_KEY_UP);
    }
    return 0;
}

int sim_keys(const uint8_t *movements, size_t n)
{
    return check(movements, n) < 0 ? -1 : input_now(INPUT_KEYS, movements, n);
}

int sim_keys_at(uint64_t ticks, const uint8_t *movements, size_t n)
{
    return check(movements, n) < 0 ? -1 : input_at(INPUT_KEYS, ticks, movements, n);
}

int keyboard_open(uint64_t ips)
{
    keys = bxs_calloc(1, sizeof *keys);
    if (!keys)
        return sim_fail("no memory for the machine's keyboard");
    keys->pace = (ips ? ips : DEFAULT_IPS) / PACE_PER_SECOND;
    return 0;
}
