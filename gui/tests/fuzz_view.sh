#!/bin/sh
# fuzz_view.sh -- property: 1,500 damaged traces and indexes, grown from good ones, crash neither the
# index nor the panes, and no instruction is lost. Skipped without clang and libFuzzer. FUZZ_RUNS=N
# for more. SPDX-License-Identifier: MIT
dir=$(mktemp -d fuzz_view.XXXXXX) || exit 1
trap 'rm -rf "$dir"' EXIT
echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n > 9 ? 0 : 0; }' \
    > "$dir/probe.c"
if ! clang -fsanitize=fuzzer,address "$dir/probe.c" -o "$dir/probe" 2> /dev/null; then
    echo "no clang with libFuzzer here: install the package clang"
    exit 77
fi
"${MAKE:-make}" -s fuzz-view || exit 1
mkdir "$dir/corpus"
for events in 0 150 400; do
    sim/tests/trace_sample "$dir/t$events" $events 4096 || exit 1
    # The reader wants little of the metadata: up to the end of its env block.
    sed '/^clock {/,$d' "$dir/t$events/metadata" > "$dir/meta"
    n=$(wc -c < "$dir/meta")
    { printf '\0'
      printf "\\$(printf %o $((n % 256)))\\$(printf %o $((n / 256)))"
      cat "$dir/meta" "$dir/t$events/events"; } > "$dir/corpus/t$events"
    gui/tests/view_sums "$dir/t$events" > /dev/null
    { printf '\1'; cat "$dir/t$events/.flatfish-index"; } > "$dir/corpus/x$events"
done
# What libraries keep to the end of the program is no leak.
if ! ASAN_OPTIONS=detect_leaks=0 gui/tests/fuzz_view -runs="${FUZZ_RUNS:-1500}" -seed=1 \
    -max_len=60000 -timeout=20 -rss_limit_mb=2048 -artifact_prefix="$dir/crash-" "$dir/corpus" \
    > "$dir/log" 2>&1; then
    tail -n 40 "$dir/log"
    cp "$dir"/crash-* . 2> /dev/null && echo "the input is kept in this folder"
    exit 1
fi
tail -n 2 "$dir/log"
