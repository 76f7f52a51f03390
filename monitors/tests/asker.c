/* monitors/tests/asker.c -- one program whose threads ask the root for services while others of it
 * compute: how long does the slowest answer take? `large` of them take and give `mib` of memory
 * over and over, each a long service; `spin` compute; the first reads a file once a millisecond,
 * for `ms`, and says so when an answer took longer than `most`. SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

#define MS 1000000

static uint64_t end;

static uint64_t now(void)
{
    return (uint64_t)fk_clock_read();
}

static void spin(void *unused)
{
    (void)unused;
    while (now() < end)
        ;
}

static void take_and_give(void *of)
{
    uint64_t bytes = (uint64_t)of;
    while (now() < end) {
        void *pages = mon_pages(bytes);
        if (!pages)
            mon_fatal("no %lu bytes to be had", bytes);
        mon_pages_free(pages);
    }
}

static void start(uint64_t count, void (*function)(void *), uint64_t of)
{
    for (; count; count--)
        if (mon_thread(function, (void *)of, 0))
            mon_fatal("no thread to be had");
}

static uint64_t slowest(uint64_t file)
{
    static char bytes[64];
    uint64_t most = 0, from = 0;
    while (from < end) {
        uint64_t room = sizeof(bytes);
        fk_clock_wait(now() + MS);
        from = now();
        if (file_read_at(file, 0, bytes, &room))
            mon_fatal("a read failed");
        uint64_t took = now() - from;
        most = took > most ? took : most;
    }
    return most;
}

int main(void)
{
    uint64_t file = mon_ref(), limit = mon_option_number("most", 100);
    end = now() + mon_option_number("ms", 500) * MS;
    if (filesystem_open(mon.ref[PARENT_FILESYSTEM], "/bin/hello", FILE_READ, file))
        mon_fatal("no file to read");
    start(mon_option_number("large", 1), take_and_give, mon_option_number("mib", 8) << 20);
    start(mon_option_number("spin", 1), spin, 0);
    uint64_t most = slowest(file) / MS;
    if (most > limit)
        printf("an answer took %lu ms\n", most);
    else
        printf("answers came in time\n");
    return most > limit;
}
