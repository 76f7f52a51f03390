#!/bin/sh
# Scripts as commands: sums are exact, pictures are drawn, sweeps are the same whatever -j and Ctrl-C.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
flatfish=$build/flatfish
FLATFISH_CACHE=$work/cache
export FLATFISH_CACHE
guests=$build/sim/tests/guests

# Sums: the account of every guest, and of nests, is its instruction count.
cat >sum.lua <<'E'
local first = flatfish.count { by = { "from", "to" } }
flatfish.on("finish", function()
    local _, sum = flatfish.charge()
    local rows, total = require("lib.levels").rows()
    local again = 0
    for _, r in ipairs(rows) do again = again + r.total end
    local events, crossings = flatfish.events(), 0
    for _, k in ipairs { "syscall", "sysret", "sysenter", "sysexit", "int", "iret", "exception", "interrupt", "cr3",
        "vmenter", "vmexit", "farcall" } do crossings = crossings + (events[k] or 0) end
    print("sums", sum == flatfish.icount() and again == sum and total == sum and first:total() == crossings)
end)
E
for guest in hello compute pingpong faults timer spaces storm selfmod rep marks int80; do
    "$flatfish" run --kernel "$guests/$guest.elf" --quiet --mem 64 --script sum.lua >out 2>err </dev/null
    check "$guest: the account and the counts add up" grep -q '^sums.true' out
done
for nest in hello null/hello 'null*3/compute(n=300)' '[null/hello, compute(n=200)]'; do
    "$flatfish" run "$nest" --quiet --script sum.lua >out 2>err </dev/null
    check "$nest: the account and the counts add up" grep -q '^sums.true' out
done

# A script by its name, beside a machine that the command made: the same table as of its own machine.
table() { ends "$1" "$flatfish" run --quiet --mem 64 "$2" "$3" --append n=20 --script "$4" -- --plot none --save "$5"; }
ends 0 "$flatfish" script overhead pingpong --append n=20 --plot none --save own.csv
table 0 --kernel "$guests/pingpong.elf" overhead beside.csv
check "overhead beside a machine" cmp own.csv beside.csv
table 2 --kernel "$guests/pingpong.elf" overheed none.csv
check "a script's name that is nearly right" grep -q "did you mean 'overhead'" err
ends 2 "$flatfish" run --quiet --kernel "$guests/pingpong.elf" --script overhead -- --append n=20
check "what belongs to the machine is refused" grep -q -- '--append is the machine' err
ends 2 "$flatfish" run --quiet --kernel "$guests/pingpong.elf" --script overhead -- hello
check "a second nest is refused" grep -q "unexpected argument 'hello'" err
one_line 2 'makes its own machines' "$flatfish" run --quiet hello --script depth -- hello
one_line 7 'by exit code 7; what it said stands above' "$flatfish" run --quiet --kernel "$guests/hello.elf" \
    --script overhead -- --plot none
"$flatfish" run hello --quiet --script crossings -- --plot none >out 2>err </dev/null
check "what the guest says comes before the report" test \
    "$(grep -n 'Hello, world' out | cut -d: -f1)" -lt "$(grep -n '^hello: crossings' out | cut -d: -f1)"
"$flatfish" run --quiet --kernel "$guests/int80.elf" --script syscalls -- --count >out 2>err </dev/null
check "another kernel's calls have numbers" grep -q ' int 0x80  *2,000$' out

# The rows of overhead are what single steps find: who ran, in which mode, for whom.
cat >steps.lua <<'E'
local from = math.tointeger(tonumber((...)))
flatfish.run { to = from }
local levels = require "lib.levels"
local before, mine = levels.now(), {}
local function label(space) return space.level > 0 and ("L%d %s"):format(space.level, space.name) or space.name end
local function add(space, field)
    local row = mine[label(space)] or { own = 0, others = 0, kernel = 0 }
    mine[label(space)], row[field] = row, row[field] + 1
end
for _ = 1, 40000 do
    local _, privilege = flatfish.mode()
    local space, behalf = flatfish.space(), flatfish.behalf()
    if privilege ~= 3 then add(behalf, "kernel") else add(space, space == behalf and "own" or "others") end
    if flatfish.step() ~= "icount" then break end
