# tests/gdb_lib.sh -- what tests with a real GDB share. Sourced behind cli_lib.sh.
# SPDX-License-Identifier: MIT
flatfish=$build/flatfish
test -x "$flatfish" && test ! "$flatfish" -ef "$srcdir/flatfish" ||
    { echo "no flatfish is built here"; exit 77; }
command -v gdb >/dev/null || { echo "no gdb here: the package gdb is not installed"; exit 77; }

# session RUN-ARGUMENT... -- GDB-ARGUMENT...: a machine that waits on a socket, and gdb in batch mode.
# Leaves gdb's output in `said`, the machine's exit code in $ended, its digest in $digest.
session() {
    what=
    while [ "$1" != -- ]; do
        what="$what '$1'"
        shift
    done
    shift
    eval timeout 600 '"$flatfish"' run "$what" --gdb="$work/s" --quiet --digest '>ran 2>words </dev/null &'
    machine=$!
    while [ ! -S "$work/s" ] && kill -0 $machine 2>/dev/null; do
        sleep 0.1
    done
    timeout 600 gdb -nx -batch -ex "target extended-remote $work/s" "$@" >said 2>&1 </dev/null
    wait $machine
    ended=$?
    digest=$(sed -n 's/^digest: //p' ran)
}

says() { grep -q -e "$1" said || { tail -n 40 said | sed 's/^/    /'; false; }; }
fails() { ! "$@"; }
