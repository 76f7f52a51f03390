#!/bin/sh
# The wrapper: starts the program at once when nothing changed, sees every kind of change, works from
# any folder and through a link, refuses what cannot work with one clear line, and installs nothing
# that it was not let to. Set-up itself (apt-get, configure, make) is played by stand-ins here.
# SPDX-License-Identifier: MIT
. "${srcdir:-$(dirname "$0")/..}/tests/setup_lib.sh"

# A checkout with a program that says its arguments, and a configure that takes no time.
make_checkout() {
    mkdir -p "$1/tools" "$1/sim" "$1/bin"
    cp "$srcdir/flatfish" "$1/"
    cp "$srcdir/tools/setup.sh" "$srcdir/tools/bochs.sh" "$srcdir/tools/packages.list" \
        "$srcdir/tools/fetch-bochs" "$srcdir/tools/debian-mirrors" "$1/tools/"
    echo 'int x;' >"$1/sim/x.c"
    touch "$1/configure.ac" "$1/Makefile.am" "$1/sim/local.mk" "$1/tools/local.mk"
    printf '#!/bin/sh\nprintf "#!/bin/sh\\ntouch Makefile\\n" >"%s/configure"; chmod +x "%s/configure"\n' \
        "$1" "$1" >"$1/autogen.sh"
    cat >"$scratch/program" <<'END'
#!/bin/sh
echo "program in $(pwd): $*"
exit 7
END
    chmod +x "$1/autogen.sh" "$scratch/program"
}
mkdir "$scratch/bin"
cat >"$scratch/bin/make" <<END
#!/bin/sh
echo made >>"$scratch/makes"
[ ! -e "$scratch/make-fails" ] || { echo "error: no such thing"; exit 2; }
case " \$* " in *" check "*) . "$scratch/check"; exit ;; esac
cp "$scratch/program" "$scratch/tree/build/flatfish"
END
# Every package is there, unless its name is in the file "absent".
cat >"$scratch/bin/dpkg-query" <<END
#!/bin/sh
for word; do
    case \$word in -*|*\$*) continue ;; esac
    grep -qx "\$word" "$scratch/absent" || echo "installed \$word"
done
END
cat >"$scratch/bin/apt-get" <<END
#!/bin/sh
echo "\$*" >>"$scratch/installs"
END
chmod +x "$scratch/bin/"*
: >"$scratch/absent"
: >"$scratch/makes"
PATH=$scratch/bin:$PATH
export PATH FLATFISH_CACHE="$scratch/cache"
tree=$scratch/tree
make_checkout "$tree"
makes() { wc -l <"$scratch/makes"; }

expect 7 "the first call builds, and gives the program's exit code" "$tree/flatfish" run a "b c"
says "program in $(pwd): run a b c" "the program runs in the caller's folder"
same "$(makes)" 1 "make ran once"
expect 7 "the second call" "$tree/flatfish" run
same "$(makes)" 1 "make did not run again"
same "$(wc -l <"$scratch/out")" 1 "the second call says nothing of its own"

# The overhead of a call with nothing to do, the best of five.
best=99999
for i in 1 2 3 4 5; do
    t0=$(date +%s%N)
    "$tree/flatfish" run >/dev/null
    ms=$((($(date +%s%N) - t0) / 1000000))
    [ "$ms" -ge "$best" ] || best=$ms
done
echo "second call: $best ms"
[ "$best" -lt 300 ] && fine || wrong "a second call takes $best ms, not under 300"

rebuilds() { n=$(makes); "$tree/flatfish" run >/dev/null 2>&1; same "$(makes)" $((n + 1)) "$1 rebuilds"; }
sleep 0.02; echo 'int y;' >"$tree/sim/x.c"; rebuilds "an edited file"
sleep 0.02; touch "$tree/sim/new.c"; rebuilds "a new file"
sleep 0.02; rm "$tree/sim/new.c"; rebuilds "a removed file"
sleep 0.02; touch -d 2001-01-01 "$scratch/old.c"; mv "$scratch/old.c" "$tree/sim/x.c"; rebuilds "an old file put in place"

