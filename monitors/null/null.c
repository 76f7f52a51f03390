/* monitors/null/null.c -- the nester that adds nothing: whatever its child asks for, it gets what
 * this one was given. SPDX-License-Identifier: MIT */
#include "monitors/lib/nester.h"

static const struct mon_ops ops = {0};

int main(void)
{
    return mon_run(&ops);
}
