/* sim/dev/uart.c -- registers, interrupt logic and byte queues of the 16550A.
 *
 * Invariants: the transmitter is always empty. fifo_count <= UART_FIFO, input_count <= UART_INPUT.
 * The interrupt line is (some enabled cause is pending) and nothing else; line_update is the only
 * place that tells the owner, and every register access ends in it.
 * SPDX-License-Identifier: MIT */
#include "sim/dev/uart.h"

#include <string.h>

enum { /* register numbers; the first two change meaning with LCR.DLAB */
       REG_DATA,
       REG_IER,
       REG_IIR_FCR,
       REG_LCR,
       REG_MCR,
       REG_LSR,
       REG_MSR,
       REG_SCR
};
enum {
    IER_RX = 0x01,
    IER_THRE = 0x02,
    IER_LINE = 0x04,
    IER_MODEM = 0x08,
    IIR_NONE = 0x01,
    IIR_MODEM = 0x00,
    IIR_THRE = 0x02,
    IIR_RX = 0x04,
    IIR_LINE = 0x06,
    IIR_TIMEOUT = 0x0c,
    IIR_FIFO = 0xc0,
    FCR_ENABLE = 0x01,
    FCR_RX_RESET = 0x02,
    FCR_KEPT = 0xc9, /* the reset bits clear themselves */
    LCR_DLAB = 0x80,
    MCR_DTR = 0x01,
    MCR_RTS = 0x02,
    MCR_OUT1 = 0x04,
    MCR_OUT2 = 0x08,
    MCR_LOOP = 0x10,
    MCR_BITS = 0x1f,
    LSR_DATA = 0x01,
    LSR_OVERRUN = 0x02,
    LSR_EMPTY = 0x60, /* THR and shift register */
    MSR_CTS = 0x10,
    MSR_DSR = 0x20,
    MSR_RI = 0x40,
    MSR_DCD = 0x80,
    MSR_PEER = MSR_CTS | MSR_DSR | MSR_DCD /* the other end is always there and ready */
};

/* A driver's set-up reads LSR a few times; a guest that sees "nothing there" this often in a row,
 * doing nothing else to the port, is waiting for input. */
#define POLLS_TO_LISTEN 32

static bool fifo_enabled(const struct uart *u)
{
    return u->fcr & FCR_ENABLE;
}

static unsigned fifo_room(const struct uart *u)
{
    unsigned size = fifo_enabled(u) ? UART_FIFO : 1;
    return u->fifo_count < size ? size - u->fifo_count : 0;
}

static void fifo_put(struct uart *u, uint8_t byte)
{
    u->fifo[(u->fifo_head + u->fifo_count++) % UART_FIFO] = byte;
}

static uint8_t fifo_get(struct uart *u)
{
    uint8_t byte = u->fifo[u->fifo_head];
    if (u->fifo_count == 0)
        return byte; /* stale, as on the chip */
    u->fifo_head = (u->fifo_head + 1) % UART_FIFO;
    u->fifo_count--;
    return byte;
}

static unsigned fifo_trigger(const struct uart *u)
{
    static const uint8_t level[4] = {1, 4, 8, 14};
    return fifo_enabled(u) ? level[u->fcr >> 6] : 1;
}

/* The pending, enabled cause of highest rank. Time-outs are instant too: any byte that waits below
 * the trigger level counts as timed out. */
static uint8_t cause(const struct uart *u)
{
    if ((u->ier & IER_LINE) && u->lsr_errors)
        return IIR_LINE;
    if ((u->ier & IER_RX) && u->fifo_count)
        return u->fifo_count >= fifo_trigger(u) ? IIR_RX : IIR_TIMEOUT;
    if ((u->ier & IER_THRE) && u->thre_pending)
        return IIR_THRE;
    if ((u->ier & IER_MODEM) && u->msr_delta)
        return IIR_MODEM;
    return IIR_NONE;
}

static void line_update(struct uart *u)
{
    bool level = cause(u) != IIR_NONE;
    if (u->gate_out2 && (u->mcr & (MCR_OUT2 | MCR_LOOP)) != MCR_OUT2)
        level = false; /* in loopback the OUT2 pin is inactive, whatever the register says */
    if (level == u->irq_level)
        return;
    u->irq_level = level;
    u->ops->irq(u->ctx, level);
}

/* Moves what fits from the input to the empty FIFO, so that a guest sees bursts with pauses, as on
 * a real line, and its buffers get time to drain. */
