/* labs/02-border/burglar.c -- tries to take or change what is in /keep (or keep=PATH), in every way
 * that the FileSystem protocol has, and then does what anybody may. Each attempt is told to
 * attempt(), where a checker listens: its number in `ways` and the answer. SPDX-License-Identifier:
 * MIT */
#include "monitors/lib/mon.h"

void attempt(uint64_t way, long answer);

__attribute__((noinline)) void attempt(uint64_t way, long answer)
{
    __asm__ volatile("" ::"r"(way), "r"(answer) : "memory");
}

static uint64_t files, file, view;
static const char *keep; /* without its slash */

/* A path with the name of what is kept where %s stands; good until four later ones. */
static const char *at(const char *format)
{
    static char text[4][256];
    static unsigned n;
    n = (n + 1) % 4;
    snprintf(text[n], sizeof(text[n]), format, keep);
    return text[n];
}

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
    long outcome = filesystem_subset(files, at("/%s"), 0, 0, view);
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
    attempt(1, filesystem_unlink(files, at("/%s/gold")));
    attempt(2, filesystem_unlink(files, at("%s//gold")));
    attempt(3, filesystem_unlink(files, at("/./bin/../%s/./gold")));
    attempt(4, filesystem_rename(files, at("/%s/gold"), "/mine"));
    attempt(5, filesystem_rename(files, "/trash", at("/%s/gold")));
    attempt(6, filesystem_rename(files, at("/%s"), "/mine"));
    attempt(7, opens(at("/%s/gold"), FILE_WRITE));
    attempt(8, opens(at("/%s/gold"), FILE_READ | FILE_TRUNCATE));
    attempt(9, opens(at("/%s/new"), FILE_READ | FILE_CREATE));
    attempt(10, filesystem_mkdir(files, at("/%s/mine")));
    attempt(11, filesystem_rmdir(files, at("/%s/box")));
    attempt(12, from_below(at("/%s"), "/gold"));
    attempt(13, from_below("/", at("/%s/gold")));
}

static void behave(void)
{
    uint64_t type, size, room = PROTO_NAME_MAX + 1;
    char name[PROTO_NAME_MAX + 1];
    attempt(20, opens(at("/%s/gold"), FILE_READ));
    attempt(21, filesystem_stat(files, at("/%s/gold"), &type, &size));
    attempt(22, filesystem_list(files, at("/%s"), 0, name, &room));
    attempt(23, filesystem_mkdir(files, "/own"));
    attempt(24, filesystem_rename(files, "/trash", "/own/trash"));
    attempt(25, filesystem_unlink(files, "/own/trash"));
    attempt(26, filesystem_rmdir(files, "/own"));
    attempt(27, filesystem_unlink(files, at("/%ssake")));
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
    const char *option = mon_option("keep");
    keep = option ? option + 1 : "keep";
    files = mon.ref[PARENT_FILESYSTEM];
    file = mon_ref();
    view = mon_ref();
    if (mon_await_file(at("/%s/gold"), UINT64_MAX, file))
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
