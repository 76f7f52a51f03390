#!/bin/sh
# At every level stock GDB reads and writes what is that level's own: a breakpoint at one address in two
# spaces hits in the right one; watchpoints of reading, writing and both see each level's variables;
# registers of threads that wait are shown with the call they wait in, and can be written.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
. "$srcdir/tests/gdb_lib.sh"
nest='pager(frames=64)/tracer/memtest(mib=1,passes=2)'
# Inferiors are numbered as they come: the application, the kernel, then from the inside outwards.
app='inferior 1' kernel='inferior 2' pager='inferior 4'

plain=$("$flatfish" run "$nest" --quiet --digest 2>err </dev/null | sed -n 's/^digest: //p')
hits() { grep -c -e "$1" said; }
same() { [ "$digest" = "$plain" ] || { echo "    digest $digest, not $plain"; false; }; }

# ---- one address, two spaces ----
session "$nest" -- -ex 'set schedule-multiple on' -ex 'break memtest.c:42' -ex continue -ex delete \
    -ex "python here = '*0x%x' % int(gdb.parse_and_eval('\$pc'))" -ex reverse-stepi \
    -ex "$pager" -ex "python gdb.execute('break ' + here)" -ex "$app" -ex 'break memtest.c:44' -ex continue \
    -ex delete -ex reverse-stepi -ex 'break memtest.c:42' -ex reverse-continue
check "another space's breakpoint at the address is passed over" says 'hit Breakpoint 3, '
check "one's own is hit" says 'Thread 1.1 "L4 memtest main" hit Breakpoint 4, main'
check "the first time, too" says 'Thread 1.1 "L4 memtest main" hit Breakpoint 1, main'
check "the other's never" fails grep -q 'hit Breakpoint 2' said
check "the run is the same" same

# ---- watchpoints of every kind at every level ----
session "$nest" -- -ex 'set schedule-multiple on' -ex "$pager" -ex 'watch -l evictions' -ex continue \
    -ex delete -ex 'rwatch -l evictions' -ex continue -ex 'p evictions' -ex delete \
    -ex 'awatch -l evictions' -ex continue -ex continue -ex delete \
    -ex "$kernel" -ex 'watch -l sched_charged_from' -ex continue -ex 'info symbol $pc' -ex delete \
    -ex 'rwatch -l sched_charged_from' -ex continue -ex delete \
    -ex "$app" -ex 'watch -l *(long *)(0x10010000 + 8000)' -ex continue -ex 'bt 1' -ex delete \
    -ex 'rwatch -l *(long *)(0x10010000 + 8000)' -ex continue -ex 'info registers rip' \
    -ex reverse-continue -ex 'p evictions > 0'
