#!/bin/sh
# fuzz_options.sh -- property: 100,000 command lines, grown from good ones, crash the options parser
# never and keep its promises always. Skipped without clang and libFuzzer. FUZZ_RUNS=N for more.
# SPDX-License-Identifier: MIT
dir=$(mktemp -d fuzz_options.XXXXXX) || exit 1
trap 'rm -rf "$dir"' EXIT
echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n > 9 ? 0 : 0; }' \
    > "$dir/probe.c"
if ! clang -fsanitize=fuzzer,address "$dir/probe.c" -o "$dir/probe" 2> /dev/null; then
    echo "no clang with libFuzzer here: install the package clang"
    exit 77
fi
"${MAKE:-make}" -s fuzz-options || exit 1
mkdir "$dir/corpus"
printf '%s\0' --flag --file f --text= --maybe=x --n 12k a > "$dir/corpus/1"
printf '%s\0' --mem 1GiB --s=1.5 --list x --list=y -- --flag > "$dir/corpus/2"
printf '%s\0' --n=0x1ff --mem=64M --flga --help > "$dir/corpus/3"
if ! sim/tests/fuzz/fuzz_options -runs="${FUZZ_RUNS:-100000}" -seed=1 -max_len=2000 -timeout=10 \
    -artifact_prefix="$dir/crash-" "$dir/corpus" > "$dir/log" 2>&1; then
    tail -n 40 "$dir/log"
    cp "$dir"/crash-* . 2> /dev/null && echo "the input is kept in this folder"
    exit 1
fi
tail -n 2 "$dir/log"
