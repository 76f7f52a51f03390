#!/bin/sh
# Stock GDB with no command of ours sees every level of a nest with its own symbols, follows a fault of
# the innermost program into the kernel and into the pager, goes back, and changes nothing in the run.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
. "$srcdir/tests/gdb_lib.sh"
nest='pager(frames=64)/tracer/memtest(mib=1,passes=1)'

plain=$("$flatfish" run "$nest" --quiet --digest 2>err </dev/null | sed -n 's/^digest: //p')

session "$nest" -- -ex 'info inferiors' -ex 'set schedule-multiple on' \
    -ex 'break memtest.c:40' -ex continue -ex 'bt 1' \
    -ex 'monitor next fault from=memtest' -ex continue -ex 'bt 1' \
    -ex 'monitor next any' -ex continue -ex 'bt 1' -ex 'monitor chain' \
    -ex 'reverse-stepi' -ex 'monitor where'
check "the levels are inferiors" says 'target:/L4/memtest'
check "of which each has its program" says 'target:/L2/pager'
check "a breakpoint by source line" says 'hit Breakpoint 1, walk (pass=0'
check "into the kernel's entry" says 'exception 14 from L4 memtest to kernel'
check "with its source" says 'arch/x86_64/entry.S'
check "into the pager" says 'from kernel to L2 pager'
check "who waits for whom" says 'L4 memtest main: waits for pager'
check "and back to the pager's own last instruction" says 'L2 pager .* at serve+.*(running)'
check "let go, the machine ends as it would" [ "$ended" = 0 ]
check "and its run is the same" [ "$digest" = "$plain" ]

session "$nest" -- -ex 'watch *(long*)0x10010000' -ex 'break memtest.c:44' -ex 'delete 1' -ex continue \
    -ex 'stepi' -ex 'p/x $rip' -ex 'reverse-stepi' -ex 'reverse-stepi' -ex 'stepi' -ex 'stepi' -ex 'p/x $rip'
two=$(sed -n 's/^\$[12] = //p' said | sort | uniq | wc -l)
check "forth, back and forth again is the same place" [ "$two" = 1 ]

session "$nest" -- -ex 'break memtest.c:40' -ex continue -ex 'monitor mem 0x10010000' -ex 'x/gx 0x10010000' \
    -ex 'stepi 5' -ex 'x/gx 0x10010000'
check "memory that nobody has supplied yet is not shown" says 'Cannot access memory at address 0x10010000'
check "and who would supply it is known" says 'pager would be asked for it'

echo "gdb.execute('source $srcdir/sim/gdb/python/nest.py')" >own.py
session "$nest" -- -x own.py -ex 'nest tree' -ex kill
check "a script in Python can source the nest commands" says 'L1 kserver (process 1)'

session "$nest" -- -x own.py -ex 'break mempool_alloc' -ex continue -ex 'nest step to=tracer' -ex 'nest bt 1' \
    -ex 'nest step to=kserver' -ex 'nest bt 1' -ex kill
check "who asks whom, by which port" says 'the kernel hands it over by port [0-9]* of L3 tracer; then L3 tracer thread'
check "also further out" says 'the kernel hands it over by port [0-9]* of L1 kserver; then L1 kserver thread'

session 'null*16/hello' -- -ex 'info inferiors' -ex kill
check "19 spaces are told of, each with its program" [ "$(grep -c 'process .* target:/L[0-9]*/' said)" = 19 ]
check "the outermost, too" says 'process 1 .* target:/L1/kserver'

session "$nest" -- -ex kill
check "kill ends the machine" [ "$ended" = 0 ]
report
