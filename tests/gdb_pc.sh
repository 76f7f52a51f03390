#!/bin/sh
# Stock GDB debugs a PC from its first instruction through 16, 32 and 64 bits in one session: breakpoints
# by linear address hit in each mode, registers keep their layout, watchpoints and the way back work.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
. "$srcdir/tests/gdb_lib.sh"
for rom in /usr/share/bochs/BIOS-bochs-latest /usr/share/vgabios/vgabios.bin; do
    [ -r $rom ] || { echo "no $rom here: the packages bochsbios and vgabios are not installed"; exit 77; }
done

${CC:-gcc} -g -c -x assembler-with-cpp "$srcdir/tests/pc/modes.S" -o modes.o
ld -m elf_x86_64 -Ttext 0x7c00 -e _start -o modes.elf modes.o
objcopy -O binary -j .text modes.elf modes.bin
dd if=/dev/zero bs=512 count=8 2>/dev/null | cat modes.bin - >disk.img

plain=$("$flatfish" run --pc --disk disk.img --mem 32 --quiet --digest 2>err </dev/null |
    sed -n 's/^digest: //p')
session --pc --disk disk.img --mem 32 -- modes.elf -ex 'p/x $rip' -ex 'break *0x7c00' -ex continue \
    -ex 'break real' -ex continue -ex 'p $cs' -ex stepi -ex 'p/x $rip' \
    -ex 'break protected' -ex continue -ex 'p $cs' -ex 'p *(int *)&steps' \
    -ex 'break long_mode' -ex continue -ex 'p $cs' -ex 'p *(int *)&steps' -ex stepi -ex 'p/x $r15' \
    -ex delete -ex 'watch -location *(int *)&steps' -ex continue -ex reverse-continue \
    -ex reverse-continue -ex 'p $cs' -ex 'p *(int *)&steps' -ex delete -ex continue
check "no packet is too long" fails grep -qi 'too long' said
check "the first instruction, by its linear address" says '^\$1 = 0xfffffff0$'
check "a breakpoint in 16 bits" says 'Breakpoint 1, _start'
check "and where the segment does not begin at 0" says 'Breakpoint 2, real'
check "its code segment" says '^\$2 = 1984$'
check "a step there" says '^\$3 = 0x7c08$'
check "in 32 bits" says 'Breakpoint 3, protected'
check "its code segment" says '^\$4 = 8$'
check "its memory" says '^\$5 = 1$'
check "in 64 bits" says 'Breakpoint 4, long_mode'
check "its code segment" says '^\$6 = 24$'
check "its memory" says '^\$7 = 2$'
check "registers of 64 bits" says '^\$8 = 0x1122334455667788$'
check "a write is seen" says '^New value = 3$'
check "back into 32 bits" says '^\$9 = 8$'
check "with what memory held then" says '^\$10 = 1$'
check "the machine ends as it would" [ "$ended" = 0 ]
check "and its run is the same" [ "$digest" = "$plain" ]
report
