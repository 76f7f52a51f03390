#!/bin/sh
# Property: whatever the memory, the initrd and the command line are, a machine starts its root
# program, or says in one line why the kernel cannot, with code 124: never a panic. Under QEMU and
# under Flatfish, whichever is there.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
kernel=$build/kernel/fk.elf
initrd=$build/kernel/tests/initrd.tar

qemu() {
    timeout 60 qemu-system-x86_64 -accel tcg -cpu max -m "$1" -display none -no-reboot -nodefaults \
        -serial stdio -device isa-debug-exit,iobase=0xf4,iosize=4 -kernel "$kernel" -append "$3" \
        ${2:+-initrd "$2"}
}
flatfish() {
    timeout 60 "$build/flatfish" run --quiet --mem "$1" --kernel "$kernel" --append "$3" \
        ${2:+--initrd "$2"}
}

# QEMU's exit device answers 2 * code + 1, of which 8 bits are left.
code_of() { if [ "$machine" = qemu ]; then echo $((($1 * 2 + 1) % 256)); else echo "$1"; fi; }

starts() {
    ends "$(code_of 0)" $machine "$@"
    check "$machine $1: it passes" grep -q '^PASS' out
}

# refused PATTERN MEMORY INITRD COMMAND-LINE
refused() {
    pattern=$1
    shift
    ends "$(code_of 124)" $machine "$@"
    tr -d '\r' <out | grep '^kernel: ' >lines || :
    check "$machine $1: one line with '$pattern'" test "$(grep -c "$pattern" lines):$(wc -l <lines)" = 1:1
    check "$machine $1: no panic" test "$(grep -c panic out)" = 0
}

: >empty
head -c 700 "$initrd" >cut
head -c 4096 "$kernel" | tail -c 2048 >random
long=$(head -c 3900 /dev/zero | tr '\0' x)

everything() {
    for memory in 16 17 33 3072; do
        starts $memory "$initrd" root=t_start.elf
    done
    starts 64 "$initrd" "root=t_start.elf $long"
    refused 'no initrd' 64 "" root=t_start.elf
    refused 'initrd' 64 random root=t_start.elf
    refused 'initrd' 64 cut root=t_start.elf
    refused 'not in the initrd' 64 "$initrd" root=nobody.elf
    refused 'kmem=.*: 31' 64 "$initrd" 'root=t_start.elf kmem=40'
    for kmem in 99999999999999999999999 0 1 abc 3x -4 ''; do
        refused 'kmem=.*from 2 to' 64 "$initrd" "root=t_start.elf kmem=$kmem"
    done
    starts 64 "$initrd" 'kmem=2 root=t_start.elf'
    starts 64 "$initrd" 'root=t_start.elf xkmem=abc' # another word
}

machine=qemu
if command -v qemu-system-x86_64 >/dev/null; then
    everything
    starts 10 "$initrd" root=t_start.elf # the simulator has at least 16 MiB
    refused 'too little memory' 4 "" root=t_start.elf
    refused 'initrd' 64 empty root=t_start.elf
    # 5,000 bytes do not fit in QEMU's boot ROM, which lets them run over the start info.
    refused 'command line' 64 "$initrd" "root=t_start.elf $long$long"
fi
machine=flatfish
everything
one_line 2 'command line.*4095 fit' flatfish 64 "$initrd" "root=t_start.elf $long$long"
report
