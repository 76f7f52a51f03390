/* sim/gdb/pkt_query.c -- packets about the protocol itself, and the monitor command.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "sim/gdb/conn.h"
#include "sim/gdb/session.h"

static bool has(const char *at, const char *end, const char *word)
{
    size_t n = strlen(word);

    for (; end - at >= (ptrdiff_t)n; at++)
        if (memcmp(at, word, n) == 0 && (at + n == end || at[n] == ';'))
            return true;
    return false;
}

/* Only what is true. */
void pkt_supported(struct session *s, const char *at, const char *end)
{
    s->multiprocess = has(at, end, "multiprocess+");
    s->swbreak = has(at, end, "swbreak+");
    s->hwbreak = has(at, end, "hwbreak+");
    s->comings = has(at, end, "fork-events+"); /* as GDB says that knows of new processes */
    text_printf(&s->reply,
                "PacketSize=%x;QStartNoAckMode+;multiprocess+;swbreak+;hwbreak+;vContSupported+;"
                "qXfer:features:read+;qXfer:memory-map:read+;qXfer:threads:read+;"
                "qXfer:exec-file:read+;QThreadEvents+;"
                "ReverseStep+;ReverseContinue+;ConditionalBreakpoints+;binary-upload+",
                PACKET_MAX - 1);
}

void pkt_no_ack(struct session *s, const char *at, const char *end)
{
    (void)at, (void)end;
    reply_ok(s);
    conn_no_ack();
}

void pkt_extended(struct session *s, const char *at, const char *end)
{
    (void)at, (void)end;
    s->extended = true;
    reply_ok(s);
}

void pkt_nothing(struct session *s, const char *at, const char *end)
{
    (void)s, (void)at, (void)end;
}

void pkt_symbol(struct session *s, const char *at, const char *end)
{
    (void)at, (void)end;
    reply_ok(s);
}

enum { PIECE = 16384 };

/* More than a packet holds: console output, then OK. */
static void say_in_pieces(struct session *s, const struct text *out)
{
    struct text piece = {0};

    for (size_t done = 0; done < out->n; done += PIECE) {
        size_t n = out->n - done < PIECE ? out->n - done : PIECE;
        text_clear(&piece);
        text_puts(&piece, "O");
        text_hex(&piece, out->at + done, n);
        conn_send(&piece);
    }
    text_free(&piece);
    reply_ok(s);
}

void pkt_monitor(struct session *s, const char *at, const char *end)
{
    char line[1024];
    struct text out = {0};
    size_t n = read_bytes(&at, end, (uint8_t *)line, sizeof line - 1);

    line[n] = 0;
    if (at != end) {
        reply_error(s, "a monitor command has at most 1023 characters");
        return;
    }
    monitor_run(s, line, &out);
    if (!text_good(&out))
        reply_error(s, "no memory for the answer");
    else if (out.n && out.n <= PIECE)
        text_hex(&s->reply, out.at, out.n);
    else
        say_in_pieces(s, &out);
    text_free(&out);
}