static void rx_fill(struct uart *u)
{
    if (!u->listens || u->waiting || u->fifo_count || (u->mcr & MCR_LOOP))
        return;
    u->fifo_loop = false;
    for (unsigned room = fifo_room(u); room && u->input_count; room--) {
        fifo_put(u, u->input[u->input_head]);
        u->input_head = (u->input_head + 1) % UART_INPUT;
        u->input_count--;
    }
    u->idle_polls = 0;
}

/* The guest took the last byte (or threw all away): the next burst is due after a pause. */
static void rx_pause(struct uart *u, unsigned bytes)
{
    if (!u->ops->rx_wait) {
        rx_fill(u);
    } else if (!u->waiting) {
        u->waiting = true;
        u->ops->rx_wait(u->ctx, bytes * UART_BYTE_USEC);
    }
}

static void rx_listen(struct uart *u)
{
    u->listens = true;
    rx_fill(u);
}

/* Bytes of the console's input go back in front of the queue: the driver that resets the FIFO did
 * not want them yet, the person who typed them did. There is always room: they came from there,
 * and uart_rx_push leaves room for a FIFO. */
static void fifo_reset(struct uart *u)
{
    while (u->fifo_count && !u->fifo_loop) {
        u->fifo_count--;
        u->input_head = (u->input_head + UART_INPUT - 1) % UART_INPUT;
        u->input[u->input_head] = u->fifo[(u->fifo_head + u->fifo_count) % UART_FIFO];
        u->input_count++;
    }
    u->fifo_count = 0;
    u->lsr_errors = 0;
    u->listens = (u->ier & IER_RX) != 0;
    u->idle_polls = 0;
    if (u->input_count && u->listens)
        rx_pause(u, 1);
}

static uint8_t data_read(struct uart *u)
{
    unsigned had = u->fifo_count;
    uint8_t byte = fifo_get(u);
    if (had == 1 && !u->fifo_loop)
        rx_pause(u, fifo_enabled(u) ? UART_FIFO : 1);
    return byte;
}

static void loop_byte(struct uart *u, uint8_t byte)
{
    if (u->fifo_count && !u->fifo_loop)
        fifo_reset(u);
    u->fifo_loop = true;
    if (fifo_room(u))
        fifo_put(u, byte);
    else
        u->lsr_errors |= LSR_OVERRUN; /* FIFO-size probes count on it */
}

/* The byte is gone when the write returns, so the transmitter falls empty anew each time. The line
 * falls in between: an edge-triggered interrupt controller must see every one. */
static void data_write(struct uart *u, uint8_t byte)
{
    u->thre_pending = false;
    line_update(u);
    if (u->mcr & MCR_LOOP)
        loop_byte(u, byte);
    else
        u->ops->tx(u->ctx, byte);
    u->thre_pending = true;
}

/* Switching the THRE interrupt on while the transmitter is empty raises it. */
static void ier_write(struct uart *u, uint8_t value)
{
    if (value & ~u->ier & IER_THRE)
        u->thre_pending = true;
    u->ier = value & 0x0f;
    if (u->ier & IER_RX)
        rx_listen(u);
}

static void fcr_write(struct uart *u, uint8_t value)
{
    bool switched = (value ^ u->fcr) & FCR_ENABLE;
    bool enable = value & FCR_ENABLE;
    u->fcr = enable ? value & FCR_KEPT : 0;
    if (switched || (enable && (value & FCR_RX_RESET)))
        fifo_reset(u);
}

static uint8_t modem_lines(const struct uart *u)
{
    uint8_t out = u->mcr;
    if (!(out & MCR_LOOP))
        return MSR_PEER;
    return (out & MCR_RTS ? MSR_CTS : 0) | (out & MCR_DTR ? MSR_DSR : 0) |
           (out & MCR_OUT1 ? MSR_RI : 0) | (out & MCR_OUT2 ? MSR_DCD : 0);
}

static void mcr_write(struct uart *u, uint8_t value)
{
    uint8_t before = modem_lines(u);
    bool was_loop = u->mcr & MCR_LOOP;
    u->mcr = value & MCR_BITS;
    uint8_t now = modem_lines(u), changed = before ^ now;
    u->msr_delta |= (changed & (MSR_CTS | MSR_DSR | MSR_DCD)) >> 4;
    u->msr_delta |= (before & ~now & MSR_RI) >> 4; /* RI: only its falling edge counts */
    if (was_loop && !(u->mcr & MCR_LOOP)) {
        if (u->fifo_loop)
            u->fifo_count = 0;
        if (!u->fifo_count)
            rx_fill(u);
    }
}

