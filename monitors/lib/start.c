/* monitors/lib/start.c -- start of a program and its end: asks the Parent port for everything, then
 * calls main. Everything is asked for once, here, so that later calls go straight to whoever serves
 * them, however deep this program is. The root has a start of its own. SPDX-License-Identifier: MIT
 */
#include "monitors/lib/mon.h"

#define TEXT_MAX PROTO_DATA_MAX

int main(int argc, char **argv);
int mon_run(const void *ops) __attribute__((weak)); /* there in nesters alone */
void program_main(struct mon_birth *birth);

static void take_names(void)
{
    static struct fk_object refs[PARENT_NAMES];
    for (unsigned name = PARENT_SPACE; name <= PARENT_ERRORS; name++) {
        uint64_t ref = fk_at(&refs[name]);
        if (!fk_ref_create(ref) && !parent_get(mon.parent, name, ref))
            mon.ref[name] = ref;
    }
}

/* The text is arguments, each with its NUL, then the nest, then arguments for its programs. */
static long take_arguments(void)
{
    static char text[TEXT_MAX + 1];
    uint64_t bytes = TEXT_MAX, args;
    long outcome = parent_start(mon.parent, text, &bytes, &args, &mon.budget);
    if (outcome)
        return outcome;
    mon.argv = calloc(args + 1, sizeof(*mon.argv));
    if (!mon.argv)
        return -PROTO_NO_MEMORY;
    char *at = text;
    for (; (uint64_t)mon.argc < args && at < text + bytes; at += strlen(at) + 1)
        mon.argv[mon.argc++] = at;
    if (at >= text + bytes)
        return 0;
    mon.nest = at;
    mon.extra = at + strlen(at) + 1;
    mon.extra_bytes = (uint64_t)(text + bytes - mon.extra);
    return 0;
}

void program_main(struct mon_birth *birth)
{
    mon.parent = fk_at(&birth->parent);
    take_names();
    long outcome = take_arguments();
    if (outcome)
        mon_fatal("cannot begin: %s", strerror((int)-outcome));
    if (*mon.nest && !mon_run)
        mon_fatal("it runs nothing below it, so nothing can stand behind %s/", mon.argv[0]);
    if (mon.ref[PARENT_CLOCK])
        clock_offset(mon.ref[PARENT_CLOCK], &mon.clock);
    exit(main(mon.argc, mon.argv));
}

_Noreturn void mon_exit(int status)
{
    parent_exit(mon.parent, (uint64_t)(unsigned)status & 0xff);
    for (;;)
        fk_clock_wait(FK_FOREVER >> 1);
}
