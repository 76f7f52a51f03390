/* labs/02-border/traveller.c -- a program that makes a journey through the file system: steps=N
 * operations on a few names in dir=PATH, chosen by seed=N, many of which fail. Each is told to
 * trip(), where a checker listens. SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

enum { NAMES = 5, PATH = 64 };

void trip(const char *operation, const char *path, long answer);

__attribute__((noinline)) void trip(const char *operation, const char *path, long answer)
{
    __asm__ volatile("" ::"r"(operation), "r"(path), "r"(answer) : "memory");
}

static long operate(unsigned which, const char *path, uint64_t file)
{
    uint64_t files = mon.ref[PARENT_FILESYSTEM], type, size;
    if (which == 0)
        return filesystem_unlink(files, path);
    if (which == 1)
        return filesystem_mkdir(files, path);
    if (which == 2)
        return filesystem_rmdir(files, path);
    if (which == 3)
        return filesystem_stat(files, path, &type, &size);
    long outcome = filesystem_open(files, path, FILE_READ | FILE_WRITE | FILE_CREATE, file);
    if (!outcome)
        file_close(file);
    return outcome;
}

int main(void)
{
    static const char *const names[] = {"unlink", "mkdir", "rmdir", "stat", "open"};
    const char *dir = mon_option("dir");
    uint64_t steps = mon_option_number("steps", 40), file = mon_ref();
    char path[PATH];
    srand((unsigned)mon_option_number("seed", 1));
    if (!dir || !file || strlen(dir) > PATH - 8)
        mon_fatal("give it a place: traveller(dir=\"/a\")");
    filesystem_mkdir(mon.ref[PARENT_FILESYSTEM], dir);
    while (steps--) {
        unsigned which = (unsigned)rand() / 7 % 5;
        snprintf(path, sizeof(path), "%s/n%u", dir, (unsigned)rand() / 7 % NAMES);
        trip(names[which], path, operate(which, path, file));
    }
    return 0;
}
