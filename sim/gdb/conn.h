/* sim/gdb/conn.h -- the one socket: listening, framing, acknowledging, refusing a second client.
 * A packet's text is as it came but for the escapes, which are undone.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_GDB_CONN_H
#define SIM_GDB_CONN_H

#include "sim/gdb/text.h"

enum { PACKET_MAX = 1 << 16 };

enum conn_event {
    CONN_NOTHING,   /* nothing came in this time */
    CONN_PACKET,    /* conn_packet() has it */
    CONN_INTERRUPT, /* Ctrl-C */
    CONN_LOST       /* the client is gone; the socket listens on */
};

/* `where`: a port on the loopback ("1234", 0 = any free one) or the path of a socket to be made. On
 * return conn_address() is what a client types. 0, or -1 with sim_error(). */
int conn_listen(const char *where);
const char *conn_address(void);
void conn_close(void);

bool conn_connected(void);
/* Takes a client if one is waiting within that time; negative = for ever. A signal ends the wait.
 */
bool conn_accept(int timeout_ms);
void conn_drop(void); /* hangs up */
/* Is there anything to read, or nobody any more, or another client to refuse? Never waits. */
bool conn_wants(void);
enum conn_event conn_read(int timeout_ms);
const char *conn_packet(size_t *n);
void conn_send(const struct text *reply);
void conn_no_ack(void); /* from the next packet on */

#endif
