#!/bin/sh
# fuzz_view.sh -- property: 1,500 damaged traces and indexes, grown from good ones, crash neither the
# index nor the panes, and no instruction is lost. Skipped without clang and libFuzzer. FUZZ_RUNS=N
# for more. SPDX-License-Identifier: MIT
set -- gui/tests/fuzz_view
. "${srcdir:-.}/sim/tests/fuzz/fuzz_lib.sh"
for events in 0 150 400; do
    trace_input "$dir/corpus/t$events" '\0' $events
    gui/tests/view_sums "$dir/t$events" > /dev/null
    { printf '\1'; cat "$dir/t$events/.flatfish-index"; } > "$dir/corpus/x$events"
done
# What libraries keep to the end of the program is no leak.
export ASAN_OPTIONS=detect_leaks=0
fuzz 1500 -max_len=60000 -timeout=20 -rss_limit_mb=2048
