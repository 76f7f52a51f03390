#!/bin/sh
# fuzz_live.sh -- property: 1,000 connections of damaged messages, grown from those of real runs, break
# nothing in the live viewer, and no instruction is lost. Skipped without clang and libFuzzer.
# FUZZ_RUNS=N for more. SPDX-License-Identifier: MIT
dir=$(mktemp -d fuzz_live.XXXXXX) || exit 1
trap 'rm -rf "$dir"' EXIT
echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n > 9 ? 0 : 0; }' \
    > "$dir/probe.c"
if ! clang -fsanitize=fuzzer,address "$dir/probe.c" -o "$dir/probe" 2> /dev/null; then
    echo "no clang with libFuzzer here: install the package clang"
    exit 77
fi
"${MAKE:-make}" -s fuzz-live || exit 1
mkdir "$dir/corpus"
for guest in hello marks; do
    for n in 0 40000; do
        gui/tests/live_hand "$dir/socket" "keep=$dir/corpus/$guest$n" end goto=$n end > "$dir/hand" 2>&1 &
        hand=$!
        for turn in $(seq 600); do test -S "$dir/socket" && break; sleep 0.05; done
        ./flatfish run --kernel sim/tests/guests/$guest.elf --quiet --max-instr 100k \
            --view="./$dir/socket" > /dev/null 2>&1 < /dev/null
        wait $hand
        rm -f "$dir/socket"
    done
done
test -s "$dir/corpus/hello0" || { echo "no messages to grow from"; cat "$dir/hand"; exit 1; }
# What libraries keep to the end of the program is no leak.
if ! ASAN_OPTIONS=detect_leaks=0 gui/tests/fuzz_live -runs="${FUZZ_RUNS:-1000}" -seed=1 \
    -max_len=20000 -timeout=20 -rss_limit_mb=2048 -artifact_prefix="$dir/crash-" "$dir/corpus" \
    > "$dir/log" 2>&1; then
    tail -n 40 "$dir/log"
    cp "$dir"/crash-* . 2> /dev/null && echo "the input is kept in this folder"
    exit 1
fi
tail -n 2 "$dir/log"
