#!/bin/sh
# fuzz_gdb.sh -- property: 6,000 conversations, grown from those of the transcripts, neither crash nor hang
# the GDB stub, nor leave anything planted in the machine or allocated. Skipped without clang and libFuzzer.
# FUZZ_RUNS=N for more.
# SPDX-License-Identifier: MIT
src=${srcdir:-.}
dir=$(mktemp -d fuzz_gdb.XXXXXX) || exit 1
trap 'rm -rf "$dir"' EXIT
echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n > 9 ? 0 : 0; }' \
    > "$dir/probe.c"
if ! clang -fsanitize=fuzzer,address "$dir/probe.c" -o "$dir/probe" 2> /dev/null; then
    echo "no clang with libFuzzer here: install the package clang"
    exit 77
fi
"${MAKE:-make}" -s fuzz-gdb || exit 1
mkdir "$dir/corpus"
"${LUA:-lua5.4}" "$src/sim/tests/fuzz/gdb_corpus.lua" "$dir/corpus" "$dir/words" "$src/sim/gdb/packets.def" \
    "$src"/sim/tests/gdb/*.rsp || exit 1
if ! sim/tests/fuzz/fuzz_gdb -runs="${FUZZ_RUNS:-6000}" -seed=1 -max_len=8000 -timeout=20 -dict="$dir/words" \
    -rss_limit_mb=2048 -artifact_prefix="$dir/crash-" "$dir/corpus" > "$dir/log" 2>&1; then
    tail -n 40 "$dir/log"
    cp "$dir"/crash-* . 2> /dev/null && echo "the input is kept in this folder"
    exit 1
fi
tail -n 2 "$dir/log"
