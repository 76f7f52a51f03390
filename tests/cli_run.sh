#!/bin/sh
# `flatfish run` keeps its promises about exit codes, bad input, output files and streams, whatever
# the guest does. The machine is the scripted one: sim/tests/fake_machine.c.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"

guest() { printf '%s\n' FAKE "$@" >"$work/guest"; }

# Exit codes.
guest 'print hello' 'syscall 3' 'exit 7'
ends 7 "$fake" run --kernel guest
check "the console is stdout, exactly" test "$(cat out)" = hello
check "a summary on stderr" grep -q 'crossings 3  syscall 3' err
ends 7 "$fake" run --kernel guest --quiet
check "--quiet is silent" test ! -s err
guest 'exit 255' && ends 255 "$fake" run --kernel guest
guest 'exit 0' && ends 0 "$fake" run --kernel guest
guest triple && one_line 1 'triple fault at 0x.*--trace-last' "$fake" run --quiet --kernel guest
guest halt && one_line 1 'halted for ever' "$fake" run --quiet --kernel guest
ends 1 "$fake" run --quiet --pc --disk guest
check "a PC that halts: its screen may say why" grep -q 'screen prints' err
for option in --screen --screenshot=halted.png; do
    ends 1 "$fake" run --quiet --pc --disk guest $option
    check "no hint at --screen for who has $option" sh -c '! grep -q "screen prints" err'
done
guest reset && one_line 1 'reset the machine' "$fake" run --quiet --kernel guest
guest panic && one_line 1 'cannot go on.*scripted' "$fake" run --quiet --kernel guest
guest stall && one_line 124 'no progress' "$fake" run --quiet --kernel guest --stall 1k
guest slow && one_line 124 '--timeout: 0.2 s' "$fake" run --quiet --kernel guest --timeout 0.2
guest 'count 1000000' 'exit 0'
one_line 124 '--max-instr: 5000 instr' "$fake" run --quiet --kernel guest --max-instr 5k
ends 0 "$fake" run --kernel guest --stop-at line2
check "--stop-at prints where" grep -q '^at 0x20 <line2> (script:2), instruction 1000000,' err
check "--stop-at prints registers" grep -q 'rip  *0000000000000020' err
one_line 1 '--stop-at line9: never reached: exit code 0 after' \
    "$fake" run --kernel guest --stop-at line9 --quiet
guest 'print ready' slow
"$fake" run --kernel guest >out 2>err </dev/null &
pid=$!
while [ ! -s out ]; do sleep 0.05; done
kill -TERM $pid
code=0
wait $pid || code=$?
check "SIGTERM: code 143" test $code = 143
check "SIGTERM: statistics" grep -q 'instructions in' err

# Bad input: one line, code 2 for the command line, 1 for what it names.
guest 'exit 0'
mkdir sub
one_line 2 'what shall run' "$fake" run
one_line 2 "unknown command 'rum'; did you mean 'run'" "$fake" rum
one_line 2 "unknown command 'elephant'" "$fake" elephant
one_line 2 'did you mean --kernel' "$fake" run --kernal x
one_line 2 "unexpected argument 'extra'" "$fake" run --kernel guest extra
one_line 2 'is joined to it, as in --screen=live' "$fake" run --pc --disk guest --screen live
one_line 2 'is joined to it' "$fake" run --kernel guest --snapshots 4
long=$(head -c 4000 /dev/zero | tr '\0' n)
one_line 1 "kernel n*[.][.][.]n*: cannot be read" "$fake" run --kernel "$long"
check "a long name leaves room for what is wrong with it" test "$(wc -c <err)" -lt 1100
one_line 1 "File name too long; name another" "$fake" run --kernel guest --stats "$long"
one_line 2 'needs a value' "$fake" run --kernel
one_line 2 '16 to 3072 MiB' "$fake" run --kernel guest --mem 4G
one_line 2 'is not a number' "$fake" run --kernel guest --max-instr ten
for memory in 16 16m 16MB 16MiB 3G 3g 3gb 3GiB; do
    ends 0 "$fake" run --kernel guest --mem $memory --quiet
done
for option in --kernel --append --stats --trace --input --max-instr --timeout --mem; do
    one_line 2 "$option is there twice" "$fake" run --kernel guest $option 20 $option=21 $option 22
