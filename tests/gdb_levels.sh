#!/bin/sh
# At every level stock GDB reads and writes what is that level's own: a breakpoint at one address in two
# spaces hits in the right one; watchpoints of reading, writing and both see each level's variables;
# registers of threads that wait are shown with the call they wait in, and can be written.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
. "$srcdir/tests/gdb_lib.sh"
nest='pager(frames=64)/tracer/memtest(mib=1,passes=2)'
# Inferiors are numbered as they come: the application, the kernel, then from the inside outwards.
app='inferior 1' kernel='inferior 2' pager='inferior 4'

plain=$("$flatfish" run "$nest" --quiet --digest 2>err </dev/null | sed -n 's/^digest: //p')
hits() { grep -c -e "$1" said; }
same() { [ "$digest" = "$plain" ] || { echo "    digest $digest, not $plain"; false; }; }

# ---- one address, two spaces ----
session "$nest" -- -ex 'set schedule-multiple on' -ex 'break memtest.c:42' -ex continue -ex delete \
    -ex "python here = '*0x%x' % int(gdb.parse_and_eval('\$pc'))" -ex reverse-stepi \
    -ex "$pager" -ex "python gdb.execute('break ' + here)" -ex "$app" -ex 'break memtest.c:44' -ex continue \
    -ex delete -ex reverse-stepi -ex 'break memtest.c:42' -ex reverse-continue
check "another space's breakpoint at the address is passed over" says 'hit Breakpoint 3, '
check "one's own is hit" says 'Thread 1.1 "L4 memtest main" hit Breakpoint 4, main'
check "the first time, too" says 'Thread 1.1 "L4 memtest main" hit Breakpoint 1, main'
check "the other's never" fails grep -q 'hit Breakpoint 2' said
check "the run is the same" same

# ---- watchpoints of every kind at every level ----
session "$nest" -- -ex 'set schedule-multiple on' -ex "$pager" -ex 'watch -l evictions' -ex continue \
    -ex delete -ex 'rwatch -l evictions' -ex continue -ex 'p evictions' -ex delete \
    -ex 'awatch -l evictions' -ex continue -ex continue -ex delete \
    -ex "$kernel" -ex 'watch -l sched_charged_from' -ex continue -ex 'info symbol $pc' -ex delete \
    -ex 'rwatch -l sched_charged_from' -ex continue -ex delete \
    -ex "$app" -ex 'watch -l *(long *)(0x10010000 + 8000)' -ex continue -ex 'bt 1' -ex delete \
    -ex 'rwatch -l *(long *)(0x10010000 + 8000)' -ex continue -ex 'info registers rip' \
    -ex reverse-continue -ex 'p evictions > 0'
check "the pager's writes" says 'hit Hardware watchpoint 1: -location evictions'
check "its reads" says 'hit Hardware read watchpoint 2: -location evictions'
check "both" [ "$(hits 'hit Hardware access (read/write) watchpoint 3: -location evictions')" = 2 ]
check "the kernel's writes" says 'hit Hardware watchpoint 4: -location sched_charged_from'
check "its reads" says 'hit Hardware read watchpoint 5: -location sched_charged_from'
check "the application's writes" says '"L4 memtest main" hit Hardware watchpoint 6: '
check "its reads, forwards and backwards" [ "$(hits 'memtest main" hit Hardware read watchpoint 7: ')" -ge 1 ]
check "the run is the same" same

# ---- registers and memory of who does not run ----
session "$nest" -- -ex "$pager" -ex 'thread 4.2' -ex 'bt 3' -ex 'p $xmm1.uint128 = 77' -ex 'p $xmm1.uint128' \
    -ex 'p $rbx = 1234567' -ex 'p $rbx' -ex 'p $st0 = 1.5' -ex 'p $st0' -ex "$app" -ex 'p $rbx' -ex 'p $xmm1.uint128' \
    -ex 'p $fs_base = 0x7000' -ex 'p $fs_base' -ex 'p $ymm3.v2_int128[1] = 9' -ex 'p $ymm3.v2_int128[1]' \
    -ex 'p $cr3 != 0 && $efer != 0 && $cr0 != 0 && $cr4 != 0' -ex 'p $rip = 0' -ex "$pager" \
    -ex 'p $rip = 0' -ex kill
check "the call that a thread waits in" says '#[01] .*fk_\(server\|client\)_[a-z_]* '
check "and what in the program called it" says '^#2  reply_and_wait '
check "a vector register of its own" says '^\$2 = 77$'
check "a general one" says '^\$4 = 1234567$'
check "one of the x87's" says '^\$6 = 1\.5$'
check "which are not the application's" says '^\$7 = 0$'
check "neither" says '^\$8 = 0$'
check "segment bases" says '^\$10 = 28672$'
check "the upper half of ymm" says '^\$12 = 9$'
check "control registers" says '^\$13 = 1$'
check "a thread that waits keeps its place" says 'waits in a kernel call: its place cannot be changed'
report
