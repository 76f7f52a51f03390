#!/bin/sh
# A real window of a machine that runs, under Xvfb with a hand at mouse and keyboard (xdotool): it opens
# paused, steps, runs, pauses, goes back by the slider and by keys, shows registers where the mouse
# rests, follows an address, exports what it shows; killed, it leaves the machine running; the machine
# killed, it stays and says so. What the machine does is read from its own results.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/gui/tests/lib.sh"
for tool in Xvfb xdotool import compare; do
    command -v $tool >/dev/null || { echo "no $tool here: install xvfb, xdotool, imagemagick"; exit 77; }
done

XDG_STATE_HOME=$work/state
export XDG_STATE_HOME
mkfifo number
Xvfb -displayfd 3 -screen 0 1200x900x24 -nolisten tcp >/dev/null 2>xvfb.log 3>number &
xvfb=$!
machine=
trap 'kill $xvfb $machine 2>/dev/null; rm -rf "$work"' EXIT
read -r DISPLAY <number
DISPLAY=:$DISPLAY
export DISPLAY SDL_VIDEODRIVER=x11 SDL_RENDER_DRIVER=software
nest='null/pager(frames=16)/memtest(mib=1,passes=1)'

# start OPTION...: a run with a window.
start() {
    "$flatfish" run "$nest" --mem 64 --digest "$@" >run.out 2>run.err </dev/null &
    machine=$!
    wait_for xdotool search --onlyvisible --name flatfish || { cat run.err; report; exit 1; }
    window=$(xdotool search --onlyvisible --name flatfish | head -n 1)
    xdotool windowsize --sync "$window" 1100 750 windowmove "$window" 0 0 windowfocus "$window"
    sleep 1
}

hand() { xdotool "$@"; sleep 0.3; }
shot() { import -window "$window" +repage "$1"; }
# changes BEFORE: what is on the screen is no longer that picture.
changes() { sleep 0.3; shot now.png && test "$(compare -metric AE now.png "$1" null: 2>&1)" != 0; }

# makes PICTURE ARGUMENT...: what the hand does changes what was on the screen; it does so again when a
# busy window has taken no notice.
makes() {
    picture=$1
    shift
    for turn in 1 2 3 4 5 6 7 8; do
        hand "$@"
        for look in 1 2 3 4 5 6 7 8; do
            changes "$picture" && return 0
        done
    done
    bad "nothing is seen of: $*"
    return 1
}

# write FILE: by the key `e`, over the name that is offered there.
write() {
    rm -f "$1"
    hand key e
    for letter in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do xdotool key BackSpace; done
    hand type "$1"
    hand key Return
    wait_for test -s "$1"
}

"$flatfish" run "$nest" --mem 64 --digest >plain.out 2>/dev/null </dev/null
start --view=paused
shot paused.png
makes paused.png key s && good
shot stepped.png
hand key space
wait_for changes stepped.png && good
wait_for grep -q 'words wrong' run.out && good
sleep 2
shot ended.png
write ended.svg
check "the whole run is drawn" test "$(grep -c '<path' ended.svg)" -gt 100
# Back by the slider, to about the middle of the run; on by a crossing; back by one.
makes ended.png mousemove 700 706 mousedown 1 sleep 0.2 mouseup 1 && good
sleep 1
shot middle.png
makes middle.png key x && good
shot crossed.png
makes crossed.png key S && good
# Registers where the mouse rests; a busy viewer has not been sent all events, so at some place.
hand mousemove 1070 700
shot before.png
rests() {
    for x in $(seq 200 30 1060); do
        hand mousemove "$x" 200 mousemove "$x" 204
        if changes before.png; then return 0; fi
    done
    return 1
}
wait_for rests && good
# A page fault, by search; the machine goes there, and its address is followed.
hand key slash
hand type 'page fault'
hand key Return
sleep 1
hand key g
sleep 1
hand key 5
sleep 0.5
write memory.svg
check "the memory behind a fault is drawn" test "$(grep -c '<path' memory.svg)" -gt 5
hand key 0
kill -0 $machine && good
hand key q
wait $machine || bad "the run ended with $?"
machine=
check "its end is that of a run nobody watched" cmp -s plain.out run.out

# The viewer is killed: the machine goes on, and ends as ever.
start --view
viewer=$(pgrep -P $machine -x flatfish-view)
kill -9 "$viewer"
wait $machine || bad "the run ended with $?"
machine=
check "as if there had been no viewer" cmp -s plain.out run.out

# The machine is killed: the window stays, says so, and still draws.
start --view=paused
hand key space
sleep 1
kill -9 $machine
wait $machine
machine=
sleep 1
shot gone.png
hand mousemove 600 200 click 4
hand click 4
wait_for changes gone.png && good
write left.svg
check "what it knew is drawn" test "$(grep -c '<path' left.svg)" -gt 20
hand key q
wait_for sh -c '! xdotool search --onlyvisible --name flatfish' && good
report
