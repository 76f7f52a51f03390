#!/bin/sh
# fuzz_elf.sh -- property: 20,000 damaged kernels, grown from three good ones, crash neither the loader
# nor the symbol reader. Skipped without clang and libFuzzer. FUZZ_RUNS=N for more.
# SPDX-License-Identifier: MIT
dir=$(mktemp -d fuzz_elf.XXXXXX) || exit 1
trap 'rm -rf "$dir"' EXIT
echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n > 9 ? 0 : 0; }' \
    > "$dir/probe.c"
if ! clang -fsanitize=fuzzer,address "$dir/probe.c" -o "$dir/probe" 2> /dev/null; then
    echo "no clang with libFuzzer here: install the package clang"
    exit 77
fi
"${MAKE:-make}" -s fuzz-elf || exit 1
mkdir "$dir/corpus"
cp sim/tests/guests/hello.elf "$dir/corpus/whole"
objcopy -S sim/tests/guests/hello.elf "$dir/corpus/stripped" || exit 1
# a small one, where a random change more often hits something that matters
echo 'static int mane(int n) { return n * 3; } int main(int n) { return mane(n) + 1; }' |
    clang -x c -g -O1 -nostdlib -static -Wl,-n,-e,main,-Ttext=0x100000,--build-id=none \
        -o "$dir/corpus/small" - 2> /dev/null || exit 1
# libdw keeps what it read until the image goes; leaks are looked for all the same
if ! sim/tests/fuzz/fuzz_elf -runs="${FUZZ_RUNS:-20000}" -seed=1 -max_len=40000 -timeout=20 \
    -rss_limit_mb=2048 -artifact_prefix="$dir/crash-" "$dir/corpus" > "$dir/log" 2>&1; then
    tail -n 40 "$dir/log"
    cp "$dir"/crash-* . 2> /dev/null && echo "the input is kept in this folder"
    exit 1
fi
tail -n 2 "$dir/log"
