#!/bin/sh
# The pane compare says, for each program of either trace and each measured region, the difference that
# the traces' own sums have; a trace compared with itself differs in nothing.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/gui/tests/lib.sh"
pane_words=$build/gui/tests/pane_words

trace_nest one
trace_nest two 'tracer/pager(frames=32)/memtest(mib=1,passes=1)'
whole() { sums "$1" | awk -F'[ =]' -v p="$2" '$1 == p { print $3 + $5 + $7 }'; }

"$pane_words" compare one two | tr -d , >both.txt
for program in memtest pager kserver kernel; do
    a=$(whole one $program) b=$(whole two $program)
    percent=$(awk -v a="$a" -v b="$b" 'BEGIN { printf "%+.1f %%", 100 * (b - a) / a }')
    check "$program: $a, $b is $percent: $(grep "^$program" both.txt)" \
        grep -q "^$program: A $a B $b instructions: .*$percent" both.txt
done
check "what only one has" sh -c 'grep -q "^null: .*only A:" both.txt && grep -q "^tracer: .*only B:" both.txt'
check "measured regions, too" grep -q '^region 1: A [1-9].* B [1-9].* %' both.txt
"$pane_words" compare one one >same.txt
check "itself: $(head -n 1 same.txt)" sh -c 'test -s same.txt && ! grep -v "+0 *+0.0 %" same.txt'

ends 0 "$flatfish" view one --compare two -o both.svg
ends 0 "$flatfish" view one -o one.svg
check "the picture has a pane more" sh -c '! cmp -s both.svg one.svg'
one_line 1 "no such directory" "$flatfish" view one --compare nothing -o none.svg
check "and no picture" test ! -e none.svg
one_line 2 "leave out" "$flatfish" view --live ./socket --compare one
ends 0 "$flatfish" view one --pane memory -o memory.svg
report
