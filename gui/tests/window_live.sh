#!/bin/sh
# A real window of a machine that runs, under Xvfb with a hand at mouse and keyboard (xdotool): it opens
# paused, steps, runs, pauses, goes back by the slider and by keys, shows registers where the mouse
# rests, follows an address, exports what it shows; killed, it leaves the machine running; the machine
# killed, it stays and says so. What the machine does is read from its own results.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/gui/tests/window_lib.sh"
nest='null/pager(frames=16)/memtest(mib=1,passes=1)'

# start OPTION...: a run with a window.
start() {
    wait_for no_window
    "$flatfish" run "$nest" --mem 64 --digest "$@" >run.out 2>run.err </dev/null &
    machine=$!
    window_take 1100x750
}

# place: where the machine stands; "" while it runs.
place() { xdotool getwindowname "$window" | sed -n 's/.* - [a-z]* at \([0-9]*\) - flatfish$/\1/p'; }
is_at() { test "$(place)" = "$1"; }
is_elsewhere() { here=$(place); test -n "$here" -a "$here" != "$1"; }
# goes ARGUMENT...: what the hand does takes the machine to another place, which is then $here.
goes() {
    from=$(place)
    hand "$@"
    wait_for is_elsewhere "$from" && good
}

"$flatfish" run "$nest" --mem 64 --digest >plain.out 2>/dev/null </dev/null
start --view=paused
check "it waits before the first instruction" is_at 0
shot paused.png
goes key s
check "a step is one instruction" test "$here" = 1
check "and is seen" differs paused.png
goes key space
wait_for grep -q 'words wrong' run.out && good
end=$here
wait_for draws ended.svg 100 && good
# Back by the slider, to about the middle of the run; on by a crossing; back by an instruction.
goes mousemove 700 706 mousedown 1 mouseup 1
check "the slider's middle is the run's" test "$here" -gt $((end / 4)) -a "$here" -lt $((end * 3 / 4))
middle=$here
goes key x
check "a crossing lies ahead" test "$here" -gt "$middle"
crossed=$here
goes key S
check "an instruction back" test "$here" = $((crossed - 1))
# Registers where the mouse rests; a busy viewer has not been sent all events, so at some place.
hand mousemove 1070 700
shot before.png
rests() {
    for x in $(seq 200 30 1060); do
        hand mousemove "$x" 200 mousemove "$x" 204 sleep 0.5
        if differs before.png; then return 0; fi
    done
    return 1
}
wait_for rests && good
# A page fault, by search; the machine goes there, and its address is followed.
hand key slash
hand type 'page fault'
hand key Return
goes key g
hand key 5
wait_for draws memory.svg 6 && good
hand key 0
kill -0 $machine && good
hand key q
wait $machine || bad "the run ended with $?"
machine=
check "its end is that of a run nobody watched" cmp -s plain.out run.out

# The viewer is killed: the machine goes on, and ends as ever.
start --view
kill -9 "$(pgrep -P $machine -x flatfish-view)"
wait $machine || bad "the run ended with $?"
machine=
check "as if there had been no viewer" cmp -s plain.out run.out

# The machine is killed: the window stays, says so, and still draws.
nest='null/pager(frames=16)/memtest(mib=1,passes=100000)'
start --view=paused
hand key space
is_running() { xdotool getwindowname "$window" | grep -q ' - runs - flatfish$'; }
wait_for is_running && good
kill -9 $machine
wait $machine
machine=
is_gone() { xdotool getwindowname "$window" | grep -q ' - gone - flatfish$'; }
wait_for is_gone && good
shot gone.png
shows gone.png mousemove 600 200 click 4 click 4
wait_for draws left.svg 20 && good
hand key q
wait_for no_window && good
report
