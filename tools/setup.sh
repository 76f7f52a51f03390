# tools/setup.sh -- set-up for ./flatfish: packages, configure, compile, tests, doctor.
# Sourced by ./flatfish with $root and $build set. Every step leaves either its complete result or
# nothing that a later call would trust, so it may be broken off at any moment.
# SPDX-License-Identifier: MIT

say() { printf '%s\n' "$*" >&2; }
die() { printf 'flatfish: %s\n' "$*" >&2; exit 1; }

# ---- steps with progress ---------------------------------------------------------------------

# One moving line on a terminal; elsewhere a line now and then, to show life.
watch_step() {
    begun=$(date +%s) width=$(stty size <&2 2>/dev/null | cut -d' ' -f2) beats=0
    [ "${width:-0}" -ge 20 ] || width=80         # no terminal, or one that does not know its size
    while kill -0 $$ 2>/dev/null; do
        sleep 0.5
        now=$(($(date +%s) - begun))
        if [ -t 2 ]; then
            printf '\r\033[K%s' "$(printf '  %-10s %4ds  %s' "$1" "$now" "$(activity "$2")" |
                cut -c "1-$((width - 1))")" >&2
        elif [ $((now / 30)) -gt "$beats" ]; then
            beats=$((now / 30))
            say "  $1: $now s, $(activity "$2")"
        fi
    done
}

# What the step is doing, from the last line of its log; Bochs's own log is a count of files.
activity() {
    last=$(tail -n 1 "$1" 2>/dev/null | tr -d '\r' | tr -s ' \t' ' ')
    case $last in
    *BOCHS*compiling*) printf 'Bochs: %s of about 430 files' \
        "$(grep -c '^[^ ]*[gc][c+][c+]* -c ' "$build/bochs/bochs.log" 2>/dev/null || :)" ;;
    *) printf '%s' "${last# }" ;;
    esac
}

# step NAME LOG COMMAND...: runs it with its output in build/LOG; fails with the end of that log.
step() {
    step_name=$1 log=$build/$2
    shift 2
    started=$(date +%s)
    [ -t 2 ] || say "  $step_name ..."
    : >"$log"
    watch_step "$step_name" "$log" 9>&- &
    watcher=$!
    status=0
    ("$@") >"$log" 2>&1 </dev/null 9>&- || status=$?
    stop_watcher
    if [ "$status" -eq 0 ]; then
        printf '  %-10s %4ds  done\n' "$step_name" "$(($(date +%s) - started))" >&2
    fi
    return "$status"
}

stop_watcher() {
    [ -n "${watcher:-}" ] || return 0
    # KILL: a TERM that comes before the new process has set itself up can be lost, for good.
    kill -KILL "$watcher" 2>/dev/null || :
    wait "$watcher" 2>/dev/null || :
    watcher=
    [ ! -t 2 ] || printf '\r\033[K' >&2
}

trap 'stop_watcher' EXIT
trap 'say "flatfish: interrupted; the next call goes on from here"; exit 130' INT
trap 'exit 143' TERM HUP

step_failed() {
    tail -n "${2:-20}" "$log" >&2
    say ""
    die "$step_name failed: $1 The whole log is $log"
}

# ---- packages --------------------------------------------------------------------------------

# The lines of packages.list: package, kind, purpose.
package_list() { sed 's/#.*//; /^ *$/d' "$root/tools/packages.list"; }

# Packages of the given kinds that are not installed, one a line.
missing_packages() {
    command -v dpkg-query >/dev/null || return 0
    kinds=" $* "
    wanted=$(package_list | while read -r package kind purpose; do
        case $kinds in *" $kind "*) printf '%s\n' "$package" ;; esac
    done)
    have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
        sed -n 's/^installed //p')
    for package in $wanted; do
        case "
$have
" in *"
$package
"*) ;; *) printf '%s\n' "$package" ;; esac
    done
}

install_command() { printf '%sapt-get install --no-install-recommends %s' "$sudo" "$*"; }

as_root() {
    sudo=
    [ "$(id -u)" -eq 0 ] || sudo='sudo '
}

apt_install() {
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y \
        --no-install-recommends "$@"
}

# Lists that are absent or out of date make the first try fail: then they are fetched.
apt_install_or_update() {
    apt_install "$@" || { $sudo apt-get update && apt_install "$@"; }
}

