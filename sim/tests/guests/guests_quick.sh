#!/bin/sh
# guests_quick.sh -- property: the short cuts of sim/bochs/quick.cc change nothing that a guest can
# see: with and without them every guest ends with the same registers, memory and events, the ones
# that attack the page walks most of all. SEEDS=N for more than 6. Skipped where flatfish is not built.
# SPDX-License-Identifier: MIT
command=${FLATFISH:-./flatfish}
test -x "$command" && test ! "$command" -ef "${srcdir:-.}/flatfish" &&
    test -x sim/tests/flatfish-slow || { echo "no flatfish is built here"; exit 77; }
FLATFISH_DATA_DIR=$PWD/sim/firmware
export FLATFISH_DATA_DIR
runs=0 bad=0

digest() { # COMMAND KERNEL OPTION...; what the guest says counts, too
    program=$1 kernel=$2
    shift 2
    timeout -s KILL 120 "$program" run --quiet --mem 32 --max-instr 20000000 --digest \
        --kernel "$kernel" "$@" </dev/null 2>/dev/null
}

try() {
    quick=$(digest "$command" "$@")
    slow=$(digest sim/tests/flatfish-slow "$@")
    runs=$((runs + 1))
    case $quick in
    *'digest: '*) test "$quick" = "$slow" && return ;;
    esac
    bad=$((bad + 1))
    printf 'FAIL %s\nquick: %s\nslow:  %s\n' "$*" "$quick" "$slow"
}

guest() {
    kernel=sim/tests/guests/$1.elf
    shift
    try "$kernel" --append "$*"
}

guest walker
guest walker odd=1
for name in compute faults int80 marks moment mwait nomem pingpong rep selfmod spaces storm timer vmx; do
    guest $name n=50
done
for kind in 0 1 2 3 4 5 6 7 8 9 10 11 12; do
    guest traps n=50 what=$kind
done
seed=1
while test $seed -le "${SEEDS:-6}"; do
    guest crashme n=1000 seed=$seed
    guest crashme ring=0 seed=$seed
    guest hostile n=3000 seed=$seed
    for kind in 0 1 2 3 4 5 6 7 8 9; do
        guest wild what=$kind seed=$seed
    done
    seed=$((seed + 1))
done
for test in t_memory t_sched t_thread; do
    try kernel/fk.elf --initrd kernel/tests/initrd.tar --append "root=$test.elf"
done
echo "quick: $runs runs, $bad differ without the short cuts"
test $bad -eq 0
