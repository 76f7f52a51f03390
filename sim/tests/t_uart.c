/* sim/tests/t_uart.c -- property: whatever way a guest's driver uses the 16550A, every byte it
 * sends leaves in order, every byte pushed for it arrives in order and once, and probes see a
 * 16550A. SPDX-License-Identifier: MIT */
#include "sim/dev/uart.h"
#include "sim/tests/check.h"

#include <stdlib.h>
#include <string.h>

enum { DATA, IER, FCR, LCR, MCR, LSR, MSR, SCR, IIR = FCR };

/* A board: the port, an edge-triggered interrupt latch as an 8259 has, and a far end. */
struct board {
    struct uart u;
    bool line, latched;
    unsigned edges, waits;
    uint8_t sent[4096];
    size_t nsent;
};
static struct board b, copy;

static void on_irq(void *ctx, bool level)
{
    struct board *board = ctx;
    CHECK(level != board->line);
    if (level) {
        board->edges++;
        board->latched = true;
    }
    board->line = level;
}

static void on_tx(void *ctx, uint8_t byte)
{
    struct board *board = ctx;
    board->sent[board->nsent++ % sizeof board->sent] = byte;
}

static void on_wait(void *ctx, unsigned usec)
{
    struct board *board = ctx;
    CHECK(usec >= UART_BYTE_USEC && usec <= UART_FIFO * UART_BYTE_USEC);
    board->waits++;
}

static const struct uart_ops paced = {on_irq, on_tx, on_wait};
static const struct uart_ops instant = {on_irq, on_tx, NULL};

static void board_reset(const struct uart_ops *ops)
{
    memset(&b, 0, sizeof b);
    uart_init(&b.u, ops, &b, false);
}

static uint8_t in(unsigned reg)
{
    return uart_read(&b.u, reg);
}

static void out(unsigned reg, uint8_t value)
{
    uart_write(&b.u, reg, value);
}

static void push(const char *text)
{
    CHECK(uart_rx_push(&b.u, (const uint8_t *)text, strlen(text)) == 0);
}

static bool sent_is(const char *text)
{
    return b.nsent == strlen(text) && !memcmp(b.sent, text, b.nsent);
}

/* Drivers send without ever looking at LSR. */
static void test_send_blind(void)
{
    board_reset(&paced);
    for (const char *s = "no waiting at all"; *s; s++)
        out(DATA, *s);
    CHECK(sent_is("no waiting at all"));
    CHECK(in(LSR) == 0x60);
    CHECK(b.edges == 0);
}

/* A driver that sends the next byte only from the THRE interrupt, on an edge-triggered controller,
 * reading IIR once an interrupt, or never. */
static void test_send_by_interrupt(bool reads_iir)
{
    const char *s = "one byte an interrupt";
    board_reset(&paced);
    out(IER, 0x02);
    CHECK(b.latched);
    for (unsigned rounds = 0; *s && b.latched && rounds < 100; rounds++) {
        b.latched = false;
        if (reads_iir)
            CHECK(in(IIR) == 0x02);
        out(DATA, *s++);
    }
    CHECK(sent_is("one byte an interrupt"));
}

/* Reading IIR takes the THRE cause away until the next write or the next enabling. */
static void test_thre_cause(void)
{
    board_reset(&paced);
    CHECK(in(IIR) == 0x01);
    out(IER, 0x02);
    CHECK(in(IIR) == 0x02);
    CHECK(!b.line);
    CHECK(in(IIR) == 0x01);
    out(IER, 0x02);
    CHECK(in(IIR) == 0x01); /* no rising edge of the enable bit */
    out(IER, 0x00);
    out(IER, 0x02);
    CHECK(b.line && in(IIR) == 0x02);
    out(DATA, 'x');
    CHECK(b.line && in(IIR) == 0x02);
    out(IER, 0x03);
    push("y"); /* a higher cause hides THRE and reading IIR then leaves THRE pending */
    CHECK(in(IIR) == 0x04);
    out(DATA, 'x');
    CHECK(in(IIR) == 0x04);
    CHECK(in(DATA) == 'y');
    CHECK(in(IIR) == 0x02);
}

