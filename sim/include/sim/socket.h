/* sim/socket.h -- a socket with a path, on which this machine's user alone can come in.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_SOCKET_H
#define SIM_SOCKET_H

#include <stddef.h>
#include <sys/un.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { SIM_SOCKET_PATH = sizeof((struct sockaddr_un *)0)->sun_path };

/* Listens there; accepting never waits. Takes the place of a socket that nobody listens at any
 * more, and of nothing else. A descriptor, or -1 with sim_error(). Whoever closes it removes the
 * path. */
int sim_listen_path(const char *path);

#ifdef __cplusplus
}
#endif
#endif
