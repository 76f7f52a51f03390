#!/bin/sh
# The index of a trace: the same trace gives the same bytes, it is used as long as it fits, and built
# again when the trace changed or the index is damaged; nobody else sees it; where it cannot be kept
# the numbers are the same; a cut trace gives what the whole one gives, as far as it goes.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/gui/tests/lib.sh"
index=.flatfish-index

trace_nest a
sums a >first
check "it is kept" test -s a/$index
cp a/$index kept
sums a >second
check "the same numbers from it" cmp -s first second
check "the same file" test a/$index -ot first
rm a/$index
sums a >second
check "built again: the same bytes" cmp -s a/$index kept
cp -r a b
rm b/$index
sums b >second
check "in another folder: the same bytes" cmp -s b/$index kept
if command -v babeltrace2 >/dev/null; then
    ends 0 babeltrace2 a
    check "babeltrace2 does not see it" test ! -s err
    check "and lists all events" test "$(wc -l <out)" = "$("$flatfish" trace export --format text a | wc -l)"
fi

# It is part of the trace to who replaces that.
cp -r a replaced
ends 7 "$flatfish" run --kernel "$guests/hello.elf" --quiet --trace replaced --force
check "a trace that is replaced takes its index along" test ! -e replaced/$index

# Damage: in the header, in the tables, in the middle, at the end; cut; another file altogether.
size=$(stat -c %s kept)
damaged() { # TEXT: a/$index is not what it was
    sums a >second
    check "$1: the same numbers" cmp -s first second
    check "$1: built again" cmp -s a/$index kept
}
for at in 0 8 20 60 100 200 400 $((size / 3)) $((size / 2)) $((size - 40)) $((size - 1)); do
    cp kept a/$index
    printf '\245' | dd of=a/$index bs=1 seek="$at" conv=notrunc 2>/dev/null
    damaged "a byte changed at $at"
done
for bytes in 0 1 300 $((size / 2)) $((size - 1)); do
    head -c "$bytes" kept >a/$index
    damaged "cut to $bytes bytes"
done
cat kept kept >a/$index
damaged "twice as long"
rm a/$index && ln -s /etc/passwd a/$index
damaged "a link to something else"
check "which is still there" test -s /etc/passwd
rm a/$index && mkdir a/$index
sums a >second
check "a folder in its place: the same numbers" cmp -s first second
rmdir a/$index

# The index of another trace, and of this one before it changed.
trace_guest other pingpong
sums other >/dev/null
cp other/$index a/$index
damaged "that of another trace"

cut=$(($(stat -c %s a/events) * 2 / 3))
cp -r a c
head -c $cut a/events >c/events
cp kept c/$index
sums c >cut_all
check "a cut trace: not the old index" test "$(tail -n 1 cut_all | cut -c1-6)" = damage
csv c >c.csv 2>/dev/null
last=$(tail -n 1 c.csv | cut -d, -f1)
# Who runs again only behind the cut waited there until then: nobody can see that in what is left.
known() { sums "$@" | sed 's/ waiting=.*//; /^damage/d'; }
known c 0 "$last" >one
known a 0 "$last" >two
check "a cut trace: the same numbers up to the cut: $(diff one two | head -n 2)" cmp -s one two
known c 1000000 "$((last - 5))" >one
known a 1000000 "$((last - 5))" >two
check "and of a part of it" cmp -s one two

if [ "$(id -u)" != 0 ]; then
    rm a/$index
    chmod a-w a
    sums a >second
    chmod u+w a
    check "a folder that may not be written: the same numbers" cmp -s first second
    check "and no index" test ! -e a/$index
fi

# Interrupted while it is made.
rm -rf d && cp -r a d && rm -f d/$index
"$build/gui/tests/view_sums" d >/dev/null &
pid=$!
kill -INT $pid 2>/dev/null
kill -KILL $pid 2>/dev/null
wait $pid 2>/dev/null
left=$(find d -name '.*' -type f ! -name $index)
check "interrupted: nothing half made is left" test -z "$left"
check "and what is there is whole" sh -c "test ! -e d/$index || cmp -s d/$index kept"
report