end
local good, fields = true, 0
local rows, sum = levels.rows(before)
for _, row in ipairs(rows) do
    local m = mine[row.label] or {}
    for _, field in ipairs { "own", "others", "kernel" } do
        if row[field] ~= (m[field] or 0) then
            good = false
            print(row.label, field, row[field], m[field])
        end
        fields = fields + (row[field] > 0 and 1 or 0)
    end
    mine[row.label] = nil
end
print("steps", good and next(mine) == nil and sum == flatfish.icount() - from, fields)
flatfish.stop(0)
E
fields=0
while read -r from nest; do
    ends 0 "$flatfish" run "$nest" --quiet --script steps.lua -- "$from"
    check "$nest: overhead's rows equal a count by single steps" grep -q '^steps.true' out
    fields=$((fields + $(sed -n 's/^steps.*[^0-9]//p' out)))
done <<E
2400000 null*2/compute(n=300)
2600000 [null/hello, compute(n=20000)]
3600000 pager(frames=64)/memtest(mib=1)
3200000 procmgr/forktest
2400000 tracer(to="/log")/hello
2000000 hello
E
check "and those say much: $fields numbers" test "$fields" -gt 15

# What is planted before its space is there: its own space alone, and a mistake is the script's line.
cat >early.lua <<'E'
local touched = {}
flatfish.watch("memtest:main", 8 * 4096, "rw", function(e) touched[e.space] = true end)
flatfish.on("finish", function() print("touched", touched.memtest and next(touched, next(touched)) == nil) end)
E
ends 0 "$flatfish" run 'null/memtest(mib=1)' --quiet --script early.lua
check "a watch set before its program is there sees that program only" grep -q '^touched.true' out
printf 'local x\nflatfish.probe("L3:mian", function() end)\n' >mian.lua
ends 1 "$flatfish" run null/hello --quiet --script mian.lua
check "a probe's symbol that turns out not to be there: script, line and near names" \
    grep -q 'mian.lua:2: .*"mian" in hello; near: main' err
check "and what the machine was doing" grep -q '^  machine: instruction [0-9]*, in' err

echo 'flatfish.probe("hello:main", function() flatfish.space("kserve") end)' >near.lua
ends 1 "$flatfish" run null/hello --quiet --script near.lua
check "a space's name that is nearly right" grep -q "near.lua:1: no space 'kserve'; near: kserver" err
ends 1 "$flatfish" script overhead hello --plot none --cost x86-2020
check "a cost model's name that is nearly right" grep -q "no 'x86-2020'; there are: equal ppro-1996 x86-2020s;" err

# What is called the same is one row.
cat >rows.lua <<'E'
local c = flatfish.count { by = { "from", "to", "reason" } }
local h = flatfish.histogram { by = { "to" }, of = "gap" }
flatfish.on("finish", function()
    local seen, good, sum = {}, true, 0
    for _, r in ipairs(c:rows()) do
        local key = r.from .. ">" .. r.to .. ">" .. r.reason
        good, seen[key], sum = good and not seen[key], true, sum + r.n
    end
    for _, r in ipairs(h:rows()) do
        local inside = 0
        for _, b in ipairs(r.bins) do inside = inside + b.n end
        good, seen[r.to] = good and not seen[r.to] and inside < r.n and inside > 0, true
    end
    print("rows", good and sum == c:total())
end)
E
ends 0 "$flatfish" run null/hello --quiet --script rows.lua
check "rows of a count differ" grep -q '^rows.true' out

