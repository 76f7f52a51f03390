# tests/gdb_steps.py -- what tests/gdb_steps.sh has GDB do; each check prints a line that begins with
# PASS or FAIL. Runs inside GDB, connected to the nest pager(frames=64,policy=fifo)/memtest.
# SPDX-License-Identifier: MIT
import gdb

from flatfish import wire

GENERAL = "rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip eflags".split()
MEMTEST, PAGER, KSERVER = (next(p for p, row in wire.spaces().items() if row["name"] == name)
                           for name in ("memtest", "pager", "kserver"))


def check(text, good, why=""):
    print("%s %s" % ("PASS" if good else "FAIL", text))
    if not good and why:
        print("    " + str(why).replace("\n", "\n    "))


def ex(command):
    return gdb.execute(command, to_string=True)


def inferior(pid):
    ex("inferior %d" % next(i.num for i in gdb.inferiors() if i.pid == pid))


def registers():
    frame = gdb.newest_frame()
    return tuple(int(frame.read_register(name)) & (1 << 64) - 1 for name in GENERAL)


def stand():
    """Where the machine is: count, process, file, function, line."""
    line = gdb.newest_frame().find_sal()
    file = line.symtab.filename.split("/")[-1] if line.symtab else "?"
    return (wire.where().n("icount"), gdb.selected_inferior().pid, file, gdb.newest_frame().name(), line.line)


def step_until(pid, most):
    """`nest step` into this process; the stops on the way, that one included."""
    stops = []
    while len(stops) < most:
        ex("nest step")
        stops.append((stand(), registers()))
        if stops[-1][0][1] == pid:
            return stops
    raise gdb.GdbError("process %d is not reached in %d crossings: %s" % (pid, most, stops))


def entered_from(bt, names, user, lost=()):
    """Does GDB's own backtrace lead through the kernel's entry to the user's frame, all registers of
    which are as they were there, but for those that the CPU itself overwrites?"""
    frame = gdb.newest_frame()
    while frame and frame.pc() >> 63:
        frame = frame.older()
    there = {name: int(frame.read_register(name)) & (1 << 64) - 1 for name in GENERAL[:-1]} if frame else {}
    wrong = [name for name, value in zip(GENERAL[:-1], user) if there.get(name) != value and name not in lost]
    check("bt from %s to the program" % names[0], in_order(bt, *names) and not wrong, (bt, wrong))


def in_order(text, *parts):
    at = 0
    for part in parts:
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


ex("set suppress-cli-notifications on")

# ---- a call: the application's MemPool call, and what its pager asks for in turn ----
inferior(PAGER)
ex("break store_cover")
ex("continue")
ex("delete")
bt = ex("nest bt 12")
check("a MemPool call of level 3 in the pager of level 2",
      in_order(bt, "L3 memtest main", "mon_pages (bytes=1048576)", "memtest.c:35",
               "L2 pager thread", "at work", "store_cover (pages=", "store.c:", "page.c:"), bt)
on_the_way = step_until(KSERVER, 20)
bt = ex("nest bt 12")
check("and the pager's own call in the kserver of level 1",
      in_order(bt, "L3 memtest main", "memtest.c:35", "L2 pager thread", "call of client_connect",
               "store_cover (pages=", "L1 kserver thread", "at work", "server.c:"), bt)
check("through the kernel's entry", on_the_way[0][0][1:3] == (wire.KERNEL, "entry.S"), on_the_way[0])
ex("nest finish")
check("finish leads to who asked", stand()[1] == PAGER, stand())
ex("nest finish")
check("and on to who asked that", stand()[1] == MEMTEST, stand())

# ---- a fault: to the instruction that needs a page for which another one must go ----
inferior(PAGER)
ex("break store_write")
ex("continue")
ex("delete")
ex("nest back fault from=memtest")
ex("nest goto -1")
start = stand()
check("on the faulting instruction, in the application of level 3",
      start[1:4] == (MEMTEST, "memtest.c", "walk") and start[4] == 25, start)
bt = ex("nest bt")
check("nest bt: nobody else has to do with it",
      in_order(bt, "L3 memtest main", "at work", "memtest.c:25", "memtest.c:40") and "L2" not in bt, bt)

walk = [(start, registers())]
walk += step_until(wire.KERNEL, 1)
check("a step into the trap: the kernel's entry", walk[-1][0][2] == "entry.S", walk[-1])
entered_from(ex("bt"), ("trap_stubs ()", "entry.S", "L3 memtest: walk ()", "memtest.c:25"), walk[0][1][:-1])
bt = ex("nest bt")
check("nest bt in the kernel",
      in_order(bt, "L3 memtest main", "page fault, read of 0x100", "memtest.c:25", "in the kernel now",
               "L0 kernel", "entry.S"), bt)
walk += step_until(PAGER, 3)
bt = ex("nest bt")
check("nest bt in the pager",
      in_order(bt, "L3 memtest main", "page fault, read of 0x100", "memtest.c:25", "memtest.c:40",
               "the kernel finds no page", "whose keeper is port", "of L2 pager",
               "L2 pager thread", "at work", "server.c:"), bt)
