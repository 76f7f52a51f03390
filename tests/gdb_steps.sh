#!/bin/sh
# Stock GDB steps from a faulting instruction of level 3 through the kernel, the pager, what the pager
# asks for, and back, with source lines and stitched backtraces of all; and backwards with equal registers.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
. "$srcdir/tests/gdb_lib.sh"
timeout 900 "$flatfish" gdb 'pager(frames=64,policy=fifo)/memtest(mib=1,passes=1)' --batch \
    -- -nx -x "$srcdir/tests/gdb_steps.py" >said 2>err </dev/null
passed=$(grep -c '^PASS ' said)
failed=$(grep -c '^FAIL ' said)
sed -n '/^FAIL /,/^PASS /p' said | grep -v '^PASS ' | head -n 60
check "all of it was done" grep -qx DONE said || tail -n 20 err
report
