/* spy.c -- a nester that tells what crosses its border: each use of a name in the file system, with
 * the answer.
 *
 * For open, stat, mkdir, rmdir and unlink it prints a line
 *     spy: unlink /a/n3: no such file or directory
 * and the child gets the answer that it would have got without us. All else is not its business,
 * and costs nothing. SPDX-License-Identifier: MIT */
#include "monitors/lib/nester.h"

static long say(const char *operation, const char *path, long answer)
{
    printf("spy: %s %s: %s\n", operation, path, strerror((int)-answer)); /* strerror(0) is "done" */
    return answer;
}

/* The one operation that is here already: ask whom we were given, tell, answer. */
static long do_stat(struct mon_request *request, struct filesystem_stat_args *args)
{
    (void)request;
    return say("stat", args->path,
               filesystem_stat(mon.ref[PARENT_FILESYSTEM], args->path, &args->type, &args->size));
}

/* Yours: the other four. `open` hands out a reference: make an object for it once by mon_ref(), let
 * filesystem_open() fill it, and put its address into args->got. */

static const struct filesystem_ops filesystem = {.stat = do_stat};
static const struct mon_ops ops = {.filesystem = &filesystem};

int main(void)
{
    return mon_run(&ops);
}
