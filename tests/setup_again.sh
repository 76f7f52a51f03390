#!/bin/sh
# A second make has nothing to do: whatever the first one made on the way is still there, and not made
# again.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
cd "$build" || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL

make V=0 all >"$work/again" 2>"$work/err"
check "make has nothing to say" test ! -s "$work/err"
check "nor anything to make" sh -c "! grep -E '^  [A-Z]+ |^rm ' '$work/again'"
programs=0
for program in monitors/programs/*.elf; do
    [ -e "${program%.elf}.o" ] || bad "$program: its object was thrown away"
    programs=$((programs + 1))
done
check "there are programs" test $programs -gt 10
report
