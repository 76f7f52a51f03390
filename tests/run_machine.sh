#!/bin/sh
# `flatfish run` on the real machine: exit codes, every bad input with its one line, charges that add
# up on every guest, and a digest that depends on guest and input alone.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
flatfish=$build/flatfish
guests=$build/sim/tests/guests
lua=${LUA:-lua5.4}

run() { guest=$1 && shift && "$flatfish" run --kernel "$guests/$guest.elf" --mem 64 "$@"; }
digest() { run "$@" --quiet --digest 2>err </dev/null | sed -n 's/^digest: //p'; }
same() { [ -n "$1" ] && [ "$1" = "$2" ]; }
differ() { [ -n "$1" ] && [ -n "$2" ] && [ "$1" != "$2" ]; }
number() { sed -n "s/^ *\"$1\": \([0-9]*\).*/\1/p" "$2" | head -n 1; }

# Exit codes and stops.
ends 7 run hello
check "the guest speaks" grep -q 'hello from a guest' out
ends 3 run hello --append exit=3
ends 0 run hello --append exit=0
one_line 1 'triple fault at 0x[0-9a-f]* <guest_main' run triple --quiet
check "and what it is made of" grep -q 'invalid opcode, then protection fault (error 0x33), then protection fault (error 0x6b), then double fault, then protection' err
check "what it said before is there" grep -q 'no way back' out
ends 1 run triple --quiet --stats triple.json
check "its statistics say the same" same "$(sed -n 's/^ *"vector": \([0-9]*\).*/\1/p' triple.json | xargs)" "6 13 13 8 13"
svm() { run svm --quiet --cpu phenom_8650_toliman --append "$@"; }
one_line 1 'triple fault at 0x[0-9a-f]* <vm_faults' svm triple=1 --stats triple.json
check "a guest of the guest's can end the machine" grep -q '"reason": "triple-fault"' triple.json
ends 0 svm triple=2
check "unless that is intercepted" grep -q 'has the code 7f' out
one_line 1 'halted for ever' run halt --quiet
one_line 124 'max-instr: 100000 instructions are over' run compute --quiet --max-instr 100k
one_line 124 'timeout: 0.3 s are over' run compute --append n=1000000 --quiet --timeout 0.3
one_line 124 'timeout: 0.5 s' run echo --quiet --timeout 0.5 # asleep at the end of input: goes on
one_line 124 'no progress.*--stall' run compute --append n=1000000 --quiet --stall 1M
ends 0 run hello --stop-at guest_main
check "stands before the first instruction of the place" grep -q '^at 0x[0-9a-f]* <guest_main> (hello.c:' err
"$flatfish" run --kernel "$guests/compute.elf" --append n=1000000 >out 2>err </dev/null &
pid=$!
sleep 1
kill -INT $pid
code=0
wait $pid || code=$?
check "Ctrl-C: code 130" test $code = 130
check "Ctrl-C: statistics" grep -q 'instructions in space' err

# Bad input: one line, 1 or 2, nothing left behind.
hello=$guests/hello.elf
head -c 3000 "$hello" >cut.elf
objcopy --remove-section='.note*' "$hello" nonote.elf
head -c 40000000 /dev/zero >large
printf 'no disk' >small
one_line 1 'missing.elf' "$flatfish" run --kernel missing.elf
one_line 1 'cut off' "$flatfish" run --kernel cut.elf
one_line 1 'PVH note' "$flatfish" run --kernel nonote.elf
one_line 1 'does not fit' "$flatfish" run --kernel "$hello" --initrd large --mem 32
one_line 1 'missing' run hello --initrd missing
one_line 1 'missing' "$flatfish" run --pc --disk missing
one_line 1 'missing' "$flatfish" run --pc --cdrom missing
one_line 1 'not a file' "$flatfish" run --pc --disk /
one_line 2 'at most 4095' run hello --append "$(head -c 5000 /dev/zero | tr '\0' a)"
one_line 1 'log' run hello --log no/such/log
one_line 1 'trace' run hello --trace no/such/dir
one_line 2 'no symbol "guest_mian".*guest_main' run hello --stop-at guest_mian
one_line 1 '.' "$flatfish" run --resume "$hello"
one_line 1 '.' "$flatfish" run --resume small
mkfifo pipe
one_line 1 'no saved machine' timeout 20 "$flatfish" run --resume pipe
one_line 2 'highest is 65535' run hello --quiet --gdb=99999
one_line 2 'neither a port' run hello --quiet --gdb=here
one_line 2 'no symbol' run hello --quiet --gdb=0 --gdb-at nowhere
one_line 2 'corei7' run hello --cpu nosuch
one_line 2 '--cpu' run hello --cpu 'no such'
if [ -c /dev/full ]; then
    for option in --log --stats --save --trace; do
        ends 1 run hello --quiet $option /dev/full
        check "$option to a full disk is said" grep -q '^flatfish: .*/dev/full' err
    done
    one_line 1 '/dev/full' "$flatfish" bench snap --quick --runs 1 --json /dev/full
    check "a device named as an output stays" test -c /dev/full