done
one_line 2 'choose one' "$fake" run --kernel guest --pc
one_line 2 'go with --kernel' "$fake" run --pc --disk x --initrd y
one_line 2 'go with --pc' "$fake" run --kernel guest --disk x
one_line 2 'something to boot' "$fake" run --pc
one_line 1 'x.lua' "$fake" run --kernel guest --script x.lua
one_line 2 'give --script' "$fake" run --kernel guest --sandbox
one_line 2 'needs --trace DIR' "$fake" run --kernel guest --trace-last 5
one_line 2 'has a screen' "$fake" run --kernel guest --screenshot x.png
one_line 2 'no symbol' "$fake" run --kernel guest --stop-at nowhere
one_line 2 'TIME:TEXT' "$fake" run --kernel guest --input-at x
one_line 2 'unknown escape' "$fake" run --kernel guest --input-at '5:a\q'
one_line 2 'not an instruction count' "$fake" run --kernel guest --save 'x@y'
one_line 1 'cannot be read' "$fake" run --kernel missing
one_line 1 'not a saved machine' "$fake" run --resume guest
one_line 1 'cannot write' "$fake" run --kernel guest --stats no/such/dir.json
one_line 1 'Is a directory' "$fake" run --kernel guest --stats .
one_line 1 'cannot read the input missing: .*name a file' "$fake" run --kernel guest --input missing
one_line 1 'cannot read the input sub: Is a dir' "$fake" run --kernel guest --input sub
one_line 2 '1000000 to 4294967295' "$fake" run --kernel guest --ips 5G
one_line 2 '0.001 to 1000000 seconds' "$fake" run --kernel guest --timeout 0
printf 'nothing' >empty
one_line 1 'not an ELF file' "$fake" run --kernel empty

# Output files: whole or not there.
ends 0 "$fake" run --kernel guest --stats s.json --quiet
check "statistics are JSON" "${LUA:-lua5.4}" -e '
    local t = io.open("s.json"):read("a")
    assert(t:find("\"schema\": \"flatfish-stats\"", 1, true) and t:find("\"reason\": \"exit\"", 1, true))'
mangled=$(printf 'sch\303\266n \342\202\254 \360\237\220\237 "\\ \001 \377 \303( \355\240\200 \342\202')
ends 0 "$fake" run --kernel guest --append "$mangled" --stats s.json --quiet
check "UTF-8 is kept, and what is none marked byte by byte" "${LUA:-lua5.4}" -e '
    local append = io.open("s.json"):read("a"):match("\"append\": (.-),\n")
    local x = "\u{fffd}"
    assert(append == "\"schön € 🐟 \\\"\\\\ \\u0001 " .. x .. " " .. x .. "( " .. x .. x .. x .. " " .. x .. x ..
        "\"", append)'
if [ -c /dev/full ]; then
    ends 1 "$fake" run --kernel guest --stats /dev/full --quiet
    check "a full disk is said" grep -q 'cannot write /dev/full: No space' err
    guest 'print last words' 'exit 0'
    code=0
    "$fake" run --kernel guest --quiet >/dev/full 2>err || code=$?
    check "console output to a full disk fails" test $code = 1
    check "and says so" grep -q 'standard output' err
    code=0
    "$fake" help run >/dev/full 2>err || code=$?
    check "help to a full disk fails" test $code = 1
    guest 'exit 7'
    code=0
    "$fake" run --kernel guest --quiet --digest >/dev/full 2>err || code=$?
    check "a digest to a full disk fails, whatever the guest's code" test $code = 1
fi

# A trace is replaced only when told to; other files always.
guest 'syscall 4' 'exit 0'
ends 0 "$fake" run --kernel guest --quiet --trace t
cp t/events before
one_line 1 'already.*--force' "$fake" run --kernel guest --quiet --trace t
check "a refused run leaves the old trace" cmp -s before t/events
guest 'syscall 5' 'exit 0'
ends 0 "$fake" run --kernel guest --quiet --trace t --force
check "--force replaces it" test -s t/events
check "by the new one" sh -c '! cmp -s before t/events'
mkdir other && echo mine >other/file
one_line 1 'holds no trace of ours' "$fake" run --kernel guest --quiet --trace other --force
check "what is no trace stays" test "$(cat other/file)" = mine
one_line 1 'name a folder' "$fake" run --kernel guest --quiet --trace /proc/x
one_line 1 'holds no trace of ours' "$fake" run --kernel guest --quiet --trace . --force
ends 0 "$fake" run --kernel guest --quiet --trace t/. --force
one_line 1 'make the folder.*mkdir' "$fake" run --kernel guest --quiet --trace no/such/folder
echo plain >plain
one_line 1 'name a folder' "$fake" run --kernel guest --quiet --trace plain
one_line 2 'for --trace' "$fake" run --kernel guest --force
echo old >s.json
ends 0 "$fake" run --kernel guest --quiet --stats s.json
check "statistics replace an older file" grep -q flatfish-stats s.json

# A signal counts from before the machine is there: here, while an output's pipe has no reader.
mkfifo nobody
code=0
"$fake" run --kernel guest --stats nobody >out 2>err </dev/null &
pid=$!
waits=0
until grep -q 'SigCgt:.*[2367abef]$' /proc/$pid/status 2>/dev/null || [ $waits -ge 100 ]; do
    sleep 0.05
    waits=$((waits + 1))
