#!/bin/sh
# The trace of a real run says what its statistics say: events by kind, and every instruction by space,
# privilege and on whose behalf; babeltrace2 lists as many events; a ring holds the last of them; the
# same run has the same bytes; tracing changes nothing in the machine.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
flatfish=$build/flatfish
guests=$build/sim/tests/guests
test -x "$flatfish" && test ! "$flatfish" -ef "$srcdir/flatfish" ||
    { echo "no flatfish is built here"; exit 77; }

# run NAME OPTION...: the guest of that name; its own exit code does not matter here.
run() {
    guest=$1
    shift
    "$flatfish" run --kernel "$guests/$guest.elf" --quiet --max-instr 3M "$@" >out 2>err </dev/null
}

run hello --trace t --stats s.json
if [ ! -s t/events ] || [ ! -s s.json ]; then
    bad "a run with --trace does not work at all: $(cat err)"
    report
    exit 1
fi

for guest in hello marks spaces pingpong faults timer int80 vmx rep selfmod storm triple nomem; do
    run $guest --trace t --stats s.json
    check "$guest: trace and statistics agree" "$build/sim/tests/trace_matches" s.json t
    events=$(sed -n 's/.*"total": *\([0-9]*\).*/\1/p' s.json | head -n 1)
    if command -v babeltrace2 >/dev/null; then
        listed=$(babeltrace2 t 2>bt_err | wc -l)
        check "$guest: babeltrace2 lists $listed of $events" test "$listed" = "$events"
        check "$guest: babeltrace2 has nothing to say" test ! -s bt_err
    fi
    for format in perfetto folded csv text; do
        ends 0 "$flatfish" trace export --format $format -o x.$format t
    done
    check "$guest: a line an event" test "$(wc -l <x.text)" = "$events"
    rm -rf t s.json
done

# The kernel names its spaces, threads and whom it works for.
for test in t_ipc t_memory t_thread t_sched; do
    "$flatfish" run --kernel "$build/kernel/fk.elf" --initrd "$build/kernel/tests/initrd.tar" \
        --append "root=$test.elf" --mem 64 --quiet --max-instr 100M --trace t --stats s.json \
        >out 2>err </dev/null
    check "$test: trace and statistics agree" "$build/sim/tests/trace_matches" s.json t
    ends 0 "$flatfish" trace summary t
    check "$test: the root has its name and level" grep -q '^ *[0-9]* *1 .* root$' out
    mv t again
    "$flatfish" run --kernel "$build/kernel/fk.elf" --initrd "$build/kernel/tests/initrd.tar" \
        --append "root=$test.elf" --mem 64 --quiet --max-instr 100M --trace t >/dev/null 2>&1 </dev/null
    check "$test: the same bytes" cmp t/events again/events
    check "$test: at most four events tell of a space" sh -c \
        "'$flatfish' trace export --format csv t | awk -F, '
            \$2 == \"space\" { events++; spaces += !seen[\$9]++ } END { exit !(spaces && events <= 4 * spaces) }'"
    rm -rf t again s.json
done

run pingpong --trace a
run pingpong --trace b
check "the same bytes" cmp a/events b/events
check "the same metadata" cmp a/metadata b/metadata
run pingpong --trace last --trace-last 1000
"$flatfish" trace export --format csv a | tail -n 1000 >whole
"$flatfish" trace export --format csv last | tail -n +2 >ring
check "the ring has the last events" cmp whole ring
run pingpong --digest --trace c
cp out with
run pingpong --digest --trace d --trace-last 5k
check "a ring neither" cmp with out
run pingpong --digest
check "tracing does not change the digest" cmp with out

# A resumed run is accounted for from where it began.
run spaces --save half@50k
ends 0 "$flatfish" run --resume half --quiet --trace r --stats s.json
ends 0 "$flatfish" trace summary r
accounted=$(sed -n 's/^Accounted *\([0-9]*\).*/\1/p' out)
icount=$(sed -n 's/.*"icount": *\([0-9]*\).*/\1/p' s.json | head -n 1)
check "a resumed run: $accounted of $icount" test "$accounted" = $((icount - 50000))

# A killed run: everything until a moment before is there, for babeltrace2 too.
"$flatfish" run --kernel "$guests/echo.elf" --quiet --trace k >out 2>err <<'X' &
X
victim=$!
sleep 1
kill -9 $victim
wait $victim 2>/dev/null
ends 0 "$flatfish" trace summary k
check "a killed run's trace is marked as open" grep -q 'not closed' out
command -v babeltrace2 >/dev/null && check "babeltrace2 reads it" babeltrace2 k >/dev/null
report
