/* sim/core/socket.c -- see sim/socket.h. SPDX-License-Identifier: MIT */
#include "sim/socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/machine.h"

enum { WAITING = 4 /* who may have come before one is let in */ };

/* A socket that nobody listens at any more is in the way of none. */
static void path_clean(const struct sockaddr_un *at)
{
    struct stat st;
    int probe;

    if (lstat(at->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
        return;
    probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe >= 0 && connect(probe, (const struct sockaddr *)at, sizeof *at) != 0 &&
        errno == ECONNREFUSED)
        unlink(at->sun_path);
    if (probe >= 0)
        close(probe);
}

int sim_listen_path(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd, bound;
    mode_t mask;

    if (!*path || strlen(path) >= sizeof at.sun_path)
        return sim_fail("%.60s...: a socket's path has 1 to %zu characters", path,
                        sizeof at.sun_path - 1);
    strcpy(at.sun_path, path);
    path_clean(&at);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return sim_fail("no socket: %s", strerror(errno));
    mask = umask(0077);
    bound = bind(fd, (struct sockaddr *)&at, sizeof at);
    umask(mask);
    if (bound == 0 && listen(fd, WAITING) == 0)
        return fd;
    sim_fail("%s: %s: give the path of a socket that can be made there", path, strerror(errno));
    close(fd);
    return -1;
}
