#!/bin/sh
# The experiment gives the same rows with one process and with two, exact ones: eight nesters that add
# nothing cost nothing, and the slowdowns are those of the counts. SPDX-License-Identifier: MIT
set -eu
build=$(pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export FLATFISH_CACHE="$dir/cache"
sweep() { "$build/flatfish" experiment osdi96 --fresh "$@" >"$dir/out" 2>&1 || { cat "$dir/out"; exit 1; }; }
sweep -j 1 --csv "$dir/one.csv" -- --only ipcbench --out "$dir/picture"
sweep -j 2 --csv "$dir/two.csv" -- --only ipcbench
cmp "$dir/one.csv" "$dir/two.csv"
cmp "$dir/one.csv" "$dir/picture.csv"
[ "$(head -c 8 "$dir/picture.png" | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ]
grep -q '</svg>' "$dir/picture.svg"
awk -F, 'function near(a, b) { d = a - b; return (d < 0 ? -d : d) <= 0.001 * (1 + (b < 0 ? -b : b)) }
    NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    { n[$at["stack"]] = $at["instructions"]; shown[$at["stack"]] = $at["slowdown"]
      if (!$at["calls"] || $at["cycles"] <= $at["instructions"]) bad = "no events were counted" }
    END { if (n["bare"] < 1000000) bad = "the bare run counts too little"
        if (!near(n["null*8"] / n["bare"], 1)) bad = "null*8 costs something"
        if (!(n["tracer"] > n["bare"])) bad = "the tracer costs nothing"
        for (s in n) if (!near(shown[s], 100 * (n[s] / n["bare"] - 1))) bad = "slowdown of " s
        if (bad) { print "FAILED: " bad; exit 1 } }' "$dir/one.csv"
echo "osdi96.sh: passed"
