/* sim/tests/fuzz/fuzz_ctf.c -- libFuzzer target: whatever bytes stand for a trace, the reader gives
 * events of known kinds in order of time and printable names, or says where the trace is damaged;
 * no report steps outside. Input: u16 length of the metadata, the metadata, the events file.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "sim/trace/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void must(bool held)
{
    if (!held)
        abort();
}

static void check_name(const char *name)
{
    size_t n = strnlen(name, TRACE_NAME_MAX);

    must(n < TRACE_NAME_MAX);
    for (size_t i = 0; i < n; i++)
        must(name[i] >= ' ' && name[i] <= '~');
}

static void check_events(struct trace_reader *t)
{
    struct trace_record r;
    uint64_t last = 0, n = 0;

    while (trace_read_next(t, &r)) {
        must(r.icount >= last && r.kind > 0 && r.kind < TRACE_KINDS);
        check_name(trace_read_extra(t)->text);
        last = r.icount;
        n++;
    }
    must(trace_facts(t)->bytes >= n * 11 || trace_damage(t));
    trace_read_seek(t, last / 2);
    must(!trace_read_next(t, &r) || r.icount >= last / 2);
    trace_read_seek(t, last + 1);
}

static void check_reports(struct trace_reader *t)
{
    static FILE *nowhere;
    struct trace_pick pick = {.to = UINT64_MAX, .kinds = UINT64_MAX};

    if (!nowhere)
        nowhere = fopen("/dev/null", "w");
    must(nowhere != NULL);
    trace_summary(nowhere, t, &pick);
    trace_text(nowhere, t, &pick);
    trace_csv(nowhere, t, &pick);
    trace_folded(nowhere, t, &pick);
    trace_perfetto(nowhere, t, &pick);
}

static void check_names(const struct trace_reader *t)
{
    for (unsigned i = 0; i < trace_spaces(t); i++)
        if (trace_space(t, i))
            check_name(trace_space(t, i)->text);
    for (uint32_t i = 0; i < 64; i++)
        if (trace_label(t, i))
            check_name(trace_label(t, i));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char err[256] = "";
    struct trace_reader *t;
    size_t meta;

    if (n < 2)
        return 0;
    meta = codec_word(bytes, 2);
    if (meta > n - 2)
        return 0;
    t = trace_read_memory(bytes + 2, meta, bytes + 2 + meta, n - 2 - meta, err, sizeof err);
    if (!t) {
        must(err[0] && !strchr(err, '\n'));
        return 0;
    }
    check_events(t);
    check_names(t);
    check_reports(t);
    trace_read_close(t);
    return 0;
}
