# tests/cli_lib.sh -- the few functions that tests of the command line share. Sourced, never run.
# A test runs in the build folder, works in a folder of its own and says how many checks it made.
# SPDX-License-Identifier: MIT
build=$(pwd)
srcdir=$(cd "${srcdir:-.}" && pwd)
fake=$build/sim/tests/flatfish-fake
work=$(mktemp -d "$build/${0##*/}.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
cd "$work" || exit 1
passed=0 failed=0

good() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); printf 'FAILED: %s\n' "$*"; }

# check TEXT COMMAND...: the command succeeds.
check() {
    text=$1
    shift
    if "$@"; then good; else bad "$text"; fi
}

# ends CODE COMMAND...: exit code; leaves the streams in out and err.
ends() {
    wanted=$1 code=0
    shift
    "$@" >out 2>err </dev/null || code=$?
    if [ $code = "$wanted" ]; then
        good
    else
        bad "exit code $code, not $wanted: $*"
        sed 's/^/    /' err
    fi
}

# one_line CODE PATTERN COMMAND...: as ends; stderr is one line, beginning "flatfish:", that matches.
one_line() {
    wanted=$1 pattern=$2
    shift 2
    ends "$wanted" "$@"
    if [ "$(wc -l <err)" = 1 ] && grep -q "^flatfish: .*$pattern" err; then
        good
    else
        bad "not one line with '$pattern': $*"
        sed 's/^/    /' err
    fi
}

report() {
    printf '%s: %s passed, %s failed\n' "${0##*/}" $passed $failed
    [ $failed = 0 ]
}
