# tests/setup_lib.sh -- what the set-up tests share: a scratch folder, expectations, a verdict.
# Sourced, never run. A test is a list of expectations; verdict ends it.
# SPDX-License-Identifier: MIT
set -u
srcdir=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/flatfish-test.XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' HUP INT TERM
failed=0 passed=0
unset FLATFISH_CACHE FLATFISH_BOCHS_TARBALL FLATFISH_APT_ETC FLATFISH_NO_INSTALL MAKEFLAGS

fine() { passed=$((passed + 1)); }
wrong() { failed=$((failed + 1)); printf 'FAIL: %s\n' "$*"; }

# expect STATUS WHAT COMMAND...: its output is in $scratch/out afterwards
expect() {
    wanted=$1 what=$2
    shift 2
    "$@" >"$scratch/out" 2>&1 </dev/null
    got=$?
    if [ "$got" -eq "$wanted" ]; then
        fine
    else
        wrong "$what: exit code $got, not $wanted"
        sed 's/^/    /' "$scratch/out"
    fi
}

# says TEXT WHAT: the last command's output holds TEXT
says() {
    if grep -qF -- "$1" "$scratch/out"; then
        fine
    else
        wrong "$2: does not say '$1'"
        sed 's/^/    /' "$scratch/out"
    fi
}

same() { if [ "$1" = "$2" ]; then fine; else wrong "$3: '$1' is not '$2'"; fi; }

verdict() {
    printf '%d expectations held, %d did not\n' "$passed" "$failed"
    [ "$failed" -eq 0 ]
    exit
}
