# tests/pc_lib.sh -- what tests of the PC share: is the firmware here (else skipped), and boot sectors
# made from their source. Sourced behind cli_lib.sh. SPDX-License-Identifier: MIT
flatfish=$build/flatfish
test -x "$flatfish" && test ! "$flatfish" -ef "$srcdir/flatfish" ||
    { echo "no flatfish is built here"; exit 77; }
for rom in /usr/share/bochs/BIOS-bochs-latest /usr/share/vgabios/vgabios.bin; do
    [ -r $rom ] || { echo "no $rom here: the packages bochsbios and vgabios are not installed"; exit 77; }
done

# sector NAME: NAME.bin from tests/pc/NAME.S.
sector() {
    ${CC:-gcc} -m32 -I "$srcdir" -c -x assembler-with-cpp "$srcdir/tests/pc/$1.S" -o "$1.o"
    ld -m elf_i386 -Ttext 0x7c00 --oformat binary -o "$1.bin" "$1.o"
}
