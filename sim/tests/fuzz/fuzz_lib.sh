# sim/tests/fuzz/fuzz_lib.sh -- what the short fuzz runs of `make check` share: whether libFuzzer is
# here (else skipped), a folder $dir that goes with the test, and a run that keeps what it found.
# Sourced with the target's path first; runs in the build folder. SPDX-License-Identifier: MIT
target=$1
name=${target##*/}
dir=$(mktemp -d "$name.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n > 9 ? 0 : 0; }' \
    >"$dir/probe.c"
if ! clang -fsanitize=fuzzer,address "$dir/probe.c" -o "$dir/probe" 2>/dev/null; then
    echo "no clang with libFuzzer here: install the package clang"
    exit 77
fi
"${MAKE:-make}" -s "$target" || exit 1
mkdir "$dir/corpus"

# fuzz RUNS LIBFUZZER-OPTION...: from $dir/corpus; FUZZ_RUNS=N stands above RUNS.
fuzz() {
    runs=${FUZZ_RUNS:-$1}
    shift
    if ! "$target" -runs="$runs" -seed=1 "$@" -artifact_prefix="$dir/crash-" "$dir/corpus" \
        >"$dir/log" 2>&1; then
        tail -n 40 "$dir/log"
        cp "$dir"/crash-* . 2>/dev/null && echo "the input is kept in this folder"
        exit 1
    fi
    tail -n 2 "$dir/log"
}

# trace_input FILE PREFIX EVENTS: a good trace as the trace fuzzers take it: PREFIX (printf's), how
# long the metadata is, the metadata up to the end of its env block (the reader wants no more), and
# the events. Leaves the trace itself in $dir/tEVENTS.
trace_input() {
    [ -d "$dir/t$3" ] || sim/tests/trace_sample "$dir/t$3" "$3" 4096 || exit 1
    sed '/^clock {/,$d' "$dir/t$3/metadata" >"$dir/meta"
    n=$(wc -c <"$dir/meta")
    { printf "$2\\$(printf %o $((n % 256)))\\$(printf %o $((n / 256)))"
      cat "$dir/meta" "$dir/t$3/events"; } >"$1"
}