/* Input in bursts of the FIFO's size, one interrupt each; nothing before the guest listens. */
static void test_receive(void)
{
    char got[65];
    unsigned n = 0, bursts = 0;
    const char *text = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-";
    board_reset(&paced);
    out(FCR, 0xc1);
    push(text);
    CHECK((in(LSR)&1) == 0 && !b.line);
    CHECK(in(DATA) == 0); /* a driver clears the receiver at set-up: takes nothing away */
    CHECK(uart_rx_pending(&b.u) == 64);
    out(IER, 0x01);
    while (n < 64 && b.latched) {
        b.latched = false;
        CHECK(in(IIR) == 0xc4);
        while (in(LSR)&1)
            got[n++] = in(DATA);
        CHECK(b.waits == ++bursts && !b.line && in(IIR) == 0xc1);
        uart_rx_next(&b.u);
    }
    CHECK(bursts == 4 && n == 64 && !memcmp(got, text, 64));
    CHECK(uart_rx_pending(&b.u) == 0);
    push("z");
    CHECK(in(IIR) == 0xcc); /* below the trigger level: time-out, at once */
    CHECK(in(DATA) == 'z');
}

/* Without FIFO the chip holds one byte; the next comes when that was read. */
static void test_receive_single(const struct uart_ops *ops)
{
    board_reset(ops);
    out(IER, 0x01);
    push("ab");
    CHECK(b.line && in(IIR) == 0x04 && in(LSR) == 0x61);
    CHECK(in(DATA) == 'a');
    CHECK(b.line == (ops == &instant));
    uart_rx_next(&b.u);
    CHECK(b.line && in(DATA) == 'b');
    uart_rx_next(&b.u);
    CHECK(!b.line && in(LSR) == 0x60);
}

/* A guest that polls LSR with no interrupts gets its input; one that only sets the chip up, or
 * sends, does not eat any. */
static void test_receive_polled(void)
{
    unsigned polls = 0;
    board_reset(&paced);
    push("q");
    for (unsigned i = 0; i < 200; i++) {
        CHECK((in(LSR)&0x21) == 0x20);
        out(DATA, 'o');
    }
    while (!(in(LSR)&1) && polls < 1000)
        polls++;
    CHECK(polls < 100 && in(DATA) == 'q');
    push("r");
    uart_rx_next(&b.u);
    CHECK((in(LSR)&1) && in(DATA) == 'r');
}

/* A FIFO reset empties the FIFO but loses no input, and a driver that resets until it is empty
 * ends. */
static void test_fifo_reset(void)
{
    board_reset(&paced);
    out(FCR, 0x01);
    out(IER, 0x01);
    push("hello, world, hello");
    CHECK(in(DATA) == 'h');
    out(FCR, 0x07);
    CHECK((in(LSR)&1) == 0 && !b.line);
    CHECK(uart_rx_pending(&b.u) == 18);
    uart_rx_next(&b.u);
    CHECK(in(DATA) == 'e' && in(DATA) == 'l');
    out(IER, 0x00);
    out(FCR, 0x00);
    CHECK(in(IIR) == 0x01);
    (void)in(DATA); /* stale: nothing is taken */
    CHECK(uart_rx_pending(&b.u) == 16);
    out(IER, 0x01);
    uart_rx_next(&b.u);
    CHECK(in(DATA) == 'l');
    uart_reset(&b.u);
    CHECK(uart_rx_pending(&b.u) == 15 && !b.line);
}

