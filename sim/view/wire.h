/* sim/view/wire.h -- messages out and in over the viewer's socket; private to sim/view/.
 * Whatever the viewer sends, at most one message of it is kept; whatever it does not read, at most
 * WIRE_OUT bytes are. One that breaks the rules, or is gone, is dropped. SPDX-License-Identifier:
 * MIT */
#ifndef SIM_VIEW_WIRE_H
#define SIM_VIEW_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "abi/viewer/viewer.h"

enum { WIRE_OUT = 8 << 20 };

int wire_open(int fd); /* its own from here on; 0, or -1 with sim_error() */
void wire_close(void);
bool wire_up(void);

/* A message in pieces: begin, put, put, end. One for which there is no room is left out as a whole:
 * wire_end() says so. */
void wire_begin(enum view_message kind);
void wire_put(const void *bytes, size_t n);
bool wire_end(void);
/* Hands over as much as the socket takes now; returns how many bytes wait. */
size_t wire_flush(void);

struct wire_message {
    struct view_ask ask;
    char text[VIEW_TEXT];
    uint16_t kind;
};
/* The next message that has come; false = none is whole yet. */
bool wire_next(struct wire_message *m);
/* Something has come, or the viewer is gone. */
bool wire_pending(void);
/* The viewer has hung up, even if not all that it said is read. */
bool wire_leaving(void);
/* Waits until something comes, sending meanwhile. */
void wire_wait(int ms);

#endif
