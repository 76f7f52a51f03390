/* sim/dev/uart.h -- the machine's serial port: a 16550A that is instant and loses nothing.
 *
 * Instant: a byte written is sent at once, so the transmitter is always empty; a guest that writes
 * without ever polling loses nothing, and one that waits for the interrupt gets it each time.
 * Lossless: bytes for the guest wait in `input` (1 MiB) and reach the receive FIFO only when the
 * guest listens (it enabled the receive interrupt, or it polls) and has read what came before; they
 * never overrun, and a FIFO reset puts them back instead of dropping them.
 * All state is in struct uart, which the owner allocates and may copy, save and load; only `ops`
 * and `ctx` point elsewhere (uart_attach sets them again). Same calls, same answers: no host time.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_DEV_UART_H
#define SIM_DEV_UART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define UART_PORT  0x3f8 /* eight ports, and the interrupt line, of the PC's first serial port */
#define UART_PORTS 8
#define UART_IRQ   4
#define UART_FIFO  16
#define UART_INPUT (1u << 20)
/* What a byte of input costs in simulated time: a line of 115200 baud. A guest that keeps up with
 * that never has to drop a byte for want of buffers; an idle guest's time is skipped anyway. */
#define UART_BYTE_USEC 87

struct uart_ops {
    /* The interrupt line's new level; called at changes only. A THR write lets it fall first. */
    void (*irq)(void *ctx, bool level);
    /* The guest sent a byte. */
    void (*tx)(void *ctx, uint8_t byte);
    /* More input waits: the owner calls uart_rx_next() when this much simulated time has passed.
     * NULL: it comes at once (a guest with small buffers may then drop bytes itself). */
    void (*rx_wait)(void *ctx, unsigned usec);
};

struct uart {
    const struct uart_ops *ops;
    void *ctx;
    uint8_t ier, fcr, lcr, mcr, scr, dll, dlm;
    uint8_t lsr_errors;   /* LSR bits that a read of LSR clears */
    uint8_t msr_delta;    /* MSR bits 0-3, cleared by a read of MSR */
    uint8_t thre_pending; /* 0 or 1: transmitter-empty interrupt not yet seen */
    uint8_t irq_level;    /* 0 or 1: what the owner was told last */
    uint8_t waiting;      /* 0 or 1: rx_wait was called, uart_rx_next is to come */
    uint8_t gate_out2;    /* 0 or 1: cut off while MCR.OUT2 = 0, as on a PC's board */
    uint8_t listens;      /* 0 or 1: the guest has shown that it receives: input may flow */
    uint8_t fifo_loop;    /* 0 or 1: the FIFO holds bytes of the loopback, not of `input` */
    uint8_t idle_polls;   /* LSR reads in a row that showed no data */
    uint8_t fifo_count, fifo_head;
    uint8_t fifo[UART_FIFO];
    uint32_t input_head, input_count;
    uint8_t input[UART_INPUT];
};

/* Power-on. gate_out2 = false lets drivers work that never set OUT2 (xv6's among them). */
void uart_init(struct uart *u, const struct uart_ops *ops, void *ctx, bool gate_out2);
/* Hardware reset: the registers; input that the guest has not read stays. */
void uart_reset(struct uart *u);
/* After the struct was loaded: sets the callbacks. -1: the bytes are no valid state. */
int uart_attach(struct uart *u, const struct uart_ops *ops, void *ctx);

/* `reg` = port - UART_PORT; only its low three bits count. */
uint8_t uart_read(struct uart *u, unsigned reg);
void uart_write(struct uart *u, unsigned reg, uint8_t value);

/* All n bytes for the guest, or -1 and none when they do not fit. */
int uart_rx_push(struct uart *u, const uint8_t *bytes, size_t n);
/* The time that rx_wait asked for is over. Harmless at other times. */
void uart_rx_next(struct uart *u);
/* Bytes pushed and not yet read by the guest. */
size_t uart_rx_pending(const struct uart *u);

#ifdef __cplusplus
}
#endif
#endif
