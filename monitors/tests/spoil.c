/* monitors/tests/spoil.c -- waits until a file begins with something else than zeroes, then makes a
 * copy of it that is damaged: from=FILE to=FILE, and flip=N (one bit of that byte), or cut=N (so
 * many bytes are missing at the end), or neither; not before at=NANOSECONDS. The first page is
 * written last.
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

static char bytes[FK_PAGE];

static void copy(uint64_t from, uint64_t to, uint64_t offset, uint64_t size, uint64_t flip)
{
    uint64_t count = size - offset < FK_PAGE ? size - offset : FK_PAGE, done;
    file_read_at(from, offset, bytes, &count);
    if (flip >= offset && flip < offset + count)
        bytes[flip - offset] ^= 4;
    file_write_at(to, offset, bytes, count, &done);
}

int main(void)
{
    uint64_t from = mon_ref(), to = mon_ref(), type, size;
    fk_clock_wait(mon_option_number("at", 0));
    if (mon_await_file(mon_option("from"), FK_FOREVER, from))
        return 1;
    file_stat(from, &type, &size);
    size -= mon_option_number("cut", 0);
    filesystem_open(mon.ref[PARENT_FILESYSTEM], mon_option("to"), FILE_WRITE | FILE_CREATE, to);
    for (uint64_t at = FK_PAGE; at < size; at += FK_PAGE)
        copy(from, to, at, size, mon_option_number("flip", ~0ull >> 1));
    copy(from, to, 0, size, mon_option_number("flip", ~0ull >> 1));
    return 0;
}