done
kill -INT $pid
wait $pid || code=$?
check "a signal before the machine is there: code 130" test $code = 130
check "and a word" grep -q '^flatfish: ' err
guest triple
ends 1 "$fake" run --kernel guest --stats s2.json --quiet
check "a failed run has statistics too" grep -q '"reason": "triple-fault"' s2.json
check "nothing half-written is left" test -z "$(ls | grep part)"

# Standard output closed early ends the run.
guest 'bytes 1000000' 'exit 0'
code=$({ "$fake" run --kernel guest --quiet 2>err; echo $? >code; } | head -c 10 >/dev/null; cat code)
check "closed output: code 1" test "$code" = 1
check "closed output is said" grep -q 'standard output' err

# Standard streams that are closed: no file of ours takes their place.
guest 'print lost words' 'exit 0'
code=0
"$fake" run --kernel guest --stats shut.json --trace shut --quiet >&- 2>&- <&- || code=$?
check "all streams closed: code 1, for what the guest said is lost" test $code = 1
check "the statistics are statistics" grep -q '^{' shut.json
check "and hold no word of the guest's" sh -c '! grep -q "lost words" shut.json shut/*'
ends 0 "$fake" trace summary shut
guest 'exit 0'
code=0
"$fake" run --kernel guest --quiet >&- 2>&- <&- || code=$?
check "a guest that says nothing needs no stream" test $code = 0

# Input: by file, by pipe, at a count; the same input gives the same digest.
guest echo 'exit 3'
printf 'typed line\nmore' >in
ends 3 "$fake" run --kernel guest --input in --digest
check "--input arrives" grep -q 'typed line' out
one=$(grep digest: out)
"$fake" run --kernel guest --digest <in >out 2>err
check "standard input from a file is the same" test -n "$one" -a "$one" = "$(grep digest: out)"
printf 'piped\n' | "$fake" run --kernel guest >out 2>err
check "a pipe arrives" grep -q piped out
mkfifo named
(sleep 0.3; echo late) >named &
ends 3 "$fake" run --kernel guest --input named --timeout 20
wait
check "a named pipe arrives, though it is empty at first" grep -q late out
ends 3 "$fake" run --kernel guest --input-at '10:c\n' --input-at '5:a\x62'
check "--input-at in order of time" grep -q '^abc$' out
head -c 3000000 /dev/zero | tr '\0' 'x' >big
printf '\n' >>big
ends 3 "$fake" run --kernel guest --input big --timeout 60
check "input larger than the guest's queue arrives whole" test "$(wc -c <out)" = 3000001

# The digest: the same twice, different for another run, untouched by watching.
guest 'syscall 4' 'count 1000' 'exit 0'
digest() { "$fake" run --kernel guest --quiet --digest "$@" 2>err </dev/null | grep '^digest: [0-9a-f]\{64\}$'; }
one=$(digest)
check "a digest is printed" test -n "$one"
check "the same run, the same digest" test "$one" = "$(digest)"
check "statistics and snapshots change nothing" test "$one" = "$(digest --stats s.json --snapshots)"
check "a stop place that is not reached changes nothing" test "$one" = "$(digest --stop-at line9)"
check "the digest is in the statistics" grep -q "$(echo "$one" | cut -c9-)" s.json
guest 'syscall 5' 'count 1000' 'exit 0'
check "another run, another digest" test "$one" != "$(digest)"

# Saving.
guest 'count 100' 'exit 0'
ends 0 env FAKE_KERNEL=guest "$fake" run --kernel guest --save saved@50 --quiet
ends 0 "$fake" run --resume saved --quiet
for option in --screen --screenshot=x.png --keys=a --keys-at=5:a; do
    one_line 2 'only a --pc machine' "$fake" run --resume saved --quiet $option
done
check "no picture of nothing" test ! -e x.png
one_line 1 'at instruction [0-9]*, before 1000000000: nothing saved' \
    "$fake" run --kernel guest --save saved2@1G --quiet
check "a save that never came leaves no file" test -z "$(ls | grep saved2)"
ends 1 "$fake" run --kernel guest --save saved2@1G --quiet --stats s.json
check "the statistics say 1, too" grep -q '"exit_status": 1' s.json
ends 1 "$fake" run --kernel guest --save saved2@1G --quiet --stop-at line2
ends 124 "$fake" run --kernel guest --save saved2@1G --quiet --max-instr 50
one_line 1 'cannot be written' "$fake" run --kernel guest --save /dev/full@50 --quiet
for other in --log --save --trace; do
    one_line 2 "both write same" "$fake" run --kernel guest --stats same $other same --quiet
