#!/bin/sh
# Every option in a command's table is in its man page, and the other way round; pages are clean.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"

in_help() { "$fake" help "$1" | sed -n 's/^  --*\([a-z-]*\).*/\1/p' | grep -v '^help$' | sort -u; }
in_page() { sed -n 's/^\.B[RI]* *"*\\-\(\\-\)*\([a-z\\-]*\).*/\2/p' "$1" | sed 's/\\//g' | grep . | sort -u; }

for command in $("$fake" help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
    page=$srcdir/docs/man/flatfish-$command.1
    [ "$command" = help ] && continue
    if [ ! -r "$page" ]; then
        [ -r "$srcdir/docs/man/flatfish.1" ] || continue
        check "$command: described in flatfish(1)" grep -q "^\.B[RI]* .*$command" \
            "$srcdir/docs/man/flatfish.1"
        check "$command: has no options, so no page" test -z "$(in_help "$command")"
        continue
    fi
    in_help "$command" >a
    in_page "$page" >b
    check "$command: page and table name the same options" cmp a b
    diff a b
    if command -v groff >/dev/null; then
        groff -man -ww -Tutf8 "$page" >/dev/null 2>warnings
        check "$command: groff has nothing to say" test ! -s warnings
    fi
done
report
