# gui/tests/lib.sh -- traces of real runs for the tests of the viewer. Sourced, never run.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
flatfish=$build/flatfish
guests=$build/sim/tests/guests
test -x "$flatfish" && test -x "$build/gui/flatfish-view" ||
    { echo "no flatfish is built here"; exit 77; }
unset DISPLAY WAYLAND_DISPLAY

# trace_nest DIR [NEST]: a nest in which every level has work.
trace_nest() {
    "$flatfish" run "${2:-null/pager(frames=16)/memtest(mib=1,passes=1)}" --mem 64 --quiet --trace "$1" \
        --stats "$1.json" >out 2>err </dev/null || { bad "no trace: $(cat err)"; report; exit 1; }
}

trace_guest() { # DIR GUEST
    "$flatfish" run --kernel "$guests/$2.elf" --quiet --max-instr 3M --trace "$1" --stats "$1.json" \
        >out 2>err </dev/null
    test -s "$1/events" || bad "no trace of $2: $(cat err)"
}

sums() { "$build/gui/tests/view_sums" "$@"; }
csv() { "$flatfish" trace export --format csv "$1"; }

# wait_for COMMAND...: until it succeeds, at most three minutes, for a busy machine.
wait_for() {
    until=$(($(date +%s) + 180))
    while [ "$(date +%s)" -lt $until ]; do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    bad "waited in vain for: $*"
    return 1
}
