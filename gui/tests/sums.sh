#!/bin/sh
# The costs that the panes show of any range are those of the trace's own events, one by one; those of
# the whole run are what --stats charged.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/gui/tests/lib.sh"

# judge DIR FROM TO...: view_sums says what sums.lua finds.
judge() {
    dir=$1
    shift
    sums "$dir" "$@" | sort >shown
    lua5.4 "$srcdir/gui/tests/sums.lua" "$dir.csv" "$dir.json" "$@" 2>why | sort >true
    check "$dir $*: $(cat why)" test ! -s why
    check "$dir $*: $(diff shown true | head -n 3)" cmp -s shown true
}

trace_nest nest
for guest in pingpong marks spaces timer hello; do trace_guest $guest $guest; done
for dir in nest pingpong marks spaces timer hello; do
    csv $dir >$dir.csv
    judge $dir
    # Ranges of every length, some from a crossing to a crossing, some that begin before the trace.
    end=$(tail -n 1 $dir.csv | cut -d, -f1)
    set -- 0 1 0 "$end" "$end" "$((end + 10))"
    for n in 1 2 3 4 5 6 7 8; do
        set -- "$@" $((end / 9 * n)) $((end / 9 * n + 1000)) $((end / 11 * n)) $((end - n))
    done
    for line in 40 41 200 1001; do
        set -- "$@" $(sed -n "${line}p;$((line + 13))p" $dir.csv | cut -d, -f1)
        [ $(($# % 2)) = 0 ] || shift
    done
    judge $dir "$@"
done
report
