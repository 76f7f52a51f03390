/* sim/gdb/conn.c -- the socket. See conn.h.
 *
 * Invariant: whatever bytes come, at most PACKET_MAX of a packet are kept, and nothing here waits
 * for a client that does not read or write, but for conn_read() and conn_accept() as long as they
 * are told. Acknowledgements are never waited for: a client that wants a packet again says so with
 * a minus, and gets the last one.
 * SPDX-License-Identifier: MIT */
#include "sim/gdb/conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim/machine.h"
#include "sim/socket.h"

enum { INTERRUPT = 3, SEND_WAIT_MS = 5000, REFUSE_WAIT_MS = 100 };

enum reading { OUTSIDE, INSIDE, ESCAPED, SUM_HIGH, SUM_LOW };

static struct {
    int listener, client;
    char address[128]; /* as a client types it */
    char path[SIM_SOCKET_PATH];
    bool acks;
    enum reading state;
    uint8_t sum; /* of the packet that is coming, */
    char said;   /* and the first digit of what it says itself */
    bool too_long;
    size_t packet_n;
    char packet[PACKET_MAX];
    size_t in_at, in_n;
    char in[4096];
    struct text last; /* sent, framed: for a client that asks again */
} conn = {.listener = -1, .client = -1};

/* ---- listening ---- */

static int listen_port(unsigned port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    int yes = 1;

    conn.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (conn.listener < 0)
        return sim_fail("no socket: %s", strerror(errno));
    setsockopt(conn.listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(conn.listener, (struct sockaddr *)&at, sizeof at) != 0 ||
        listen(conn.listener, 4) != 0 ||
        getsockname(conn.listener, (struct sockaddr *)&at, &n) != 0)
        return sim_fail("port %u: %s: give another one, or 0 for any that is free", port,
                        strerror(errno));
    snprintf(conn.address, sizeof conn.address, "127.0.0.1:%u", ntohs(at.sin_port));
    return 0;
}

static int listen_path(const char *path)
{
    conn.listener = sim_listen_path(path);
    if (conn.listener < 0)
        return -1;
    strcpy(conn.path, path);
    snprintf(conn.address, sizeof conn.address, "%s", path);
    return 0;
}

int conn_listen(const char *where)
{
    char *end;
    unsigned long port = strtoul(where, &end, 10);
    int done;

    if (*where >= '0' && *where <= '9' && *end == 0)
        done = port > 65535 ? sim_mistake("port %lu: the highest is 65535", port)
                            : listen_port((unsigned)port);
    else if (strchr(where, '/'))
        done = listen_path(where);
    else
        done = sim_mistake("'%.60s' is neither a port nor a path with a slash in it", where);
    if (done != 0)
        conn_close();
    return done;
}

const char *conn_address(void)
{
    return conn.address;
}