walk += step_until(KSERVER, 30)
bt = ex("nest bt 12")
check("nest bt in the kserver: what the pager asks for",
      in_order(bt, "L3 memtest main", "page fault, read of 0x100", "memtest.c:25",
               "L2 pager thread", "call of client_connect", "file_write_at", "store_write (page=", "store.c:",
               "page.c:", "L1 kserver thread", "at work", "server.c:"), bt)
why = ex("nest why")
check("nest why", in_order(why, "L1 kserver runs", "came there", "L3 memtest main: waiting at walk (memtest.c:25)",
                           "page fault, read of", "L2 pager thread", "call of", "L1 kserver thread"), why)
walk += step_until(PAGER, 3)
walk += step_until(MEMTEST, 30)
end = stand()
check("back in the application, at the same instruction",
      end[1:] == start[1:] and walk[-1][1][16] == walk[0][1][16], (start, end))
seen = {stop[0][1] for stop in walk}
check("four programs were on the way", seen == {MEMTEST, PAGER, KSERVER, wire.KERNEL}, seen)

# ---- the same walk backwards ----
different = []
for there in reversed(walk[1:-1]):
    ex("nest back")
    if (stand(), registers()) != there:
        different.append((stand(), there[0]))
check("backwards: %d crossings with equal registers" % (len(walk) - 2), not different, different)

# ---- instruction for instruction, over the borders of the layers ----
inferior(wire.KERNEL)
STEPS = 12
different = []
borders = [walk[1], walk[2]] + [s for s in walk if s[0][1] == KSERVER][:1] + [walk[-1]]
for stop, _ in borders:
    ex("nest goto %d" % (stop[0] - STEPS))
    inferior(wire.KERNEL)
    forth = [registers()]
    for i in range(2 * STEPS):
        ex("stepi")
        forth.append(registers())
    for i in reversed(range(2 * STEPS)):
        ex("reverse-stepi")
        if registers() != forth[i]:
            different.append((stop, i))
check("%d instructions back over four borders, registers equal" % (2 * STEPS * len(borders)), not different,
      different)

ex("nest goto %d" % walk[-1][0][0])
inferior(wire.KERNEL)
ex("info threads")
ex("reverse-stepi 7")
check("seven instructions back at once, of whom was selected after a stop of another's",
      stand()[:2] == (walk[-1][0][0] - 7, wire.KERNEL), stand())

# ---- places in time ----
ex("nest goto %d" % start[0])
check("nest goto: GDB forgets by itself what it knew", (stand(), registers()) == walk[0], (stand(), start))
ex("nest checkpoint")
ex("nest goto %d" % end[0])
ex("nest restart 1")
check("nest restart", (stand(), registers()) == walk[0], (stand(), start))
ex("nest next")
check("nest next: over the whole trap", stand()[0] == end[0], (stand(), end))
ex("nest goto %d" % start[0])
ex("break *%d" % walk[0][1][16])
ex("nest restart 1")
ex("nest step")
check("a breakpoint on the faulting instruction itself is in nobody's way", stand()[:2] == (walk[1][0][0], wire.KERNEL), stand())
ex("delete")
ex("nest restart 1")
ex("nest fault 3")
check("nest fault 3", stand()[:2] == (walk[1][0][0], wire.KERNEL), stand())

# ---- things as words ----
inferior(wire.KERNEL)
ex("break core_exception")
ex("nest restart 1")
inferior(wire.KERNEL)
ex("continue")
entered_from(ex("bt"), ("core_exception", "trap_user", "trap_common ()", "entry.S:", "L3 memtest: walk ()"),
             walk[0][1][:-1])
current = ex("print current") + ex("print *current") + ex("print current->space->keeper")
check("kernel objects and references have names",
      in_order(current, "<thread ", " of L3 memtest, WAIT_NONE>", "thread ", "of L3 memtest", "-> port "), current)
ex("delete")
tree = ex("nest tree")
check("nest tree", in_order(tree, "L0 kernel", "->", "L1 kserver", "L2 pager", "L3 memtest"), tree)
ex("nest goto %d" % [s for s in walk if s[0][1] == KSERVER][0][0][0])
ex("nest back reason=syscall")
ex("nest goto -1")
call = registers()
ex("nest goto +50")
inferior(wire.KERNEL)
entered_from(ex("bt"), ("call_", "entry_syscall ()", "entry.S:", "L2 pager: fk_ipc ()", "fk.h"), call[:-1],
             lost=("rcx", "r11"))
inferior(MEMTEST)
mem = ex("nest mem memory")
check("nest mem: through the pager's table to who would be asked",
      in_order(ex("nest mem 0x10049000"), "L3 memtest 0x10049000: not in the page table", "keeper: port",
               "L2 pager", "pager would be asked for it") and "memory of the machine" in mem, mem)
objects = ex("nest objects thread")
check("nest objects", in_order(objects, "thread ", "state=", "wait="), objects)
inferior(PAGER)
waiting = next(t for t in gdb.selected_inferior().threads() if "main" in t.name)
waiting.switch()
bt = ex("bt 3")
check("a blocked thread's innermost frame is the kernel call", in_order(bt, "#0", "<kernel: mutex_lock", "cond"), bt)
try:
    ex("nest goto nowhere")
    check("a mistake is told", False)
except gdb.error as error:
    check("a mistake is told", "give an instruction count" in str(error), error)
print("DONE")
