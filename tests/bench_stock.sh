#!/bin/sh
# `flatfish bench sim` where stock Bochs cannot be built says why, where the log is and how to name
# one that was built elsewhere; and it measures against a program that is named.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
flatfish=$build/flatfish
[ -x "$flatfish" ] && [ ! "$flatfish" -ef "$srcdir/flatfish" ] || exit 77

# An empty cache, and no compiler.
ends 1 env FLATFISH_CACHE="$work/cache" CC=false "$flatfish" bench sim --quick --json made.json
check "says what to do" grep -q '^flatfish: stock Bochs cannot be built here: .*build-stock-bochs DIR.*--stock DIR/bochs$' err
log=$(sed -n 's/.*the whole log is \([^;]*\);.*/\1/p' err)
check "the log that it names is there" test -s "$log"
check "no result" test ! -e made.json
one_line 1 'cannot be run' "$flatfish" bench sim --quick --stock nothing
report
