#!/bin/sh
# A live viewer never disturbs the machine: with one that pauses, steps and goes back, that is killed,
# is deaf or talks nonsense, a run ends with the digest, output, statistics and exit code that it has
# without one. What the viewer knows accounts for every instruction, events dropped or not; going back
# and forth meets the same places; a machine that is killed leaves a viewer that says so.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/gui/tests/lib.sh"
hand=$build/gui/tests/live_hand
nest='null/pager(frames=16)/memtest(mib=1,passes=1)'

# plain NAME OPTION...: the run without a viewer.
plain() {
    name=$1
    shift
    code=0
    "$flatfish" run "$@" --digest --stats $name.json >$name.out 2>/dev/null </dev/null || code=$?
    echo "exit $code" >>$name.out
}

# watched NAME WORDS OPTION...: the same with a viewer that does these words, in hand.out.
watched() {
    name=$1 words=$2
    shift 2
    rm -f socket
    timeout 300 "$hand" "$work/socket" $words >hand.out 2>hand.err &
    viewer=$!
    for turn in $(seq 600); do test -S socket && break; sleep 0.05; done
    code=0
    timeout 300 "$flatfish" run "$@" --view="$work/socket" --digest --stats $name.json >$name.out \
        2>run.err </dev/null || code=$?
    echo "exit $code" >>$name.out
    wait $viewer
    handed=$?
}

# alike TEXT: the last watched run is the plain one, but for the host's time and its own snapshots.
numbers() { lua5.4 -e 'local s = io.read("a") s = s:gsub("\"[%w_]*seconds[%w_]*\": [%d.e-]+,?", "")
    s = s:gsub("\"[%w_]*mips[%w_]*\": [%d.e-]+,?", "") io.write(s)' <$1; }
alike() {
    check "$1: $(diff plain.out seen.out | head -n 4)" cmp -s plain.out seen.out
    numbers plain.json >left.json
    numbers seen.json >right.json
    check "$1: $(diff left.json right.json | head -n 4)" cmp -s left.json right.json
}
did() { check "$1: the viewer ended with $handed: $(cat hand.err)" test $handed = "${2:-0}"; }
said() { check "$1: $(cat hand.out)" grep -q "$2" hand.out; }

plain plain "$nest" --mem 64
watched seen "end check costs" "$nest" --mem 64
did "looking on"
alike "looking on"
"$flatfish" run "$nest" --mem 64 --quiet --trace trace >/dev/null 2>&1 </dev/null
sums trace | sed -n 's/^\(.*\) own=\(.*\) others=\(.*\) kernel=\(.*\) entries.*/\1 \2 \3 \4/p' |
    awk '{ print $1 ($5 ? " " $2 : ""), $(NF - 2) + $(NF - 1), $NF }' | sort >true
sort hand.out | grep -v ' 0 0$' >shown
check "the costs are the trace's: $(diff shown true | head -n 4)" cmp -s shown true

watched seen "pause at goto=13000000 place step=1 place back=1 place step=100000 crossing at
    look=12345678 goto=9000000 at look=12345678 goto=1500000 reach=memtest:main place check run end check" \
    "$nest" --mem 64
did "back and forth"
alike "back and forth"
check "there and back is the same place" \
    sh -c 'test "$(sed -n 2p hand.out)" = "$(sed -n 4p hand.out)" -a -s hand.out'
check "a step is another place" sh -c 'test "$(sed -n 2p hand.out)" != "$(sed -n 3p hand.out)"'
said "it reaches a symbol of that program alone" ' memtest:main (memtest.c'
check "a look is the same from before and behind" \
    test "$(grep -c "$(sed -n 's/^looked //p' hand.out | head -n 1)" hand.out)" = 2
said "it stands where it was sent" '^at 9000000 of'

watched seen "pause find=memtest:main find=nosuch run end" "$nest" --mem 64
did "looking for symbols"
said "a symbol is found" '^found memtest:main is at 0x4'
said "or not" '^found no symbol'
watched seen "pause goto=12345678 chain=memtest:0x400113 chain=memtest:0x1000 run end" "$nest" --mem 64
did "following an address"
said "an address leads through spaces to memory" '^memory 0x'
said "through more than one" '^link .* 0x.* mapping [1-9][0-9]* region [1-9]'
said "one that is not mapped leads nowhere" '^none 0x0 sharers 0: '

watched seen "some die" "$nest" --mem 64
did "killed while it runs" 137
alike "killed while it runs"
watched seen "pause die" "$nest" --mem 64
did "killed in a pause" 137
alike "killed in a pause"
watched seen "pause goto=2000000 die" "$nest" --mem 64
alike "killed in the past"
watched seen "end goto=5000000" "$nest" --mem 64
did "leaving a machine that ended and went back"
alike "leaving a machine that ended and went back"
watched seen "junk" "$nest" --mem 64
did "nonsense"
alike "nonsense"

# Faster than a viewer can be told, one that does not even read, and a count at which it ends.
plain plain --kernel "$guests/pingpong.elf" --append n=1000000 --max-instr 4M
watched seen "deaf=1500 end check dropped run goto=1000000 check end" \
    --kernel "$guests/pingpong.elf" --append n=1000000 --max-instr 4M
alike "a deaf viewer"
watched seen "end check dropped goto=1000000 place check" \
    --kernel "$guests/pingpong.elf" --append n=1000000 --max-instr 4M
did "events that are dropped"
alike "events that are dropped"
said "and it is said" '^dropped some'

# The machine is killed.
rm -f socket
timeout 300 "$hand" "$work/socket" some check gone check at >hand.out 2>hand.err &
viewer=$!
for turn in $(seq 600); do test -S socket && break; sleep 0.05; done
"$flatfish" run "$nest" --mem 64 --view="$work/socket" --quiet >/dev/null 2>&1 </dev/null &
machine=$!
sleep 0.4
kill -9 $machine
wait $viewer
handed=$?
did "a machine that is killed"

one_line 2 "give one of them" "$flatfish" run "$nest" --view --gdb
one_line 2 "socket with a slash" "$flatfish" run "$nest" --view=never
one_line 1 "no viewer listens" "$flatfish" run "$nest" --view=./nobody
report
