#!/bin/sh
# cover.sh -- property: the transcripts send every packet of sim/gdb/packets.def, and all of them pass.
# SPDX-License-Identifier: MIT
src=${srcdir:-.}
missing=$(sed -n 's/^PACKET("\([^"]*\)".*/\1/p' "$src/sim/gdb/packets.def" | while read -r prefix; do
    cat "$src"/sim/tests/gdb/*.rsp | awk -v p="$prefix" \
        'index($0, "> " p) == 1 || index($0, ">> $" p) == 1 { found = 1 } END { exit !found }' ||
        printf ' %s' "$prefix"
done)
if [ -n "$missing" ]; then
    echo "in no transcript:$missing"
    exit 1
fi
exec sim/tests/gdb/rsp ./flatfish "$src"/sim/tests/gdb/*.rsp