static uint8_t iir_read(struct uart *u)
{
    uint8_t now = cause(u);
    if (now == IIR_THRE)
        u->thre_pending = false;
    return now | (fifo_enabled(u) ? IIR_FIFO : 0);
}

static uint8_t lsr_read(struct uart *u)
{
    uint8_t value = LSR_EMPTY | u->lsr_errors;
    u->lsr_errors = 0;
    if (u->fifo_count)
        return value | LSR_DATA;
    if (!u->listens && !(u->mcr & MCR_LOOP) && ++u->idle_polls >= POLLS_TO_LISTEN)
        rx_listen(u);
    return u->fifo_count ? value | LSR_DATA : value;
}

static uint8_t msr_read(struct uart *u)
{
    uint8_t value = modem_lines(u) | u->msr_delta;
    u->msr_delta = 0;
    return value;
}

static uint8_t reg_read(struct uart *u, unsigned reg)
{
    bool dlab = u->lcr & LCR_DLAB;
    switch (reg) {
    case REG_DATA:
        return dlab ? u->dll : data_read(u);
    case REG_IER:
        return dlab ? u->dlm : u->ier;
    case REG_IIR_FCR:
        return iir_read(u);
    case REG_LCR:
        return u->lcr;
    case REG_MCR:
        return u->mcr;
    case REG_LSR:
        return lsr_read(u);
    case REG_MSR:
        return msr_read(u);
    default:
        return u->scr;
    }
}

static void reg_write(struct uart *u, unsigned reg, uint8_t value)
{
    bool dlab = u->lcr & LCR_DLAB;
    switch (reg) {
    case REG_DATA:
        if (dlab)
            u->dll = value;
        else
            data_write(u, value);
        break;
    case REG_IER:
        if (dlab)
            u->dlm = value;
        else
            ier_write(u, value);
        break;
    case REG_IIR_FCR:
        fcr_write(u, value);
        break;
    case REG_LCR:
        u->lcr = value;
        break;
    case REG_MCR:
        mcr_write(u, value);
        break;
    case REG_SCR:
        u->scr = value;
        break;
    default:
        break; /* LSR and MSR are read-only */
    }
}

uint8_t uart_read(struct uart *u, unsigned reg)
{
    reg &= UART_PORTS - 1;
    if (reg != REG_LSR)
        u->idle_polls = 0;
    uint8_t value = reg_read(u, reg);
    line_update(u);
    return value;
}

void uart_write(struct uart *u, unsigned reg, uint8_t value)
{
    u->idle_polls = 0;
    reg_write(u, reg & (UART_PORTS - 1), value);
    line_update(u);
}

int uart_rx_push(struct uart *u, const uint8_t *bytes, size_t n)
{
    if (n > UART_INPUT - UART_FIFO || uart_rx_pending(u) > UART_INPUT - UART_FIFO - n)
        return -1;
    uint32_t tail = (u->input_head + u->input_count) % UART_INPUT;
    size_t first = n < UART_INPUT - tail ? n : UART_INPUT - tail;
    if (n) {
        memcpy(u->input + tail, bytes, first);
        memcpy(u->input, bytes + first, n - first);
    }
    u->input_count += n;
    rx_fill(u);
    line_update(u);
    return 0;
}

void uart_rx_next(struct uart *u)
{
    u->waiting = false;
    rx_fill(u);
    line_update(u);
}

size_t uart_rx_pending(const struct uart *u)
{
    return u->input_count + (u->fifo_loop ? 0 : u->fifo_count);
}

void uart_reset(struct uart *u)
{
    u->ier = 0;
    fifo_reset(u);
    u->fcr = u->lcr = u->mcr = u->scr = 0;
    u->dll = 12; /* 9600 baud, as PC firmware leaves it */
    u->dlm = 0;
    u->msr_delta = 0;
    u->thre_pending = true;
    line_update(u);
}

void uart_init(struct uart *u, const struct uart_ops *ops, void *ctx, bool gate_out2)
{
    memset(u, 0, sizeof *u);
    u->ops = ops;
    u->ctx = ctx;
    u->gate_out2 = gate_out2;
    uart_reset(u);
}

int uart_attach(struct uart *u, const struct uart_ops *ops, void *ctx)
{
    if (u->fifo_count > UART_FIFO || u->fifo_head >= UART_FIFO || u->input_head >= UART_INPUT ||
        u->input_count > UART_INPUT - UART_FIFO)
        return -1;
    u->ops = ops;
    u->ctx = ctx;
    return 0;
}
