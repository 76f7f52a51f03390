/* sim/view/door.h -- the socket at which viewers knock that come and go while the machine runs;
 * private to sim/view/. Without a door (fd -1) nobody ever knocks. SPDX-License-Identifier: MIT */
#ifndef SIM_VIEW_DOOR_H
#define SIM_VIEW_DOOR_H

#include <stdbool.h>

void door_open(int fd); /* listens already; door_close() closes it */
void door_close(void);
bool door_knocked(void);
/* The socket of the first who knocked, -1 = nobody has. */
int door_let_in(void);
/* Everybody who knocked is told, in a viewer's own words, why he cannot come in. */
void door_refuse(const char *why);

#endif
