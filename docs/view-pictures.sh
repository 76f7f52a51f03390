#!/bin/sh
# docs/view-pictures.sh [BUILD] -- makes the pictures of docs/view.md from a run of its own: the whole
# run with the path of a page fault, and that fault's score. The same run, the same pictures.
# SPDX-License-Identifier: MIT
set -eu
docs=$(cd "$(dirname "$0")" && pwd)
flatfish=${1:-$docs/../build}/flatfish
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
