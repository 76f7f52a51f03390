#!/bin/sh
# The overhead in modelled cycles is, over all levels, the instructions and the crossings of each kind
# of the trace itself, times their prices; a model that makes no sense is refused.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/gui/tests/lib.sh"

trace_nest nest
csv nest >nest.csv
# Instructions cost 2; a syscall 1000, an exception 30000, an address space switched 700000.
"$build/gui/tests/pane_words" overhead nest price=test:2:1=1000:7=30000:9=700000 | tr -d , >shown.txt
sum=0
for number in $(sed 's/.*: \([0-9]*\) modelled cycles of its own \([0-9]*\) for others [0-9]* by others for it \([0-9]*\) by the.*/\1 \2 \3/' shown.txt); do
    sum=$((sum + number))
done
true=$(awk -F, 'NR > 1 { n[$2]++; end = $1 }
    END { printf "%.0f", 2 * end + 1000 * n["syscall"] + 30000 * n["exception"] + 700000 * n["cr3"] }' nest.csv)
check "all levels together: $sum, by the events $true: $(head -n 1 shown.txt)" test "$sum" = "$true"

ends 0 "$flatfish" view nest --pane overhead -o plain.svg
ends 0 "$flatfish" view nest --pane overhead --cost ppro-1996 -o priced.svg
check "another picture" sh -c '! cmp -s plain.svg priced.svg'
ends 2 "$flatfish" view nest --cost ./nothing.lua -o none.svg
check "and none without a model" test ! -e none.svg
report
