#!/bin/sh
# The lesson in docs/gdb.md can be followed: each of its commands, in its order, does its work, and GDB
# stops where the lesson says, in words if not in numbers.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
. "$srcdir/tests/gdb_lib.sh"
sed -n 's/^    (gdb) //p' "$srcdir/docs/gdb.md" >commands
nest=$(sed -n "s/^    flatfish gdb '\([^']*\)' --console.*/\1/p" "$srcdir/docs/gdb.md")
check "the lesson has commands" [ "$(wc -l <commands)" -gt 20 ]
sed 's/.*/echo (gdb) &\\n\n&/' commands >script
timeout 600 "$flatfish" gdb "$nest" --console=console --batch -- -nx -x script >said 2>&1 </dev/null
check "each is understood" [ "$(grep -c '^(gdb) ' said)" = "$(wc -l <commands)" ]
grep 'Error in sourced' -A 2 said
check "and does its work" [ "$(grep -c 'Error in sourced' said)" = 0 ]

# What a stop is about: events, functions and files, without numbers, in the lesson and here.
stops() { grep -o ' hit [A-Za-z ]*Breakpoint\|^ *\(exception\|SYSRET\|IRET\|SYSCALL\) .*\|^ *L[0-9] .*: at work\|#0 .* at .*\.[cS]:' "$1" |
    grep -v '\.\.\.' | sed 's/^ *//; s/0x[0-9a-f]*//g; s/[0-9][0-9]*/N/g; s/ (.*) at / at /; s, at \(\.\./\)*, at ,'; }
sed -n '/^## 2/,/^## To look/s/^    //p' "$srcdir/docs/gdb.md" >lesson
sed -n '/^(gdb) break/,$p' said >followed
stops lesson >wanted
stops followed >seen
check "the lesson has stops" [ "$(wc -l <wanted)" -gt 20 ]
check "and GDB stops where the lesson says" cmp -s wanted seen
diff wanted seen | head -n 20
report
