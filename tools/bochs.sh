# tools/bochs.sh -- what the Bochs scripts share: which Bochs, its flags, the cache, one build.
# Sourced, never run. The cache only saves time: every file in it is named by a hash of all that it
# was made from, so deleting any of it (or all) is always safe.
# SPDX-License-Identifier: MIT

BOCHS_VERSION=3.0
BOCHS_PACKAGE=3.0+dfsg-1
BOCHS_SUITE=trixie
BOCHS_SHA256=78f6c73d4a6472d5130a87ab9dc306d02c7c71ed8e25b3a8ef642e2a7acd282b

# Ours and stock Bochs are configured alike, so that measuring one against the other is fair.
# --prefix: where Debian's bochsbios and vgabios packages put the PC ROMs.
BOCHS_FLAGS="--prefix=/usr --enable-x86-64 --enable-cpu-level=6 --enable-all-optimizations \
--enable-vmx=2 --enable-svm --enable-avx --enable-evex --with-nogui --disable-plugins \
--disable-docbook"
BOCHS_CFLAGS="-O2 -g0"

say() { printf '%s\n' "$*" >&2; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

sha256_of() { sha256sum <"$1" | cut -d' ' -f1; }

# The cache folder, made on the way; $1 is used when the user's own cannot be written.
cache_folder() {
    folder=${FLATFISH_CACHE:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/flatfish}
    if mkdir -p "$folder" 2>/dev/null && [ -w "$folder" ]; then
        printf '%s\n' "$folder"
    else
        mkdir -p "$1" && printf '%s\n' "$1"
    fi
}

# Hash of everything that a build of Bochs depends on; the arguments are the files of ours in it.
bochs_key() {
    {
        printf '%s\n' "$BOCHS_SHA256" "$BOCHS_FLAGS" "$BOCHS_CFLAGS"
        ${CC:-gcc} --version
        ${CXX:-g++} --version
        ${LD:-ld} --version
        uname -m
        cat "$@"
    } | sha256sum | cut -d' ' -f1
}

# bochs_unpack FOLDER TARBALL: unpack into FOLDER/bochs-3.0, replacing what a broken-off build left.
bochs_unpack() {
    rm -rf "$1/bochs-$BOCHS_VERSION"
    mkdir -p "$1"
    tar -xJf "$2" -C "$1" || die "cannot unpack $2 (is xz-utils installed? is the disk full?)"
}

# bochs_make FOLDER LOG LINK-OPTION CONFIGURE-FLAGS...: configure and compile the unpacked tree in
# FOLDER. LINK-OPTION is for the link of Bochs's own program at the end.
# The user's flags stay out: they belong to Flatfish, and would make every Bochs a different one.
# SOURCE_DATE_EPOCH keeps the compile date out of the objects: equal inputs, equal bytes.
bochs_make() {
    folder=$1 log=$2 link=$3
    shift 3
    unset CPPFLAGS LDFLAGS LIBS CONFIG_SITE DESTDIR CDPATH
    export SOURCE_DATE_EPOCH=1740000000
    MAKEFLAGS=${MAKEFLAGS-}
    export MAKEFLAGS="${MAKEFLAGS%%-- *}"   # the job server's part stays, VARIABLE=value goes
    if (cd "$folder" && CC=${CC:-gcc} CXX=${CXX:-g++} CFLAGS=$BOCHS_CFLAGS CXXFLAGS=$BOCHS_CFLAGS \
            ./configure $BOCHS_FLAGS "$@" </dev/null &&
            ${MAKE:-make -j$(nproc)} bochs EXTRA_LINK_OPTS="$link") >"$log" 2>&1; then
        return 0
    fi
    tail -n 15 "$log" >&2
    die "Bochs did not build; the whole log is $log"
}

# cache_put FILE NAME: keep a copy, whole or not at all; a full disk only costs the time saved.
cache_put() {
    cp "$1" "$cache/$2.$$" 2>/dev/null && mv "$cache/$2.$$" "$cache/$2" || rm -f "$cache/$2.$$"
}

# Old entries go: the newest six of each kind are kept.
cache_trim() {
    ls -t "$cache" | grep "^$1-" | tail -n +7 | while read -r old; do rm -f "$cache/$old"; done
}
