#!/bin/sh
# The PC's keyboard: keys reach a BIOS guest in order, none lost when 200 come at once, whatever pace
# the guest has; the same keys give the same run; going back and forward over them, and saving in the
# midst of them, change nothing; the live screen shows what the screen says.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
. "$srcdir/tests/pc_lib.sh"

sector keys
# image NAME DELAY: the guest takes so long for a key (two bytes, the lower first).
image() { { head -c 506 keys.bin; printf "$2"'\000\000\125\252'; head -c 65536 /dev/zero; } >"$1"; }
image fast.img '\000\000'
image slow.img '\024\000'

# pc NAME OPTION...: what the serial port says in NAME.out, the digest in NAME.digest.
pc() {
    name=$1
    shift
    ends 0 "$flatfish" run --pc --mem 32 --timeout 200 --quiet --digest "$@"
    sed -n '/^keys: ready/,$p' out | grep -v '^digest' | tr -d '\r' >"$name.out"
    grep '^digest' out >"$name.digest"
}

# Typed at power-on: it waits until there is somebody to type to.
pc keys --disk fast.img --keys 'hello, World<enter><f1><up>' \
    --keys '<ctrl-c><alt-x><shift-f5><shift-a>\x41\<\\<backspace>\e'
cat >wanted <<'X'
keys: ready
hello, World
<3b00><4800><2e03><2d00><5800>AA<\<0e08>
X
check "keys, named and typed, in order" cmp wanted keys.out
diff wanted keys.out

printable=$(awk 'BEGIN { for (i = 0; i < 200; i++) printf "%c", 33 + i % 94 }')
typed=$(printf '%s' "$printable" | sed 's/[\\<]/\\&/g')
for pace in fast slow; do
    pc $pace --disk $pace.img --keys "$typed" --keys '\e'
    check "200 keys at once, $pace guest" test "$(sed -n 2p $pace.out)" = "$printable"
done
pc later --disk fast.img --keys-at '90M:c\e' --keys-at '80M:ab'
check "--keys-at in order of time" test "$(sed -n 2p later.out)" = abc

pc again --disk fast.img --keys "$typed" --keys '\e'
check "the same run twice" cmp fast.digest again.digest
pc other --disk fast.img --keys "$typed" --keys 'x\e'
check "another key, another digest" test "$(cat fast.digest)" != "$(cat other.digest)"

cat >back.lua <<'X'
local function here()
    return table.concat({ flatfish.icount(), flatfish.ticks(), flatfish.regs.rip, flatfish.regs.rax,
                          flatfish.regs.rsp, flatfish.regs.eflags }, " ")
end
assert(flatfish.snapshot())
local seen = {}
local places = { 9000000, 40000000, 40000001, 60000000, 75000000 }
for _, at in ipairs(places) do
    flatfish.run { to = at }
    seen[at] = here()
end
for _, at in ipairs { 40000000, 75000000, 9000000, 60000000, 40000001 } do
    assert(flatfish.goto_(at))
    assert(here() == seen[at], "another machine at " .. at)
end
X
pc back --disk fast.img --keys "$typed" --keys '\e' --snapshots --script back.lua
check "back and forward over keys" cmp fast.digest back.digest

# Saved while some 100 keys wait: they go with the machine.
ends 0 "$flatfish" run --pc --mem 32 --disk fast.img --keys "$typed" --keys '\e' --quiet \
    --save saved@40000000 --digest --stats whole.json
ends 0 "$flatfish" run --resume saved --quiet --timeout 200 --digest --stats rest.json
state() { sed -n 's/^ *"state": "\(.*\)".*/\1/p' "$1"; }
check "a saved PC ends as the one that was not" test "$(state whole.json)" = "$(state rest.json)"
tr -d '\r' <out >rest
check "some keys were still to come" test "$(wc -c <rest)" -gt 50
check "a saved PC gets the keys that wait" test "${printable%"$(head -n 1 rest)"}" != "$printable"
check "and then no more" test "${printable##*"$(head -n 1 rest)"}" = ""
ends 0 "$flatfish" run --pc --mem 32 --disk fast.img --quiet --save idle@40000000 --keys a --keys-at '50M:\e'
ends 0 "$flatfish" run --resume idle --quiet --timeout 200 --keys 'more<enter>\e'
check "one can type to a saved PC" grep -q '^more' out

# The live screen, in a terminal of 100 x 30 and in one that is too small for the PC's screen.
one_line 2 "needs a terminal" "$flatfish" run --pc --disk fast.img --screen=live
one_line 2 "'end' or 'live'" "$flatfish" run --pc --disk fast.img --screen=always
one_line 2 "no key for '<f13>" "$flatfish" run --pc --disk fast.img --keys 'a<f13>'
one_line 2 "no key for" "$flatfish" run --pc --disk fast.img --keys '\q'
one_line 2 "TIME:TEXT" "$flatfish" run --pc --disk fast.img --keys-at 'x'
one_line 2 "has a keyboard" "$flatfish" run --kernel fast.img --keys x
if command -v script >/dev/null; then
    # live COLUMNS ROWS KEYS: what the terminal showed last, in shown; exit code in code.
    live() {
        code=0
        script -qec "stty cols $1 rows $2; exec '$flatfish' run --pc --mem 32 --disk fast.img \
            --screen=live --quiet --timeout 100 --keys '$3' --keys '\\e'" typescript \
            </dev/null >/dev/null || code=$?
        lua5.4 "$srcdir/tests/pc/terminal.lua" "$1" "$2" <typescript >shown
    }
    live 100 30 'hello, World<enter><f1>'
    check "a live run ends as any: $code" test $code = 0
    head -n 3 shown >first
    printf '%s\n' 'keys: ready' 'hello, World' '<3b00>' >wanted
    check "the live screen shows the text" cmp wanted first
    check "and how the run is ended" grep -q 'Ctrl-C ends the run' shown
    live 40 10 '1<enter>2<enter>3<enter>4<enter>5<enter>6<enter>7<enter>8<enter>9<enter>end'
    check "a small terminal follows the cursor" grep -qx end shown
    check "and says that it is a part" grep -q '^ flatfish: ' shown
fi
report
