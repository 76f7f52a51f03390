/* sim/gdb/gone.c -- processes that end while the machine goes forwards: the client hears of each
 * that it knows, when it happens, as of any program's end. Going back brings them to life again.
 * SPDX-License-Identifier: MIT */
#include "sim/event.h"
#include "sim/gdb/target.h"

static bool (*known)(int64_t pid);
static struct stop *found;
static int listening = -1;

static void on_space(void *ctx, const struct trace_record *r)
{
    const struct sim_space *s = sim_space(r->reason);

    (void)ctx;
    if (!s || s->live || !s->id || found->kind != STOP_PLAIN || !known(s->id))
        return;
    *found = (struct stop){.kind = STOP_GONE, .id = {s->id, 0}, .icount = r->icount};
    sim_stop_request();
}

void gone_told(bool (*fn)(int64_t pid))
{
    known = fn;
}

void gone_arm(struct stop *to, bool live)
{
    if (listening >= 0)
        sim_unlisten(listening);
    found = to;
    listening = to && live && known ? sim_listen(1ull << TRACE_SPACE, on_space, NULL) : -1;
}
