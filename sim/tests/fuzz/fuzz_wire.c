/* sim/tests/fuzz/fuzz_wire.c -- libFuzzer target: whatever bytes live viewers send, one after the
 * other, and wherever they stop, the machine comes to its end as if there had been none; each is
 * told whole messages that begin with HELLO, or nothing; and nothing stays planted in the machine
 * behind them. Input: a seed of 4 bytes, whose lowest bits say whether the machine waits for the
 * first and whether a right HELLO goes before what each sends; then what they send, a half each.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "abi/viewer/viewer.h"
#include "sim/socket.h"
#include "sim/tests/fuzz/machine.h"
#include "sim/view/view.h"

enum { VISITS = 2, PIECE = 509, SENT_MAX = 12000, HEARD_MAX = 1 << 24 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#define must(held) ((held) ? (void)0 : broken(__LINE__))
static void broken(int line)
{
    fprintf(stderr, "fuzz_wire.c:%d does not hold\n", line);
    abort();
}

static struct {
    char path[64];
    const uint8_t *left; /* to send, in all visits */
    size_t left_n, visit_n;
    int visits, fd; /* that are still to come; the one that is there, -1 = none */
    bool greets;
    uint8_t heard[HEARD_MAX];
    size_t heard_n;
} viewer;

/* ---- what the simulator says ---- */

static void check_heard(void)
{
    struct view_head head;

    for (size_t at = 0; at < viewer.heard_n; at += head.bytes) {
        if (viewer.heard_n - at < sizeof head)
            break; /* cut off where the viewer was dropped */
        memcpy(&head, viewer.heard + at, sizeof head);
        must(head.bytes >= sizeof head && head.bytes <= VIEW_BYTES && head.zero == 0);
        must((at == 0) == (head.kind == VIEW_HELLO) && head.kind <= VIEW_SAID);
    }
    viewer.heard_n = 0;
}

/* False at the end of what is said. */
static bool hear(void)
{
    ssize_t n;

    while ((n = recv(viewer.fd, viewer.heard + viewer.heard_n, HEARD_MAX - viewer.heard_n,
                     MSG_DONTWAIT)) > 0)
        viewer.heard_n += (size_t)n;
    return n < 0 && errno == EAGAIN;
}

/* ---- what viewers say ---- */

static void leave(void)
{
    hear();
    close(viewer.fd);
    viewer.fd = -1;
    check_heard();
}

static void send_piece(void)
{
    size_t n = viewer.visit_n < PIECE ? viewer.visit_n : PIECE;

    if (n && send(viewer.fd, viewer.left, n, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)n)
        n = viewer.visit_n; /* it was dropped: the rest is for nobody */
    viewer.left += n;
    viewer.left_n -= n;
    viewer.visit_n -= n;
}

static void come(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct {
        struct view_head head;
        struct view_hello hello;
    } first = {{sizeof first, VIEW_HELLO, 0}, {.magic = VIEW_MAGIC, .version = VIEW_VERSION}};

    strcpy(at.sun_path, viewer.path);
    viewer.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(viewer.fd >= 0 && connect(viewer.fd, (struct sockaddr *)&at, sizeof at) == 0);
    if (viewer.greets)
        must(send(viewer.fd, &first, sizeof first, 0) == sizeof first);
    viewer.visits--;
    viewer.visit_n = viewer.visits ? viewer.left_n / 2 : viewer.left_n;
    send_piece(); /* nobody ever waits for anything: there is always something to read */
}

static void act(void)
{
    if (viewer.fd < 0 && viewer.visits)
        come();
    else if (viewer.fd >= 0 && viewer.visit_n && hear())
        send_piece();
    else if (viewer.fd >= 0)
        leave();
}

/* The simulator asks whether the run is ended from outside whenever it waits: so does time go on.
 */
static bool outside(void)
{
    act();
    return false;
}

static bool tick(void)
{
    act();
    return view_tick();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct view_config config = {.fd = -1, .title = "a title", .ended = outside};
    bool end = false;
    uint32_t seed;

    if (n < sizeof seed || n > SENT_MAX)
        return 0;
    memcpy(&seed, bytes, sizeof seed);
    snprintf(viewer.path, sizeof viewer.path, "./fuzz_wire.%d.socket", (int)getpid());
    viewer.left = bytes + sizeof seed;
    viewer.left_n = n - sizeof seed;
    viewer.visits = VISITS;
    viewer.fd = -1;
    viewer.greets = seed >> 1 & 1;
    config.paused = seed & 1;
    config.door = sim_listen_path(viewer.path);
    must(config.door >= 0);
    machine_begin(seed, tick);
    must(view_open(&config) == 0);
    while (view_serve(end, end ? "its end" : "") == VIEW_GOES_ON) {
        uint64_t due = view_until(UINT64_MAX);
        end = sim_run(due) == SIM_STOP_EXIT;
    }
    must(sim_icount() == MACHINE_END);
    view_close();
    if (viewer.fd >= 0)
        leave();
    unlink(viewer.path);
    must(machine_hooks() == 0);
    return 0;
}
