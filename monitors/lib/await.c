/* monitors/lib/await.c -- waiting for a file that another program makes, as checkpoints are.
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

#define PAUSE 1000000ull /* nanoseconds between two looks */

static bool is_there(const char *path, uint64_t file)
{
    uint64_t first = 0, count = sizeof(first);
    if (filesystem_open(mon.ref[PARENT_FILESYSTEM], path, FILE_READ, file))
        return false;
    if (!file_read_at(file, 0, &first, &count) && count == sizeof(first) && first)
        return true;
    file_close(file);
    return false;
}

long mon_await_file(const char *path, uint64_t until, uint64_t file)
{
    while (!is_there(path, file)) {
        if ((uint64_t)fk_clock_read() >= until)
            return -PROTO_NOT_FOUND;
        fk_clock_wait((uint64_t)fk_clock_read() + PAUSE);
    }
    return 0;
}
