/* spy.c -- the reference solution: five operations, each asked of whom we were given, told, and
 * answered. SPDX-License-Identifier: MIT */
#include "monitors/lib/nester.h"

static uint64_t below(void)
{
    return mon.ref[PARENT_FILESYSTEM];
}

static long say(const char *operation, const char *path, long answer)
{
    printf("spy: %s %s: %s\n", operation, path, strerror((int)-answer));
    return answer;
}

static long do_open(struct mon_request *request, struct filesystem_open_args *args)
{
    static uint64_t file; /* handed out anew with each answer */
    (void)request;
    if (!file && !(file = mon_ref()))
        return say("open", args->path, -PROTO_NO_OBJECTS);
    args->got = file;
    return say("open", args->path, filesystem_open(below(), args->path, args->flags, file));
}

static long do_stat(struct mon_request *request, struct filesystem_stat_args *args)
{
    (void)request;
    return say("stat", args->path, filesystem_stat(below(), args->path, &args->type, &args->size));
}

static long do_mkdir(struct mon_request *request, struct filesystem_mkdir_args *args)
{
    (void)request;
    return say("mkdir", args->path, filesystem_mkdir(below(), args->path));
}

static long do_rmdir(struct mon_request *request, struct filesystem_rmdir_args *args)
{
    (void)request;
    return say("rmdir", args->path, filesystem_rmdir(below(), args->path));
}

static long do_unlink(struct mon_request *request, struct filesystem_unlink_args *args)
{
    (void)request;
    return say("unlink", args->path, filesystem_unlink(below(), args->path));
}

static const struct filesystem_ops filesystem = {
    .open = do_open, .stat = do_stat, .mkdir = do_mkdir, .rmdir = do_rmdir, .unlink = do_unlink};
static const struct mon_ops ops = {.filesystem = &filesystem};

int main(void)
{
    return mon_run(&ops);
}
