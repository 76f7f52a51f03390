/* sim/tests/trace_sample.c -- writes a made-up trace, for scripts and for trying things out:
 * trace_sample DIR [EVENTS [PACKET-BYTES]]. Every other hundred events have random fields.
 * SPDX-License-Identifier: MIT */
#include "sim/tests/trace_make.h"

int main(int argc, char **argv)
{
    struct trace_options o = {.dir = argc > 1 ? argv[1] : NULL, .lookup = make_lookup};
    size_t n = argc > 2 ? strtoul(argv[2], NULL, 0) : 1000;
    struct trace_writer *w;
    uint64_t icount = 0;

    o.packet = argc > 3 ? strtoul(argv[3], NULL, 0) : 0;
    w = trace_open(&o);
    for (size_t i = 0; w && i < n; i++) {
        struct trace_record r = i / 100 % 2 ? make_any(&icount) : make_ordinary(&icount, i);
        trace_take(w, &r, 1);
    }
    if (!w || trace_close(w)) {
        fprintf(stderr, "%s\n", trace_error());
        return 1;
    }
    return 0;
}