fi
ends 7 run hello --quiet --log log
check "a log that can be written is" test -s log
cp log before
for name in log new; do
    { code=0; (ulimit -f 0; run hello --quiet --log $name 2>&1 </dev/null) || code=$?; echo "code $code"; } |
        cat >out
    check "--log to a full disk: code 1" grep -q '^code 1' out
    check "in one line" test "$(grep -c '^flatfish: --log .*make room' out)" = 1
done
check "the log of before is as it was" cmp log before
check "half of one is not left" test ! -e new
ends 0 run nomem --append show=1
check "no memory: nothing sticks" grep -q ' 0 surprises' out

# A disk that fills up while tracing (a limit on the size of files stands for it).
code=0
(ulimit -f 128 && run spaces --append n=2000 --quiet --save half >out 2>err) || code=$?
check "a machine that does not fit: failure" test $code = 1
check "named as the user did" grep -q 'save: .*cannot write half: ' err
code=0
(ulimit -f 128 && run spaces --append n=200000 --quiet --trace full >out 2>err) || code=$?
check "a full disk while tracing: code 1" test $code = 1
check "is said in one line" test "$(grep -c '^flatfish: --trace' err)" = 1
check "the trace is readable as far as it goes" "$flatfish" trace summary full >out
check "and says that the disk was full" grep -q '^State  *ends early: the disk was full' out
kept=$(sed -n 's/^Events  *\([0-9]*\) in .*/\1/p' out)
check "what had room is there" test "$kept" -gt 1000
check "as many as the line says" grep -q "ends after $kept events" err
if command -v babeltrace2 >/dev/null; then
    check "babeltrace2 lists them" test "$(babeltrace2 full 2>err | wc -l)" = "$kept"
    check "and has nothing to say" test ! -s err
fi

# Every instruction is charged once, and every event is in the trace.
for guest in hello compute pingpong faults timer spaces storm selfmod rep marks int80; do
    rm -rf trace s.json
    code=0
    run "$guest" --quiet --stats s.json --trace trace >out 2>err </dev/null || code=$?
    check "$guest: ends well" test $code = "$([ $guest = hello ] && echo 7 || echo 0)"
    check "$guest: charges add up" same "$(number sum s.json)" "$(number icount s.json)"
    lines=$("$flatfish" trace export --format csv trace | wc -l)
    check "$guest: as many events in the trace as counted" same $((lines - 1)) "$(number total s.json)"
done

