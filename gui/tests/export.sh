#!/bin/sh
# Pictures without a display: a score has a box for each span of the range and an arc where control
# passed, as the trace's own events say; the formats are what their names say; nothing of the trace
# is ever overwritten; mistakes are one line.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/gui/tests/lib.sh"

trace_nest nest
csv nest >nest.csv
view() { "$flatfish" view nest "$@"; }

# count FROM TO: boxes by level in the SVG, and what the events say they are.
count() {
    ends 0 view --pane score --range "$1:$2" --size 8000x900 -o score.svg
    lua5.4 "$srcdir/gui/tests/boxes.lua" score.svg nest.csv "$1" "$2" >found
    check "range $1:$2: $(cat found)" grep -q '^the same' found
}
# From one page fault of the program to the one after the next.
set -- $(grep ',exception,.*"memtest",""$' nest.csv | cut -d, -f1 | sed -n '60p;62p;100p;101p')
count "$1" "$2"
count "$3" "$4"
count $(($1 + 100)) $(($2 - 300))

for format in svg pdf png; do
    for pane in all score overhead nest path; do
        ends 0 view --pane $pane --at "$1" --size 700x500 -o x.$format
        check "$pane $format: something" test -s x.$format
    done
    cp x.$format first.$format
    [ $format = pdf ] || { ends 0 view --pane path --at "$1" --size 700x500 -o x.$format
                           check "$format: the same picture twice" cmp -s x.$format first.$format; }
done
check "an SVG" grep -q '<svg' x.svg
check "a PDF" sh -c 'head -c 5 x.pdf | grep -q %PDF-'
check "a PNG" sh -c 'head -c 4 x.png | grep -q PNG'
check "of that size" sh -c "od -An -tu1 -j16 -N8 x.png | tr -s ' ' | grep -q '0 0 2 188 0 0 1 244'"
view --dark -o dark.svg && view -o light.svg
check "dark is another picture" sh -c '! cmp -s dark.svg light.svg'
view --threads --pane score -o threads.svg && view --pane score -o spaces.svg
lanes() { grep -c "d=\"M 168 .*Z M 168" "$1"; }
check "threads are more lanes" test "$(lanes threads.svg)" -gt "$(lanes spaces.svg)"
ends 0 view -o /dev/stdout.svg 2>/dev/null || ends 1 view -o /dev/stdout.svg
mkfifo pipe.svg && cat pipe.svg >piped & ends 0 timeout 20 "$flatfish" view nest -o pipe.svg; wait
check "into a pipe" grep -q '</svg>' piped

# Sizes, ranges and moments of every kind: a picture, or one line.
for range in 0:1 5:6 :100 1M: 0:18446744073709551615 22M:1G 9223372036854775807:9223372036854775808; do
    ends 0 view --range $range --size 300x200 -o x.png
done
for size in 1x1 1x900 900x1 40x40 8000x20; do ends 0 view --size $size --at "$1" -o x.svg; done
for at in 0 1 18446744073709551615; do ends 0 view --at $at --pane path -o x.svg; done

one_line 2 'FROM:TO' view --range 5 -o x.svg
one_line 2 'not before' view --range 6:5 -o x.svg
one_line 2 'WIDTHxHEIGHT' view --size 0x5 -o x.svg
one_line 2 'WIDTHxHEIGHT' view --size 9000x5 -o x.svg
one_line 2 'none of' view --pane scores -o x.svg
one_line 2 'none of .svg' view -o x.gif
one_line 2 'goes with --bench' view --json
one_line 2 'one of -o and --bench' view --bench -o x.svg
one_line 2 'which trace' "$flatfish" view -o x.svg
one_line 1 'no such directory' "$flatfish" view nowhere -o x.svg
one_line 1 'cannot write' view -o nowhere/x.svg
mkdir empty
one_line 1 'not a trace' "$flatfish" view empty -o x.svg

# The trace is not to be lost. Its files have no such endings, but links can.
cp nest/events before
ln -s nest/events link.svg
one_line 2 'would overwrite' view -o link.svg
one_line 2 'nest' view -o nest/x.svg
check "the events are as they were" cmp -s nest/events before

# What cannot be written leaves what was there.
echo old >old.svg
(ulimit -f 4; ends 1 view -o old.svg; exit $failed) || bad "a file size limit"
check "the old picture is still there" grep -q '^old$' old.svg
check "and nothing beside it" test -z "$(find . -name '*.part-*')"

# The stop-watch, as text and as JSON.
ends 0 view --bench --size 300x200
ends 0 view --bench --size 300x200 --json
check "JSON of the bench" lua5.4 -e 'local t = io.read("a"); os.exit(t:find("\"fps\": [%d.]+") and t:find("\"events\": %d+") and
    select(2, t:gsub("{", "")) == select(2, t:gsub("}", "")))' <out

# Cut: shown as far as it is whole, and said.
cp -r nest cut
head -c $(($(stat -c %s nest/events) / 2)) nest/events >cut/events
one_line 1 'what came before is shown' "$flatfish" view cut -o cut.svg
check "the picture is there" grep -q '</svg>' cut.svg

# Without a display there is no window, and a way out is named.
one_line 1 'no display.*-o' view
# Without its viewer the command says so.
mkdir -p moved/bin
cp "$flatfish" moved/bin/flatfish
one_line 1 'flatfish-view.*again' moved/bin/flatfish view nest -o x.svg
mkdir -p moved/libexec/flatfish
cp "$build/gui/flatfish-view" moved/libexec/flatfish/
rm -f x.svg
ends 0 moved/bin/flatfish view nest -o x.svg
check "an installed tree that was moved draws" test -s x.svg
report
