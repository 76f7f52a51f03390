#!/bin/sh
# fuzz_elf.sh -- property: 20,000 damaged kernels, grown from three good ones, crash neither the loader
# nor the symbol reader. Skipped without clang and libFuzzer. FUZZ_RUNS=N for more.
# SPDX-License-Identifier: MIT
set -- sim/tests/fuzz/fuzz_elf
. "${srcdir:-.}/sim/tests/fuzz/fuzz_lib.sh"
cp sim/tests/guests/hello.elf "$dir/corpus/whole"
objcopy -S sim/tests/guests/hello.elf "$dir/corpus/stripped" || exit 1
# a small one, where a random change more often hits something that matters
echo 'static int mane(int n) { return n * 3; } int main(int n) { return mane(n) + 1; }' |
    clang -x c -g -O1 -nostdlib -static -Wl,-n,-e,main,-Ttext=0x100000,--build-id=none \
        -o "$dir/corpus/small" - 2> /dev/null || exit 1
# libdw keeps what it read until the image goes; leaks are looked for all the same
fuzz 20000 -max_len=40000 -timeout=20 -rss_limit_mb=2048
