#!/bin/sh
# A debugger changes nothing: a run that was stopped, stepped, watched, searched, brought back and
# forth again ends with the digest and the console of one that nobody looked at.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
. "$srcdir/tests/gdb_lib.sh"
nest='pager(frames=64)/tracer/memtest(mib=1,passes=2)'

"$flatfish" run "$nest" --quiet --digest >plain 2>err </dev/null
plain=$(sed -n 's/^digest: //p' plain)
grep -v '^digest\|^flatfish: ' plain >console
same() {
    grep -v '^digest\|^flatfish: ' ran | cmp - console && [ "$ended" = 0 ] && [ "$digest" = "$plain" ] ||
        {
            tail -n 30 said | sed 's/^/    /'
            echo "exit code $ended, digest $digest, not $plain; what the machine said:"
            sed 's/^/    /' ran words
            false
        }
}

session "$nest" -- -ex 'info threads' -ex 'info inferiors' -ex 'monitor objects' -ex 'x/64i $pc' \
    -ex 'find 0x400000, +20000, 0x12345678'
check "looked at" same

session "$nest" -- -ex 'stepi 3000' -ex 'inferior 2' -ex 'stepi 3000' -ex 'inferior 4' -ex 'stepi 100'
check "stepped, in three spaces" same

session "$nest" -- -ex 'break memtest.c:40' -ex continue -ex next -ex 'stepi 20' -ex 'next 2' -ex 'step 5' \
    -ex 'break memtest.c:44' -ex continue -ex finish
check "by source lines, over a program's faults" same

session "$nest" -- -ex 'set schedule-multiple on' -ex 'inferior 4' -ex 'break bring if page % 100 == 77' \
    -ex continue -ex 'p page' -ex continue -ex 'p page' -ex delete -ex 'watch -l evictions' -ex continue \
    -ex 'awatch -l evictions' -ex continue -ex 'inferior 1' -ex 'rwatch -l options[1].value' -ex continue
check "stopped on conditions and by watchpoints" same
check "where the condition holds" says '^\$2 = [0-9]*77$'

session "$nest" -- -ex 'set schedule-multiple on' -ex 'stepi 50' -ex 'reverse-stepi 30' -ex 'break memtest.c:44' -ex continue \
    -ex 'monitor checkpoint' -ex reverse-next -ex 'reverse-stepi 5' -ex 'monitor goto 4000000' \
    -ex 'monitor goto 20000000' -ex 'monitor restart 1' -ex 'maint flush register-cache' -ex delete \
    -ex reverse-continue
check "brought back to the beginning, and on" same

session "$nest" -- -ex 'monitor catch fault from=memtest' -ex 'set schedule-multiple on' -ex 'continue 3' \
    -ex continue -ex 'monitor chain' -ex reverse-continue -ex 'monitor uncatch'
check "stopped at crossings" same
report
