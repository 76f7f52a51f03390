#!/bin/sh
# Processes come and go under GDB's eyes: breakpoints hit in each child of a fork, in the inferior that is the
# child's; the end of a program leads on to the others; kill, run, starti and detach do in a nest what
# they do elsewhere, and none of it ends GDB or the connection.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
. "$srcdir/tests/gdb_lib.sh"
# What `ex` and `check` of a script print is in `said`.
cat >lib.py <<'EOF'
import gdb
from flatfish import wire

def check(text, good):
    print("%s %s" % ("PASS" if good else "FAIL", text))

def ex(command):
    return gdb.execute(command, to_string=True)

def refused(command):
    try:
        ex(command)
    except gdb.error as error:
        return str(error)
    return ""

def stopped():
    thread = gdb.selected_thread()
    return thread.ptid[:2] if thread else None

def runs():
    now = wire.where()
    return now.n("pid"), now.n("tid")

def programs(name):
    return sorted(i.pid for i in gdb.inferiors() if i.pid and (i.progspace.filename or "").endswith("/" + name))

def inferior(name):
    found = [i.num for i in gdb.inferiors() if i.pid and (i.progspace.filename or "").endswith("/" + name)]
    ex("inferior %d" % found[0])
EOF
# with_gdb NEST FILE.py [OPTION...]; NEST "" = the options say what runs
with_gdb() {
    nest=$1 script=$2
    shift 2
    cat lib.py "$script" >both.py
    echo 'print("DONE")' >>both.py
    timeout 600 "$flatfish" gdb ${nest:+"$nest"} "$@" --mem 512 --batch --console=/dev/null -- -nx -x both.py >said 2>&1 </dev/null
    code=$?
    passed=$((passed + $(grep -c '^PASS ' said)))
    check "$script: none of that is otherwise" fails grep '^FAIL \|Error\|internal\|too long\|could not open' said
    check "$script: all of it was done" says '^DONE$'
    check "$script: and GDB ends in peace" [ $code = 0 ]
}

cat >forks.py <<'EOF'
# 7 processes; each enters this once, and ends, which is a stop, too
ex("break tree")
hits = []
for i in range(7):
    ex("continue")
    while gdb.selected_thread() is None or "tree" not in gdb.newest_frame().name():
        ex("continue")
    hits.append(stopped()[0])
    if stopped() != runs():
        check("GDB stands where the machine does: %s, %s" % (stopped(), runs()), False)
check("a breakpoint hits in each of seven processes, in its own inferior: %s" % hits, len(set(hits)) == 7)
ex("delete")
family = programs("forktest")
check("which GDB has with their program", family and set(family) <= set(hits))
inferior("kernel")
ex("nest fault")
check("a crossing in one that has forked is a stop in the kernel", stopped()[0] == wire.KERNEL)
EOF
with_gdb 'procmgr/forktest(depth=2,fan=2)' forks.py

cat >ends.py <<'EOF'
ex("break memtest.c:40")
ex("continue")
app = stopped()[0]
checkpoint = ex("checkpoint")
check("a place is remembered under the name that GDB users know", "checkpoint 1" in checkpoint)
ex("delete")
ex("continue")
check("the program ends and GDB stands in nobody", stopped() is None)
bt = ex("nest bt")
check("what is left of it is called what it is: %s" % bt.split("\n")[0], "whose space is gone" in bt.split("\n")[0])
ex("nest step")
check("nest step goes on from there", stopped() == runs())
ex("continue")
check("the next program around it ends", app not in [i.pid for i in gdb.inferiors()])
for i in range(8):
    if not any(i.threads() for i in gdb.inferiors()) or "the machine has ended" in ex("continue"):
        break
check("all end", "the machine has ended" in ex("nest goto 99999999999") + ex("continue"))
ex("continue")
check("GDB hears of the kernel's end, too", wire.KERNEL not in [i.pid for i in gdb.inferiors()])
ex("restart 1")
check("back into its life: %s, %s, %s" % (stopped(), runs(), ex("bt 1")),
      stopped() == runs() and stopped()[0] == app and "memtest.c:40" in ex("bt 2"))
check("and the list says so", "1 at instruction" in ex("info checkpoints"))
right = {pid: "target:" + row["program"] for pid, row in wire.spaces().items()}
have = {i.pid: i.progspace.filename for i in gdb.inferiors() if i.pid}
check("each with its own program: %s" % have, have == right)
ex("break mon_child_end")
ex("continue")
check("in which breakpoints are: %s" % (stopped(),), stopped() == runs() and "mon_child_end" in ex("bt 1"))
EOF
with_gdb 'pager(frames=64)/memtest(mib=1,passes=1)' ends.py