# The digest.
one=$(digest spaces --append n=20000)
check "a digest" test ${#one} = 64
check "the same run twice" same "$one" "$(digest spaces --append n=20000)"
check "whatever is watched or written" same "$one" "$(digest spaces --append n=20000 \
    --trace t2 --stats s.json --snapshots --idle-probes 500 --stop-at rt_exit+0x1000 --log log)"
(while :; do :; done) &
busy=$!
check "on a busy host" same "$one" "$(digest spaces --append n=20000)"
kill $busy
check "another input, another digest" differ "$one" "$(digest spaces --append n=20001)"
one=$(digest timer --jitter 5)
check "jitter: the same seed, the same run" same "$one" "$(digest timer --jitter 5)"
check "jitter: another seed, another run" differ "$one" "$(digest timer --jitter 6)"
one=$(digest echo --input-at '100k:hello\n' --input-at '200M:abq')
check "planned input: the same again" same "$one" "$(digest echo --input-at '100k:hello\n' \
    --input-at '200M:abq')"
printf 'hello\nabq' >in
one=$(digest echo --input in)
check "input from a file: the same again" same "$one" "$(digest echo --input in)"

# Saved in the middle and gone on from there: the same end.
state() { sed -n 's/^ *"state": "\(.*\)".*/\1/p' "$1"; }
ends 0 run spaces --append n=20000 --digest --stats whole.json --save half@300000 --quiet
one_line 2 'leave out --mem' "$flatfish" run --resume half --mem 64
one_line 2 'goes on at instruction 300000' "$flatfish" run --resume half --save less@299999 --quiet
check "nothing saved" [ ! -e less ]
ends 0 "$flatfish" run --resume half --digest --stats rest.json --quiet
check "resumed: the same instruction count" same "$(number icount whole.json)" "$(number icount rest.json)"
check "resumed: the same state at the end" same "$(state whole.json)" "$(state rest.json)"
check "resumed: began where it was saved" same "$(number start_icount rest.json)" 300000

# Programs of a nest lie at the same addresses: a program's name says whose is meant.
nest() { "$flatfish" run null/hello --quiet "$@"; }
ends 0 nest --stop-at hello:main
check "the program that was named" grep -q '^at 0x[0-9a-f]* <main> (hello.c:' err
ends 0 nest --stop-at null:main
check "another, at its own" grep -q '^at 0x[0-9a-f]* <main> (.*null' err
ends 0 nest --stop-at main
check "the first that has it" grep -q '^at 0x[0-9a-f]* <main> (' err
one_line 1 'op_group: never reached' nest --stop-at op_group # a program's that does not run here
ends 0 nest --stop-at kernel:kernel_main
check "the kernel" grep -q '^at 0x[0-9a-f]* <kernel_main> (' err

# The log of what was typed stays behind with the process that saved; typing goes on all the same.
ends 0 run echo --input-at '100k:hello\n' --input-at '60M:abq' --save typed@50000000 --quiet
ends 0 "$flatfish" run --resume typed --input-at '200M:xyq' --quiet --timeout 60
check "resumed: one can type" grep -q '^xyecho: 8 bytes' out

# The demonstration shows what it claims, and ends well.
ends 0 "$flatfish" demo
check "demo: two runs, one digest" same "$(sed -n 's/^  first *//p' out)" "$(sed -n 's/^  second *//p' out)"
check "demo: a program costs the same below eight monitors" same \
    "$(awk '$3 == "compute" { print $5 }' out | sort -u | wc -l)" 1

# As many probes as may be take no longer to plant than to say.
ends 7 timeout 30 "$flatfish" run --kernel "$hello" --quiet --idle-probes 65000
one_line 2 'out of range' run hello --idle-probes 65001

# An installed tree that was moved as a whole finds its own data.
mkdir -p moved/bin moved/share/flatfish
cp "$flatfish" moved/bin/
cp "$build/sim/firmware/boot.rom" "$build/sim/firmware/vga.rom" moved/share/flatfish/
ends 7 moved/bin/flatfish run --kernel "$hello" --quiet
rm moved/share/flatfish/vga.rom
one_line 1 'moved.*vga.rom\|vga.rom.*moved' moved/bin/flatfish run --kernel "$hello" --quiet

# What is open already is written to, not replaced: this is /dev/stdout without its danger, were it so.
ends 7 "$flatfish" run --kernel "$hello" --quiet --stats /proc/self/fd/1
check "statistics on standard output, behind the guest's own" grep -q '"schema"' out
check "the guest's output is still there" grep -q '^hello from a guest' out

# Memory from the least to the most.
ends 7 "$flatfish" run --kernel "$hello" --mem 16 --quiet
ends 7 "$flatfish" run --kernel "$hello" --mem 3G --quiet

# Nor does a start take longer for it: CPU time of a few starts, in milliseconds.
starts() {
    bash -c 'TIMEFORMAT="%U %S"; time for i in 1 2 3 4 5; do "$@"; done >starts 2>&1' starts \
        "$flatfish" run --kernel "$hello" --mem "$1" --quiet 2>&1 | awk '{print int(($1 + $2) * 1000)}'
}
check "3 GiB start about as soon as 64 MiB" [ "$(starts 3G)" -le $((10 * ($(starts 64M) + 1))) ]
report