need_packages() {
    missing=$(missing_packages "$@" | tr '\n' ' ' | sed 's/ $//')
    [ -n "$missing" ] || return 0
    as_root
    command="$(install_command "$missing")"
    [ -z "${FLATFISH_NO_INSTALL:-}" ] || die "packages are missing; install them with: $command"
    if [ -n "$sudo" ] && ! command -v sudo >/dev/null; then
        die "packages are missing, and there is no sudo here; as root: ${command#sudo }"
    fi
    if [ -t 0 ] && [ -t 2 ]; then
        printf 'Flatfish needs these packages: %s\nInstall them now (%s)? [Y/n] ' \
            "$missing" "$command" >&2
        read -r answer || answer=n
        case $answer in [nN]*) die "not installed; when ready: $command" ;; esac
        [ -z "$sudo" ] || sudo -v || die "sudo refused; as root: ${command#sudo }"
    elif [ -n "$sudo" ]; then
        sudo -n true 2>/dev/null || die "packages are missing, and sudo asks for a password: $command"
    fi
    step packages packages.log apt_install_or_update $missing ||
        step_failed "is the network there? By hand: $command."
}

# ---- build -----------------------------------------------------------------------------------

# configure and make cannot live with these characters in a path, and say so less clearly.
check_path() {
    case $root in
    *[\ \"\#\$\&\'\`\\\*\?\;\|\<\>\(\)]* | *'	'*)
        die "the path of this checkout ($root) holds a space or another character that make \
cannot handle: move the checkout" ;;
    esac
    [ -w "$root" ] || die "cannot write in $root: make it writable, or build elsewhere (docs/install.md)"
}

lock_build() {
    mkdir -p "$build" || die "cannot make $build"
    exec 9>"$build/lock"
    flock -n 9 || {
        say "flatfish: another ./flatfish is building here; waiting for it"
        flock 9
    }
}

configure_arguments() {
    [ -z "${FLATFISH_BOCHS_TARBALL:-}" ] ||
        printf '%s' "--with-bochs-tarball=$(readlink -f "$FLATFISH_BOCHS_TARBALL")"
}

run_configure() {
    cd "$build" || return 1
    if [ -n "$1" ]; then ../configure "$1"; else ../configure; fi
}

run_make() { make -C "$build" -j"$(nproc)" "$@"; }

# Both stamps are written last; a step that was broken off has none and is done again.
configure_build() {
    if [ ! -e "$build/autogen-done" ] || [ ! -x "$root/configure" ]; then
        rm -f "$build/configured"
        step autogen autogen.log "$root/autogen.sh" || step_failed "autoreconf stopped."
        : >"$build/autogen-done"
    fi
    arguments=$(configure_arguments)
    if [ ! -e "$build/configured" ] || [ "$(cat "$build/configured")" != "$arguments" ] ||
        [ ! -e "$build/Makefile" ]; then
        rm -f "$build/configured"
        step configure configure.log run_configure "$arguments" || step_failed "./configure stopped."
        printf '%s\n' "$arguments" >"$build/configured"
    fi
}

setup_build() {
    check_path
    lock_build
    # Another process may have built while we waited for the lock.
    ! is_current || { exec 9>&-; return 0; }
    need_packages build
    configure_build
    : >"$build/built.new"
    step compile make.log run_make all || step_failed "the compiler or a download stopped." 30
    mv "$build/built.new" "$build/built"
    exec 9>&-
    [ -x "$build/flatfish" ] || die "the build made no build/flatfish: see $build/make.log"
}

do_build() {
    setup_build
    say "flatfish: the build is current ($build/flatfish)"
}

do_clean() {
    lock_build
    rm -rf "$build" "$root/autom4te.cache" "$root/build-aux" "$root/configure" "$root/configure~" \
        "$root/aclocal.m4" "$root/config.h.in" "$root/config.h.in~" "$root/Makefile.in"
    say "flatfish: build/ and the generated build files are gone"
}

# ---- check -----------------------------------------------------------------------------------

results() { find "$build" -name '*.trs' -exec sed -n 's/^:test-result: \([A-Z]*\).*/\1/p' {} + ; }

# What a log says of a failure: the lines that begin with FAIL and what follows each, else its end.
reason() {
    if grep -q '^FAIL' "$1" 2>/dev/null; then
        grep -A 12 '^FAIL' "$1" | head -n 40
    else
        tail -n 25 "$1" 2>/dev/null || :
    fi
}

# Every test and its result; below one that did not pass stands why, so that a page of this table that
# somebody else cuts short still shows the reason.
print_table() {
    find "$build" -name '*.trs' | sort | while read -r trs; do
        name=${trs#"$build"/}
        result=$(sed -n 's/^:test-result: \([A-Z]*\).*/\1/p' "$trs")
        printf '  %-8s%s\n' "$result" "${name%.trs}"
        case $result in
        FAIL | ERROR | XPASS) reason "${trs%.trs}.log" | sed 's/^/            /' ;;
        esac
    done
}

count() { results | grep -c "^\($1\)$" || :; }

do_check() {
    need_build_and_check_packages
    setup_build
    find "$build" -name '*.trs' -delete
    status=0 stopped=
    # A time limit from outside (timeout) must not lose what is known by then.
    trap 'stopped=1' TERM
    step tests check.log run_make -k check || status=$?
    trap 'exit 143' TERM
    print_table
    passed=$(count 'PASS\|XFAIL') failed=$(count 'FAIL\|ERROR\|XPASS') skipped=$(count SKIP)
    if [ -n "$stopped" ]; then
        say "flatfish: stopped from outside before all tests were done; that counts as one failed"
        failed=$((failed + 1))
    elif [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
        tail -n 30 "$build/check.log"
        say "flatfish: make check stopped before its tests were done; the whole log is $build/check.log"
        failed=1
    fi
    [ "$skipped" -gt 0 ] && skipped=", $skipped skipped" || skipped=
    printf '%s passed, %s failed%s\n' "$passed" "$failed" "$skipped"
    [ "$failed" -eq 0 ]
}

# One question for both kinds of packages, before anything is compiled.
need_build_and_check_packages() {
    check_path
    mkdir -p "$build"
    need_packages build check
}

# ---- doctor ----------------------------------------------------------------------------------

# item STATE NEEDED WHAT MEND
item() {
    printf '  %-8s %-34s %s\n' "$1" "$3" "$4"
    [ "$1" != missing ] || [ "$2" != needed ] || unwell=1
}

doctor_packages() {
    missing=" $(missing_packages build check optional | tr '\n' ' ')"
    while read -r package kind purpose; do
        case $missing in
        *" $package "*) state=missing mend=$(install_command "$package") ;;
        *) state=ok mend= ;;
        esac
        [ "$kind" != optional ] || [ "$state" = ok ] || mend="$mend   (optional: $purpose)"
        [ "$kind" = optional ] && item "$state" optional "$package" "$mend" ||
            item "$state" needed "$package" "$mend"
    done <<END
$(package_list)
END
}

