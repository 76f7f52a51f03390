#!/bin/sh
# Hostile submissions: each gets a clear verdict and no points for what it did not do, the grader ends, and nothing outside its work
# changes. SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
flatfish=$build/flatfish
test -x "$flatfish" && test ! "$flatfish" -ef "$srcdir/flatfish" || { echo "no flatfish is built here"; exit 77; }
solution=$srcdir/labs/teacher/02-border/solution
[ -d "$solution" ] || { echo "the teacher's package is not here"; exit 77; }
export FLATFISH_CACHE="$work/cache" TMPDIR="$work/tmp"
mkdir tmp
echo 'nobody may read this' >secret
list=

# hostile NAME: a submission without a guard, and a spy to be written by the caller in NAME/spy.c.
fails() { ! "$@"; }
hostile() {
    mkdir "$1"
    list="$list $1"
}
# source NAME TEXT: one whose spy.c is the text, with printf's escapes.
source() {
    hostile "$1"
    printf "$2\n" >"$1/spy.c"
}

# nester CODE: a program that could be a nester, and does something else.
nester() {
    cat <<X
#include "monitors/lib/nester.h"
int main(void)
{
    static const struct mon_ops none;
    if (mon.argc < 1000) {
        $1
    }
    return mon_run(&none);
}
X
}

hostile loop
cp "$solution/guard.c" loop
nester 'for (;;) __asm__ volatile("pause");' >loop/spy.c
hostile memory
nester 'for (;;) { char *p = malloc(1 << 20); for (int i = 0; p && i < 1 << 20; i += 4096) p[i] = 1; }' >memory/spy.c
hostile flood
nester 'for (;;) puts("100 of 100 points, really and truly, ask anybody you like");' >flood/spy.c
hostile shouting
nester 'for (;;) __asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0; .long 0x464b0005" : : "D"(main), "S"(4096l), "a"(0l) : "memory");' >shouting/spy.c
hostile forged
nester 'puts("spy: open /a/n1: done"); puts("+got=i:100"); puts("100 of 100 points"); return 0;' >forged/spy.c
hostile reading
echo "#include \"$work/secret\"" >reading/spy.c
hostile taking
echo "__asm__(\".incbin \\\"$work/secret\\\"\"); int main(void) { return 0; }" >taking/spy.c
hostile climbing
echo '#include "../../../secret"
int main(void) { return 0; }' >climbing/spy.c
hostile device
echo '#include "/dev/zero"' >device/spy.c
hostile macros
{ echo '#define A0 x x x x x x x x x x'; for i in 1 2 3 4 5 6 7 8 9; do
    echo "#define A$i A$((i - 1)) A$((i - 1)) A$((i - 1)) A$((i - 1)) A$((i - 1)) A$((i - 1)) A$((i - 1)) A$((i - 1)) A$((i - 1)) A$((i - 1))"
done; echo 'int A9;'; } >macros/spy.c
hostile bytes
printf '#error \377\376 <a> ]]>\nint main(void) { return 0; }\n' >bytes/spy.c
hostile huge
echo 'int main(void) { static char c[1 << 30] = {1}; return c[5]; }' >huge/spy.c
hostile link
ln -s "$work/secret" link/spy.c
hostile pipe
mkfifo pipe/spy.c
hostile large
head -c 3000000 /dev/zero >large/spy.c
hostile folder
mkdir folder/spy.c
hostile rules
cp "$solution/spy.c" "$solution/guard.c" rules
printf 'all check submit:\n\ttouch %s/touched; rm -rf %s/secret\n' "$work" "$work" >rules/Makefile
printf 'lab = 0\n' >rules/lab.txt
mkdir rules/build rules/monitors && echo '#error not these' >rules/monitors/lib
# The compiler as a tool: to wait, to read, to fill disk and memory, to take what is the teacher's.
source terminal '#include "/dev/ptmx"'
source hidden '#define X(a) <a>\n#include X(/dev/tty)'
source passwords 'int a[] = {\n#include "/etc/passwd"\n};'
source assembler '__asm__(".include \\"/etc/passwd\\"");'
source theirs '#include "labs/teacher/02-border/solution/spy.c"'
source itself '#include "spy.c"'
source again '__asm__(".rept 1000000000\\n nop\\n .endr");'
source fills '__asm__(".fill 4000000000,8,7");'
source nul 'int main(void)\000{ return }'
hostile sparse
truncate -s 8G sparse/spy.c
# Programs may not say what spaces there are: this one has lost nothing by trying.
hostile announces
sed 's,^int main(.*,#include "abi/simcall/simcall.h"\n&,; /^int main(/,/^{/s,^{,{\n    static char block[512];\n    simcall_DEBUG_BLOCK(0\, 0\, 0);\n    simcall_DEBUG_BLOCK((unsigned long)block\, 0\, 0);,' \
    "$solution/spy.c" >announces/spy.c
