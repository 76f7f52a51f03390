#!/bin/sh
# fuzz_options.sh -- property: 100,000 command lines, grown from good ones, crash the options parser
# never and keep its promises always. Skipped without clang and libFuzzer. FUZZ_RUNS=N for more.
# SPDX-License-Identifier: MIT
set -- sim/tests/fuzz/fuzz_options
. "${srcdir:-.}/sim/tests/fuzz/fuzz_lib.sh"
printf '%s\0' --flag --file f --text= --maybe=x --number 12k a > "$dir/corpus/1"
printf '%s\0' --mem 1GiB --seconds=1.5 --list x --list=y -- --flag > "$dir/corpus/2"
printf '%s\0' --small=0x7 --mem=64M --flga --help > "$dir/corpus/3"
fuzz 100000 -max_len=2000 -timeout=10
