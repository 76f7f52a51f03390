#!/bin/sh
# `flatfish bench kernel` prices exact counts by a model that it names: with prices of one cycle an
# instruction and nothing else, cycles are instructions; each event's price is added as often as the
# event happened; and a model that is wrong in any way is named with what is wrong.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
flatfish=$build/flatfish
[ -x "$flatfish" ] && [ -r "$build/kernel/bench.tar" ] || exit 77

# OPERATION NAME FILE: a whole number; "none" when it is not there
field() {
    "${LUA:-lua5.4}" - "$@" <<'E'
local operation, name, file = ...
for row in io.open(file):read("a"):gmatch('"operation": [^}]*}[^}]*}') do
    if row:find('"' .. operation .. '"', 1, true) then
        print(string.format("%d", row:match('"' .. name .. '": ([%d.]+)')))
        os.exit(true)
    end
end
print("none")
E
}
is() { [ "$1" != none ] && [ "$1" = "$2" ]; }

ends 0 "$flatfish" bench kernel --cost equal --json equal.json
check "the model is named" grep -q 'cost model equal: every instruction one cycle' out
for name in null-call-and-stub rpc-across-spaces-8-words soft-fault-through-65; do
    check "$name: cycles are instructions" is \
        "$(field $name instructions equal.json)" "$(field $name cycles equal.json)"
done

model() { printf 'return { title = "t", instruction = 1, %s }\n' "$1" >"$2"; }
model 'event = { syscall = 1000, cr3 = 10000 }, tlb = { refill = 300, after_cr3 = 1000 }' a.lua
ends 0 "$flatfish" bench kernel --cost ./a.lua --json a.json
check "estimates are named" grep -q 'Estimates in it: instruction, syscall, cr3, tlb.refill' out
instructions=$(field rpc-across-spaces-8-words instructions a.json)
check "two calls, two switches, and what they miss" is \
    "$(field rpc-across-spaces-8-words cycles a.json)" $((instructions + 622000))
instructions=$(field null-call-and-stub instructions a.json)
check "one call" is "$(field null-call-and-stub cycles a.json)" $((instructions + 1000))

refused() { # CODE PATTERN, the model on standard input
    cat >bad.lua
    one_line "$1" "$2" "$flatfish" bench kernel --cost ./bad.lua
}
rest='tlb = { refill = 0, after_cr3 = 0 }'
echo "return { title = = 5 }" | refused 1 'bad.lua:1'
echo "return 5" | refused 1 'must return a table'
echo "while true do end" | refused 1 'does not come to an end'
echo "return os.time()" | refused 1 "global 'os'"
echo "return { instruction = 1, event = {}, $rest }" | refused 1 "no 'title'"
echo "return { title = 't', event = {}, $rest }" | refused 1 "'instruction' must be a number"
echo "return { title = 't', instruction = -1, event = {}, $rest }" | refused 1 'must be a number'
echo "return { title = 't', instruction = 1/0, event = {}, $rest }" | refused 1 'must be a number'
echo "return { title = 't', instruction = 1, $rest }" | refused 1 "no table 'event'"
echo "return { title = 't', instruction = 1, event = { sycall = 1 }, $rest }" |
    refused 1 "no event 'sycall'"
echo "return { title = 't', instruction = 1, event = { iret = 'x' }, $rest }" |
    refused 1 "'iret' must be a number"
echo "return { title = 't', instruction = 1, event = {} }" | refused 1 "no table 'tlb'"
one_line 2 "no cost model 'nosuch'; there are: equal, ppro-1996, x86-2020s" \
    "$flatfish" bench kernel --cost nosuch
one_line 2 'cannot read ./nosuch.lua' "$flatfish" bench kernel --cost ./nosuch.lua
for file in "$srcdir"/lua-scripts/cost/*.lua; do
    name=${file##*/}
    ends 0 "$flatfish" bench kernel --cost "${name%.lua}"
done
report