cat >kills.py <<'EOF'
begun = wire.where().n("icount")
ex("break memtest.c:40")
ex("continue")
here, app = wire.where().n("icount"), stopped()[0]
ex("run")
check("run begins again and comes to the same place", wire.where().n("icount") == here and stopped()[0] == app)
ex("starti")
check("starti goes to the beginning", wire.where().n("icount") == begun and stopped()[0] == app)
ex("start")
check("start comes to main", "main" in ex("bt 1") and stopped()[0] == app)
ex("stepi")
place = wire.where().n("icount")
inferior("pager")
number = gdb.selected_inferior().num
inferior("memtest")
ex("detach inferiors %d" % number)
check("who lets one go moves nothing", wire.where().n("icount") == place)
ex("stepi 20")
check("nor do steps show one that is let go", stopped()[0] == app and not programs("pager"))
ex("nest step to=pager")
check("what happens in it is seen at the CPU", stopped() == (wire.KERNEL, 1) and runs() != stopped())
ex("add-inferior")
ex("inferior %d" % max(i.num for i in gdb.inferiors()))
ex("attach %d" % runs()[0])
check("it can be taken again", stopped() == runs() and programs("pager"))
inferior("memtest")
number = gdb.selected_inferior().num
ex("kill inferiors %d" % number)
check("one that is killed is gone from the list", app not in [i.pid for i in gdb.inferiors()])
inferior("kernel")
ex("remove-inferiors %d" % number)
ex("stepi")
check("the others are there", wire.where().n("icount") > place)
for i in list(gdb.inferiors()):
    if i.pid:
        ex("kill inferiors %d" % i.num)
check("all can be killed", not any(i.pid for i in gdb.inferiors()))
EOF
with_gdb 'pager(frames=64)/memtest(mib=1,passes=1)' kills.py

cat >calls.py <<'EOF'
# Forwards to the end and back costs nothing: the same program is asked in each state.
ex("break memtest.c:40")
ex("continue")
done, before = wire.where().n("icount"), int(gdb.parse_and_eval("$rsp"))
first = int(gdb.parse_and_eval("mon_time()"))
check("a function of the program can be called", first > 0 and wire.where().n("icount") > done)
check("and leaves it where it was", int(gdb.parse_and_eval("$rsp")) == before and "memtest.c:40" in ex("bt 2"))
check("again, later", int(gdb.parse_and_eval("mon_time()")) > first)
inferior("kernel")
ex("nest fault")
entry = int(gdb.parse_and_eval("$rsp"))
ex("print arch_tlb_flush_all()") if not refused("print arch_tlb_flush_all") else None
check("the kernel's stack is as it was", int(gdb.parse_and_eval("$rsp")) == entry)
inferior("kserver")
stack = int(gdb.parse_and_eval("$rsp"))
check("not in a thread that waits", "waits in a kernel call" in refused("print mon_time()"))
check("which keeps its stack", int(gdb.parse_and_eval("$rsp")) == stack)
ex("delete")
inferior("memtest")
app = gdb.selected_inferior().pid
ex("continue")
check("and the program goes on to its end", stopped() is None and app not in [i.pid for i in gdb.inferiors()])
check("which is a good one", gdb.convenience_variable("_exitcode") == 0)
last = ex("continue") + ex("continue")
check("as is the machine's: %s" % last, "exit: the guest ended the run" in last)
EOF
with_gdb 'null/memtest(mib=1,passes=1)' calls.py

cat >births.py <<'EOF'
# From the machine's first instruction on, each program comes with its symbols before it can be missed.
check("only the kernel is there", [i.pid for i in gdb.inferiors()] == [wire.KERNEL])
ex("set breakpoint pending on")
ex("break -source hello.c -function main")
ex("continue")
while gdb.selected_thread() and "main" not in (gdb.newest_frame().name() or ""):
    ex("continue")
check("the root, a layer and the program are known", programs("kserver") and programs("null") and programs("hello"))
check("it is the program that stands in main", stopped() == runs() and stopped()[0] in programs("hello"))
EOF
with_gdb 'null/hello' births.py --gdb-at start

cat >places.py <<'EOF'
# All programs have their main at the same address.
check("it waits in the program that was named", runs()[0] in programs("hello"))
check("in its main", "main" in ex("bt 1"))
EOF
with_gdb 'null/hello' places.py --gdb-at hello:main

cat >unnamed.py <<'EOF'
# A root program of one's own, of which no symbols are known.
ex("break arch_exit")
ex("continue")
ex("inferior 2")
check("its registers can be read", 0x400000 <= int(gdb.parse_and_eval("$rip")) < 0x500000)
check("those of 64 bits, too", int(gdb.parse_and_eval("$r15")) is not None)
EOF
with_gdb '' unnamed.py --kernel "$build/kernel/fk.elf" --initrd "$build/kernel/tests/initrd.tar" --append root=t_start.elf
report
