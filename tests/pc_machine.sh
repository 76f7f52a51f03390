#!/bin/sh
# The PC of --pc: firmware boots a raw disk and a CD; serial drivers that never wait, or only wait for
# interrupts, lose nothing; what is written to the disk is read back and never reaches the file; the
# screen comes out as text and picture; a bad image is one line and exit code 1.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
. "$srcdir/tests/pc_lib.sh"

sector boot
lua5.4 "$srcdir/tests/pc/iso.lua" boot.bin boot.iso
dd if=/dev/zero bs=512 count=8 2>/dev/null | cat boot.bin - >disk.img
cp disk.img before.img
echo 'typed long before anybody listens' >typed

# pc NAME OPTION...
pc() {
    name=$1
    shift
    ends 0 "$flatfish" run --pc --mem 32 --timeout 200 --input typed "$@"
    mv out $name.out
    sed -n 's/^flatfish/&/p' err
}

cat >wanted <<X
sent without asking
sent one byte an interrupt
disk holds what was written
typed long before anybody listens
X
pc disk --disk disk.img --quiet --digest
grep -v '^digest' disk.out >said
check "what a disk's guest says" cmp wanted said
check "the disk's file is as it was" cmp disk.img before.img
pc again --disk disk.img --quiet --digest
check "the same run twice" cmp disk.out again.out
check "it has a digest" grep -q '^digest: ' disk.out

# Saved while the BIOS is at work, gone on with in another process: disk, screen and console with it.
pc saving --disk disk.img --quiet --save saved@4000000
ends 0 "$flatfish" run --resume saved --quiet --screen
head -n 4 out >said
check "a saved PC goes on" cmp wanted said
check "its screen too" grep -qx '  ╔ Flatfish ■ PC ╗' out

grep -v '^disk' wanted >wanted_cd
pc cd --cdrom boot.iso --quiet --screen --screenshot cd.png
head -n 3 cd.out >said
check "what a CD's guest says" cmp wanted_cd said
check "the screen as text" grep -qx '  ╔ Flatfish ■ PC ╗' cd.out
check "the screen as a picture" test "$(head -c 8 cd.png | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a
pc both --disk disk.img --cdrom boot.iso --quiet
check "the disk is tried first" cmp wanted both.out

: >empty
head -c 700 disk.img >odd
one_line 1 "empty" "$flatfish" run --pc --disk empty
one_line 1 "no multiple of 512" "$flatfish" run --pc --disk odd
one_line 1 "no multiple of 2048" "$flatfish" run --pc --cdrom disk.img
one_line 1 "nowhere" "$flatfish" run --pc --disk nowhere
one_line 1 "not a file" "$flatfish" run --pc --disk /dev/null
one_line 2 "CPU model" "$flatfish" run --pc --disk disk.img --cpu "no such"
one_line 2 "" "$flatfish" run --pc --disk disk.img --cpu nosuch
if [ -c /dev/full ]; then
    ends 1 "$flatfish" run --pc --disk disk.img --input typed --mem 32 --quiet --screenshot /dev/full
    check "a picture to a full disk is said, in one line" test "$(wc -l <err)" = 1
fi

# A guest that asks every device for nonsense never ends the run but by its own death, or one clear line.
sector stray
head -c 65536 /dev/zero >blank
for seed in '\001\001\007' '\002\001\016' '\021\001\167' '\177\001\171' '\010\001\070'; do
    { head -c 506 stray.bin; printf "$seed"'\003\125\252'; cat blank; } >stray.img
    code=0
    timeout -s KILL 120 "$flatfish" run --pc --disk stray.img --cdrom blank --mem 32 --quiet \
        --max-instr 20M >out 2>err </dev/null || code=$?
    check "stray $seed: an answer, not a crash or a hang: $code" test $code -le 124
    check "stray $seed: in one line at most" test "$(wc -l <err)" -le 1
    check "stray $seed: the end is the guest's" sh -c "! grep -q 'no answer to' err"
done
report