# Names are text.
for name in '=1+1' '+1' '@x' 'a,b' '%s%n' '<b>' 'new
line' "$(printf '\377\376')"; do mkdir -- "$name"; done

# Names of an archive decide nothing; what is a link in it stays one.
mkdir packed && cp "$solution/guard.c" packed && ln -s "$work/secret" packed/spy.c
tar --transform 's,^packed,../../up,' -P -czf climber.tar.gz packed/guard.c packed/spy.c
tar -czf linked.tar.gz -C packed guard.c spy.c
head -c 20000 /dev/urandom >noise.tar.gz
head -c 300000000 /dev/zero >spy.c && tar -czf bomb.tar.gz spy.c && rm spy.c
cp bomb.tar.gz inner.tar.gz && tar -czf matryoshka.tar.gz inner.tar.gz
: >empty.tar.gz
mkdir hard && cp "$solution/guard.c" hard && ln hard/guard.c hard/spy.c && tar -czf hardlink.tar.gz -C hard guard.c spy.c
mkdir many && for i in 1 2 3 4 5 6 7 8 9; do mkdir many/$i && echo "int a$i;" >many/$i/spy.c; done
for i in 1 2 3 4 5 6 7 8; do cat many/*/spy.c >many/$i/guard.c; done
tar -czf manifold.tar.gz many
list="$list climber.tar.gz linked.tar.gz noise.tar.gz bomb.tar.gz matryoshka.tar.gz empty.tar.gz hardlink.tar.gz manifold.tar.gz"

find . -path ./tmp -prune -o -path ./cache -prune -o -type f -print | sort | grep -v '^./\(out\|err\|before\|after\)$' | xargs cksum >before
# None of it may take for ever: this test's own limit is far beyond any budget's.
ends 0 timeout 500 "$flatfish" grade 2 $list ./=* ./+* ./@* ./a,b ./%* ./'<b>' ./new* "./$(printf '\377\376')" --json j.json --csv c.csv --junit x.xml
rm -f j.old
find . -path ./tmp -prune -o -path ./cache -prune -o -type f -print | sort | grep -v '^./\(out\|err\|before\|after\|j.json\|c.csv\|x.xml\)$' | xargs cksum >after
check "nothing has changed but what was asked for" cmp before after
check "no work is left" test -z "$(ls tmp)"

json=j.json
# verdict NAME PROPERTY TEXT: no points, for this reason.
verdict() {
    if lua5.4 - "$json" "$@" <<'X'
local text, name, property, why = io.open(arg[1]):read("a"), arg[2], arg[3], arg[4]
local row
for line in text:gmatch("{[^{}]*\"student\"[^{}]*}") do
    if line:find('"student": "' .. name .. '"', 1, true) and line:find('"property": "' .. property .. '"', 1, true) then row = line end
end
if row and row:find('"points": 0', 1, true) and row:find(why, 1, true) then os.exit(0) end
print("    " .. (row or "no row"))
os.exit(1)
X
    then good; else bad "verdict on $1: $3"; fi
}
verdict loop spy-all 'did not end within 60 million instructions'
verdict memory spy-all 'did not end within'
verdict flood spy-all 'it printed more than 512 KiB'
verdict forged spy-all 'trips'
verdict shouting spy-all 'it printed more than 512 KiB'
for name in reading taking terminal hidden passwords assembler theirs; do
    verdict $name spy-all 'which is neither of the lab nor handed in'
done
verdict itself spy-all 'nested depth'
verdict again spy-all 'used up its time or memory'
verdict fills spy-all 'used up its time or memory'
verdict nul spy-all 'was not built'
verdict sparse spy-all 'bytes; 262144 are allowed'
for name in matryoshka empty; do verdict $name spy-all 'spy.c is missing'; done
verdict hardlink spy-all 'spy'
verdict reading spy-all 'which is neither of the lab nor handed in'
verdict climbing spy-all 'was not built'
verdict device spy-all 'was not built'
verdict macros spy-all 'was not built'
verdict huge spy-all 'was not built'
verdict link spy-all 'spy.c is a link, not a file'
verdict pipe spy-all 'not a plain file'
verdict large spy-all '3000000 bytes; 262144 are allowed'
verdict folder spy-all 'not a plain file'
verdict climber spy-all 'spy.c is missing'
verdict linked spy-all 'is a link'
verdict noise spy-all 'spy.c is missing'
verdict bomb spy-all 'bytes; 262144 are allowed'
check "JUnit's file is UTF-8, whatever the compiler quotes" iconv -f UTF-8 -t UTF-16 x.xml -o x.utf16
for name in "'=1+1" "'+1" "'@x" '"a,b"' '%s%n' '<b>' 'new?line' '??'; do
    check "a sheet has the name $name as text" grep -qxF -e "$name,0,0,0,0,0,0,0,0,0,0,0,100" c.csv
done
check "no user of this host is told" fails grep -q 'root:x' j.json x.xml out err
check "who announces spaces is not heard" grep -q '^announces,5,20,10,10,10,0' c.csv
check "no secret is told" fails grep -rq 'nobody may read' j.json c.csv out err cache
# More submissions than an interpreter's stack has room for at first.
one_line 1 'two submissions are called loop' "$flatfish" grade 2 $(yes loop | head -n 400)

# kernel NAME CODE [MORE]: a kernel call that does something else.
kernel() {
    mkdir "$1"
    cat >"$1/call.c" <<X
#include "abi/simcall/simcall.h"
#include "kernel/core/object.h"
#include "kernel/core/syscall.h"
$3
long sys_words_add(uint64_t va, uint64_t count, uint64_t value, uint64_t carried)
{
    (void)va, (void)count, (void)value, (void)carried;
    $2
    return 0;
}
X
}
# Interrupted and begun again: what comes out is what would have come.
ends 0 "$flatfish" grade 2 loop rules huge taking link --json whole.json --fresh
"$flatfish" grade 2 loop rules huge taking link --fresh >/dev/null 2>&1 &
sleep 1
kill -INT $!
wait $!
check "a run that was interrupted says so, or was done" test $? = 130 -o $? = 0
check "it leaves no work" test -z "$(ls tmp)"
ends 0 "$flatfish" grade 2 loop rules huge taking link --json resumed.json -j 1
check "what was interrupted comes out the same" cmp whole.json resumed.json
# What is handed in later is another thing, by whatever name.
cp "$solution/spy.c" huge/spy.c
ends 0 "$flatfish" grade 2 huge --csv mended.csv
check "a submission that was mended is graded anew" grep -q '^huge,5,20,10,10,10,0' mended.csv

kernel kernel_flood 'for (;;) kprintf("100 of 100 points ");'
kernel kernel_exit 'simcall_EXIT(0, 0, 0);'
kernel kernel_write '__builtin_memset((void *)0xffffffff80000000ull, 0x90, 1 << 20);'
kernel kernel_twice '' 'void kernel_main(paddr start_info) { (void)start_info; }'
# The right answer and no work; the work, and a program that cannot look any more; an end as if the program had made a mistake; a name that a check
# looks for.
kernel kernel_tells 'for (uint64_t i = 0; i < count; i++) {
        uint64_t *word = memory_find(current->space, va + 8 * i, FK_READ);
        carried += word && *word + value < value;
    }
    current->frame.rsi = 0;
    return (long)carried;' '#include "kernel/core/memory.h"
#include "kernel/core/thread.h"'
kernel kernel_patches 'uint8_t *p = memory_find(current->space, current->frame.rip & ~4095ul, FK_READ);
    for (int i = 0; p && i < 4094; i++)
        if (p[i] == 0x0f && p[i + 1] == 0x05 && ((current->frame.rip - 2) & 4095) != (unsigned)i)
            p[i] = p[i + 1] = 0x90;
    for (; count; count--, va += 8) {
        uint64_t *word = memory_find(current->space, va, FK_WRITE);
        if (!word)
            return K_FAULT;
        carried += __builtin_add_overflow(*word, value, word);
    }
    return (long)carried;' '#include "kernel/core/memory.h"
#include "kernel/core/thread.h"'
cp -r "$srcdir/labs/teacher/07-call/solution" kernel_ends
sed -i 's,^long sys_words_add,#include "abi/simcall/simcall.h"\n&,; s,^    while (count) {,    if (va < 0x1000000) simcall_EXIT(142\, 0\, 0);\n&,' kernel_ends/call.c
cp -r "$srcdir/labs/teacher/07-call/solution" kernel_shadow
echo '__asm__(".pushsection .text; arch_preempt: xor %eax, %eax; ret; .popsection");' >>kernel_shadow/call.c
ends 0 timeout 500 "$flatfish" grade 7 kernel_* --json j7.json
json=j7.json
verdict kernel_flood plain 'did not come back'
verdict kernel_exit plain 'did not come back'
verdict kernel_write plain 'did not come back'
verdict kernel_twice plain 'multiple definition'
verdict kernel_tells plain '100 words are not what they should be'
verdict kernel_patches plain "the program's own instructions were changed"
verdict kernel_ends rights 'nobody was asked for the memory'
verdict kernel_shadow plain "'arch_preempt' is the name of something of Flatfish's own"

check "own rules are nobody's: all points" grep -q '^rules,.*,100,100$' c.csv
check "who hands in half gets half" grep -q '^loop,.*,45,100$' c.csv
report
