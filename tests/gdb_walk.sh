#!/bin/sh
# GDB steps backwards through a whole nested fault, from the application of level 3 through the kernel, its
# pager and kserver and back: each of thousands of instructions, with the registers of the way there.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
. "$srcdir/tests/gdb_lib.sh"
timeout 1500 "$flatfish" gdb 'pager(frames=64,policy=fifo)/memtest(mib=1,passes=1)' --batch --console=/dev/null \
    -- -nx -x "$srcdir/tests/gdb_walk.py" >said 2>err </dev/null
passed=$(grep -c '^PASS ' said)
failed=$(grep -c '^FAIL ' said)
grep -A 1 '^FAIL ' said
grep 'a second$' said
check "all of it was done" grep -qx DONE said || tail -n 20 err
report
