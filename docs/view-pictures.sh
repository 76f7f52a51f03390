#!/bin/sh
# docs/view-pictures.sh [BUILD] -- makes the pictures of docs/view.md from runs of its own: the whole run
# with the path of a page fault, that fault's score, the same workload in two nests, and the window of a
# live run that went back to that fault (under Xvfb). The same runs, the same pictures.
# SPDX-License-Identifier: MIT
set -eu
docs=$(cd "$(dirname "$0")" && pwd)
flatfish=$(cd "${1:-$docs/../build}" && pwd)/flatfish
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$flatfish" run 'procmgr/pager(frames=64)/memtest' --quiet --trace "$work/t" >/dev/null 2>&1 </dev/null

# An early page fault of the program in which the pager asks the level below for its backing store.
at=$("$flatfish" trace export --format csv "$work/t" | awk -F, '
    $6 == "user" && $12 == "\"memtest\"" { fault = 0 }
    $2 == "exception" && $9 % 256 == 14 && $11 == "\"memtest\"" && $4 == "user" { fault = $1 }
    $6 == "user" && $12 == "\"kserver\"" && fault { if (++n == 3) { print fault; exit } fault = 0 }')
"$flatfish" view "$work/t" --size 1500x860 --at "$at" -o "$docs/view.png"
"$flatfish" view "$work/t" --size 1400x420 --pane score --at "$at" \
    --range "$((at - 700)):$((at + 8500))" -o "$docs/view-fault.png"

"$flatfish" run 'procmgr/tracer/pager(frames=64)/memtest' --quiet --trace "$work/u" >/dev/null 2>&1 </dev/null
(cd "$work" && "$flatfish" view t --compare u --pane compare --size 900x420 -o compare.png)
cp "$work/compare.png" "$docs/view-compare.png"

# The live window: run to the end, select the fault, go back to it, show its path.
for tool in Xvfb xdotool import; do
    command -v $tool >/dev/null || { echo "no $tool here: view-live.png stays as it is"; exit 0; }
done
mkfifo "$work/number"
Xvfb -displayfd 3 -screen 0 1500x900x24 -noreset -nolisten tcp >/dev/null 2>&1 3>"$work/number" &
xvfb=$!
trap 'kill $xvfb; rm -rf "$work"' EXIT
read -r DISPLAY <"$work/number"
DISPLAY=:$DISPLAY XDG_STATE_HOME=$work SDL_VIDEODRIVER=x11 SDL_RENDER_DRIVER=software
export DISPLAY XDG_STATE_HOME SDL_VIDEODRIVER SDL_RENDER_DRIVER
"$flatfish" run 'procmgr/pager(frames=64)/memtest' --quiet --view >"$work/out" 2>&1 </dev/null &
run=$!
until grep -q 'words wrong' "$work/out"; do sleep 0.5; done
window=$(xdotool search --sync --onlyvisible --name flatfish | head -n 1)
xdotool windowsize --sync "$window" 1500 860 windowmove "$window" 0 0 windowfocus "$window"
sleep 2
xdotool key slash type "$at"
xdotool key Return
sleep 1
xdotool key g
sleep 3
xdotool key f
sleep 3
import -window "$window" +repage "$docs/view-live.png"
xdotool key q
wait $run
