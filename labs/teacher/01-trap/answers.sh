#!/bin/sh
# labs/teacher/01-trap/answers.sh FLATFISH -- the answers of lab 1, by GDB and from a trace. Works in the current folder.
# SPDX-License-Identifier: MIT
set -e
flatfish=$1
nest='pager(frames=32,policy=fifo)/memtest(mib=1,passes=1)'
"$flatfish" gdb "$nest" --console=console.txt --batch -ex 'inferior 3' -ex 'break store_write' -ex continue -ex 'print page' \
    -ex 'nest bt' -ex 'nest step to=kserver' -ex 'nest why' -ex 'nest bt' -ex 'nest finish' -ex 'nest finish' -ex 'nest tree' >said 2>&1
"$flatfish" run "$nest" --trace t --quiet >/dev/null
"$flatfish" trace export --format csv t >t.csv
address=$(sed -n 's/.*page fault, read of \(0x[0-9a-f]*\)$/\1/p' said | head -n 1)
served=$(sed -n 's/^instruction \([0-9,]*\): L1 kserver runs$/\1/p' said | tr -d ,)
back=$(sed -n 's/^ *thread 1000000.1: instruction \([0-9,]*\)$/\1/p' said | tail -n 1 | tr -d ,)
trapped=$(awk -F, -v end="$served" -v at="$address" '$2 == "exception" && $10 == at && $1 < end { n = $1 } END { print n }' t.csv)
echo "address = $address"
echo "trapped = $trapped"
echo "page = $(sed -n 's/^\$1 = //p' said)"
echo "call = $(sed -n 's/^L2 pager .*: call of //p' said | head -n 1)"
echo "served = $served"
echo "back = $back"
echo "calls = $(awk -F, -v a="$trapped" -v b="$back" '$2 == "syscall" && $11 == "\"pager\"" && $1 >= a && $1 <= b' t.csv | wc -l)"
