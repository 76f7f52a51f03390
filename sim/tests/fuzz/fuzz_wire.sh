#!/bin/sh
# fuzz_wire.sh -- property: what 2,000 pairs of live viewers send, grown from one of each message, neither
# crashes nor hangs the simulator's side, nor keeps the machine from its end. Skipped without clang and
# libFuzzer. FUZZ_RUNS=N for more. SPDX-License-Identifier: MIT
set -- sim/tests/fuzz/fuzz_wire
. "${srcdir:-.}/sim/tests/fuzz/fuzz_lib.sh"
"${LUA:-lua5.4}" "${srcdir:-.}/sim/tests/fuzz/wire_corpus.lua" "$dir/corpus" "${srcdir:-.}/abi/viewer/messages.def" || exit 1
fuzz 2000 -max_len=10000 -timeout=20 -rss_limit_mb=2048
