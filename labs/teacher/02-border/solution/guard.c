/* guard.c -- the reference solution. Paths are compared part by part, after "", "." and ".." have
 * been dealt with; a view of the file system is given only where it can do no harm, since its users
 * do not come back to us. SPDX-License-Identifier: MIT */
#include "monitors/lib/nester.h"

enum { PATH = 1024, CHANGES = FILE_WRITE | FILE_CREATE | FILE_TRUNCATE | FILE_APPEND };

static const struct mon_option_text options[] = {
    {"keep=PATH", "what lies there, and below, stays as it is"},
    {0},
};

static char kept[PATH];

static uint64_t below(void)
{
    return mon.ref[PARENT_FILESYSTEM];
}

/* "/a/b" for any way to write it; "" is the root. false = too long to be told. */
static bool plain(const char *path, char *out)
{
    size_t at = 0;
    while (*(path += strspn(path, "/"))) {
        size_t n = strcspn(path, "/");
        if (n == 2 && !strncmp(path, "..", 2)) {
            while (at && out[--at] != '/')
                ;
        } else if (n != 1 || *path != '.') {
            if (at + n + 2 > PATH)
                return false;
            out[at++] = '/';
            memcpy(out + at, path, n);
            at += n;
        }
        path += n;
    }
    out[at] = 0;
    return true;
}

static bool within(const char *path, const char *top)
{
    size_t n = strlen(top);
    return !strncmp(path, top, n) && (!path[n] || path[n] == '/');
}

/* A change of this name touches what is kept: it is in there, or the other way round. */
static bool touches(const char *path)
{
    char name[PATH];
    return !plain(path, name) || within(name, kept) || within(kept, name);
}

static long do_open(struct mon_request *request, struct filesystem_open_args *args)
{
    static uint64_t file;
    (void)request;
    if (args->flags & CHANGES && touches(args->path))
        return -PROTO_NOT_ALLOWED;
    if (!file && !(file = mon_ref()))
        return -PROTO_NO_OBJECTS;
    args->got = file;
    return filesystem_open(below(), args->path, args->flags, file);
}

static long do_mkdir(struct mon_request *request, struct filesystem_mkdir_args *args)
{
    (void)request;
    return touches(args->path) ? -PROTO_NOT_ALLOWED : filesystem_mkdir(below(), args->path);
}

static long do_rmdir(struct mon_request *request, struct filesystem_rmdir_args *args)
{
    (void)request;
    return touches(args->path) ? -PROTO_NOT_ALLOWED : filesystem_rmdir(below(), args->path);
}

static long do_unlink(struct mon_request *request, struct filesystem_unlink_args *args)
{
    (void)request;
    return touches(args->path) ? -PROTO_NOT_ALLOWED : filesystem_unlink(below(), args->path);
}

static long do_rename(struct mon_request *request, struct filesystem_rename_args *args)
{
    (void)request;
    if (touches(args->from) || touches(args->to))
        return -PROTO_NOT_ALLOWED;
    return filesystem_rename(below(), args->from, args->to);
}

static long do_subset(struct mon_request *request, struct filesystem_subset_args *args)
{
    static uint64_t view;
    (void)request;
    if (args->flags && touches(args->path))
        return -PROTO_NOT_ALLOWED;
    if (!view && !(view = mon_ref()))
        return -PROTO_NO_OBJECTS;
    args->got = view;
    return filesystem_subset(below(), args->path, args->limit, args->flags, view);
}

static const struct filesystem_ops filesystem = {.open = do_open,
                                                 .mkdir = do_mkdir,
                                                 .rmdir = do_rmdir,
                                                 .unlink = do_unlink,
                                                 .rename = do_rename,
                                                 .subset = do_subset};
static const struct mon_ops ops = {.filesystem = &filesystem};

int main(void)
{
    mon_options(options);
    if (!mon_option("keep") || !plain(mon_option("keep"), kept))
        mon_fatal("say what to keep: guard(keep=/PATH)/...");
    return mon_run(&ops);
}
