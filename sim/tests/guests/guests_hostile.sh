#!/bin/sh
# guests_hostile.sh -- property: no guest can crash or hang the simulator: random code in ring 3 and
# ring 0, random devices and control registers, lying magic NOPs and debug blocks. Each run ends by
# itself, by the guest's death or by its instruction limit, in at most one line of words; and never
# because a device was asked for what it does not know.
# SEEDS=N for more than 12. Skipped where flatfish is not built.
# SPDX-License-Identifier: MIT
command=${FLATFISH:-./flatfish}
test -x "$command" && test ! "$command" -ef "${srcdir:-.}/flatfish" ||
    { echo "no flatfish is built here"; exit 77; }
dir=$(mktemp -d guests_hostile.XXXXXX) || exit 1
trap 'rm -rf "$dir"' EXIT
runs=0 bad=0 died=0

# The status tells: 0 to 124 is an answer (124: the limit), 137 a hang, others a crash.
try() {
    guest=$1
    shift
    timeout -s KILL 60 "$command" run --quiet --mem 32 --max-instr 20000000 \
        --kernel "sim/tests/guests/$guest.elf" --append "$*" < /dev/null > "$dir/out" 2> "$dir/err"
    status=$?
    runs=$((runs + 1))
    test $status -eq 0 || died=$((died + 1))
    if test $status -gt 124 || test "$(wc -l < "$dir/err")" -gt 1 ||
        grep -q 'cannot go on' "$dir/err"; then
        bad=$((bad + 1))
        echo "FAIL $guest $*: status $status"
        head -c 1000 "$dir/err"
    fi
}

seed=1
while test $seed -le "${SEEDS:-12}"; do
    try crashme n=1000 seed=$seed
    try crashme ring=0 seed=$seed
    try crashme ring=0 seed=$((seed + 1000))
    try hostile n=3000 seed=$seed
    for kind in 0 1 2 3 4 5 6 7 8 9; do
        try wild what=$kind seed=$seed
    done
    seed=$((seed + 1))
done
echo "hostile: $runs runs, $died guests came to grief, $bad failed"
test $bad -eq 0
