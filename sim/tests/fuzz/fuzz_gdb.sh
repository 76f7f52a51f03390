#!/bin/sh
# fuzz_gdb.sh -- property: 6,000 conversations, grown from those of the transcripts, neither crash nor hang
# the GDB stub, nor leave anything planted in the machine or allocated. Skipped without clang and libFuzzer.
# FUZZ_RUNS=N for more.
# SPDX-License-Identifier: MIT
set -- sim/tests/fuzz/fuzz_gdb
. "${srcdir:-.}/sim/tests/fuzz/fuzz_lib.sh"
src=${srcdir:-.}
"${LUA:-lua5.4}" "$src/sim/tests/fuzz/gdb_corpus.lua" "$dir/corpus" "$dir/words" "$src/sim/gdb/packets.def" \
    "$src"/sim/tests/gdb/*.rsp || exit 1
fuzz 6000 -max_len=8000 -timeout=20 -dict="$dir/words" -rss_limit_mb=2048
