#!/bin/sh
# Bochs's source: only the right bytes are ever taken or kept, the mirror is found in every form of
# apt's sources and in no third-party one, and a full cache needs no network.
# SPDX-License-Identifier: MIT
. "${srcdir:-$(dirname "$0")/..}/tests/setup_lib.sh"
. "$srcdir/tools/bochs.sh"
fetch=$srcdir/tools/fetch-bochs

# No apt-get may be reached: one that fails stands first in the path.
mkdir "$scratch/bin" "$scratch/cache"
printf '#!/bin/sh\ntouch "%s/network"\nexit 100\n' "$scratch" >"$scratch/bin/apt-get"
chmod +x "$scratch/bin/apt-get"
PATH=$scratch/bin:$PATH
export PATH FLATFISH_CACHE="$scratch/cache"
kept=$scratch/cache/bochs-$BOCHS_SHA256.orig.tar.xz

echo "not Bochs" >"$scratch/wrong.tar.xz"
expect 1 "a tarball with a wrong hash" "$fetch" "$scratch/wrong.tar.xz"
says "its SHA-256 is not" "a tarball with a wrong hash"
same "$(wc -l <"$scratch/out")" 1 "a wrong hash gives one line"
expect 1 "a tarball that is not there" "$fetch" "$scratch/none.tar.xz"
says "cannot read" "a tarball that is not there"
expect 1 "FLATFISH_BOCHS_TARBALL with a wrong hash" \
    env FLATFISH_BOCHS_TARBALL="$scratch/wrong.tar.xz" "$fetch"
same "$(ls "$scratch/cache")" "" "nothing wrong is kept"
same "$(ls "$scratch/network" 2>/dev/null)" "" "a given file needs no network"

# A damaged copy in the cache is thrown away and asked for again.
mkdir -p "$scratch/etc"
printf 'deb http://mirror.example.org/debian bookworm main\n' >"$scratch/etc/sources.list"
cp "$scratch/wrong.tar.xz" "$kept"
expect 1 "a damaged cache without network" env FLATFISH_APT_ETC="$scratch/etc" "$fetch"
says "--with-bochs-tarball" "without network"
same "$(ls "$kept" 2>/dev/null)" "" "the damaged copy is gone"
same "$(ls "$scratch/network")" "$scratch/network" "the mirror was asked"
same "$(ls "$scratch/cache")" "" "the private apt set-up is cleared away"

# An apt-get that serves other bytes under the right name.
cat >"$scratch/bin/apt-get" <<'END'
#!/bin/sh
case " $* " in *" source "*) echo forged >bochs_3.0+dfsg.orig.tar.xz ;; esac
END
expect 1 "a mirror that serves other bytes" env FLATFISH_APT_ETC="$scratch/etc" "$fetch"
says "not kept" "a mirror that serves other bytes"
same "$(ls "$scratch/cache")" "" "forged bytes are not kept"

# mirrors TEXT [deb822]: the URIs found when that is all that apt has
mirrors() {
    rm -rf "$scratch/etc"
    mkdir -p "$scratch/etc/sources.list.d"
    if [ $# -gt 1 ]; then
        printf '%b' "$1" >"$scratch/etc/sources.list.d/x.sources"
    else
        printf '%b' "$1" >"$scratch/etc/sources.list"
    fi
    FLATFISH_APT_ETC=$scratch/etc "$srcdir/tools/debian-mirrors" | cut -f1 | tr '\n' ' '
}
m=http://m.example.org
same "$(mirrors "deb $m/debian bookworm main\n")" "$m/debian " "one-line form"
same "$(mirrors "deb [arch=amd64 signed-by=/k.gpg] $m/debian/ trixie main # note\n")" "$m/debian " "options"
same "$(mirrors "deb $m/archive/debian/20250901T000000Z bookworm main\n")" \
    "$m/archive/debian/20250901T000000Z " "a dated mirror"
same "$(mirrors "# deb $m/debian bookworm main\n")" "" "a comment"
same "$(mirrors "deb $m/debian-security bookworm-security main\n")" "" "the security archive"
same "$(mirrors "deb https://packages.example.com/debian/12/prod bookworm main\n")" "" "a third party"
same "$(mirrors "deb https://apt.example.com/debian nodistro main\n")" "" "a third party's suite"
same "$(mirrors "deb file:/srv/debian bookworm main\ndeb cdrom:[x]/debian bookworm main\n")" "" "not http"
same "$(mirrors "deb $m/debian bookworm main\ndeb $m/debian bookworm-updates main\n")" "$m/debian " "once"
same "$(mirrors "Types: deb\nURIs: $m/debian\nSuites: bookworm bookworm-updates\nComponents: main\n" x)" \
    "$m/debian " "deb822 form"
same "$(mirrors "Types: deb\nEnabled: no\nURIs: $m/debian\nSuites: bookworm\n\n" x)" "" "a disabled stanza"
same "$(mirrors "Types: deb\nURIs:\n $m/debian\n https://n.example.org/debian\nSuites: trixie\nSigned-By:\n -----BEGIN\n .\n x\n\nTypes: deb\nURIs: $m/debian-security\nSuites: trixie-security\n" x)" \
    "$m/debian https://n.example.org/debian " "folded fields, two stanzas, a key inside"
verdict
