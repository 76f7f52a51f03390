#!/bin/sh
# tests/linux/linux-image.sh OUT [CONSOLE] -- makes OUT, a disk image that boots Debian's own Linux
# kernel (package linux-image-amd64) to a shell on the serial port, or on CONSOLE (tty0: screen and
# keyboard), with busybox-static as its user space.
#
# The packages are downloaded by apt-get into the cache and unpacked there; nothing is installed and
# the machine's package lists stay as they are. Exit code 77: cannot be made here, the reason is said.
# Run in the build folder; needs as and ld (binutils), gcc, lua5.4, cpio, xz.
# SPDX-License-Identifier: MIT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../tools/bochs.sh"
out=$1

# What makes the boot short: no self tests of ciphers, no walk over all pages for the W+X check, no
# second look at work that virtual time makes exact anyway.
COMMAND="console=${2:-ttyS0,115200} cryptomgr.notests rodata=off mitigations=off nosmp init_on_alloc=0 \
rcupdate.rcu_expedited=1 panic=-1"

skip() { say "linux-image.sh: $*"; exit 77; }
for program in apt-get apt-cache dpkg-deb cpio xz lua5.4 ld gcc; do
    command -v "$program" >/dev/null || skip "there is no $program here"
done

cache=$(cache_folder "$PWD/bochs/cache")/linux
mkdir -p "$cache"
work=$(mktemp -d "$cache/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM

# Without package lists (a fresh container), lists of our own.
private=
newest() { apt-cache $private depends --important linux-image-amd64 2>/dev/null |
    sed -n 's/^ *Depends: *\(linux-image-[0-9].*\)/\1/p' | head -n 1; }
lists_of_our_own() {
    mkdir -p "$work/lists/partial" "$work/apt/archives/partial"
    private="-o Dir::State::Lists=$work/lists -o Dir::Cache=$work/apt -o APT::Sandbox::User=$(id -un)"
    # shellcheck disable=SC2086 # options
    apt-get $private update >"$work/log" 2>&1 </dev/null || true
}

# get PACKAGE: its newest .deb in the cache, downloaded when it is not there.
get() {
    kept=$(find "$cache" -maxdepth 1 -name "$1_*.deb" -type f | sort | tail -n 1)
    if [ -z "$kept" ]; then
        # shellcheck disable=SC2086
        (cd "$work" && apt-get $private download "$1" >>"$work/log" 2>&1 </dev/null) ||
            skip "cannot download the package $1 (no network?): $(tail -n 1 "$work/log")"
        mv "$work/$1_"*.deb "$cache/"
        kept=$(find "$cache" -maxdepth 1 -name "$1_*.deb" -type f | sort | tail -n 1)
    fi
    printf '%s\n' "$kept"
}

kernel=$(find "$cache" -maxdepth 1 -name 'linux-image-[0-9]*.deb' -type f | sort | tail -n 1)
if [ -n "$kernel" ]; then
    kernel=$(basename "$kernel" | sed 's/_.*//')
else
    kernel=$(newest)
    if [ -z "$kernel" ]; then
        lists_of_our_own
        kernel=$(newest)
    fi
    [ -n "$kernel" ] || skip "apt knows no package linux-image-amd64 here"
fi
kernel_deb=$(get "$kernel") || exit
busybox_deb=$(get busybox-static) || exit

dpkg-deb --fsys-tarfile "$kernel_deb" | tar -x -C "$work" --wildcards './boot/vmlinuz*'
dpkg-deb --fsys-tarfile "$busybox_deb" | tar -x -C "$work" --wildcards '*bin/busybox'
mkdir -p "$work/tree/bin"
mv "$(find "$work" -name busybox -type f | head -n 1)" "$work/tree/bin/busybox"
cp "$here/init" "$work/tree/init"
chmod 755 "$work/tree/init" "$work/tree/bin/busybox"
(cd "$work/tree" && find . | LC_ALL=C sort |
    cpio --quiet -o -H newc -R 0:0 --reproducible >"$work/initrd")

gcc -m32 -c -x assembler-with-cpp "$here/loader.S" -o "$work/loader.o"
ld -m elf_i386 -Ttext 0x7c00 --oformat binary -o "$work/loader" "$work/loader.o"
lua5.4 "$here/image.lua" "$work/loader" "$(find "$work/boot" -name 'vmlinuz*')" "$work/initrd" \
    "$work/image" "$COMMAND"
mv "$work/image" "$out"
say "linux-image.sh: $out boots $kernel"
