/* sim/core/serial.c -- the guest's serial port, what it says, and what it is told.
 *
 * Invariant: what reaches the guest from outside is in the input log with the tick at which it
 * came, and comes by a timer, live as in a replay; so the same log gives the same run. What the
 * guest says is handed on once, however often it is lived through again.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "sim/core/serial.h"
#include "sim/core/event.h"
#include "sim/core/machine.h"
#include "sim/core/shim.h"
#include "sim/dev/uart.h"

#define OUTPUT_MAX  512
#define DEFAULT_IPS 100000000ull

struct wires { /* machine state */
    struct uart uart;
    uint64_t sent;       /* bytes the guest has printed so far */
    uint64_t input_next; /* entries of the input log already given to the guest */
    uint64_t ips;
};
static struct wires *wires MACHINE_STATE = NULL;

/* The tool's. */
static struct {
    sim_console_fn *out;
    void *ctx;
    uint64_t delivered; /* of wires->sent */
    uint8_t bytes[OUTPUT_MAX];
    size_t n;
} console;

struct input {
    uint64_t ticks; /* when it reaches the serial port */
    uint32_t at, n; /* in input_bytes */
    bool planned;   /* asked for in advance: belongs to every future */
};
static struct input *inputs;
static size_t input_count, input_max;
static uint8_t *input_bytes;
static size_t input_used, input_room;

/* ---- output ---- */

void serial_flush(void)
{
    size_t n = console.n;
    console.n = 0;
    if (n && console.out)
        console.out(console.ctx, console.bytes, n);
}

void machine_console(const uint8_t *bytes, size_t n)
{
    event_alive(bxs_icount());
    for (size_t i = 0; i < n; i++) {
        if (wires->sent++ < console.delivered)
            continue; /* said before: this is a replay */
        console.delivered = wires->sent;
        console.bytes[console.n++] = bytes[i];
        if (console.n == OUTPUT_MAX || bytes[i] == '\n')
            serial_flush();
    }
}

void sim_console_output(sim_console_fn *out, void *ctx)
{
    console.out = out;
    console.ctx = ctx;
}

/* ---- serial port ---- */

static void uart_irq(void *ctx, bool level)
{
    (void)ctx;
    bxs_irq(UART_IRQ, level);
}

static void uart_tx(void *ctx, uint8_t byte)
{
    (void)ctx;
    machine_console(&byte, 1);
}

static void uart_wait(void *ctx, unsigned usec)
{
    (void)ctx;
    bxs_timer(SIM_TIMER_UART, bxs_ticks() + usec * (wires->ips / 1000000));
}

static const struct uart_ops uart_ops = {uart_irq, uart_tx, uart_wait};

uint8_t up_uart_read(unsigned offset)
{
    return uart_read(&wires->uart, offset);
}

void up_uart_write(unsigned offset, uint8_t value)
{
    uart_write(&wires->uart, offset, value);
}

/* ---- input log ---- */

static void input_arm(void)
{
    if (wires->input_next < input_count)
        bxs_timer(SIM_TIMER_INPUT, inputs[wires->input_next].ticks);
}

static void input_arrives(void)
{
    while (wires->input_next < input_count && inputs[wires->input_next].ticks <= bxs_ticks()) {
        const struct input *in = &inputs[wires->input_next++];
        uart_rx_push(&wires->uart, input_bytes + in->at, in->n);
    }
    input_arm();
}

void up_timer(unsigned timer)
{
    if (timer == SIM_TIMER_INPUT)
        input_arrives();
    else
        uart_rx_next(&wires->uart);
}

static size_t input_waiting(void)
{
    size_t n = uart_rx_pending(&wires->uart);
    for (size_t i = wires->input_next; i < input_count; i++)
        n += inputs[i].n;
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
static int input_put(struct input in, const uint8_t *bytes)
{
    size_t at = input_count;
    if (input_waiting() + in.n > UART_INPUT)
        return sim_fail("the guest does not read its console: more than 1 MiB of input waits");
    if (grow((void **)&inputs, &input_max, input_count + 1, sizeof *inputs) < 0 ||
        grow((void **)&input_bytes, &input_room, input_used + in.n, 1) < 0)
        return -1;
    while (at > wires->input_next && inputs[at - 1].ticks > in.ticks)
        at--;
    memmove(&inputs[at + 1], &inputs[at], (input_count - at) * sizeof *inputs);
    in.at = (uint32_t)input_used;
    inputs[at] = in;
    input_count++;
    memcpy(input_bytes + input_used, bytes, in.n);
    input_used += in.n;
    input_arm();
    return 0;
}

int sim_console_input(const uint8_t *bytes, size_t n)
{
    if (!wires)
        return sim_fail("no machine to type to");
    if (n == 0)
        return 0;
    if (n > UART_INPUT)
        return sim_fail("more than 1 MiB of input at once");
    machine_diverge();
    return input_put((struct input){.ticks = bxs_ticks() + 1, .n = (uint32_t)n}, bytes);
}

int sim_console_input_at(uint64_t ticks, const uint8_t *bytes, size_t n)
{
    if (!wires)
        return sim_fail("no machine to type to");
    if (ticks <= bxs_ticks())
        return sim_fail("the machine's clock is past %llu already", (unsigned long long)ticks);
    if (n > UART_INPUT)
        return sim_fail("more than 1 MiB of input at once");
    if (n == 0)
        return 0;
    return input_put((struct input){.ticks = ticks, .n = (uint32_t)n, .planned = true}, bytes);
}

/* ---- going back ---- */

/* What was typed after this moment in another future never happens; what was planned still does. */
static void input_forget(void)
{
    size_t kept = wires->input_next;
    if (kept >= input_count || inputs[kept].ticks <= bxs_ticks() + 1)
        return;
    for (size_t i = kept; i < input_count; i++) {
        if (inputs[i].planned)
            inputs[kept++] = inputs[i];
    }
    input_count = kept;
}

void serial_diverge(void)
{
    input_forget();
    console.delivered = wires->sent;
}

void serial_restored(void)
{
    uart_attach(&wires->uart, &uart_ops, NULL);
    input_arm();
}

int serial_open(uint64_t ips)
{
    wires = bxs_calloc(1, sizeof *wires);
    if (!wires)
        return sim_fail("no memory for the machine's devices");
    wires->ips = ips ? ips : DEFAULT_IPS;
    uart_init(&wires->uart, &uart_ops, NULL, false);
    return 0;
}