done
one_line 2 "both write" "$fake" run --kernel guest --stats ./same --save "$work/same" --quiet
check "nothing was written" test ! -e same

# No output takes the place of an input, by whatever name it goes.
cp guest input && ln input linked && ln -s "$work/input" symbolic && cp saved resumed
for output in --stats --save --log --trace; do
    for name in input ./input sub/../input linked symbolic; do
        one_line 2 "$output would overwrite .*--kernel reads" "$fake" run --kernel input $output $name
    done
    for option in --initrd --script --input; do
        one_line 2 "$output would overwrite .*$option reads" \
            "$fake" run --kernel guest $option input $output linked
    done
    one_line 2 "$output would overwrite" "$fake" run --resume resumed $output resumed
    for option in --disk --cdrom; do
        one_line 2 "$output would overwrite" "$fake" run --pc $option input $output input
    done
done
one_line 2 "--screenshot would overwrite" "$fake" run --pc --disk input --screenshot linked
one_line 2 "--save would overwrite" "$fake" run --resume resumed --save resumed@5
for output in --stats --save --log; do
    code=0
    "$fake" run --kernel guest --quiet $output given >given 2>err </dev/null || code=$?
    check "$output over standard output: refused" test "$code:$(wc -c <given)" = 2:0
    check "and said" grep -q -e "$output and standard output cannot both write given" err
    echo mine >given
    code=0
    "$fake" run --kernel guest --quiet $output ./given >out 2>err <given || code=$?
    check "$output over standard input: refused" test "$code:$(cat given)" = 2:mine
    check "and said, too" grep -q -e "$output would overwrite ./given, which standard input reads" err
    code=0
    "$fake" run --kernel guest --quiet $output given 2>given >out </dev/null || code=$?
    check "$output over standard error: refused" grep -q 'standard error cannot both write' given
done
code=0
"$fake" run --kernel guest --quiet --stats /dev/stdout >given 2>err </dev/null || code=$?
check "but statistics may go there by that name" grep -q flatfish-stats given
mkdir traced && cp guest traced/events
one_line 2 "--trace would overwrite" "$fake" run --kernel traced/events --trace traced --force
check "the inputs are as they were" cmp -s guest input
check "all of them" cmp -s guest traced/events
check "and the saved machine" cmp -s saved resumed
guest 'syscall 4' 'exit 0'
ends 0 "$fake" run --kernel guest --quiet --trace exported
one_line 2 "-o would overwrite" "$fake" trace export --format csv -o exported/events exported
one_line 2 "-o would put exported/x.csv into the folder of DIR" \
    "$fake" trace export --format csv -o exported/x.csv ./exported
one_line 2 'trace: -o is there twice' "$fake" trace export --format csv -o x -o y exported
one_line 2 'trace: -o needs a value: -o FILE' "$fake" trace export --format csv exported -o
ln -s exported link
one_line 2 "-o would put link/x.csv into" "$fake" trace export --format csv -o link/x.csv exported
for output in --stats --save --log; do
    one_line 2 "$output would put exported/more into the folder of --trace" \
        "$fake" run --kernel guest --quiet --trace exported --force $output exported/more
done
check "the trace is still alone" test "$(ls -A exported | xargs)" = "events metadata"
ends 0 "$fake" trace summary exported
echo mine >exported/notes
one_line 1 'something else in it, notes' "$fake" run --kernel guest --quiet --trace exported --force
check "it is still there" test "$(cat exported/notes)" = mine

# A signal leaves a whole file or none, at any moment.
guest 'syscall 1000000' 'exit 0'
ends 0 "$fake" run --kernel guest --quiet --trace large
for signal in HUP TERM; do
    for format in csv perfetto; do
        "$fake" trace export --format $format -o report large >out 2>err </dev/null &
        pid=$!
        until ls report* >/dev/null 2>&1 || ! kill -0 $pid 2>/dev/null; do :; done
        kill -$signal $pid 2>/dev/null
        wait $pid 2>/dev/null
        check "$signal in an export: nothing half-written" test -z "$(ls | grep part)"
        rm -f report
    done
done
cp input model.lua
one_line 2 "--json would overwrite" "$fake" bench kernel --cost model.lua --json ./model.lua
ends 0 "$fake" run --kernel guest --stats /dev/null --log /dev/null --quiet

# Help and version.
ends 0 "$fake" help && ends 0 "$fake" && ends 0 "$fake" --help && ends 0 "$fake" help run
cp out help1
ends 0 "$fake" run --help
check "two ways to the same help" cmp -s out help1
check "no help line is longer than 80" test -z "$(grep -E '^.{81}' out)"
ends 0 "$fake" --version
check "the version" grep -q '^flatfish [0-9]' out
one_line 2 "did you mean 'run'" "$fake" help rum
report
