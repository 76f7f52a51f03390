#!/bin/sh
# The one-way checker passes a clean tree and catches every kind of breach, each in its own tree.
# SPDX-License-Identifier: MIT
. "${srcdir:-$(dirname "$0")/..}/tests/setup_lib.sh"

tree=$scratch/tree
clean_tree() {
    rm -rf "$tree"
    mkdir -p "$tree/abi" "$tree/kernel/core" "$tree/kernel/user" "$tree/sim/core" "$tree/sim/gdb" "$tree/gui" \
        "$tree/sim/bochs"
    for folder in abi kernel kernel/core kernel/user sim sim/core sim/gdb sim/bochs gui; do
        printf '# x\n\nowns this\nstart there\n' >"$tree/$folder/README.md"
    done
    put abi/numbers.h '#include <stdint.h>'
    put kernel/user/stubs.h '#include "abi/numbers.h"'
    put kernel/core/port.c '#include "abi/numbers.h"'
    put sim/core/event.h '#include <stdio.h>'
    put sim/core/event.c '#include "sim/core/event.h"'
    put sim/gdb/conn.c '#include "abi/numbers.h"'
    put sim/bochs/hooks.cc '#include "cpu/cpu.h"'
    put gui/window.c '#include <math.h>'
}
put() { printf '// SPDX-License-Identifier: MIT\n%s\n' "$2" >"$tree/$1"; }
check() { lua5.4 "$srcdir/tools/check-includes.lua" "$tree"; }

# breach FILE LINE TEXT: a clean tree plus that line must be refused, naming the file and the reason
breach() {
    clean_tree
    put "$1" "$2"
    expect 1 "$1 with $2" check
    says "$1" "$1 with $2"
    says "$3" "$1 with $2"
}

clean_tree
expect 0 "a clean tree" check

breach kernel/core/port.c '#include "kernel/user/stubs.h"' 'kernel/core may not include kernel/user/stubs.h'
breach kernel/core/port.c '#include <stdio.h>' 'kernel may not include <stdio.h>'
breach abi/numbers.h '#include <string.h>' 'abi may not include <string.h>'
breach abi/numbers.h '#include "sim/core/event.h"' 'abi may not include sim/core/event.h'
breach sim/gdb/conn.c '#include "sim/core/event.h"' 'sim/gdb may not include sim/core/event.h'
breach sim/core/event.c '#include "cpu/cpu.h"' 'no file of this tree'
breach sim/core/event.c '#include "event.h"' 'not written from the root'
breach gui/window.c '#include "sim/core/event.h"' 'gui may not include sim/core/event.h'
breach sim/core/event.cc '' 'C++ is for sim/bochs alone'
breach sim/core/event.c "// see /ro""ot/notes" 'a home folder'

clean_tree
echo 'int x;' >"$tree/sim/core/event.c"
expect 1 "a source file without a licence line" check
clean_tree
rm "$tree/gui/README.md"
expect 1 "a folder without README" check
clean_tree
echo '# gui' >"$tree/gui/README.md"
expect 1 "a README that is only a heading" check
rm -rf "$tree"
mkdir "$tree"
expect 1 "an empty tree" check

# The checker of layout, in a release that lies in somebody's repository: what is built there is not ours.
format() { "$srcdir/tools/check-format" "$tree/release"; }
for folder in abi gui kernel labs monitors sim tests tools _build; do
    mkdir -p "$tree/release/$folder"
done
cp "$srcdir/.clang-format" "$tree/release/"
printf 'int x;\n' >"$tree/release/sim/x.c"
printf 'int   x ;\n' >"$tree/release/_build/y.c"
git -C "$tree" init -q . 2>/dev/null
format >/dev/null
if [ $? != 77 ]; then
    expect 0 "a release in a repository" format
    printf 'int   x ;\n' >"$tree/release/sim/x.c"
    expect 1 "C that is laid out another way" format
fi
verdict
