/* labs/02-border/burglar.c -- tries to take or change what is in /keep, in every way that the
 * FileSystem protocol has, and then does what anybody may. Each attempt is told to attempt(), where
 * a checker listens: its number in `ways` and the answer. SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

void attempt(uint64_t way, long answer);

__attribute__((noinline)) void attempt(uint64_t way, long answer)
{
    __asm__ volatile("" ::"r"(way), "r"(answer) : "memory");
}

static uint64_t files, file, view;

static long opens(const char *path, uint64_t flags)
{
    long outcome = filesystem_open(files, path, flags, file);
    if (!outcome)
        file_close(file);
    return outcome;
}

/* A file system that begins further down: are its users watched, too? */
static long from_below(const char *path, const char *name)
{
    long outcome = filesystem_subset(files, path, 0, FILE_WRITE, view);
    if (outcome)
        return outcome;
    outcome = filesystem_unlink(view, name);
    filesystem_end(view);
    return outcome;
}

static long reads_through_view(void)
{
    long outcome = filesystem_subset(files, "/keep", 0, 0, view);
    if (outcome)
        return outcome;
    outcome = filesystem_open(view, "/gold", FILE_READ, file);
    if (!outcome)
        file_close(file);
    filesystem_end(view);
    return outcome;
}

static void steal(void)
{
    attempt(1, filesystem_unlink(files, "/keep/gold"));
    attempt(2, filesystem_unlink(files, "keep//gold"));
    attempt(3, filesystem_unlink(files, "/./bin/../keep/./gold"));
    attempt(4, filesystem_rename(files, "/keep/gold", "/mine"));
    attempt(5, filesystem_rename(files, "/trash", "/keep/gold"));
    attempt(6, filesystem_rename(files, "/keep", "/mine"));
    attempt(7, opens("/keep/gold", FILE_WRITE));
    attempt(8, opens("/keep/gold", FILE_READ | FILE_TRUNCATE));
    attempt(9, opens("/keep/new", FILE_READ | FILE_CREATE));
    attempt(10, filesystem_mkdir(files, "/keep/mine"));
    attempt(11, filesystem_rmdir(files, "/keep/box"));
    attempt(12, from_below("/keep", "/gold"));
    attempt(13, from_below("/", "/keep/gold"));
}

static void behave(void)
{
    uint64_t type, size, room = PROTO_NAME_MAX + 1;
    char name[PROTO_NAME_MAX + 1];
    attempt(20, opens("/keep/gold", FILE_READ));
    attempt(21, filesystem_stat(files, "/keep/gold", &type, &size));
    attempt(22, filesystem_list(files, "/keep", 0, name, &room));
    attempt(23, filesystem_mkdir(files, "/own"));
    attempt(24, filesystem_rename(files, "/trash", "/own/trash"));
    attempt(25, filesystem_unlink(files, "/own/trash"));
    attempt(26, filesystem_rmdir(files, "/own"));
    attempt(27, filesystem_unlink(files, "/keepsake"));
    attempt(28, reads_through_view());
    attempt(29, from_below("/garden", "/apple"));
}

static void put(const char *path)
{
    FILE *f = fopen(path, "w");
    if (!f || fputs("mine, all mine\n", f) == EOF || fclose(f))
        mon_fatal("%s: %s", path, strerror(errno));
}

int main(void)
{
    files = mon.ref[PARENT_FILESYSTEM];
    file = mon_ref();
    view = mon_ref();
    if (mon_await_file("/keep/gold", UINT64_MAX, file))
        return 1;
    file_close(file);
    put("/trash");
    filesystem_mkdir(files, "/garden");
    put("/garden/apple");
    steal();
    behave();
    put("/done");
    return 0;
}