static void test_input_bound(void)
{
    static uint8_t big[UART_INPUT + 1];
    board_reset(&instant);
    CHECK(uart_rx_push(&b.u, big, sizeof big) == -1);
    CHECK(uart_rx_push(&b.u, big, SIZE_MAX) == -1);
    CHECK(uart_rx_push(&b.u, NULL, 0) == 0);
    CHECK(uart_rx_push(&b.u, big, UART_INPUT / 2) == 0);
    CHECK(uart_rx_push(&b.u, big, UART_INPUT / 2 - UART_FIFO) == 0);
    CHECK(uart_rx_push(&b.u, big, 1) == -1);
    out(IER, 0x01);
    size_t n = 0;
    for (; (in(LSR)&1) && n <= sizeof big; n++)
        CHECK(in(DATA) == 0);
    CHECK(n == UART_INPUT - UART_FIFO);
}

/* How Linux decides that a 16550A is there, and which bugs it has. */
static void test_probe_linux(void)
{
    board_reset(&paced);
    out(IER, 0x00);
    CHECK((in(IER)&0x0f) == 0x00);
    out(IER, 0x0f);
    CHECK((in(IER)&0x0f) == 0x0f);
    out(IER, 0x00);
    out(MCR, 0x1a); /* loopback, OUT2, RTS: DCD and CTS come back */
    CHECK((in(MSR)&0xf0) == 0x90);
    out(MCR, 0x00);
    out(FCR, 0x01);
    CHECK((in(IIR)&0xc0) == 0xc0);
    out(LCR, 0xbf); /* a 16650 would show its extra register in place of IIR */
    CHECK((in(IIR)&0x3f) == 0x01);
    out(LCR, 0x80);
    out(DATA, 0x34);
    out(IER, 0x12);
    CHECK(in(DATA) == 0x34 && in(IER) == 0x12);
    out(LCR, 0x03);
    CHECK(in(IER) == 0x00);
    out(IER, 0x02);
    CHECK((in(IIR)&1) == 0);
    out(IER, 0x00);
    out(IER, 0x02);
    CHECK((in(IIR)&1) == 0); /* no "THRE is not raised again" bug */
    out(IER, 0x00);
    out(IER, 0x02);
    CHECK((in(LSR)&0x40) && (in(IIR)&1) == 0); /* no TXEN bug */
    out(IER, 0x40);                            /* a PXA's unit-enable bit is not there */
    CHECK(in(IER) == 0x00);
}

/* How BSD sizes the FIFO: loop bytes back until one is lost. */
static void test_probe_bsd(void)
{
    unsigned count = 0;
    uint8_t lsr = 0;
    board_reset(&paced);
    CHECK((in(IIR)&0x30) == 0 && (in(MCR)&0xe0) == 0);
    push("typed ahead");
    out(FCR, 0x07);
    out(MCR, 0x13);
    do {
        out(DATA, count++);
        lsr = in(LSR);
    } while (!(lsr & 0x02) && count < 260);
    CHECK(count - 1 == 16);
    CHECK((in(LSR)&0x02) == 0);
    for (unsigned i = 0; i < 16; i++)
        CHECK((in(LSR)&1) && in(DATA) == i);
    CHECK((in(LSR)&1) == 0);
    out(DATA, 'l');
    out(MCR, 0x0b);
    CHECK((in(LSR)&1) == 0);
    CHECK(b.nsent == 0 && uart_rx_pending(&b.u) == 11);
    out(IER, 0x01);
    uart_rx_next(&b.u);
    CHECK(in(DATA) == 't');
}

static void test_modem(void)
{
    board_reset(&paced);
    CHECK(in(MSR) == 0xb0);
    out(IER, 0x08);
    out(MCR, 0x1f);
    CHECK(b.line == false); /* CTS, DSR, DCD stay set; RI rises: none is a delta */
    out(MCR, 0x10);
    CHECK(b.line && in(IIR) == 0x00);
    CHECK(in(MSR) == 0x0f);
    CHECK(!b.line && in(MSR) == 0x00);
    out(MCR, 0xff);
    CHECK(in(MCR) == 0x1f);
    out(SCR, 0x5a);
    CHECK(in(SCR) == 0x5a && in(7 + 8) == 0x5a);
    out(LSR, 0xff);
    out(MSR, 0xff);
    CHECK((in(LSR)&0x9e) == 0);
}

