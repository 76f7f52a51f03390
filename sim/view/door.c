/* sim/view/door.c -- see door.h. Nothing here waits. SPDX-License-Identifier: MIT */
#include "sim/view/door.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "abi/viewer/viewer.h"

static int door = -1;

void door_open(int fd)
{
    door = fd;
}

void door_close(void)
{
    if (door >= 0)
        close(door);
    door = -1;
}

bool door_knocked(void)
{
    struct pollfd p = {.fd = door, .events = POLLIN};

    return door >= 0 && poll(&p, 1, 0) > 0;
}

int door_let_in(void)
{
    return door_knocked() ? accept4(door, NULL, NULL, SOCK_CLOEXEC) : -1;
}

/* Two messages, small enough for any socket's buffer: who speaks, and what there is to say. */
static void say_no(int fd, const char *why)
{
    struct {
        struct view_head head;
        struct view_hello hello;
        struct view_head said;
        char text[VIEW_TEXT];
    } no = {.head = {sizeof no.head + sizeof no.hello, VIEW_HELLO, 0},
            .hello = {.magic = VIEW_MAGIC, .version = VIEW_VERSION},
            .said = {.kind = VIEW_SAID}};
    size_t n = strnlen(why, sizeof no.text);

    memcpy(no.text, why, n);
    no.said.bytes = (uint32_t)(sizeof no.said + n);
    if (send(fd, &no, sizeof no - sizeof no.text + n, MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
        shutdown(fd, SHUT_WR);
}

void door_refuse(const char *why)
{
    int fd;

    while ((fd = door_let_in()) >= 0) {
        say_no(fd, why);
        close(fd);
    }
}
