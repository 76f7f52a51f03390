/* labs/02-border/verify.c -- the owner of /keep (or keep=PATH): puts things there, waits until a
 * burglar has been (the file /done), and tells verdict() what has become of them: 0, or a sum of
 * enum loss. SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

enum loss { GOLD = 1, BOX = 2, MORE = 4, SAKE = 8 };

static const char gold[] = "two hundred pieces of gold\n";

void verdict(uint64_t losses);

__attribute__((noinline)) void verdict(uint64_t losses)
{
    __asm__ volatile("" ::"r"(losses) : "memory");
}

static const char *keep;

/* A path with what is kept where %s stands; good until the next one. */
static const char *at(const char *format)
{
    static char text[256];
    snprintf(text, sizeof(text), format, keep);
    return text;
}

static void put(const char *path)
{
    FILE *f = fopen(path, "w");
    if (!f || fputs(gold, f) == EOF || fclose(f))
        mon_fatal("%s: %s", path, strerror(errno));
}

static bool is_whole(const char *path)
{
    char text[sizeof(gold)] = "";
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof(text), f) : 0;
    if (f)
        fclose(f);
    return n == sizeof(gold) - 1 && !memcmp(text, gold, n);
}

/* Things in /keep: as many as there are names. */
static unsigned things(void)
{
    char name[PROTO_NAME_MAX + 1];
    unsigned n = 0;
    for (;; n++) {
        uint64_t room = sizeof(name);
        if (filesystem_list(mon.ref[PARENT_FILESYSTEM], at("%s"), n, name, &room))
            return n;
    }
}

int main(void)
{
    const char *option = mon_option("keep");
    keep = option ? option : "/keep";
    uint64_t files = mon.ref[PARENT_FILESYSTEM], done = mon_ref(), type, size, losses = 0;
    filesystem_mkdir(files, at("%s"));
    filesystem_mkdir(files, at("%s/box"));
    put(at("%ssake"));
    put(at("%s/gold"));
    mon_await_file("/done", UINT64_MAX, done);
    losses |= is_whole(at("%s/gold")) ? 0 : GOLD;
    losses |= filesystem_stat(files, at("%s/box"), &type, &size) ? BOX : 0;
    losses |= things() > 2 ? MORE : 0;
    losses |= is_whole(at("%ssake")) ? SAKE : 0; /* this one may be taken, and is */
    verdict(losses);
    return 0;
}
