#!/bin/sh
# fuzz_ctf.sh -- property: 20,000 damaged traces, grown from three good ones, crash neither the reader
# nor any report. Skipped without clang and libFuzzer. FUZZ_RUNS=N for more.
# SPDX-License-Identifier: MIT
set -- sim/tests/fuzz/fuzz_ctf
. "${srcdir:-.}/sim/tests/fuzz/fuzz_lib.sh"
for events in 0 150 400; do
    trace_input "$dir/corpus/t$events" '' $events
done
fuzz 20000 -max_len=30000 -timeout=20 -rss_limit_mb=2048
