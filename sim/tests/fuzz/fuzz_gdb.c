/* sim/tests/fuzz/fuzz_gdb.c -- libFuzzer target: whatever bytes a client of the GDB stub sends, and
 * wherever it stops sending, the stub comes to an end with it; what it says are acknowledgements
 * and whole packets with right sums; and nothing stays planted in the machine behind it. Input: a
 * seed of 4 bytes for what the guest's kernel says of itself, then what the client sends.
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sim/gdb/conn.h"
#include "sim/gdb/gdb.h"
#include "sim/tests/fuzz/machine.h"

enum { SENT_MAX = 60000, HEARD_MAX = 1 << 24 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static uint8_t heard[HEARD_MAX];
static size_t heard_n;

static void must(bool held)
{
    if (!held)
        abort();
}

/* Reads to the end, so that the stub never waits for its client. */
static void *hear(void *ctx)
{
    int fd = *(int *)ctx;
    ssize_t n;

    for (heard_n = 0; heard_n < HEARD_MAX; heard_n += (size_t)n)
        if ((n = read(fd, heard + heard_n, HEARD_MAX - heard_n)) <= 0)
            break;
    return NULL;
}

static unsigned digit(uint8_t c)
{
    must((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    return c <= '9' ? c - '0' : c - 'a' + 10u;
}

static size_t check_packet(size_t at)
{
    unsigned sum = 0;

    for (at++; at < heard_n && heard[at] != '#'; at++) {
        must(heard[at] != '$');
        sum += heard[at];
    }
    must(at + 2 < heard_n && digit(heard[at + 1]) * 16 + digit(heard[at + 2]) == (sum & 0xff));
    return at + 3;
}

static void check_heard(void)
{
    for (size_t at = 0; at < heard_n;) {
        if (heard[at] == '+' || heard[at] == '-')
            at++;
        else if (heard[at] == '$')
            at = check_packet(at);
        else
            must(false);
    }
}

static int client(const char *path, const uint8_t *bytes, size_t n)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    strcpy(to.sun_path, path);
    must(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0);
    must(send(fd, bytes, n, MSG_DONTWAIT) == (ssize_t)n);
    must(shutdown(fd, SHUT_WR) == 0);
    return fd;
}

static bool client_gone(void)
{
    return !conn_connected();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const struct gdb_config config = {.ended = client_gone};
    char path[64];
    pthread_t ear;
    uint32_t seed;
    int fd;

    if (n <= sizeof seed || n > SENT_MAX)
        return 0;
    memcpy(&seed, bytes, sizeof seed);
    snprintf(path, sizeof path, "./fuzz_gdb.%d.socket", (int)getpid());
    machine_begin(seed, gdb_poll);
    must(gdb_open(path, &config) == 0);
    fd = client(path, bytes + sizeof seed, n - sizeof seed);
    must(pthread_create(&ear, NULL, hear, &fd) == 0);
    while (gdb_serve() == GDB_GOES_ON && conn_connected())
        gdb_poll();
    gdb_close();
    pthread_join(ear, NULL);
    close(fd);
    check_heard();
    must(machine_hooks() == 0);
    return 0;
}
