/* guard.c -- a nester that lets its child look at what is in keep=PATH, but not change it.
 *
 * Whatever would change a name or a file there is answered -PROTO_NOT_ALLOWED; all else goes on as
 * if we were not there. SPDX-License-Identifier: MIT */
#include "monitors/lib/nester.h"

static const struct mon_option_text options[] = {
    {"keep=PATH", "what lies there, and below, stays as it is"},
    {0},
};

/* Yours: is this path, however it is written, the kept one or below it? The file system takes "//",
 * "/./" and "/x/../". */

static const struct filesystem_ops filesystem = {0};
static const struct mon_ops ops = {.filesystem = &filesystem};

int main(void)
{
    mon_options(options);
    return mon_run(&ops);
}