check "the pager's writes" says 'hit Hardware watchpoint 1: -location evictions'
check "its reads" says 'hit Hardware read watchpoint 2: -location evictions'
check "both" [ "$(hits 'hit Hardware access (read/write) watchpoint 3: -location evictions')" = 2 ]
check "the kernel's writes" says 'hit Hardware watchpoint 4: -location sched_charged_from'
check "its reads" says 'hit Hardware read watchpoint 5: -location sched_charged_from'
check "the application's writes" says '"L4 memtest main" hit Hardware watchpoint 6: '
check "its reads, forwards and backwards" [ "$(hits 'memtest main" hit Hardware read watchpoint 7: ')" -ge 1 ]
check "the run is the same" same

# ---- registers and memory of who does not run ----
session "$nest" -- -ex "$pager" -ex 'thread 4.2' -ex 'bt 3' -ex 'p $xmm1.uint128 = 77' -ex 'p $xmm1.uint128' \
    -ex 'p $rbx = 1234567' -ex 'p $rbx' -ex 'p $st0 = 1.5' -ex 'p $st0' -ex "$app" -ex 'p $rbx' -ex 'p $xmm1.uint128' \
    -ex 'p $fs_base = 0x7000' -ex 'p $fs_base' -ex 'p $ymm3.v2_int128[1] = 9' -ex 'p $ymm3.v2_int128[1]' \
    -ex 'p $cr3 != 0 && $efer != 0 && $cr0 != 0 && $cr4 != 0' -ex 'p $rip = 0' -ex "$pager" \
    -ex 'p $rip = 0' -ex kill
check "the call that a thread waits in" says '#[01] .*fk_\(server\|client\)_[a-z_]* '
check "and what in the program called it" says '^#2  reply_and_wait '
check "a vector register of its own" says '^\$2 = 77$'
check "a general one" says '^\$4 = 1234567$'
check "one of the x87's" says '^\$6 = 1\.5$'
check "which are not the application's" says '^\$7 = 0$'
check "neither" says '^\$8 = 0$'
check "segment bases" says '^\$10 = 28672$'
check "the upper half of ymm" says '^\$12 = 9$'
check "control registers" says '^\$13 = 1$'
check "a thread that waits keeps its place" says 'waits in a kernel call: its place and stack cannot be changed'

# ---- system registers and segment bases, by name, of everybody ----
nest3='pager(frames=64)/memtest(mib=1,passes=1)'
cat >system.py <<'EOF'
import gdb
from flatfish import wire

def value(text):
    try:
        return int(gdb.parse_and_eval(text).cast(gdb.lookup_type("unsigned long")))
    except gdb.error:
        return None

def inferior(pid):
    gdb.execute("inferior %d" % next(i.num for i in gdb.inferiors() if i.pid == pid), to_string=True)

def all_of(name):
    values = {}
    for pid in wire.spaces():
        inferior(pid)
        values[pid] = value("$" + name)
    return values

def check(text, good):
    print("%s %s" % ("PASS" if good else "FAIL", text))

def refused(text):
    try:
        gdb.parse_and_eval(text)
        return False
    except gdb.error as error:
        return "E." in str(error)

app = wire.where().n("for_pid")
apart = all_of("cr3")
check("everybody has a page table of his own: %s" % apart,
      None not in apart.values() and len({v for p, v in apart.items() if p != wire.KERNEL}) == len(apart) - 1)
check("the CPU has that of whom it executes", apart[wire.KERNEL] == apart[app])
for name in "cr0", "cr4", "cr8", "efer":
    values = all_of(name)
    check("%s is the same for all: %s" % (name, values), len(set(values.values())) == 1 and None not in values.values())
check("paging, long mode", all_of("cr0")[app] >> 31 & 1 and all_of("efer")[app] >> 10 & 1)
inferior(app)
check("a base is written on the CPU", value("$fs_base = 0x7000") == 0x7000)
gdb.execute("nest step", to_string=True)
at_entry = gdb.selected_inferior().pid
check("and is the thread's while the kernel has not saved it",
      at_entry == wire.KERNEL and all_of("fs_base")[app] == 0x7000)
cr2 = all_of("cr2")
check("cr2 is the CPU's, of the fault: %s" % cr2, cr2[wire.KERNEL] and cr2[app] is None)
inferior(app)
check("and can be written there", value("$gs_base = 0x9000") == 0x9000)
check("system registers of a thread that is not on the CPU cannot be written",
      all(refused("$%s = 1" % name) for name in ("cr0", "cr3", "efer", "k_gs_base")))
gdb.execute("nest next", to_string=True)
inferior(app)
check("both are what the thread goes on with",
      wire.where().n("pid") == app and value("$fs_base") == 0x7000 and value("$gs_base") == 0x9000)
check("on the CPU, control registers are refused too", refused("$cr3 = 1") and refused("$cr0 = 1"))
gdb.execute("break memtest.c:44", to_string=True)
gdb.execute("continue", to_string=True)
check("still, when other threads have run", value("$fs_base") == 0x7000 and value("$gs_base") == 0x9000)
print("DONE")
EOF
timeout 600 "$flatfish" gdb "$nest3" --batch --console=/dev/null --gdb-at nest -- -nx -ex 'stepi' -x system.py >said 2>&1 </dev/null
passed=$((passed + $(grep -c '^PASS ' said)))
check "none of that is otherwise" fails grep '^FAIL ' said
check "all of it was done" says '^DONE$'

# ---- what was changed by hand is part of the run; who goes back behind it undoes it ----
cat >change.py <<'EOF'
import gdb
from flatfish import wire

def check(text, good):
    print("%s %s" % ("PASS" if good else "FAIL", text))

def ex(command):
    return gdb.execute(command, to_string=True)

ex("break memtest.c:40")
ex("continue")
ex("delete")
done = wire.where().n("icount")
ex("set var options[1].value = 77")
ex("nest step")
ex("nest bt")
ex("nest why")
app = next(i.num for i in gdb.inferiors() if i.pid == wire.where().n("for_pid"))
ex("inferior %d" % app)
wrong = "options[1].value"
check("looking back does not undo it", int(gdb.parse_and_eval(wrong)) == 77)
ex("nest next")
here = wire.where().n("icount")
ex("stepi 50")
ex("nest goto %d" % here)
check("nor does going back this far", int(gdb.parse_and_eval(wrong)) == 77)
ex("reverse-continue")
check("the way back ends where it was done",
      int(gdb.parse_and_eval(wrong)) == 77 and wire.where().n("icount") == done)
ex("reverse-stepi")
check("a second one leads on, behind it", int(gdb.parse_and_eval(wrong)) != 77)
EOF
timeout 600 "$flatfish" gdb "$nest3" --batch --console=/dev/null -- -nx -x change.py >said 2>&1 </dev/null
passed=$((passed + $(grep -c '^PASS ' said)))
check "none of that is otherwise" fails grep '^FAIL \|Error' said
check "and GDB says so" says '^No more reverse-execution history'
check "all of that was done" says '^PASS a second one leads on'

# ---- what is written into one process shows in no other, though they share pages until they write ----
cat >shared.py <<'EOF'
import gdb
from flatfish import wire

def inferior(pid):
    gdb.execute("inferior %d" % next(i.num for i in gdb.inferiors() if i.pid == pid), to_string=True)

def value():
    return int(gdb.parse_and_eval("options[0].value"))

gdb.execute("break forktest.c:24", to_string=True)
gdb.execute("continue", to_string=True)
family = [pid for pid, row in wire.spaces().items() if row["name"] == "forktest"]
wanted, refused = {}, 0
for n, pid in enumerate(family):
    inferior(pid)
    wanted[pid] = value()
    try:
        gdb.execute("set var options[0].value = %d" % (1000 + n))
        wanted[pid] = 1000 + n
    except gdb.error as error:
        refused += "Cannot access memory" in str(error)
seen = {}
for pid in family:
    inferior(pid)
    seen[pid] = value()
print("%s: %d processes, %d refused" % ("alone" if seen == wanted else "shown: %s %s" % (seen, wanted), len(family), refused))
EOF
timeout 600 "$flatfish" gdb procmgr/forktest --batch --console=/dev/null -- -nx -x shared.py >said 2>&1 </dev/null
check "a write shows in the one process only" says '^alone: [3-9] processes, [1-9] refused'

# ---- the memory map: GDB keeps one for all, so nobody's memory may be missing in it ----
session "$nest" -- -ex 'info mem' -ex 'x/i $pc' -ex "$kernel" -ex 'print &sched_charged_from' \
    -ex 'print sched_charged_from' -ex 'x/x 0x800000000000' -ex kill
check "the map comes from the machine" says '^Using memory regions provided by the target'
check "programs are in it" says '^=> 0x'
check "so is the kernel" says '^\$2 = '
check "what is no address is not" says 'Cannot access memory at address 0x800000000000'
report
