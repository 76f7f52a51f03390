#!/bin/sh
# Property: under a host that stops QEMU for some milliseconds again and again the kernel measures
# its clocks as it does elsewhere (all measurements agree to one part in sixteen), and what the
# tests show about time and turns holds.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
command -v qemu-system-x86_64 >/dev/null || exit 77

# paused ROOT: its console in `console`, and QEMU's code as that of this function.
paused() {
    qemu-system-x86_64 -accel tcg -cpu max -m 64 -display none -no-reboot -nodefaults \
        -serial file:console -device isa-debug-exit,iobase=0xf4,iosize=4 \
        -kernel "$build/kernel/fk.elf" -initrd "$build/kernel/tests/initrd.tar" \
        -append "root=$1.elf" </dev/null >/dev/null 2>&1 &
    machine=$! pauses=0
    while sleep 0.003 && kill -STOP $machine; do
        sleep 0.012
        kill -CONT $machine
        pauses=$((pauses + 1))
        [ $pauses -lt 30000 ] || kill $machine
    done 2>/dev/null
    wait $machine
}

passes() {
    code=0
    paused "$1" || code=$?
    check "$1 under pauses: code $code, $(tail -n 1 console)" test "$code" = 1
    check "$1 under pauses: it passes" grep -q '^PASS' console
}

: >rates
for run in 1 2 3 4 5 6 7 8; do
    passes t_start
    tr -d '\r' <console | sed -n 's/ cycles in a second//p' >>rates
done
sort -n rates >sorted
least=$(head -n 1 sorted)
most=$(tail -n 1 sorted)
check "eight rates from $least to $most cycles a second" \
    test "$(wc -l <rates)" = 8 -a $((most - least)) -lt $((least / 16))
passes t_sched
passes t_wakes
report
