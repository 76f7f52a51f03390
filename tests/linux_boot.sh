#!/bin/sh
# A PC image with Debian's Linux kernel boots by the BIOS to a shell; what is typed at power-on waits
# for the shell; neither direction of the console loses a byte; every crossing and instruction is
# counted; the same run twice has the same digest; the image file stays as it is. On screen and
# keyboard in place of the serial port the shell is there, too.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
flatfish=$build/flatfish
test -x "$flatfish" && test ! "$flatfish" -ef "$srcdir/flatfish" ||
    { echo "no flatfish is built here"; exit 77; }

code=0
(cd "$build" && sh "$srcdir/tests/linux/linux-image.sh" "$work/linux.img") 2>why || code=$?
cat why
[ $code = 77 ] && exit 77
[ $code = 0 ] || { bad "the image could not be made"; report; exit 1; }
before=$(sha256sum <linux.img)

# linux NAME OPTION...: a run with the console input in the file typed
linux() {
    name=$1
    shift
    ends 0 "$flatfish" run --pc --disk linux.img --mem 128 --timeout 400 --input typed "$@"
    tr -d '\r' <out >"$name.out"
    cat out err | tr -d '\r' | grep '^digest: [0-9a-f]\{64\}$' >"$name.digest"
    grep '^flatfish' err
}

printf '%s\n' 'echo sum $((6 * 7))' 'uname -s' 'seq 1 3000' 'poweroff -f' >typed
linux first --stats s.json --trace t --digest
if ! grep -q 'shell follows' first.out; then
    bad "no shell"
    tail -n 5 first.out err
    report
    exit 1
fi
check "the shell computes" grep -qx 'sum 42' first.out
check "the kernel is Linux" grep -qx 'Linux' first.out
seq 1 3000 >wanted
sed -n '/^1$/,/^3000$/p' first.out >got
check "3,000 lines of output arrive" cmp wanted got
check "trace and statistics agree" "$build/sim/tests/trace_matches" s.json t
count() { sed -n "s/^ *\"$1\": *\([0-9]*\),*$/\1/p" s.json | head -n 1; }
check "crossings are counted: $(count crossings)" test "$(count crossings)" -gt 10000
check "system calls are counted: $(count syscall)" test "$(count syscall)" -gt 100
check "system management mode is no VM guest" test "$(count vmenter)" = 0
rm -rf t

linux second --digest --script overhead -- --plot none --save table.csv
check "there is a digest" test -s first.digest
check "the same machine twice" cmp first.digest second.digest
count icount >wanted
sed -n 's/^sum,.*,.*,.*,\([0-9]*\),100.*/\1/p' table.csv >got
check "the table of overhead adds up to its instructions" cmp wanted got
check "the image is as it was" test "$(sha256sum <linux.img)" = "$before"

# More input than any buffer on the way holds: the tty's line buffer has 4 KiB.
{ echo 'cat >/f <<END'; seq 1 3000; echo 'END'; echo 'md5sum /f'; echo 'poweroff -f'; } >typed
linux third
check "3,000 lines of input arrive" grep -q "$(seq 1 3000 | md5sum | cut -d' ' -f1)" third.out

# A restart goes through the BIOS again; the second order waits for the second shell.
ends 0 "$flatfish" run --pc --disk linux.img --mem 128 --timeout 400 \
    --input-at '1:reboot -f\n' --input-at '700000000:poweroff -f\n'
check "it boots again after a restart" test "$(grep -c 'shell follows' out)" = 2

# Screen and keyboard.
(cd "$build" && sh "$srcdir/tests/linux/linux-image.sh" "$work/vga.img" tty0) 2>why || cat why
ends 0 "$flatfish" run --pc --disk vga.img --mem 128 --timeout 400 --screen \
    --keys-at '800M:echo "SUM $((6 * 7))" | tr A-Z a-z >/dev/ttyS0; cat /nowher<backspace>re<enter>' \
    --keys-at '900M:echo never<home><right><right><right><right><right><ctrl-k>again<enter>poweroff -f<enter>'
tr -d '\r' <out >vga.out
check "what is typed on the keyboard is computed" grep -qx 'sum 42' vga.out
check "the screen shows it" grep -q '^/ # .*cat /nowhere' vga.out
check "keys without a character edit the line" grep -qx 'again' vga.out

# A debugger from the BIOS through all modes to the first system call of a program, in one session.
if command -v gdb >/dev/null; then
    . "$srcdir/tests/gdb_lib.sh"
    session --pc --disk linux.img --mem 128 -- -ex 'break *0x7c00' -ex continue -ex 'p $cs' -ex delete \
        -ex 'monitor next syscall' -ex continue -ex 'p $cs' -ex 'reverse-stepi' -ex 'p $cs & 3' \
        -ex 'p $cr0 >> 31 & 1' -ex kill
    check "no packet is too long" fails grep -qi 'too long' said
    check "the boot sector by its linear address" says '^Breakpoint 1, 0x0*7c00 in'
    check "Linux's entry" says '^0xffffffff[0-9a-f]* in'
    check "its code segment" says '^\$2 = 16$'
    check "the program's call, one step back" says '^\$3 = 3$'
    check "in long mode" says '^\$4 = 1$'
fi
report
