#!/bin/sh
# Viewers join a run that goes on, leave it in whatever state, and join it again: each knows who ran how
# long from the run's first instruction on and can go back to it, there is one at a time, and the run
# ends with the digest, output and exit code of one that nobody watched. SPDX-License-Identifier: MIT
. "${srcdir:-.}/gui/tests/lib.sh"
hand=$build/gui/tests/live_hand
nest='null/pager(frames=16)/memtest(mib=1,passes=1)'

# run_door DOOR OPTION...: a run with a door, in the background.
run_door() {
    door=$1
    shift
    "$flatfish" run "$@" --view="$door" --digest >run.out 2>run.err </dev/null &
    machine=$!
}
run_ends() {
    code=0
    wait $machine || code=$?
    echo "exit $code" >>run.out
}
# visit NAME WORD...: a viewer that joins.
visit() {
    name=$1
    shift
    timeout 300 "$hand" "attach:$work/door" "$@" >$name.out 2>$name.err || bad "$name: $? $(cat $name.err)"
}
plain() {
    code=0
    "$flatfish" run "$@" --digest >plain.out 2>/dev/null </dev/null || code=$?
    echo "exit $code" >>plain.out
}
same() { check "$1: $(diff plain.out run.out | head -n 4; cat run.err)" cmp -s plain.out run.out; }
said() { check "$2: $(cat $1.out)" grep -q "$2" $1.out; }

plain "$nest" --mem 64
run_door "wait:$work/door" "$nest" --mem 64
visit first pause at place goto=2000000 check place
said first '^at 0 of 0$'
# The machine stops in the host's eyes while the viewers change, so that it cannot end between them.
change() { # WORD...: the viewer who is there leaves, the next one does that
    rm -f here leave
    "$hand" "attach:$work/door" pause goto=12000000 touch=here leave=leave die >/dev/null 2>&1 &
    there=$!
    wait_for test -e here
    kill -STOP $machine
    : >leave
    wait $there
    "$hand" "attach:$work/door" "$@" >second.out 2>second.err &
    there=$!
    sleep 0.2
    kill -CONT $machine
    wait $there || bad "the second: $(cat second.err)"
}
run_ends
same "left in the past"

run_door "wait:$work/door" "$nest" --mem 64
change pause at goto=2000000 check place goto=1000 place check run end check costs
said second '^at [1-9][0-9]* of [1-9]' # however far the first one came
check "it meets the place that another met: $(cat second.out)" \
    grep -qxF "$(sed -n '$p' first.out)" second.out
run_ends
same "two, one after the other"
"$flatfish" run "$nest" --mem 64 --quiet --trace trace >/dev/null 2>&1 </dev/null
sums trace | sed -n 's/^\(.*\) own=\(.*\) others=\(.*\) kernel=\(.*\) entries.*/\1 \2 \3 \4/p' |
    awk '{ print $1 ($5 ? " " $2 : ""), $(NF - 2) + $(NF - 1), $NF }' | sort >true
sed '1,/^1000 /d' second.out | sort | grep -v ' 0 0$' >shown
check "the costs are the trace's: $(diff shown true | head -n 4)" cmp -s shown true

# One at a time; one that talks nonsense.
run_door "wait:$work/door" "$nest" --mem 64
rm -f here leave
"$hand" "attach:$work/door" pause touch=here leave=leave step=5 junk >there.out 2>&1 &
there=$!
wait_for test -e here
visit other gone why
said other 'another viewer is at this run'
one_line 1 "another viewer is at this run" env SDL_VIDEODRIVER=dummy "$flatfish" view --attach "$work/door"
: >leave
wait $there || bad "the one that was there: $(cat there.out)"
run_ends
same "one that was turned away, and one that talked nonsense"
check "the socket is gone" test ! -e door

# A run that has no end: viewers come as they like, and go without a word.
run_door "listen:$work/door" 'null/pager(frames=16)/memtest(mib=1,passes=1000000)' --mem 64
for turn in 1 2 3 4 5 6; do
    timeout 300 "$hand" "attach:$work/door" some check pause die >turn.out 2>turn.err
    code=$?
    check "visit $turn: $code $(cat turn.err)" test $code = 137
done
visit last some check pause goto=1000 place check
said last "$(sed -n 's/^1000 /^1000 /p' second.out)\$"
kill -TERM $machine
code=0
wait $machine || code=$?
check "it ended by the signal: $code" test $code = 143
check "the socket is gone" test ! -e door

# Words for what cannot be.
one_line 1 "no run listens" "$flatfish" view --attach "$work/door"
: >taken
one_line 1 "give the path of a socket" "$flatfish" run "$nest" --view="listen:$work/taken"
check "what was there stays" test -f taken
one_line 1 "socket's path has" "$flatfish" run "$nest" --view=listen:
one_line 2 "give one of them" "$flatfish" view --attach door --live door
one_line 2 "leave out TRACE" "$flatfish" view --attach door trace
report
