/* sim/view/wire.c -- see wire.h. SPDX-License-Identifier: MIT */
#include "sim/view/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim/machine.h"

enum { IN_MAX = sizeof(struct view_head) + sizeof(struct view_hello) + 4096 };

static struct {
    int fd; /* -1 = nobody */
    bool greeted;
    uint8_t *out;
    size_t sent, out_n, begun; /* begun: where the message that is being made begins */
    bool too_long;
    uint8_t in[IN_MAX];
    size_t in_n;
} wire = {.fd = -1};

int wire_open(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    wire.out = malloc(WIRE_OUT);
    if (!wire.out || flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) {
        free(wire.out);
        wire.out = NULL;
        close(fd);
        return sim_fail("no connection to the viewer: %s", strerror(errno));
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    wire.fd = fd;
    wire.greeted = false;
    wire.sent = wire.out_n = wire.in_n = 0;
    return 0;
}

void wire_close(void)
{
    if (wire.fd >= 0)
        close(wire.fd);
    wire.fd = -1;
    free(wire.out);
    wire.out = NULL;
}

bool wire_up(void)
{
    return wire.fd >= 0;
}

/* ---- out ---- */

void wire_begin(enum view_message kind)
{
    struct view_head head = {.kind = kind};

    wire.begun = wire.out_n;
    wire.too_long = false;
    wire_put(&head, sizeof head);
}

void wire_put(const void *bytes, size_t n)
{
    if (wire.fd < 0 || wire.too_long || n > WIRE_OUT - wire.out_n) {
        wire.too_long = true;
        return;
    }
    memcpy(wire.out + wire.out_n, bytes, n);
    wire.out_n += n;
}

bool wire_end(void)
{
    uint32_t bytes = (uint32_t)(wire.out_n - wire.begun);

    if (wire.fd < 0 || wire.too_long || bytes > VIEW_BYTES) {
        wire.out_n = wire.begun;
        return false;
    }
    memcpy(wire.out + wire.begun, &bytes, sizeof bytes);
    return true;
}

size_t wire_flush(void)
{
    while (wire.fd >= 0 && wire.sent < wire.out_n) {
        ssize_t n = send(wire.fd, wire.out + wire.sent, wire.out_n - wire.sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return wire.out_n - wire.sent;
        if (n < 0) {
            wire_close();
            break;
        }
        wire.sent += (size_t)n;
    }
    wire.sent = wire.out_n = 0;
    return 0;
}

/* ---- in ---- */

static void fill(void)
{
    while (wire.fd >= 0 && wire.in_n < sizeof wire.in) {
        ssize_t n = recv(wire.fd, wire.in + wire.in_n, sizeof wire.in - wire.in_n, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            wire_close();
            return;
        }
        wire.in_n += (size_t)n;
    }
}

/* The first message must be a HELLO of our version. */
static bool greets(const uint8_t *body, size_t n, unsigned kind)
{
    struct view_hello hello = {.magic = 0};

    memcpy(&hello, body, n < sizeof hello ? n : sizeof hello);
    return kind == VIEW_HELLO && hello.magic == VIEW_MAGIC && hello.version == VIEW_VERSION;
}

static void take(struct wire_message *m, const uint8_t *body, size_t n, unsigned kind)
{
    size_t text;

    *m = (struct wire_message){.kind = (uint16_t)kind};
    memcpy(&m->ask, body, n < sizeof m->ask ? n : sizeof m->ask);
    if (n <= sizeof m->ask)
        return;
    text = n - sizeof m->ask < sizeof m->text ? n - sizeof m->ask : sizeof m->text - 1;
    memcpy(m->text, body + sizeof m->ask, text);
}

bool wire_next(struct wire_message *m)
{
    struct view_head head;

    fill();
    if (wire.fd < 0 || wire.in_n < sizeof head)
        return false;
    memcpy(&head, wire.in, sizeof head);
    if (head.bytes < sizeof head || head.bytes > sizeof wire.in) {
        wire_close();
        return false;
    }
    if (wire.in_n < head.bytes)
        return false;
    if (!wire.greeted && !greets(wire.in + sizeof head, head.bytes - sizeof head, head.kind)) {
        wire_close();
        return false;
    }
    wire.greeted = true;
    take(m, wire.in + sizeof head, head.bytes - sizeof head, head.kind);
    wire.in_n -= head.bytes;
    memmove(wire.in, wire.in + head.bytes, wire.in_n);
    return true;
}

bool wire_pending(void)
{
    struct pollfd p = {.fd = wire.fd, .events = POLLIN};

    return wire.fd >= 0 && (wire.in_n > 0 || poll(&p, 1, 0) > 0);
}

bool wire_leaving(void)
{
    struct pollfd p = {.fd = wire.fd, .events = POLLRDHUP};

    return wire.fd >= 0 && poll(&p, 1, 0) > 0;
}

void wire_wait(int ms)
{
    struct pollfd p = {.fd = wire.fd, .events = POLLIN};

    if (wire_flush())
        p.events |= POLLOUT;
    if (wire.fd >= 0)
        poll(&p, 1, ms);
    wire_flush();
}
