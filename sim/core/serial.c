/* sim/core/serial.c -- the guest's serial port: what it says, and what it is told.
 *
 * Invariant: what the guest says is handed on once, however often it is lived through again; what
 * it is told comes from the input log (input.c) only.
 * SPDX-License-Identifier: MIT */
#include "sim/core/serial.h"
#include "sim/core/event.h"
#include "sim/core/input.h"
#include "sim/core/machine.h"
#include "sim/core/shim.h"
#include "sim/dev/uart.h"

#define OUTPUT_MAX  512
#define DEFAULT_IPS 100000000ull

struct wires { /* machine state */
    struct uart uart;
    uint64_t sent; /* bytes the guest has printed so far */
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

/* ---- input ---- */

void serial_push(const uint8_t *bytes, size_t n)
{
    uart_rx_push(&wires->uart, bytes, n);
}

size_t serial_pending(void)
{
    return uart_rx_pending(&wires->uart);
}

void serial_next(void)
{
    uart_rx_next(&wires->uart);
}

int sim_console_input(const uint8_t *bytes, size_t n)
{
    return wires ? input_now(INPUT_SERIAL, bytes, n) : sim_fail("no machine to type to");
}

int sim_console_input_at(uint64_t ticks, const uint8_t *bytes, size_t n)
{
    return wires ? input_at(INPUT_SERIAL, ticks, bytes, n) : sim_fail("no machine to type to");
}

/* ---- going back ---- */

void serial_diverge(void)
{
    console.delivered = wires->sent;
}

void serial_restored(void)
{
    uart_attach(&wires->uart, &uart_ops, NULL);
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
