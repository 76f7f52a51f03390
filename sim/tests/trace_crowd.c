/* sim/tests/trace_crowd.c -- writes a made-up trace of a crowd, for measuring what many lanes cost:
 * trace_crowd DIR EVENTS SPACES THREADS. A tree of spaces, three children each, with so many
 * threads in all. A thread runs, faults into the kernel, is served by its parent space on its
 * behalf, and another one takes over now and then. SPDX-License-Identifier: MIT */
#include "sim/tests/trace_make.h"

enum { CHILDREN = 3, TURN = 40 /* services between two threads */ };

static unsigned spaces, threads;

static unsigned parent_of(unsigned space)
{
    return space <= 1 ? 0 : (space - 2) / CHILDREN + 1;
}

static bool lookup_space(void *ctx, unsigned index, struct trace_extra *x)
{
    unsigned level = 0;

    (void)ctx;
    if (index == 0 || index > spaces)
        return false;
    for (unsigned s = index; s; s = parent_of(s))
        level++;
    *x = (struct trace_extra){.cr3 = 0x1000ull * index,
                              .id = index,
                              .parent = parent_of(index),
                              .level = level,
                              .live = true};
    snprintf(x->text, sizeof x->text, "crowd%u", index);
    return true;
}

static const char *lookup_label(void *ctx, uint32_t id)
{
    (void)ctx, (void)id;
    return NULL;
}

static void cross(struct trace_writer *w, uint64_t *icount, unsigned kind, unsigned from,
                  unsigned to, unsigned behalf, unsigned thread)
{
    struct trace_record r = {.kind = kind, .from = from, .to = to, .behalf = behalf};

    *icount += 20 + make_random() % 200;
    r.icount = *icount;
    r.thread = thread;
    r.reason = kind == TRACE_EXCEPTION ? 14 : 0;
    r.addr = 0x400000 + make_random() % 0x100000;
    trace_take(w, &r, 1);
}

/* A fault, served by the parent: six crossings. */
static void service(struct trace_writer *w, uint64_t *icount, unsigned space, unsigned thread)
{
    unsigned up = parent_of(space) ? parent_of(space) : space, server = threads + up;

    cross(w, icount, TRACE_EXCEPTION, 2 * space + 1, 2 * space, space, thread);
    cross(w, icount, TRACE_CR3, 2 * space, 2 * up, space, server);
    cross(w, icount, TRACE_SYSRET, 2 * up, 2 * up + 1, space, server);
    cross(w, icount, TRACE_SYSCALL, 2 * up + 1, 2 * up, space, server);
    cross(w, icount, TRACE_CR3, 2 * up, 2 * space, space, thread);
    cross(w, icount, TRACE_IRET, 2 * space, 2 * space + 1, space, thread);
}

static void crowd(struct trace_writer *w, size_t events)
{
    uint64_t icount = 0;
    unsigned thread = 0, space = 1, next;

    for (unsigned i = 1; i <= spaces; i++)
        trace_take(w, &(struct trace_record){.kind = TRACE_SPACE, .reason = i, .addr = 0x1000 * i},
                   1);
    for (size_t n = 0; n < events; n += 6 * TURN + 2) {
        next = make_random() % 4 ? (thread + 1) % threads : make_random() % threads;
        cross(w, &icount, TRACE_INTERRUPT, 2 * space + 1, 2 * space, space, thread + 1);
        thread = next;
        cross(w, &icount, TRACE_IRET, 2 * space, 2 * (thread % spaces + 1) + 1, thread % spaces + 1,
              thread + 1);
        space = thread % spaces + 1;
        for (int i = 0; i < TURN; i++)
            service(w, &icount, space, thread + 1);
    }
}

int main(int argc, char **argv)
{
    struct trace_options o = {.dir = argc > 1 ? argv[1] : NULL,
                              .lookup = {lookup_space, lookup_label, NULL}};
    struct trace_writer *w;

    spaces = argc > 3 ? (unsigned)atoi(argv[3]) : 0;
    threads = argc > 4 ? (unsigned)atoi(argv[4]) : 0;
    if (spaces < 1 || spaces > 4000 || threads < 1) {
        fprintf(stderr, "usage: trace_crowd DIR EVENTS SPACES THREADS\n");
        return 2;
    }
    w = trace_open(&o);
    if (w)
        crowd(w, strtoul(argv[2], NULL, 0));
    if (!w || trace_close(w)) {
        fprintf(stderr, "%s\n", trace_error());
        return 1;
    }
    return 0;
}
