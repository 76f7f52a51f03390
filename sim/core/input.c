/* sim/core/input.c -- the log of what is typed, on the serial port and on the keyboard.
 *
 * Invariant: what reaches the guest from outside is in the log with the tick at which it came, and
 * comes by a timer, live as in a replay; so the same log gives the same run. The log is the tool's;
 * how far the guest has been given it is the machine's. The devices themselves (serial.c,
 * keyboard.c) hold what came until the guest listens.
 * SPDX-License-Identifier: MIT */
#include "sim/core/input.h"

#include <stdlib.h>
#include <string.h>
#include "sim/core/keyboard.h"
#include "sim/core/machine.h"
#include "sim/core/serial.h"
#include "sim/core/shim.h"
#include "sim/dev/uart.h"

static const struct {
    void (*push)(const uint8_t *bytes, size_t n);
    size_t (*pending)(void); /* pushed, and not yet taken by the guest */
    size_t max;
    const char *full;
} device[INPUT_KINDS] = {
    [INPUT_SERIAL] = {serial_push, serial_pending, UART_INPUT,
                      "the guest does not read its console: more than 1 MiB of input waits"},
    [INPUT_KEYS] = {keyboard_push, keyboard_pending, KEYBOARD_QUEUE,
                    "the guest does not read its keyboard: more than 65,536 key movements wait"},
};

struct input {
    uint64_t ticks; /* when it reaches the device */
    uint32_t at, n; /* in bytes_of */
    enum input_kind kind;
    bool planned; /* asked for in advance: belongs to every future */
};
static struct input *inputs;
static size_t input_count, input_max;
static uint8_t *input_bytes;
static size_t input_used, input_room;

static uint64_t next MACHINE_STATE = 0; /* entries already given to the devices */

static void arm(void)
{
    if (next < input_count)
        bxs_timer(SIM_TIMER_INPUT, inputs[next].ticks);
}

void input_arrives(void)
{
    while (next < input_count && inputs[next].ticks <= bxs_ticks()) {
        const struct input *in = &inputs[next++];
        device[in->kind].push(input_bytes + in->at, in->n);
    }
    arm();
}

static size_t waiting(enum input_kind kind)
{
    size_t n = device[kind].pending();
    for (size_t i = next; i < input_count; i++)
        n += inputs[i].kind == kind ? inputs[i].n : 0;
    return n;
}

static int grow(void **p, size_t *room, size_t want, size_t each)
{
    size_t n = *room ? *room : 64;
    while (n < want)
        n *= 2;
    void *q = n == *room ? *p : realloc(*p, n * each);
    if (!q)
        return sim_fail("no memory for console input");
    *p = q;
    *room = n;
    return 0;
}

/* Into the log behind all that comes no later; what the guest was given stays where it is. */
static int put(struct input in, const uint8_t *bytes)
{
    size_t at = input_count;
    if (waiting(in.kind) + in.n > device[in.kind].max)
        return sim_fail("%s", device[in.kind].full);
    if (grow((void **)&inputs, &input_max, input_count + 1, sizeof *inputs) < 0 ||
        grow((void **)&input_bytes, &input_room, input_used + in.n, 1) < 0)
        return -1;
    while (at > next && inputs[at - 1].ticks > in.ticks)
        at--;
    memmove(&inputs[at + 1], &inputs[at], (input_count - at) * sizeof *inputs);
    in.at = (uint32_t)input_used;
    inputs[at] = in;
    input_count++;
    memcpy(input_bytes + input_used, bytes, in.n);
    input_used += in.n;
    arm();
    return 0;
}

int input_now(enum input_kind kind, const uint8_t *bytes, size_t n)
{
    if (n == 0)
        return 0;
    if (n > device[kind].max)
        return sim_fail("more than %zu bytes of input at once", device[kind].max);
    machine_diverge();
    return put((struct input){.ticks = bxs_ticks() + 1, .n = (uint32_t)n, .kind = kind}, bytes);
}

int input_at(enum input_kind kind, uint64_t ticks, const uint8_t *bytes, size_t n)
{
    if (ticks <= bxs_ticks())
        return sim_fail("the machine's clock is past %llu already", (unsigned long long)ticks);
    if (n > device[kind].max)
        return sim_fail("more than %zu bytes of input at once", device[kind].max);
    if (n == 0)
        return 0;
    return put((struct input){.ticks = ticks, .n = (uint32_t)n, .kind = kind, .planned = true},
               bytes);
}

/* What was typed after this moment in another future never happens; what was planned still does. */
void input_diverge(void)
{
    size_t kept = next;
    if (kept >= input_count || inputs[kept].ticks <= bxs_ticks() + 1)
        return;
    for (size_t i = kept; i < input_count; i++) {
        if (inputs[i].planned)
            inputs[kept++] = inputs[i];
    }
    input_count = kept;
}

void input_restored(void)
{
    arm();
}

/* The log of the process that saved the machine is not here. */
void input_resumed(void)
{
    next = 0;
}
