#!/bin/sh
# fuzz_ctf.sh -- property: 20,000 damaged traces, grown from three good ones, crash neither the reader
# nor any report. Skipped without clang and libFuzzer. FUZZ_RUNS=N for more.
# SPDX-License-Identifier: MIT
dir=$(mktemp -d fuzz_ctf.XXXXXX) || exit 1
trap 'rm -rf "$dir"' EXIT
echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n > 9 ? 0 : 0; }' \
    > "$dir/probe.c"
if ! clang -fsanitize=fuzzer,address "$dir/probe.c" -o "$dir/probe" 2> /dev/null; then
    echo "no clang with libFuzzer here: install the package clang"
    exit 77
fi
"${MAKE:-make}" -s fuzz-ctf || exit 1
mkdir "$dir/corpus"
for events in 0 150 400; do
    sim/tests/trace_sample "$dir/t$events" $events 4096 || exit 1
    # The reader wants little of the metadata: up to the end of its env block.
    sed '/^clock {/,$d' "$dir/t$events/metadata" > "$dir/meta"
    n=$(wc -c < "$dir/meta")
    { printf "\\$(printf %o $((n % 256)))\\$(printf %o $((n / 256)))"
      cat "$dir/meta" "$dir/t$events/events"; } > "$dir/corpus/t$events"
done
if ! sim/tests/fuzz/fuzz_ctf -runs="${FUZZ_RUNS:-20000}" -seed=1 -max_len=30000 -timeout=20 \
    -rss_limit_mb=2048 -artifact_prefix="$dir/crash-" "$dir/corpus" > "$dir/log" 2>&1; then
    tail -n 40 "$dir/log"
    cp "$dir"/crash-* . 2> /dev/null && echo "the input is kept in this folder"
    exit 1
fi
tail -n 2 "$dir/log"