/* xv6 writes MCR = 0 and wants its receive interrupt all the same; a board with OUT2 wired cuts it.
 */
static void test_out2(void)
{
    board_reset(&paced);
    out(MCR, 0x00);
    out(IER, 0x01);
    push("c");
    CHECK(b.line);
    memset(&b, 0, sizeof b);
    uart_init(&b.u, &paced, &b, true);
    out(IER, 0x02);
    CHECK(!b.line);
    out(MCR, 0x08);
    CHECK(b.line);
    out(MCR, 0x18);
    CHECK(!b.line);
}

/* Random accesses: bytes are kept in order and counted, the line follows IIR, and a copy of the
 * state in the middle goes on exactly like the original. */
static uint32_t rng = 12345;
static uint32_t next_random(void)
{
    return rng = rng * 1664525u + 1013904223u, rng >> 8;
}

static uint32_t random_run(unsigned steps)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < steps; i++) {
        uint32_t r = next_random();
        uint8_t bytes[3] = {r, r >> 3, r >> 5};
        switch (r % 8) {
        case 0:
        case 1:
        case 2:
            sum = sum * 31 + in(r >> 8);
            break;
        case 3:
        case 4:
            out(r >> 8, r >> 16);
            break;
        case 5:
            uart_rx_next(&b.u);
            break;
        case 6:
            CHECK(uart_rx_push(&b.u, bytes, r % 4) == 0 || uart_rx_pending(&b.u) > 1000);
            break;
        default:
            sum += b.u.irq_level + b.u.fifo_count;
            break;
        }
        CHECK(b.u.fifo_count <= UART_FIFO && b.u.input_count <= UART_INPUT);
        CHECK(b.u.irq_level == b.line);
    }
    return sum + b.nsent;
}

static void test_random(void)
{
    board_reset(&paced);
    random_run(20000);
    copy = b;
    uint32_t seed = rng, first = random_run(20000);
    struct board end = b;
    b = copy;
    CHECK(uart_attach(&b.u, &paced, &b) == 0);
    rng = seed;
    CHECK(random_run(20000) == first);
    CHECK(!memcmp(&end.u, &b.u, sizeof end.u));
    b.u.fifo_count = 200;
    CHECK(uart_attach(&b.u, &paced, &b) == -1);
}

/* Input pushed in pieces while a driver resets its FIFO, closes and opens: all arrives, once, in
 * order. */
static void test_no_loss(void)
{
    unsigned pushed = 0, got = 0;
    board_reset(&paced);
    for (unsigned i = 0; i < 50000; i++) {
        uint32_t r = next_random();
        uint8_t byte = pushed;
        switch (r % 8) {
        case 0:
            pushed += uart_rx_push(&b.u, &byte, 1) == 0;
            break;
        case 1:
            out(IER, r >> 8 & 0x03);
            break;
        case 2:
            out(FCR, r >> 8);
            break;
        case 3:
            out(LCR, r >> 8 & 0x03);
            break;
        case 4:
            uart_rx_next(&b.u);
            break;
        default:
            if (in(LSR)&1)
                CHECK(in(DATA) == (uint8_t)got++);
        }
    }
    CHECK(got > 1000 && got + uart_rx_pending(&b.u) == pushed);
}

int main(void)
{
    test_send_blind();
    test_send_by_interrupt(true);
    test_send_by_interrupt(false);
    test_thre_cause();
    test_receive();
    test_receive_single(&paced);
    test_receive_single(&instant);
    test_receive_polled();
    test_fifo_reset();
    test_input_bound();
    test_probe_linux();
    test_probe_bsd();
    test_modem();
    test_out2();
    test_random();
    test_no_loss();
    return check_report("t_uart");
}
