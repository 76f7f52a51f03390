#!/bin/sh
# Drawing is loaded by who draws, wherever the tree stands, and by no other run; a tree without it
# says so in one line.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
flatfish=$build/flatfish

cat >draw.lua <<'END'
local c = assert(flatfish.canvas { path = "picture.svg", width = 200, height = 100 })
c:text(10, 20, "words")
assert(c:finish())
flatfish.canvas { path = "second.png", width = 20, height = 10 }:finish()
END
libraries() { # with which PROGRAM starts
    LD_TRACE_LOADED_OBJECTS=1 "$1"
}

libraries "$flatfish" >starts
check "flatfish starts" grep -q 'libc\.so' starts
check "and waits for no drawing library" test -z "$(grep -E 'cairo|pango|glib' starts)"
ends 0 "$flatfish" script draw.lua
check "a picture is drawn" grep -q '<svg' picture.svg
check "and a second one" test -s second.png

mkdir -p moved/bin moved/libexec/flatfish
cp "$flatfish" moved/bin/flatfish
cp "$build/sim/lua/canvas.so" moved/libexec/flatfish/
rm -f picture.svg second.png
ends 0 moved/bin/flatfish script draw.lua
check "an installed tree that was moved draws" test -s picture.svg

: >moved/libexec/flatfish/canvas.so
ends 1 moved/bin/flatfish script draw.lua
check "a broken module is named" grep -q 'cannot draw: .*canvas.so.*again' err
rm -f picture.svg
ends 0 moved/bin/flatfish help
check "who does not draw does not miss it" test -s out
report