static void shut(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void conn_close(void)
{
    conn_drop();
    shut(&conn.listener);
    if (conn.path[0])
        unlink(conn.path);
    conn.path[0] = 0;
    text_free(&conn.last);
}

/* ---- clients ---- */

bool conn_connected(void)
{
    return conn.client >= 0;
}

static bool ready(int fd, short events, int timeout_ms)
{
    struct pollfd p = {.fd = fd, .events = events};

    return fd >= 0 && poll(&p, 1, timeout_ms) > 0;
}

bool conn_accept(int timeout_ms)
{
    int yes = 1;

    if (!ready(conn.listener, POLLIN, timeout_ms))
        return false;
    conn.client = accept4(conn.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (conn.client < 0)
        return false;
    setsockopt(conn.client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    conn.acks = true;
    conn.state = OUTSIDE;
    conn.in_at = conn.in_n = 0;
    text_clear(&conn.last);
    return true;
}

/* Reads what is still coming, so that hanging up does not throw away what was said last. */
static void hang_up(int fd)
{
    char rest[512];

    shutdown(fd, SHUT_WR);
    while (ready(fd, POLLIN, REFUSE_WAIT_MS) && read(fd, rest, sizeof rest) > 0)
        ;
    close(fd);
}

/* A client that has hung up is in the way of nobody, even when not all that it said is read. */
static bool leaving(void)
{
    return ready(conn.client, POLLRDHUP, 0);
}

static void refuse_others(void)
{
    static const char no[] = "+$E.another gdb is connected to this machine#00";
    struct text framed = {0};
    uint8_t sum = 0;
    int other;

    /* In this order: who hung up before another came is seen to have hung up. */
    while (ready(conn.listener, POLLIN, 0) && !leaving() &&
           (other = accept4(conn.listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        for (const char *c = no + 2; *c != '#'; c++)
            sum = (uint8_t)(sum + (uint8_t)*c);
        text_add(&framed, no, sizeof no - 3);
        text_hex(&framed, &sum, 1);
        if (text_good(&framed) && send(other, framed.at, framed.n, MSG_NOSIGNAL) > 0)
            hang_up(other);
        else
            close(other);
        text_free(&framed);
        sum = 0;
    }
}

void conn_drop(void)
{
    if (conn.client >= 0)
        hang_up(conn.client);
    conn.client = -1;
}

bool conn_wants(void)
{
    if (conn.client < 0)
        return ready(conn.listener, POLLIN, 0);
    refuse_others();
    return conn.in_at < conn.in_n || ready(conn.client, POLLIN, 0);
}

/* ---- sending ---- */

static void write_all(const char *from, size_t n)
{
    while (n && conn.client >= 0) {
        ssize_t done = send(conn.client, from, n, MSG_NOSIGNAL);
        if (done > 0) {
            from += done;
            n -= (size_t)done;
        } else if (errno == EAGAIN && ready(conn.client, POLLOUT, SEND_WAIT_MS)) {
            continue;
        } else if (errno != EINTR) {
            shut(&conn.client); /* it does not read: it is gone */
        }
    }
}

void conn_send(const struct text *reply)
{
    uint8_t sum = 0;

    text_clear(&conn.last);
    text_add(&conn.last, "$", 1);
    if (text_good(reply))
        text_add(&conn.last, reply->at, reply->n);
    else
        text_puts(&conn.last, "E.no memory for the reply");
    for (size_t i = 1; i < conn.last.n; i++)
        sum = (uint8_t)(sum + (uint8_t)conn.last.at[i]);
    text_add(&conn.last, "#", 1);
    text_hex(&conn.last, &sum, 1);
    write_all(conn.last.at, conn.last.n);
}

void conn_no_ack(void)
{
    conn.acks = false;
}

/* ---- receiving ---- */

static bool fill(int timeout_ms, bool *lost)
{
    ssize_t n;

    *lost = conn.client < 0;
    if (conn.in_at < conn.in_n)
        return true;
    if (*lost || !ready(conn.client, POLLIN, timeout_ms))
        return false;
    n = read(conn.client, conn.in, sizeof conn.in);
    *lost = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
    if (*lost)
        shut(&conn.client);
    conn.in_at = 0;
    conn.in_n = n > 0 ? (size_t)n : 0;
    return n > 0;
}

static void begin(void)
{
    conn.state = INSIDE;
    conn.packet_n = 0;
    conn.sum = 0;
    conn.too_long = false;
}

static void keep(char c)
{
    if (conn.packet_n < PACKET_MAX)
        conn.packet[conn.packet_n++] = c;
    else
        conn.too_long = true;
}

static enum conn_event outside(char c)
{
    if (c == '$')
        begin();
    else if (c == '-')
        write_all(conn.last.at, conn.last.n);
    return c == INTERRUPT ? CONN_INTERRUPT : CONN_NOTHING;
}

/* The packet is whole: does it say of itself what it is? */
static enum conn_event whole(char low)
{
    const char sum[] = {conn.said, low}, *at = sum;
    uint8_t said = 0;
    bool good = read_bytes(&at, sum + 2, &said, 1) == 1 && said == conn.sum;

    conn.state = OUTSIDE;
    if (conn.acks)
        write_all(good ? "+" : "-", 1);
    if (!good && conn.acks)
        return CONN_NOTHING;
    if (conn.too_long)
        conn.packet_n = 0; /* answered like a packet that is not known */
    return CONN_PACKET;
}

static enum conn_event take(char c)
{
    if (conn.state == OUTSIDE)
        return outside(c);
    if (conn.state == SUM_HIGH) {
        conn.said = c;
        conn.state = SUM_LOW;
        return CONN_NOTHING;
    }
    if (conn.state == SUM_LOW)
        return whole(c);
    if (c == '#') {
        conn.state = SUM_HIGH;
        return CONN_NOTHING;
    }
    if (c == '$') { /* the one before was cut */
        begin();
        return CONN_NOTHING;
    }
    conn.sum = (uint8_t)(conn.sum + (uint8_t)c);
    if (conn.state == ESCAPED)
        keep((char)(c ^ 0x20));
    else if (c != '}')
        keep(c);
    conn.state = conn.state == INSIDE && c == '}' ? ESCAPED : INSIDE;
    return CONN_NOTHING;
}

enum conn_event conn_read(int timeout_ms)
{
    bool lost;

    refuse_others();
    while (fill(timeout_ms, &lost))
        while (conn.in_at < conn.in_n) {
            enum conn_event event = take(conn.in[conn.in_at++]);
            if (event != CONN_NOTHING)
                return event;
        }
    return lost ? CONN_LOST : CONN_NOTHING;
}

const char *conn_packet(size_t *n)
{
    *n = conn.packet_n;
    return conn.packet;
}
