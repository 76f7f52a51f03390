#!/bin/sh
# `flatfish gdb` is a machine and a GDB that live and die together: whichever process ends first, by
# kill -9 too, no process, socket or folder is left; Ctrl-C is GDB's; the console stays readable.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
. "$srcdir/tests/gdb_lib.sh"
[ -r /proc/self/environ ] || { echo "no /proc here"; exit 77; }
unset XDG_RUNTIME_DIR
mkdir t && export TMPDIR="$work/t" FLATFISH_TEST_MARK="$work"
export HOME="$work"
endless='tracer/memtest(mib=16,passes=1000000000)' # the tracer tells when it runs

ours() { grep -lzx "FLATFISH_TEST_MARK=$work" /proc/[0-9]*/environ 2>/dev/null | sed 's|/proc/\([0-9]*\)/.*|\1|'; }
# named WORD: those of our processes whose command line begins like this.
named() { for p in $(ours); do { tr '\0' ' ' </proc/$p/cmdline | grep -q "^[^ ]*$1 " && echo $p; } 2>/dev/null; done; }
alone() { # within a minute, should the host be busy
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        [ -z "$(named gdb)$(named flatfish)" ] && return 0
        sleep $((i / 4 + 1))
    done
    for p in $(named gdb) $(named flatfish); do kill -9 $p; done
    return 1
}
clean() { [ -z "$(ls t)" ]; }
says() { grep -q -- "$1" "$2" || { sed 's/^/    /' "$2" | tail -n 20; false; }; }

# ---- in batch ----
ends 7 timeout 600 "$flatfish" gdb 'pager(frames=64)/memtest(mib=1)' --batch -ex 'info inferiors' \
    -ex 'break memtest.c:40' -ex continue -ex 'quit 7'
check "the levels are there, each with its program" says 'target:/L3/memtest' out
check "and a breakpoint by source line" says 'hit Breakpoint 1, walk (pass=0' out
check "the console is marked" says '^\[guest\] flatfish kernel: ' err
check "nobody is left" alone
check "and nothing" clean

ends 0 timeout 600 "$flatfish" gdb null/hello --console=said --batch -ex continue
check "the console in a file of its own" says '^Hello' said
check "is not elsewhere" test -z "$(grep "^.guest." err)"

ends 0 timeout 600 "$flatfish" gdb null/hello --gdb-at start -- -batch -ex 'print $rip'
check "what follows -- is for GDB" says '^\$1 = ' out

# ---- on a small terminal, as in the TUI: nobody has to turn pages before the first prompt ----
if command -v script >/dev/null; then
    timeout 120 script -qec "stty rows 8 cols 80; exec '$flatfish' gdb 'null*3/hello' --console=/dev/null -- -nx \
        -ex 'set confirm off' -ex 'echo arrived\n' -ex quit" /dev/null >out 2>err </dev/null
    check "what is read on connecting fills no pages" says '^arrived' out
    check "and asks nothing" [ "$(grep -c 'RET. for more' out)" = 0 ]
fi

# ---- what an IDE needs ----
ends 0 "$flatfish" gdb --print-config "pager/hello(text='x')"
check "a snippet that GDB takes" says '^target extended-remote localhost:1234$' out
sed -n '/^source/p' out >snippet
ends 0 timeout 600 gdb -nx -batch -x snippet -ex 'show schedule-multiple'
check "with our settings" says 'is on' out
ends 0 "$flatfish" gdb --print-config=vscode 'pager/hello'
check "launch.json is JSON" lua5.4 -e 'local t = io.read("a"); assert(t:find("\"debugServerArgs\": \"run ", 1, true))' <out

# ---- what goes wrong ----
one_line 1 'install the Debian package gdb, or name' "$flatfish" gdb null/hello --debugger="$work/none"
printf '#!/bin/sh\necho Python scripting is not supported\n' >mute && chmod +x mute
one_line 1 'has no Python' "$flatfish" gdb null/hello --debugger="$work/mute"
printf '#!/bin/sh\necho version 11.2\n' >old && chmod +x old
one_line 1 'must be 13 or later' "$flatfish" gdb null/hello --debugger="$work/old"
one_line 2 'neither gdb nor vscode' "$flatfish" gdb --print-config=vi null/hello
one_line 2 'what shall run' "$flatfish" gdb --batch
one_line 1 'console' "$flatfish" gdb null/hello --batch --console=/nonexistent/x
echo 'the only copy' >input
one_line 2 '--console would overwrite input' "$flatfish" gdb null/hello --batch --input input --console ./input
check "an input is as it was" test "$(cat input)" = 'the only copy'
one_line 1 'before it reached' "$flatfish" gdb null/hello --batch --gdb-at 0x12345 --console=said
check "nobody is left" alone
check "and nothing" clean

# ---- whoever dies first ----
# In a process group of its own, and Ctrl-C not ignored, as a terminal would start it.
begin() {
    : >ran # or what the one before said is taken for this one's
    setsid env --default-signal=INT,QUIT "$flatfish" gdb "$endless" --batch -ex continue -ex 'echo still here\n' \
        >ran 2>&1 </dev/null &
    pair=$!
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        grep -q '^.guest. memtest: mempool.alloc(bytes=16777216)' ran && break
        sleep $((i / 4 + 1))
    done
}
over() { check "$1: nobody is left" alone; wait $pair 2>/dev/null; code=$?; check "$1: and nothing" clean; }
machine() { for p in $(named flatfish); do [ $p = $pair ] || echo $p; done | head -n 1; }

# idle PID: it waits for something; a GDB still busy with symbols would take Ctrl-C for itself.
idle() {
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        now=$(cut -d ' ' -f 3,14,15 "/proc/$1/stat")
        case $now in S*) [ "$now" = "$last" ] && return ;; esac
        last=$now
        sleep 1
    done
}

begin; idle "$(named gdb)"; kill -INT -$pair
over "Ctrl-C"
check "Ctrl-C: GDB has stopped the machine" says 'received signal SIGINT' ran
check "Ctrl-C: and goes on" says 'still here' ran
check "Ctrl-C: its exit code" [ $code = 0 ]
begin; kill -9 "$(named gdb)"; over "GDB killed"
check "GDB killed: exit code" [ $code = 137 ]
begin; kill -9 "$(machine)"; over "machine killed"
check "machine killed: it is said" says "machine's process was ended by signal 9" ran
begin; kill -9 $pair; over "all killed that can be"
begin; kill $pair; over "asked to end"
check "asked to end: exit code" [ $code = 143 ]
report