doctor_bochs() {
    if [ -r "$build/bochs/made-from" ]; then
        item ok needed "Bochs" "compiled in build/bochs"
    elif (cd /tmp && . "$root/tools/bochs.sh" && cache=$(cache_folder /nonexistent 2>/dev/null) &&
        [ -r "$cache/bochs-$BOCHS_SHA256.orig.tar.xz" ]); then
        item ok needed "Bochs" "source is in the cache"
    elif [ -n "${FLATFISH_BOCHS_TARBALL:-}" ] && "$root/tools/fetch-bochs" >/dev/null; then
        item ok needed "Bochs" "source is $FLATFISH_BOCHS_TARBALL"
    elif [ -n "$("$root/tools/debian-mirrors" 2>/dev/null)" ]; then
        item ok needed "Bochs" "will be fetched from this machine's Debian mirror"
    else
        item missing needed "Bochs" "FLATFISH_BOCHS_TARBALL=FILE ./flatfish build"
    fi
}

doctor_build() {
    if is_current; then
        item ok optional "build" ""
    else
        item "not yet" optional "build" "./flatfish build (any other call does it, too)"
    fi
    free=$(df -Pk "$root" | awk 'NR == 2 { print int($4 / 1024) }')
    if [ "${free:-0}" -ge 1024 ]; then
        item ok needed "disk space" "$free MiB free"
    else
        item missing needed "disk space" "1024 MiB wanted, $free MiB free: make room"
    fi
}

do_doctor() {
    unwell=0
    as_root
    if command -v dpkg-query >/dev/null; then
        doctor_packages
    else
        item missing optional "Debian's package tools" "install what tools/packages.list names by hand"
    fi
    doctor_bochs
    doctor_build
    [ "$unwell" -eq 0 ]
}