# Looking changes nothing.
digest() { "$flatfish" run null/hello --quiet --digest "$@" </dev/null 2>err | sed -n 's/^digest: //p'; }
one=$(digest)
check "a digest" test ${#one} = 64
check "the same digest with a script that looks at everything" test "$one" = \
    "$(digest --script "$srcdir/sim/lua/tests/digest.lua")"
cat >observe.lua <<'E'
flatfish.observe { tlb = { data = { entries = 64, ways = 4 }, code = { entries = 64, ways = 8 } } }
flatfish.on("finish", function()
    local sum, _, all = 0, flatfish.charge()
    for _, r in ipairs(flatfish.observed()) do sum = sum + r.instructions end
    assert(sum == all and sum > 1000000)
end)
E
check "the same digest when every instruction is observed, and all of them are in a class" test "$one" = \
    "$(digest --script observe.lua)"
nest='null/compute(n=300)'
"$flatfish" script overhead null/hello --observe >observed 2>err
check "overhead by classes says so" grep -q "priced by class" observed
"$flatfish" script overhead null/hello --caches --save caches.csv >out 2>err
"$flatfish" script overhead "$nest" --caches --measured --save part.csv >out 2>err
"$flatfish" script overhead "$nest" --measured --save plain.csv >out 2>err
cat >classes.lua <<'E'
-- classes.lua: in each row the classes add up to its instructions; those of part are the ones of plain.
local function rows(path)
    local list, names = {}, nil
    for line in io.lines(path) do
        local values = {}
        for v in (line .. ","):gmatch("([^,]*),") do values[#values + 1] = tonumber(v) or v end
        if not names then names = values else
            local row = {}
            for i, name in ipairs(names) do row[name] = values[i] end
            list[#list + 1] = row
        end
    end
    return list
end
local classes = { "alu", "load", "store", "modify", "mul", "div", "branch", "call", "string", "vector", "system", "none" }
for _, path in ipairs { "caches.csv", "part.csv" } do
    local n = 0
    for _, row in ipairs(rows(path)) do
        local sum = 0
        for _, class in ipairs(classes) do sum = sum + (row["class_" .. class] or 0) end
        assert(sum == row.total, path .. ": " .. row.label)
        assert(row.cache >= row.second and row.cycles >= row.total * 0.3)
        n = n + 1
    end
    assert(n >= 2)
end
local part, plain = rows("part.csv"), rows("plain.csv")
for i, row in ipairs(plain) do
    assert(part[i].label == row.label and part[i].total == row.total and part[i].events == row.events)
end
E
check "overhead: classes add up, for the whole run and for the measured part" lua5.4 classes.lua
ends 2 "$flatfish" script overhead null/hello --observe --tlb
cat >sources.lua <<'E'
-- sources.lua: every price of every model that comes with us has a source, and no source is of nothing.
flatfish.no_machine = true
for name in io.popen("cd '" .. flatfish.scripts .. "/cost' && ls *.lua"):lines() do
    local model = dofile(flatfish.scripts .. "/cost/" .. name)
    local want = { instruction = true }
    for kind in pairs(model.event) do want[kind] = true end
    for class in pairs(model.class) do want["class." .. class] = true end
    for _, group in ipairs { "tlb", "cache" } do
        want[group .. ".sizes"] = true
        for key, value in pairs(model[group]) do
            if type(value) == "number" then want[group .. "." .. key] = true end
        end
    end
    for key in pairs(want) do
        local source = model.source[key]
        assert(type(source) == "string" and #source > 10 and source ~= "estimate", name .. ": " .. key .. " has no source")
    end
    for key in pairs(model.source) do assert(want[key], name .. ": a source of nothing: " .. key) end
end
E
ends 0 "$flatfish" script ./sources.lua

# What a level sees of its memory, page by page.
for nest in 'null/compute(n=500)' 'pager(frames=64)/memtest' procmgr/forktest; do
    "$flatfish" run "$nest" --quiet --script "$srcdir/tests/lua_eyes.lua" >out 2>err </dev/null
    check "$nest: memory through a level's eyes" grep -q '^eyes' out
    test -s err && cat err
done
nest='null/compute(n=300)'

cat >fit.lua <<'E'
-- fit.lua: slope and its standard error are those worked out by hand; two points have no error.
local fit = require "lib.fit"
local slope, zero, r2, error_of = fit.line { { 1, 1 }, { 2, 2 }, { 3, 1.3 }, { 4, 3.75 }, { 5, 2.25 } }
local function near(a, b) return math.abs(a - b) < 1e-9 end
assert(near(slope, 0.425) and near(zero, 0.785) and near(error_of ^ 2, 2.79075 / 3 / 10))
assert(r2 > 0.39 and r2 < 0.40 and select(4, fit.line { { 0, 1 }, { 1, 5 } }) == nil)
flatfish.quit(7)
E
ends 7 "$flatfish" script ./fit.lua

# Every script says what it does, and does it, with its picture.
for name in $("$flatfish" script | sed -n 's/^  \([a-z0-9]*\) .*/\1/p'); do
    ends 0 "$flatfish" script "$name" --help
    check "$name: its help says how it is used" grep -q "^Usage: flatfish script $name" out
    ends 2 "$flatfish" script "$name" --no-such-option
done
for name in overhead crossings faultpath ipc flame; do
    for kind in svg png pdf; do
        ends 0 "$flatfish" script $name "$nest" --plot $name.$kind --save $name.csv
        check "$name: a picture as $kind" test "$(wc -c <$name.$kind)" -gt 2000
    done
    check "$name: a table with rows" test "$(wc -l <$name.csv)" -gt 1
    check "$name: the picture has words" grep -q '<g id="glyph\|<text\|<use' $name.svg
done
for name in overhead crossings faultpath ipc flame syscalls top; do
    "$flatfish" run "$nest" --quiet --sandbox --script $name >out 2>err </dev/null
    code=$?
    check "$name runs in the sandbox" test $code = 0
    check "$name: it says something" grep -q '^---\|^ *[0-9]* *L1 kserver: ' out
    test -s err && cat err
    ends 2 "$flatfish" run "$nest" --quiet --sandbox --script $name -- --no-such-option
done
"$flatfish" run "$nest" --quiet --sandbox --script overhead -- --plot none >boxed 2>&1 </dev/null
"$flatfish" run "$nest" --quiet --script overhead -- --plot none >out 2>&1 </dev/null
check "overhead: the same table in the sandbox" cmp boxed out
for more in '--save x.csv' '--plot x.svg' '--cost ./prices.lua'; do
    ends 1 "$flatfish" run "$nest" --quiet --sandbox --script overhead -- $more
    check "sandbox: $more is refused" grep -q 'the sandbox \(writes\|reads\) no files' err
done
ends 0 "$flatfish" script ipc "$nest"
check "ipc: calls have their protocol's names" grep -q 'mempool.alloc' out
ends 0 "$flatfish" script overhead "$nest" --save overhead.csv
sum=$(sed -n 's/^sum,[^,]*,[^,]*,[^,]*,\([0-9]*\),.*/\1/p' overhead.csv)
rows=$(awk -F, 'NR > 1 && $1 != "sum" { n += $5 } END { print n }' overhead.csv)
check "overhead: the rows add up to its sum" test "$sum" = "$rows"
check "overhead: the kernel's own page tables are one row" test "$(grep -c '^kernel start,' overhead.csv)" = 1
check "overhead: the cost model is named" grep -q 'modelled cycles: x86-2020s' out
rm -f overhead.svg
ends 0 "$flatfish" script overhead 'procmgr/pager(frames=64)/memtest'
check "overhead in one command: the table" grep -q '^L4 memtest .* [0-9,]* ' out
check "and the picture" grep -q '<svg' overhead.svg
rm -f overhead.svg
ends 0 "$flatfish" script overhead "$nest" --plot none
check "--plot none draws nothing" test ! -e overhead.svg
ends 1 "$flatfish" script overhead "$nest" --plot nowhere/x.svg
check "a picture that cannot be is a failure" grep -q 'nowhere/x.svg' err
mkdir -p overhead.svg
ends 0 "$flatfish" script overhead "$nest"
check "but not when nobody asked for one" grep -q 'no picture' err
rm -rf overhead.svg

# A fault through every layer; frames of the application upon the monitors upon the kernel.
ends 0 "$flatfish" script faultpath 'pager(frames=64)/memtest(mib=1)' --save path.csv --plot none
check "faultpath: fault of the program, through pager and kserver" test "$(cut -d, -f3 path.csv | sort -u | tr '\n' ' ')" = \
    "L1 kserver L2 pager kernel who "
ends 0 "$flatfish" script flame 'pager(frames=64)/memtest(mib=1)' --folded folded --plot none
check "flame: who works for the program stands on it" grep -q '^kernel;L1 kserver;L2 pager;L3 memtest;by L2 pager;in kernel;' folded
check "flame: its own functions, too" grep -q '^kernel;L1 kserver;L2 pager;L3 memtest;main ' folded

ends 0 "$flatfish" script syscalls "$nest" --count
ends 0 "$flatfish" script syscalls "$nest" --most 5
check "syscalls: five lines" test "$(grep -c 'L[0-9]' out)" = 5
ends 0 "$flatfish" script syscalls "$nest" --most 1000000
check "syscalls: arguments and answers by name" grep -q 'ref_create(object=0x[0-9a-f]*) = OK' out
check "syscalls: what a server was given by its protocol's name" grep -q ' = OK: mempool.alloc' out
check "syscalls: as many are resumed as were unfinished, but for those that never return" \
    test "$(grep -c ' resumed = ' out)" -ge $(($(grep -c '<unfinished>' out) - 30))
ends 0 "$flatfish" script top "$nest" --every 1000000 --most 2
ends 0 "$flatfish" script depth 'compute(n=300)' --depth 2 --plot depth.png
check "depth: null costs nothing a layer" grep -q '^slope 0.00 .*growth 1.000000' out

# Sweeps.
sweep() { SWEEP_PID=0 MARKS=$work/marks "$flatfish" experiment "$srcdir/tests/lua_sweep.lua" "$@"; }
: >marks
ends 0 sweep -j 1 --csv one.csv
ends 0 sweep -j 2 --csv two.csv --fresh
check "-j1 and -j2: the same bytes" cmp one.csv two.csv
check "every combination was run, twice" test "$(wc -l <marks)" = 16
ends 0 sweep --csv three.csv
check "nothing is run that was done" test "$(wc -l <marks)" = 16
check "kept results: the same bytes" cmp one.csv three.csv
for how in cut flip empty; do
    file=$(ls -t cache/experiments/* | head -1)
    case $how in
        cut) head -c -3 "$file" >part && mv part "$file" ;;
        flip) sed 's/instructions=i:7/instructions=i:8/; t; s/instructions=i:./instructions=i:7/' "$file" >part && mv part "$file" ;;
        empty) : >"$file" ;;
    esac
    : >marks
    ends 0 sweep -j 1 --csv one.csv
    check "a kept result is damaged ($how): that is said" grep -q "damaged, it is run again: .*$file" err
    check "and it alone is run again" test "$(wc -l <marks)" = 1
    check "over a CSV that is there: the same bytes" cmp one.csv two.csv
done
rm -rf cache
: >marks
code=0
(STOP_AT=30; export STOP_AT MARKS=$work/marks; exec sh -c 'SWEEP_PID=$$; export SWEEP_PID; exec "$0" "$@"' \
    "$flatfish" experiment "$srcdir/tests/lua_sweep.lua" -j 1 --csv four.csv) >out 2>err </dev/null || code=$?
check "Ctrl-C: code 130" test $code = 130
check "Ctrl-C: says that it goes on" grep -q 'goes on' err
check "Ctrl-C: no CSV yet" test ! -e four.csv
done_before=$(wc -l <marks)
ends 0 sweep --csv four.csv
check "resumed: the same bytes" cmp one.csv four.csv
check "resumed: only the rest was run" test "$(wc -l <marks)" -le $((done_before + 5))

# Nothing is written in the place of what is read, and a file that cannot be written is known at once.
cp "$srcdir/tests/lua_sweep.lua" own.lua
ln own.lua link.csv
cp "$srcdir/lua-scripts/cost/equal.lua" prices.lua
cp "$guests/compute.elf" guest.elf
printf 'local r = require "lib.report"\nflatfish.machine { kernel = "guest.elf", append = "n=1", mem = 16 }\n%s\n' \
    'for _, p in ipairs(arg) do print(flatfish.write(p, "x")) print(flatfish.canvas { path = p, width = 9, height = 9 }) end' >writes.lua
ln guest.elf guest.svg
ln writes.lua script.svg
sums=$(sha256sum own.lua prices.lua writes.lua guest.elf)
MARKS=$work/marks one_line 2 'would overwrite' "$flatfish" experiment own.lua --csv ./own.lua
MARKS=$work/marks one_line 2 'would overwrite' "$flatfish" experiment own.lua --csv link.csv
ends 1 "$flatfish" script overhead "$nest" --cost ./prices.lua --save prices.lua
check "prices are not overwritten" grep -q 'which this run reads' err
ends 0 "$flatfish" script ./writes.lua guest.svg script.svg
check "neither file of the machine nor script is overwritten" test "$(grep -c 'which this run reads' out)" = 4
check "all files as they were" test "$sums" = "$(sha256sum own.lua prices.lua writes.lua guest.elf)"
one_line 1 'no-such-folder' sweep --csv no-such-folder/x.csv
one_line 1 'directory' sweep --csv .
sweep --csv /dev/stdout 2>&1 | cat >piped
check "--csv into a pipe" test "$(head -n "$(wc -l <one.csv)" piped)" = "$(cat one.csv)"
check "/dev/stdout is the link it was" test -L /dev/stdout

# A prompt without a terminal.
printf '1+1\nflatfish.run(1000)\nfor i = 1, 2 do\nprint("i", i)\nend\n' |
    "$flatfish" repl --kernel "$guests/pingpong.elf" >out 2>err
check "repl: values, runs, and statements over lines" test "$(tr '\n\t' '; ' <out)" = '2;icount 1000;i 1;i 2;'
ends 1 sh -c "echo 'x.y = 1' | '$flatfish' repl"

# Nests that cannot be, end at once or have nothing of what is asked for; guests of another kind.
ends 1 "$flatfish" script overhead 'null*2(' --plot none
check "a wrong nest: where, and no stack of ours" sh -c "grep -q 'wrong at character' err && ! grep -q traceback err"
for name in overhead crossings flame; do
    ends 127 "$flatfish" script $name nosuch --plot none
    check "$name: a program that is not there is said" grep -q 'exit code 127; its last words: kserver: nosuch: there is no' err
    check "$name: and a table all the same" grep -q 'kserver' out
    for guest in spaces faults vmx svm walker traps; do
        ends 0 "$flatfish" script $name $guest --plot none
    done
done
one_line 1 'no page fault' "$flatfish" script faultpath svm --plot none
one_line 1 'no BEGIN and END' "$flatfish" script overhead svm --measured --plot none
ends 1 "$flatfish" script depth nosuch --depth 1 --plot none
check "depth: what the program said" grep -q 'code 127; its last words: kserver: nosuch' err
ends 0 "$flatfish" script crossings 'null*32/hello' --save deep.csv --plot none
check "32 layers: 35 domains, each with the kernel only" test "$(wc -l <deep.csv)" = 36

# Mistakes.
one_line 2 'unknown option -x' "$flatfish" script overhead -x
one_line 2 'tlb takes no value' "$flatfish" script overhead hello --tlb=5
one_line 2 'every: 0 is out of range' "$flatfish" script flame hello --every 0
one_line 2 'depth: -1 is out of range' "$flatfish" script depth hello --depth -1
one_line 2 "no workload is called 'nosuch'; there are: compute " "$flatfish" script osdi96 --only nosuch
ends 0 "$flatfish" script overhead -h
check "-h is --help" grep -q '^Usage: flatfish script overhead' out
while IFS=: read -r want model; do
    echo "$model" >wrong.lua
    ends 1 "$flatfish" script overhead hello --plot none --cost ./wrong.lua
    check "a wrong cost model: $want" grep -q "cost model ./wrong.lua: .*$want" err
done <<'E'
event.sycall.*there are. syscall :return { title = "t", instruction = 1, event = { sycall = 5 }, tlb = { refill = 1, after_cr3 = 1 } }
class.aluu.*there are. alu :return { title = "t", instruction = 1, class = { aluu = 5 }, tlb = { refill = 1, after_cr3 = 1 } }
event must be a table:return { title = "t", instruction = 1, event = 5, tlb = { refill = 1, after_cr3 = 1 } }
tlb must be a table:return { title = "t", instruction = 1, tlb = 5 }
title must be a text:return { instruction = 1, tlb = { refill = 1, after_cr3 = 1 } }
instruction is not a price:return { title = "t", instruction = -1, tlb = { refill = 1, after_cr3 = 1 } }
it must return a table:return 5
it does not come to an end:while true do end
attempt to call a nil value:print "hello"
E
one_line 2 "did you mean 'overhead'" "$flatfish" script overhaed
one_line 2 'is no script\|no script' "$flatfish" script nothing-like-it
one_line 1 'cannot open\|No such' "$flatfish" run --kernel "$guests/hello.elf" --script missing.lua
ends 1 "$flatfish" run --kernel "$guests/hello.elf" --script "$srcdir/README.md"
echo 'while true do end' >endless.lua
ends 124 "$flatfish" run --kernel "$guests/hello.elf" --quiet --timeout 1 --script endless.lua
code=0
timeout --foreground -s INT 1 "$flatfish" run --kernel "$guests/hello.elf" --quiet --script endless.lua >out 2>err || code=$?
check "Ctrl-C ends a script that does not end" grep -q 'ended by Interrupt' err
echo 'flatfish.at(1000, function() flatfish.stop(9) end)' >stop.lua
ends 9 "$flatfish" run --kernel "$guests/pingpong.elf" --quiet --script stop.lua
echo 'print(...) print(arg[2])' >args.lua
ends 7 "$flatfish" run --kernel "$guests/hello.elf" --quiet --script args.lua -- one two
check "arguments reach the script" grep -q '^one.two$' out
report
