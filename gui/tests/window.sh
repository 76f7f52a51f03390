#!/bin/sh
# A real window under Xvfb, with a hand at mouse and keyboard (xdotool): it opens, shows what the
# headless export draws to the pixel and to the byte, zooms, drags, searches, selects, notes, exports,
# remembers how it was, and ends. SPDX-License-Identifier: MIT
. "${srcdir:-.}/gui/tests/window_lib.sh"
trace_nest nest

# open_window OPTION...
open_window() {
    wait_for no_window
    "$flatfish" view "$@" nest >view.log 2>&1 </dev/null &
    viewer=$!
    window_take
}

# alike A B: the same but for the names that cairo gives to parts, counted over a program's life.
alike() {
    sed -E 's/(clip|surface|glyph|mask|pattern|image)[0-9]+/\1/g' "$1" >left.svg
    sed -E 's/(clip|surface|glyph|mask|pattern|image)[0-9]+/\1/g' "$2" >right.svg
    cmp -s left.svg right.svg
}

unlike() { ! alike "$1" "$2"; }

# same TEXT FILE OPTION...: what the window wrote is what the command draws.
same() {
    text=$1 file=$2
    shift 2
    ends 0 "$flatfish" view nest --size 1000x674 "$@" -o drawn.svg
    check "$text" alike "$file" drawn.svg
}

open_window --size 1000x700
write whole.svg
same "the window shows the whole run" whole.svg
write pixels.png
shot shot.png
convert shot.png -crop 1000x674+0+0 +repage shot.png
differ=$(compare -metric AE shot.png pixels.png null: 2>&1)
check "on the screen is what the file has: $differ pixels differ" test "$differ" = 0

# Everything larger: fewer points in the same window; and back.
hand key ctrl+plus
write large.svg
check "all is larger" grep -q '<svg [^>]*width="800' large.svg
hand key ctrl+minus
write usual.svg
check "and as it was" alike usual.svg whole.svg

# The mouse: nearer with the wheel, along with a drag, a range with the right button; and back.
hand mousemove 600 250 click 4
hand click 4
hand click 4
write near.svg
check "the wheel zooms" unlike near.svg whole.svg
hand mousedown 1
hand mousemove 500 250
hand mousemove 400 250
hand mouseup 1
write dragged.svg
check "a drag moves" unlike near.svg dragged.svg
hand key Home
write home.svg
check "Home is the whole run again" alike home.svg whole.svg
hand mousemove 500 250 mousedown 3
hand mousemove 520 250
hand mousemove 540 250
hand mouseup 3
write chosen.svg
check "a range is chosen" unlike chosen.svg whole.svg
hand key Home

# The first page fault of the program, by search; the next, by key; a note there.
fault() { # the Nth exception out of user mode
    "$flatfish" trace export --format csv --kind exception nest | awk -F, -v n="$1" '
        $4 == "user" && $6 == "kernel" && $9 % 256 == 14 && ++i == n { print $1 }'
}
hand key slash
hand type 'page fault'
hand key Return
write found.svg
same "the search selects the first page fault" found.svg --at "$(fault 1)"
hand key bracketright
write next.svg
same "] selects the next" next.svg --at "$(fault 2)"
hand key bracketleft
write back.svg
check "[ goes back" alike back.svg found.svg
hand key b
hand type 'here it begins'
hand key Return
wait_for test -s nest/.flatfish-notes
check "the note is kept beside the trace" grep -q "^$(fault 1) here it begins\$" nest/.flatfish-notes
write noted.svg
check "and is shown" unlike noted.svg found.svg
hand key b
erase
hand key Return
wait_for test ! -e nest/.flatfish-notes

# Panes, looks; an export never takes the place of a file.
hand key 4
write path.svg
same "one pane alone" path.svg --pane path --at "$(fault 1)"
hand key 0
hand key d
hand key t
write dark.svg
same "dark, by threads" dark.svg --dark --threads --at "$(fault 1)"
cp dark.svg kept
hand key e
erase
hand type whole.svg
cp whole.svg before
shot asked.png
shows asked.png key Return
check "a file that is there stays" cmp -s whole.svg before
shot bare.png
shows bare.png key question
hand key Escape
hand key q
code=0
wait $viewer || code=$?
check "it ended well: $code, $(cat view.log)" test $code = 0 -a ! -s view.log

# Again: as it was. Closed by its border this time.
open_window
check "the size is kept" has_size 1000x700
write again.svg
same "and the looks" again.svg --dark --threads
hand key q
wait $viewer || bad "the second window ended with $?"
report