for part in flatfish autogen.sh configure.ac Makefile.am sim/local.mk tools/setup.sh; do
    sleep 0.02; touch "$tree/$part"; rebuilds "$part, touched,"
done
sleep 0.02; mkdir "$tree/doc"; touch "$tree/doc/local.mk"; rebuilds "a new part"
sleep 0.02; mkdir "$tree/t"; echo >"$tree/t/events"; echo >"$tree/s.json"
n=$(makes)
"$tree/flatfish" run >/dev/null 2>&1
same "$(makes)" "$n" "a trace or a picture left in the checkout rebuilds nothing"
rm -r "$tree/t" "$tree/s.json"

ln -s "$tree/flatfish" "$scratch/link"
expect 7 "through a symbolic link" "$scratch/link" run
(cd / && "$tree/flatfish" run) >"$scratch/out" 2>&1
says "program in /: run" "from another folder"

sleep 0.02; touch "$tree/sim/x.c" "$scratch/make-fails"
expect 1 "a build that fails" "$tree/flatfish" run
says "error: no such thing" "a failed build shows the end of its log"
says "The whole log is" "a failed build names its log"
rm "$scratch/make-fails"
expect 7 "the call after a failed build" "$tree/flatfish" run

mkdir "$scratch/a space"
cp -r "$tree/." "$scratch/a space/"
rm -rf "$scratch/a space/build"
expect 1 "a checkout with a space in its path" "$scratch/a space/flatfish" build
says "move the checkout" "a checkout with a space in its path"
same "$(wc -l <"$scratch/out")" 1 "it is refused in one line"

echo gcc >"$scratch/absent"
expect 1 "doctor, with a needed package missing" "$tree/flatfish" doctor
says "apt-get install --no-install-recommends gcc" "doctor names the command that mends it"
rm -f "$scratch/installs"
sleep 0.02; touch "$tree/sim/x.c"
expect 1 "a missing package when installing is forbidden" env FLATFISH_NO_INSTALL=1 "$tree/flatfish" run
says "apt-get install --no-install-recommends gcc" "it names the command"
same "$(ls "$scratch/installs" 2>/dev/null)" "" "nothing was installed"
echo clang-format >"$scratch/absent"
sleep 0.02; touch "$tree/sim/x.c"
expect 7 "an optional package missing" "$tree/flatfish" run
same "$(ls "$scratch/installs" 2>/dev/null)" "" "an optional package is not installed"

# suite CODE WHAT LAST-LINE SCRIPT: what check makes of a "make check" that does SCRIPT
suite() {
    printf '%s\n' "cd $tree/build" "$4" >"$scratch/check"
    expect "$1" "$2" timeout -k 5 3 "$tree/flatfish" check
    same "$(tail -n 1 "$scratch/out")" "$3" "$2"
}
suite 0 "two good tests" "2 passed, 0 failed" \
    'echo ":test-result: PASS" >a.trs; echo ":test-result: PASS" >b.trs'
suite 1 "one test failed" "1 passed, 1 failed" \
    'echo ":test-result: PASS" >a.trs; echo ":test-result: FAIL" >b.trs; echo why >b.log; exit 2'
says why "the log of the failed test is shown"
suite 0 "one test skipped" "1 passed, 0 failed, 1 skipped" \
    'echo ":test-result: PASS" >a.trs; echo ":test-result: SKIP" >b.trs'
suite 1 "tests that did not compile" "0 passed, 1 failed" 'exit 2'
suite 124 "a time limit" "1 passed, 1 failed" 'echo ":test-result: PASS" >a.trs; sleep 60'

expect 0 "help" "$tree/flatfish" help
says "usage: ./flatfish" "help"
expect 0 "clean" "$tree/flatfish" clean
same "$(ls -d "$tree/build" "$tree/configure" 2>/dev/null)" "" "clean removes the build"
same "$(ls "$tree/sim/x.c")" "$tree/sim/x.c" "clean leaves the source"
verdict
