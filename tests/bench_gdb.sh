#!/bin/sh
# `flatfish bench gdb` gives a figure for each of its measures, whatever the host's load, and says in one
# line what it misses where there is no GDB.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
. "$srcdir/tests/gdb_lib.sh"

"$flatfish" bench gdb --quick --runs 1 --dir "$work" >out 2>err </dev/null
code=$?
# A busy host may be too slow for the promises: that is no fault, and nothing else is said.
check "it ends" [ $code -le 1 ]
check "nothing goes wrong" fails grep -v 'slower than promised$' err
for row in 'no debugger' 'held by GDB' 'held by GDB, 100 breakpoints' 'stepi 10000 in a program' \
    'stepi 10000 of the CPU' 'stepi, each printed' 'reverse-stepi 200 of the CPU' \
    'reverse-stepi 200 in a program' 'reverse-continue, 200 million back'; do
    check "a figure: $row" grep -q "^  $row  *[0-9.]*[1-9][.0-9]* .* \(speed\|steps/s\|s\) " out
done
check "nothing is left" [ -z "$(find "$work" -name 'flatfish-bench.*')" ]

mkdir bin
one_line 1 "there is no 'gdb': install" env PATH="$work/bin" "$flatfish" bench gdb --quick --runs 1
report
