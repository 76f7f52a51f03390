# gui/tests/window_lib.sh -- a screen of its own (Xvfb) with a hand at mouse and keyboard (xdotool), for
# tests with a real window. Sourced, never run. No test may depend on how long anything takes: what the
# hand does comes to the window in order, and what is then to be seen is waited for.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/gui/tests/lib.sh"
for tool in Xvfb xdotool import compare; do
    command -v $tool >/dev/null || { echo "no $tool here: install xvfb, xdotool, imagemagick"; exit 77; }
done
XDG_STATE_HOME=$work/state
export XDG_STATE_HOME
mkfifo number
Xvfb -displayfd 3 -screen 0 1200x900x24 -noreset -nolisten tcp >/dev/null 2>xvfb.log 3>number &
xvfb=$!
machine= viewer=
trap 'kill $xvfb $machine $viewer 2>/dev/null; rm -rf "$work"' EXIT
read -r DISPLAY <number
DISPLAY=:$DISPLAY
export DISPLAY SDL_VIDEODRIVER=x11 SDL_RENDER_DRIVER=software

# A window has its whole name once it shows something; that of a program that was killed may stay a while.
windows() { xdotool search --onlyvisible --name ' - flatfish$'; }
no_window() { test -z "$(windows)"; }
has_size() { xdotool getwindowgeometry "$window" | grep -q "Geometry: $1\$"; }

# window_take [SIZE]: the window that opens now, at the screen's corner, with the keyboard.
window_take() {
    wait_for windows || { cat ./*.log run.err 2>/dev/null; report; exit 1; }
    window=$(windows | head -n 1)
    test $# = 0 || xdotool windowsize "$window" "${1%x*}" "${1#*x}"
    xdotool windowmove "$window" 0 0 windowfocus "$window"
    test $# = 0 || wait_for has_size "$1"
}

hand() { xdotool "$@"; sleep 0.1; }
erase() { for letter in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do xdotool key BackSpace; done; }

# write FILE: by the key `e`, over the name that is offered there.
write() {
    rm -f "$1"
    hand key e
    erase
    hand type "$1"
    hand key Return
    wait_for test -s "$1"
}
# draws FILE N: the window writes that file, with N paths or more in it.
draws() { write "$1" && test "$(grep -c '<path' "$1")" -ge "$2"; }

shot() { import -window "$window" +repage "$1"; }
# differs BEFORE: what is on the screen is no longer that picture.
differs() { shot now.png && test "$(compare -metric AE now.png "$1" null: 2>&1)" != 0; }
# shows PICTURE ARGUMENT...: what the hand does changes what was on the screen.
shows() {
    picture=$1
    shift
    hand "$@"
    wait_for differs "$picture" && good
}
